/* Records, profiles, the audit and the undo log in the store: lists and their ends, filters, what
 * is kept and for how long, texts as a whole. */
#include "store_fixture.h"

#include <cjson/cJSON.h>

#include "api/store/audit.h"
#include "api/store/profile_store.h"
#include "api/store/undo_log.h"
#include "common/base/json_text.h"

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

/* Appends "name " for each record that a list shows. */
static bool take_name(void *context, const struct record *record)
{
    struct text *text = context;
    if (record->device)
        text_printf(text, "%s/", record->device);
    text_printf(text, "%s ", record->cells[0].as.text);
    return text->len < 60;
}

static const char *list_tags(struct fixture *f, const struct record_filter *filter)
{
    text_finish(&f->text);
    text_puts(&f->text, "");
    record_store_each_tag(f->store, &f->arena, filter, take_name, &f->text);
    text_printf(&f->text, "%d", (int)record_store_count_tags(f->store, filter));
    return f->text.data;
}

static const char *list_devices(struct fixture *f, const char *needle, const char *after, int limit)
{
    const struct record_filter filter = {.after = after, .needle = needle, .limit = limit};
    text_finish(&f->text);
    record_store_each_device(f->store, &f->arena, &filter, take_name, &f->text);
    text_printf(&f->text, "%d", (int)record_store_count_devices(f->store, &filter));
    return f->text.data;
}

static void set_text(struct record *record, size_t field, const char *text)
{
    record->cells[field] = (struct cell){.kind = CELL_TEXT, .as.text = text};
}

