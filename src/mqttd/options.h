/* The options of [mqttd]. */
#ifndef TAGFERRY_MQTTD_OPTIONS_H
#define TAGFERRY_MQTTD_OPTIONS_H

#include "common/base/conf.h"
#include "common/base/settings.h"

/* Where the gateway's own four registers lie. */
struct gateway_status_location {
    bool on;
    uint8_t unit, table;
    uint16_t address;
};

/* In status_topic it stands for the client id. */
#define CLIENT_ID_PLACEHOLDER "{client_id}"

struct mqttd_settings {
    struct common_settings common;
    struct conf_addrs broker;
    const char *client_id;
    int protocol;             /* enum mqtt_version */
    const char *status_topic; /* may hold CLIENT_ID_PLACEHOLDER; empty: none */
    const char *username, *password_file;
    bool tls;
    const char *ca_file, *cert_file, *key_file;
    long keepalive_s, session_expiry_s;
    long max_payload;       /* bytes */
    long modbus_timeout_ms; /* of a connect or a request */
    struct gateway_status_location gateway_status;
};

extern const struct conf_table mqttd_options;

#endif
