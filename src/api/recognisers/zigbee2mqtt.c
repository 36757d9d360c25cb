/* Zigbee2MQTT: BASE/bridge/devices describes all devices, with what each exposes: types, units,
 * ranges, words, and which can be set. The values of a device are in BASE/NAME, commands go to
 * BASE/NAME/set. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/recognisers/maker_json.h"
#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"
#include "common/base/json_text.h"
#include "common/model/topic.h"

enum {
    ZIGBEE_DEVICES_MAX = 5000,
    ZIGBEE_DEPTH_MAX = 8,
    ZIGBEE_WORDS_MAX = 256,
    ZIGBEE_ACCESS_STATE = 1,
    ZIGBEE_ACCESS_SET = 2,
};

/* One network. */
struct zigbee_bridge {
    struct proposal *proposal;
    struct arena *arena;
    const char *base;
    bool has_availability;     /* the bridge publishes it */
    bool availability_is_json; /* {"state":"online"}, not the bare word */
    struct string_map explained;
    struct string_map noted;  /* by model and property */
    struct kind_names *kinds; /* by model */
};

/* A device, while its tags are added. */
struct zigbee_device {
    struct zigbee_bridge *bridge;
    struct proposal_device *device;
    const char *model, *topic, *command_topic;
    struct survey_topic heard; /* valid if is_heard */
    bool is_heard;
    struct string_map pointers; /* of the tags that it has */
};

/* Numbers that are always whole, though the bridge gives no step. */
static const char *const zigbee_whole_numbers[] = {
    "battery",  "brightness",  "color_temp",        "color_temp_startup", "countdown",
    "duration", "linkquality", "pi_heating_demand", "position",           "tilt",
    "voltage",  "hue",         "saturation",        "illuminance",        NULL,
};

__attribute__((format(printf, 3, 4))) static void
zigbee_note_once(struct zigbee_device *device, const char *property, const char *format, ...)
{
    struct arena *arena = device->bridge->arena;
    const char *name = arena_format(arena, "%s %s", device->model, property);
    if (string_map_find(&device->bridge->noted, name))
        return;
    string_map_add(&device->bridge->noted, name, device);
    va_list args;
    va_start(args, format);
    proposal_note(device->bridge->proposal, "Zigbee2MQTT, model %s: %s: %s", device->model,
                  property, arena_vformat(arena, format, args));
    va_end(args);
}

static bool zigbee_name_is_whole(const char *name)
{
    for (const char *const *at = zigbee_whole_numbers; *at; at++) {
        if (strcmp(*at, name) == 0)
            return true;
    }
    return false;
}

/* Sets the type by the range, if there is one, else by what was heard. */
static void zigbee_type_number(struct zigbee_device *device, cJSON *tag, const cJSON *expose,
                               const struct survey_key *heard)
{
    double smallest = 0, largest = 0, step = 0;
    const char *name = maker_json_text(expose, "name");
    bool has_range = maker_json_number(expose, "value_min", &smallest) &&
                     maker_json_number(expose, "value_max", &largest) && smallest <= largest;
    if (!maker_json_number(expose, "value_step", &step) && name && zigbee_name_is_whole(name))
        step = 1;
    if (heard && heard->decimals > 0)
        step = 0;
    if (has_range && step > 0)
        proposal_type_by_range(tag, smallest, largest, step);
    else
        recogniser_type_measurement(device->bridge->proposal, tag, heard);
}

static void zigbee_type_enum(struct zigbee_device *device, cJSON *tag, const cJSON *expose,
                             const struct survey_key *heard)
{
    const char *words[ZIGBEE_WORDS_MAX];
    size_t count = 0;
    struct string_map seen = {.arena = device->bridge->arena};
    const cJSON *values = cJSON_GetObjectItemCaseSensitive(expose, "values"), *item;
    cJSON_ArrayForEach(item, values)
    {
        const char *word = json_scalar_print(device->bridge->arena, item);
        if (!word || count == ZIGBEE_WORDS_MAX || string_map_find(&seen, word))
            continue;
        string_map_add(&seen, word, &seen);
        words[count++] = word;
    }
    if (count > 0)
        proposal_type_words(tag, words, count);
    else if (heard)
        proposal_type_by_key(device->bridge->proposal, tag, heard);
    else
        proposal_type_text(tag, 32);
}

