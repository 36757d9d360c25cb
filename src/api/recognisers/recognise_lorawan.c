/* Uplinks of LoRaWAN network servers: ChirpStack 3 and 4, The Things Stack 3. A device for each
 * topic of uplinks; its tags are the values that a codec has decoded, and the radio's signal. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"

/* Where a network server puts what a device needs; each list ends with NULL. */
struct uplink_format {
    const char *maker;
    const char *values[3];    /* prefixes of decoded values */
    const char *name[3];      /* keys of the device's name, the best first */
    const char *eui[3];       /* keys of its DevEUI */
    const char *model[3];     /* keys of its model or profile */
    const char *time[3];      /* keys of the time of the uplink */
    const char *radio;        /* prefix of the list of gateways */
    const char *signal[3][2]; /* member of a gateway, unit */
};

static const struct uplink_format chirpstack_format = {
    .maker = "ChirpStack",
    .values = {"/object/", "/objectJSON/"},
    .name = {"/deviceInfo/deviceName", "deviceName"},
    .eui = {"/deviceInfo/devEui", "devEUI"},
    .model = {"/deviceInfo/deviceProfileName", "deviceProfileName"},
    .time = {"time", "publishedAt"},
    .radio = "/rxInfo/",
    .signal = {{"rssi", "dBm"}, {"snr", "dB"}, {"loRaSNR", "dB"}},
};

static const struct uplink_format things_stack_format = {
    .maker = "The Things Stack",
    .values = {"/uplink_message/decoded_payload/"},
    .name = {"/end_device_ids/device_id"},
    .eui = {"/end_device_ids/dev_eui"},
    .model = {"/uplink_message/version_ids/model_id"},
    .time = {"received_at"},
    .radio = "/uplink_message/rx_metadata/",
    .signal = {{"rssi", "dBm"}, {"snr", "dB"}},
};

/* Values that codecs decode to the same unit wherever they have these names. They are measured, so
 * that a whole number was so by chance. */
static const struct {
    const char *word, *unit;
} uplink_units[] = {
    {"temperature", "°C"}, {"temp", "°C"},         {"humidity", "%"},
    {"co2", "ppm"},        {"pressure", "hPa"},    {"illuminance", "lx"},
    {"moisture", "%"},     {"soil_moisture", "%"}, {"soil_temperature", "°C"},
};

static const char *uplink_find_unit(const char *label)
{
    const char *slash = strrchr(label, '/');
    const char *word = slash ? slash + 1 : label;
    for (size_t i = 0; i < sizeof uplink_units / sizeof *uplink_units; i++) {
        if (strcasecmp(word, uplink_units[i].word) == 0)
            return uplink_units[i].unit;
    }
    return NULL;
}

/* Adds a tag for each decoded value. Returns how many. */
static size_t uplink_add_values(struct proposal *proposal, struct proposal_device *device,
                                const struct survey_topic *topic,
                                const struct uplink_format *format)
{
    struct survey_key key;
    size_t count = 0;
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        for (const char *const *prefix = format->values; *prefix; prefix++) {
            if (!recogniser_skip_prefix(key.key, *prefix) || key.kinds == SURVEY_EMPTY)
                continue;
            const char *tail = key.key + strlen(*prefix) - 1;
            const char *label = recogniser_key_label(proposal_arena(proposal), tail);
            struct cJSON *tag = proposal_add_tag(proposal, device, label, key.key);
            const char *unit = uplink_find_unit(label);
            if (unit && (key.kinds & (SURVEY_INTEGER | SURVEY_DECIMAL))) {
                recogniser_type_measurement(proposal, tag, &key);
                proposal_set_text(tag, "unit", unit);
            } else {
                proposal_type_by_key(proposal, tag, &key);
            }
            count++;
        }
    }
    return count;
}

/* Adds the signal at the gateway that is named first: the order of gateways changes, so that a key
 * of one gateway would be missing in the messages that others have received. */
