/* bench_translate: the steps without I/O between a message and its registers: check and parse the
 * JSON, find the keys, encode the values. Run under callgrind it tells their instructions.
 *
 * bench_translate KEYS MESSAGES [selectors]
 *
 * With selectors the values are in elements of a list, which are chosen by their id. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message/key_tree.h"
#include "common/message/payload.h"
#include "common/message/translate.h"
#include "common/model/tag.h"

enum { KEYS_MAX = 100, NAME_SIZE = 16, PAYLOAD_MAX = 65536 };

struct translation {
    struct key_tree keys;
    char names[KEYS_MAX][NAME_SIZE];
    struct point points[KEYS_MAX];
    const struct payload *payload;
    struct codec_registers registers;
    uint64_t encoded;
};

static void *learn_keys(struct translation *translation, unsigned count, bool by_selector)
{
    struct key_tree_size room = {0};
    struct key_tree_builder builder;
    for (unsigned i = 0; i < count; i++) {
        snprintf(translation->names[i], NAME_SIZE, by_selector ? "/l/id=%u/v" : "k%u", i);
        translation->points[i] = (struct point){.table = TABLE_HOLDING_REGISTER,
                                                .address = (uint16_t)i,
                                                .type = TYPE_UINT16,
                                                .scale = 1};
        key_tree_size_add(&room, translation->names[i]);
    }
    void *memory = malloc(key_tree_size_bytes(&room));
    if (!memory)
        return NULL;
    key_tree_init(&translation->keys, &room, memory, &builder);
    for (unsigned i = 0; i < count; i++)
        key_tree_add(&builder, translation->names[i], i);
    return memory;
}

static void encode(void *context, uint32_t owner, const struct cJSON *item)
{
    struct translation *translation = context;
    struct scalar scalar;
    payload_read_scalar(translation->payload, item, &scalar);
    translation->encoded += translate_to_registers(&translation->points[owner], NULL, &scalar,
                                                   &translation->registers) == FAULT_NONE;
}

static int write_message(char *text, size_t size, unsigned keys, bool by_selector, unsigned number)
{
    int len = snprintf(text, size, by_selector ? "{\"l\":[" : "{");
    for (unsigned key = 0; key < keys; key++)
        len += snprintf(text + len, size - (size_t)len,
                        by_selector ? "%s{\"id\":%u,\"v\":%u}" : "%s\"k%u\":%u", key ? "," : "",
                        key, number);
    return len + snprintf(text + len, size - (size_t)len, by_selector ? "]}" : "}");
}

int main(int argc, char **argv)
{
    static struct translation translation;
    struct key_tree_scratch scratch = {0};
    char text[KEYS_MAX * 32];
    unsigned keys = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
    unsigned messages = argc > 2 ? (unsigned)atoi(argv[2]) : 0;
    bool by_selector = argc > 3 && strcmp(argv[3], "selectors") == 0;
    if (keys < 1 || keys > KEYS_MAX)
        return 2;
    payload_install_pool();
    void *memory = learn_keys(&translation, keys, by_selector);
    int len = write_message(text, sizeof text, keys, by_selector, 12345);
    for (unsigned i = 0; memory && i < messages; i++) {
        struct payload payload = {0};
        size_t at;
        if (payload_parse(&payload, text, (size_t)len, PAYLOAD_MAX, &at) != FAULT_NONE)
            return 1;
        translation.payload = &payload;
        payload_find_keys(&payload, &translation.keys, &scratch, encode, &translation);
        payload_finish(&payload);
    }
    printf("%llu\n", (unsigned long long)translation.encoded);
    key_tree_scratch_finish(&scratch);
    free(memory);
    return translation.encoded == (uint64_t)keys * messages ? 0 : 1;
}