static void zigbee_type_binary(struct zigbee_device *device, cJSON *tag, const cJSON *expose)
{
    struct arena *arena = device->bridge->arena;
    const char *on = json_scalar_print(arena, cJSON_GetObjectItemCaseSensitive(expose, "value_on"));
    const char *off =
        json_scalar_print(arena, cJSON_GetObjectItemCaseSensitive(expose, "value_off"));
    bool is_plain = !on || !off || (strcmp(on, "true") == 0 && strcmp(off, "false") == 0);
    proposal_type_switch(tag, is_plain ? NULL : on, is_plain ? NULL : off);
}

/* Returns the template of a command for a value within objects: {"color": {"hue": {value}}}. */
static const char *zigbee_make_template(struct arena *arena, const char *pointer)
{
    const char *text = "{value}";
    char *rest = arena_strdup(arena, pointer);
    for (char *slash; (slash = strrchr(rest, '/')) != NULL;) {
        const char *at = slash;
        char *name = arena_alloc(arena, strlen(slash) + 1);
        json_pointer_next_token(&at, name, strlen(slash) + 1);
        cJSON *quoted = cJSON_CreateString(name);
        text = arena_format(arena, "{%s: %s}", json_tree_print(arena, quoted), text);
        cJSON_Delete(quoted);
        *slash = '\0';
    }
    return text;
}

static void zigbee_add_value(struct zigbee_device *device, const cJSON *expose, const char *type,
                             const char *pointer, bool may_be_set)
{
    struct arena *arena = device->bridge->arena;
    const struct survey *survey = proposal_survey(device->bridge->proposal);
    double access = ZIGBEE_ACCESS_STATE;
    maker_json_number(expose, "access", &access);
    unsigned bits = access >= 0 && access < 256 ? (unsigned)access : 0;
    bool has_state = bits != ZIGBEE_ACCESS_SET;
    bool can_be_set = (bits & ZIGBEE_ACCESS_SET) && may_be_set;
    if ((!has_state && !can_be_set) || string_map_find(&device->pointers, pointer))
        return;
    string_map_add(&device->pointers, pointer, device);

    const char *key = maker_pointer_key(arena, pointer);
    struct survey_key heard;
    struct survey_topic own;
    const char *own_topic = maker_topic_join(arena, device->topic, key);
    bool is_heard = device->is_heard && survey_find_key(survey, &device->heard, key, &heard);
    /* Attributes may be published each to a topic of its own. */
    bool is_own = !device->is_heard && key != pointer && survey_find_topic(survey, own_topic, &own);
    if (is_own)
        is_heard = survey_find_key(survey, &own, "", &heard);

    cJSON *tag = proposal_add_tag(device->bridge->proposal, device->device,
                                  maker_json_text(expose, "label"), is_own ? "" : key);
    proposal_set_name(tag, maker_topic_last_level(pointer));
    if (is_own) {
        proposal_set_text(tag, "mqtt.topic", own_topic);
        proposal_set_text(tag, "mqtt.payload", "text");
        maker_map_put(&device->bridge->explained, own_topic, device);
    }
    const char *unit = maker_json_text(expose, "unit");
    const char *description = maker_json_text(expose, "description");
    if (unit)
        proposal_set_text(tag, "unit", unit);
    if (description)
        proposal_set_text(tag, "description", description);
    if (strcmp(type, "numeric") == 0)
        zigbee_type_number(device, tag, expose, is_heard ? &heard : NULL);
    else if (strcmp(type, "binary") == 0)
        zigbee_type_binary(device, tag, expose);
    else if (strcmp(type, "enum") == 0)
        zigbee_type_enum(device, tag, expose, is_heard ? &heard : NULL);
    else
        proposal_type_text(tag, 64);
    if (can_be_set)
        proposal_set_command(tag, has_state, device->command_topic,
                             key == pointer || is_own ? zigbee_make_template(arena, pointer)
                                                      : NULL);
}