static void uplink_add_signal(struct proposal *proposal, struct proposal_device *device,
                              const struct survey_topic *topic, const struct uplink_format *format)
{
    struct survey_key key;
    bool added[3] = {false};
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        const char *tail = recogniser_skip_prefix(key.key, format->radio);
        const char *member = tail ? strchr(tail, '/') : NULL;
        for (size_t n = 0; member && n < 3 && format->signal[n][0]; n++) {
            if (added[n] || strcmp(member + 1, format->signal[n][0]) != 0)
                continue;
            added[n] = true;
            struct arena *arena = proposal_arena(proposal);
            bool is_rssi = n == 0;
            struct cJSON *tag =
                proposal_add_tag(proposal, device, is_rssi ? "rssi" : "snr",
                                 arena_format(arena, "%s0/%s", format->radio, member + 1));
            proposal_set_text(tag, "unit", format->signal[n][1]);
            proposal_set_text(tag, "description", "at the gateway that the message names first");
            if (is_rssi)
                proposal_type_by_range(tag, -200, 0, 1);
            else
                proposal_type_by_range(tag, -50, 50, 0);
        }
    }
}

/* No uplink for three of the intervals that were heard makes the values stale, but an hour is not
 * too long; a day without an interval. */
static void uplink_set_stale_after(struct proposal_device *device, const struct survey_topic *topic)
{
    enum { INTERVALS = 3, MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };
    double stale_after_s = DAY_S;
    if (topic->messages > 1 && topic->newest_ms > topic->first_ms) {
        double heard_s = (double)(topic->newest_ms - topic->first_ms) / 1000;
        stale_after_s = INTERVALS * heard_s / (double)(topic->messages - 1);
        stale_after_s = MINUTE_S * ceil(stale_after_s / MINUTE_S);
    }
    proposal_set_number(device->body, "mqtt.stale_after_s",
                        fmin(fmax(stale_after_s, HOUR_S), DAY_S));
}

/* Adds the device of a topic of uplinks. `name` is for a payload without one. */
static struct proposal_device *uplink_add_device(struct proposal *proposal,
                                                 const struct survey_topic *topic,
                                                 const struct uplink_format *format,
                                                 const char *name)
{
    struct arena *arena = proposal_arena(proposal);
    const char *heard_name = recogniser_find_text(proposal, topic, format->name);
    struct proposal_device *device =
        proposal_add_device(proposal, heard_name ? heard_name : name, topic->topic);
    proposal_claim_topic(proposal, topic);
    recogniser_set_where(device, topic);
    uplink_set_stale_after(device, topic);
    const char *eui = recogniser_find_text(proposal, topic, format->eui);
    if (eui)
        proposal_set_text(device->body, "description", arena_format(arena, "DevEUI %s", eui));
    for (const char *const *time = format->time; *time; time++) {
        if (recogniser_has_key(proposal, topic, *time)) {
            proposal_set_text(device->body, "mqtt.timestamp_key", *time);
            break;
        }
    }
    if (uplink_add_values(proposal, device, topic, format) == 0)
        proposal_note(proposal,
                      "%s: no decoded values were heard. %s needs a codec (payload formatter) for "
                      "this device: Tagferry does not decode the base64 in the message.",
                      topic->topic, format->maker);
    uplink_add_signal(proposal, device, topic, format);
    return device;
}

/* Names the kind of a complete device by its model. */
static void uplink_set_kind(struct proposal *proposal, struct kind_names *kinds,
                            struct proposal_device *device, const struct survey_topic *topic,
                            const struct uplink_format *format)
{
    const char *model = recogniser_find_text(proposal, topic, format->model);
    if (model)
        recogniser_set_kind(kinds, device,
                            arena_format(proposal_arena(proposal), "%s %s", format->maker, model));
}

/* Adds the charge of the battery, which comes on a topic of its own. */
static void chirpstack_add_battery(struct proposal *proposal, struct proposal_device *device,
                                   const char *status_topic)
{
    struct survey_topic status;
    if (!survey_find_topic(proposal_survey(proposal), status_topic, &status))
        return;
    proposal_claim_topic(proposal, &status);
    if (!recogniser_has_key(proposal, &status, "batteryLevel"))
        return;
    struct cJSON *tag = proposal_add_tag(proposal, device, "battery_level", "batteryLevel");
    proposal_type_by_range(tag, 0, 100, 0);
    proposal_set_text(tag, "unit", "%");
    proposal_set_text(tag, "mqtt.topic", status_topic);
}

static bool chirpstack_is_uplink(struct proposal *proposal, const struct survey_topic *topic)
{
    bool has_eui = recogniser_has_key(proposal, topic, "/deviceInfo/devEui") ||
                   recogniser_has_key(proposal, topic, "devEUI");
    return has_eui && recogniser_has_key(proposal, topic, "fCnt") &&
           (recogniser_has_key(proposal, topic, "data") ||
            recogniser_has_key(proposal, topic, "fPort"));
}

