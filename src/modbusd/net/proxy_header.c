/* Reads the header of the PROXY protocol, as HAProxy's proxy-protocol.txt specifies it. */
#include "modbusd/net/proxy_header.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/modbus/pdu.h"

const uint8_t proxy_v2_signature[PROXY_V2_SIGNATURE_SIZE] = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D,
                                                             0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A};
const uint8_t proxy_v1_begin[PROXY_V1_BEGIN_SIZE] = {'P', 'R', 'O', 'X', 'Y', ' '};

enum {
    V2_FIXED = 16, /* signature, version and command, family and transport, length */
    V2_VERSION = 0x2,
    V2_COMMAND_LOCAL = 0x0,
    V2_COMMAND_PROXY = 0x1,
    V2_TRANSPORT_MAX = 0x2, /* unspecified, stream, datagram */
    V1_LINE_MAX = 107,      /* with its CR LF */
};

enum v2_family { V2_UNSPEC, V2_IPV4, V2_IPV6, V2_UNIX, V2_FAMILIES };

/* Bytes of the addresses and ports, source and destination. */
static const size_t v2_address_sizes[V2_FAMILIES] = {
    [V2_UNSPEC] = 0, [V2_IPV4] = 12, [V2_IPV6] = 36, [V2_UNIX] = 216};

/* Stores an IPv4 address as a mapped one. */
static void proxy_header_put_ipv4(struct access_ip *ip, const uint8_t bytes[4])
{
    *ip = (struct access_ip){.bytes = {[10] = 0xFF, [11] = 0xFF}};
    memcpy(ip->bytes + 12, bytes, 4);
}

/* Extensions (TLV) after the addresses are skipped. */
static enum proxy_header_result proxy_header_parse_v2(const uint8_t *bytes, size_t len,
                                                      struct proxy_header *header)
{
    if (len < V2_FIXED)
        return len > 12 && bytes[12] >> 4 != V2_VERSION ? PROXY_HEADER_BAD : PROXY_HEADER_PART;
    const uint8_t command = bytes[12] & 0x0F, family = bytes[13] >> 4, transport = bytes[13] & 0x0F;
    const uint8_t *addresses = bytes + V2_FIXED;
    const size_t size = V2_FIXED + (size_t)pdu_get_u16(bytes + 14);
    if (bytes[12] >> 4 != V2_VERSION || command > V2_COMMAND_PROXY || size > PROXY_HEADER_MAX)
        return PROXY_HEADER_BAD;
    *header = (struct proxy_header){.size = size, .is_local = command == V2_COMMAND_LOCAL};
    if (!header->is_local) {
        if (family >= V2_FAMILIES || transport > V2_TRANSPORT_MAX ||
            size < V2_FIXED + v2_address_sizes[family])
            return PROXY_HEADER_BAD;
        header->has_address = transport != 0 && (family == V2_IPV4 || family == V2_IPV6);
    }
    if (len < size)
        return PROXY_HEADER_PART;
    if (!header->has_address)
        return PROXY_HEADER_WHOLE;
    if (family == V2_IPV4) {
        proxy_header_put_ipv4(&header->ip, addresses);
        header->port = pdu_get_u16(addresses + 8);
    } else {
        memcpy(header->ip.bytes, addresses, sizeof header->ip.bytes);
        header->port = pdu_get_u16(addresses + 32);
    }
    return PROXY_HEADER_WHOLE;
}

/* A decimal number from 0 to 65535, without leading zeros. */
static bool proxy_header_parse_port(const char *text, uint16_t *port)
{
    const size_t digits = strspn(text, "0123456789");
    const unsigned long number = strtoul(text, NULL, 10);
    if (digits < 1 || digits > 5 || text[digits] || (text[0] == '0' && digits > 1) ||
        number > UINT16_MAX)
        return false;
    *port = (uint16_t)number;
    return true;
}

/* Parses the words after "PROXY ", such as "TCP4 10.0.0.7 10.0.0.1 50000 502". */
static bool proxy_header_parse_words(char *text, struct proxy_header *header)
{
    enum { PROTOCOL, SOURCE, DESTINATION, SOURCE_PORT, DESTINATION_PORT, WORDS };
    const char *words[WORDS];
    uint8_t source[sizeof header->ip.bytes], destination[sizeof header->ip.bytes];
    uint16_t destination_port;
    size_t count = 0;
    if (strncmp(text, "UNKNOWN", 7) == 0)
        return text[7] == '\0' || text[7] == ' ';
    for (char *word = text; word; count++) {
        char *blank = strchr(word, ' ');
        if (count == WORDS)
            return false;
        if (blank)
            *blank++ = '\0';
        words[count] = word;
        word = blank;
    }
    if (count != WORDS || !proxy_header_parse_port(words[SOURCE_PORT], &header->port) ||
        !proxy_header_parse_port(words[DESTINATION_PORT], &destination_port))
        return false;
    const bool is_ipv4 = strcmp(words[PROTOCOL], "TCP4") == 0;
    const int family = is_ipv4 ? AF_INET : AF_INET6;
    if ((!is_ipv4 && strcmp(words[PROTOCOL], "TCP6") != 0) ||
        inet_pton(family, words[SOURCE], source) != 1 ||
        inet_pton(family, words[DESTINATION], destination) != 1)
        return false;
    if (is_ipv4)
        proxy_header_put_ipv4(&header->ip, source);
    else
        memcpy(header->ip.bytes, source, sizeof source);
    header->has_address = true;
    return true;
}

static enum proxy_header_result proxy_header_parse_v1(const uint8_t *bytes, size_t len,
                                                      struct proxy_header *header)
{
    char line[V1_LINE_MAX + 1];
    const size_t within = len < V1_LINE_MAX ? len : V1_LINE_MAX;
    const uint8_t *end = memchr(bytes, '\n', within);
    if (!end)
        return len < V1_LINE_MAX ? PROXY_HEADER_PART : PROXY_HEADER_BAD;
    const size_t size = (size_t)(end - bytes) + 1;
    if (size < PROXY_V1_BEGIN_SIZE + 2 || bytes[size - 2] != '\r' || memchr(bytes, '\0', size))
        return PROXY_HEADER_BAD;
    snprintf(line, sizeof line, "%.*s", (int)(size - 2), (const char *)bytes);
    *header = (struct proxy_header){.size = size};
    return proxy_header_parse_words(line + PROXY_V1_BEGIN_SIZE, header) ? PROXY_HEADER_WHOLE
                                                                        : PROXY_HEADER_BAD;
}

enum proxy_header_result proxy_header_parse(const uint8_t *bytes, size_t len,
                                            struct proxy_header *header)
{
    if (len > 0 && memcmp(bytes, proxy_v2_signature,
                          len < PROXY_V2_SIGNATURE_SIZE ? len : PROXY_V2_SIGNATURE_SIZE) == 0)
        return proxy_header_parse_v2(bytes, len, header);
    if (len > 0 &&
        memcmp(bytes, proxy_v1_begin, len < PROXY_V1_BEGIN_SIZE ? len : PROXY_V1_BEGIN_SIZE) == 0)
        return proxy_header_parse_v1(bytes, len, header);
    return len == 0 ? PROXY_HEADER_PART : PROXY_HEADER_BAD;
}
