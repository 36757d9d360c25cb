/* The base of tagferry-api: arena, maps, gzip, XML, places of errors, members of JSON, owners of
 * files, plain letters. */
#include "check.h"

#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/base/arena.h"
#include "api/base/file_owner.h"
#include "api/base/gzip.h"
#include "api/base/json_split.h"
#include "api/base/json_tree.h"
#include "api/base/plain_name.h"
#include "api/base/string_map.h"
#include "api/base/text.h"
#include "api/base/validation.h"
#include "api/base/xml_reader.h"

static void test_arena(void **state)
{
    static const size_t sizes[] = {0, 1, 15, 16, 17, 8191, 8192, 8193, 100000, 3};
    struct arena arena = {0};
    (void)state;
    for (int pass = 0; pass < 3; pass++) {
        char *pieces[COUNT(sizes)];
        for (size_t i = 0; i < COUNT(sizes); i++) {
            pieces[i] = arena_alloc(&arena, sizes[i]);
            assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[i][k], 0);
            memset(pieces[i], (int)i + 1, sizes[i]);
        }
        for (size_t i = 0; i < COUNT(sizes); i++) { /* no piece is in another one */
            for (size_t k = 0; k < sizes[i]; k++)
                assert_int_equal(pieces[i][k], (int)i + 1);
        }
        if (pass == 1)
            arena_finish(&arena);
    }
    arena_finish(&arena);
    arena_finish(&arena);
    assert_null(arena.blocks);
    assert_string_equal(arena_strndup(&arena, "abc", 2), "ab");
    assert_string_equal(arena_strdup(&arena, ""), "");
    for (int width = 120; width < 136; width++) { /* a short text is made on the stack */
        char expected[160];
        snprintf(expected, sizeof expected, "%*d|%s", width, 7, "x");
        assert_string_equal(arena_format(&arena, "%*d|%s", width, 7, "x"), expected);
    }
    size_t capacity = 0, count = 0;
    int *items = NULL;
    for (; count < 100; count++) {
        items = arena_grow(&arena, items, count, &capacity, sizeof *items);
        assert_int_equal(capacity, count < 16 ? 16 : count < 32 ? 32 : count < 64 ? 64 : 128);
        items[count] = (int)count;
    }
    for (size_t i = 0; i < count; i++)
        assert_int_equal(items[i], i);
    arena_finish(&arena);
}

static void test_string_map(void **state)
{
    struct arena arena = {0};
    struct string_map map = {.arena = &arena};
    char name[16];
    (void)state;
    assert_null(string_map_find(&map, "1"));
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_null(string_map_find(&map, name));
        char *kept = arena_strdup(&arena, name);
        string_map_add(&map, kept, kept);
        assert_int_equal(map.count, i + 1);
        assert_true(map.capacity >= 64 && 2 * map.count <= map.capacity);
        assert_true(map.capacity == 64 || map.capacity < 4 * map.count);
    }
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_string_equal(string_map_find(&map, name), name);
    }
    assert_null(string_map_find(&map, "1000"));
    arena_finish(&arena);
}

