/* Events out of a stream in any portions, and the rows that watch shows. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/watch/event_stream.h"
#include "ctl/watch/watch_rows.h"

struct heard {
    char text[512];
};

static void note_event(void *context, const char *name, const char *data, size_t len)
{
    struct heard *heard = context;
    size_t used = strlen(heard->text);
    assert_int_equal(strlen(data), len);
    snprintf(heard->text + used, sizeof heard->text - used, "%s=%s;", name, data);
}

static void test_events_in_any_portions(void **state)
{
    static const char bytes[] = ": heartbeat\n\nevent: revision\ndata:{\"revision\":3}\n\n"
                                "event: values\r\ndata: [1,\r\ndata:2]\r\n\r\nretry: 5\n\n"
                                "data:no name\n\nevent: empty\n\nevent:last\ndata\n\ndata:x\n";
    (void)state;
    for (size_t portion = 1; portion < sizeof bytes; portion++) {
        struct heard heard = {""};
        struct event_stream stream = {.on_event = note_event, .context = &heard};
        for (size_t at = 0; at < sizeof bytes - 1; at += portion) {
            size_t left = sizeof bytes - 1 - at;
            event_stream_take(&stream, bytes + at, left < portion ? left : portion);
        }
        assert_string_equal(heard.text,
                            "revision={\"revision\":3};values=[1,\n2];message=no name;");
        event_stream_reset(&stream); /* what has begun does not count for the next connection */
        event_stream_take(&stream, "\ndata:y\n\n", 9);
        assert_non_null(strstr(heard.text, "message=y;"));
        event_stream_finish(&stream);
    }
}

/* Fields that are not used, names of any length, lines without an end. */
static void test_odd_events(void **state)
{
    static const struct {
        const char *bytes, *heard;
    } rows[] = {
        {"data: a\n\n", "message=a;"},
        {"data:a\n\n", "message=a;"},
        {"data:  a\n\n", "message= a;"},
        {"data:\n\n", "message=;"},
        {"data: \n\n", "message=;"},
        {"data\n\n", ""},
        {"data: a\ndata\ndata: b\n\n", "message=a\nb;"},
        {"data: a\ndata:\ndata: b\n\n", "message=a\n\nb;"},
        {"event: x\ndata: 1\nevent: y\n\ndata: 2\n\n", "y=1;message=2;"},
        {"event:\ndata: 1\n\n", "message=1;"},
        {"event:x\n\ndata: 1\n\n", "message=1;"},
        {"id: 5\nretry: 1\n:data: x\ndatax: 1\n data: 2\n\n", ""},
        {"event: 123456789012345678901234567890xy\ndata: 1\n\n",
         "123456789012345678901234567890x=1;"},
        {"data: a\r\n\r\n", "message=a;"},
        {"data: a\r\r\n\r\n", "message=a\r;"},
        {"\n\n\n", ""},
        {"data: a\n", ""},
        {"data: a\n\ndata: b", "message=a;"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct heard heard = {""};
        struct event_stream stream = {.on_event = note_event, .context = &heard};
        event_stream_take(&stream, rows[i].bytes, strlen(rows[i].bytes));
        event_stream_take(&stream, NULL, 0);
        if (strcmp(heard.text, rows[i].heard) != 0)
            fail_msg("%s: %s", rows[i].bytes, heard.text);
        event_stream_finish(&stream);
    }
}

static size_t newest_len;

static void note_length(void *context, const char *name, const char *data, size_t len)
{
    int *events = context;
    (void)name;
    assert_int_equal(data[len], '\0');
    newest_len = len;
    ++*events;
}

/* An event with more than 64 MiB is dropped, and the next one is taken. */
static void test_events_that_are_too_large(void **state)
{
    size_t size = EVENT_DATA_MAX + 64;
    char *bytes = malloc(size);
    int events = 0;
    struct event_stream stream = {.on_event = note_length, .context = &events};
    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'x', size);
    memcpy(bytes, "data:", 5);
    /* In one line of this length, in one piece: its five letters before the data count, too. */
    bytes[EVENT_DATA_MAX] = '\n';
    event_stream_take(&stream, bytes, EVENT_DATA_MAX + 1);
    event_stream_take(&stream, "\n", 1);
    assert_int_equal(events, 1);
    assert_int_equal(newest_len, EVENT_DATA_MAX - 5);
    bytes[EVENT_DATA_MAX] = 'x';
    bytes[EVENT_DATA_MAX + 1] = '\n';
    event_stream_take(&stream, bytes, EVENT_DATA_MAX + 2);
    event_stream_take(&stream, "\n", 1);
    assert_int_equal(events, 1);
    event_stream_take(&stream, "data:1\n\n", 8);
    assert_int_equal(events, 2);
    assert_int_equal(newest_len, 1);
    /* A line whose end does not come. */
    bytes[EVENT_DATA_MAX + 1] = 'x';
    event_stream_take(&stream, bytes, EVENT_DATA_MAX);
    event_stream_take(&stream, "\n\n", 2);
    assert_int_equal(events, 3);
    event_stream_take(&stream, bytes, EVENT_DATA_MAX);
    event_stream_take(&stream, "x", 1);
    event_stream_take(&stream, "rest\ndata:y\n\ndata:z\n\n", 22);
    assert_int_equal(events, 4);
    assert_int_equal(newest_len, 1);
    event_stream_finish(&stream);
    free(bytes);
}