/* Adds what a list of exposes or features has. `pointer` leads to the object that they are in. */
static void zigbee_add_exposes(struct zigbee_device *device, const cJSON *list, const char *pointer,
                               bool may_be_set, unsigned depth)
{
    const cJSON *expose;
    if (depth > ZIGBEE_DEPTH_MAX)
        return;
    cJSON_ArrayForEach(expose, list)
    {
        const char *type = maker_json_text(expose, "type");
        const char *name = maker_json_text(expose, "name");
        const char *property = maker_json_text(expose, "property");
        const cJSON *features = cJSON_GetObjectItemCaseSensitive(expose, "features");
        property = property ? property : name;
        if (!type)
            continue;
        if (strcmp(type, "list") == 0) {
            zigbee_note_once(device, property ? property : "a list",
                             "a list has no place in registers, and was left out");
        } else if (cJSON_IsArray(features)) {
            /* A light, switch or cover has no property: its features are beside it. */
            bool is_nested = strcmp(type, "composite") == 0 && property;
            bool is_pair = name && strcmp(name, "color_xy") == 0;
            if (is_pair && may_be_set)
                zigbee_note_once(device, "color_xy",
                                 "x and y must be set together, which two tags cannot");
            zigbee_add_exposes(
                device, features,
                is_nested ? maker_pointer_join(device->bridge->arena, pointer, property) : pointer,
                may_be_set && !is_pair, depth + 1);
        } else if (property) {
            zigbee_add_value(device, expose, type,
                             maker_pointer_join(device->bridge->arena, pointer, property),
                             may_be_set);
        }
    }
}

static void zigbee_add_device(struct zigbee_bridge *bridge, const cJSON *item)
{
    const struct survey *survey = proposal_survey(bridge->proposal);
    const char *name = maker_json_text(item, "friendly_name");
    const char *type = maker_json_text(item, "type");
    const cJSON *definition = cJSON_GetObjectItemCaseSensitive(item, "definition");
    const cJSON *exposes = cJSON_GetObjectItemCaseSensitive(definition, "exposes");
    if (!name)
        name = maker_json_text(item, "ieee_address");
    if (!name || (type && strcmp(type, "Coordinator") == 0) || maker_json_is_true(item, "disabled"))
        return;
    struct zigbee_device device = {.bridge = bridge, .pointers = {.arena = bridge->arena}};
    device.topic = maker_topic_join(bridge->arena, bridge->base, name);
    if (!topic_name_is_valid(device.topic))
        return;
    if (!cJSON_IsArray(exposes) || !exposes->child) {
        proposal_note(bridge->proposal,
                      "%s: Zigbee2MQTT does not support this device or is still asking it; its "
                      "values are proposed by their shape, if any were heard",
                      name);
        return;
    }
    device.is_heard = survey_find_topic(survey, device.topic, &device.heard);
    device.command_topic = maker_topic_join(bridge->arena, device.topic, "set");
    const char *model = maker_json_text(definition, "model");
    const char *vendor = maker_json_text(definition, "vendor");
    device.model = model ? model : name;
    device.device = proposal_add_device(bridge->proposal, name, device.topic);
    if (model)
        proposal_set_text(
            device.device->body, "description",
            arena_format(bridge->arena, "%s%s%s", vendor ? vendor : "", vendor ? " " : "", model));
    const char *availability = maker_topic_join(bridge->arena, device.topic, "availability");
    if (bridge->has_availability)
        maker_set_availability(device.device, availability,
                               bridge->availability_is_json ? "state" : NULL, "online", "offline");
    zigbee_add_exposes(&device, exposes, "", true, 0);
    recogniser_set_kind(bridge->kinds, device.device, device.model);
    static const char *const more[] = {"availability", "set", "get"};
    maker_map_put(&bridge->explained, device.topic, bridge);
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        maker_map_put(&bridge->explained, maker_topic_join(bridge->arena, device.topic, more[i]),
                      bridge);
}

