/* Tables as people write them: words, numbers, encodings. */
#include "check.h"

#include <string.h>

#include "api/base/text_encoding.h"
#include "api/transfer/cell_number.h"
#include "api/transfer/table_words.h"
#include "common/model/tag.h"

static void test_choices(void **state)
{
    static const struct {
        size_t field;
        const char *cell, *value; /* NULL: unknown */
    } rows[] = {
        {TAG_TYPE, "float32", "float32"},
        {TAG_TYPE, "REAL", "float32"},
        {TAG_TYPE, "Float 32", "float32"},
        {TAG_TYPE, "LREAL", "float64"},
        {TAG_TYPE, "INT", "int16"},
        {TAG_TYPE, "INT16", "int16"},
        {TAG_TYPE, "DInt", "int32"},
        {TAG_TYPE, "UDINT", "uint32"},
        {TAG_TYPE, "dword", "uint32"},
        {TAG_TYPE, "Unsigned Long", "uint32"},
        {TAG_TYPE, "S16", "int16"},
        {TAG_TYPE, "Bit", "bool"},
        {TAG_TYPE, "Doppelwort", "uint32"},
        {TAG_TYPE, "Integer", NULL},
        {TAG_TYPE, "REAL?", NULL},
        {TAG_TYPE, "in", NULL},
        {TAG_TYPE, "Int Dint", NULL},
        {TAG_TYPE, "", NULL},
        {TAG_TYPE, "--", NULL},
        {TAG_TABLE, "Holding Registers", "holding_register"},
        {TAG_TABLE, "4x", "holding_register"},
        {TAG_TABLE, "3xxxx", "input_register"},
        {TAG_TABLE, "Discrete-Input", "discrete_input"},
        {TAG_TABLE, "Coils (0x)", NULL},
        {TAG_TABLE, "COIL", "coil"},
        {TAG_TABLE, "FC 04", "input_register"},
        {TAG_TABLE, "Input", NULL},
        {TAG_TABLE, "Digitaler Eingang", "discrete_input"},
        {TAG_BYTE_ORDER, "big-endian", "ABCD"},
        {TAG_BYTE_ORDER, "Little Endian", "DCBA"},
        {TAG_BYTE_ORDER, "word swap", "CDAB"},
        {TAG_BYTE_ORDER, "CD AB", "CDAB"},
        {TAG_BYTE_ORDER, "swapped", NULL},
        {TAG_BYTE_ORDER, "GHEF CDAB", "GHEFCDAB"},
        {TAG_TYPE, "BCD", "bcd16"},
        {TAG_TYPE, "LBCD", "bcd32"},
        {TAG_TYPE, "SINT", "int8"},
        {TAG_TYPE, "USINT", "uint8"},
        {TAG_TYPE, "Byte", "uint8"},
        {TAG_BYTE, "MSB", "high"},
        {TAG_BYTE, "Low byte", "low"},
        {TAG_BYTE, "third", NULL},
        {TAG_DIRECTION, "R/W", "both"},
        {TAG_DIRECTION, "read only", "to_modbus"},
        {TAG_DIRECTION, "To MQTT", "to_mqtt"},
        {TAG_ON_OVERFLOW, "Clamp", "clamp"},
        {TAG_PAYLOAD, "JSON", "json"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *value = table_words_find_choice(&tag_resource, rows[i].field, rows[i].cell);
        if (rows[i].value)
            check_row(value && strcmp(value, rows[i].value) == 0, rows[i].cell);
        else
            check_row(!value, rows[i].cell);
    }
    assert_string_equal(
        table_words_find_choice(&device_resource, DEVICE_STATUS_TABLE, "Input register"),
        "input_register");
    assert_null(table_words_find_choice(&device_resource, DEVICE_STATUS_TABLE, "coil"));
    assert_string_equal(table_words_guess_choice(&tag_resource, TAG_TYPE, "REALL"), "float32");
    assert_string_equal(table_words_guess_choice(&tag_resource, TAG_TYPE, "flaot32"), "float32");
    assert_null(table_words_guess_choice(&tag_resource, TAG_TYPE, "quite other"));
}

static void test_columns(void **state)
{
    static const struct {
        const char *title, *column;
    } rows[] = {{"device", "device"},
                {"Gerät", "device"},
                {"Byte Order", "byte_order"},
                {"DATENTYP", "type"},
                {"Byte", "byte"},
                {"Byte position", "byte"},
                {"Adresse (Modbus)", "address"},
                {"Einheit [SI]", "unit"},
                {"Unit ID", "unit_id"},
                {"Unit", "unit"},
                {"Slave-ID", "unit_id"},
                {"Maßeinheit", "unit"},
                {"MQTT Topic", "topic"},
                {"Tag Topic", "tag_topic"},
                {"Colour", NULL},
                {"", NULL},
                {"(Adresse)", "address"},
                {"()", NULL}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct resource *resource;
        size_t field;
        bool exact;
        bool found = table_words_find_column(rows[i].title, &resource, &field, &exact);
        check_row(found == (rows[i].column != NULL), rows[i].title);
        if (found)
            check_row(strcmp(resource->fields[field].csv, rows[i].column) == 0, rows[i].title);
    }
    assert_string_equal(table_words_guess_column("Scaale"), "scale");
    assert_null(table_words_guess_column("Colour"));
}

static void test_flags(void **state)
{
    static const struct {
        const char *cell;
        int truth; /* -1: neither */
    } rows[] = {{"TRUE", 1}, {"WAHR", 1},         {"ja", 1},      {"X", 1},
                {"1", 1},    {"\xe2\x9c\x93", 1}, {"nein", 0},    {"FALSCH", 0},
                {"0", 0},    {"maybe", -1},       {"yes no", -1}, {"", -1}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool truth, is_mark;
        bool known = table_words_read_flag(rows[i].cell, &truth, &is_mark);
        check_row(known == (rows[i].truth >= 0), rows[i].cell);
        check_row(!known || truth == (rows[i].truth == 1), rows[i].cell);
    }
}

static void test_numbers(void **state)
{
    static const struct {
        const char *cell;
        enum decimal_mark mark;
        enum cell_number kind;
        double number;
    } rows[] = {{"1.5", DECIMAL_POINT, CELL_NUMBER, 1.5},
                {"1.000", DECIMAL_POINT, CELL_NUMBER, 1},
                {"1.000", DECIMAL_COMMA, CELL_NUMBER, 1000},
                {"1.000", DECIMAL_EITHER, CELL_NUMBER_UNCLEAR, 0},
                {"-12.345", DECIMAL_EITHER, CELL_NUMBER_UNCLEAR, 0},
                {"0.001", DECIMAL_EITHER, CELL_NUMBER, 0.001},
                {"0.001", DECIMAL_COMMA, CELL_NUMBER, 0.001},
                {"1.5", DECIMAL_COMMA, CELL_NUMBER, 1.5},
                {"1234.567", DECIMAL_EITHER, CELL_NUMBER, 1234.567},
                {"0,1", DECIMAL_POINT, CELL_NUMBER_OTHER_MARK, 0},
                {"0,1", DECIMAL_EITHER, CELL_NUMBER, 0.1},
                {"1,000", DECIMAL_EITHER, CELL_NUMBER, 1},
                {"1,000", DECIMAL_POINT, CELL_NUMBER_OTHER_MARK, 0},
                {"1.234,5", DECIMAL_EITHER, CELL_NUMBER, 1234.5},
                {"1.234,5", DECIMAL_POINT, CELL_NUMBER_OTHER_MARK, 0},
                {"1,234.5", DECIMAL_POINT, CELL_NUMBER, 1234.5},
                {"1,234.5", DECIMAL_COMMA, CELL_NUMBER_OTHER_MARK, 0},
                {"1.234.567", DECIMAL_EITHER, CELL_NUMBER, 1234567},
                {"1,234,567", DECIMAL_POINT, CELL_NUMBER, 1234567},
                {"12.34,5", DECIMAL_EITHER, CELL_NOT_A_NUMBER, 0},
                {"1 234", DECIMAL_POINT, CELL_NUMBER, 1234},
                {"1\xc2\xa0"
                 "234,5",
                 DECIMAL_COMMA, CELL_NUMBER, 1234.5},
                {"1'000", DECIMAL_POINT, CELL_NUMBER, 1000},
                {"1 2", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1e3", DECIMAL_POINT, CELL_NUMBER, 1000},
                {"0,1,2", DECIMAL_COMMA, CELL_NOT_A_NUMBER, 0},
                {",", DECIMAL_COMMA, CELL_NOT_A_NUMBER, 0},
                {".", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1..5", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"nan", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"0x10", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"01.05.2026", DECIMAL_COMMA, CELL_NUMBER_DATE, 0},
                {"2026-05-01 00:00:00", DECIMAL_POINT, CELL_NUMBER_DATE, 0},
                {"1. Mai", DECIMAL_COMMA, CELL_NOT_A_NUMBER, 0},
                {"05-Jan", DECIMAL_POINT, CELL_NUMBER_DATE, 0},
                {"Mai 26", DECIMAL_COMMA, CELL_NUMBER_DATE, 0},
                {"1/5/26", DECIMAL_POINT, CELL_NUMBER_DATE, 0},
                {"01.05.", DECIMAL_POINT, CELL_NUMBER_DATE, 0},
                {"01.05.", DECIMAL_COMMA, CELL_NUMBER_DATE, 0},
                {"1.5.6.7", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1/5", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1-5-", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {".1.5", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"2026-05-01T10:20", DECIMAL_POINT, CELL_NUMBER_DATE, 0},
                {"5-m\xc3\xa4rz-26", DECIMAL_POINT, CELL_NUMBER_DATE, 0},
                {"May", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"May x", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1-May-May", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1 234 567", DECIMAL_POINT, CELL_NUMBER, 1234567},
                {"1 2345", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {" 234", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1 \xc2\xa0"
                 "234",
                 DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1\xe2\x80\xaf"
                 "234",
                 DECIMAL_POINT, CELL_NUMBER, 1234},
                {"1\xe2\x80\x99"
                 "234",
                 DECIMAL_POINT, CELL_NUMBER, 1234},
                {"1000.000", DECIMAL_COMMA, CELL_NUMBER, 1000},
                {"1000,000", DECIMAL_COMMA, CELL_NUMBER, 1000},
                {"999.999", DECIMAL_EITHER, CELL_NUMBER_UNCLEAR, 0},
                {"+1.000", DECIMAL_COMMA, CELL_NUMBER, 1000},
                {"1.0000", DECIMAL_EITHER, CELL_NUMBER, 1},
                {"1.00", DECIMAL_EITHER, CELL_NUMBER, 1},
                {"1.000.00", DECIMAL_EITHER, CELL_NUMBER_DATE, 0},
                {"0.000.000", DECIMAL_EITHER, CELL_NUMBER_DATE, 0},
                {"1,000,000", DECIMAL_EITHER, CELL_NUMBER, 1000000},
                {"1,000,000", DECIMAL_COMMA, CELL_NUMBER_OTHER_MARK, 0},
                {"1,000,00", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0},
                {"1.000.000", DECIMAL_POINT, CELL_NUMBER_OTHER_MARK, 0},
                {"1,000.5,5", DECIMAL_EITHER, CELL_NOT_A_NUMBER, 0},
                {"1.000,5,5", DECIMAL_EITHER, CELL_NOT_A_NUMBER, 0},
                {"1000.000,5", DECIMAL_EITHER, CELL_NOT_A_NUMBER, 0},
                {"12,345.5", DECIMAL_EITHER, CELL_NUMBER, 12345.5},
                /* 63 bytes are read, 64 are not. */
                {"123456789012345678901234567890123456789012345678901234567890123", DECIMAL_POINT,
                 CELL_NUMBER, 1.2345678901234568e62},
                {"1234567890123456789012345678901234567890123456789012345678901234", DECIMAL_POINT,
                 CELL_NOT_A_NUMBER, 0},
                {"", DECIMAL_POINT, CELL_NOT_A_NUMBER, 0}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        double number = 0;
        enum cell_number kind = cell_number_read(rows[i].cell, rows[i].mark, &number);
        check_row(kind == rows[i].kind, rows[i].cell);
        check_row(kind != CELL_NUMBER || number == rows[i].number, rows[i].cell);
    }
    assert_int_equal(cell_number_mark("0,5"), DECIMAL_COMMA);
    assert_int_equal(cell_number_mark("0.5"), DECIMAL_POINT);
    assert_int_equal(cell_number_mark("1.000"), DECIMAL_EITHER);
    assert_int_equal(cell_number_mark("1,000"), DECIMAL_EITHER);
    assert_int_equal(cell_number_mark("1.000,5"), DECIMAL_COMMA);
    assert_int_equal(cell_number_mark("7"), DECIMAL_EITHER);
    assert_int_equal(cell_number_mark("1,000.5"), DECIMAL_POINT);
    assert_int_equal(cell_number_mark("1.000.000"), DECIMAL_COMMA);
    assert_int_equal(cell_number_mark("1,000,000"), DECIMAL_EITHER);
    assert_int_equal(cell_number_mark("0,000"), DECIMAL_COMMA);
    assert_int_equal(cell_number_mark("1,00"), DECIMAL_COMMA);
    assert_int_equal(cell_number_mark("x"), DECIMAL_EITHER);
    assert_int_equal(cell_number_mark(""), DECIMAL_EITHER);
    assert_true(cell_is_spreadsheet_error("#NV") && cell_is_spreadsheet_error("####"));
    assert_true(cell_is_spreadsheet_error("###") && cell_is_spreadsheet_error("err:502"));
    assert_false(cell_is_spreadsheet_error("#") || cell_is_spreadsheet_error("a"));
    assert_false(cell_is_spreadsheet_error("##") || cell_is_spreadsheet_error("###1"));
    assert_false(cell_is_spreadsheet_error("") || cell_is_spreadsheet_error("Err:50"));
}

static void test_encodings(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
        enum text_encoding encoding;
        const char *text;
    } rows[] = {{"abc", 3, ENCODING_UTF8, "abc"},
                {"\xc3\xa4", 2, ENCODING_UTF8, "ä"},
                {"gr\xfc\xdf", 4, ENCODING_CP1252, "grüß"},
                {"\x80\x93", 2, ENCODING_CP1252, "€“"},
                {"\x81", 1, ENCODING_UTF8, "\x81"},
                {"\xfc\xc3\xa4", 3, ENCODING_UTF8, "\xfc\xc3\xa4"},
                {"\xff\xfe\xe4\0;\0", 6, ENCODING_UTF16, "ä;"},
                {"\xfe\xff\0\xe4\xd8\x3d\xde\0", 8, ENCODING_UTF16, "ä😀"},
                {"\xff\xfe", 2, ENCODING_UTF16, ""},
                {"", 0, ENCODING_UTF8, ""}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        const char *text = rows[i].bytes;
        size_t len = rows[i].len;
        check_row(text_encoding_to_utf8(&arena, &text, &len) == rows[i].encoding, rows[i].text);
        check_row(len == strlen(rows[i].text) && memcmp(text, rows[i].text, len) == 0,
                  rows[i].text);
        arena_finish(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_choices),   cmocka_unit_test(test_columns),
        cmocka_unit_test(test_flags),     cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_encodings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
