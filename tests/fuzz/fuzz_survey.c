/* Any messages make a survey that is sound and can be copied; the keys of a JSON payload are those
 * that a key tree finds; and a survey that is damaged in any place is refused, or read and
 * continued safely.
 *
 * Input: damages, each a line "offset value" in digits, up to an empty line; then messages, each a
 * line with the topic and a line with the payload. */
#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/message/key_tree.h"
#include "common/message/payload.h"
#include "common/model/survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { BLOCK = SURVEY_BLOCK_MIN, DAMAGES_MAX = 16 };

static volatile size_t read_bytes; /* so that no reading is left out */

static void read_all(const struct survey *survey)
{
    struct survey_topic topic;
    struct survey_key key;
    size_t bytes = 0;
    for (uint32_t i = 0; survey_read_topic(survey, i, &topic); i++) {
        bytes += strlen(topic.topic) + (topic.where ? strlen(topic.where) : 0);
        bytes += (unsigned char)topic.payload[topic.payload_len];
        for (size_t k = 0; survey_read_key(survey, &topic, k, &key); k++) {
            bytes += strlen(key.key) + strlen(key.sample) + strlen(key.type);
            for (size_t w = 0; w < key.word_count; w++)
                bytes += strlen(key.words[w]);
            survey_find_key(survey, &topic, key.key, &key);
        }
        survey_find_topic(survey, topic.topic, &topic);
    }
    read_bytes = bytes;
}

/* True when an object, also one in a string, has a name twice: then the last one counts for mqttd.
 */
static bool has_name_twice(const cJSON *item)
{
    if (cJSON_IsString(item)) {
        cJSON *inside = cJSON_Parse(item->valuestring);
        bool twice = inside && !cJSON_IsString(inside) && has_name_twice(inside);
        cJSON_Delete(inside);
        return twice;
    }
    const cJSON *each, *other;
    cJSON_ArrayForEach(each, item)
    {
        if (has_name_twice(each))
            return true;
        for (other = each->next; other && cJSON_IsObject(item); other = other->next) {
            if (strcmp(each->string, other->string) == 0)
                return true;
        }
    }
    return false;
}

static void note_found(void *context, uint32_t owner, const cJSON *item)
{
    bool *found = context;
    (void)item;
    found[owner] = true;
}

static void check_key_tree(const char *text, size_t len)
{
    static char memory[BLOCK];
    struct payload payload;
    struct survey_topic topic;
    struct survey_key key;
    size_t at;
    if (payload_parse(&payload, text, len, len, &at) != FAULT_NONE)
        return;
    struct survey *survey = survey_make(memory, sizeof memory);
    survey_add_message(survey, "t", text, len, false, 1);
    if (!payload.ignored && !has_name_twice(payload.root) &&
        survey_find_topic(survey, "t", &topic)) {
        struct key_tree keys;
        struct key_tree_size room = {0};
        struct key_tree_builder builder;
        struct key_tree_scratch scratch = {0};
        bool found[SURVEY_KEYS_MAX] = {false};
        for (size_t i = 0; survey_read_key(survey, &topic, i, &key); i++)
            key_tree_size_add(&room, key.key);
        void *tree = malloc(key_tree_size_bytes(&room));
        key_tree_init(&keys, &room, tree, &builder);
        for (size_t i = 0; survey_read_key(survey, &topic, i, &key); i++)
            key_tree_add(&builder, key.key, (uint32_t)i);
        payload_find_keys(&payload, &keys, &scratch, note_found, found);
        for (size_t i = 0; i < topic.keys && !payload.ignored; i++) {
            if (!found[i])
                abort();
        }
        key_tree_scratch_finish(&scratch);
        free(tree);
    }
    payload_finish(&payload);
}

static void check_damage(const struct survey *survey, const unsigned long damages[][2],
                         size_t count)
{
    static char memory[BLOCK], other[BLOCK];
    size_t used = survey_used_size(survey);
    memcpy(memory, survey, used);
    const struct survey *sound = survey_check(memory, used);
    if (!sound)
        abort();
    read_all(survey_copy(other, sizeof other, sound));
    for (size_t i = 0; i < count; i++) {
        uint32_t value = (uint32_t)damages[i][1];
        memcpy(memory + damages[i][0] % (used / 4) * 4, &value, sizeof value);
    }
    const struct survey *damaged = survey_check(memory, used);
    if (!damaged)
        return;
    read_all(damaged);
    struct survey *copy = survey_copy(other, sizeof other, damaged);
    survey_add_message(copy, "t", "{\"node\":\"a\",\"v\":1}", 18, false, 1);
    read_all(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char block[BLOCK];
    unsigned long damages[DAMAGES_MAX][2] = {{0}};
    size_t damage_count = 0;
    char *text = malloc(size + 1), *line = text, *end = text + size;
    memcpy(text, data, size);
    *end = '\0';
    for (char *next;
         damage_count < DAMAGES_MAX && (next = memchr(line, '\n', (size_t)(end - line)));
         line = next + 1) {
        if (next == line) {
            line++;
            break;
        }
        char *value;
        damages[damage_count][0] = strtoul(line, &value, 10);
        damages[damage_count++][1] = strtoul(value, NULL, 10);
    }
    struct survey *survey = survey_make(block, sizeof block);
    while (line < end) {
        char *topic_end = memchr(line, '\n', (size_t)(end - line));
        if (!topic_end)
            break;
        char *payload = topic_end + 1;
        char *payload_end = memchr(payload, '\n', (size_t)(end - payload));
        size_t len = (size_t)((payload_end ? payload_end : end) - payload);
        *topic_end = '\0';
        char *exact = malloc(len + (len == 0)); /* without a NUL behind it */
        memcpy(exact, payload, len);
        survey_add_message(survey, line, exact, len, len % 2, (int64_t)len);
        check_key_tree(exact, len);
        free(exact);
        line = payload_end ? payload_end + 1 : end;
    }
    check_damage(survey, damages, damage_count);
    free(text);
    return 0;
}
