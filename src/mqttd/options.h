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

/* status_topic may contain it, in place of the client id. */
#define CLIENT_ID_PLACEHOLDER "{client_id}"

/* See CONF_ROW. `protocol` is an enum mqtt_version. */
#define MQTTD_OPTIONS(ROW)                                                                         \
    ROW(broker, struct conf_addrs, conf_addrs, "127.0.0.1:1883", .reload = true,                   \
        .help = "The MQTT broker; several are tried in turn.")                                     \
    ROW(client_id, const char *, conf_path, "tagferry",                                            \
        .help = "The name of the session that the broker keeps. Two clients must not share one.")  \
    ROW(protocol, int, conf_choice, "auto", .names = protocol_names,                               \
        .help = "The MQTT version: 5, 3.1.1, or auto, which begins with 5 and tries 3.1.1 with a " \
                "broker that refuses 5 or closes the connection.")                                 \
    ROW(status_topic, const char *, conf_status_topic, "tagferry/{client_id}/status",              \
        .help = "The topic of the birth message and of the will; {client_id} stands for the "      \
                "client id. Empty for none: then the broker is not asked for a will.")             \
    ROW(username, const char *, conf_text, "", .reload = true,                                     \
        .help = "The user name for the broker; empty for none.")                                   \
    ROW(password_file, const char *, conf_text, "", .reload = true,                                \
        .help = "Path of a file whose first line is the password; empty: the systemd credential "  \
                "tagferry.mqtt-password, if there is one.")                                        \
    ROW(tls, bool, conf_flag, "no",                                                                \
        .help = "Whether to speak TLS (1.2 or newer) with the broker.")                            \
    ROW(ca_file, const char *, conf_text, "", .reload = true,                                      \
        .help = "Path of the certificates that may sign the broker's; empty: the system's.")       \
    ROW(cert_file, const char *, conf_text, "", .reload = true,                                    \
        .help = "Path of the certificate that mqttd shows to the broker; empty for none.")         \
    ROW(key_file, const char *, conf_text, "", .reload = true,                                     \
        .help = "Path of that certificate's key.")                                                 \
    ROW(keepalive_s, long, conf_number, "30", .min = 5, .max = 65535, .reload = true,              \
        .help = "Seconds of silence after which the connection to the broker is probed.")          \
    ROW(session_expiry_s, long, conf_number, "604800", .min = 0, .max = 4294967295,                \
        .reload = true,                                                                            \
        .help = "Seconds for which the broker keeps the session, and its messages, while mqttd "   \
                "is away.")                                                                        \
    ROW(max_payload, long, conf_number, "65536", .min = 1, .max = 268435455, .reload = true,       \
        .help = "The longest message that is taken, in bytes.")                                    \
    ROW(modbus_timeout_ms, long, conf_number, "1000", .min = 50, .max = 30000,                     \
        .help = "How long a Modbus server may take to accept a connection or to answer, in ms.")   \
    ROW(gateway_status, struct gateway_status_location, conf_gateway, "", .reload = true,          \
        .help = "Place of four registers about mqttd itself, such as 1:input_register:9000; "      \
                "empty for none.")

struct mqttd_settings {
    struct common_settings common; /* first: the offsets of both tables count from here */
    MQTTD_OPTIONS(CONF_MEMBER)
};

extern const struct conf_table mqttd_options;

#endif
