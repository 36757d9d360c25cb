/* The path of a value from the payload to the registers, for one tag. */
#include "api/discovery/preview.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/request_memory.h"
#include "api/model/resource_rules.h"
#include "common/base/require.h"
#include "common/message/key_tree.h"
#include "common/message/payload.h"
#include "common/message/translate.h"
#include "common/message/where.h"
#include "common/model/payload_format.h"
#include "common/shared/live_table.h"

enum { PREVIEW_KEYS_MAX = WHERE_COUNT_MAX, OWNER_VALUE = 0, OWNER_QUALITY = 1 };

/* The keys that a preview looks for, and what the payload has there. */
struct preview_keys {
    struct payload payload;
    struct key_tree tree;
    struct key_tree_scratch scratch;
    struct memory_block guard; /* of the scratch, which is memory of the heap */
    const cJSON *items[PREVIEW_KEYS_MAX];
};

static void preview_keys_release(void *keys)
{
    key_tree_scratch_finish(&((struct preview_keys *)keys)->scratch);
}

static void preview_take_item(void *context, uint32_t owner, const cJSON *item)
{
    struct preview_keys *keys = context;
    REQUIRE(owner < PREVIEW_KEYS_MAX);
    keys->items[owner] = item;
}

/* Finds the items of a tree that was built. Calls memory_fail. */
static void preview_find_items(struct preview_keys *keys)
{
    memory_guard(&keys->guard, preview_keys_release, keys);
    if (!payload_find_keys(&keys->payload, &keys->tree, &keys->scratch, preview_take_item, keys))
        memory_fail();
    memory_unguard(&keys->guard);
    preview_keys_release(keys);
}

bool preview_message_is_meant(const struct record *device, const struct preview_message *message,
                              struct arena *arena)
{
    const char *conditions = record_field_text(device, DEVICE_WHERE);
    return !conditions || preview_conditions_are_met(conditions, message, arena);
}

bool preview_conditions_are_met(const char *conditions, const struct preview_message *message,
                                struct arena *arena)
{
    struct preview_keys keys = {0};
    struct where where;
    struct where_value values[WHERE_COUNT_MAX];
    struct key_tree_size size = {0};
    struct key_tree_builder builder;
    char *memory;
    size_t at;
    const char *key;
    if (!where_parse(conditions, &where, &memory))
        memory_fail();
    /* What it borrows moves into the arena, which survives a lack of memory. */
    char *copy = arena_alloc(arena, where.keys_size + where.values_size);
    memcpy(copy, memory, where.keys_size + where.values_size);
    free(memory);
    where.keys = copy;
    where.values = copy + where.keys_size;
    if (payload_parse(&keys.payload, message->payload, message->len, SIZE_MAX, &at) != FAULT_NONE)
        return false;
    key = where.keys;
    for (uint32_t i = 0; i < where.count; i++, key += strlen(key) + 1)
        key_tree_size_add(&size, key);
    key_tree_init(&keys.tree, &size, arena_alloc(arena, key_tree_size_bytes(&size)), &builder);
    key = where.keys;
    for (uint32_t i = 0; i < where.count; i++, key += strlen(key) + 1)
        key_tree_add(&builder, key, i);
    preview_find_items(&keys);
    bool met = true;
    for (uint32_t i = 0; i < where.count && met; i++) {
        struct scalar scalar;
        met = keys.items[i] != NULL;
        if (met)
            payload_read_scalar(&keys.payload, keys.items[i], &scalar);
        met = met && where_value_read(&scalar, &values[i]);
    }
    met = met && where_is_met(&where, values);
    payload_finish(&keys.payload);
    return met;
}

/* The compiled options of a tag by which it reads a value. */
struct preview_reading {
    struct value_map map;
    struct pattern pattern;
    struct pattern_room room;
    struct value_reading reading;
};

static void preview_reading_make(const struct record *tag, struct arena *arena,
                                 struct preview_reading *made)
{
    struct pattern_error error;
    const char *pattern = record_field_text(tag, TAG_PATTERN);
    made->map = record_tag_values(tag, arena);
    bool has_pattern = pattern && pattern_compile(pattern, &made->room, &made->pattern, &error);
    made->reading = (struct value_reading){
        .map = made->map.count > 0 ? &made->map : NULL,
        .pattern = has_pattern ? &made->pattern : NULL,
        .number = (uint8_t)record_field_choice(&tag_resource, tag, TAG_NUMBER)};
}

/* Notes what the value is on its way: behind the pattern, and before it is scaled. */
static void preview_note_steps(const struct value_reading *reading, enum value_type type,
                               const struct scalar *scalar, struct arena *arena,
                               struct preview_value *preview)
{
    struct value value;
    char text[VALUE_TEXT_SIZE], number[VALUE_TEXT_SIZE];
    /* Of a text, only the pattern counts. */
    if (reading->pattern &&
        value_read_scalar(scalar, TYPE_STRING, reading, text, &value) == FAULT_NONE)
        preview->matched = arena_strndup(arena, value.text, value.len);
    if (type == TYPE_STRING || value_read_scalar(scalar, type, reading, text, &value) != FAULT_NONE)
        return;
    value_format_json(&value, number);
    preview->read = arena_format(arena, value_needs_quotes(&value) ? "\"%s\"" : "%s", number);
}

