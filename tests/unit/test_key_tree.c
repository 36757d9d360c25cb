/* Key trees: the keys that a payload contains, and their values. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "mqttd/ingest/payload.h"
#include "mqttd/model/key_tree.h"

enum { KEYS_MAX = 12, TEXT_SIZE = 256 };

struct finding {
    char text[TEXT_SIZE]; /* "0=1 2=3": owners and values, in order of owner */
    char values[KEYS_MAX][32];
};

static void find(void *context, uint32_t owner, const cJSON *item)
{
    struct finding *finding = context;
    char *text = cJSON_PrintUnformatted(item);
    snprintf(finding->values[owner], sizeof finding->values[owner], "%s", text);
    free(text);
}

static void *build(struct key_tree *keys, const char *const *list)
{
    struct key_tree_size room = {0};
    struct key_tree_builder builder;
    for (size_t i = 0; list[i]; i++)
        key_tree_size_add(&room, list[i]);
    void *memory = malloc(key_tree_size_bytes(&room));
    key_tree_init(keys, &room, memory, &builder);
    for (uint32_t i = 0; list[i]; i++)
        key_tree_add(&builder, list[i], i);
    return memory;
}

static void check(const char *const *list, const char *text, const char *expected)
{
    struct key_tree keys;
    struct key_tree_scratch scratch = {0};
    struct finding finding = {0};
    struct payload payload;
    size_t at, used = 0;
    void *memory = build(&keys, list);
    assert_int_equal(payload_parse(&payload, text, strlen(text), 65536, &at), FAULT_NONE);
    for (int twice = 0; twice < 2; twice++)
        assert_true(key_tree_walk(&keys, payload.root, payload.ignored, &scratch, find, &finding));
    for (size_t i = 0; list[i]; i++) {
        if (finding.values[i][0])
            used += (size_t)snprintf(finding.text + used, sizeof finding.text - used, "%s%zu=%s",
                                     used ? " " : "", i, finding.values[i]);
    }
    if (strcmp(finding.text, expected) != 0)
        fail_msg("%s: found %s, not %s", text, finding.text, expected);
    payload_finish(&payload);
    key_tree_scratch_finish(&scratch);
    free(memory);
}

static void test_walks(void **state)
{
    (void)state;
    static const struct {
        const char *keys[KEYS_MAX];
        const char *text, *expected;
    } rows[] = {
        {{"a", "b"}, "{\"b\":2,\"a\":1}", "0=1 1=2"},
        {{"a"}, "{\"A\":1}", ""},
        {{"a"}, "{\"a\":1,\"a\":2}", "0=1"},
        {{"a", "a"}, "{\"a\":1}", "0=1 1=1"},
        {{""}, "7", "0=7"},
        {{"", "a"}, "{\"a\":1}", "0={\"a\":1} 1=1"},
        {{"/a/b"}, "{\"a\":{\"b\":3}}", "0=3"},
        {{"/a/b", "/a/c", "/a"}, "{\"a\":{\"b\":3,\"c\":4}}", "0=3 1=4 2={\"b\":3,\"c\":4}"},
        {{"/a"}, "{\"a\":1}", "0=1"},
        {{"a/b"}, "{\"a/b\":1,\"a\":{\"b\":2}}", "0=1"},
        {{"/a~1b/m~0n"}, "{\"a/b\":{\"m~n\":5}}", "0=5"},
        {{"/"}, "{\"\":9}", "0=9"},
        {{"//"}, "{\"\":{\"\":9}}", "0=9"},
        {{"/x/0", "/x/2"}, "{\"x\":[4,5,6]}", "0=4 1=6"},
        {{"/x/00", "/x/-", "/x/3"}, "{\"x\":[4,5,6]}", ""},
        {{"/x/0"}, "{\"x\":{\"0\":8}}", "0=8"},
        {{"0", "/0"}, "[3]", "1=3"},
        {{"0", "/0"}, "{\"0\":3}", "0=3 1=3"},
        {{"a"}, "[1]", ""},
        {{"a"}, "\"a\"", ""},
        {{"a"}, "{\"b\":{\"a\":1}}", ""},
        {{"switch:0"}, "{\"switch:0\":true}", "0=true"},
        {{"a"}, "{\"a\\u0000\":1}", ""},
        {{"/x/a"}, "{\"x\":{\"a\\u0000b\":1,\"a\":2}}", "0=2"},
        {{"\xc3\xa9"}, "{\"\\u00e9\":1}", "0=1"},
        {{"a"}, "{\"a\":null}", "0=null"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check(rows[i].keys, rows[i].text, rows[i].expected);
}

/* Finds each of many keys. */
static void test_many(void **state)
{
    (void)state;
    enum { MANY = 5000 };
    struct key_tree_size room = {0};
    struct key_tree keys;
    struct key_tree_builder builder;
    static char names[MANY][16];
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], i % 2 ? "/x/k%u" : "k%u", (unsigned)i);
        key_tree_size_add(&room, names[i]);
    }
    void *memory = malloc(key_tree_size_bytes(&room));
    key_tree_init(&keys, &room, memory, &builder);
    for (uint32_t i = 0; i < MANY; i++)
        key_tree_add(&builder, names[i], i);
    assert_int_equal(keys.leaf_count, MANY);
    assert_int_equal(keys.node_count, MANY + 2);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_walks),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