static void test_gzip_is_accepted(void **state)
{
    static const struct {
        const char *header;
        bool accepted;
    } rows[] = {{NULL, false},
                {"", false},
                {"gzip", true},
                {"GZIP", true},
                {"gzip2", false},
                {"gzi", false},
                {"x, gzip", true},
                {"x,gzip;q=0.5", true},
                {"gzip;q=0", false},
                {"gzip;q=0.", false},
                {"gzip;q=0.000", false},
                {"gzip;q=0.001", true},
                {"gzip; q=0", false},
                {"gzip;q=1", true},
                {"gzip;q", true},
                {"gzip;q=", true},
                {"gzip;q=0,x;q=0.5", false},
                {"deflate;q=0, gzip", true},
                {"gzip\t", true},
                {"identity, br", false}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(gzip_is_accepted(rows[i].header) == rows[i].accepted,
                  rows[i].header ? rows[i].header : "none");
}

static void test_gzip_there_and_back(void **state)
{
    static const size_t sizes[] = {100, 255, 256, 65536, 100000};
    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct text text = {0};
        for (size_t k = 0; k < sizes[i]; k++)
            text_putc(&text, (char)('a' + k % 7));
        char *plain = strdup(text.data);
        assert_true(gzip_compress_text(&text));
        assert_true(text.len < sizes[i] && text.len >= GZIP_BYTES_MIN);
        assert_int_equal(gzip_read_size(text.data, text.len), sizes[i]);
        size_t packed = text.len;
        assert_false(gzip_expand_text(&text, sizes[i] - 1));
        assert_false(gzip_expand_text(&text, sizes[i] + 1));
        assert_int_equal(text.len, packed);
        assert_true(gzip_expand_text(&text, sizes[i]));
        assert_int_equal(text.len, sizes[i]);
        assert_string_equal(text.data, plain);
        free(plain);
        text_finish(&text);
    }
    /* A text that would not be smaller stays as it is, and so does what is no gzip. */
    struct text text = {0};
    text_puts(&text, "ab");
    assert_false(gzip_compress_text(&text));
    assert_false(gzip_expand_text(&text, 2));
    assert_string_equal(text.data, "ab");
    text_finish(&text);
    assert_int_equal(gzip_read_size("0123456789abcd\x01\x02\x03\x84", 18), 0x84030201);
}

/* A document that is read in pieces of `step` bytes, and its end. */
struct xml_document {
    const char *at;
    size_t len, step;
    long end;
};

static long read_document(void *context, char *bytes, size_t size)
{
    struct xml_document *document = context;
    size_t len = document->len < document->step ? document->len : document->step;
    len = len < size ? len : size;
    memcpy(bytes, document->at, len);
    document->at += len;
    document->len -= len;
    return len > 0 ? (long)len : document->end;
}

/* Lists the events: <name a=b>, </name>, texts joined, "." for the end and "!" for a bad document.
 */
static void list_events(struct xml_document document, struct text *list)
{
    struct xml_reader *reader = xml_reader_create(read_document, &document);
    struct xml_event event;
    do {
        xml_reader_next(reader, &event);
        const char *value = event.kind == XML_OPEN ? xml_find_attribute(&event, "a") : NULL;
        if (event.kind == XML_OPEN)
            text_printf(list, "<%s%s%s>", event.name, value ? " a=" : "", value ? value : "");
        else if (event.kind == XML_CLOSE)
            text_printf(list, "</%s>", event.name);
        else if (event.kind == XML_TEXT)
            text_append(list, event.text, event.len);
        else
            text_putc(list, event.kind == XML_END ? '.' : '!');
    } while (event.kind != XML_END && event.kind != XML_BAD);
    enum xml_kind last = event.kind;
    xml_reader_next(reader, &event);
    assert_int_equal(event.kind, last);
    xml_reader_destroy(reader);
}

static void test_xml_events(void **state)
{
    static const struct {
        const char *text, *events;
        long end;
    } rows[] = {
        {"<r/>", "<r></r>.", 0},
        {"<x:r y:a='1' b='2'>t<c a='&lt;\xc3\xa4'/>u</x:r>", "<r a=1>t<c a=<\xc3\xa4></c>u</r>.",
         0},
        {"<r a=''><s b='a' c='x'>&amp;&#65;</s>\n</r>", "<r a=><s>&A</s>\n</r>.", 0},
        {"<r><s></r>", "<r><s>!", 0},
        {"<r>", "<r>!", 0},
        {"<r/>", "<r></r>!", -1},
        {"", "!", 0},
        {"<!DOCTYPE r><r/>", "!", 0},
        {"<r/><r/>", "<r></r>!", 0},
        {"<r>\x01</r>", "<r>!", 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        for (size_t step = 1; step < 4096; step = 4 * step + 1) {
            struct text list = {0};
            list_events(
                (struct xml_document){rows[i].text, strlen(rows[i].text), step, rows[i].end},
                &list);
            bool bad = strchr(rows[i].events, '!') != NULL;
            /* What comes before an error depends on the pieces. */
            if (bad ? list.data[list.len - 1] != '!' : strcmp(list.data, rows[i].events) != 0)
                fail_msg("%s in steps of %zu: %s", rows[i].text, step, list.data);
            if (step == 1)
                assert_string_equal(list.data, rows[i].events);
            text_finish(&list);
        }
    }
    xml_reader_destroy(NULL);
}

/* An attribute of a few bytes less than XML_TOKEN_MAX is read, a longer one is not. */
static void test_xml_tokens(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        struct text text = {0}, list = {0};
        size_t len = XML_TOKEN_MAX - 4096 + (size_t)more * 8192;
        text_puts(&text, "<r a='");
        for (size_t i = 0; i < len; i++)
            text_putc(&text, 'x');
        text_puts(&text, "'/>");
        list_events((struct xml_document){text.data, text.len, 4096, 0}, &list);
        assert_int_equal(list.len, more ? 1 : len + strlen("<r a=></r>."));
        assert_int_equal(list.data[list.len - 1], more ? '!' : '.');
        text_finish(&text);
        text_finish(&list);
    }
}

