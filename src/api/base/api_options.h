/* The options of [api]. */
#ifndef TAGFERRY_API_BASE_API_OPTIONS_H
#define TAGFERRY_API_BASE_API_OPTIONS_H

#include <stdint.h>

#include "common/base/conf.h"
#include "common/base/settings.h"

/* See CONF_ROW. */
#define API_OPTIONS(ROW)                                                                           \
    ROW(listen, struct conf_addrs, conf_addrs, "127.0.0.1:5000",                                   \
        .help = "Addresses to serve HTTP on, host:port; [::] serves IPv4, too; port 0 means any "  \
                "free port.")                                                                      \
    ROW(token_file, const char *, conf_path, "/var/lib/tagferry/tokens", .reload = true,           \
        .help = "File of the access tokens. Without a token, only loopback addresses are served.") \
    ROW(tls_certificate, const char *, conf_text, "", .reload = true,                              \
        .help = "PEM file with the certificate and its chain; if it is set, HTTPS is served, "     \
                "with TLS 1.2 or newer (to turn HTTPS on or off, restart).")                       \
    ROW(tls_key, const char *, conf_text, "", .reload = true,                                      \
        .help = "PEM file with the certificate's private key.")                                    \
    ROW(cors_origins, struct conf_list, conf_list, "", .reload = true,                             \
        .help = "Origins whose web pages may use the API, such as https://hmi.example, or * for "  \
                "all. Without tokens, browsers may also reach the API by the names in it.")        \
    ROW(profile_dir, const char *, conf_path, "/usr/share/tagferry/profiles", .reload = true,      \
        .help = "Folder of the library of profiles, files NAME.json.")                             \
    ROW(max_body_bytes, int64_t, conf_number, "1048576", .min = 1024, .max = 1 << 30,              \
        .reload = true, .help = "Maximum size of a request body in bytes, except for an import.")  \
    ROW(max_import_bytes, int64_t, conf_number, "134217728", .min = 1024, .max = 1 << 30,          \
        .reload = true, .help = "Maximum size of the body of an import in bytes.")                 \
    ROW(max_pending_bytes, int64_t, conf_number, "201326592", .min = 1048576,                      \
        .max = INT64_C(1) << 40, .reload = true,                                                   \
        .help = "Maximum size in bytes of all request bodies, and of all answers of more than 64 " \
                "KiB, that are in memory at the same time; imports and answers may use seven "     \
                "eighths of it. A request that exceeds it is answered with 503.")                  \
    ROW(max_connections, int64_t, conf_number, "512", .min = 1, .max = 10000,                      \
        .help = "Maximum number of HTTP connections for each listen address. One more connection " \
                "closes the one that has been idle longest; if none is idle, only health checks "  \
                "are served on the new one.")                                                      \
    ROW(max_connections_per_ip, int64_t, conf_number, "128", .min = 0, .max = 10000,               \
        .help = "Maximum number of HTTP connections from one IP address, enforced in the same "    \
                "way; 0: no such limit.")                                                          \
    ROW(head_timeout_s, int64_t, conf_number, "10", .min = 1, .max = 3600,                         \
        .help = "Seconds within which the complete head of a request must arrive.")                \
    ROW(body_timeout_s, int64_t, conf_number, "20", .min = 1, .max = 3600,                         \
        .help = "Seconds within which each 8 KiB of a request's body, or the rest of it, must "    \
                "arrive, and of an answer must be read by the client.")                            \
    ROW(idle_timeout_s, int64_t, conf_number, "30", .min = 1, .max = 3600,                         \
        .help = "Seconds without a byte after which an HTTP connection is closed.")                \
    ROW(modbus_timeout_ms, int64_t, conf_number, "500", .min = 10, .max = 60000,                   \
        .help =                                                                                    \
            "Milliseconds to wait for a Modbus server's answer when a value is read or written.")  \
    ROW(follow, const char *, conf_text, "", .reload = true,                                       \
        .help = "URL of the gateway whose configuration this one follows, such as "                \
                "https://10.0.0.1:5000; empty: it leads. tagferry-api promote and tagferry-api "   \
                "follow decide from then on.")                                                     \
    ROW(follow_token_file, const char *, conf_text, "", .reload = true,                            \
        .help = "File whose first line is the token for the gateway that this one follows.")       \
    ROW(follow_ca_file, const char *, conf_text, "", .reload = true,                               \
        .help = "PEM file with the certificates that may have signed that of the gateway that "    \
                "this one follows; empty: those of the system.")                                   \
    ROW(max_streams, int64_t, conf_number, "100", .min = 0, .max = 10000,                          \
        .help = "Maximum number of clients that stream values at the same time.")                  \
    ROW(audit_entries, int64_t, conf_number, "100000", .min = 1, .max = 100000000, .reload = true, \
        .help = "Number of configuration changes that the audit keeps; older ones are deleted, a " \
                "thousandth of this number at a time.")                                            \
    ROW(undo_mb, int64_t, conf_number, "64", .min = 0, .max = 100000, .reload = true,              \
        .help = "Megabytes of the database for undoing changes. The oldest changes cannot be "     \
                "undone any more when it is used up; 0: no change can be undone.")                 \
    ROW(history_mb, int64_t, conf_number, "64", .min = 0, .max = 1024,                             \
        .help = "Megabytes of the file DATABASE-history, in which tagferry-api keeps the changes " \
                "of tags, about 43,000 in a megabyte; the oldest go first; 0: no history.")

struct api_settings {
    struct common_settings common; /* first: the offsets of both tables count from here */
    API_OPTIONS(CONF_MEMBER)
};

extern const struct conf_table api_options;

#endif
