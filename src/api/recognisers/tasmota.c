/* Tasmota: PREFIX/discovery/MAC/config and sensors describe a device; without them its topics
 * tele/NAME/SENSOR, STATE and LWT do, in either order of prefix and name. Relays are told by
 * stat/NAME/POWER and switched by cmnd/NAME/POWER. */
#include <cjson/cJSON.h>
#include <string.h>

#include "api/recognisers/maker_json.h"
#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"
#include "api/recognisers/tasmota_facts.h"
#include "common/model/topic.h"

enum {
    TASMOTA_RELAYS_MAX = 32,
    TASMOTA_DEPTH_MAX = 6,
    TASMOTA_LEAVES_MAX = 400,
    TASMOTA_VISITS_MAX = 4000, /* members of one message that are looked at */
    TASMOTA_IDS_MAX = 200,     /* of them, those that may select a sensor by its identifier */
};

/* What the devices share. */
struct tasmota_finder {
    struct proposal *proposal;
    struct arena *arena;
    struct kind_names kinds;
    struct string_map folders; /* of their topics, with the slash at the end */
    bool is_noted;             /* what relays tell */
};

/* A device, from its discovery or from its topics. */
struct tasmota_device {
    struct tasmota_finder *finder;
    struct proposal *proposal;
    struct arena *arena;
    struct proposal_device *device;
    const char *label, *description;
    const char *command, *status, *telemetry; /* cmnd, stat and tele: what precedes POWER, SENSOR */
    const char *on, *off, *online, *offline;
    const char *sensor_topic, *state_topic;
    const cJSON *sensors;                       /* the newest message, or a sample of it */
    const char *temperature, *pressure, *speed; /* units */
    bool has_relay[TASMOTA_RELAYS_MAX + 1];     /* by number, from 1; 0: the only one */
    size_t shutters, leaves, visits;
};

static bool tasmota_find_heard(const struct tasmota_device *device, const char *topic,
                               const char *key, struct survey_key *heard)
{
    struct survey_topic found;
    const struct survey *survey = proposal_survey(device->proposal);
    return survey_find_topic(survey, topic, &found) && survey_find_key(survey, &found, key, heard);
}

/* Adds a tag whose values are in `topic`. */
static cJSON *tasmota_add_tag(struct tasmota_device *device, const char *label, const char *topic,
                              const char *key)
{
    cJSON *tag = proposal_add_tag(device->proposal, device->device, label, key);
    const char *own = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(device->device->body, "mqtt"), "topic"));
    if (!own || strcmp(own, topic) != 0)
        proposal_set_text(tag, "mqtt.topic", topic);
    return tag;
}

static void tasmota_add_relays(struct tasmota_device *device)
{
    for (size_t i = 0; i <= TASMOTA_RELAYS_MAX; i++) {
        if (!device->has_relay[i])
            continue;
        const char *name = i == 0 ? "POWER" : arena_format(device->arena, "POWER%zu", i);
        cJSON *tag = tasmota_add_tag(device, name,
                                     arena_format(device->arena, "%s%s", device->status, name), "");
        proposal_set_text(tag, "mqtt.payload", "text");
        proposal_type_switch(tag, device->on, device->off);
        proposal_set_command(tag, true, arena_format(device->arena, "%s%s", device->command, name),
                             NULL);
    }
}

static const char *tasmota_find_unit(const struct tasmota_device *device, const char *member)
{
    for (size_t i = 0; i < sizeof tasmota_measurements / sizeof tasmota_measurements[0]; i++) {
        const char *unit = tasmota_measurements[i].unit;
        if (strcmp(tasmota_measurements[i].member, member) != 0)
            continue;
        return strcmp(unit, TASMOTA_TEMPERATURE) == 0 ? device->temperature
               : strcmp(unit, TASMOTA_PRESSURE) == 0  ? device->pressure
               : strcmp(unit, TASMOTA_SPEED) == 0     ? device->speed
                                                      : unit;
    }
    return NULL;
}

