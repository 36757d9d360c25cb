/* Payloads: a conformance suite of valid and invalid documents, and the scalars in them. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "common/message/payload.h"
#include "json_documents.h"

enum { MAX = 65536 };

static void test_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(valid); i++) {
        struct payload payload;
        size_t at;
        if (payload_parse(&payload, valid[i].text, valid[i].len, MAX, &at) != FAULT_NONE)
            fail_msg("refused at %zu: %s", at, valid[i].text);
        payload_finish(&payload);
    }
}

static void test_invalid(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(invalid); i++) {
        struct payload payload;
        size_t at;
        if (payload_parse(&payload, invalid[i].text, invalid[i].len, MAX, &at) !=
            FAULT_INVALID_JSON)
            fail_msg("taken: %s", invalid[i].text);
        assert_true(at <= invalid[i].len);
        payload_finish(&payload);
    }
}

static void test_sizes(void **state)
{
    (void)state;
    struct payload payload;
    size_t at;
    assert_int_equal(payload_parse(&payload, "12345", 5, 4, &at), FAULT_TOO_LARGE);
    assert_int_equal(payload_parse(&payload, "12345", 5, 5, &at), FAULT_NONE);
    payload_finish(&payload);
    assert_int_equal(payload_parse(&payload, NULL, 0, 5, &at), FAULT_INVALID_JSON);
}

/* Accepts brackets up to the depth limit, refuses one more, and overflows the stack in neither
 * case. */
static void test_depth(void **state)
{
    (void)state;
    enum { LIMIT = 1000 };
    char text[2 * LIMIT + 4];
    for (size_t depth = LIMIT - 1; depth <= LIMIT + 1; depth++) {
        struct payload payload;
        size_t at;
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        enum fault fault = payload_parse(&payload, text, 2 * depth, MAX, &at);
        assert_int_equal(fault, depth <= LIMIT ? FAULT_NONE : FAULT_INVALID_JSON);
        payload_finish(&payload);
    }
}

static void test_scalars(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum scalar_kind kind;
        double number;
        const char *string;
    } rows[] = {
        {"1.5", SCALAR_NUMBER, 1.5, NULL},
        {"true", SCALAR_BOOL, 1, NULL},
        {"false", SCALAR_BOOL, 0, NULL},
        {"null", SCALAR_NULL, 0, NULL},
        {"\"ab\"", SCALAR_STRING, 0, "ab"},
        {"\"\\u00e9\"", SCALAR_STRING, 0, "\xc3\xa9"},
        {"\"\\\\u0000\"", SCALAR_STRING, 0, "\\u0000"},
        {"\"a\\u0000b\"", SCALAR_OTHER, 0, NULL},
        {"\"\\\\\\u0000\"", SCALAR_STRING, 0, "\\"},
        {"\"20.5\\u0000\"", SCALAR_STRING, 0, "20.5"},
        {"\"\\u0000 \\u0000 x y\\r\\u0000\\n\"", SCALAR_STRING, 0, "x y"},
        {"\"\\u0000 a\\u0000 b\\u0000\"", SCALAR_OTHER, 0, NULL},
        {"\"\\u0000\"", SCALAR_STRING, 0, ""},
        {"\"\\u0000 \\u0000\"", SCALAR_STRING, 0, ""},
        {"\" x \"", SCALAR_STRING, 0, " x "},
        {"[1]", SCALAR_OTHER, 0, NULL},
        {"{}", SCALAR_OTHER, 0, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct payload payload;
        struct scalar scalar;
        size_t at;
        assert_int_equal(payload_parse(&payload, rows[i].text, strlen(rows[i].text), MAX, &at),
                         FAULT_NONE);
        payload_read_scalar(&payload, payload.root, &scalar);
        if (scalar.kind != rows[i].kind)
            fail_msg("%s: kind %d", rows[i].text, (int)scalar.kind);
        if (scalar.kind == SCALAR_NUMBER)
            assert_true(scalar.number == rows[i].number);
        if (scalar.kind == SCALAR_BOOL)
            assert_int_equal(scalar.truth, rows[i].number != 0);
        if (rows[i].string) {
            assert_int_equal(scalar.len, strlen(rows[i].string));
            assert_memory_equal(scalar.text, rows[i].string, scalar.len);
        }
        payload_finish(&payload);
    }
}

