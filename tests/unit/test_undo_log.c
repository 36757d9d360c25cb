/* The undo log: its items as a whole, parts and their sizes, how many bytes of it are kept. */
#include "store_fixture.h"

#include <cjson/cJSON.h>

#include "api/store/undo_log.h"

struct fixture {
    struct store_folder folder;
    struct store *store;
    struct arena arena;
    struct text text;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    store_folder_make(&f->folder);
    f->store = store_open_well(f->folder.database, STORE_WRITE);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    assert_int_equal(store_folder_remove(&f->folder), 1); /* the log is moved into the file */
    arena_finish(&f->arena);
    text_finish(&f->text);
    free(f);
    return 0;
}

static void set_text(struct record *record, size_t field, const char *text)
{
    record->cells[field] = (struct cell){.kind = CELL_TEXT, .as.text = text};
}

/* Appends "revision item" of each item. */
static bool take_item(void *context, int64_t revision, const cJSON *item)
{
    char *text = cJSON_PrintUnformatted(item);
    text_printf(context, "%d %s\n", (int)revision, text);
    free(text);
    return !cJSON_GetObjectItem(item, "last");
}

static const char *list_items(struct fixture *f, int64_t first, int64_t last)
{
    text_finish(&f->text);
    text_puts(&f->text, "");
    assert_true(store_begin(f->store));
    assert_true(undo_log_each_item(f->store, first, last, take_item, &f->text));
    assert_true(store_commit(f->store));
    return f->text.data ? f->text.data : "";
}

static void test_undo_items(void **state)
{
    struct fixture *f = *state;
    struct undo_log undo_log = {.keep_bytes = 1 << 20};
    assert_true(store_begin(f->store));
    struct record a = store_add_device(f->store, "a", "top");
    struct record tag = store_add_tag(f->store, &a, "t", 7);
    undo_log_add(f->store, &undo_log, &device_resource, NULL, &a);
    undo_log_add(f->store, &undo_log, &tag_resource, NULL, &tag);
    assert_true(store_commit(f->store));
    assert_int_equal(undo_log.bytes, 0);
    assert_int_equal(undo_log.keep_bytes, 1 << 20);
    assert_true(store_begin(f->store));
    struct record changed = tag, follower = tag;
    set_text(&changed, TAG_UNIT, "bar");
    changed.cells[TAG_SCALE] = (struct cell){.kind = CELL_REAL, .as.real = 0.1};
    changed.cells[TAG_COMMAND_TOPIC] = (struct cell){.kind = CELL_NULL};
    changed.device_id = 12;
    follower.profile_tag = 31;
    undo_log_add(f->store, &undo_log, &tag_resource, &tag, &changed);
    undo_log_add(f->store, &undo_log, &tag_resource, &tag, NULL);
    undo_log_add(f->store, &undo_log, &tag_resource, NULL, &follower);
    undo_log_add_follow(f->store, &undo_log, tag.id, 31, 0);
    undo_log_add_profile(f->store, &undo_log, 4, "{\"name\":\"p\"}", NULL);
    undo_log_add_profile(f->store, &undo_log, 4, NULL, "{}");
    undo_log_add_return(f->store, &undo_log, 40);
    assert_true(store_commit(f->store));
    assert_string_equal(list_items(f, 1, 1),
                        "1 {\"op\":\"create\",\"kind\":\"tag\",\"id\":1}\n"
                        "1 {\"op\":\"create\",\"kind\":\"device\",\"id\":1}\n");
    assert_string_equal(
        list_items(f, 2, 2),
        "2 {\"op\":\"return\",\"to\":40}\n"
        "2 {\"op\":\"create\",\"kind\":\"profile\",\"id\":4,\"before\":null,\"after\":{}}\n"
        "2 "
        "{\"op\":\"delete\",\"kind\":\"profile\",\"id\":4,\"before\":{\"name\":\"p\"},\"after\":"
        "null}\n"
        "2 {\"op\":\"change\",\"kind\":\"follow\",\"id\":1,\"before\":31,\"after\":0}\n"
        "2 {\"op\":\"create\",\"kind\":\"tag\",\"id\":1,\"follows\":31,\"device_id\":1}\n"
        "2 "
        "{\"op\":\"delete\",\"kind\":\"tag\",\"id\":1,\"slot\":1,\"created_ms\":3000,\"device_id\":"
        "1,"
        "\"cells\":{\"name\":\"t\",\"mqtt_key\":\"t\",\"modbus_table\":\"holding_register\","
        "\"modbus_address\":7,\"modbus_type\":\"uint16\"}}\n"
        "2 {\"op\":\"change\",\"kind\":\"tag\",\"id\":1,\"device_id\":[1,12],"
        "\"cells\":{\"unit\":[\"\",\"bar\"],\"modbus_scale\":[1,0.1]}}\n");
    assert_int_equal(strncmp(list_items(f, 1, 2), "2 {\"op\":\"return\"", 15), 0);
    assert_string_equal(list_items(f, 3, 9), "");
    assert_true(store_begin(f->store));
    assert_int_equal(undo_log_read_start(f->store), 0);
    undo_log_clear(f->store);
    assert_int_equal(undo_log_read_start(f->store), 2);
    assert_int_equal(store_query_integer(f->store, "SELECT undo_bytes FROM store"), 0);
    assert_true(store_commit(f->store));
    assert_string_equal(list_items(f, 1, 2), "");
}