static void tasmota_add_leaf(struct tasmota_device *device, const cJSON *leaf, const char *member,
                             const char *pointer, const char *heard_pointer)
{
    const char *unit = tasmota_find_unit(device, member);
    const char *key = maker_pointer_key(device->arena, pointer);
    struct survey_key heard;
    bool is_heard = tasmota_find_heard(device, device->sensor_topic,
                                       maker_pointer_key(device->arena, heard_pointer), &heard);
    if (device->leaves++ >= TASMOTA_LEAVES_MAX || cJSON_IsNull(leaf))
        return;
    /* The name comes from the key, except for a sensor that is selected by its identifier. */
    char *label =
        strcmp(pointer, heard_pointer) == 0 ? NULL : arena_strdup(device->arena, heard_pointer + 1);
    for (char *slash; label && (slash = strchr(label, '/')) != NULL;)
        *slash = ' ';
    cJSON *tag = tasmota_add_tag(device, label, device->sensor_topic, key);
    if (unit && unit[0])
        proposal_set_text(tag, "unit", unit);
    if (unit && cJSON_IsNumber(leaf))
        recogniser_type_measurement(device->proposal, tag, is_heard ? &heard : NULL);
    else if (is_heard)
        proposal_type_by_key(device->proposal, tag, &heard);
    else if (cJSON_IsString(leaf))
        proposal_type_text(tag, 32);
    else if (cJSON_IsBool(leaf))
        proposal_type_switch(tag, NULL, NULL);
    else
        proposal_type_by_key(device->proposal, tag, NULL);
}

static bool tasmota_member_is_silent(const char *member)
{
    for (size_t i = 0; i < sizeof tasmota_sensor_silent / sizeof tasmota_sensor_silent[0]; i++) {
        if (strcmp(tasmota_sensor_silent[i], member) == 0)
            return true;
    }
    return false;
}

/* True when only this one of its siblings has this identifier. */
static bool tasmota_id_is_unique(const cJSON *siblings, const char *id)
{
    size_t count = 0;
    const cJSON *sibling;
    cJSON_ArrayForEach(sibling, siblings)
    {
        const char *other = maker_json_text(sibling, "Id");
        count += other && strcmp(other, id) == 0;
    }
    return count == 1;
}

/* Adds the values below an object or array of SENSOR. Sensors on a bus are numbered as they are
 * found, so that the key selects them by their identifiers; the names are in `heard_pointer`. */
static void tasmota_add_values(struct tasmota_device *device, const cJSON *parent,
                               const char *member, const char *pointer, const char *heard_pointer,
                               unsigned depth)
{
    struct arena *arena = device->arena;
    const cJSON *child;
    unsigned index = 0;
    if (depth > TASMOTA_DEPTH_MAX)
        return;
    cJSON_ArrayForEach(child, parent)
    {
        if (device->visits++ >= TASMOTA_VISITS_MAX)
            return;
        const char *token =
            cJSON_IsArray(parent) ? arena_format(arena, "%u", index++) : child->string;
        const char *id = depth == 0 ? maker_json_text(child, "Id") : NULL;
        if (!token || token[0] == '\0' ||
            (!cJSON_IsArray(parent) && tasmota_member_is_silent(token)))
            continue;
        if (id && (device->visits > TASMOTA_IDS_MAX || !tasmota_id_is_unique(parent, id)))
            id = NULL;
        const char *below =
            maker_pointer_join(arena, pointer, id ? arena_format(arena, "Id=%s", id) : token);
        const char *heard_below = maker_pointer_join(arena, heard_pointer, token);
        const char *name = cJSON_IsArray(parent) ? member : token;
        if (cJSON_IsObject(child) || cJSON_IsArray(child))
            tasmota_add_values(device, child, name, below, heard_below, depth + 1);
        else
            tasmota_add_leaf(device, child, name, below, heard_below);
    }
}

static void tasmota_add_states(struct tasmota_device *device)
{
    for (size_t i = 0; i < sizeof tasmota_states / sizeof tasmota_states[0]; i++) {
        const struct tasmota_state *state = &tasmota_states[i];
        struct survey_key heard;
        if (!tasmota_find_heard(device, device->state_topic, state->key, &heard))
            continue;
        const char *label = maker_topic_last_level(state->key);
        cJSON *tag = tasmota_add_tag(device, label, device->state_topic, state->key);
        if (state->unit[0])
            proposal_set_text(tag, "unit", state->unit);
        double largest = state->smallest < state->largest ? state->largest : UINT32_MAX;
        proposal_type_by_range(tag, state->smallest, largest, 1);
        if (state->command)
            proposal_set_command(
                tag, true, arena_format(device->arena, "%s%s", device->command, state->command),
                "{value}");
    }
    /* A shutter says its position in SENSOR, where it is a value already; this is the command. */
    for (size_t i = 1; i <= device->shutters; i++) {
        cJSON *tag = tasmota_add_tag(device, arena_format(device->arena, "Shutter%zu target", i),
                                     device->sensor_topic, "");
        proposal_set_text(tag, "mqtt.payload", "text");
        proposal_set_text(tag, "unit", "%");
        proposal_type_by_range(tag, 0, 100, 1);
        proposal_set_command(
            tag, false, arena_format(device->arena, "%sShutterPosition%zu", device->command, i),
            "{value}");
    }
}