/* Converts a value, as mqttd does: ingest_take_scalar. */
static void preview_take_scalar(const struct record *tag, const struct scalar *scalar,
                                struct arena *arena, struct preview_value *preview)
{
    struct preview_reading made;
    struct point point = record_tag_point(tag);
    char excerpt[LIVE_EXCERPT_SIZE];
    preview_reading_make(tag, arena, &made);
    preview_note_steps(&made.reading, (enum value_type)point.type, scalar, arena, preview);
    preview->fault = translate_to_registers(&point, &made.reading, scalar, &preview->registers);
    if (preview->fault == FAULT_NULL_VALUE && point.on_null == NULL_STALE &&
        codec_encode_stale(&point, &preview->registers)) {
        preview->fault = FAULT_NONE;
        preview->is_on_stale = true;
    }
    preview->has_registers = preview->fault == FAULT_NONE;
    if (preview->has_registers)
        return;
    payload_write_excerpt(scalar, excerpt, sizeof excerpt);
    preview->detail = arena_strdup(arena, excerpt);
}

/* Refuses the value when the message says that it is not good. */
static bool preview_quality_is_good(const struct record *tag, const struct preview_keys *keys,
                                    struct arena *arena, struct preview_value *preview)
{
    char excerpt[LIVE_EXCERPT_SIZE];
    struct scalar quality = {
        .kind = SCALAR_STRING, .text = "no quality", .len = strlen("no quality")};
    if (record_field_is_null(tag, TAG_QUALITY_KEY))
        return true;
    if (keys->items[OWNER_QUALITY])
        payload_read_scalar(&keys->payload, keys->items[OWNER_QUALITY], &quality);
    if (value_is_good_quality(&quality))
        return true;
    payload_write_excerpt(&quality, excerpt, sizeof excerpt);
    preview->fault = FAULT_BAD_QUALITY;
    preview->detail = arena_strdup(arena, excerpt);
    return false;
}

static void preview_take_json(const struct record *tag, const struct preview_message *message,
                              struct arena *arena, struct preview_value *preview)
{
    struct preview_keys keys = {0};
    struct key_tree_size size = {0};
    struct key_tree_builder builder;
    struct scalar scalar;
    size_t at;
    const char *key = record_field_text(tag, TAG_KEY);
    const char *quality = record_field_text(tag, TAG_QUALITY_KEY);
    preview->fault = payload_parse(&keys.payload, message->payload, message->len, SIZE_MAX, &at);
    if (keys.payload.is_short)
        memory_fail();
    if (preview->fault != FAULT_NONE) {
        char excerpt[LIVE_EXCERPT_SIZE];
        struct payload_sample sample = {message->topic, message->payload, message->len,
                                        message->whole_len};
        payload_format_write_excerpt(&sample, at, excerpt, sizeof excerpt);
        preview->detail = arena_strdup(arena, excerpt);
        return;
    }
    key_tree_size_add(&size, key);
    if (quality)
        key_tree_size_add_beside(&size, key, quality);
    key_tree_init(&keys.tree, &size, arena_alloc(arena, key_tree_size_bytes(&size)), &builder);
    key_tree_add(&builder, key, OWNER_VALUE);
    if (quality)
        key_tree_add_beside(&builder, key, quality, OWNER_QUALITY);
    preview_find_items(&keys);
    const cJSON *item = keys.items[OWNER_VALUE];
    preview->found = item != NULL;
    if (item) {
        preview->json = json_tree_print(arena, item);
        payload_read_scalar(&keys.payload, item, &scalar);
        if (preview_quality_is_good(tag, &keys, arena, preview))
            preview_take_scalar(tag, &scalar, arena, preview);
    }
    payload_finish(&keys.payload);
}

struct preview_value preview_take_message(const struct record *tag,
                                          const struct preview_message *message,
                                          struct arena *arena)
{
    struct preview_value preview = {0};
    if (record_field_choice(&tag_resource, tag, TAG_PAYLOAD) != PAYLOAD_TEXT) {
        preview_take_json(tag, message, arena, &preview);
        return preview;
    }
    const struct scalar scalar = {.kind = SCALAR_STRING,
                                  .text = message->payload ? message->payload : "",
                                  .len = message->len};
    preview.found = true;
    preview_take_scalar(tag, &scalar, arena, &preview);
    return preview;
}

struct preview_value preview_take_metric(const struct record *tag, const struct survey_key *metric,
                                         struct arena *arena)
{
    struct preview_value preview = {.found = true};
    const char *sample = metric->sample;
    struct scalar scalar = {.kind = SCALAR_STRING, .text = sample, .len = strlen(sample)};
    char *end;
    double number = strtod(sample, &end);
    bool is_number = *sample && *end == '\0' && fabs(number) <= 0x1p53;
    if (strcmp(metric->type, "Boolean") == 0)
        scalar = (struct scalar){.kind = SCALAR_BOOL, .truth = strcmp(sample, "true") == 0};
    else if (is_number && !(metric->kinds & (SURVEY_TEXT | SURVEY_NUMERIC_TEXT)))
        scalar = (struct scalar){.kind = SCALAR_NUMBER, .number = number};
    else if (metric->kinds == SURVEY_NULL)
        scalar = (struct scalar){.kind = SCALAR_NULL};
    if (scalar.kind != SCALAR_STRING)
        preview.json = sample;
    preview_take_scalar(tag, &scalar, arena, &preview);
    return preview;
}
