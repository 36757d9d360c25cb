/* Kepware's IoT Gateway: {"timestamp", "values": [{"id", "v", "q", "t"}]}, with the tags that have
 * changed. An id is "Channel.Device.Tag", with groups between device and tag. */
#include <string.h>

#include "api/base/string_map.h"
#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"

#define KEPWARE_PREFIX "/values/id="

/* The encoded id in a key such as "/values/id=Channel1.Press.Speed/v" with this member. NULL for
 * another key. */
static const char *kepware_find_id(const char *key, const char *member, size_t *len)
{
    const char *id = recogniser_skip_prefix(key, KEPWARE_PREFIX);
    const char *slash = id ? strchr(id, '/') : NULL;
    if (!slash || slash == id || strcmp(slash + 1, member) != 0)
        return NULL;
    *len = (size_t)(slash - id);
    return id;
}

/* True when all tags of the array have a value "v" and a quality "q". */
static bool kepware_is_array(struct proposal *proposal, const struct survey_topic *topic)
{
    struct survey_key key;
    size_t values = 0, len;
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        const char *id = kepware_find_id(key.key, "v", &len);
        if (!id)
            continue;
        const char *quality =
            arena_format(proposal_arena(proposal), KEPWARE_PREFIX "%.*s/q", (int)len, id);
        if (!recogniser_has_key(proposal, topic, quality) && topic->lost_keys == 0)
            return false;
        values++;
    }
    return values > 0;
}

static void kepware_add_topic(struct proposal *proposal, const struct survey_topic *topic)
{
    struct arena *arena = proposal_arena(proposal);
    struct string_map devices = {.arena = arena};
    struct survey_key key;
    size_t len;
    proposal_claim_topic(proposal, topic);
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        const char *id = kepware_find_id(key.key, "v", &len);
        if (!id)
            continue;
        const char *text = recogniser_decode_token(arena, id, len);
        const char *dot = strchr(text, '.'), *rest = dot ? strchr(dot + 1, '.') : NULL;
        if (!rest)
            rest = dot;
        const char *owner = rest ? arena_strndup(arena, text, (size_t)(rest - text)) : topic->topic;
        struct proposal_device *device = string_map_find(&devices, owner);
        if (!device) {
            device = proposal_add_device(proposal, owner, topic->topic);
            if (recogniser_has_key(proposal, topic, "timestamp"))
                proposal_set_text(device->body, "mqtt.timestamp_key", "timestamp");
            string_map_add(&devices, owner, device);
        }
        struct cJSON *tag = proposal_add_tag(proposal, device, rest ? rest + 1 : text, key.key);
        proposal_type_by_key(proposal, tag, &key);
        proposal_set_text(tag, "mqtt.quality_key", "./q");
    }
}

void recognise_kepware(struct proposal *proposal)
{
    struct survey_topic topic;
    bool is_found = false;
    for (uint32_t n = 0; recogniser_next_topic(proposal, SURVEY_JSON, &n, &topic);) {
        if (kepware_is_array(proposal, &topic)) {
            kepware_add_topic(proposal, &topic);
            is_found = true;
        }
    }
    if (!is_found)
        return;
    proposal_note(proposal,
                  "Kepware's messages do not say which tags can be written. For one, set "
                  "direction both, table holding_register or coil, command_topic to the gateway's "
                  "subscription topic (iotgateway/write unless it was changed) and "
                  "command_template [{\"id\":\"Channel.Device.Tag\",\"v\":{value}}].");
}
