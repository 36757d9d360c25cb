/* Matching: a topic reaches exactly the feeds whose filter matches it, after any additions and
 * removals. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/topic.h"
#include "mqttd/config/topic_tree.h"

static const char *const filters[] = {
    "a",          "a/b",          "a/b/c",      "/",        "/a",      "a/",      "+",
    "#",          "+/+",          "a/+",        "+/b",      "a/#",     "a/b/#",   "+/b/#",
    "/+",         "+/",           "$SYS/#",     "$SYS/+/c", "a/+/c",   "a/b/+",   "+/+/+",
    "$share/g/a", "$share/g/a/+", "$share/h/#", "a//b",     "a/+/+/d", "x/y/z/#",
};
static const char *const topics[] = {
    "a",    "a/b",     "a/b/c", "/",         "/a",        "a/",      "b",  "$SYS/b/c", "$SYS",
    "a//b", "a/b/c/d", "x/y/z", "x/y/z/1/2", "q/r/s/t/u", "a/x/y/d", "//", "A",
};

struct taken {
    const struct feed *feeds;
    unsigned count[COUNT(filters)];
};

static void take(void *context, struct feed *feed)
{
    struct taken *taken = context;
    taken->count[feed - taken->feeds]++;
}

static size_t match(const struct topic_tree *topic_tree, const char *topic, struct taken *taken)
{
    const struct topic_visitor visitor = {.context = taken, .take = take};
    return topic_tree_match_topic(topic_tree, topic, &visitor);
}

static void check(const struct topic_tree *topic_tree, const struct feed *feeds,
                  const bool *present)
{
    for (size_t t = 0; t < COUNT(topics); t++) {
        struct taken taken = {.feeds = feeds};
        size_t count = match(topic_tree, topics[t], &taken), expected = 0;
        for (size_t f = 0; f < COUNT(filters); f++) {
            bool matches = present[f] && topic_matches(topic_filter_body(filters[f]), topics[t]);
            expected += matches;
            if (taken.count[f] != matches)
                fail_msg("%s and %s: %u", filters[f], topics[t], taken.count[f]);
        }
        assert_int_equal(count, expected);
    }
}

static void test_all(void **state)
{
    (void)state;
    struct feed feeds[COUNT(filters)] = {0};
    bool present[COUNT(filters)] = {false};
    struct topic_tree *topic_tree = topic_tree_create();
    check(topic_tree, feeds, present);
    for (size_t i = 0; i < COUNT(filters); i++) {
        feeds[i].filter = filters[i];
        assert_true(topic_tree_add(topic_tree, &feeds[i]));
        present[i] = true;
        check(topic_tree, feeds, present);
    }
    for (size_t i = 0; i < COUNT(filters); i++) {
        size_t at = i * 7 % COUNT(filters);
        topic_tree_remove(topic_tree, &feeds[at]);
        present[at] = false;
        check(topic_tree, feeds, present);
    }
    topic_tree_destroy(topic_tree);
}

static void test_one_filter_many_feeds(void **state)
{
    (void)state;
    struct feed feeds[3] = {{.filter = "a/+"}, {.filter = "a/+"}, {.filter = "a/+"}};
    struct topic_tree *topic_tree = topic_tree_create();
    for (int i = 0; i < 3; i++)
        assert_true(topic_tree_add(topic_tree, &feeds[i]));
    struct taken taken = {.feeds = feeds};
    assert_int_equal(match(topic_tree, "a/b", &taken), 3);
    topic_tree_remove(topic_tree, &feeds[1]);
    assert_int_equal(match(topic_tree, "a/b", &taken), 2);
    assert_int_equal(taken.count[1], 1);
    topic_tree_remove(topic_tree, &feeds[1]);
    assert_int_equal(match(topic_tree, "a/b", &taken), 2);
    topic_tree_destroy(topic_tree);
}

/* A broker's answer applies to the feeds of that filter only. */
static void test_the_filter_itself(void **state)
{
    (void)state;
    struct feed feeds[COUNT(filters)] = {0};
    struct topic_tree *topic_tree = topic_tree_create();
    for (size_t i = 0; i < COUNT(filters); i++) {
        feeds[i].filter = filters[i];
        assert_true(topic_tree_add(topic_tree, &feeds[i]));
    }
    for (size_t i = 0; i < COUNT(filters); i++) {
        struct taken taken = {.feeds = feeds};
        topic_tree_find_filter(topic_tree, filters[i], take, &taken);
        for (size_t f = 0; f < COUNT(filters); f++)
            assert_int_equal(taken.count[f], f == i);
    }
    struct taken taken = {.feeds = feeds};
    topic_tree_find_filter(topic_tree, "a/b/c/d", take, &taken);
    topic_tree_find_filter(topic_tree, "$share/other/a", take, &taken);
    for (size_t f = 0; f < COUNT(filters); f++)
        assert_int_equal(taken.count[f], 0);
    topic_tree_destroy(topic_tree);
}

static void ignore(void *context, struct feed *feed)
{
    (void)context, (void)feed;
}

static const struct topic_visitor ignoring = {.take = ignore};

/* Thousands of filters are added, found and removed without residue. */
static void test_many(void **state)
{
    (void)state;
    enum { MANY = 20000 };
    struct feed *feeds = calloc(MANY, sizeof *feeds);
    char(*texts)[32] = calloc(MANY, sizeof *texts);
    struct topic_tree *topic_tree = topic_tree_create();
    for (int i = 0; i < MANY; i++) {
        snprintf(texts[i], sizeof texts[i], i % 4 ? "plant/%d/data" : "plant/%d/+", i);
        feeds[i].filter = texts[i];
        assert_true(topic_tree_add(topic_tree, &feeds[i]));
    }
    for (int i = 0; i < MANY; i++) {
        char topic[32];
        snprintf(topic, sizeof topic, "plant/%d/data", i);
        assert_int_equal(topic_tree_match_topic(topic_tree, topic, &ignoring), 1);
    }
    for (int i = 0; i < MANY; i++)
        topic_tree_remove(topic_tree, &feeds[i]);
    assert_int_equal(topic_tree_match_topic(topic_tree, "plant/4/data", &ignoring), 0);
    topic_tree_destroy(topic_tree);
    free(texts);
    free(feeds);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all),
        cmocka_unit_test(test_one_filter_many_feeds),
        cmocka_unit_test(test_the_filter_itself),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
