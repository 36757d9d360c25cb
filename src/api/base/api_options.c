/* The option table of [api]. */
#include "api/base/api_options.h"

#define AT(field) offsetof(struct api_settings, field)

static const struct conf_option api_option_rows[] = {
    {"api", "listen", "127.0.0.1:5000", &conf_addrs, AT(listen),
     .help = "Addresses to serve HTTP on, host:port; [::] is for IPv4 too, port 0 means any free "
             "port."},
    {"api", "token_file", "/var/lib/tagferry/tokens", &conf_path, AT(token_file),
     .help = "File of the access tokens. Without a token only loopback is served.", .reload = true},
    {"api", "tls_certificate", "", &conf_text, AT(tls_certificate),
     .help =
         "PEM file of the certificate and its chain; with it HTTPS is served, TLS 1.2 or newer.",
     .reload = true},
    {"api", "tls_key", "", &conf_text, AT(tls_key), .help = "PEM file of the certificate's key.",
     .reload = true},
    {"api", "cors_origins", "", &conf_list, AT(cors_origins),
     .help = "Origins whose pages may use the API, such as https://hmi.example, or * for all.",
     .reload = true},
    {"api", "max_body_bytes", "1048576", &conf_number, AT(max_body_bytes), 1024, 1 << 30,
     .help = "The largest request body that is taken, in bytes, except for an import.",
     .reload = true},
    {"api", "max_import_bytes", "134217728", &conf_number, AT(max_import_bytes), 1024, 1 << 30,
     .help = "The largest body of an import, in bytes.", .reload = true},
    {"api", "max_pending_bytes", "201326592", &conf_number, AT(max_pending_bytes), 1048576,
     1L << 40,
     .help = "Bodies of all requests, and of answers of more than 64 KiB, that are in hand at a "
             "time, in "
             "bytes; imports and answers may take seven eighths of it. A request that does not "
             "fit is answered 503.",
     .reload = true},
    {"api", "max_connections", "512", &conf_number, AT(max_connections), 1, 10000,
     .help = "HTTP connections at a time, for each listen address. For one more, the one that has "
             "waited longest without a request is closed; without any, health checks only are "
             "served."},
    {"api", "max_connections_per_ip", "128", &conf_number, AT(max_connections_per_ip), 0, 10000,
     .help = "HTTP connections at a time from one address, in the same way; 0 for no limit of its "
             "own."},
    {"api", "head_timeout_s", "10", &conf_number, AT(head_timeout_s), 1, 3600,
     .help = "Seconds within which the whole head of a request has to come."},
    {"api", "body_timeout_s", "20", &conf_number, AT(body_timeout_s), 1, 3600,
     .help = "Seconds within which each 8 KiB of a request's body, or what is left of it, have to "
             "come, and of an answer have to be taken."},
    {"api", "idle_timeout_s", "30", &conf_number, AT(idle_timeout_s), 1, 3600,
     .help = "Seconds without a byte after which an HTTP connection is closed."},
    {"api", "modbus_timeout_ms", "500", &conf_number, AT(modbus_timeout_ms), 10, 60000,
     .help = "Milliseconds to wait for a Modbus server's answer to a read or write of a value."},
    {"api", "max_streams", "100", &conf_number, AT(max_streams), 0, 10000,
     .help = "Clients that may stream values at a time."},
    {"api", "audit_entries", "100000", &conf_number, AT(audit_entries), 1, 100000000,
     .help = "Changes of the configuration that the audit remembers; older ones are forgotten, a "
             "thousandth at a time.",
     .reload = true},
};

const struct conf_table api_options = {api_option_rows,
                                       sizeof api_option_rows / sizeof api_option_rows[0]};
