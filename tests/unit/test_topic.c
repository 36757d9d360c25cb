/* MQTT topics: what is valid, what matches. */
#include "check.h"

#include <string.h>

#include "common/model/topic.h"

static const struct {
    const char *text;
    bool filter, name;
} texts[] = {
    {"a", true, true},
    {"a/b", true, true},
    {"/", true, true},
    {"/a", true, true},
    {"a/", true, true},
    {"a//b", true, true},
    {"", false, false},
    {"+", true, false},
    {"#", true, false},
    {"a/+", true, false},
    {"a/#", true, false},
    {"+/b/#", true, false},
    {"a/#/b", false, false},
    {"a#", false, false},
    {"a/b#", false, false},
    {"a+", false, false},
    {"a/+b", false, false},
    {"shellies/light:0/status", true, true},
    {"$share/group/a/+", true, false},
    {"$share/group/", false, true},
    {"$share/group", false, true},
    {"$share//a", false, true},
    {"$share/g+/a", false, false},
    {"$SYS/broker", true, true},
    {"\xc3\xa4", true, true},
    {"\xc3", false, false},
    {"\xed\xa0\x80", false, false},
    {"a\x01", false, false},
    {"a\x1f/b", false, false},
    {"a\x7f", false, false},
    {"a\xc2\x9f", false, false},
    {"a\xc2\xa0", true, true},
    {"\xef\xb7\x8f", true, true},
    {"\xef\xb7\x90", false, false},
    {"\xef\xb7\xb0", true, true},
    {"\xef\xbf\xbd", true, true},
    {"\xef\xbf\xbe", false, false},
    {"\xf0\x9f\xbf\xbd", true, true},
    {"\xf0\x9f\xbf\xbf", false, false},
    {"\xf4\x8f\xbf\xbe", false, false},
    {"\xef\xbb\xbf", true, true},
    {"\xed\x9f\xbf", true, true},
    {"a b", true, true},
    {"a\x7e", true, true},
    {"a\xc2\x80", false, false},
    {"\xef\xb7\xaf", false, false},
    {"\xef\xb8\x90", true, true},
    {"\xef\xbe\xbf", true, true},
    {"\xef\xbf\xbf", false, false},
    {"\xf0\x9e\xbf\xbe", true, true},
    {"\xf0\x9f\xbe\xbf", true, true},
    {"\xf0\x9f\xbf\xbe", false, false},
    {"\xf1\x8f\xbf\xbf", false, false},
    {"\xf0\x90\x80\x80", true, true},
    {"$share/g/#", true, false},
    {"$share/g/a", true, true},
    {"$share/g/a#", false, false},
    {"$share/g#/a", false, false},
    {"$share/g//", true, true},
    {"$sharex/+", true, false},
    {"a/$share/+", true, false},
    {"+/+/#", true, false},
    {"##", false, false},
    {"++", false, false},
    {"#/", false, false},
    {"+/", true, false},
    {"b+/a", false, false},
};

/* As many bytes as MQTT allows. */
static void test_long_topics(void **state)
{
    static char text[65537];
    (void)state;
    memset(text, 'a', 65535);
    assert_true(topic_filter_is_valid(text));
    assert_true(topic_name_is_valid(text));
    text[65535] = 'a';
    assert_false(topic_filter_is_valid(text));
    assert_false(topic_name_is_valid(text));
}

static void test_slashes(void **state)
{
    char text[202] = {0};
    (void)state;
    memset(text, '/', 200);
    assert_true(topic_filter_is_valid(text));
    text[200] = '/';
    assert_false(topic_filter_is_valid(text));
    assert_false(topic_name_is_valid(text));
}

static void test_valid(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        check_row(topic_filter_is_valid(texts[i].text) == texts[i].filter, texts[i].text);
        check_row(topic_name_is_valid(texts[i].text) == texts[i].name, texts[i].text);
    }
}

