/* Addresses as engineers and other products write them: every documented form, and its limits. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "api/foreign/foreign_address.h"

/* Writes what the text means: table, offset, bit, unit, length, count, type, order. */
static const char *describe(enum foreign_notation notation, const char *text, bool is_text,
                            unsigned base, char *out, size_t size)
{
    struct foreign_address address;
    struct foreign_error why;
    if (!foreign_address_parse(notation, text, is_text, base, &address, &why)) {
        assert_true(why.text[0] != '\0');
        return "refused";
    }
    size_t used = (size_t)snprintf(out, size, "%s %u", table_names[address.table], address.address);
    if (address.bit != NO_BIT)
        used += (size_t)snprintf(out + used, size - used, " bit %d", address.bit);
    if (address.unit >= 0)
        used += (size_t)snprintf(out + used, size - used, " unit %d", address.unit);
    if (address.length)
        used += (size_t)snprintf(out + used, size - used, " length %u", address.length);
    if (address.count)
        used += (size_t)snprintf(out + used, size - used, " count %u", address.count);
    if (address.type)
        used += (size_t)snprintf(out + used, size - used, " %s", address.type);
    if (address.byte_order)
        used += (size_t)snprintf(out + used, size - used, " %s", address.byte_order);
    if (address.caution)
        snprintf(out + used, size - used, " !");
    return out;
}

struct address_row {
    const char *text, *meaning;
};

static void check_rows(enum foreign_notation notation, bool is_text, unsigned base,
                       const struct address_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char out[200];
        const char *got = describe(notation, rows[i].text, is_text, base, out, sizeof out);
        if (strcmp(got, rows[i].meaning) != 0)
            fail_msg("%s: %s, but expected %s", rows[i].text, got, rows[i].meaning);
    }
}
#define CHECK(notation, is_text, base, rows)                                                       \
    check_rows(notation, is_text, base, rows, sizeof rows / sizeof rows[0])

static void test_plain(void **state)
{
    static const struct address_row rows[] = {
        {"400101", "holding_register 100"},
        {"40101", "holding_register 100"},
        {"30001", "input_register 0"},
        {"000010", "coil 9"},
        {"10005", "discrete_input 4"},
        {"465536", "holding_register 65535"},
        {"465537", "refused"},
        {"400000", "refused"},
        {"4x00101", "holding_register 100"},
        {"4X40001", "holding_register 40000"},
        {"4x101", "holding_register 100"},
        {"3x1", "input_register 0"},
        {"4x0", "refused"},
        {"4x65536", "holding_register 65535"},
        {"4x65537", "refused"},
        {"0x101", "refused"}, /* hexadecimal? */
        {"0x00101", "coil 100"},
        {"400210.3", "holding_register 209 bit 3 bool"},
        {"400210.0", "holding_register 209 bit 0 bool"},
        {"400210.15", "holding_register 209 bit 15 bool"},
        {"400210.16", "refused"},
        {"400210.", "refused"},
        {"400210.3.1", "refused"},
        {"400210.-1", "refused"},
        {"300210.3", "input_register 209 bit 3 bool"},
        {"10005.3", "refused"},
        {"40001:3", "holding_register 0 bit 3 bool !"},
        {"40001:15", "holding_register 0 bit 15 bool !"},
        {"40001:16", "refused"},
        {"%MW100", "holding_register 100"},
        {"%mw100", "holding_register 100"},
        {"%MW65535", "holding_register 65535"},
        {"%MW65536", "refused"},
        {"%MW100:X3", "holding_register 100 bit 3 bool"},
        {"%MW100:x15", "holding_register 100 bit 15 bool"},
        {"%MW100.3", "holding_register 100 bit 3 bool"},
        {"%M7", "coil 7"},
        {"%MX100.3", "holding_register 100 bit 3 bool !"},
        {"%MX100.8", "holding_register 100 bit 8 bool"},
        {"%MX100.15", "holding_register 100 bit 15 bool"},
        {"%MX100.16", "refused"},
        {"%MX65535.0", "holding_register 65535 bit 0 bool !"},
        {"%MX65536.0", "refused"},
        {"%MX100", "refused"},
        {"%IX1.2", "discrete_input 10 bool !"},
        {"%QX0.0", "coil 0 bool !"},
        {"%QX8191.7", "coil 65535 bool !"},
        {"%QX8192.0", "refused"},
        {"%QX0.8", "refused"},
        {"%MD50", "refused"},
        {"%MF50", "refused"},
        {"%MB50", "refused"},
        {"%IW5", "refused"},
        {"%QW5", "refused"},
        {"DB1.DBW4", "refused"},
        {"HR201", "refused"},
        {"", "refused"},
        {"%", "refused"},
        {"100", "refused"},
        {"4000000000000000000001", "refused"},
    };
    CHECK(FOREIGN_PLAIN, false, 1, rows);
    (void)state;
}

