/* Devices that share a topic: the index finds those whose conditions the message meets, and no
 * other. The reference looks each key up alone and compares the values itself.
 *
 * Input: conditions, a JSON object a line, up to an empty line; then the payload. */
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/message/payload.h"
#include "mqttd/config/where_index.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { DEVICES_MAX = 16, MAX = 65536 };

struct world {
    struct device devices[DEVICES_MAX];
    struct feed feeds[DEVICES_MAX];
    char *texts[DEVICES_MAX], *memory[DEVICES_MAX];
    unsigned taken[DEVICES_MAX];
    size_t count;
    struct payload payload;
    struct key_tree_scratch scratch;
};

static void take(void *context, struct feed *feed)
{
    struct world *world = context;
    world->taken[feed - world->feeds]++;
}

static bool find(void *context, const struct key_tree *keys, key_tree_found *found,
                 void *found_context)
{
    struct world *world = context;
    return payload_find_keys(&world->payload, keys, &world->scratch, found, found_context);
}

static void read_item(void *context, const cJSON *item, struct scalar *scalar)
{
    const struct world *world = context;
    payload_read_scalar(&world->payload, item, scalar);
}

static void keep_item(void *context, uint32_t owner, const cJSON *item)
{
    const cJSON **kept = context;
    (void)owner;
    *kept = item;
}

/* The item at one key. */
static const cJSON *look_up(struct world *world, const char *key)
{
    struct key_tree_size size = {0};
    struct key_tree_builder builder;
    struct key_tree tree;
    const cJSON *item = NULL;
    key_tree_size_add(&size, key);
    void *memory = malloc(key_tree_size_bytes(&size));
    key_tree_init(&tree, &size, memory, &builder);
    key_tree_add(&builder, key, 0);
    if (!find(world, &tree, keep_item, &item))
        abort();
    free(memory);
    return item;
}

static bool is_met(struct world *world, const char *text)
{
    cJSON *conditions = cJSON_Parse(text);
    const cJSON *condition;
    bool met = true;
    cJSON_ArrayForEach(condition, conditions)
    {
        const cJSON *item = look_up(world, condition->string);
        struct scalar scalar = {.kind = SCALAR_OTHER};
        if (item)
            read_item(world, item, &scalar);
        if (cJSON_IsBool(condition))
            met &= scalar.kind == SCALAR_BOOL && scalar.truth == cJSON_IsTrue(condition);
        else if (cJSON_IsNumber(condition))
            met &= scalar.kind == SCALAR_NUMBER && scalar.number == condition->valuedouble;
        else
            met &= scalar.kind == SCALAR_STRING && scalar.len == strlen(condition->valuestring) &&
                   memcmp(scalar.text, condition->valuestring, scalar.len) == 0;
    }
    cJSON_Delete(conditions);
    return met;
}

/* True for conditions as the API stores them: an object with no key twice. */
static bool has_distinct_keys(const char *text)
{
    cJSON *conditions = cJSON_Parse(text);
    const cJSON *each;
    bool distinct = cJSON_IsObject(conditions);
    cJSON_ArrayForEach(each, conditions)
    {
        for (const cJSON *later = each->next; distinct && later; later = later->next)
            distinct &= strcmp(later->string, each->string) != 0;
    }
    cJSON_Delete(conditions);
    return distinct;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;
    struct where_index *index = NULL;
    size_t at;
    world = (struct world){.count = 0};
    while (size > 0 && data[0] != '\n') {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end ? (size_t)(end - data) : size, i = world.count;
        char *text = strndup((const char *)data, len);
        if (i < DEVICES_MAX && has_distinct_keys(text) &&
            where_parse(text, &world.devices[i].where, &world.memory[i])) {
            world.texts[i] = text;
            world.feeds[i].device = &world.devices[i];
            if (!where_index_add(&index, &world.feeds[i]))
                abort();
            world.count++;
        } else {
            free(text);
        }
        data += len + (end != NULL);
        size -= len + (end != NULL);
    }
    if (size > 0) {
        data++;
        size--;
    }
    const struct where_reader reader = {
        .context = &world, .find = find, .read = read_item, .take = take};
    if (index && payload_parse(&world.payload, (const char *)data, size, MAX, &at) == FAULT_NONE) {
        if (!where_index_match(index, &reader))
            abort();
        for (size_t i = 0; i < world.count; i++) {
            if (world.taken[i] != is_met(&world, world.texts[i]))
                abort();
        }
    }
    payload_finish(&world.payload);
    key_tree_scratch_finish(&world.scratch);
    for (size_t i = 0; i < world.count; i++) {
        where_index_remove(&index, &world.feeds[i]);
        free(world.texts[i]);
        free(world.memory[i]);
    }
    if (index)
        abort();
    return 0;
}