/* Puts an item of about `bytes` bytes into a revision of its own. Returns the bytes of all. */
static int64_t put_profile(struct fixture *f, struct undo_log *undo_log, size_t bytes)
{
    char *text = malloc(bytes + 3);
    uint32_t number = 1;
    for (size_t i = 0; i < bytes; i++) { /* which does not become smaller when it is packed */
        number = number * 1664525 + 1013904223;
        text[i + 1] =
            "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_"[number >> 26];
    }
    text[0] = text[bytes + 1] = '"';
    text[bytes + 2] = '\0';
    assert_true(store_begin(f->store));
    store_raise_revision(f->store);
    undo_log_add_profile(f->store, undo_log, 1, NULL, text);
    assert_true(store_commit(f->store));
    free(text);
    assert_true(store_begin(f->store));
    int64_t kept = store_query_integer(f->store, "SELECT undo_bytes FROM store");
    assert_int_equal(kept, store_query_integer(
                               f->store, "SELECT coalesce(sum(length(data) + 32), 0) FROM undo"));
    assert_true(store_commit(f->store));
    return kept;
}

static int64_t undo_start(struct fixture *f)
{
    assert_true(store_begin(f->store));
    int64_t start = undo_log_read_start(f->store);
    assert_true(store_commit(f->store));
    return start;
}

/* The oldest revisions go when there are more bytes than the limit, not when there are as many. */
static void test_undo_limit(void **state)
{
    struct fixture *f = *state;
    struct undo_log undo_log = {.keep_bytes = 1 << 30};
    int64_t one = put_profile(f, &undo_log, 100), two = put_profile(f, &undo_log, 100);
    assert_int_equal(two, 2 * one);
    undo_log.keep_bytes = 3 * one;
    assert_int_equal(put_profile(f, &undo_log, 100), 3 * one);
    assert_int_equal(undo_start(f), 0);
    assert_int_equal(put_profile(f, &undo_log, 100), 3 * one);
    assert_int_equal(undo_start(f), 1);
    undo_log.keep_bytes = 3 * one - 1;
    assert_int_equal(put_profile(f, &undo_log, 100), 2 * one);
    assert_int_equal(undo_start(f), 3);
    undo_log.keep_bytes = one - 1; /* not even this revision */
    assert_int_equal(put_profile(f, &undo_log, 100), 0);
    assert_int_equal(undo_start(f), 6);
    undo_log.keep_bytes = 0;
    assert_int_equal(put_profile(f, &undo_log, 100), 0);
    assert_int_equal(undo_start(f), 7);
    undo_log_add_return(f->store, NULL, 1);
    undo_log_add_return(f->store, &undo_log, 1);
    assert_int_equal(undo_log.item.len, 0);
}

/* A part ends with the item that brings it to a mebibyte; parts of 256 bytes are stored as they
 * are, larger ones packed. */
