/* Levels of topics, prefixes and labels of keys. */
#include "api/recognisers/recogniser_tools.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <string.h>

#include "api/base/text.h"
#include "common/base/json_text.h"
#include "common/base/require.h"

struct topic_levels topic_levels_split(struct arena *arena, const char *topic)
{
    struct topic_levels levels = {.count = 0};
    for (const char *from = topic; from;) {
        const char *end = levels.count + 1 < TOPIC_LEVELS_MAX ? strchr(from, '/') : NULL;
        size_t len = end ? (size_t)(end - from) : strlen(from);
        REQUIRE(levels.count < TOPIC_LEVELS_MAX);
        levels.at[levels.count++] = arena_strndup(arena, from, len);
        from = end ? end + 1 : NULL;
    }
    return levels;
}

bool recogniser_next_topic(struct proposal *proposal, enum survey_format format, uint32_t *number,
                           struct survey_topic *topic)
{
    while (survey_read_topic(proposal_survey(proposal), (*number)++, topic)) {
        if (topic->format == format && !proposal_is_claimed(proposal, topic))
            return true;
    }
    return false;
}

const char *recogniser_find_text(struct proposal *proposal, const struct survey_topic *topic,
                                 const char *const *keys)
{
    struct survey_key key;
    for (; *keys; keys++) {
        if (survey_find_key(proposal_survey(proposal), topic, *keys, &key) &&
            (key.kinds & (SURVEY_TEXT | SURVEY_NUMERIC_TEXT)) && key.sample && *key.sample)
            return key.sample;
    }
    return NULL;
}

bool recogniser_has_key(struct proposal *proposal, const struct survey_topic *topic,
                        const char *key)
{
    struct survey_key found;
    return survey_find_key(proposal_survey(proposal), topic, key, &found);
}

const char *recogniser_skip_prefix(const char *text, const char *prefix)
{
    size_t len = strlen(prefix);
    return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

bool recogniser_has_suffix(const char *text, const char *suffix)
{
    size_t len = strlen(text), end = strlen(suffix);
    return len >= end && strcmp(text + len - end, suffix) == 0;
}

char *recogniser_key_label(struct arena *arena, const char *key)
{
    if (*key != '/')
        return arena_strdup(arena, key);
    char *token = arena_alloc(arena, strlen(key) + 1);
    char *label = arena_alloc(arena, strlen(key) + 1), *end = label;
    while (*key == '/') {
        size_t len = json_pointer_next_token(&key, token, strlen(key) + 1);
        const char *equals = memchr(token, '=', len);
        const char *shown = equals ? equals + 1 : token;
        size_t shown_len = len - (size_t)(shown - token);
        if (end != label)
            *end++ = '/';
        memcpy(end, shown, shown_len);
        end += shown_len;
    }
    *end = '\0';
    return label;
}

char *recogniser_decode_token(struct arena *arena, const char *token, size_t len)
{
    const char *pointer = arena_format(arena, "/%.*s", (int)len, token);
    char *text = arena_alloc(arena, len + 1);
    json_pointer_next_token(&pointer, text, len + 1);
    return text;
}

void recogniser_set_where(struct proposal_device *device, const struct survey_topic *topic)
{
    cJSON *where = topic->where ? cJSON_Parse(topic->where) : NULL;
    if (where)
        proposal_set_object(device->body, "mqtt.where", where);
}

void recogniser_type_measurement(struct proposal *proposal, struct cJSON *tag,
                                 const struct survey_key *key)
{
    const double float32_exact = 1 << 20; /* with some room for a fraction */
    const unsigned numbers = SURVEY_INTEGER | SURVEY_DECIMAL | SURVEY_NUMERIC_TEXT;
    bool is_whole = key && !(key->kinds & SURVEY_DECIMAL) && key->decimals == 0;
    if (!key || !(key->kinds & numbers) ||
        (is_whole && key->smallest > -float32_exact && key->largest < float32_exact))
        proposal_type_by_range(tag, 0, 0, 0);
    else
        proposal_type_by_key(proposal, tag, key);
}

void recogniser_set_kind(struct kind_names *names, struct proposal_device *device, const char *name)
{
    struct arena *arena = names->kinds.arena;
    struct text tags = {0};
    const cJSON *tag;
    text_puts(&tags, name);
    cJSON_ArrayForEach(tag, cJSON_GetObjectItemCaseSensitive(device->body, "tags"))
    {
        const cJSON *mqtt = cJSON_GetObjectItemCaseSensitive(tag, "mqtt");
        const cJSON *modbus = cJSON_GetObjectItemCaseSensitive(tag, "modbus");
        const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(mqtt, "key"));
        const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(modbus, "type"));
        const char *label = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tag, "label"));
        text_printf(&tags, "\n%s\n%s\n%s", label ? label : "", key ? key : "", type ? type : "");
    }
    const char *kind = string_map_find(&names->kinds, tags.data);
    if (!kind) {
        size_t *uses = string_map_find(&names->uses, name);
        if (!uses) {
            uses = arena_alloc(arena, sizeof *uses);
            string_map_add(&names->uses, arena_strdup(arena, name), uses);
        }
        kind =
            ++*uses == 1 ? arena_strdup(arena, name) : arena_format(arena, "%s %zu", name, *uses);
        string_map_add(&names->kinds, arena_strdup(arena, tags.data), (void *)(uintptr_t)kind);
    }
    text_finish(&tags);
    device->kind = kind;
}