static void test_kepware(void **state)
{
    static const struct address_row rows[] = {
        {"400001", "holding_register 0"},
        {"40001", "holding_register 0"},
        {"4001", "holding_register 0"},
        {"401", "holding_register 0"},
        {"41", "holding_register 0"},
        {"4", "refused"},
        {"400000", "refused"},
        {"465536", "holding_register 65535"},
        {"465537", "refused"},
        {"4000001", "refused"},
        {"300001", "input_register 0"},
        {"000001", "coil 0"},
        {"100001", "discrete_input 0"},
        {"200001", "refused"},
        {"H400001", "holding_register 0"},
        {"h40000A", "holding_register 9"},
        {"H410000", "holding_register 65535"},
        {"H410001", "refused"},
        {"H4", "refused"},
        {"400001.0", "holding_register 0 bit 0 bool"},
        {"400001.15", "holding_register 0 bit 15 bool"},
        {"400001.16", "refused"},
        {"300001.3", "input_register 0 bit 3 bool"},
        {"000001.3", "refused"},
        {"H402102.3", "holding_register 8449 bit 3 bool"},
        {"400300.20H", "holding_register 299 length 10 string ABCD"},
        {"400300.20l", "holding_register 299 length 10 string BADC"},
        {"400300.2H", "holding_register 299 length 1 string ABCD"},
        {"400300.1H", "refused"},
        {"400300.0H", "refused"},
        {"400300.240H", "holding_register 299 length 120 string ABCD"},
        {"400300.242H", "refused"},
        {"400300.20D", "refused"},
        {"400300.20HL", "refused"},
        {"000300.20H", "refused"},
        {"400001 [10]", "holding_register 0 count 10"},
        {"400001[1]", "holding_register 0 count 1"},
        {"400001 [2000]", "holding_register 0 count 2000"},
        {"400001 [2001]", "refused"},
        {"400001 [0]", "refused"},
        {"400001 [2][3]", "refused"},
        {"400001 [", "refused"},
        {"400001 x", "refused"},
        {"DB1.DBW4", "refused"},
        {"", "refused"},
        {"H", "refused"},
    };
    static const struct address_row zero[] = {
        {"400000", "holding_register 0"},
        {"465535", "holding_register 65535"},
        {"465536", "refused"},
        {"H400000", "holding_register 0"},
    };
    CHECK(FOREIGN_KEPWARE, false, 1, rows);
    CHECK(FOREIGN_KEPWARE, false, 0, zero);
    (void)state;
}

