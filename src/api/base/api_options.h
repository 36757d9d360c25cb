/* The options of [api]. */
#ifndef TAGFERRY_API_BASE_API_OPTIONS_H
#define TAGFERRY_API_BASE_API_OPTIONS_H

#include "common/base/conf.h"
#include "common/base/settings.h"

struct api_settings {
    struct common_settings common; /* first: both option tables count from here */
    struct conf_addrs listen;
    const char *token_file;
    const char *tls_certificate, *tls_key; /* both empty: plain HTTP */
    struct conf_list cors_origins;
    long max_body_bytes, max_import_bytes, max_pending_bytes;
    long max_connections, max_connections_per_ip;
    long idle_timeout_s, head_timeout_s, body_timeout_s;
    long modbus_timeout_ms;
    long audit_entries;
    long max_streams;
};

extern const struct conf_table api_options;

#endif
