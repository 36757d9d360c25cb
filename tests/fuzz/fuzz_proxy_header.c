/* The header of the PROXY protocol: the result must not depend on how the bytes come, nor on what
 * follows, and a header names an address that the version's own form has. */
#include <stdlib.h>
#include <string.h>

#include "modbusd/net/proxy_header.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static enum proxy_header_result parse_exactly(const uint8_t *data, size_t len,
                                              struct proxy_header *header)
{
    uint8_t *exact = malloc(len ? len : 1); /* detects a read beyond it */
    memcpy(exact, data, len);
    enum proxy_header_result result = proxy_header_parse(exact, len, header);
    free(exact);
    return result;
}

static void check_address(const uint8_t *data, const struct proxy_header *header)
{
    bool is_v2 = memcmp(data, proxy_v2_signature, PROXY_V2_SIGNATURE_SIZE) == 0;
    check(is_v2 || memcmp(data, proxy_v1_begin, PROXY_V1_BEGIN_SIZE) == 0);
    check(!header->is_local || !header->has_address);
    if (!is_v2) {
        check(data[header->size - 2] == '\r' && data[header->size - 1] == '\n');
        check(!header->is_local);
        return;
    }
    check(header->size == 16u + data[14] * 256u + data[15]);
    if (!header->has_address)
        return;
    bool is_ipv4 = data[13] >> 4 == 1;
    size_t len = is_ipv4 ? 4 : 16, port_at = 16 + 2 * len;
    check(memcmp(header->ip.bytes + 16 - len, data + 16, len) == 0);
    check(header->port == data[port_at] * 256u + data[port_at + 1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proxy_header header, again;
    enum proxy_header_result before = PROXY_HEADER_PART;
    for (size_t len = 0; len <= size && len <= PROXY_HEADER_MAX + 16; len++) {
        enum proxy_header_result result = parse_exactly(data, len, &again);
        check(before == PROXY_HEADER_PART || result == before);
        if (result == PROXY_HEADER_WHOLE) {
            if (before == PROXY_HEADER_PART) {
                check(again.size == len);
                check_address(data, &again);
                header = again;
            }
            check(header.size == again.size && header.is_local == again.is_local &&
                  header.has_address == again.has_address);
            check(!header.has_address ||
                  (header.port == again.port &&
                   memcmp(header.ip.bytes, again.ip.bytes, sizeof header.ip.bytes) == 0));
        }
        before = result;
    }
    return 0;
}
