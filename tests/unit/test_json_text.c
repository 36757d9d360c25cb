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

/* The one number that the check finds in a text, or NULL. */
static const struct json_finding *find_number(const char *text)
{
    static struct json_finding finding;
    struct json_findings findings = {.item = &finding, .max = 1};
    size_t at;
    check_row(json_text_check(text, strlen(text), &at, &findings), text);
    return findings.count == 1 ? &finding : NULL;
}

static void check_number(const char *text)
{
    const struct json_finding *finding = find_number(text);
    double expected = strtod(text, NULL);
    check_row(finding && !finding->is_null && finding->at == 0 && finding->len == strlen(text),
              text);
    check_row(memcmp(&finding->number, &expected, sizeof expected) == 0, text);
}

static void test_found_numbers(void **state)
{
    (void)state;
    static const char *const found[] = {
        "0",
        "-0",
        "0.0",
        "-0.0",
        "0.1",
        "21.3",
        "-273.15",
        "12345",
        "9007199254740991",
        "9007199254740992",
        "-9007199254740992",
        "900719925474.0992",
        "0.9007199254740992",
        "0.009007199254740992",
        "0.000000000000000001",
        "0.000000000000000000",
    };
    /* More than 2^53: between two doubles, at the halves, and so near that few bits do not tell. */
    static const char *const found_by_division[] = {
        "9007199254740993",      "-9007199254740993",    "9007199254740995",
        "4503599627370496.5",    "4503599627370497.5",   "4503599627370497.499",
        "4503599627370497.501",  "2251799813685248.250", "2251799813685248.750",
        "900719925474099.3",     "21.299999237060547",   "0.300000000000000044",
        "0.887075464475116926",  "0.090909000990090090", "0.999999999999999944",
        "0.999999999999999999",  "9223372036854775807",  "9999999999999999999",
        "-1.797693134862315708",
    };
    /* More than 19 digits, an exponent. */
    static const char *const left[] = {
        "18446744073709551615",
        "0.0000000000000000001",
        "10000000000000000000000",
        "36893488147419103233",
        "1e2",
        "1.5E-7",
    };
#if defined(__SIZEOF_INT128__) && !defined(JSON_TEXT_NARROW)
    for (size_t i = 0; i < COUNT(found_by_division); i++)
        check_number(found_by_division[i]);
#else
    (void)found_by_division;
#endif
    for (size_t i = 0; i < COUNT(found); i++)
        check_number(found[i]);
    for (size_t i = 0; i < COUNT(left); i++)
        check_row(!find_number(left[i]), left[i]);
}

/* Random digits, fewer and more than those of a double, a point anywhere among them. */
static void test_random_numbers(void **state)
{
    (void)state;
    enum { NUMBERS = 50000, DIGITS = 21 };
    unsigned found = 0;
    srand(1);
    for (unsigned i = 0; i < NUMBERS; i++) {
        char text[DIGITS + 4] = "";
        unsigned digits = 1 + (unsigned)rand() % DIGITS, point = (unsigned)rand() % (digits + 1);
        size_t len = 0;
        if (rand() % 2)
            text[len++] = '-';
        if (point == 0)
            text[len++] = '0';
        for (unsigned digit = 0; digit < digits; digit++) {
            if (digit == point)
                text[len++] = '.';
            text[len++] = (char)('0' + rand() % 10);
            if (digit == 0 && point > 0 && text[len - 1] == '0')
                text[len - 1] = '1';
        }
        if (find_number(text)) {
            check_number(text);
            found++;
        }
    }
    assert_true(found > NUMBERS / 2);
}

static void test_findings_in_order(void **state)
{
    (void)state;
    static const char text[] = "{\"1\":[null,\"2\",-3],\"4\":null , \"e\":1e1,\"n\":5.25 ,\"x\":6}";
    static const struct {
        const char *text;
        double number;
    } expected[] = {{"null", 0}, {"-3", -3}, {"null", 0}, {"5.25", 5.25}};
    struct json_finding found[COUNT(expected)];
    struct json_findings findings = {.item = found, .max = COUNT(found)};
    size_t at;
    assert_true(json_text_check(TEXT(text), &at, &findings));
    assert_int_equal(findings.count, COUNT(expected));
    for (size_t i = 0; i < COUNT(expected); i++) {
        assert_int_equal(found[i].len, strlen(expected[i].text));
        assert_memory_equal(text + found[i].at, expected[i].text, found[i].len);
        assert_true(found[i].number == expected[i].number);
        assert_int_equal(found[i].is_null, expected[i].text[0] == 'n');
    }
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

/* The length of the sequence that begins with these four bytes, by what it decodes to; 0: none. */
static size_t expected_utf8(const unsigned char *bytes)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = bytes[0] < 0x80             ? 1
                 : (bytes[0] & 0xe0) == 0xc0 ? 2
                 : (bytes[0] & 0xf0) == 0xe0 ? 3
                 : (bytes[0] & 0xf8) == 0xf0 ? 4
                                             : 0;
    uint32_t point = len < 2 ? bytes[0] : bytes[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (bytes[i] & 0x3f);
    }
    return len > 0 && point >= smallest[len] && point <= 0x10ffff &&
                   (point < 0xd800 || point > 0xdfff)
               ? len
               : 0;
}