static void tasmota_read_units(struct tasmota_device *device)
{
    const char *temperature = maker_json_text(device->sensors, "TempUnit");
    const char *pressure = maker_json_text(device->sensors, "PressureUnit");
    const char *speed = maker_json_text(device->sensors, "SpeedUnit");
    device->temperature = temperature && strcmp(temperature, "F") == 0 ? "\xc2\xb0"
                                                                         "F"
                                                                       : "\xc2\xb0"
                                                                         "C";
    device->pressure = pressure ? pressure : "hPa";
    device->speed = speed ? speed : "";
}

static void tasmota_add_device(struct tasmota_device *device)
{
    const struct survey *survey = proposal_survey(device->proposal);
    struct survey_topic topic, will;
    bool has_relay = false;
    for (size_t i = 0; i <= TASMOTA_RELAYS_MAX; i++)
        has_relay = has_relay || device->has_relay[i];
    bool has_state = survey_find_topic(survey, device->state_topic, &topic);
    if (!has_relay && !has_state && !device->sensors && device->shutters == 0)
        return;
    device->device =
        proposal_add_device(device->proposal, device->label,
                            device->sensors ? device->sensor_topic : device->state_topic);
    if (device->description)
        proposal_set_text(device->device->body, "description", device->description);
    const char *will_topic = arena_format(device->arena, "%sLWT", device->telemetry);
    if (device->online || survey_find_topic(survey, will_topic, &will))
        maker_set_availability(device->device, will_topic, NULL,
                               device->online ? device->online : "Online",
                               device->offline ? device->offline : "Offline");
    tasmota_read_units(device);
    tasmota_add_relays(device);
    tasmota_add_values(device, device->sensors, "", "", "", 0);
    tasmota_add_states(device);
    recogniser_set_kind(&device->finder->kinds, device->device,
                        device->description ? device->description : "Tasmota");
    if (has_relay && !device->finder->is_noted)
        proposal_note(device->proposal,
                      "Tasmota: a device tells a relay's state when it changes; with PowerRetain 1 "
                      "it is known at once after a start of Tagferry");
    device->finder->is_noted = device->finder->is_noted || has_relay;
    maker_map_put(&device->finder->folders, device->command, device);
    maker_map_put(&device->finder->folders, device->status, device);
    maker_map_put(&device->finder->folders, device->telemetry, device);
}

/* Replaces the tokens of FullTopic. NULL when the result is no topic. */
static const char *tasmota_make_topic(struct arena *arena, const cJSON *config, size_t prefix)
{
    static const char *const prefixes[] = {"cmnd", "stat", "tele"};
    const char *own = cJSON_GetStringValue(
        cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(config, "tp"), (int)prefix));
    const char *full = maker_json_text(config, "ft"), *name = maker_json_text(config, "t");
    const char *host = maker_json_text(config, "hn"), *mac = maker_json_text(config, "mac");
    const struct {
        const char *token, *text;
    } tokens[] = {
        {"%prefix%", own && own[0] ? own : prefixes[prefix]},
        {"%topic%", name},
        {"%hostname%", host},
        {"%id%", mac && strlen(mac) >= 6 ? mac + strlen(mac) - 6 : mac},
    };
    const char *topic = "";
    if (!full || strlen(full) > 256)
        return NULL;
    while (*full) {
        size_t i = 0, count = sizeof tokens / sizeof tokens[0];
        while (i < count && strncmp(full, tokens[i].token, strlen(tokens[i].token)) != 0)
            i++;
        if (i < count && !tokens[i].text)
            return NULL;
        topic = i < count ? arena_format(arena, "%s%s", topic, tokens[i].text)
                          : arena_format(arena, "%s%c", topic, *full);
        full += i < count ? strlen(tokens[i].token) : 1;
    }
    size_t len = strlen(topic);
    if (len == 0 || topic[len - 1] != '/')
        topic = arena_format(arena, "%s/", topic);
    return topic_name_is_valid(topic) ? topic : NULL;
}