static void test_ignition(void **state)
{
    static const struct address_row rows[] = {
        {"HR1", "holding_register 0 int16"},
        {"hr201", "holding_register 200 int16"},
        {"HR0", "refused"},
        {"HR65536", "holding_register 65535 int16"},
        {"HR65537", "refused"},
        {"HRUS1", "holding_register 0 uint16"},
        {"HRI1", "holding_register 0 int32"},
        {"HRUI1", "holding_register 0 uint32"},
        {"HRI_641", "holding_register 0 int64"},
        {"HRI_64100", "holding_register 99 int64"},
        {"HRUI_64100", "holding_register 99 uint64"},
        {"HRF1", "holding_register 0 float32"},
        {"HRD1", "holding_register 0 float64"},
        {"HRBCD1", "holding_register 0 bcd16"},
        {"HRBCD_321", "holding_register 0 bcd32"},
        {"IR1", "input_register 0 int16"},
        {"IRF1", "input_register 0 float32"},
        {"C1", "coil 0 bool"},
        {"DI1", "discrete_input 0 bool"},
        {"HR201.3", "holding_register 200 bit 3 bool"},
        {"HRUS201.15", "holding_register 200 bit 15 bool"},
        {"HR201.16", "refused"},
        {"HRI201.3", "refused"},
        {"HRF201.3", "refused"},
        {"C1.3", "refused"},
        {"HRS201:20", "holding_register 200 length 10 string"},
        {"HRS201:2", "holding_register 200 length 1 string"},
        {"HRS201:3", "refused"},
        {"HRS201:246", "holding_register 200 length 123 string"},
        {"HRS201:248", "refused"},
        {"HRS201:252", "refused"},
        {"HRS201", "refused"},
        {"1.HR201", "holding_register 200 unit 1 int16"},
        {"255.C1", "coil 0 unit 255 bool"},
        {"256.C1", "refused"},
        {"1.HR201.3", "holding_register 200 bit 3 unit 1 bool"},
        {"V2000", "refused"},
        {"HRX1", "refused"},
        {"HR1[10]", "refused"},
        {"HR", "refused"},
        {"", "refused"},
        {"1.", "refused"},
    };
    static const struct address_row zero[] = {
        {"HR0", "holding_register 0 int16"},
        {"HR65535", "holding_register 65535 int16"},
        {"HR65536", "refused"},
    };
    CHECK(FOREIGN_IGNITION, false, 1, rows);
    CHECK(FOREIGN_IGNITION, false, 0, zero);
    (void)state;
}

static void test_neuron(void **state)
{
    static const struct address_row rows[] = {
        {"1!400001", "holding_register 0 unit 1"},
        {"1!40001", "holding_register 0 unit 1"},
        {"0!000001", "coil 0 unit 0"},
        {"255!365536", "input_register 65535 unit 255"},
        {"255!365537", "refused"},
        {"256!400001", "refused"},
        {"1!400000", "refused"},
        {"1!500001", "refused"},
        {"400001", "refused"},
        {"1!400001#L", "holding_register 0 unit 1 ABCD"},
        {"1!400001#B", "holding_register 0 unit 1 DCBA"},
        {"1!400001#LL", "holding_register 0 unit 1 ABCD"},
        {"1!400001#LB", "holding_register 0 unit 1 BADC"},
        {"1!400001#BB", "holding_register 0 unit 1 DCBA"},
        {"1!400001#BL", "holding_register 0 unit 1 CDAB"},
        {"1!400001#WS", "holding_register 0 unit 1 CDABGHEF"},
        {"1!400001#WR", "holding_register 0 unit 1 EFGHABCD"},
        {"1!400001#", "refused"},
        {"1!400001#XX", "refused"},
        {"1!400001.15", "holding_register 0 bit 15 unit 1 bool"},
        {"1!400001.16", "refused"},
        {"1!000001.3", "refused"},
        {"1!400001.20H", "refused"}, /* without the type STRING */
        {"1!", "refused"},
        {"", "refused"},
    };
    static const struct address_row texts[] = {
        {"1!400001.20H", "holding_register 0 unit 1 length 10 string ABCD"},
        {"1!400001.20L", "holding_register 0 unit 1 length 10 string BADC"},
        {"1!400001.20", "holding_register 0 unit 1 length 10 string ABCD"},
        {"1!400001.9", "holding_register 0 unit 1 length 5 string ABCD"},
        {"1!400001.1", "holding_register 0 unit 1 length 1 string ABCD"},
        {"1!400001.0", "refused"},
        {"1!400001.127", "holding_register 0 unit 1 length 64 string ABCD"},
        {"1!400001.128", "refused"},
        {"1!400001.20D", "refused"},
        {"1!400001.20E", "refused"},
        {"1!400001", "refused"},
        {"1!000001.20", "refused"},
    };
    static const struct address_row zero[] = {{"1!400000", "holding_register 0 unit 1"}};
    CHECK(FOREIGN_NEURON, false, 1, rows);
    CHECK(FOREIGN_NEURON, true, 1, texts);
    CHECK(FOREIGN_NEURON, false, 0, zero);
    (void)state;
}

