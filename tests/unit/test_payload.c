/* Payloads: a conformance suite of valid and invalid documents, and what their scalars are. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "mqttd/payload.h"

enum { MAX = 65536 };

struct document {
    const char *text;
    size_t len;
};

#define DOC(text)                                                                                  \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct document valid[] = {
    DOC("{}"),
    DOC("[]"),
    DOC("0"),
    DOC("-0"),
    DOC("-0.0e-0"),
    DOC("1e5"),
    DOC("1E+5"),
    DOC("123.456e-7"),
    DOC("1e400"),
    DOC("123456789012345678901234567890"),
    DOC("\"\""),
    DOC("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\""),
    DOC("\"\\ud83d\\ude00\""),
    DOC("\"\xf0\x9f\x98\x80\""),
    DOC("\"\x7f\""),
    DOC("true"),
    DOC("false"),
    DOC("null"),
    DOC(" \t\r\n{ \"a\" : [ 1 , 2 ] } \n"),
    DOC("{\"a\":1,\"a\":2}"),
    DOC("{\"\":1}"),
    DOC("[[[[[[[[[[]]]]]]]]]]"),
    DOC("{\"a\\u0000b\":\"c\\u0000d\"}"),
    DOC("\"\\\\u0000\""),
};

static const struct document invalid[] = {
    DOC(""),
    DOC(" "),
    DOC("{"),
    DOC("}"),
    DOC("["),
    DOC("]"),
    DOC("[1,]"),
    DOC("[,1]"),
    DOC("[1 2]"),
    DOC("{,}"),
    DOC("{\"a\"}"),
    DOC("{\"a\":}"),
    DOC("{\"a\":1,}"),
    DOC("{a:1}"),
    DOC("{'a':1}"),
    DOC("{1:1}"),
    DOC("{\"a\":1 \"b\":2}"),
    DOC("[1}"),
    DOC("{\"a\":1]"),
    DOC("01"),
    DOC("-01"),
    DOC("-"),
    DOC("+1"),
    DOC(".5"),
    DOC("1."),
    DOC("2.e3"),
    DOC("1e"),
    DOC("1e+"),
    DOC("0x10"),
    DOC("1_000"),
    DOC("NaN"),
    DOC("Infinity"),
    DOC("-Infinity"),
    DOC("True"),
    DOC("tru"),
    DOC("nul"),
    DOC("nulll"),
    DOC("\""),
    DOC("\"a"),
    DOC("\"\\\""),
    DOC("\"\\x\""),
    DOC("\"\\u12\""),
    DOC("\"\\u12g4\""),
    DOC("\"\\ud800\""),
    DOC("\"\\ud800\\u0041\""),
    DOC("\"\\udc00\""),
    DOC("\"\x01\""),
    DOC("\"\n\""),
    DOC("\"\x80\""),
    DOC("\"\xc0\xaf\""),
    DOC("\"\xc3\""),
    DOC("\"\xed\xa0\x80\""),
    DOC("\"\xf4\x90\x80\x80\""),
    DOC("\"\xff\""),
    DOC("\"a\0b\""),
    DOC("{}\0"),
    DOC("\0"),
    DOC("1 2"),
    DOC("{} {}"),
    DOC("{}x"),
    DOC("// c\n1"),
    DOC("/* c */1"),
    DOC("\v1"),
    DOC("\xef\xbb\xbf{}"),
    DOC("\xa0"
        "1"),
};

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

/* Brackets as deep as the limit are taken, one more is refused, and neither runs over the stack. */
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
        {"\"\\\\\\u0000\"", SCALAR_OTHER, 0, NULL},
        {"[1]", SCALAR_OTHER, 0, NULL},
        {"{}", SCALAR_OTHER, 0, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct payload payload;
        struct scalar scalar;
        size_t at;
        assert_int_equal(payload_parse(&payload, rows[i].text, strlen(rows[i].text), MAX, &at),
                         FAULT_NONE);
        payload_scalar(&payload, payload.root, &scalar);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid), cmocka_unit_test(test_invalid), cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_depth), cmocka_unit_test(test_scalars),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
