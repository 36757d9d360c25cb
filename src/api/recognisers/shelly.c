/* Shelly, first generation: shellies/ID/relay/0, a topic for each value, and commands in topics
 * below those. The later generations are in shelly_rpc.c. */
#include "api/recognisers/shelly.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"

/* Compares a topic with a pattern in which `+` is a number. Copies the number. */
static bool shelly_topic_matches(const char *pattern, const char *topic, char number[4])
{
    number[0] = '\0';
    for (; *pattern; pattern++) {
        if (*pattern != '+') {
            if (*topic++ != *pattern)
                return false;
            continue;
        }
        size_t len = 0;
        while (isdigit((unsigned char)topic[len]))
            len++;
        if (len == 0 || len > 3)
            return false;
        memcpy(number, topic, len);
        number[len] = '\0';
        topic += len;
    }
    return *topic == '\0';
}

/* Puts the number in the place of `+`. */
static const char *shelly_put_number(struct arena *arena, const char *pattern, const char *number)
{
    const char *plus = strchr(pattern, '+');
    return plus ? arena_format(arena, "%.*s%s%s", (int)(plus - pattern), pattern, number, plus + 1)
                : pattern;
}

/* Devices of the first generation, by their prefix. */
struct shelly_finder {
    struct proposal *proposal;
    struct arena *arena;
    struct string_map devices;
};

/* Returns the device of a prefix; adds it with its first topic. */
static struct proposal_device *shelly_find_device(struct shelly_finder *finder, const char *prefix,
                                                  const char *topic)
{
    struct proposal_device *device = string_map_find(&finder->devices, prefix);
    if (device)
        return device;
    device = proposal_add_device(finder->proposal, maker_topic_last_level(prefix), topic);
    shelly_set_online(finder->proposal, device, prefix);
    string_map_add(&finder->devices, prefix, device);
    return device;
}

static void shelly_add_value(struct shelly_finder *finder, const char *prefix,
                             const struct survey_topic *topic, const struct shelly_value *value,
                             const char *number, const struct survey_key *heard)
{
    struct arena *arena = finder->arena;
    struct proposal_device *device = shelly_find_device(finder, prefix, topic->topic);
    const char *path = value->label ? shelly_put_number(arena, value->label, number)
                                    : maker_topic_below(topic->topic, prefix);
    char *label = arena_strdup(arena, path);
    for (char *slash; (slash = strchr(label, '/')) != NULL;)
        *slash = ' ';
    struct cJSON *tag =
        proposal_add_tag(finder->proposal, device, label, value->key ? value->key : "");
    proposal_set_text(tag, "mqtt.topic", topic->topic);
    if (!value->key)
        proposal_set_text(tag, "mqtt.payload", "text");
    if (value->unit)
        proposal_set_text(tag, "unit", value->unit);
    shelly_set_type(finder->proposal, tag, value->kind, value->words, heard);
    if (value->scale != 0)
        proposal_set_number(tag, "modbus.scale", value->scale);
    if (value->command)
        proposal_set_command(
            tag, true,
            maker_topic_join(arena, prefix, shelly_put_number(arena, value->command, number)),
            value->command_template);
}

static void shelly_read_topic(struct shelly_finder *finder, const struct survey_topic *topic)
{
    const char *id = maker_topic_below(topic->topic, "shellies");
    const char *rest = id ? strchr(id, '/') : NULL;
    bool is_known = id && !rest && (strcmp(id, "announce") == 0 || strcmp(id, "command") == 0);
    char number[4];
    if (rest && rest > id) {
        const char *prefix =
            arena_strndup(finder->arena, topic->topic, (size_t)(rest - topic->topic));
        for (size_t i = 0; i < sizeof shelly_values / sizeof shelly_values[0]; i++) {
            const struct shelly_value *value = &shelly_values[i];
            struct survey_key heard;
            if (!shelly_topic_matches(value->topic, rest + 1, number)) {
                bool is_command =
                    value->command && shelly_topic_matches(value->command, rest + 1, number);
                is_known = is_known || is_command;
                continue;
            }
            is_known = true;
            if (value->kind != SHELLY_SILENT &&
                survey_find_key(proposal_survey(finder->proposal), topic,
                                value->key ? value->key : "", &heard))
                shelly_add_value(finder, prefix, topic, value, number, &heard);
        }
    }
    if (is_known)
        proposal_claim_topic(finder->proposal, topic);
}

void recognise_shelly(struct proposal *proposal)
{
    struct arena *arena = proposal_arena(proposal);
    struct shelly_finder finder = {
        .proposal = proposal, .arena = arena, .devices = {.arena = arena}};
    struct survey_topic topic;
    for (uint32_t i = 0; survey_read_topic(proposal_survey(proposal), i, &topic); i++) {
        if (!proposal_is_claimed(proposal, &topic))
            shelly_read_topic(&finder, &topic);
    }
    shelly_propose_rpc(proposal);
}
