/* The options of [api]. */
#ifndef TAGFERRY_API_BASE_API_OPTIONS_H
#define TAGFERRY_API_BASE_API_OPTIONS_H

#include "common/base/conf.h"
#include "common/base/settings.h"

/* See CONF_ROW. */
#define API_OPTIONS(ROW)                                                                           \
    ROW(listen, struct conf_addrs, conf_addrs, "127.0.0.1:5000",                                   \
        .help = "Addresses to serve HTTP on, host:port; [::] is for IPv4 too, port 0 means any "   \
                "free port.")                                                                      \
    ROW(token_file, const char *, conf_path, "/var/lib/tagferry/tokens", .reload = true,           \
        .help = "File of the access tokens. Without a token only loopback is served.")             \
    ROW(tls_certificate, const char *, conf_text, "", .reload = true,                              \
        .help = "PEM file of the certificate and its chain; with it HTTPS is served, TLS 1.2 or "  \
                "newer.")                                                                          \
    ROW(tls_key, const char *, conf_text, "", .reload = true,                                      \
        .help = "PEM file of the certificate's key.")                                              \
    ROW(cors_origins, struct conf_list, conf_list, "", .reload = true,                             \
        .help = "Origins whose pages may use the API, such as https://hmi.example, or * for all.") \
    ROW(max_body_bytes, long, conf_number, "1048576", .min = 1024, .max = 1 << 30, .reload = true, \
        .help = "The largest request body that is taken, in bytes, except for an import.")         \
    ROW(max_import_bytes, long, conf_number, "134217728", .min = 1024, .max = 1 << 30,             \
        .reload = true, .help = "The largest body of an import, in bytes.")                        \
    ROW(max_pending_bytes, long, conf_number, "201326592", .min = 1048576, .max = 1L << 40,        \
        .reload = true,                                                                            \
        .help = "Bodies of all requests, and of answers of more than 64 KiB, that are in hand at " \
                "a time, in bytes; imports and answers may take seven eighths of it. A request "   \
                "that does not fit is answered 503.")                                              \
    ROW(max_connections, long, conf_number, "512", .min = 1, .max = 10000,                         \
        .help = "HTTP connections at a time, for each listen address. For one more, the one that " \
                "has waited longest without a request is closed; without any, health checks only " \
                "are served.")                                                                     \
    ROW(max_connections_per_ip, long, conf_number, "128", .min = 0, .max = 10000,                  \
        .help = "HTTP connections at a time from one address, in the same way; 0 for no limit of " \
                "its own.")                                                                        \
    ROW(head_timeout_s, long, conf_number, "10", .min = 1, .max = 3600,                            \
        .help = "Seconds within which the whole head of a request has to come.")                   \
    ROW(body_timeout_s, long, conf_number, "20", .min = 1, .max = 3600,                            \
        .help = "Seconds within which each 8 KiB of a request's body, or what is left of it, "     \
                "have to come, and of an answer have to be taken.")                                \
    ROW(idle_timeout_s, long, conf_number, "30", .min = 1, .max = 3600,                            \
        .help = "Seconds without a byte after which an HTTP connection is closed.")                \
    ROW(modbus_timeout_ms, long, conf_number, "500", .min = 10, .max = 60000,                      \
        .help =                                                                                    \
            "Milliseconds to wait for a Modbus server's answer to a read or write of a value.")    \
    ROW(max_streams, long, conf_number, "100", .min = 0, .max = 10000,                             \
        .help = "Clients that may stream values at a time.")                                       \
    ROW(audit_entries, long, conf_number, "100000", .min = 1, .max = 100000000, .reload = true,    \
        .help = "Changes of the configuration that the audit remembers; older ones are "           \
                "forgotten, a thousandth at a time.")

struct api_settings {
    struct common_settings common; /* first: the offsets of both tables count from here */
    API_OPTIONS(CONF_MEMBER)
};

extern const struct conf_table api_options;

#endif