/* Reads which relays there are: of 1 a relay, of 2 a light, of 3 half of a shutter. */
static void tasmota_read_relays(struct tasmota_device *device, const cJSON *config)
{
    const cJSON *relays = cJSON_GetObjectItemCaseSensitive(config, "rl"), *relay;
    const cJSON *options = cJSON_GetObjectItemCaseSensitive(config, "so");
    size_t number = 0, count = 0, halves = 0, only = 0;
    double numbered = 0;
    maker_json_number(options, "26", &numbered);
    cJSON_ArrayForEach(relay, relays)
    {
        if (++number > TASMOTA_RELAYS_MAX)
            break;
        halves += cJSON_IsNumber(relay) && relay->valuedouble == 3;
        if (!cJSON_IsNumber(relay) || (relay->valuedouble != 1 && relay->valuedouble != 2))
            continue;
        device->has_relay[number] = true;
        count++;
        only = number;
    }
    if (count == 1 && only == 1 && halves == 0 && numbered == 0) {
        device->has_relay[1] = false;
        device->has_relay[0] = true;
    }
    device->shutters = halves / 2;
}

static void tasmota_propose_config(struct tasmota_finder *finder, const char *topic,
                                   const cJSON *config)
{
    struct proposal *proposal = finder->proposal;
    struct arena *arena = finder->arena;
    struct tasmota_device device = {.finder = finder, .proposal = proposal, .arena = arena};
    device.command = tasmota_make_topic(arena, config, 0);
    device.status = tasmota_make_topic(arena, config, 1);
    device.telemetry = tasmota_make_topic(arena, config, 2);
    if (!device.command || !device.status || !device.telemetry)
        return;
    const cJSON *state = cJSON_GetObjectItemCaseSensitive(config, "state");
    const char *off = cJSON_GetStringValue(cJSON_GetArrayItem(state, 0));
    const char *on = cJSON_GetStringValue(cJSON_GetArrayItem(state, 1));
    const char *name = maker_json_text(config, "dn"), *model = maker_json_text(config, "md");
    bool has_words = on && off && on[0] && off[0] && strcmp(on, off) != 0;
    device.on = has_words ? on : "ON";
    device.off = has_words ? off : "OFF";
    device.online = maker_json_text(config, "onln");
    device.online = device.online ? device.online : "Online";
    device.offline = maker_json_text(config, "ofln");
    device.label = name ? name : maker_json_text(config, "t");
    device.description = model ? arena_format(arena, "Tasmota %s", model) : "Tasmota";
    device.sensor_topic = arena_format(arena, "%sSENSOR", device.telemetry);
    device.state_topic = arena_format(arena, "%sSTATE", device.telemetry);
    tasmota_read_relays(&device, config);

    /* The newest message tells most; else the sample beside the configuration. */
    size_t folder = (size_t)(maker_topic_last_level(topic) - topic);
    const char *sample = arena_format(arena, "%.*ssensors", (int)folder, topic);
    struct survey_topic heard;
    const struct survey *survey = proposal_survey(proposal);
    cJSON *tree =
        survey_find_topic(survey, device.sensor_topic, &heard) ? maker_json_parse(&heard) : NULL;
    device.sensors = cJSON_IsObject(tree) ? tree : NULL;
    cJSON *sample_tree =
        survey_find_topic(survey, sample, &heard) ? maker_json_parse(&heard) : NULL;
    if (sample_tree)
        proposal_claim_topic(proposal, &heard);
    const cJSON *values = cJSON_GetObjectItemCaseSensitive(sample_tree, "sn");
    if (!device.sensors && cJSON_IsObject(values))
        device.sensors = values;
    tasmota_add_device(&device);
    cJSON_Delete(tree);
    cJSON_Delete(sample_tree);
}

static void tasmota_propose_discovered(struct tasmota_finder *finder)
{
    struct proposal *proposal = finder->proposal;
    struct survey_topic topic;
    for (uint32_t i = 0; survey_read_topic(proposal_survey(proposal), i, &topic); i++) {
        if (strcmp(maker_topic_last_level(topic.topic), "config") != 0 ||
            !strstr(topic.topic, "discovery/") || proposal_is_claimed(proposal, &topic))
            continue;
        cJSON *config = maker_json_parse(&topic);
        if (maker_json_text(config, "ft") && maker_json_text(config, "t") &&
            cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(config, "tp"))) {
            proposal_claim_topic(proposal, &topic);
            tasmota_propose_config(finder, topic.topic, config);
        }
        cJSON_Delete(config);
    }
}

