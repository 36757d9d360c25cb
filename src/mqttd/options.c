/* The option table of [mqttd]. */
#include "mqttd/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/modbus_location.h"
#include "common/model/tag.h"
#include "common/model/topic.h"
#include "mqttd/broker/broker_link.h"

enum { TOPIC_TEMPLATE_MAX = 256 };

static bool parse_gateway_status(const struct conf_option *option, const char *text, void *field,
                                 char *why, size_t why_size)
{
    struct gateway_status_location *place = field;
    char table[32];
    unsigned unit, address;
    int end = 0;
    (void)option;
    *place = (struct gateway_status_location){0};
    if (text[0] == '\0')
        return true;
    int index = -1;
    if (sscanf(text, "%3u:%31[a-z_]:%5u%n", &unit, table, &address, &end) == 3 && text[end] == '\0')
        index = name_list_find(table_names, table);
    if ((index != TABLE_INPUT_REGISTER && index != TABLE_HOLDING_REGISTER) || unit < UNIT_MIN ||
        unit > UNIT_MAX || address > ADDRESS_MAX + 1 - STATUS_REGISTERS) {
        snprintf(why, why_size,
                 "\"%.60s\" is no place of four registers such as \"1:input_register:9000\"", text);
        return false;
    }
    *place =
        (struct gateway_status_location){true, (uint8_t)unit, (uint8_t)index, (uint16_t)address};
    return true;
}

static const struct conf_type conf_gateway = {.parse = parse_gateway_status};

/* A topic to publish to once the client id stands in it, which is checked by itself. */
static bool parse_status_topic(const struct conf_option *option, const char *text, void *field,
                               char *why, size_t why_size)
{
    char filled[TOPIC_TEMPLATE_MAX + 1];
    const char *mark = strstr(text, CLIENT_ID_PLACEHOLDER);
    const char *rest = mark ? mark + strlen(CLIENT_ID_PLACEHOLDER) : "";
    int stem = mark ? (int)(mark - text) : (int)strlen(text);
    (void)option;
    *(const char **)field = text;
    if (text[0] == '\0')
        return true;
    if (strlen(text) <= TOPIC_TEMPLATE_MAX) {
        snprintf(filled, sizeof filled, "%.*s%s%s", stem, text, mark ? "x" : "", rest);
        if (topic_name_is_valid(filled) && !strstr(filled, CLIENT_ID_PLACEHOLDER))
            return true;
    }
    snprintf(why, why_size,
             "\"%.60s\" is not a topic to publish to, of at most %d bytes and "
             "with " CLIENT_ID_PLACEHOLDER " at most once",
             text, TOPIC_TEMPLATE_MAX);
    return false;
}

static const struct conf_type conf_status_topic = {.parse = parse_status_topic};

static const char *const protocol_names[] = {
    [MQTT_VERSION_AUTO] = "auto", [MQTT_VERSION_5] = "5", [MQTT_VERSION_3_1_1] = "3.1.1", NULL};

#define AT(field) offsetof(struct mqttd_settings, field)

static const struct conf_option mqttd_option_rows[] = {
    {"mqttd", "broker", "127.0.0.1:1883", &conf_addrs, AT(broker),
     .help = "The MQTT broker; several are tried in turn.", .reload = true},
    {"mqttd", "client_id", "tagferry", &conf_path, AT(client_id),
     .help = "The name of the session that the broker keeps. Two clients must not share one."},
    {"mqttd", "protocol", "auto", &conf_choice, AT(protocol), .names = protocol_names,
     .help =
         "The MQTT version: 5, 3.1.1, or auto, which begins with 5 and tries 3.1.1 with a broker "
         "that refuses 5 or closes the connection."},
    {"mqttd", "status_topic", "tagferry/{client_id}/status", &conf_status_topic, AT(status_topic),
     .help =
         "The topic of the birth message and of the will; {client_id} stands for the client id. "
         "Empty for none: then the broker is not asked for a will."},
    {"mqttd", "username", "", &conf_text, AT(username),
     .help = "The user name for the broker; empty for none.", .reload = true},
    {"mqttd", "password_file", "", &conf_text, AT(password_file),
     .help = "Path of a file whose first line is the password; empty: the systemd credential "
             "tagferry.mqtt-password, if there is one.",
     .reload = true},
    {"mqttd", "tls", "no", &conf_flag, AT(tls),
     .help = "Whether to speak TLS (1.2 or newer) with the broker."},
    {"mqttd", "ca_file", "", &conf_text, AT(ca_file),
     .help = "Path of the certificates that may sign the broker's; empty: the system's.",
     .reload = true},
    {"mqttd", "cert_file", "", &conf_text, AT(cert_file),
     .help = "Path of the certificate that mqttd shows to the broker; empty for none.",
     .reload = true},
    {"mqttd", "key_file", "", &conf_text, AT(key_file), .help = "Path of that certificate's key.",
     .reload = true},
    {"mqttd", "keepalive_s", "30", &conf_number, AT(keepalive_s), 5, 65535,
     .help = "Seconds of silence after which the connection to the broker is probed.",
     .reload = true},
    {"mqttd", "session_expiry_s", "604800", &conf_number, AT(session_expiry_s), 0, 4294967295,
     .help = "Seconds for which the broker keeps the session, and its messages, while mqttd is "
             "away.",
     .reload = true},
    {"mqttd", "max_payload", "65536", &conf_number, AT(max_payload), 1, 268435455,
     .help = "The longest message that is taken, in bytes.", .reload = true},
    {"mqttd", "modbus_timeout_ms", "1000", &conf_number, AT(modbus_timeout_ms), 50, 30000,
     .help = "How long a Modbus server may take to accept a connection or to answer, in ms."},
    {"mqttd", "gateway_status", "", &conf_gateway, AT(gateway_status),
     .help = "Place of four registers about mqttd itself, such as 1:input_register:9000; empty for "
             "none.",
     .reload = true},
};

const struct conf_table mqttd_options = {mqttd_option_rows,
                                         sizeof mqttd_option_rows / sizeof mqttd_option_rows[0]};
