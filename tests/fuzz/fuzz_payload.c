/* Keys found in one walk over a payload are those that a slow look-up finds, one by one.
 *
 * Input: keys, a line each, up to an empty line; then the payload. */
#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "mqttd/ingest/payload.h"
#include "mqttd/model/key_tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { KEYS_MAX = 16, MAX = 65536 };

static const cJSON *member(const struct payload *payload, const cJSON *object, const char *name)
{
    const cJSON *each;
    cJSON_ArrayForEach(each, object)
    {
        if (strcmp(each->string, name) == 0 &&
            !(payload->ignored && strstr(each->string, payload->ignored)))
            return each;
    }
    return NULL;
}

static const cJSON *element(const cJSON *array, const char *token)
{
    char text[16];
    const cJSON *each;
    unsigned index = 0;
    cJSON_ArrayForEach(each, array)
    {
        snprintf(text, sizeof text, "%u", index++);
        if (strcmp(text, token) == 0)
            return each;
    }
    return NULL;
}

static const cJSON *look_up(const struct payload *payload, const char *key)
{
    const cJSON *at = payload->root;
    char token[MAX];
    if (key[0] != '/')
        return key[0] == '\0' ? at : cJSON_IsObject(at) ? member(payload, at, key) : NULL;
    while (at && *key) {
        json_pointer_next_token(&key, token, sizeof token);
        if (cJSON_IsObject(at))
            at = member(payload, at, token);
        else
            at = cJSON_IsArray(at) ? element(at, token) : NULL;
    }
    return at;
}

static void find(void *context, uint32_t owner, const cJSON *item)
{
    const cJSON **found = context;
    if (found[owner])
        abort();
    found[owner] = item;
}

static void check(const struct payload *payload, const char *const *keys, uint32_t count)
{
    const cJSON *found[KEYS_MAX] = {NULL};
    struct key_tree_size room = {0};
    struct key_tree_scratch scratch = {0};
    struct key_tree_builder builder;
    struct key_tree tree;
    for (uint32_t i = 0; i < count; i++)
        key_tree_size_add(&room, keys[i]);
    void *memory = malloc(key_tree_size_bytes(&room));
    key_tree_init(&tree, &room, memory, &builder);
    for (uint32_t i = 0; i < count; i++)
        key_tree_add(&builder, keys[i], i);
    if (!key_tree_walk(&tree, payload->root, payload->ignored, &scratch, find, found))
        abort();
    for (uint32_t i = 0; i < count; i++) {
        if (found[i] != look_up(payload, keys[i]))
            abort();
    }
    key_tree_scratch_finish(&scratch);
    free(memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    payload_install_pool();
    const char *keys[KEYS_MAX];
    uint32_t count = 0;
    size_t at;
    struct payload payload;
    char *text = malloc(size + 1), *line = text;
    memcpy(text, data, size);
    text[size] = '\0';
    for (char *end; count < KEYS_MAX && (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        if (*line == '\0')
            break;
        if (json_pointer_is_valid(line[0] == '/' ? line : ""))
            keys[count++] = strcmp(line, "-") == 0 ? "" : line;
    }
    if (*line == '\0' && line < text + size)
        line++;
    size_t len = size - (size_t)(line - text);
    if (payload_parse(&payload, line, len, MAX, &at) == FAULT_NONE)
        check(&payload, keys, count);
    payload_finish(&payload);
    free(text);
    return 0;
}