static void locate(const void *table, struct validation_error *error)
{
    error->cell = table;
}

static void test_places_of_errors(void **state)
{
    struct arena arena = {0};
    struct validation list = validation_make(&arena), other = validation_make(&arena);
    struct text text = {0};
    (void)state;
    validation_sort(&list);
    validation_write_errors(&list, &text);
    assert_string_equal(text.data, "[]");
    text_finish(&text);
    validation_add(&list, NULL, "name", "a", "of %d", 12);
    validation_add(&list, "mqtt", "topic", "b", "x");
    list.prefix = "/devices/10";
    validation_add(&list, "mqtt", "topic", "c", "x");
    validation_add_at(&list, "/tags/11", "d", "\"%s\"", "q");
    list.root = "mqtt";
    validation_add(&list, "mqtt", "topic", "e", "x");
    validation_add(&list, "modbus", "topic", "f", "x");
    validation_add(&list, NULL, "topic", "g", "x");
    validation_write_errors(&list, &text);
    assert_string_equal(
        text.data, "[{\"pointer\":\"/name\",\"code\":\"a\",\"detail\":\"of 12\"},"
                   "{\"pointer\":\"/mqtt/topic\",\"code\":\"b\",\"detail\":\"x\"},"
                   "{\"pointer\":\"/devices/10/mqtt/topic\",\"code\":\"c\",\"detail\":\"x\"},"
                   "{\"pointer\":\"/devices/10/tags/11\",\"code\":\"d\",\"detail\":\"\\\"q\\\"\"},"
                   "{\"pointer\":\"/devices/10/topic\",\"code\":\"e\",\"detail\":\"x\"},"
                   "{\"pointer\":\"/devices/10\",\"code\":\"f\",\"detail\":\"x\"},"
                   "{\"pointer\":\"/devices/10\",\"code\":\"g\",\"detail\":\"x\"}]");
    text_finish(&text);
    validation_write_errors_from(&list, 6, &text);
    assert_string_equal(text.data,
                        "[{\"pointer\":\"/devices/10\",\"code\":\"g\",\"detail\":\"x\"}]");
    text_finish(&text);

    /* Of a table, sorted by row, each with its column and cell. */
    for (long row = 12; row >= 10; row--) {
        other.row = row;
        other.locate = row == 11 ? NULL : locate;
        other.table = "cell";
        validation_add(&other, "mqtt", "topic", "h", "x");
        validation_add_at(&other, "/y", "i", "x");
    }
    validation_sort(&other);
    validation_write_errors_from(&other, 1, &text);
    assert_string_equal(
        text.data,
        "[{\"row\":10,\"column\":null,\"cell\":null,\"code\":\"i\",\"detail\":\"x\"},"
        "{\"row\":11,\"column\":\"topic\",\"cell\":null,\"code\":\"h\",\"detail\":\"x\"},"
        "{\"row\":11,\"column\":null,\"cell\":null,\"code\":\"i\",\"detail\":\"x\"},"
        "{\"row\":12,\"column\":\"topic\",\"cell\":\"cell\",\"code\":\"h\",\"detail\":\"x\"},"
        "{\"row\":12,\"column\":null,\"cell\":null,\"code\":\"i\",\"detail\":\"x\"}]");
    text_finish(&text);

    /* The list has a bound; what is beyond it is counted. */
    validation_join(&list, &other);
    assert_true(list.count == 13 && list.found == 13);
    for (int i = 13; i < VALIDATION_ERRORS_MAX + 2; i++)
        validation_add_at(&list, "", "j", "x");
    assert_true(list.count == VALIDATION_ERRORS_MAX && list.found == VALIDATION_ERRORS_MAX + 2);
    validation_add(&list, NULL, "k", "k", "x");
    validation_join(&other, &list);
    assert_true(other.count == VALIDATION_ERRORS_MAX && other.found == VALIDATION_ERRORS_MAX + 9);
    assert_string_equal(other.items[6].code, "a");
    assert_string_equal(json_pointer_escape(&arena, "a/~b~1"), "a~1~0b~01");
    assert_string_equal(json_pointer_escape(&arena, ""), "");
    arena_finish(&arena);
}