/* The rows of a list of tags. */
static void take_tags(struct watch_rows *rows, const char *json)
{
    const cJSON *items[16];
    struct pages pages = {.items = items};
    cJSON *tags = cJSON_Parse(json);
    assert_non_null(tags);
    for (const cJSON *tag = tags->child; tag; tag = tag->next)
        items[pages.count++] = tag;
    watch_rows_take_tags(rows, &pages, 5000);
    cJSON_Delete(tags);
}

static void take_values(struct watch_rows *rows, const char *json, int64_t now_ms)
{
    watch_rows_take_values(rows, json, strlen(json), now_ms);
}

/* The names that are shown, in order. */
static const char *shown_names(struct watch_rows *rows, int64_t now_ms)
{
    const char *names = "";
    watch_rows_choose(rows, now_ms);
    for (size_t i = 0; i < rows->shown_count; i++)
        names = keep_format("%s%s ", names, rows->shown[i]->name);
    return names;
}

static void count_change(void *context, const struct watch_row *row, const char *json, size_t len)
{
    int *changes = context;
    (void)row;
    assert_int_equal(json[0], '{');
    assert_int_equal(json[len - 1], '}');
    ++*changes;
}

static void test_rows(void **state)
{
    int changes = 0;
    struct watch_rows rows = {.on_change = count_change, .context = &changes};
    (void)state;
    take_tags(&rows, "[{\"device\":\"b\",\"name\":\"t\",\"unit\":\"K\"},"
                     "{\"device\":\"a\",\"name\":\"x\",\"modbus\":{\"modicon\":\"400001\"}},"
                     "{\"device\":\"a\",\"name\":\"y\"}]");
    assert_string_equal(shown_names(&rows, 0), "a/x a/y b/t ");
    assert_int_equal(rows.counts[WATCH_NEVER], 3);
    take_values(&rows,
                "[{\"device\":\"a\",\"tag\":\"x\",\"value\":0.1000000000000000055,\"quality\":"
                "\"good\",\"reason\":null,\"age_ms\":500,\"messages\":3,\"rejects\":1},"
                " {\"device\":\"a\",\"tag\":\"y\",\"value\":\"a \\\"word\\\"\",\"quality\":\"bad\","
                "\"reason\":\"refused\",\"age_ms\":4000},"
                "{\"device\":\"nobody\",\"tag\":\"y\",\"value\":1,\"quality\":\"good\"}]",
                1000);
    assert_int_equal(changes, 2);
    assert_string_equal(rows.rows[0].value, "0.1000000000000000055"); /* its own digits */
    assert_string_equal(rows.rows[0].address, "400001");
    assert_string_equal(rows.rows[1].value, "a \"word\"");
    assert_string_equal(rows.rows[1].reason, "refused");
    assert_int_equal(watch_row_age(&rows.rows[0], 1200), 700);
    assert_true(watch_row_age(&rows.rows[2], 1200) < 0);

    rows.only_wrong = true;
    assert_string_equal(shown_names(&rows, 1000), "a/y b/t ");
    rows.only_wrong = false;
    snprintf(rows.search, sizeof rows.search, "A/");
    assert_string_equal(shown_names(&rows, 1000), "a/x a/y ");
    rows.search[0] = '\0';
    rows.sort = WATCH_BY_QUALITY;
    assert_string_equal(shown_names(&rows, 1000), "a/y b/t a/x ");
    rows.sort = WATCH_BY_AGE;
    assert_string_equal(shown_names(&rows, 1000), "a/y a/x b/t ");
    rows.is_reversed = true;
    assert_string_equal(shown_names(&rows, 1000), "b/t a/x a/y ");
    rows.sort = WATCH_BY_CHANGE;
    rows.is_reversed = false;
    take_values(&rows, "[{\"device\":\"a\",\"tag\":\"y\",\"value\":2,\"quality\":\"good\"}]", 2000);
    assert_string_equal(shown_names(&rows, 2000), "a/y a/x b/t ");
    take_values(&rows, "[{\"device\":\"a\",\"tag\":\"y\",\"value\":2,\"quality\":\"good\"}]", 3000);
    assert_int_equal(changes, 3); /* the same again is no change */

    /* Other tags: values of those that stay are kept. */
    rows.sort = WATCH_BY_NAME;
    take_tags(&rows, "[{\"device\":\"a\",\"name\":\"y\"},{\"device\":\"c\",\"name\":\"z\"}]");
    assert_string_equal(shown_names(&rows, 3000), "a/y c/z ");
    assert_string_equal(rows.rows[0].value, "2");
    assert_null(rows.rows[1].value);

    /* A value that comes before its tag is kept where tags are expected. */
    take_values(&rows, "[{\"device\":\"d\",\"tag\":\"n\",\"value\":1,\"quality\":\"good\"}]", 4000);
    rows.keeps_early = true;
    take_values(&rows,
                "[{\"device\":\"d\",\"tag\":\"m\",\"value\":5,\"quality\":\"good\"},"
                "{\"device\":\"d\",\"tag\":\"m\",\"value\":6,\"quality\":\"good\"}]",
                4000);
    take_tags(&rows, "[{\"device\":\"d\",\"name\":\"m\"},{\"device\":\"d\",\"name\":\"n\"}]");
    assert_string_equal(rows.rows[0].value, "6");
    assert_null(rows.rows[1].value);
    assert_false(rows.keeps_early);
    rows.devices = "dd,d";
    take_tags(&rows, "[{\"device\":\"d\",\"name\":\"m\"},{\"device\":\"dd\",\"name\":\"n\"},"
                     "{\"device\":\"ddd\",\"name\":\"n\"},{\"device\":\"\",\"name\":\"n\"}]");
    assert_string_equal(shown_names(&rows, 4000), "d/m dd/n ");
    watch_rows_finish(&rows);
}

