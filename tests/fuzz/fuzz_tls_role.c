/* The role in a client's certificate: what is accepted is exactly one UTF8String in DER, and
 * nothing that deceives a reader. */
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "modbusd/tls/tls_role.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char role[TLS_ROLE_MAX + 1];
    uint8_t *exact = malloc(size ? size : 1); /* detects a read beyond it */
    memcpy(exact, data, size);
    bool good = tls_role_parse(exact, size, role);
    free(exact);
    if (!good)
        return 0;
    const size_t len = strlen(role);
    check(len >= 1 && len <= TLS_ROLE_MAX && size == len + 2);
    check(data[0] == 0x0C && data[1] == len && memcmp(data + 2, role, len) == 0);
    check(utf8_is_valid(role, len));
    for (size_t i = 0; i < len; i++)
        check((unsigned char)role[i] >= ' ' && role[i] != 0x7F);
    return 0;
}
