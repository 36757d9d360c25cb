/* Key trees: the keys that a payload contains, and their values. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "common/message/key_tree.h"
#include "common/message/payload.h"

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
        assert_true(payload_find_keys(&payload, &keys, &scratch, find, &finding));
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
        {{"a"}, "{\"a\":1,\"a\":2}", "0=2"},
        {{"a", "/a/b", "/a"}, "{\"a\":{\"b\":1},\"a\":{\"c\":2}}", "0={\"c\":2} 2={\"c\":2}"},
        {{"/x/a"}, "{\"x\":{\"a\":1,\"b\":2,\"a\":3,\"b\":4}}", "0=3"},
        {{"a", "b"}, "{}", ""},
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

/* "-1" counts from the end of an array. */
static void test_from_the_end(void **state)
{
    (void)state;
    static const struct {
        const char *keys[KEYS_MAX];
        const char *text, *expected;
    } rows[] = {
        {{"/-1", "/-2", "/-3", "/-4"}, "[4,5,6]", "0=6 1=5 2=4"},
        {{"/-1/v", "/1/v", "/-2/v"}, "[{\"v\":1},{\"v\":2}]", "0=2 1=2 2=1"},
        {{"/-0", "/-01", "/-", "/--1", "/-1x", "/ -1", "/-1 "}, "[4,5,6]", ""},
        {{"/-1", "/-4294967295", "/-18446744073709551615"}, "[4]", "0=4"},
        {{"/-1"}, "[]", ""},
        {{"/-1", "-1"}, "{\"-1\":7,\"x\":8}", "0=7 1=7"},
        {{"-1", "/-1"}, "[7]", "1=7"},
        {{"/x/-1/-1"}, "{\"x\":[[1],[2,3]]}", "0=3"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check(rows[i].keys, rows[i].text, rows[i].expected);
}

/* "member=text" takes the first element whose member is the text. */
static void test_selects(void **state)
{
    (void)state;
    static const struct {
        const char *keys[KEYS_MAX];
        const char *text, *expected;
    } rows[] = {
        {{"/v/id=a/x", "/v/id=b/x", "/v/id=c/x"},
         "{\"v\":[{\"id\":\"b\",\"x\":1},{\"id\":\"a\",\"x\":2}]}",
         "0=2 1=1"},
        {{"/n=t/v"}, "[{\"n\":\"t\",\"v\":1},{\"n\":\"t\",\"v\":2}]", "0=1"},
        {{"/n=t/w"},
         "[{\"n\":\"t\",\"v\":1},{\"n\":\"t\",\"w\":2}]",
         ""}, /* the first, and no other */
        {{"/n=t", "/0", "/-1"},
         "[{\"n\":\"t\"}]",
         "0={\"n\":\"t\"} 1={\"n\":\"t\"} 2={\"n\":\"t\"}"},
        {{"/a=1/v", "/b=2/v", "/a=2/v", "/b=1/v"},
         "[{\"a\":1,\"b\":2,\"v\":5},{\"a\":2,\"b\":1,\"v\":6}]",
         "0=5 1=5 2=6 3=6"},
        {{"/x/a=1/b=2/v"}, "{\"x\":[{\"a\":1,\"c\":{\"b\":2,\"v\":9}}]}", "0=9"},
        /* Texts: a string's contents, a number, a boolean. */
        {{"/i=5/v"}, "[{\"i\":\"5\",\"v\":1}]", "0=1"},
        {{"/i=5/v"}, "[{\"i\":5,\"v\":1}]", "0=1"},
        {{"/i=5/v"}, "[{\"i\":5.0,\"v\":1}]", "0=1"},
        {{"/i=5.5/v", "/i=5/v"}, "[{\"i\":5.5,\"v\":1}]", "0=1"},
        {{"/i=-7/v", "/i=0.1/v"}, "[{\"i\":-7,\"v\":1},{\"i\":0.1,\"v\":2}]", "0=1 1=2"},
        {{"/i=true/v", "/i=false/v"}, "[{\"i\":true,\"v\":1},{\"i\":false,\"v\":2}]", "0=1 1=2"},
        {{"/i=true/v"}, "[{\"i\":\"true\",\"v\":1}]", "0=1"},
        {{"/i=9007199254740991/v"}, "[{\"i\":9007199254740991,\"v\":1}]", "0=1"},
        {{"/i=9007199254740992/v"}, "[{\"i\":9007199254740993,\"v\":1}]", ""},
        {{"/i=-9007199254740991/v"}, "[{\"i\":-9007199254740991,\"v\":1}]", "0=1"},
        {{"/i=0/v", "/i=-0/v"}, "[{\"i\":-0,\"v\":1},{\"i\":-0.0,\"v\":2}]", "0=1"},
        {{"/i=1000000000000000/v", "/i=1e15/v"}, "[{\"i\":1e15,\"v\":1}]", "0=1"},
        {{"/i=inf/v"}, "[{\"i\":1e999,\"v\":1}]", ""},
        {{"/i=null/v", "/i=/v"}, "[{\"i\":null,\"v\":1},{\"i\":[],\"v\":2}]", ""},
        {{"/i=/v"}, "[{\"j\":\"\",\"v\":1},{\"i\":\"\",\"v\":2}]", "0=2"},
        {{"/id=C1.D1:T=1/v"}, "[{\"id\":\"C1.D1:T=1\",\"v\":3}]", "0=3"},
        {{"/i~1d=a~1b~0c/v"}, "[{\"i/d\":\"a/b~c\",\"v\":3}]", "0=3"},
        {{"/I=a/v", "/i=A/v"}, "[{\"i\":\"a\",\"v\":1}]", ""},
        {{"/i=a/v"}, "[{\"i\":\"ab\",\"v\":1},{\"ii\":\"a\",\"v\":1},{\"\":\"a\",\"v\":1}]", ""},
        {{"/=a", "/=a/v"}, "[{\"\":\"a\",\"v\":1}]", ""}, /* no member: just a name */
        {{"/=a", "=a"}, "{\"=a\":1}", "0=1 1=1"},
        /* What is no object is no element. */
        {{"/i=a/v"}, "[7,\"a\",null,[\"i\"],{},{\"i\":\"a\",\"v\":4}]", "0=4"},
        {{"/i=a/v"}, "{\"i\":\"a\",\"v\":4}", ""},
        {{"/i=a/v"}, "[\"{\\\"i\\\":\\\"a\\\",\\\"v\\\":1}\"]", ""},
        /* Values of an object's members. */
        {{"/id=b/t", "/id=a/t"},
         "{\"s1\":{\"id\":\"a\",\"t\":1},\"s2\":{\"id\":\"b\",\"t\":2}}",
         "0=2 1=1"},
        {{"/id=a/t"}, "{\"x\":{\"id\":\"a\",\"t\":1},\"id=a\":{\"t\":2}}", "0=2"},
        {{"/id=a/t"}, "{\"x\":{\"id\":\"a\",\"t\":1},\"id=a\":7}", ""},
        {{"id=a", "/id=a"}, "{\"x\":{\"id\":\"a\"}}", "1={\"id\":\"a\"}"},
        {{"id=a", "/id=a"}, "{\"id=a\":3}", "0=3 1=3"},
        {{"/id=a/t"}, "{\"x\":{\"id\":\"a\",\"t\":1},\"y\":{\"id\":\"a\",\"t\":2}}", "0=1"},
        /* Of equal members the last counts, before any is selected. */
        {{"/i=1/v", "/i=2/v"}, "[{\"i\":1,\"i\":2,\"v\":3}]", "1=3"},
        {{"/i=1/v", "/i=2/v"}, "{\"x\":{\"i\":1,\"v\":3},\"x\":{\"i\":2,\"v\":4}}", "1=4"},
        {{"/i=1/v"},
         "{\"x\":{\"i\":1,\"v\":3},\"y\":{\"i\":1,\"v\":4},\"x\":{\"i\":1,\"v\":5}}",
         "0=4"},
        {{"/i=1/i=2/v"},
         "{\"b\":{},\"a\":{\"i\":1,\"d\":{\"i\":2,\"v\":6},\"c\":{}},\"b\":{\"i\":1}}",
         "0=6"},
        /* NUL matches nothing, and hides nothing. */
        {{"/i=a/v"}, "[{\"i\":\"a\\u0000\",\"v\":1},{\"i\\u0000\":\"a\",\"v\":2}]", ""},
        {{"/i=a/v"}, "{\"x\\u0000\":{\"i\":\"a\",\"v\":1}}", "0=1"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check(rows[i].keys, rows[i].text, rows[i].expected);
}

/* A pointer goes on into a string that is JSON. */
static void test_looks_into_strings(void **state)
{
    (void)state;
    static const struct {
        const char *keys[KEYS_MAX];
        const char *text, *expected;
    } rows[] = {
        {{"/j/t"}, "{\"j\":\"{\\\"t\\\":21.5}\"}", "0=21.5"},
        {{"/j/t", "/j/u", "/j"},
         "{\"j\":\"{\\\"t\\\":1,\\\"u\\\":2}\"}",
         "0=1 1=2 2=\"{\\\"t\\\":1,\\\"u\\\":2}\""},
        {{"/j/0", "/j/-1"}, "{\"j\":\" [1,2]\\n\"}", "0=1 1=2"},
        {{"/j/i=2/v"}, "{\"j\":\"[{\\\"i\\\":2,\\\"v\\\":3}]\"}", "0=3"},
        {{"/0/t", "/-1/t", "/0"}, "[\"{\\\"t\\\":1}\"]", "0=1 1=1 2=\"{\\\"t\\\":1}\""},
        {{"/j/t"}, "{\"j\":\"{\\\"t\\\":1,\\\"t\\\":2}\"}", "0=2"},
        /* A string in a string, and one that is itself a JSON string. */
        {{"/j/k/t"}, "{\"j\":\"{\\\"k\\\":\\\"{\\\\\\\"t\\\\\\\":4}\\\"}\"}", "0=4"},
        {{"/j/t"}, "{\"j\":\"\\\"{\\\\\\\"t\\\\\\\":5}\\\"\"}", "0=5"},
        {{"/t", "t"}, "\"{\\\"t\\\":6}\"", "0=6"},
        {{"t"}, "\"{\\\"t\\\":6}\"", ""},
        /* What is not JSON has no keys. */
        {{"/j/t"}, "{\"j\":\"{\\\"t\\\":1\"}", ""},
        {{"/j/t", "/j/0", "/j/"}, "{\"j\":\"\"}", ""},
        {{"/j/t"}, "{\"j\":\"{\\\"t\\\":1}x\"}", ""},
        {{"/j/t", "/j"}, "{\"j\":\"t\"}", "1=\"t\""},
        {{"/j/t"}, "{\"j\":\"21.5\"}", ""},
        {{"/j/t"}, "{\"j\":\"{\\\"t\\\":1}\\u0000\"}", ""},
        /* NUL in it, or elsewhere. */
        {{"/j/t", "/j/u"}, "{\"j\":\"{\\\"t\\\\u0000\\\":1,\\\"t\\\":2,\\\"u\\\":3}\"}", "0=2 1=3"},
        {{"/j/t", "u"}, "{\"j\":\"{\\\"t\\\":2}\",\"u\\u0000\":1}", "0=2"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check(rows[i].keys, rows[i].text, rows[i].expected);
}

/* A key may begin at the parent of another one. */
static void test_beside(void **state)
{
    (void)state;
    static const struct {
        const char *base, *key, *text, *expected;
    } rows[] = {
        {"/v/id=a/x", "./q",
         "{\"v\":[{\"id\":\"b\",\"q\":1},{\"id\":\"a\",\"x\":0,\"q\":2}],\"q\":3}", "2"},
        {"/v/id=a/x", "/q", "{\"v\":[{\"id\":\"a\",\"q\":2}],\"q\":3}", "3"},
        {"/v/id=a/x", "q", "{\"v\":[{\"id\":\"a\",\"q\":2}],\"q\":3}", "3"},
        {"/v/-1", "./0", "{\"v\":[4,5]}", "4"},
        {"/a~1b/x", "./c~1d/e", "{\"a/b\":{\"c/d\":{\"e\":6}}}", "6"},
        {"x", "./q", "{\"x\":1,\"q\":7}", "7"},
        {"/x", "./q", "{\"x\":1,\"q\":7}", "7"},
        {"", "./q", "{\"q\":7}", "7"},
        {"/x", "./", "{\"\":8}", "8"},
        {"/x/y", ".q", "{\"x\":{\"y\":1,\"q\":2},\".q\":9}", "9"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct key_tree_size room = {0};
        struct key_tree_builder builder;
        struct key_tree keys;
        struct key_tree_scratch scratch = {0};
        struct finding finding = {0};
        struct payload payload;
        size_t at;
        key_tree_size_add_beside(&room, rows[i].base, rows[i].key);
        void *memory = malloc(key_tree_size_bytes(&room));
        key_tree_init(&keys, &room, memory, &builder);
        key_tree_add_beside(&builder, rows[i].base, rows[i].key, 0);
        assert_int_equal(payload_parse(&payload, rows[i].text, strlen(rows[i].text), 65536, &at),
                         FAULT_NONE);
        assert_true(payload_find_keys(&payload, &keys, &scratch, find, &finding));
        if (strcmp(finding.values[0], rows[i].expected) != 0)
            fail_msg("%s beside %s: %s", rows[i].key, rows[i].base, finding.values[0]);
        payload_finish(&payload);
        key_tree_scratch_finish(&scratch);
        free(memory);
    }
}

static void count_found(void *context, uint32_t owner, const cJSON *item)
{
    size_t *found = context;
    assert_true(owner < 2 && item);
    ++*found;
}

/* Brackets as deep as they may be, in strings as deep as they go, and keys as deep as they may. */
static void test_depth(void **state)
{
    (void)state;
    enum { DEEP = 1000, LEVELS = 8 };
    static char text[65536], next[65536], key[2 * DEEP + 2 * LEVELS + 1];
    size_t len = 0, used = 0, found = 0, at;
    for (size_t i = 0; i < DEEP; i++)
        text[len++] = '[';
    for (size_t i = 0; i < DEEP; i++)
        text[len++] = ']';
    for (size_t level = 0; level < LEVELS; level++) {
        size_t from = 0, to = 0;
        next[to++] = '[';
        next[to++] = '"';
        for (; from < len; from++) {
            if (text[from] == '"' || text[from] == '\\')
                next[to++] = '\\';
            next[to++] = text[from];
        }
        next[to++] = '"';
        next[to++] = ']';
        memcpy(text, next, len = to);
    }
    for (size_t i = 0; i < DEEP - 1 + LEVELS; i++)
        used += (size_t)snprintf(key + used, sizeof key - used, "/0");

    struct payload payload;
    struct key_tree keys;
    struct key_tree_scratch scratch = {0};
    void *memory = build(&keys, (const char *const[]){key, "/-1/-1/-1/0", NULL});
    assert_int_equal(payload_parse(&payload, text, len, sizeof text, &at), FAULT_NONE);
    assert_true(payload_find_keys(&payload, &keys, &scratch, count_found, &found));
    assert_int_equal(found, 2);
    payload_finish(&payload);
    key_tree_scratch_finish(&scratch);
    free(memory);
}

static void add_number(void *context, uint32_t owner, const cJSON *item)
{
    uint64_t *sum = context;
    assert_int_equal(item->valuedouble, owner);
    *sum += owner;
}

/* Of many keys each finds its own element. */
static void test_selects_many(void **state)
{
    (void)state;
    enum { MANY = 2000 };
    struct key_tree_size room = {0};
    struct key_tree_scratch scratch = {0};
    struct key_tree keys;
    struct key_tree_builder builder;
    struct payload payload;
    static char names[MANY][16], text[MANY * 24];
    size_t len = 0, at;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], i % 2 ? "/i=%u/v" : "/j=%u/v", (unsigned)i);
        key_tree_size_add(&room, names[i]);
        len += (size_t)snprintf(text + len, sizeof text - len, "%c{\"%c\":%u,\"v\":%u}",
                                i ? ',' : '[', i % 2 ? 'i' : 'j', (unsigned)i, (unsigned)i);
    }
    len += (size_t)snprintf(text + len, sizeof text - len, "]");
    void *memory = malloc(key_tree_size_bytes(&room));
    key_tree_init(&keys, &room, memory, &builder);
    for (uint32_t i = 0; i < MANY; i++)
        key_tree_add(&builder, names[i], i);
    assert_int_equal(keys.selector_count, 2);
    assert_int_equal(payload_parse(&payload, text, len, sizeof text, &at), FAULT_NONE);
    assert_true(payload_find_keys(&payload, &keys, &scratch, add_number, &sum));
    assert_int_equal(sum, MANY * (MANY - 1) / 2);
    payload_finish(&payload);
    key_tree_scratch_finish(&scratch);
    free(memory);
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
        cmocka_unit_test(test_walks),        cmocka_unit_test(test_from_the_end),
        cmocka_unit_test(test_selects),      cmocka_unit_test(test_looks_into_strings),
        cmocka_unit_test(test_depth),        cmocka_unit_test(test_beside),
        cmocka_unit_test(test_selects_many), cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