static const struct {
    const char *filter, *name;
    bool matches;
} pairs[] = {
    {"a/b", "a/b", true},
    {"a/b", "a/c", false},
    {"a/b", "a/b/c", false},
    {"a/b/c", "a/b", false},
    {"a/+", "a/b", true},
    {"a/+", "a/", true},
    {"a/+", "a", false},
    {"a/+", "a/b/c", false},
    {"+", "a", true},
    {"+", "/a", false},
    {"+/+", "/a", true},
    {"/+", "/a", true},
    {"#", "a/b/c", true},
    {"#", "/", true},
    {"a/#", "a", true},
    {"a/#", "a/b/c", true},
    {"a/#", "ab", false},
    {"a/#", "a/", true},
    {"+/b/#", "a/b", true},
    {"+/b/#", "a/c", false},
    {"#", "$SYS/x", false},
    {"+/x", "$SYS/x", false},
    {"$SYS/#", "$SYS/x", true},
    {"a/+/c", "a//c", true},
    {"sport/+/player", "sport/tennis/player", true},
    {"A", "a", false},
    {"+", "$SYS", false},
    {"#", "a", true},
    {"a/b/#", "a", false},
    {"a/b/#", "a/b", true},
    {"/#", "/a", true},
    {"/#", "a", false},
    {"+/#", "a", true},
    {"a/+/#", "a", false},
    {"a/+/#", "a/b", true},
    {"a/+/#", "a/b/c/d", true},
    {"a", "a/", false},
    {"a/", "a", false},
    {"a/", "a/", true},
    {"ab", "a", false},
    {"a", "ab", false},
    {"a/b", "ab/b", false},
    {"a/+/+", "a/b", false},
    {"+/+", "a/b/c", false},
    {"$SYS/+", "$SYS/x", true},
    {"a/+", "a/$x", true},
};

static void test_matches(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(pairs); i++) {
        if (topic_matches(pairs[i].filter, pairs[i].name) != pairs[i].matches)
            fail_msg("%s and %s", pairs[i].filter, pairs[i].name);
    }
}

static void test_body(void **state)
{
    (void)state;
    assert_string_equal(topic_filter_body("$share/g/a/+"), "a/+");
    assert_string_equal(topic_filter_body("a/b"), "a/b");
    assert_string_equal(topic_filter_body("$share/g"), "");
    assert_string_equal(topic_filter_body("$share/g/"), "");
    assert_string_equal(topic_filter_body("$share//a/b"), "a/b");
    assert_string_equal(topic_filter_body("$shared/g/a"), "$shared/g/a");
    assert_true(topic_has_wildcard("a/+"));
    assert_true(topic_has_wildcard("#"));
    assert_false(topic_has_wildcard("a/b"));
}

static const struct {
    const char *filter, *name, *restored; /* NULL: no topic with slashes for dots */
} dotted[] = {
    {"a.b/c", "a/b/c", "a.b/c"},
    {"a.b/c", "a.b/c", NULL},
    {"a/b/c", "a/b/c", NULL},
    {"a.b/+/c.d", "a/b/x/c/d", "a.b/x/c.d"},
    {"a.b/+", "a/b/", "a.b/"},
    {"a.b/+", "a/b/x/y", NULL},
    {"a.b/#", "a/b/x/y", "a.b/x/y"},
    {"a.b", "a/b/c", NULL},
    {"a.b", "a/", NULL},
    {"a.b", "", NULL},
    {"a.b/#", "a/b/", "a.b/"},
    {"a.b/#", "a/b", NULL},
    {"a.b/+/c", "a/b//c", "a.b//c"},
    {"a/b", "a.b", NULL},
    {"a.b.c", "a/b.c", "a.b.c"},
    {"+/a.b", "x/a/b", "x/a.b"},
};

static void test_dots(void **state)
{
    char restored[16];
    (void)state;
    for (size_t i = 0; i < COUNT(dotted); i++) {
        bool found = topic_restore_dots(dotted[i].filter, dotted[i].name, restored);
        if (found != (dotted[i].restored != NULL))
            fail_msg("%s and %s", dotted[i].filter, dotted[i].name);
        if (found)
            assert_string_equal(restored, dotted[i].restored);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_valid),       cmocka_unit_test(test_slashes),
        cmocka_unit_test(test_long_topics), cmocka_unit_test(test_matches),
        cmocka_unit_test(test_body),        cmocka_unit_test(test_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
