/* Conditions on shared topics: which feeds a message is for. */
#include "check.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqttd/config/where_index.h"

enum { DEVICES_MAX = 9, MANY = 5000 };

struct taken {
    cJSON *root; /* of the message */
    const struct feed *feeds;
    unsigned count[DEVICES_MAX];
    unsigned all;
};

static void take(void *context, struct feed *feed)
{
    struct taken *taken = context;
    taken->all++;
    if (taken->feeds)
        taken->count[feed - taken->feeds]++;
}

static void read_item(void *context, const cJSON *item, struct scalar *scalar)
{
    (void)context;
    *scalar = (struct scalar){.kind = SCALAR_OTHER};
    if (cJSON_IsNull(item))
        scalar->kind = SCALAR_NULL;
    else if (cJSON_IsBool(item))
        *scalar = (struct scalar){.kind = SCALAR_BOOL, .truth = cJSON_IsTrue(item)};
    else if (cJSON_IsNumber(item))
        *scalar = (struct scalar){.kind = SCALAR_NUMBER, .number = item->valuedouble};
    else if (cJSON_IsString(item))
        *scalar = (struct scalar){
            .kind = SCALAR_STRING, .text = item->valuestring, .len = strlen(item->valuestring)};
}

static const cJSON *open_no_string(void *context, const cJSON *string)
{
    (void)context, (void)string;
    return NULL;
}

static bool find_keys(void *context, const struct key_tree *keys, key_tree_found *found,
                      void *found_context)
{
    const struct taken *taken = context;
    struct key_tree_scratch scratch = {0};
    static const char *const ignored = NULL;
    const struct key_tree_input input = {
        .root = taken->root, .ignored = &ignored, .open_string = open_no_string};
    bool is_walked = key_tree_walk(keys, &input, &scratch, found, found_context);
    key_tree_scratch_finish(&scratch);
    return is_walked;
}

static void match(const struct where_index *index, const char *message, struct taken *taken)
{
    const struct where_reader reader = {
        .context = taken, .find = find_keys, .read = read_item, .take = take};
    taken->root = cJSON_Parse(message);
    assert_non_null(taken->root);
    assert_true(where_index_match(index, &reader));
    cJSON_Delete(taken->root);
}

/* Each condition is met by the messages whose number is in the list, and by no other. */
static void test_rows(void **state)
{
    (void)state;
    static const char *const messages[] = {
        "{\"id\":37,\"model\":\"X\"}",
        "{\"id\":\"37\"}",
        "{\"id\":37.0}",
        "{\"id\":true}",
        "{\"id\":{\"x\":37}}",
        "{\"a\":{\"b\":[5]}}",
        "[{\"id\":37}]",
        "37",
        "{\"id\":9007199254740992}",
        "{\"id\":9007199254740991}",
    };
    static const struct {
        const char *where;
        const char *met; /* a letter for each message */
    } rows[] = {
        {"{\"id\":37}", "x.x......."},
        {"{\"model\":\"X\",\"id\":37}", "x........."},
        {"{\"id\":\"37\"}", ".x........"},
        {"{\"id\":true}", "...x......"},
        {"{\"id\":false}", ".........."},
        {"{\"/a/b/0\":5}", ".....x...."},
        {"{\"/id/x\":37}", "....x....."},
        {"{\"\":37}", ".......x.."},
        {"{\"id\":9007199254740991}", ".........x"},
    };
    struct device devices[COUNT(rows)] = {0};
    struct feed feeds[COUNT(rows)] = {0};
    char *memory[COUNT(rows)];
    struct where_index *index = NULL;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_true(where_parse(rows[i].where, &devices[i].where, &memory[i]));
        feeds[i].device = &devices[i];
        assert_true(where_index_add(&index, &feeds[i]));
    }
    for (size_t m = 0; m < COUNT(messages); m++) {
        struct taken taken = {.feeds = feeds};
        match(index, messages[m], &taken);
        for (size_t i = 0; i < COUNT(rows); i++) {
            if (taken.count[i] != (rows[i].met[m] == 'x'))
                fail_msg("%s and %s: %u", rows[i].where, messages[m], taken.count[i]);
        }
    }
    struct taken all = {.feeds = feeds};
    where_index_for_each(index, take, &all);
    assert_int_equal(all.all, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        where_index_remove(&index, &feeds[i]);
        where_index_remove(&index, &feeds[i]); /* not there: nothing happens */
        free(memory[i]);
    }
    assert_null(index);
}

static void test_refused_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "", "[]", "{}", "{\"a\":null}", "{\"a\":[]}", "5", "{\"a\":9007199254740992}"};
    struct where where;
    char *memory;
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (where_parse(texts[i], &where, &memory) || memory)
            fail_msg("%s", texts[i]);
    }
    assert_true(where_parse(NULL, &where, &memory));
    assert_int_equal(where.count, 0);
    assert_null(memory);
}

/* One of many devices with the same keys is found, and no other; equal conditions are all met. */
static void test_many(void **state)
{
    (void)state;
    struct device *devices = calloc(MANY, sizeof *devices);
    struct feed *feeds = calloc(MANY, sizeof *feeds);
    char **memory = calloc(MANY, sizeof *memory), text[32];
    struct where_index *index = NULL;
    assert_true(devices && feeds && memory);
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "{\"id\":%d}", i / 2); /* two devices for each id */
        assert_true(where_parse(text, &devices[i].where, &memory[i]));
        feeds[i].device = &devices[i];
        assert_true(where_index_add(&index, &feeds[i]));
    }
    for (int i = 0; i < MANY; i += 123) {
        struct taken taken = {0};
        snprintf(text, sizeof text, "{\"id\":%d}", i);
        match(index, text, &taken);
        assert_int_equal(taken.all, i < MANY / 2 ? 2 : 0);
    }
    where_index_destroy(index);
    for (int i = 0; i < MANY; i++)
        free(memory[i]);
    free(memory);
    free(feeds);
    free(devices);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_refused_texts),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