static void test_members(void **state)
{
    static const char *const names[] = {"one", "two", "three", NULL};
    struct arena arena = {0};
    struct validation list = validation_make(&arena);
    struct text text = {0};
    (void)state;
    cJSON *object = cJSON_Parse("{\"two\": 1, \"one\": 2, \"two\": 3, \"a/b\": 4, \"One\": 5}");
    json_check_members(object, "/x", names, &list);
    validation_write_errors(&list, &text);
    assert_string_equal(
        text.data,
        "[{\"pointer\":\"/x/two\",\"code\":\"duplicate\",\"detail\":\"appears more than once\"},"
        "{\"pointer\":\"/x/a~1b\",\"code\":\"unknown_field\",\"detail\":\"unknown member; expected "
        "one of: one, two, three\"},"
        "{\"pointer\":\"/x/One\",\"code\":\"unknown_field\",\"detail\":\"unknown member; expected "
        "one "
        "of: one, two, three\"}]");
    text_finish(&text);
    cJSON_Delete(object);

    static const struct {
        const char *json, *code, *why;
    } rows[] = {
        {"{\"coil\": 10}", "", NULL},
        {"{\"coil\": 12}", "", NULL},
        {"{\"coil\": 9}", "out_of_range", "must be an integer from 10 to 12"},
        {"{\"coil\": 13}", "out_of_range", "must be an integer from 10 to 12"},
        {"{\"coil\": 10.5}", "wrong_type", "must be an integer from 10 to 12"},
        {"{\"coil\": \"11\"}", "wrong_type", "must be an integer from 10 to 12"},
        {"{\"coil\": 11, \"coil\": 11}", "duplicate", "appears more than once"},
        {"{\"coils\": 11}", "unknown_field",
         "is no table; the tables are coil, discrete_input, input_register, holding_register"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        cJSON *tables = cJSON_Parse(rows[i].json);
        const cJSON *last = tables->child->next ? tables->child->next : tables->child;
        const char *code, *why = json_check_table_member(&arena, tables, last, 10, 12, &code);
        check_row(!why == !rows[i].why && (!why || strcmp(why, rows[i].why) == 0), rows[i].json);
        check_row(!why || strcmp(code, rows[i].code) == 0, rows[i].json);
        cJSON_Delete(tables);
    }
    static const struct {
        const char *json, *text;
    } scalars[] = {{"\"a\\n\"", "a\n"}, {"true", "true"}, {"false", "false"}, {"12.5", "12.5"},
                   {"1e15", "1e+15"},   {"null", NULL},   {"[]", NULL},       {"1e999", NULL}};
    for (size_t i = 0; i < COUNT(scalars); i++) {
        cJSON *scalar = cJSON_Parse(scalars[i].json);
        const char *shown = json_scalar_print(&arena, scalar);
        check_row(!shown == !scalars[i].text && (!shown || strcmp(shown, scalars[i].text) == 0),
                  scalars[i].json);
        cJSON_Delete(scalar);
    }
    arena_finish(&arena);
}

static void test_split(void **state)
{
    static const char text[] = " {\"a\" : [1, \"x]\\\"\", {\"b\": [ ]}] ,\"c\":12.5\n, \"d\":{}} ";
    struct json_part root = json_split_root(text, sizeof text - 1), key, value, element;
    struct json_walk walk, inner;
    struct text list = {0};
    (void)state;
    assert_false(json_split_enter(&root, '[', &walk));
    assert_true(json_split_enter(&root, '{', &walk));
    while (json_split_next_member(&walk, &key, &value)) {
        text_printf(&list, "%.*s=", (int)key.len, key.text);
        if (!json_split_enter(&value, '[', &inner))
            text_printf(&list, "%.*s", (int)value.len, value.text);
        else
            while (json_split_next_element(&inner, &element))
                text_printf(&list, "(%.*s)", (int)element.len, element.text);
        text_printf(&list, "%s;", json_split_key_equals(&key, "c") ? "!" : "");
    }
    assert_string_equal(list.data, "\"a\"=(1)(\"x]\\\"\")({\"b\": [ ]});\"c\"=12.5!;\"d\"={};");
    text_finish(&list);
    static const struct json_part one = {"[", 1}, number = {"12", 2};
    assert_false(json_split_enter(&one, '[', &walk) || json_split_enter(&number, '[', &walk));
    assert_false(json_split_key_equals(&(struct json_part){"\"cc\"", 4}, "c"));
    assert_false(json_split_key_equals(&(struct json_part){"\"b\"", 3}, "c"));
}

static void test_file_owner(void **state)
{
    struct file_owner owner;
    char why[512], folder[] = "/tmp/test_api_base_XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store.db", folder);
    assert_true(file_owner_find(&owner, path, why, sizeof why)); /* of the folder */
    assert_true(owner.uid == geteuid() && owner.gid == getegid());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(file_owner_give(&owner, fileno(file)));
    fclose(file);
    assert_true(file_owner_find(&owner, path, why, sizeof why));
    unlink(path);
    rmdir(folder);
    assert_false(file_owner_find(&owner, path, why, sizeof why));
    snprintf(
        why + strlen(path), sizeof why - strlen(path), "%s",
        ": neither the store nor its folder exists, so its owner is unknown; is this the daemon's "
        "configuration (-c)?");
    char expected[512];
    snprintf(expected, sizeof expected, "%s", why);
    assert_false(file_owner_find(&owner, path, why, sizeof why));
    assert_string_equal(why, expected);
    assert_false(file_owner_find(&owner, "/dev/null/store.db", why, sizeof why));
    assert_string_equal(why, "/dev/null/store.db: Not a directory");
    assert_true(file_owner_find(&owner, "no_such_store.db", why, sizeof why)); /* of this folder */

    static const struct {
        uid_t uid;
        gid_t gid;
        mode_t mode;
        bool readable;
    } rows[] = {{1000, 100, 0400, true}, {1000, 100, 0200, false}, {1000, 100, 0040, false},
                {1001, 100, 0040, true}, {1001, 100, 0400, false}, {1001, 101, 0440, false},
                {1001, 101, 0004, true}, {1000, 101, 0004, true},  {1001, 100, 0020, false},
                {1001, 100, 0000, false}};
    const struct file_owner daemon = {1000, 100}, root = {0, 0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct stat status = {
            .st_uid = rows[i].uid, .st_gid = rows[i].gid, .st_mode = rows[i].mode};
        if (file_owner_can_read(&daemon, &status) != rows[i].readable)
            fail_msg("row %zu", i);
        assert_true(file_owner_can_read(&root, &status));
    }
}

