/* Remarks in descriptions, which say what the file of another product cannot. */
#include "check.h"

#include <string.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_remarks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
