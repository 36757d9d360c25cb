/* The options of [mqttd]. */
#ifndef TAGFERRY_MQTTD_OPTIONS_H
#define TAGFERRY_MQTTD_OPTIONS_H

#include "common/base/conf.h"
#include "common/base/settings.h"

/* Location of the gateway's four status registers. */
struct gateway_status_location {
    bool on;
    uint8_t unit, table;
    uint16_t address;
};

/* Bytes of status_topic, of mirror_topic, and of the longest max_payload. */
enum { STATUS_TOPIC_MAX = 256, MIRROR_TOPIC_MAX = 200, MAX_PAYLOAD_MAX = 268435455 };

/* In status_topic: it is replaced by the client id. */
#define CLIENT_ID_PLACEHOLDER "{client_id}"

/* See CONF_ROW. `protocol` is an enum mqtt_version. */
#define MQTTD_OPTIONS(ROW)                                                                         \
    ROW(broker, struct conf_addrs, conf_servers, "127.0.0.1:1883", .reload = true,                 \
        .help = "Address of the MQTT broker, host:port; several are tried in turn.")               \
    ROW(client_id, const char *, conf_text, "",                                                    \
        .help = "Client id, under which the broker keeps the session. Two clients must not use "   \
                "the same one. Empty: tagferry, or with [common] gateway "                         \
                "tagferry-GATEWAY-HOSTNAME.")                                                      \
    ROW(protocol, int, conf_choice, "auto", .names = protocol_names,                               \
        .help = "MQTT version: 5, 3.1.1, or auto, which starts with 5 and tries 3.1.1 if the "     \
                "broker refuses 5, closes the connection or does not answer.")                     \
    ROW(status_topic, const char *, conf_status_topic, "tagferry/{client_id}/status",              \
        .help = "Topic of the birth and will messages; {client_id} is replaced by the client id. " \
                "Empty: no such messages.")                                                        \
    ROW(mirror_topic, const char *, conf_mirror_topic, "tagferry/mirror",                          \
        .help = "Topic below which gateways of the same name tell each other what SCADA writes, "  \
                "where [common] gateway is set. Empty: they do not.")                              \
    ROW(username, const char *, conf_text, "", .reload = true,                                     \
        .help = "User name for the broker; empty: none.")                                          \
    ROW(password_file, const char *, conf_text, "", .reload = true,                                \
        .help = "Path of a file whose first line is the password; empty: the systemd credential "  \
                "tagferry.mqtt-password, if it exists.")                                           \
    ROW(tls, bool, conf_flag, "no",                                                                \
        .help = "Whether the connection to the broker uses TLS (1.2 or newer).")                   \
    ROW(ca_file, const char *, conf_text, "", .reload = true,                                      \
        .help = "PEM file with the authorities that may sign the broker's certificate; empty: "    \
                "those of the system.")                                                            \
    ROW(cert_file, const char *, conf_text, "", .reload = true,                                    \
        .help = "PEM file with the client certificate for the broker; empty: none.")               \
    ROW(key_file, const char *, conf_text, "", .reload = true,                                     \
        .help = "PEM file with the private key of the client certificate.")                        \
    ROW(keepalive_s, int64_t, conf_number, "30", .min = 5, .max = 65535, .reload = true,           \
        .help = "Seconds of silence after which the connection to the broker is checked. A "       \
                "network that is cut is noticed within half of this time, a broker that hangs "    \
                "within twice of it.")                                                             \
    ROW(session_expiry_s, int64_t, conf_number, "604800", .min = 0, .max = 4294967295,             \
        .reload = true,                                                                            \
        .help = "Seconds for which the broker keeps the session and its messages while "           \
                "tagferry-mqttd is not connected (with MQTT 5).")                                  \
    ROW(max_payload, int64_t, conf_number, "65536", .min = 1, .max = MAX_PAYLOAD_MAX,              \
        .reload = true, .help = "Maximum size of a message in bytes; longer ones are refused.")    \
    ROW(modbus_timeout_ms, int64_t, conf_number, "1000", .min = 50, .max = 30000,                  \
        .help = "Maximum time in ms for a Modbus server to accept a connection or to answer.")     \
    ROW(modbus_tls_ca, const char *, conf_text, "", .reload = true,                                \
        .help = "PEM file with the CAs that may sign the certificates of Modbus servers whose "    \
                "devices have network.tls, and, if wanted, their revocation lists; empty: no "     \
                "such server can be reached.")                                                     \
    ROW(modbus_tls_certificate, const char *, conf_text, "", .reload = true,                       \
        .help = "PEM file with the certificate that such a server gets if it asks for one, with "  \
                "its role, and those of the CAs between it and the root; empty: none.")            \
    ROW(modbus_tls_key, const char *, conf_text, "", .reload = true,                               \
        .help = "PEM file with the key of modbus_tls_certificate, readable only for the service.") \
    ROW(discovery_mb, int64_t, conf_number, "16", .min = 1, .max = 1024, .reload = true,           \
        .help = "Memory in MiB for what one discovery hears; what does not fit is counted.")       \
    ROW(discovery_messages_per_s, int64_t, conf_number, "5000", .min = 1, .max = 1000000,          \
        .reload = true,                                                                            \
        .help = "Messages per second that one discovery looks at, and ten times as many at once; " \
                "further ones are counted.")                                                       \
    ROW(gateway_status, struct gateway_status_location, conf_gateway, "", .reload = true,          \
        .help = "Location of four status registers of the gateway, such as "                       \
                "1:input_register:9000; empty: none.")

struct mqttd_settings {
    struct common_settings common; /* first: the offsets of both tables count from here */
    MQTTD_OPTIONS(CONF_MEMBER)
};

extern const struct conf_table mqttd_options;

#endif