/* Each reason that an engineer can read. */
static void test_reasons(void **state)
{
    static const struct {
        enum foreign_notation notation;
        bool is_text;
        unsigned base;
        const char *text, *why;
    } rows[] = {
        {FOREIGN_PLAIN, false, 1, "465537",
         "must be an address such as 400101, 40101, 4x00101, %MW100, with a bit 400101.3"},
        {FOREIGN_PLAIN, false, 1, "4x0",
         "the number after the digit of the table must be 1 to 65536"},
        {FOREIGN_PLAIN, false, 1, "4x65537",
         "the number after the digit of the table must be 1 to 65536"},
        {FOREIGN_PLAIN, false, 1, "4x",
         "must be an address such as 400101, 40101, 4x00101, %MW100, with a bit 400101.3"},
        {FOREIGN_PLAIN, false, 1, "4x123456",
         "must be an address such as 400101, 40101, 4x00101, %MW100, with a bit 400101.3"},
        {FOREIGN_PLAIN, false, 1, "400210.16",
         "the bit must be a number from 0 to 15, 0 the least significant"},
        {FOREIGN_PLAIN, false, 1, "400210.",
         "the bit must be a number from 0 to 15, 0 the least significant"},
        {FOREIGN_PLAIN, false, 1, "10005.3",
         "coils and discrete inputs are bits already: leave \".3\" out"},
        {FOREIGN_PLAIN, false, 1, "40001:16",
         "the bit must be a number from 0 to 15, 0 the least significant"},
        {FOREIGN_PLAIN, false, 1, "%MX65536.0", "must be word 0 to 65535 and bit 0 to 15"},
        {FOREIGN_PLAIN, false, 1, "%MX1.16", "must be word 0 to 65535 and bit 0 to 15"},
        {FOREIGN_PLAIN, false, 1, "%MX1", "must name a word and a bit, such as %MX100.3"},
        {FOREIGN_PLAIN, false, 1, "%QX8192.0", "must be byte 0 to 8191 and bit 0 to 7"},
        {FOREIGN_PLAIN, false, 1, "%QX0.8", "must be byte 0 to 8191 and bit 0 to 7"},
        {FOREIGN_PLAIN, false, 1, "%MD50",
         "%MD is two registers, but which ones depends on the controller: write the first one, "
         "such as %MW100, and a type of 32 bits"},
        {FOREIGN_PLAIN, false, 1, "%MF50",
         "%MF is two registers, but which ones depends on the controller: write the first one, "
         "such as %MW100, and the type float32"},
        {FOREIGN_PLAIN, false, 1, "%ML50",
         "%ML is four registers, but which ones depends on the controller: write the first one, "
         "such as %MW100, and a type of 64 bits"},
        {FOREIGN_PLAIN, false, 1, "%MB50", "%MB is a byte: write its register, such as %MW50"},
        {FOREIGN_PLAIN, false, 1, "%IW5",
         "%I lies in another Modbus table in each controller: write the table and the offset"},
        {FOREIGN_PLAIN, false, 1, "%QW5",
         "%Q lies in another Modbus table in each controller: write the table and the offset"},
        {FOREIGN_PLAIN, false, 1, "DB1.DBW4",
         "is an address of a Siemens data block, which is not Modbus: write the register"},
        {FOREIGN_PLAIN, false, 1, "0x101",
         "looks hexadecimal: write five digits after 0x for a coil, such as 0x00101"},
        {FOREIGN_PLAIN, false, 1, "HR201",
         "HR1 is register 0 in one product and 1 in another: write 400001"},
        {FOREIGN_PLAIN, false, 1, "IR201",
         "IR1 is register 0 in one product and 1 in another: write 300001"},
        {FOREIGN_PLAIN, false, 1, "",
         "must be an address such as 400101, 40101, 4x00101, %MW100, with a bit 400101.3"},
        {FOREIGN_PLAIN, false, 1, "123456789012345",
         "must be an address such as 400101, 40101, 4x00101, %MW100, with a bit 400101.3"},
        {FOREIGN_KEPWARE, false, 1, "4",
         "must be the digit of a table and up to five digits, such as 400001, 400001.3, "
         "400001.20H, 400001 [10]"},
        {FOREIGN_KEPWARE, false, 1, "4000001",
         "must be the digit of a table and up to five digits, such as 400001, 400001.3, "
         "400001.20H, 400001 [10]"},
        {FOREIGN_KEPWARE, false, 1, "200001",
         "must begin with the digit of a table: 0 coils, 1 discrete inputs, 3 input registers, 4 "
         "holding registers"},
        {FOREIGN_KEPWARE, false, 1, "400000",
         "the number after the digit of the table must be 1 to 65536"},
        {FOREIGN_KEPWARE, false, 0, "465536",
         "the number after the digit of the table must be 0 to 65535"},
        {FOREIGN_KEPWARE, false, 1, "400001.16",
         "the bit must be a number from 0 to 15, 0 the least significant"},
        {FOREIGN_KEPWARE, false, 1, "000001.3",
         "coils and discrete inputs are bits already: leave \".3\" out"},
        {FOREIGN_KEPWARE, false, 1, "400300.1H",
         "the length of the text must be an even number, at most 240 bytes"},
        {FOREIGN_KEPWARE, false, 1, "400300.242H",
         "the length of the text must be an even number, at most 240 bytes"},
        {FOREIGN_KEPWARE, false, 1, "400300.20D",
         "a text ends with H, high byte first, or L, low byte first, such as 400300.20H"},
        {FOREIGN_KEPWARE, false, 1, "000300.20H",
         "a text lies in registers, not in a table of bits"},
        {FOREIGN_KEPWARE, false, 1, "400001 [2001]",
         "the size of the array must be a number from 1 to 2000 in [ ]"},
        {FOREIGN_KEPWARE, false, 1, "400001 [0]",
         "the size of the array must be a number from 1 to 2000 in [ ]"},
        {FOREIGN_KEPWARE, false, 1, "400001 [2][3]",
         "an array can have one dimension only, such as 400001 [10]"},
        {FOREIGN_KEPWARE, false, 1, "400001 x123456789012345678901234",
         "\"x1234567890123456789\" is not part of an address: a bit is .3, a text .20H, an array "
         "[10]"},
        {FOREIGN_IGNITION, false, 1, "256.C1",
         "a unit from 0 to 255 and a point come before the address, such as 2.HR1"},
        {FOREIGN_IGNITION, false, 1, "1HR1",
         "a unit from 0 to 255 and a point come before the address, such as 2.HR1"},
        {FOREIGN_IGNITION, false, 1, "V2000",
         "must be an address of the Modbus driver, such as HR1, HRF1, IRUS1, C1, DI1, HR1.3, "
         "HRS1:20, 2.HR1; names of an address mapping are not known here"},
        {FOREIGN_IGNITION, false, 1, "HR0",
         "the number after the digit of the table must be 1 to 65536"},
        {FOREIGN_IGNITION, false, 0, "HR65536",
         "the number after the digit of the table must be 0 to 65535"},
        {FOREIGN_IGNITION, false, 1, "HRI1.3",
         "is a bit of a value of several registers: write the register that holds it, such as "
         "HR1.3"},
        {FOREIGN_IGNITION, false, 1, "HR1.16",
         "the bit must be a number from 0 to 15, 0 the least significant"},
        {FOREIGN_IGNITION, false, 1, "C1.3",
         "coils and discrete inputs are bits already: leave \".3\" out"},
        {FOREIGN_IGNITION, false, 1, "HRS1", "a text needs its length in bytes, such as HRS1:20"},
        {FOREIGN_IGNITION, false, 1, "HRS1:3",
         "the length of the text must be an even number, at most 250 bytes"},
        {FOREIGN_IGNITION, false, 1, "HRS1:252",
         "the length of the text must be an even number, at most 250 bytes"},
        {FOREIGN_IGNITION, false, 1, "HRS1:248", "a text has at most 246 bytes here"},
        {FOREIGN_IGNITION, false, 1, "HR1[10]", "\"[10]\" is not part of an address"},
        {FOREIGN_NEURON, false, 1, "400001",
         "must begin with a unit from 0 to 255 and !, such as 1!400001"},
        {FOREIGN_NEURON, false, 1, "256!400001",
         "must begin with a unit from 0 to 255 and !, such as 1!400001"},
        {FOREIGN_NEURON, false, 1, "1!",
         "after ! come the digit of a table and up to five digits, such as 1!400001"},
        {FOREIGN_NEURON, false, 1, "1!500001",
         "must begin with the digit of a table: 0 coils, 1 discrete inputs, 3 input registers, 4 "
         "holding registers"},
        {FOREIGN_NEURON, false, 1, "1!400000",
         "the number after the digit of the table must be 1 to 65536"},
        {FOREIGN_NEURON, false, 0, "1!465536",
         "the number after the digit of the table must be 0 to 65535"},
        {FOREIGN_NEURON, false, 1, "1!400001#XX",
         "the byte order after # must be L or B, with 32 bits LL, LB, BB or BL, with 64 bits also "
         "WS or WR"},
        {FOREIGN_NEURON, false, 1, "1!400001.16",
         "the bit must be a number from 0 to 15, 0 the least significant"},
        {FOREIGN_NEURON, false, 1, "1!000001.3",
         "coils and discrete inputs are bits already: leave \".3\" out"},
        {FOREIGN_NEURON, false, 1, "1!400001x", "\"x\" is not part of an address"},
        {FOREIGN_NEURON, true, 1, "1!400001",
         "a text needs its length in bytes, such as 1!400001.20H"},
        {FOREIGN_NEURON, true, 1, "1!400001.0",
         "the length of the text must be a number, at most 127 bytes"},
        {FOREIGN_NEURON, true, 1, "1!400001.128",
         "the length of the text must be a number, at most 127 bytes"},
        {FOREIGN_NEURON, true, 1, "1!400001.20E",
         "a text has its length in bytes and H, high byte first, or L, low byte first, such as "
         "1!400001.20H; other letters are not known here"},
        {FOREIGN_NEURON, true, 1, "1!000001.20",
         "a text lies in registers, not in a table of bits"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct foreign_address address;
        struct foreign_error why;
        check_row(!foreign_address_parse(rows[i].notation, rows[i].text, rows[i].is_text,
                                         rows[i].base, &address, &why),
                  rows[i].text);
        assert_string_equal(why.text, rows[i].why);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain),    cmocka_unit_test(test_kepware),
        cmocka_unit_test(test_ignition), cmocka_unit_test(test_neuron),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
