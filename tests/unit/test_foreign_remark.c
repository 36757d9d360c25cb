/* Remarks in descriptions, which say what the file of another product cannot; and bounds of files.
 */
#include "check.h"

#include <string.h>

#include "api/foreign/foreign_file.h"
#include "api/foreign/foreign_kepware.h"
#include "api/foreign/foreign_remark.h"

/* Writes what a remark says. */
static const char *describe_remark(struct arena *arena, const struct foreign_remark *remark)
{
    return arena_format(
        arena, "%s,%s,%s,%ld,%s,%s,%d,%g,%g,%d", remark->device ? remark->device : "",
        remark->tag ? remark->tag : "", remark->type ? remark->type : "", remark->length,
        remark->byte_order ? remark->byte_order : "", remark->byte ? remark->byte : "",
        remark->has_scale, remark->scale, remark->offset, remark->disabled);
}

static void test_remarks(void **state)
{
    static const struct {
        const char *text, *description, *remark;
    } rows[] = {
        {"", "", ",,,0,,,0,0,0,0"},
        {"plain", "plain", ",,,0,,,0,0,0,0"},
        {"[Tagferry: ]", "", ",,,0,,,0,0,0,0"},
        {"a [Tagferry: device d.e; tag t.u; type uint8; length 123; byte order CDAB; byte high; "
         "scale 0.1; add -40; disabled]",
         "a", "d.e,t.u,uint8,123,CDAB,high,1,0.1,-40,1"},
        {"a  [Tagferry: tag t]", "a ", ",t,,0,,,0,0,0,0"},
        {"a[Tagferry: tag t]", "a", ",t,,0,,,0,0,0,0"},
        {"[Tagferry: tag t] [Tagferry: tag u]", "[Tagferry: tag t]", ",u,,0,,,0,0,0,0"},
        {"[Tagferry: tag t] ", "[Tagferry: tag t] ", ",,,0,,,0,0,0,0"},
        {"[Tagferry: tag t", "[Tagferry: tag t", ",,,0,,,0,0,0,0"},
        {"[Tagferry: tags t; disable; scale 0; add 5]", "", ",,,0,,,0,0,5,0"},
        {"[Tagferry: scale 1e999; add 5]", "", ",,,0,,,0,inf,5,0"},
        {"[Tagferry: scale 2; add inf]", "", ",,,0,,,0,2,inf,0"},
        {"[Tagferry: scale 2]", "", ",,,0,,,1,2,0,0"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        struct foreign_remark remark;
        assert_string_equal(foreign_remark_split(&arena, rows[i].text, &remark),
                            rows[i].description);
        assert_string_equal(describe_remark(&arena, &remark), rows[i].remark);
        arena_finish(&arena);
    }
    /* What is appended is read back; a description that looks like a remark gets an empty one. */
    static const struct {
        const char *description;
        struct foreign_remark remark;
        const char *text;
    } written[] = {
        {"", {0}, ""},
        {"a", {0}, "a"},
        {"[Tagferry: x]", {0}, "[Tagferry: x] [Tagferry: ]"},
        {"", {.disabled = true}, "[Tagferry: disabled]"},
        {"a", {.device = "d", .disabled = true}, "a [Tagferry: device d; disabled]"},
        {"a",
         {.tag = "t",
          .type = "int8",
          .length = 12,
          .byte_order = "DCBA",
          .byte = "low",
          .has_scale = true,
          .scale = 1e-300,
          .offset = 0},
         "a [Tagferry: tag t; type int8; length 12; byte order DCBA; byte low; scale 1e-300; add "
         "0]"},
    };
    for (size_t i = 0; i < COUNT(written); i++) {
        struct arena arena = {0};
        struct foreign_remark again;
        const char *text =
            foreign_remark_append(&arena, written[i].description, &written[i].remark);
        assert_string_equal(text, written[i].text);
        assert_string_equal(foreign_remark_split(&arena, text, &again), written[i].description);
        assert_string_equal(describe_remark(&arena, &again),
                            describe_remark(&arena, &written[i].remark));
        arena_finish(&arena);
    }
}

static struct foreign_file make_file(struct arena *arena, struct validation *validation)
{
    *validation = validation_make(arena);
    return (struct foreign_file){.arena = arena, .validation = validation, .base = 1};
}

static void test_bound_of_tags(void **state)
{
    struct arena arena = {0};
    struct validation validation;
    struct foreign_file file = make_file(&arena, &validation);
    (void)state;
    file.count = file.seen = FOREIGN_TAGS_MAX - 1;
    assert_false(foreign_file_is_full(&file));
    assert_int_equal(validation.found, 0);
    for (int i = 0; i < 2; i++) {
        file.count = FOREIGN_TAGS_MAX - (i == 0);
        file.seen = FOREIGN_TAGS_MAX - (i == 1);
        assert_true(foreign_file_is_full(&file));
        assert_int_equal(validation.found, 1);
    }
    assert_string_equal(validation.items[0].detail,
                        "the file has more than 200000 tags: divide it");
    arena_finish(&arena);
}

/* A header of two columns, then a row of so many blank cells. */
static enum table_result next_blank_row(void *context, struct arena *arena, struct table_row *row)
{
    size_t *cells = context;
    static int number;
    (void)arena;
    if (*cells == 0)
        return TABLE_END;
    row->number = ++number;
    row->count = number % 2 == 1 ? 2 : *cells;
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++)
        row->cells[i] = row->count > 2 ? " " : i == 0 ? "Tag Name" : "Address";
    if (number % 2 == 0)
        *cells = 0;
    return TABLE_ROW;
}

static void test_bound_of_columns(void **state)
{
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        struct arena arena = {0};
        struct validation validation;
        struct foreign_file file = make_file(&arena, &validation);
        size_t cells = TABLE_COLUMNS_MAX + more;
        const struct foreign_table table = {.next_row = next_blank_row, .context = &cells};
        assert_true(foreign_kepware_read(&file, &table));
        assert_int_equal(validation.found, more);
        if (more)
            assert_string_equal(validation.items[0].detail, "has too many cells");
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_remarks),
        cmocka_unit_test(test_bound_of_tags),
        cmocka_unit_test(test_bound_of_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
