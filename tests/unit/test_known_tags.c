/* Which tags of the store read a key of a topic. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

#include "api/discovery/known_tags.h"

/* The tags of the store. */
static const struct {
    const char *device, *topic, *where, *own_topic, *key;
} rows[] = {
    {"exact", "a/b", NULL, NULL, "x"},
    {"plus", "a/+", NULL, NULL, "/x"},
    {"hash", "a/#", NULL, NULL, "deep"},
    {"all", "#", NULL, NULL, "all"},
    {"first", "+/b/c", NULL, NULL, "x"},
    {"shared", "$share/g/s/t", NULL, NULL, "x"},
    {"own", "elsewhere", NULL, "o/1", "/a/b"},
    {"press", "hall", "{\"node\":\"press\"}", NULL, "load"},
    {"saw", "hall", "{\"name\":\"Saw\"}", NULL, "load"},
    {"node", "spBv1.0/g/+/n", NULL, NULL, "metric"},
    {"spark", "spBv1.0/g/DDATA/n/d", NULL, NULL, "metric"},
    {"select", "sel", NULL, NULL, "/id=7"},
};

/* A question, and the devices whose tags are the answer. */
static const struct {
    const char *topic, *where, *key, *devices;
} cases[] = {
    {"a/b", NULL, "x", "exact plus"},
    {"a/b", NULL, "/x", "exact plus"},
    {"a/b", NULL, "X", ""},
    {"a/c", NULL, "x", "plus"},
    {"a", NULL, "deep", "hash"},
    {"a/b/c", NULL, "deep", "hash"},
    {"ab", NULL, "deep", ""},
    {"a/b/c", NULL, "x", "first"},
    {"other", NULL, "all", "all"},
    {"$SYS/x", NULL, "all", ""},
    {"#", NULL, "all", "all"},
    {"s/t", NULL, "x", "shared"},
    {"o/1", NULL, "/a/b", "own"},
    {"elsewhere", NULL, "/a/b", ""},
    {"hall", "{\"node\":\"press\"}", "load", "press"},
    {"hall", "{\"node\":\"mill\"}", "load", ""},
    {"hall", "{\"node\":\"saw\"}", "load", "saw"}, /* as its newest message says */
    {"spBv1.0/g/DBIRTH/n/d", NULL, "metric", "spark"},
    {"spBv1.0/g/+/n/d", NULL, "metric", "spark"},
    {"spBv1.0/g/NDATA/n", NULL, "metric", "node"},
    {"spBv1.0/g/DDATA/n/e", NULL, "metric", ""},
    {"sel", NULL, "/id=7", "select"},
    {"sel", NULL, "id=7", ""},
};

static void hear(struct survey *survey, const char *payload)
{
    survey_add_message(survey, "hall", payload, strlen(payload), false, 1);
}

static void answers(void **state)
{
    (void)state;
    struct arena arena = {0};
    void *memory = malloc(SURVEY_BLOCK_MIN);
    struct survey *survey = survey_make(memory, SURVEY_BLOCK_MIN);
    for (int i = 0; i < 3; i++) {
        hear(survey, "{\"node\":\"press\",\"name\":\"Press\",\"load\":1}");
        hear(survey, "{\"node\":\"saw\",\"name\":\"Saw\",\"load\":2}");
        hear(survey, "{\"node\":\"mill\",\"name\":\"Mill\",\"load\":3}");
    }
    struct known_tags *known = known_tags_make(&arena, survey);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct known_device *device = arena_alloc(&arena, sizeof *device);
        struct known_tag *tag = arena_alloc(&arena, sizeof *tag);
        *device = (struct known_device){rows[i].device, rows[i].topic, rows[i].where};
        *tag = (struct known_tag){.device = device,
                                  .name = "t",
                                  .topic = rows[i].own_topic,
                                  .key = rows[i].key,
                                  .reads = true};
        known_tags_add_device(known, device);
        known_tags_add(known, tag);
    }
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char found[256] = "";
        const struct known_match *match = known_tags_match(known, cases[i].topic, cases[i].where);
        for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
            for (size_t at = 0; at < match->count; at++) {
                const struct known_feed *feed = match->feeds[at];
                if (strcmp(feed->device->name, rows[row].device) != 0 ||
                    !known_feed_find(feed, cases[i].key))
                    continue;
                strcat(found, *found ? " " : "");
                strcat(found, feed->device->name);
            }
        }
        if (strcmp(found, cases[i].devices) != 0)
            fail_msg("%s %s: \"%s\" in place of \"%s\"", cases[i].topic, cases[i].key, found,
                     cases[i].devices);
        assert_ptr_equal(match, known_tags_match(known, cases[i].topic, cases[i].where));
    }
    assert_string_equal(known_tags_find_device(known, "hall", rows[7].where)->name, "press");
    assert_null(known_tags_find_device(known, "hall", NULL));
    free(memory);
    arena_finish(&arena);
}

static void commands(void **state)
{
    (void)state;
    struct arena arena = {0};
    struct known_tags *known = known_tags_make(&arena, NULL);
    const struct known_device device = {"d", "state", NULL};
    struct known_tag plain = {.device = &device, .key = "k", .command_topic = "set"};
    struct known_tag filled = {.device = &device,
                               .key = "k",
                               .command_topic = "rpc",
                               .command_template = "{\"on\":%}",
                               .reads = true};
    known_tags_add(known, &plain);
    known_tags_add(known, &filled);
    assert_ptr_equal(known_tags_find_command(known, "set", "k", NULL), &plain);
    assert_null(known_tags_find_command(known, "set", "other", NULL));
    assert_ptr_equal(known_tags_find_command(known, "rpc", "any", "{\"on\":%}"), &filled);
    assert_null(known_tags_find_command(known, "rpc", "k", NULL));
    assert_true(known_tags_is_published(known, "set"));
    assert_false(known_tags_is_published(known, "state"));
    known_tags_add_published(known, "state");
    assert_false(known_tags_is_published(known, "state")); /* it is read, too */
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(commands)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
