/* Reads makers' payloads. Each function accepts any JSON. */
#include "api/recognisers/maker_json.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "api/base/text.h"
#include "api/base/validation.h"
#include "common/base/json_text.h"
#include "common/model/topic.h"

cJSON *maker_json_parse(const struct survey_topic *topic)
{
    if (topic->format != SURVEY_JSON || topic->payload_len < topic->payload_whole_len)
        return NULL;
    return cJSON_ParseWithLength(topic->payload, topic->payload_len);
}

const char *maker_json_text(const cJSON *object, const char *member)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, member));
    return text && text[0] != '\0' ? text : NULL;
}

bool maker_json_number(const cJSON *object, const char *member, double *number)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, member);
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble))
        return false;
    *number = item->valuedouble;
    return true;
}

bool maker_json_is_true(const cJSON *object, const char *member)
{
    return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, member));
}

const char *maker_pointer_join(struct arena *arena, const char *pointer, const char *token)
{
    return arena_format(arena, "%s/%s", pointer, json_pointer_escape(arena, token));
}

const char *maker_pointer_key(struct arena *arena, const char *pointer)
{
    if (pointer[0] != '/' || strchr(pointer + 1, '/'))
        return pointer;
    const char *at = pointer;
    size_t size = strlen(pointer);
    char *name = arena_alloc(arena, size);
    size_t len = json_pointer_next_token(&at, name, size);
    name[len] = '\0';
    /* A name that is empty, or begins with a slash, would be read as something else. */
    return len == 0 || name[0] == '/' ? pointer : name;
}

const char *maker_topic_join(struct arena *arena, const char *topic, const char *rest)
{
    return arena_format(arena, "%s/%s", topic, rest);
}

const char *maker_topic_last_level(const char *topic)
{
    const char *slash = strrchr(topic, '/');
    return slash ? slash + 1 : topic;
}

const char *maker_topic_below(const char *topic, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(topic, prefix, len) == 0 && topic[len] == '/' ? topic + len + 1 : NULL;
}

void maker_map_put(struct string_map *map, const char *name, void *value)
{
    if (!string_map_find(map, name))
        string_map_add(map, name, value);
}

bool maker_find_topic(struct proposal *proposal, const char *filter, struct survey_topic *topic)
{
    const struct survey *survey = proposal_survey(proposal);
    if (!topic_has_wildcard(filter))
        return survey_find_topic(survey, filter, topic);
    for (uint32_t i = 0; survey_read_topic(survey, i, topic); i++) {
        if (topic_matches(topic_filter_body(filter), topic->topic))
            return true;
    }
    return false;
}

void maker_claim_topics(struct proposal *proposal, const struct string_map *topics)
{
    /* Few makers describe topics by filters. */
    enum { FILTERS_MAX = 1000 };
    const char **filters =
        arena_alloc(proposal_arena(proposal), FILTERS_MAX * sizeof(const char *));
    size_t count = 0;
    for (size_t i = 0; i < topics->capacity && count < FILTERS_MAX; i++) {
        const char *name = topics->entries[i].name;
        if (name && topic_has_wildcard(name))
            filters[count++] = topic_filter_body(name);
    }
    struct survey_topic topic;
    for (uint32_t i = 0; survey_read_topic(proposal_survey(proposal), i, &topic); i++) {
        bool is_explained = string_map_find(topics, topic.topic);
        for (size_t k = 0; k < count && !is_explained; k++)
            is_explained = topic_matches(filters[k], topic.topic);
        if (is_explained)
            proposal_claim_topic(proposal, &topic);
    }
}

void maker_set_availability(struct proposal_device *device, const char *topic, const char *key,
                            const char *available, const char *unavailable)
{
    proposal_set_text(device->body, "mqtt.availability_topic", topic);
    if (key)
        proposal_set_text(device->body, "mqtt.availability_key", key);
    proposal_set_text(device->body, "mqtt.payload_available", available);
    proposal_set_text(device->body, "mqtt.payload_unavailable", unavailable);
}