/* Names, reasons and addresses of the largest length, and longer ones. */
static void test_long_texts(void **state)
{
    char device[300], reason[40];
    struct watch_rows rows = {0};
    (void)state;
    memset(device, 'd', sizeof device);
    memset(reason, 'r', sizeof reason);
    reason[39] = '\0';
    for (size_t len = 252; len <= 254; len++) { /* with "/t" 254 to 256 */
        device[len] = '\0';
        take_tags(&rows, keep_format("[{\"device\":\"%s\",\"name\":\"t\",\"modbus\":"
                                     "{\"modicon\":\"123456789012\"}}]",
                                     device));
        take_values(&rows,
                    keep_format("[{\"device\":\"%s\",\"tag\":\"t\",\"value\":1,\"reason\":"
                                "\"%s\",\"quality\":\"good\"}]",
                                device, reason),
                    1);
        assert_true((rows.rows[0].value != NULL) == (len + 2 < 256));
        if (rows.rows[0].value)
            assert_int_equal(strlen(rows.rows[0].reason), WATCH_REASON_SIZE - 1);
        assert_string_equal(rows.rows[0].address, "12345678901");
        device[len] = 'd';
    }
    watch_rows_finish(&rows);
}

/* What is a change, and what is not. */
static void test_changes(void **state)
{
    static const struct {
        const char *rest;
        int changes, changed_ms;
        const char *value;
    } steps[] = {
        {"\"value\":1,\"quality\":\"good\"", 1, 0, "1"}, /* new: not a change of it */
        {"\"value\":1,\"quality\":\"good\"", 1, 0, "1"},
        {"\"value\":1.0,\"quality\":\"good\"", 2, 3, "1.0"},
        {"\"value\":1.0,\"quality\":\"bad\"", 3, 4, "1.0"},
        {"\"value\":1.0,\"quality\":\"bad\",\"reason\":\"x\"", 4, 5, "1.0"},
        {"\"value\":1.0,\"quality\":\"bad\",\"reason\":\"x\",\"messages\":5", 4, 5, "1.0"},
        {"\"value\":\"a long text that takes more room than before\",\"quality\":\"bad\","
         "\"reason\":\"x\"",
         5, 7, "a long text that takes more room than before"},
        {"\"value\":\"\",\"quality\":\"bad\",\"reason\":\"x\"", 6, 8, ""},
        {"\"value\":null,\"quality\":\"bad\",\"reason\":\"x\"", 6, 8, ""},
        {"\"value\":false,\"quality\":\"no_such\",\"reason\":null", 7, 10, "false"},
    };
    int changes = 0;
    struct watch_rows rows = {.on_change = count_change, .context = &changes};
    (void)state;
    take_tags(&rows, "[{\"device\":\"a\",\"name\":\"x\"}]");
    for (size_t i = 0; i < COUNT(steps); i++) {
        take_values(&rows, keep_format("[{\"device\":\"a\",\"tag\":\"x\",%s}]", steps[i].rest),
                    (int64_t)i + 1);
        const struct watch_row *row = &rows.rows[0];
        check_row(changes == steps[i].changes, steps[i].rest);
        check_row(row->changed_ms == steps[i].changed_ms, steps[i].rest);
        check_row(strcmp(row->value, steps[i].value) == 0, steps[i].rest);
        check_row(row->arrived_ms == (int64_t)i + 1 && row->age_ms == -1, steps[i].rest);
    }
    assert_int_equal(rows.rows[0].quality, WATCH_NEVER);
    watch_rows_finish(&rows);
}