void recognise_chirpstack(struct proposal *proposal)
{
    struct arena *arena = proposal_arena(proposal);
    struct kind_names kinds = {{.arena = arena}, {.arena = arena}};
    struct survey_topic topic;
    size_t devices = 0;
    for (uint32_t n = 0; recogniser_next_topic(proposal, SURVEY_JSON, &n, &topic);) {
        struct topic_levels levels = topic_levels_split(arena, topic.topic);
        bool is_device = levels.count >= 5 && strcmp(levels.at[0], "application") == 0 &&
                         strcmp(levels.at[2], "device") == 0;
        bool is_up = is_device && levels.count == 6 && strcmp(levels.at[4], "event") == 0 &&
                     strcmp(levels.at[5], "up") == 0;
        bool is_rx = is_device && levels.count == 5 && strcmp(levels.at[4], "rx") == 0;
        if (!is_up && !is_rx && !chirpstack_is_uplink(proposal, &topic))
            continue;
        const char *name = is_device ? levels.at[3] : "lorawan";
        struct proposal_device *device =
            uplink_add_device(proposal, &topic, &chirpstack_format, name);
        if (is_up)
            chirpstack_add_battery(proposal, device,
                                   arena_format(arena, "application/%s/device/%s/event/status",
                                                levels.at[1], levels.at[3]));
        uplink_set_kind(proposal, &kinds, device, &topic, &chirpstack_format);
        devices++;
    }
    for (uint32_t n = 0; recogniser_next_topic(proposal, SURVEY_JSON, &n, &topic);) {
        struct topic_levels levels = topic_levels_split(arena, topic.topic);
        if (levels.count == 6 && strcmp(levels.at[0], "application") == 0 &&
            strcmp(levels.at[2], "device") == 0 &&
            (strcmp(levels.at[4], "event") == 0 || strcmp(levels.at[4], "command") == 0))
            proposal_claim_topic(proposal, &topic); /* joins, acknowledgements, downlinks */
    }
    if (devices > 0)
        proposal_note(proposal,
                      "ChirpStack does not say which values a device takes as a downlink. For one, "
                      "set direction to_mqtt, command_topic "
                      "application/ID/device/DEVEUI/command/down and a command_template such as "
                      "{\"devEui\":\"DEVEUI\",\"confirmed\":false,\"fPort\":PORT,"
                      "\"object\":{\"NAME\":{value}}}.");
}

void recognise_things_stack(struct proposal *proposal)
{
    struct arena *arena = proposal_arena(proposal);
    struct kind_names kinds = {{.arena = arena}, {.arena = arena}};
    struct survey_topic topic;
    size_t devices = 0;
    for (uint32_t n = 0; recogniser_next_topic(proposal, SURVEY_JSON, &n, &topic);) {
        struct topic_levels levels = topic_levels_split(arena, topic.topic);
        bool is_device = levels.count >= 5 && strcmp(levels.at[0], "v3") == 0 &&
                         strcmp(levels.at[2], "devices") == 0;
        bool is_uplink = recogniser_has_key(proposal, &topic, "/end_device_ids/device_id") &&
                         recogniser_has_key(proposal, &topic, "/uplink_message/f_port");
        if (is_uplink || (is_device && levels.count == 5 && strcmp(levels.at[4], "up") == 0)) {
            struct proposal_device *device = uplink_add_device(
                proposal, &topic, &things_stack_format, is_device ? levels.at[3] : "lorawan");
            proposal_set_number(device->body, "mqtt.qos", 0); /* its broker serves no other */
            uplink_set_kind(proposal, &kinds, device, &topic, &things_stack_format);
            devices++;
        } else if (is_device) {
            proposal_claim_topic(proposal, &topic); /* joins, downlinks, their acknowledgements */
        }
    }
    if (devices > 0)
        proposal_note(proposal,
                      "The Things Stack does not say which values a device takes as a downlink. "
                      "For one, set direction to_mqtt, command_topic "
                      "v3/APPLICATION@TENANT/devices/DEVICE/down/push, command_qos 0 and a "
                      "command_template such as {\"downlinks\":[{\"f_port\":PORT,"
                      "\"decoded_payload\":{\"NAME\":{value}}}]}.");
}
