/* The header of the PROXY protocol, with which a proxy such as HAProxy says at the start of a
 * connection who its client is. Version 2 (binary) and version 1 (text). Pure. */
#ifndef TAGFERRY_MODBUSD_NET_PROXY_HEADER_H
#define TAGFERRY_MODBUSD_NET_PROXY_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbusd/requests/access.h"

enum {
    PROXY_HEADER_MAX = 4096, /* with its extensions; longer ones are refused */
    PROXY_V2_SIGNATURE_SIZE = 12,
    PROXY_V1_BEGIN_SIZE = 6,
};

/* How each header of a version begins. */
extern const uint8_t proxy_v2_signature[PROXY_V2_SIGNATURE_SIZE];
extern const uint8_t proxy_v1_begin[PROXY_V1_BEGIN_SIZE];

enum proxy_header_result {
    PROXY_HEADER_PART, /* more bytes are needed */
    PROXY_HEADER_WHOLE,
    PROXY_HEADER_BAD, /* these bytes begin no header */
};

struct proxy_header {
    size_t size;      /* of the header, in bytes */
    bool is_local;    /* the proxy itself is the client: a health check */
    bool has_address; /* `ip` and `port` are the client's; else those of the connection count */
    struct access_ip ip;
    uint16_t port;
};

/* Reads the header at the start of a connection. `header` is valid after PROXY_HEADER_WHOLE. */
enum proxy_header_result proxy_header_parse(const uint8_t *bytes, size_t len,
                                            struct proxy_header *header);

#endif