static void test_undo_parts(void **state)
{
    struct fixture *f = *state;
    struct undo_log undo_log = {.keep_bytes = 1 << 30};
    static const char frame[] =
        "{\"op\":\"create\",\"kind\":\"profile\",\"id\":1,\"before\":null,\"after\":\"\"}\n";
    const size_t extra = sizeof frame - 1;
    put_profile(f, &undo_log, 256 - extra);
    put_profile(f, &undo_log, 257 - extra);
    assert_true(store_begin(f->store));
    assert_int_equal(store_query_integer(f->store, "SELECT size FROM undo WHERE id >> 20 = 1"),
                     256);
    assert_int_equal(
        store_query_integer(f->store, "SELECT length(data) FROM undo WHERE id >> 20 = 1"), 256);
    assert_int_equal(store_query_integer(f->store, "SELECT size FROM undo WHERE id >> 20 = 2"),
                     257);
    assert_true(store_query_integer(f->store, "SELECT length(data) FROM undo WHERE id >> 20 = 2") <
                257);
    store_raise_revision(f->store);
    char *text = calloc(1, (1 << 20) + 1);
    memset(text, 'x', (1 << 20) - extra - 1);
    char *quoted = malloc((1 << 20) + 3);
    snprintf(quoted, (1 << 20) + 3, "\"%s\"", text);
    undo_log_add_profile(f->store, &undo_log, 1, NULL, quoted); /* one byte less than a part */
    assert_int_equal(undo_log.parts, 0);
    undo_log_add_profile(f->store, &undo_log, 2, NULL, "1");
    assert_int_equal(undo_log.parts, 1);
    undo_log_add_profile(f->store, &undo_log, 3, NULL, "1");
    snprintf(quoted, (1 << 20) + 3, "\"x%s\"", text);
    undo_log_add_profile(f->store, &undo_log, 4, NULL, quoted);
    assert_int_equal(undo_log.parts, 2);
    assert_true(store_commit(f->store));
    free(text);
    free(quoted);
    assert_true(store_begin(f->store));
    assert_string_equal(
        store_read_text(
            f->store,
            "SELECT group_concat(printf('%d %d', id % 1048576, size)) FROM undo WHERE id >> 20 = 3",
            &f->arena),
        arena_format(&f->arena, "0 %zu,1 %zu", (size_t)(1 << 20) - 1 + extra - 1,
                     (size_t)(1 << 20) + extra - 1));
    assert_true(store_commit(f->store));
    assert_int_equal(strlen(list_items(f, 3, 3)), 2 * (1 << 20) + 2 * extra - 2 + 4 * 2 - 1);
    /* A part that cannot be read is a failure, and so is a line that is no object. */
    assert_true(store_begin(f->store));
    store_execute_integers(f->store, "UPDATE undo SET size = size + 1 WHERE id >> 20 = 2", NULL, 0);
    assert_false(undo_log_each_item(f->store, 2, 2, take_item, &f->text));
    store_execute_integers(f->store, "UPDATE undo SET data = x'310a', size = 2 WHERE id >> 20 = 2",
                           NULL, 0);
    assert_false(undo_log_each_item(f->store, 2, 2, take_item, &f->text));
    assert_true(undo_log_each_item(f->store, 1, 1, take_item, &f->text));
    assert_true(store_commit(f->store));
}

static void test_undo_cells(void **state)
{
    struct fixture *f = *state;
    const struct field *real = &tag_resource.fields[TAG_SCALE];
    const struct field *integer = &tag_resource.fields[TAG_ADDRESS];
    cJSON *number = cJSON_CreateNumber(12.5), *text = cJSON_CreateString("x"),
          *null = cJSON_CreateNull();
    struct cell cell = undo_log_read_cell(real, number, &f->arena);
    assert_true(cell.kind == CELL_REAL && cell.as.real == 12.5);
    cell = undo_log_read_cell(integer, number, &f->arena);
    assert_true(cell.kind == CELL_INTEGER && cell.as.integer == 12);
    cell = undo_log_read_cell(integer, text, &f->arena);
    assert_true(cell.kind == CELL_TEXT && strcmp(cell.as.text, "x") == 0);
    assert_ptr_not_equal(cell.as.text, text->valuestring);
    assert_int_equal(undo_log_read_cell(real, null, &f->arena).kind, CELL_NULL);
    assert_int_equal(undo_log_read_cell(real, NULL, &f->arena).kind, CELL_NULL);
    cJSON_Delete(number);
    cJSON_Delete(text);
    cJSON_Delete(null);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_undo_items),
        TEST(test_undo_limit),
        TEST(test_undo_parts),
        TEST(test_undo_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