/* Splits tele/NAME/LAST or NAME/tele/LAST; the name may have several levels. False for others. */
static bool tasmota_split_topic(struct tasmota_device *device, const char *topic)
{
    const char *last = maker_topic_last_level(topic);
    if (last - topic < 7)
        return false;
    struct arena *arena = device->arena;
    const char *folder = arena_strndup(arena, topic, (size_t)(last - topic - 1));
    const char *name = maker_topic_below(folder, "tele");
    bool is_first = name != NULL;
    if (!is_first) {
        if (strcmp(maker_topic_last_level(folder), "tele") != 0)
            return false;
        name = arena_strndup(arena, folder, strlen(folder) - strlen("/tele"));
    }
    device->label = name;
    device->command =
        is_first ? arena_format(arena, "cmnd/%s/", name) : arena_format(arena, "%s/cmnd/", name);
    device->status =
        is_first ? arena_format(arena, "stat/%s/", name) : arena_format(arena, "%s/stat/", name);
    device->telemetry = arena_format(arena, "%s/", folder);
    return true;
}

/* Finds relays in the newest STATE, and in the topics stat/NAME/POWER. */
static void tasmota_find_relays(struct tasmota_device *device, const cJSON *state)
{
    const struct survey *survey = proposal_survey(device->proposal);
    struct survey_topic topic;
    for (size_t i = 0; i <= TASMOTA_RELAYS_MAX; i++) {
        const char *name = i == 0 ? "POWER" : arena_format(device->arena, "POWER%zu", i);
        device->has_relay[i] =
            maker_json_text(state, name) ||
            survey_find_topic(survey, arena_format(device->arena, "%s%s", device->status, name),
                              &topic);
    }
}

static void tasmota_propose_heard(struct tasmota_finder *finder)
{
    struct proposal *proposal = finder->proposal;
    struct arena *arena = finder->arena;
    const struct survey *survey = proposal_survey(proposal);
    struct survey_topic topic, other;
    for (uint32_t i = 0; survey_read_topic(survey, i, &topic); i++) {
        struct tasmota_device device = {
            .finder = finder, .proposal = proposal, .arena = arena, .on = "ON", .off = "OFF"};
        const char *last = maker_topic_last_level(topic.topic);
        if ((strcmp(last, "SENSOR") != 0 && strcmp(last, "STATE") != 0 &&
             strcmp(last, "LWT") != 0) ||
            proposal_is_claimed(proposal, &topic) || !tasmota_split_topic(&device, topic.topic) ||
            string_map_find(&finder->folders, device.telemetry))
            continue;
        device.sensor_topic = arena_format(arena, "%sSENSOR", device.telemetry);
        device.state_topic = arena_format(arena, "%sSTATE", device.telemetry);
        cJSON *sensors = survey_find_topic(survey, device.sensor_topic, &other)
                             ? maker_json_parse(&other)
                             : NULL;
        cJSON *state =
            survey_find_topic(survey, device.state_topic, &other) ? maker_json_parse(&other) : NULL;
        /* Both messages have a time. */
        if (maker_json_text(sensors, "Time") || maker_json_text(state, "Time")) {
            device.sensors = cJSON_IsObject(sensors) ? sensors : NULL;
            tasmota_find_relays(&device, state);
            tasmota_add_device(&device);
        }
        cJSON_Delete(sensors);
        cJSON_Delete(state);
    }
}

void recognise_tasmota(struct proposal *proposal)
{
    struct arena *arena = proposal_arena(proposal);
    struct tasmota_finder finder = {.proposal = proposal,
                                    .arena = arena,
                                    .kinds = {{.arena = arena}, {.arena = arena}},
                                    .folders = {.arena = arena}};
    struct survey_topic topic;
    tasmota_propose_discovered(&finder);
    tasmota_propose_heard(&finder);
    if (finder.folders.count == 0)
        return;

    /* All topics of the devices are explained. */
    for (uint32_t i = 0; survey_read_topic(proposal_survey(proposal), i, &topic); i++) {
        size_t len = (size_t)(maker_topic_last_level(topic.topic) - topic.topic);
        if (string_map_find(&finder.folders, arena_strndup(arena, topic.topic, len)))
            proposal_claim_topic(proposal, &topic);
    }
}
