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
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_memory_of_values),
        cmocka_unit_test(test_what_is_no_list_of_values),
        cmocka_unit_test(test_text_in_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