static void test_lists(void **state)
{
    struct fixture *f = *state;
    _Static_assert((int)DEVICE_NAME == 0 && (int)TAG_NAME == 0, "take_name reads the first field");
    assert_true(store_begin(f->store));
    struct record a = store_add_device(f->store, "a", "top/a");
    struct record b = store_add_device(f->store, "b", "top/b");
    struct record tag = store_add_tag(f->store, &a, "t1", 99);
    store_add_tag(f->store, &a, "t2", 100);
    store_add_tag(f->store, &b, "t1", 0);
    store_add_tag(f->store, &b, "u", 65535);
    set_text(&a, DEVICE_LABEL, "\xc3\x96l-Kessel");
    set_text(&b, DEVICE_DESCRIPTION, "hot WATER");
    record_store_update(f->store, &device_resource, &a);
    record_store_update(f->store, &device_resource, &b);
    set_text(&tag, TAG_TABLE, "coil");
    set_text(&tag, TAG_LABEL, "Open");
    set_text(&tag, TAG_TOPIC, "own/topic");
    tag.updated_ms = 77;
    tag.revision = 7;
    record_store_update(f->store, &tag_resource, &tag);
    static const struct {
        const char *needle, *device, *table, *after_device, *after;
        int limit;
        const char *list;
    } rows[] = {
        {"", "", "", "", "", -1, "a/t1 a/t2 b/t1 b/u 4"},
        {"", "", "", "", "", 0, "4"},
        {"", "", "", "", "", 1, "a/t1 4"},
        {"", "", "", "a", "t1", -1, "a/t2 b/t1 b/u 4"},
        {"", "", "", "a", "t2", -1, "b/t1 b/u 4"},
        {"", "", "", "b", "", -1, "b/t1 b/u 4"},
        {"", "a", "", "", "", -1, "a/t1 a/t2 2"},
        {"", "a", "", "a", "t1", -1, "a/t2 2"},
        {"", "b", "", "a", "z", -1, "b/t1 b/u 2"},
        {"", "a", "", "b", "", -1, "2"},
        {"", "c", "", "", "", -1, "0"},
        {"", "", "coil", "", "", -1, "a/t1 1"},
        {"", "b", "coil", "", "", -1, "0"},
        {"", "", "holding_register", "", "", 2, "a/t2 b/t1 3"},
        {"T1", "", "", "", "", -1, "a/t1 b/t1 2"},
        {"t1 b", "", "", "", "", -1, "b/t1 1"},
        {" \xc3\xb6L ", "", "", "", "", -1, "a/t1 a/t2 2"},
        {"\xc3\xb6l", "a", "", "", "", -1,
         "0"}, /* what a tag has of its device is one's own then */
        {"top/a", "", "", "", "", -1, "a/t2 1"},
        {"own/", "", "", "", "", -1, "a/t1 1"},
        {"open", "a", "", "", "", -1, "a/t1 1"},
        {"99", "", "", "", "", -1, "a/t1 1"},
        {"000100", "", "", "", "", -1, "a/t1 1"},
        {"400101", "", "", "", "", -1, "a/t2 1"},
        {"400001", "", "", "", "", -1, "b/t1 1"},
        {"465536", "", "", "", "", -1, "b/u 1"},
        {"65535", "", "", "", "", -1, "b/u 1"},
        {"6553", "", "", "", "", -1, "0"},
        {"t1 nothing", "", "", "", "", -1, "0"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct record_filter filter = {.needle = rows[i].needle,
                                             .device = rows[i].device,
                                             .table = rows[i].table,
                                             .after_device = rows[i].after_device,
                                             .after = rows[i].after,
                                             .limit = rows[i].limit};
        assert_string_equal(list_tags(f, &filter), rows[i].list);
    }
    assert_string_equal(list_devices(f, "", "", -1), "a b 2");
    assert_string_equal(list_devices(f, "", "a", -1), "b 2");
    assert_string_equal(list_devices(f, "", "", 1), "a 2");
    assert_string_equal(list_devices(f, "water", "", -1), "b 1");
    assert_string_equal(list_devices(f, "\xc3\xb6L-k", "", -1), "a 1");
    assert_string_equal(list_devices(f, "A", "", -1), "a b 2"); /* "hot WATER" */
    assert_string_equal(list_devices(f, "top", "", -1), "0");
    assert_true(store_commit(f->store));
}

static void test_finds(void **state)
{
    struct fixture *f = *state;
    struct record found;
    assert_true(store_begin(f->store));
    struct record a = store_add_device(f->store, "a", "a");
    struct record tag = store_add_tag(f->store, &a, "t", 10);
    set_text(&tag, TAG_UNIT, "bar");
    tag.revision = 12;
    tag.updated_ms = 34;
    record_store_update(f->store, &tag_resource, &tag);
    assert_true(record_store_find_tag(f->store, &f->arena, "a", "t", &found));
    assert_true(record_is_equal(&tag_resource, &found, &tag));
    assert_int_equal(found.id, tag.id);
    assert_int_equal(found.revision, 12);
    assert_int_equal(found.updated_ms, 34);
    assert_int_equal(found.created_ms, 3000);
    assert_int_equal(found.slot, 1);
    assert_int_equal(found.device_id, a.id);
    assert_int_equal(found.profile_tag, 0);
    assert_string_equal(found.device, "a");
    assert_true(record_store_find_device(f->store, &f->arena, "a", &found));
    assert_true(record_is_equal(&device_resource, &found, &a));
    assert_null(found.device);
    assert_int_equal(found.updated_ms, 2000);
    assert_true(record_store_find_by_id(f->store, &f->arena, &device_resource, a.id, &found));
    assert_int_equal(found.id, a.id);
    assert_true(record_store_find_by_id(f->store, &f->arena, &tag_resource, tag.id, &found));
    assert_string_equal(record_field_text(&found, TAG_UNIT), "bar");
    assert_false(record_store_find_by_id(f->store, &f->arena, &tag_resource, tag.id + 1, &found));
    assert_false(record_store_find_device(f->store, &f->arena, "A", &found));
    assert_false(record_store_find_tag(f->store, &f->arena, "a", "T", &found));
    struct record b = store_add_device(f->store, "b", "b");
    tag.device_id = b.id;
    set_text(&tag, TAG_NAME, "moved");
    record_store_move_tag(f->store, &tag);
    assert_false(record_store_find_tag(f->store, &f->arena, "a", "t", &found));
    assert_true(record_store_find_tag(f->store, &f->arena, "b", "moved", &found));
    struct record again = {.id = 50, .slot = store_take_slot(f->store), .revision = 1};
    record_set_defaults(&device_resource, NULL, &again);
    set_text(&again, DEVICE_NAME, "c");
    set_text(&again, DEVICE_TOPIC, "c");
    record_store_insert(f->store, &device_resource, &again);
    assert_int_equal(again.id, 50);
    assert_true(store_commit(f->store));
    /* A text that is no choice, which only a hand can have written, is no record. */
    assert_true(store_begin(f->store));
    store_execute_integers(f->store, "UPDATE tag SET modbus_type = 'int17'", NULL, 0);
    assert_false(record_store_find_tag(f->store, &f->arena, "b", "moved", &found));
    assert_true(store_has_failed(f->store));
    assert_string_equal(store_failure_reason(f->store),
                        "modbus_type has the unknown value 'int17'");
    assert_false(store_commit(f->store));
}

static bool take_profile(void *context, const char *name)
{
    text_printf(context, "%s ", name);
    return strcmp(name, "p3") != 0;
}

static const char *list_profiles(struct fixture *f, const char *after, const char *needle)
{
    text_finish(&f->text);
    profile_store_each_name(f->store, &f->arena, after, needle, take_profile, &f->text);
    text_printf(&f->text, "%d", (int)profile_store_count(f->store, needle));
    return f->text.data;
}

static struct profile make_profile(const char *name, struct profile_tag *tags, size_t count)
{
    return (struct profile){.name = name,
                            .label = "",
                            .description = "",
                            .params_text = "{}",
                            .room_text = "{}",
                            .device_text = "{}",
                            .revision = 1,
                            .created_ms = 5,
                            .updated_ms = 6,
                            .tags = tags,
                            .count = count};
}

static void test_profiles(void **state)
{
    struct fixture *f = *state;
    struct profile_tag tags[] = {{.name = "x", .text = "{\"name\":\"x\"}"},
                                 {.name = "y", .text = "{\"name\":\"y\"}"},
                                 {.name = "z", .text = "{}"}};
    assert_true(store_begin(f->store));
    struct profile p1 = make_profile("p1", tags, 3);
    p1.label = "Meter \xc3\x84";
    profile_store_put(f->store, NULL, &p1);
    assert_int_equal(p1.id, 1);
    assert_int_equal(tags[2].id, 3);
    struct profile p2 = make_profile("p2", NULL, 0), p3 = make_profile("p3", NULL, 0),
                   p4 = make_profile("p4", NULL, 0);
    p2.description = "METER";
    p2.id = 22;
    profile_store_put(f->store, NULL, &p2);
    assert_int_equal(p2.id, 22);
    profile_store_put(f->store, NULL, &p3);
    profile_store_put(f->store, NULL, &p4);
    assert_string_equal(list_profiles(f, "", ""), "p1 p2 p3 4");
    assert_string_equal(list_profiles(f, "p1", ""), "p2 p3 4");
    assert_string_equal(list_profiles(f, "p4", ""), "4");
    assert_string_equal(list_profiles(f, "", "meter"), "p1 p2 2");
    assert_string_equal(list_profiles(f, "", "\xc3\xa4"), "p1 1");
    assert_string_equal(list_profiles(f, "", "P4"), "p4 1");

    /* y goes, z comes first, n is new; the others keep their ids. */
    struct profile_tag newer[] = {tags[2], {.name = "n", .text = "{}"}, tags[0]};
    struct profile changed = make_profile("p9", newer, 3);
    changed.revision = 8;
    profile_store_put(f->store, &p1, &changed);
    struct profile *found = profile_store_find(f->store, &f->arena, "p9");
    assert_non_null(found);
    assert_int_equal(found->id, 1);
    assert_int_equal(found->revision, 8);
    assert_int_equal(found->created_ms, 5);
    assert_int_equal(found->updated_ms, 6);
    assert_int_equal(found->count, 3);
    assert_string_equal(found->tags[0].name, "z");
    assert_int_equal(found->tags[0].id, 3);
    assert_string_equal(found->tags[1].name, "n");
    assert_int_equal(found->tags[1].id, 4);
    assert_string_equal(found->tags[2].text, "{\"name\":\"x\"}");
    assert_int_equal(found->tags[2].table, -1);
    assert_int_equal(found->tags[2].first, -1);
    assert_string_equal(found->params_text, "{}");
    assert_null(profile_store_find(f->store, &f->arena, "p1"));
    assert_string_equal(profile_store_find_name(f->store, &f->arena, 22), "p2");
    assert_null(profile_store_find_name(f->store, &f->arena, 99));

    static const char *const names[] = {"c", "a", "b"};
    for (size_t i = 0; i < COUNT(names); i++) {
        struct record device = store_add_device(f->store, names[i], names[i]);
        set_text(&device, DEVICE_PROFILE, "{\"name\":\"p2\"}");
        record_store_update(f->store, &device_resource, &device);
    }
    assert_int_equal(profile_store_count_devices(f->store, "p2"), 3);
    assert_int_equal(profile_store_count_devices(f->store, "p3"), 0);
    const char **users = profile_store_list_devices(f->store, &f->arena, "p2", "", -1);
    assert_string_equal(users[0], "a");
    assert_string_equal(users[2], "c");
    assert_null(users[3]);
    users = profile_store_list_devices(f->store, &f->arena, "p2", "a", 1);
    assert_string_equal(users[0], "b");
    assert_null(users[1]);
    assert_null(profile_store_list_devices(f->store, &f->arena, "p3", "", -1)[0]);
    profile_store_delete(f->store, p3.id);
    assert_string_equal(list_profiles(f, "", ""), "p2 p4 p9 3");
    assert_true(store_commit(f->store));
}

/* Writes the page without times. */
static const char *list_audit(struct fixture *f, const struct audit_filter *filter, int64_t *next)
{
    text_finish(&f->text);
    *next = audit_write_page(f->store, &f->arena, filter, &f->text);
    return f->text.data ? f->text.data : "";
}

static const struct audit_filter any = {.before_id = INT64_MAX,
                                        .device = "",
                                        .tag = "",
                                        .profile = "",
                                        .after_revision = -1,
                                        .limit = 100};

/* The ids of the rows. */
static const char *list_ids(struct fixture *f, struct audit_filter filter)
{
    int64_t next;
    cJSON *rows;
    const char *text = list_audit(f, &filter, &next);
    char *whole = arena_format(&f->arena, "[%s]", text);
    struct text ids = {0};
    text_puts(&ids, "");
    assert_non_null(rows = cJSON_Parse(whole));
    cJSON *row;
    cJSON_ArrayForEach(row, rows)
        text_printf(&ids, "%d ", cJSON_GetObjectItem(row, "id")->valueint);
    cJSON_Delete(rows);
    text_printf(&ids, "%d next %d", (int)audit_count_rows(f->store, &filter), (int)next);
    text_finish(&f->text);
    f->text = ids;
    return f->text.data;
}

static void test_audit(void **state)
{
    struct fixture *f = *state;
    struct audit audit = {.who = "ann", .remote = "::1", .request_id = "r-1", .keep = 100000};
    struct audit other = {.who = "", .remote = "local", .request_id = "", .keep = 100000};
    struct audit_subject subject;
    struct text after = {0};
    assert_true(store_begin(f->store));
    struct record a = store_add_device(f->store, "a", "top");
    audit_add_change(f->store, &audit, &device_resource, NULL, &a);
    struct record tag = store_add_tag(f->store, &a, "t", 7);
    audit_add_change(f->store, &audit, &tag_resource, NULL, &tag);
    assert_true(store_commit(f->store));
    assert_true(store_begin(f->store));
    struct record changed = tag;
    set_text(&changed, TAG_UNIT, "bar");
    audit_add_change(f->store, &other, &tag_resource, &tag, &changed);
    audit_add_change(f->store, &other, &tag_resource, &changed, NULL);
    audit_add_profile_change(f->store, &other, 5, NULL, "{\"name\":\"p\"}");
    audit_add_profile_change(f->store, &other, 5, "{\"name\":\"p\"}", "{\"name\":\"q\"}");
    audit_add_profile_change(f->store, &other, 5, "{\"name\":\"q\"}", NULL);
    json_open(&after, '{');
    json_write_key(&after, "created");
    json_write_integer(&after, 12);
    assert_int_equal(audit_add_bulk_change(f->store, &other, "import", &after), 8);
    assert_null(after.data);
    assert_int_equal(audit_find_newest(f->store), 8);
    audit_add_access_change(f->store, &other, "{\"token_added\":\"x\"}");
    audit_add_discovery(f->store, &other, "create", NULL, "{\"topic\":\"#\"}");
    assert_int_equal(audit_find_newest(f->store), 8);
    assert_int_equal(audit_count_revision(f->store, 1), 2);
    assert_int_equal(audit_count_revision(f->store, 2), 8);
    assert_int_equal(audit_count_revision(f->store, 3), 0);
    assert_true(audit_find_subject(f->store, &f->arena, 2, &subject));
    assert_int_equal(subject.record, tag.id);
    assert_int_equal(subject.revision, 1);
    assert_string_equal(subject.action, "create");
    assert_string_equal(subject.kind, "tag");
    assert_true(audit_find_subject(f->store, &f->arena, 8, &subject));
    assert_int_equal(subject.record, 0);
    assert_false(audit_find_subject(f->store, &f->arena, 11, &subject));

    struct audit_filter filter = any;
    assert_string_equal(list_ids(f, filter), "10 9 8 7 6 5 4 3 2 1 10 next 0");
    filter.limit = 10;
    assert_string_equal(list_ids(f, filter), "10 9 8 7 6 5 4 3 2 1 10 next 0");
    filter.limit = 9;
    assert_string_equal(list_ids(f, filter), "10 9 8 7 6 5 4 3 2 10 next 2");
    filter.before_id = 2;
    assert_string_equal(list_ids(f, filter), "1 10 next 0");
    filter = any;
    filter.device = "a";
    assert_string_equal(list_ids(f, filter), "4 3 2 1 4 next 0");
    filter.tag = "t";
    assert_string_equal(list_ids(f, filter), "4 3 2 3 next 0");
    filter = any;
    filter.who = "ann";
    assert_string_equal(list_ids(f, filter), "2 1 2 next 0");
    filter.who = "";
    assert_string_equal(list_ids(f, filter), "10 9 8 7 6 5 4 3 8 next 0");
    filter = any;
    filter.profile = "p";
    assert_string_equal(list_ids(f, filter), "5 1 next 0");
    filter.profile = "q";
    assert_string_equal(list_ids(f, filter), "7 6 2 next 0");
    filter = any;
    filter.after_revision = 1;
    filter.limit = 2;
    assert_string_equal(list_ids(f, filter), "10 9 8 next 9");
    filter = any;
    filter.since_ms = store_transaction_ms(f->store) + 1;
    assert_string_equal(list_ids(f, filter), "0 next 0");
    filter.since_ms--;
    filter.after_revision = 1;
    assert_string_equal(list_ids(f, filter), "10 9 8 7 6 5 4 3 8 next 0");
    assert_true(store_commit(f->store));
}

/* The rows of one transaction are limited, the last one is kept for the device; the oldest rows
 * go a thousandth at a time. */
static void test_audit_limits(void **state)
{
    struct fixture *f = *state;
    struct audit audit = {.who = "", .remote = "", .request_id = "", .keep = 3000};
    struct text after = {0};
    assert_true(store_begin(f->store));
    struct record a = store_add_device(f->store, "a", "a");
    struct record tag = store_add_tag(f->store, &a, "t", 7);
    for (int i = 0; i < AUDIT_DETAILS_MAX - 2; i++)
        audit_add_change(f->store, &audit, &device_resource, NULL, &a);
    audit_add_deletion_with_device(f->store, &audit, &tag);
    assert_int_equal(audit.written, AUDIT_DETAILS_MAX - 1);
    audit_add_deletion_with_device(f->store, &audit, &tag);
    assert_int_equal(audit.written, AUDIT_DETAILS_MAX - 1);
    audit_add_change(f->store, &audit, &device_resource, &a, NULL);
    assert_int_equal(audit_count_rows(f->store, &any), AUDIT_DETAILS_MAX);
    audit_add_change(f->store, &audit, &device_resource, &a, NULL);
    audit_add_profile_change(f->store, &audit, 1, NULL, "{}");
    assert_int_equal(audit.written, AUDIT_DETAILS_MAX + 2);
    assert_int_equal(audit_count_rows(f->store, &any), AUDIT_DETAILS_MAX);
    json_open(&after, '{');
    audit_add_bulk_change(f->store, &audit, "import", &after);
    assert_string_equal(
        store_read_text(f->store, "SELECT after FROM audit ORDER BY id DESC", &f->arena),
        "{\"details\":1000}");
    audit = (struct audit){.who = "", .remote = "", .request_id = "", .keep = 3000, .muted = true};
    audit_add_change(f->store, &audit, &device_resource, NULL, &a);
    assert_int_equal(audit.written, 0);
    assert_int_equal(audit_count_rows(f->store, &any), AUDIT_DETAILS_MAX + 1);
    /* With 10 rows to keep each row deletes, with 3000 each fourth. */
    audit = (struct audit){.who = "", .remote = "", .request_id = "", .keep = 10};
    audit_add_access_change(f->store, &audit, "{}");
    assert_int_equal(audit_count_rows(f->store, &any), 10);
    assert_int_equal(store_query_integer(f->store, "SELECT min(id) FROM audit"), 993);
    audit.keep = 3000;
    store_execute_integers(f->store, "UPDATE audit SET id = id + 3000 WHERE id = 1002", NULL, 0);
    audit_add_access_change(f->store, &audit, "{}"); /* 4003: no multiple of 4 */
    assert_int_equal(store_query_integer(f->store, "SELECT min(id) FROM audit"), 993);
    audit_add_access_change(f->store, &audit, "{}"); /* 4004 deletes those up to 1004 */
    assert_int_equal(store_query_integer(f->store, "SELECT min(id) FROM audit"), 4002);
    assert_int_equal(audit_count_rows(f->store, &any), 3);
    audit.keep = 0;
    audit_add_access_change(f->store, &audit, "{}");
    assert_int_equal(audit_count_rows(f->store, &any), 0);
    assert_true(store_commit(f->store));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_lists), TEST(test_finds),        TEST(test_profiles),
        TEST(test_audit), TEST(test_audit_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