/* All orders, with equal rows among them. */
static void test_orders(void **state)
{
    static const char *const wanted[WATCH_SORT_COUNT][2] = {
        {"a/a a/b a/c a/d a/e ", "a/e a/d a/c a/b a/a "},
        {"a/b a/d a/c a/e a/a ", "a/a a/e a/c a/d a/b "},
        {"a/c a/a a/b a/d a/e ", "a/e a/d a/b a/a a/c "},
        {"a/d a/a a/b a/c a/e ", "a/e a/c a/b a/a a/d "},
    };
    struct watch_rows rows = {0};
    (void)state;
    take_tags(&rows, "[{\"device\":\"a\",\"name\":\"e\"},{\"device\":\"a\",\"name\":\"d\"},"
                     "{\"device\":\"a\",\"name\":\"c\"},{\"device\":\"a\",\"name\":\"b\"},"
                     "{\"device\":\"a\",\"name\":\"a\"}]");
    take_values(&rows,
                "[{\"device\":\"a\",\"tag\":\"a\",\"value\":1,\"quality\":\"good\",\"age_ms\":50},"
                "{\"device\":\"a\",\"tag\":\"b\",\"value\":1,\"quality\":\"bad\",\"age_ms\":0},"
                "{\"device\":\"a\",\"tag\":\"c\",\"value\":1,\"quality\":\"never\",\"age_ms\":60},"
                "{\"device\":\"a\",\"tag\":\"d\",\"value\":1,\"quality\":\"stale\",\"age_ms\":40}]",
                10);
    take_values(&rows,
                "[{\"device\":\"a\",\"tag\":\"d\",\"value\":2,\"quality\":\"stale\",\"age_ms\":5}]",
                20);
    for (int sort = 0; sort < WATCH_SORT_COUNT; sort++) {
        rows.sort = (enum watch_sort)sort;
        for (int reversed = 0; reversed <= 1; reversed++) {
            rows.is_reversed = reversed;
            assert_string_equal(shown_names(&rows, 30), wanted[sort][reversed]);
        }
    }
    assert_int_equal(rows.counts[WATCH_GOOD], 1);
    assert_int_equal(rows.counts[WATCH_STALE], 1);
    assert_int_equal(rows.counts[WATCH_BAD], 1);
    assert_int_equal(rows.counts[WATCH_NEVER], 2);
    watch_rows_finish(&rows);
}