/* Sees whether the bridge publishes the availability of its devices, and in which form: by its
 * settings, and by what was heard. */
static void zigbee_read_availability(struct zigbee_bridge *bridge, const cJSON *devices)
{
    const struct survey *survey = proposal_survey(bridge->proposal);
    struct survey_topic topic;
    bridge->availability_is_json = true;
    const char *info = maker_topic_join(bridge->arena, bridge->base, "bridge/info");
    cJSON *tree = survey_find_topic(survey, info, &topic) ? maker_json_parse(&topic) : NULL;
    const cJSON *config = cJSON_GetObjectItemCaseSensitive(tree, "config");
    const cJSON *setting = cJSON_GetObjectItemCaseSensitive(config, "availability");
    bridge->has_availability =
        cJSON_IsTrue(setting) ||
        (cJSON_IsObject(setting) &&
         !cJSON_IsFalse(cJSON_GetObjectItemCaseSensitive(setting, "enabled")));
    cJSON_Delete(tree);
    size_t count = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, devices)
    {
        const char *name = maker_json_text(item, "friendly_name");
        const char *heard =
            name && count++ < ZIGBEE_DEVICES_MAX
                ? arena_format(bridge->arena, "%s/%s/availability", bridge->base, name)
                : NULL;
        if (heard && survey_find_topic(survey, heard, &topic) &&
            topic.format != SURVEY_NO_PAYLOAD) {
            bridge->has_availability = true;
            bridge->availability_is_json = topic.format == SURVEY_JSON && topic.payload[0] == '{';
            return;
        }
    }
}

static void zigbee_propose_bridge(struct proposal *proposal, const char *base, const cJSON *devices,
                                  struct kind_names *kinds)
{
    struct arena *arena = proposal_arena(proposal);
    struct zigbee_bridge bridge = {.proposal = proposal,
                                   .arena = arena,
                                   .base = base,
                                   .explained = {.arena = arena},
                                   .noted = {.arena = arena},
                                   .kinds = kinds};
    size_t count = 0;
    const cJSON *item;
    zigbee_read_availability(&bridge, devices);
    cJSON_ArrayForEach(item, devices)
    {
        if (count++ < ZIGBEE_DEVICES_MAX)
            zigbee_add_device(&bridge, item);
    }
    if (count > ZIGBEE_DEVICES_MAX)
        proposal_note(proposal, "%s/bridge/devices: %zu more devices were left out", base,
                      count - ZIGBEE_DEVICES_MAX);
    maker_claim_topics(proposal, &bridge.explained);

    /* All topics of the bridge itself describe other topics. */
    const char *own = maker_topic_join(arena, base, "bridge");
    struct survey_topic topic;
    for (uint32_t i = 0; survey_read_topic(proposal_survey(proposal), i, &topic); i++) {
        if (maker_topic_below(topic.topic, own))
            proposal_claim_topic(proposal, &topic);
    }
}

void recognise_zigbee2mqtt(struct proposal *proposal)
{
    static const char suffix[] = "/bridge/devices";
    struct arena *arena = proposal_arena(proposal);
    struct kind_names kinds = {{.arena = arena}, {.arena = arena}};
    struct survey_topic topic;
    for (uint32_t i = 0; survey_read_topic(proposal_survey(proposal), i, &topic); i++) {
        size_t len = strlen(topic.topic), tail = sizeof suffix - 1;
        if (len <= tail || strcmp(topic.topic + len - tail, suffix) != 0 ||
            proposal_is_claimed(proposal, &topic))
            continue;
        cJSON *devices = maker_json_parse(&topic);
        const cJSON *first = cJSON_GetArrayItem(devices, 0);
        if (cJSON_IsArray(devices) && maker_json_text(first, "ieee_address"))
            zigbee_propose_bridge(proposal, arena_strndup(arena, topic.topic, len - tail), devices,
                                  &kinds);
        else if (!devices && topic.payload_len < topic.payload_whole_len)
            proposal_note(proposal, "%s: too long to be read whole (%zu bytes)", topic.topic,
                          topic.payload_whole_len);
        cJSON_Delete(devices);
    }
}