/* [0,1,2, ...] */
static size_t write_numbers(char *text, size_t size, unsigned count)
{
    size_t len = 0;
    for (unsigned i = 0; i < count; i++)
        len += (size_t)snprintf(text + len, size - len, "%c%u", i ? ',' : '[', i);
    return len + (size_t)snprintf(text + len, size - len, "]");
}

static void check_numbers(const struct payload *payload, unsigned count)
{
    unsigned i = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, payload->root) assert_true(item->valuedouble == i++);
    assert_int_equal(i, count);
}

/* Nulls and numbers of few digits, of many and with an exponent keep their places, also behind the
 * last one that the check notes. */
static void test_nulls_among_numbers(void **state)
{
    (void)state;
    static const char part[] = "[null,\"null\",7,0.25,1e2,{\"n\":null,\"x\":18014398509481985}],";
    enum { PARTS = 300 };
    static char text[PARTS * sizeof part];
    struct payload payload;
    size_t at, len = 0;
    for (unsigned i = 0; i < PARTS; i++)
        len += (size_t)sprintf(text + len, "%s%s", i ? "" : "[", part);
    text[len - 1] = ']';
    assert_int_equal(payload_parse(&payload, text, len, MAX, &at), FAULT_NONE);
    cJSON *plain = cJSON_ParseWithLength(text, len);
    assert_non_null(plain);
    const cJSON *expected = plain->child, *each;
    cJSON_ArrayForEach(each, payload.root)
    {
        const cJSON *item = each->child, *same = expected->child;
        for (; same->type != cJSON_Object; item = item->next, same = same->next) {
            assert_int_equal(item->type, same->type);
            assert_true(item->valuedouble == same->valuedouble);
            assert_int_equal(item->valueint, same->valueint);
        }
        assert_int_equal(item->child->type, cJSON_NULL);
        assert_true(item->child->next->valuedouble == 18014398509481984.0);
        expected = expected->next;
    }
    assert_null(expected);
    cJSON_Delete(plain);
    payload_finish(&payload);
}

/* Two payloads at a time: one fits into the pool, one does not. */
static void test_trees_at_once(void **state)
{
    (void)state;
    static char text[MAX];
    struct payload small, large;
    size_t at;
    for (unsigned round = 0; round < 100; round++) {
        size_t len = write_numbers(text, sizeof text, 100 + round);
        assert_int_equal(payload_parse(&small, text, len, MAX, &at), FAULT_NONE);
        len = write_numbers(text, sizeof text, 5000);
        assert_int_equal(payload_parse(&large, text, len, MAX, &at), FAULT_NONE);
        check_numbers(&small, 100 + round);
        check_numbers(&large, 5000);
        payload_finish(round % 2 ? &small : &large);
        len = write_numbers(text, sizeof text, 10);
        assert_int_equal(payload_parse(round % 2 ? &small : &large, text, len, MAX, &at),
                         FAULT_NONE);
        check_numbers(&small, round % 2 ? 10 : 100 + round);
        check_numbers(&large, round % 2 ? 5000 : 10);
        payload_finish(&small);
        payload_finish(&large);
    }
}

static unsigned refused; /* the allocation that fails, from 1; 0: none */

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size)
{
    return refused > 0 && --refused == 0 ? NULL : __real_malloc(size);
}

/* Without memory it is unknown whether a text is JSON; what is no JSON needs none. */
static void test_without_memory(void **state)
{
    (void)state;
    static char text[MAX];
    struct payload payload;
    size_t at, len = write_numbers(text, sizeof text, 5000); /* more than the pool holds */
    unsigned attempts = 0;
    do {
        refused = ++attempts;
        enum fault fault = payload_parse(&payload, text, len, MAX, &at);
        if (fault != FAULT_NONE) {
            assert_int_equal(fault, FAULT_INVALID_JSON);
            assert_true(payload.is_short);
        }
        assert_true((fault == FAULT_NONE) == !payload.is_short);
        payload_finish(&payload);
    } while (refused == 0 && attempts < 20);
    assert_true(attempts > 2);
    text[len / 2] = '}';
    refused = 1;
    assert_int_equal(payload_parse(&payload, text, len, MAX, &at), FAULT_INVALID_JSON);
    assert_false(payload.is_short);
    payload_finish(&payload);
    refused = 0;
}

int main(void)
{
    payload_install_pool();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),         cmocka_unit_test(test_without_memory),
        cmocka_unit_test(test_invalid),       cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_depth),         cmocka_unit_test(test_scalars),
        cmocka_unit_test(test_trees_at_once), cmocka_unit_test(test_nulls_among_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