/* Each letter of Latin-1 and Latin Extended-A, and the characters beside them. */
static void test_plain_letters(void **state)
{
    static const struct {
        unsigned first, last;
        const char *letters;
    } rows[] = {
        {0xa0, 0xbf, "x_x_x_x_x_x_x_x_x_x_x_x_x_x_x_x_xx_x2x3x_xux_x_x_x_x_x_x_x_x_x_x"},
        {0xc0, 0xcf, "xAxAxAxAxAexAxAexCxExExExExIxIxIxIx"},
        {0xd0, 0xdf, "xDxNxOxOxOxOxOexxxOexUxUxUxUexYxThxssx"},
        {0xe0, 0xef, "xaxaxaxaxaexaxaexcxexexexexixixixix"},
        {0xf0, 0xff, "xdxnxoxoxoxoxoexxoexuxuxuxuexyxthxyx"},
        {0x100, 0x10f, "xAxaxAxaxAxaxCxcxCxcxCxcxCxcxDxdx"},
        {0x170, 0x180, "xUxuxUxuxWxwxYxyxYxZxzxZxzxZxzxsx_x"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        struct text text = {0};
        for (unsigned code = rows[i].first; code <= rows[i].last; code++)
            text_printf(&text, "x%c%c", 0xc0 | code >> 6, 0x80 | (code & 0x3f));
        text_puts(&text, "x");
        struct text got = {0};
        for (const char *at = text.data; at[0] && at[1]; at += 3) { /* names have a bound */
            char three[5] = {at[0], at[1], at[2], at[3], '\0'};
            const char *name = plain_name_make(&arena, three, "");
            text_append(&got, name, strlen(name) - 1);
        }
        text_puts(&got, "x");
        assert_string_equal(got.data, rows[i].letters);
        text_finish(&got);
        text_finish(&text);
        arena_finish(&arena);
    }
}

static void test_fold(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *folded;
    } rows[] = {{"Unit-ID", 16, "unitid"},
                {"Gr\xc3\xb6\xc3\x9f"
                 "e_1.2",
                 16, "groesse12"},
                {"aZ@[`{09", 16, "az09"},
                {"abcdef", 4, "abc"},
                {"abc\xc3\xa4", 5, "abca"},
                {"", 4, ""},
                {"\xe6\xb8\xa9", 4, ""},
                {"a", 1, ""},
                {"'x'", 4, "x"}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char folded[16];
        size_t len = plain_name_fold(rows[i].text, folded, rows[i].size);
        assert_string_equal(folded, rows[i].folded);
        assert_int_equal(len, strlen(rows[i].folded));
    }
    struct arena arena = {0};
    assert_string_equal(plain_name_number(&arena, "a", 4294967295), "a_4294967295");
    static const char full[] = "0123456789012345678901234567890123456789012345678901234567890123";
    assert_int_equal(strlen(full), PLAIN_NAME_MAX);
    assert_string_equal(plain_name_number(&arena, full, 10) + 60, "0_10");
    assert_string_equal(plain_name_make(&arena, full, ""), full);
    char longer[PLAIN_NAME_MAX + 2];
    snprintf(longer, sizeof longer, "%s4", full);
    assert_string_equal(plain_name_make(&arena, longer, ""), full);
    snprintf(longer, sizeof longer, "%.63s\xc3\xa4", full); /* two letters do not fit */
    assert_int_equal(strlen(plain_name_make(&arena, longer, "")), PLAIN_NAME_MAX - 1);
    snprintf(longer, sizeof longer, "%.62s\xc3\xa4", full);
    assert_string_equal(plain_name_make(&arena, longer, "") + 61, "1ae");
    snprintf(longer, sizeof longer, "%.63s x", full); /* neither does the separator */
    assert_int_equal(strlen(plain_name_make(&arena, longer, "")), PLAIN_NAME_MAX - 1);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_string_map),
        cmocka_unit_test(test_gzip_is_accepted),
        cmocka_unit_test(test_gzip_there_and_back),
        cmocka_unit_test(test_xml_events),
        cmocka_unit_test(test_xml_tokens),
        cmocka_unit_test(test_places_of_errors),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_split),
        cmocka_unit_test(test_file_owner),
        cmocka_unit_test(test_plain_letters),
        cmocka_unit_test(test_fold),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