static void test_all_sequences(void **state)
{
    static const unsigned char ends[][2] = {{0x80, 0x80}, {0xbf, 0xbf}, {0x80, 0x7f},
                                            {0x80, 0xc0}, {0x7f, 0xbf}, {0xc0, 0x80}};
    (void)state;
    for (unsigned first = 0; first < 256; first++) {
        for (unsigned second = 0; second < 256; second++) {
            for (size_t end = 0; end < COUNT(ends); end++) {
                const unsigned char bytes[] = {(unsigned char)first, (unsigned char)second,
                                               ends[end][0], ends[end][1]};
                size_t len = expected_utf8(bytes);
                size_t size = len > 0 ? len : sizeof bytes;
                if (utf8_is_valid((const char *)bytes, size) != (len > 0))
                    fail_msg("%02x %02x %02x %02x: %zu", bytes[0], bytes[1], bytes[2], bytes[3],
                             len);
                if (len > 1) /* cut short, or not to be kept whole */
                    assert_int_equal(utf8_prefix_len((const char *)bytes, len - 1, 9) +
                                         utf8_prefix_len((const char *)bytes, len, len - 1),
                                     0);
            }
        }
    }
}

/* Each byte as white space, as an escape, as a digit of one, and within a string. */
static void test_each_byte(void **state)
{
    (void)state;
    for (unsigned c = 0; c < 256; c++) {
        char space[] = {(char)c, '1'}, escape[] = {'"', '\\', (char)c, '"'},
             within[] = {'"', (char)c, '"'};
        size_t at;
        bool is_space = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        bool is_digit = c >= '0' && c <= '9';
        bool is_hex = is_digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        assert_int_equal(json_text_is_valid(space, 2, &at),
                         is_space || c == '-' || (is_digit && c != '0'));
        assert_int_equal(json_text_is_valid(escape, 4, &at),
                         c != 0 && strchr("\"\\/bfnrt", (int)c) != NULL);
        assert_int_equal(json_text_is_valid(within, 3, &at),
                         c >= 0x20 && c < 0x80 && c != '"' && c != '\\');
        for (size_t place = 0; place < 4; place++) {
            char unicode[] = "\"\\u0000\"";
            unicode[3 + place] = (char)c;
            assert_int_equal(json_text_is_valid(unicode, 8, &at), is_hex);
        }
    }
}

/* Halves of surrogate pairs at their limits. */
static void test_surrogates(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        {"\"\\ud7ff\"", true},         {"\"\\ue000\"", true},         {"\"\\ud800\\udc00\"", true},
        {"\"\\uDBFF\\uDFFF\"", true},  {"\"\\ud800\\udbff\"", false}, {"\"\\ud800\\ue000\"", false},
        {"\"\\udbff\\ud7ff\"", false}, {"\"\\udc00\\udc00\"", false}, {"\"\\udfff\"", false},
        {"\"\\ud800\\n\"", false},     {"\"\\ud800xudc00\"", false},  {"\"\\udbff\"", false},
        {"\"\\ud800\\udc0\"", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t at;
        check_row(json_text_is_valid(rows[i].text, strlen(rows[i].text), &at) == rows[i].valid,
                  rows[i].text);
    }
}

/* Where a text is wrong: for people who look for it. */
static void test_fault_offsets(void **state)
{
    static const struct {
        const char *text;
        size_t at;
    } rows[] = {
        {"", 0},           {" x", 1},         {"[1,]", 3},        {"[1 2]", 3}, {"{\"a\" 1}", 5},
        {"{\"a\":1,}", 7}, {"{a:1}", 1},      {"1 2", 2},         {"[1", 2},    {"tru", 0},
        {"trux", 0},       {"\"a\nb\"", 2},   {"\"a\\xb\"", 3},   {"\"a", 2},   {"01", 1},
        {"1.x", 2},        {"-x", 1},         {"1e+x", 3},        {"{]", 1},    {"[}", 1},
        {"\"\xff\"", 1},   {"\"\\u12x\"", 5}, {"\"\\udc00\"", 7}, {"[1,2}", 4}, {"{}}", 2},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        size_t at = 99;
        check_row(!json_text_is_valid(rows[i].text, strlen(rows[i].text), &at), rows[i].text);
        if (at != rows[i].at)
            fail_msg("%s: at %zu, not %zu", rows[i].text, at, rows[i].at);
    }
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
        cmocka_unit_test(test_texts),          cmocka_unit_test(test_depth),
        cmocka_unit_test(test_fault_offset),   cmocka_unit_test(test_found_numbers),
        cmocka_unit_test(test_random_numbers), cmocka_unit_test(test_findings_in_order),
        cmocka_unit_test(test_utf8_cut),       cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_all_sequences),  cmocka_unit_test(test_each_byte),
        cmocka_unit_test(test_surrogates),     cmocka_unit_test(test_fault_offsets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
