/* The header of the PROXY protocol, whole, in pieces and wrong. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "modbusd/net/proxy_header.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define CLIENT4   "\x0a\0\0\7\x0a\0\0\1\xc3\x50\x01\xf6" /* 10.0.0.7 to 10.0.0.1, 50000 to 502 */
#define ZEROS8    "\0\0\0\0\0\0\0\0"
#define ZEROS64   ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8
#define CLIENT6                                                                                    \
    "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\7\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\xc3\x50\x01\xf6"
#define MAPPED6                                                                                    \
    "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\7\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\0\0\1\xc3\x50\x01\xf6"
#define BYTES(text) (text), sizeof(text) - 1
#define LOCAL       (-1)

static const struct row {
    const char *name;
    const char *bytes;
    size_t len;
    const char *peer; /* NULL: no header; "": it names no client */
    int port;         /* LOCAL: a health check */
} rows[] = {
    {"version 2, IPv4", BYTES(SIGNATURE "\x21\x11\x00\x0c" CLIENT4), "10.0.0.7", 50000},
    {"with extensions", BYTES(SIGNATURE "\x21\x11\x00\x13" CLIENT4 "\x04\x00\x04\1\2\3\4"),
     "10.0.0.7", 50000},
    {"of a datagram", BYTES(SIGNATURE "\x21\x12\x00\x0c" CLIENT4), "10.0.0.7", 50000},
    {"IPv6", BYTES(SIGNATURE "\x21\x21\x00\x24" CLIENT6), "fd00::7", 50000},
    {"IPv4 as IPv6", BYTES(SIGNATURE "\x21\x21\x00\x24" MAPPED6), "10.0.0.7", 50000},
    {"IPv6, extension", BYTES(SIGNATURE "\x21\x21\x00\x27" CLIENT6 "\x04\x00\x00"), "fd00::7",
     50000},
    {"UNIX", BYTES(SIGNATURE "\x21\x31\x00\xd8" ZEROS64 ZEROS64 ZEROS64 ZEROS8 ZEROS8 ZEROS8), "",
     0},
    {"UNSPEC", BYTES(SIGNATURE "\x21\x00\x00\x00"), "", 0},
    {"UNSPEC, extension", BYTES(SIGNATURE "\x21\x00\x00\x03\x04\x00\x00"), "", 0},
    {"IPv4 without transport", BYTES(SIGNATURE "\x21\x10\x00\x0c" CLIENT4), "", 0},
    {"LOCAL", BYTES(SIGNATURE "\x20\x00\x00\x00"), "", LOCAL},
    {"LOCAL with an address", BYTES(SIGNATURE "\x20\x11\x00\x0c" CLIENT4), "", LOCAL},
    {"LOCAL of an unknown family", BYTES(SIGNATURE "\x20\xf1\x00\x02\0\0"), "", LOCAL},
    {"another version", BYTES(SIGNATURE "\x11\x11\x00\x0c" CLIENT4), NULL, 0},
    {"another command", BYTES(SIGNATURE "\x22\x11\x00\x0c" CLIENT4), NULL, 0},
    {"another family", BYTES(SIGNATURE "\x21\x41\x00\x0c" CLIENT4), NULL, 0},
    {"another transport", BYTES(SIGNATURE "\x21\x13\x00\x0c" CLIENT4), NULL, 0},
    {"too short for IPv4", BYTES(SIGNATURE "\x21\x11\x00\x0b" CLIENT4), NULL, 0},
    {"too short for IPv6", BYTES(SIGNATURE "\x21\x21\x00\x23" CLIENT6), NULL, 0},
    {"too short for UNIX", BYTES(SIGNATURE "\x21\x31\x00\xd7" ZEROS64), NULL, 0},
    {"too long", BYTES(SIGNATURE "\x21\x11\x0f\xf1" CLIENT4), NULL, 0},
    {"another signature", BYTES("\r\n\r\n\0\r\nQUIT\r\x21\x11\x00\x0c" CLIENT4), NULL, 0},
    {"version 1, IPv4", BYTES("PROXY TCP4 10.0.0.7 10.0.0.1 50000 502\r\n"), "10.0.0.7", 50000},
    {"IPv6", BYTES("PROXY TCP6 fd00::7 fd00::1 65535 502\r\n"), "fd00::7", 65535},
    {"port 0", BYTES("PROXY TCP4 10.0.0.7 10.0.0.1 0 502\r\n"), "10.0.0.7", 0},
    {"UNKNOWN", BYTES("PROXY UNKNOWN\r\n"), "", 0},
    {"UNKNOWN with addresses", BYTES("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "", 0},
    {"UNKNOWNS", BYTES("PROXY UNKNOWNS\r\n"), NULL, 0},
    {"no words", BYTES("PROXY \r\n"), NULL, 0},
    {"no CR", BYTES("PROXY UNKNOWN\n"), NULL, 0},
    {"four words", BYTES("PROXY TCP4 10.0.0.7 10.0.0.1 50000\r\n"), NULL, 0},
    {"six words", BYTES("PROXY TCP4 10.0.0.7 10.0.0.1 50000 502 1\r\n"), NULL, 0},
    {"two blanks", BYTES("PROXY TCP4  10.0.0.7 10.0.0.1 50000 502\r\n"), NULL, 0},
    {"a wrong family", BYTES("PROXY TCP6 10.0.0.7 10.0.0.1 50000 502\r\n"), NULL, 0},
    {"a wrong protocol", BYTES("PROXY UDP4 10.0.0.7 10.0.0.1 50000 502\r\n"), NULL, 0},
    {"a wrong destination", BYTES("PROXY TCP4 10.0.0.7 plant 50000 502\r\n"), NULL, 0},
    {"port 65536", BYTES("PROXY TCP4 10.0.0.7 10.0.0.1 65536 502\r\n"), NULL, 0},
    {"port 010", BYTES("PROXY TCP4 10.0.0.7 10.0.0.1 010 502\r\n"), NULL, 0},
    {"port -1", BYTES("PROXY TCP4 10.0.0.7 10.0.0.1 -1 502\r\n"), NULL, 0},
    {"a NUL", BYTES("PROXY TCP4 10.0.0.7 10.0.0.1 50000 502\0\r\n"), NULL, 0},
    {"an endless line",
     BYTES("PROXY UNKNOWN                                                                         "
           "                    \r\n"),
     NULL, 0},
    {"Modbus TCP", BYTES("\x00\x01\x00\x00\x00\x06\x01\x03\x00\x00\x00\x0a"), NULL, 0},
    {"HTTP, PROPFIND", BYTES("PROPFIND / HTTP/1.1\r\n"), NULL, 0},
};

/* Parses the first `len` bytes, in a block of exactly that size, so that a read beyond is found. */
static enum proxy_header_result parse_exactly(const struct row *row, size_t len,
                                              struct proxy_header *header)
{
    uint8_t *exact = malloc(len ? len : 1);
    memcpy(exact, row->bytes, len);
    enum proxy_header_result result = proxy_header_parse(exact, len, header);
    free(exact);
    return result;
}

static void check_header(const struct row *row, const struct proxy_header *header)
{
    char peer[INET6_ADDRSTRLEN] = "";
    check_row(header->size == row->len, row->name);
    check_row(header->is_local == (row->port == LOCAL), row->name);
    check_row(header->has_address == (row->peer[0] != '\0'), row->name);
    if (!header->has_address)
        return;
    access_ip_format(&header->ip, peer);
    if (strcmp(peer, row->peer) != 0)
        fail_msg("%s: %s", row->name, peer);
    check_row(header->port == row->port, row->name);
}

/* Each piece of a header is a part, until it is whole; a wrong one never becomes whole. */
static void test_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct row *row = &rows[i];
        struct proxy_header header;
        bool is_bad = false;
        for (size_t len = 0; len < row->len; len++) {
            enum proxy_header_result result = parse_exactly(row, len, &header);
            check_row(result != PROXY_HEADER_WHOLE, row->name);
            check_row(!is_bad || result == PROXY_HEADER_BAD, row->name);
            is_bad = result == PROXY_HEADER_BAD;
            check_row(!is_bad || !row->peer, row->name);
        }
        enum proxy_header_result result = parse_exactly(row, row->len, &header);
        check_row(result == (row->peer ? PROXY_HEADER_WHOLE : PROXY_HEADER_BAD), row->name);
        if (row->peer)
            check_header(row, &header);
    }
}

/* Bytes behind a header do not change it. */
static void test_bytes_behind_a_header(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[512];
        struct proxy_header header;
        if (!rows[i].peer)
            continue;
        memset(bytes, '\n', sizeof bytes);
        memcpy(bytes, rows[i].bytes, rows[i].len);
        check_row(proxy_header_parse(bytes, sizeof bytes, &header) == PROXY_HEADER_WHOLE,
                  rows[i].name);
        check_header(&rows[i], &header);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_bytes_behind_a_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