static unsigned marks, releases;

void *__real_keep_mark(void);
void *__wrap_keep_mark(void);
void __real_keep_release(void *mark);
void __wrap_keep_release(void *mark);

void *__wrap_keep_mark(void)
{
    marks++;
    return __real_keep_mark();
}

void __wrap_keep_release(void *mark)
{
    releases++;
    __real_keep_release(mark);
}

/* A watch may run for weeks: what a value took is released. */
static void test_memory_of_values(void **state)
{
    struct watch_rows rows = {0};
    (void)state;
    take_tags(&rows, "[{\"device\":\"a\",\"name\":\"x\"}]");
    marks = releases = 0;
    for (int i = 0; i < 3; i++)
        take_values(&rows,
                    "[{\"device\":\"a\",\"tag\":\"x\",\"value\":1,\"quality\":\"good\"},{},1]", i);
    assert_int_equal(marks, 9);
    assert_int_equal(releases, 9);
    watch_rows_finish(&rows);
}

static void test_what_is_no_list_of_values(void **state)
{
    static const char *const texts[] = {"",
                                        "{}",
                                        "[",
                                        "[1,null,\"x\",[]]",
                                        "[{}]",
                                        "nonsense",
                                        "[{\"device\":1,\"tag\":{},\"value\":[1]}]",
                                        "[{\"device\":\"a\",\"tag\":\"x\",\"value\":{\"a\":[1]},"
                                        "\"quality\":5,\"age_ms\":\"x\"}]"};
    struct watch_rows rows = {0};
    (void)state;
    take_tags(&rows, "[{\"device\":\"a\",\"name\":\"x\"}]");
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        take_values(&rows, texts[i], 1);
    assert_string_equal(rows.rows[0].value, "{\"a\":[1]}");
    watch_rows_finish(&rows);
}

static void test_text_in_columns(void **state)
{
    char text[64];
    (void)state;
    assert_int_equal(text_copy_columns(text, sizeof text, "abc", 5), 3);
    assert_string_equal(text, "abc");
    assert_int_equal(text_copy_columns(text, sizeof text, "abcdef", 4), 4);
    assert_memory_equal(text, "abc", 3);
    assert_int_equal(text_copy_columns(text, sizeof text, "a\033[31m\nb", 9), 8);
    assert_string_equal(text, "a?[31m?b");
    text_copy_columns(text, 4, "abcdef", 9); /* too small a buffer is filled as far as it goes */
    assert_string_equal(text, "abc");
}

int main(void)
{
    keep_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_in_any_portions),
        cmocka_unit_test(test_odd_events),
        cmocka_unit_test(test_events_that_are_too_large),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_memory_of_values),
        cmocka_unit_test(test_what_is_no_list_of_values),
        cmocka_unit_test(test_text_in_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
