/* The option table of [mqttd]. */
#include "mqttd/options.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/modbus_location.h"
#include "common/model/tag.h"
#include "common/model/topic.h"
#include "mqttd/broker/broker_link.h"

_Static_assert(offsetof(struct mqttd_settings, common) == 0,
               "the offsets of common options count from the start of the settings, too");
_Static_assert(ADDRESS_MAX == UINT16_MAX && UNIT_MAX <= UINT8_MAX,
               "struct gateway_status_location holds every place");

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
    /* sscanf takes signs and spaces before numbers. */
    if (!strpbrk(text, "+- \t\r\n\v\f") &&
        sscanf(text, "%3u:%31[a-z_]:%5u%n", &unit, table, &address, &end) == 3 && text[end] == '\0')
        index = name_list_find(table_names, table);
    if ((index != TABLE_INPUT_REGISTER && index != TABLE_HOLDING_REGISTER) || unit < UNIT_MIN ||
        unit > UNIT_MAX || address > ADDRESS_MAX + 1 - STATUS_REGISTERS) {
        snprintf(why, why_size,
                 "\"%.60s\" is not a location of four registers such as \"1:input_register:9000\"",
                 text);
        return false;
    }
    *place =
        (struct gateway_status_location){true, (uint8_t)unit, (uint8_t)index, (uint16_t)address};
    return true;
}

static const struct conf_type conf_gateway = {.parse = parse_gateway_status};

/* Checks that the text is a topic to publish to, when the client id replaces the placeholder. The
 * client id is checked by its own option. */
static bool parse_status_topic(const struct conf_option *option, const char *text, void *field,
                               char *why, size_t why_size)
{
    char filled[STATUS_TOPIC_MAX + 1];
    const char *mark = strstr(text, CLIENT_ID_PLACEHOLDER);
    const char *rest = mark ? mark + strlen(CLIENT_ID_PLACEHOLDER) : "";
    int stem = mark ? (int)(mark - text) : (int)strlen(text);
    (void)option;
    *(const char **)field = text;
    if (text[0] == '\0')
        return true;
    if (strlen(text) <= STATUS_TOPIC_MAX) {
        snprintf(filled, sizeof filled, "%.*s%s%s", stem, text, mark ? "x" : "", rest);
        if (topic_name_is_valid(filled) && !strstr(filled, CLIENT_ID_PLACEHOLDER))
            return true;
    }
    snprintf(why, why_size,
             "\"%.60s\" is not a topic to publish to, of at most %d bytes and "
             "with " CLIENT_ID_PLACEHOLDER " at most once",
             text, STATUS_TOPIC_MAX);
    return false;
}

static const struct conf_type conf_status_topic = {.parse = parse_status_topic};

/* Checks that the text is the beginning of topics to publish to. */
static bool parse_mirror_topic(const struct conf_option *option, const char *text, void *field,
                               char *why, size_t why_size)
{
    size_t len = strlen(text);
    (void)option;
    *(const char **)field = text;
    if (len == 0 || (len <= MIRROR_TOPIC_MAX && topic_name_is_valid(text) && text[len - 1] != '/' &&
                     text[0] != '$'))
        return true;
    snprintf(why, why_size,
             "\"%.60s\" is not a topic to publish to, of at most %d bytes, without a slash at its "
             "end or $ at its beginning",
             text, MIRROR_TOPIC_MAX);
    return false;
}

static const struct conf_type conf_mirror_topic = {.parse = parse_mirror_topic};

static const char *const protocol_names[] = {
    [MQTT_VERSION_AUTO] = "auto", [MQTT_VERSION_5] = "5", [MQTT_VERSION_3_1_1] = "3.1.1", NULL};

#define MQTTD_ROW(...) CONF_ROW("mqttd", struct mqttd_settings, __VA_ARGS__)

static const struct conf_option mqttd_option_rows[] = {MQTTD_OPTIONS(MQTTD_ROW)};

const struct conf_table mqttd_options = {mqttd_option_rows,
                                         sizeof mqttd_option_rows / sizeof mqttd_option_rows[0]};
