/* Reads a DER UTF8String: tag, length, bytes. */
#include "modbusd/tls/tls_role.h"

#include <string.h>

#include "common/base/json_text.h"

enum { DER_UTF8_STRING = 0x0C, DER_HEADER = 2, C1_LEAD = 0xC2, C1_END = 0xA0, DELETE = 0x7F };

/* Control characters in a role would deceive readers of logs and tables. */
static bool tls_role_is_printable(const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < ' ' || bytes[i] == DELETE)
            return false;
        if (bytes[i] == C1_LEAD && i + 1 < len && bytes[i + 1] < C1_END) /* U+0080 to U+009F */
            return false;
    }
    return utf8_is_valid((const char *)bytes, len);
}

bool tls_role_parse(const uint8_t *der, size_t len, char role[TLS_ROLE_MAX + 1])
{
    /* A length of this size has one byte in DER. */
    if (len <= DER_HEADER || der[0] != DER_UTF8_STRING || der[1] > TLS_ROLE_MAX ||
        len != DER_HEADER + (size_t)der[1] || !tls_role_is_printable(der + DER_HEADER, der[1]))
        return false;
    memcpy(role, der + DER_HEADER, der[1]);
    role[der[1]] = '\0';
    return true;
}
