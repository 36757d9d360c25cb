/* All of RFC 8259, UTF-8, JSON Pointers. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
    const char *text;
    size_t len;
    bool valid;
} texts[] = {
    {TEXT("{}"), true},
    {TEXT("[]"), true},
    {TEXT(" {\t\"a\" : [ 1 , 2 ] }\r\n"), true},
    {TEXT("null"), true},
    {TEXT("true"), true},
    {TEXT("false"), true},
    {TEXT("\"\""), true},
    {TEXT("0"), true},
    {TEXT("-0"), true},
    {TEXT("-0.0e-0"), true},
    {TEXT("1e400"), true},
    {TEXT("1E+2"), true},
    {TEXT("[[[[]]]]"), true},
    {TEXT("{\"a\":1,\"a\":2}"), true},
    {TEXT("\"\\u00e4\\n\\/\\\"\""), true},
    {TEXT("\"\\ud83d\\ude00\""), true},
    {TEXT("\"\xf0\x9f\x98\x80\""), true},
    {TEXT("\"\x7f\""), true},
    {TEXT(""), false},
    {TEXT(" "), false},
    {TEXT("nul"), false},
    {TEXT("nulll"), false},
    {TEXT("True"), false},
    {TEXT("NaN"), false},
    {TEXT("Infinity"), false},
    {TEXT("-"), false},
    {TEXT("+1"), false},
    {TEXT("012"), false},
    {TEXT("-012"), false},
    {TEXT("1."), false},
    {TEXT(".5"), false},
    {TEXT("-.5"), false},
    {TEXT("2.e3"), false},
    {TEXT("1e"), false},
    {TEXT("1e+"), false},
    {TEXT("0x10"), false},
    {TEXT("1 2"), false},
    {TEXT("[1,]"), false},
    {TEXT("[,1]"), false},
    {TEXT("[1 2]"), false},
    {TEXT("[1"), false},
    {TEXT("1]"), false},
    {TEXT("[}"), false},
    {TEXT("{]"), false},
    {TEXT("{\"a\"}"), false},
    {TEXT("{\"a\":}"), false},
    {TEXT("{\"a\":1,}"), false},
    {TEXT("{,}"), false},
    {TEXT("{a:1}"), false},
    {TEXT("{1:1}"), false},
    {TEXT("{'a':1}"), false},
    {TEXT("{\"a\":1} x"), false},
    {TEXT("\"a"), false},
    {TEXT("\"\\x\""), false},
    {TEXT("\"\\u12\""), false},
    {TEXT("\"\\u12g4\""), false},
    {TEXT("\"\\"), false},
    {TEXT("\"\\ud800\""), false},
    {TEXT("\"\\udc00\""), false},
    {TEXT("\"\\ud800\\u0041\""), false},
    {TEXT("\"a\nb\""), false},
    {TEXT("\"a\x1f\""), false},
    {TEXT("\"a\0b\""), false},
    {TEXT("{}\0"), false},
    {TEXT("\xef\xbb\xbf{}"), false},
    {TEXT("\v1"), false},
    {TEXT("\"\xc3\""), false},
    {TEXT("\"\xc0\xaf\""), false},
    {TEXT("\"\xed\xa0\x80\""), false},
    {TEXT("\"\xf4\x90\x80\x80\""), false},
    {TEXT("\"\xff\""), false},
    {TEXT("/* c */ 1"), false},
    {TEXT("[1,2,3"), false},
    {TEXT("{\"a\":{\"b\":[1,{\"c\":null}]}}"), true},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        size_t at;
        /* A copy without a terminator, so that AddressSanitizer sees a read past the end. */
        char *copy = malloc(texts[i].len + 1);
        assert_non_null(copy);
        char *exact = memcpy(copy + 1, texts[i].text, texts[i].len);
        check_row(json_text_is_valid(exact, texts[i].len, &at) == texts[i].valid, texts[i].text);
        check_row(at <= texts[i].len, texts[i].text);
        free(copy);
    }
}

static bool nested_is_valid(size_t depth)
{
    char *text = malloc(2 * depth);
    size_t at;
    assert_non_null(text);
    memset(text, '[', depth);
    memset(text + depth, ']', depth);
    bool valid = json_text_is_valid(text, 2 * depth, &at);
    free(text);
    return valid;
}

static void test_depth(void **state)
{
    (void)state;
    assert_true(nested_is_valid(JSON_DEPTH_MAX));
    assert_false(nested_is_valid(JSON_DEPTH_MAX + 1));
    assert_false(nested_is_valid(100000));
}

static void test_fault_offset(void **state)
{
    (void)state;
    size_t at;
    assert_false(json_text_is_valid(TEXT("{\"a\": x}"), &at));
    assert_int_equal(at, 6);
}

static void test_utf8_cut(void **state)
{
    (void)state;
    assert_int_equal(utf8_prefix_len(TEXT("a\xc3\xa4z"), 4), 4);
    assert_int_equal(utf8_prefix_len(TEXT("a\xc3\xa4z"), 2), 1);
    assert_int_equal(utf8_prefix_len(TEXT("a\xc3"), 9), 1);
    assert_true(utf8_is_valid(TEXT("")));
    assert_false(utf8_is_valid(TEXT("\x80")));
}

static void test_pointers(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool valid;
    } pointers[] = {{"", true},         {"/", true},    {"/a/b", true},
                    {"/a~0b/~1", true}, {"a", false},   {"/~", false},
                    {"/~2", false},     {"/a~", false}, {"/ENERGY/Power/0", true}};
    for (size_t i = 0; i < COUNT(pointers); i++)
        check_row(json_pointer_is_valid(pointers[i].text) == pointers[i].valid, pointers[i].text);

    char token[16];
    const char *pointer = "/a~1b//~0";
    assert_int_equal(json_pointer_next_token(&pointer, token, sizeof token), 3);
    assert_string_equal(token, "a/b");
    assert_int_equal(json_pointer_next_token(&pointer, token, sizeof token), 0);
    assert_int_equal(json_pointer_next_token(&pointer, token, sizeof token), 1);
    assert_string_equal(token, "~");
    assert_int_equal(*pointer, '\0');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_fault_offset), cmocka_unit_test(test_utf8_cut),
        cmocka_unit_test(test_pointers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
