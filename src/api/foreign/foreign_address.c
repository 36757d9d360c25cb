/* Parses addresses of Modbus registers. */
#include "api/foreign/foreign_address.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/require.h"

enum { KEPWARE_TEXT_MAX = 240, IGNITION_TEXT_MAX = 250, NEURON_TEXT_MAX = 127, ARRAY_MAX = 2000 };

__attribute__((format(printf, 2, 3))) static bool refuse_address(struct foreign_error *why,
                                                                 const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why->text, sizeof why->text, format, args);
    va_end(args);
    return false;
}

/* Reads 1 to `most` digits at *at. */
static bool read_digits(const char **at, size_t most, long *number)
{
    size_t len = strspn(*at, "0123456789");
    if (len == 0 || len > most)
        return false;
    *number = strtol(*at, NULL, 10);
    *at += len;
    return true;
}

/* Sets table and offset from the digit of a table and the number of a register in it. */
static bool set_register(char digit, long number, unsigned base, struct foreign_address *address,
                         struct foreign_error *why)
{
    static const char digits[] = "0134";
    const char *found = digit ? strchr(digits, digit) : NULL;
    long first = (long)base, last = ADDRESS_MAX + first;
    if (!found)
        return refuse_address(why, "must begin with the digit of a table: 0 coils, 1 discrete "
                                   "inputs, 3 input registers, 4 holding registers");
    if (number < first || number > last)
        return refuse_address(why, "the number after the digit of the table must be %ld to %ld",
                              first, last);
    address->table = (enum modbus_table)(found - digits);
    address->address = (uint16_t)(number - first);
    return true;
}

/* Reads the number of a bit, which ends the text. */
static bool read_bit(const char *at, struct foreign_address *address, struct foreign_error *why)
{
    long bit = 0;
    if (table_is_bits(address->table))
        return refuse_address(why, "coils and discrete inputs are bits already: leave \".%s\" out",
                              at);
    if (!read_digits(&at, 2, &bit) || *at || bit > 15)
        return refuse_address(why,
                              "the bit must be a number from 0 to 15, 0 the least significant");
    address->bit = (int)bit;
    address->type = "bool";
    return true;
}

/* Sets the length of a text of `bytes`. */
static bool set_text(long bytes, long most, bool must_be_even, struct foreign_address *address,
                     struct foreign_error *why)
{
    if (table_is_bits(address->table))
        return refuse_address(why, "a text lies in registers, not in a table of bits");
    if (bytes < 1 || bytes > most || (must_be_even && bytes % 2 != 0))
        return refuse_address(why, "the length of the text must be %s, at most %ld bytes",
                              must_be_even ? "an even number" : "a number", most);
    address->length = (unsigned)((bytes + 1) / 2);
    address->type = "string";
    if (address->length > STRING_REGISTERS_MAX)
        return refuse_address(why, "a text has at most %d bytes here", 2 * STRING_REGISTERS_MAX);
    return true;
}

/* Notations of PLCs whose Modbus register depends on the controller: refused with words. */
static const struct {
    const char *prefix, *words;
} unclear_notations[] = {
    {"%MD", "%MD is two registers, but which ones depends on the controller: write the first one, "
            "such as %MW100, and a type of 32 bits"},
    {"%MF", "%MF is two registers, but which ones depends on the controller: write the first one, "
            "such as %MW100, and the type float32"},
    {"%ML", "%ML is four registers, but which ones depends on the controller: write the first one, "
            "such as %MW100, and a type of 64 bits"},
    {"%MB", "%MB is a byte: write its register, such as %MW50"},
    {"%MX", "must name a word and a bit, such as %MX100.3"},
    {"%I", "%I lies in another Modbus table in each controller: write the table and the offset"},
    {"%Q", "%Q lies in another Modbus table in each controller: write the table and the offset"},
    {"DB", "is an address of a Siemens data block, which is not Modbus: write the register"},
    {"0x", "looks hexadecimal: write five digits after 0x for a coil, such as 0x00101"},
    {"HR", "HR1 is register 0 in one product and 1 in another: write 400001"},
    {"IR", "IR1 is register 0 in one product and 1 in another: write 300001"},
};

static bool refuse_unclear(const char *text, struct foreign_error *why)
{
    for (size_t i = 0; i < sizeof unclear_notations / sizeof unclear_notations[0]; i++) {
        const char *prefix = unclear_notations[i].prefix;
        if (strncasecmp(text, prefix, strlen(prefix)) == 0)
            return refuse_address(why, "%s", unclear_notations[i].words);
    }
    return refuse_address(why, "must be an address such as 400101, 40101, 4x00101, %%MW100, with a "
                               "bit 400101.3");
}

/* %MX100.3, %IX1.2, %QX1.2. */
static bool parse_iec_bit(const char *text, struct foreign_address *address,
                          struct foreign_error *why)
{
    const char *at = text + 3;
    long number = 0, bit = 0;
    bool is_memory = toupper((unsigned char)text[1]) == 'M';
    if (!read_digits(&at, 5, &number) || *at++ != '.' || !read_digits(&at, 2, &bit) || *at)
        return refuse_unclear(text, why);
    if (is_memory) {
        if (number > ADDRESS_MAX || bit > 15)
            return refuse_address(why, "must be word 0 to 65535 and bit 0 to 15");
        *address = (struct foreign_address){.table = TABLE_HOLDING_REGISTER,
                                            .address = (uint16_t)number,
                                            .bit = (int)bit,
                                            .unit = -1,
                                            .type = "bool"};
        if (bit < 8)
            address->caution =
                "is read as a bit of word %MW; controllers that count bytes (CODESYS "
                "3, EcoStruxure) mean another register: write %MW50.3 for theirs";
        return true;
    }
    if (bit > 7 || number * 8 + bit > ADDRESS_MAX)
        return refuse_address(why, "must be byte 0 to 8191 and bit 0 to 7");
    *address = (struct foreign_address){
        .table = toupper((unsigned char)text[1]) == 'I' ? TABLE_DISCRETE_INPUT : TABLE_COIL,
        .address = (uint16_t)(number * 8 + bit),
        .bit = NO_BIT,
        .unit = -1,
        .type = "bool",
        .caution = "is read as bit 8 × byte + bit of the table, as in OpenPLC"};
    return true;
}

static bool parse_plain(const char *text, unsigned base, struct foreign_address *address,
                        struct foreign_error *why)
{
    char word[16];
    (void)base; /* these notations have their own */
    if (text[0] == '%' && text[1] && strchr("MIQmiq", text[1]) &&
        toupper((unsigned char)text[2]) == 'X')
        return parse_iec_bit(text, address, why);
    size_t len = strcspn(text, ".:");
    if (len >= sizeof word)
        return refuse_unclear(text, why);
    for (size_t i = 0; i < len; i++)
        word[i] = (char)toupper((unsigned char)text[i]);
    word[len] = '\0';
    if ((word[0] == '3' || word[0] == '4') && word[1] == 'X') { /* 4x101 */
        const char *at = word + 2;
        long number = 0;
        if (!read_digits(&at, 5, &number) || *at)
            return refuse_unclear(text, why);
        if (!set_register(word[0], number, 1, address, why))
            return false;
    } else if (!modicon_parse(word, &address->table, &address->address)) {
        return refuse_unclear(text, why);
    }
    if (!text[len])
        return true;
    bool is_colon = text[len] == ':';
    const char *bit = text + len + 1;
    if (is_colon && toupper((unsigned char)*bit) == 'X')
        bit++;
    else if (is_colon)
        address->caution = "is read as a bit of the register, 0 the least significant";
    return read_bit(bit, address, why);
}

/* [10] after the blanks; two dimensions are refused. */
static bool read_array(const char *at, struct foreign_address *address, struct foreign_error *why)
{
    long count = 0;
    at++;
    if (!read_digits(&at, 4, &count) || *at++ != ']' || count < 1 || count > ARRAY_MAX)
        return refuse_address(why, "the size of the array must be a number from 1 to %d in [ ]",
                              ARRAY_MAX);
    if (*at)
        return refuse_address(why, "an array can have one dimension only, such as 400001 [10]");
    address->count = (unsigned)count;
    return true;
}

static bool parse_kepware(const char *text, unsigned base, struct foreign_address *address,
                          struct foreign_error *why)
{
    bool is_hex = toupper((unsigned char)*text) == 'H';
    const char *at = text + is_hex;
    char digit = *at;
    char *end = NULL;
    size_t len = digit ? strspn(at + 1, is_hex ? "0123456789ABCDEFabcdef" : "0123456789") : 0;
    if (len < 1 || len > 5)
        return refuse_address(why, "must be the digit of a table and up to five digits, such as "
                                   "400001, 400001.3, 400001.20H, 400001 [10]");
    long number = strtol(at + 1, &end, is_hex ? 16 : 10);
    if (!set_register(digit, number, base, address, why))
        return false;
    at = end;
    if (*at == '.') {
        const char *bit = ++at;
        long bytes = 0;
        if (read_digits(&at, 3, &bytes) && isalpha((unsigned char)*at) && !at[1]) {
            int letter = toupper((unsigned char)*at);
            if (letter != 'H' && letter != 'L')
                return refuse_address(why, "a text ends with H, high byte first, or L, low byte "
                                           "first, such as 400300.20H");
            address->byte_order = letter == 'H' ? "ABCD" : "BADC";
            return set_text(bytes, KEPWARE_TEXT_MAX, true, address, why);
        }
        return read_bit(bit, address, why);
    }
    at += strspn(at, " ");
    if (*at == '[')
        return read_array(at, address, why);
    return !*at || refuse_address(why,
                                  "\"%.20s\" is not part of an address: a bit is .3, a text "
                                  ".20H, an array [10]",
                                  at);
}

/* What follows HR or IR. */
static const struct {
    const char *letters, *type;
} ignition_types[] = {
    {"", "int16"},     {"US", "uint16"},    {"I", "int32"},   {"UI", "uint32"},
    {"I_64", "int64"}, {"UI_64", "uint64"}, {"F", "float32"}, {"D", "float64"},
    {"BCD", "bcd16"},  {"BCD_32", "bcd32"}, {"S", "string"},
};

/* Reads the letters of an address, which say table and type. */
static bool read_designator(const char **at, struct foreign_address *address)
{
    static const struct {
        const char *letters;
        enum modbus_table table;
    } tables[] = {{"HR", TABLE_HOLDING_REGISTER},
                  {"IR", TABLE_INPUT_REGISTER},
                  {"DI", TABLE_DISCRETE_INPUT},
                  {"C", TABLE_COIL}};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        size_t len = strlen(tables[i].letters);
        if (strncasecmp(*at, tables[i].letters, len) != 0)
            continue;
        address->table = tables[i].table;
        *at += len;
        if (table_is_bits(tables[i].table)) {
            address->type = "bool";
            return true;
        }
        /* HRI_64100 is HRI_64 and register 100, so the longest word that fits. */
        size_t longest = 0;
        for (size_t k = 0; k < sizeof ignition_types / sizeof ignition_types[0]; k++) {
            size_t size = strlen(ignition_types[k].letters);
            if (size >= longest && strncasecmp(*at, ignition_types[k].letters, size) == 0) {
                longest = size;
                address->type = ignition_types[k].type;
            }
        }
        *at += longest;
        return true;
    }
    return false;
}

static bool parse_ignition(const char *text, unsigned base, struct foreign_address *address,
                           struct foreign_error *why)
{
    static const char digits[] = "0134"; /* in the order of the tables */
    const char *at = text;
    long number = 0, bytes = 0;
    if (read_digits(&at, 3, &number)) {
        if (*at++ != '.' || number > 255)
            return refuse_address(why, "a unit from 0 to 255 and a point come before the address, "
                                       "such as 2.HR1");
        address->unit = (int)number;
    }
    if (!read_designator(&at, address) || !read_digits(&at, 5, &number))
        return refuse_address(why, "must be an address of the Modbus driver, such as HR1, HRF1, "
                                   "IRUS1, C1, DI1, HR1.3, HRS1:20, 2.HR1; names of an address "
                                   "mapping are not known here");
    if (!set_register(digits[address->table], number, base, address, why))
        return false;
    if (strcmp(address->type, "string") == 0) {
        if (*at++ != ':' || !read_digits(&at, 3, &bytes) || *at)
            return refuse_address(why, "a text needs its length in bytes, such as HRS1:20");
        return set_text(bytes, IGNITION_TEXT_MAX, true, address, why);
    }
    if (*at == '.' && !table_is_bits(address->table) && strstr(address->type, "16") == NULL)
        return refuse_address(why, "is a bit of a value of several registers: write the register "
                                   "that holds it, such as HR1.3");
    if (*at == '.')
        return read_bit(at + 1, address, why);
    return !*at || refuse_address(why, "\"%.20s\" is not part of an address", at);
}

/* The order of bytes in registers, 1 the most significant: neuron/tag.h and the conversions of
 * src/adapter/driver/driver.c. L and B: 16 and 64 bits. */
static const struct {
    const char *letters, *byte_order;
} neuron_orders[] = {
    {"L", "ABCD"},  {"B", "DCBA"},  {"LL", "ABCD"},     {"LB", "BADC"},
    {"BB", "DCBA"}, {"BL", "CDAB"}, {"WS", "CDABGHEF"}, {"WR", "EFGHABCD"},
};

static bool read_neuron_order(const char *at, struct foreign_address *address,
                              struct foreign_error *why)
{
    for (size_t i = 0; i < sizeof neuron_orders / sizeof neuron_orders[0]; i++) {
        if (strcasecmp(at, neuron_orders[i].letters) == 0) {
            address->byte_order = neuron_orders[i].byte_order;
            return true;
        }
    }
    return refuse_address(why, "the byte order after # must be L or B, with 32 bits LL, LB, BB or "
                               "BL, with 64 bits also WS or WR");
}

static bool parse_neuron(const char *text, bool is_text, unsigned base,
                         struct foreign_address *address, struct foreign_error *why)
{
    const char *at = text;
    long number = 0, bytes = 0;
    if (!read_digits(&at, 3, &number) || *at++ != '!' || number > 255)
        return refuse_address(why, "must begin with a unit from 0 to 255 and !, such as 1!400001");
    address->unit = (int)number;
    char digit = *at;
    if (digit)
        at++;
    if (!read_digits(&at, 5, &number))
        return refuse_address(why,
                              "after ! come the digit of a table and up to five digits, such as "
                              "1!400001");
    if (!set_register(digit, number, base, address, why))
        return false;
    if (*at == '#')
        return read_neuron_order(at + 1, address, why);
    if (*at == '.' && is_text) {
        at++;
        if (!read_digits(&at, 3, &bytes) ||
            (*at && (!strchr("HL", toupper((unsigned char)*at)) || at[1])))
            return refuse_address(why,
                                  "a text has its length in bytes and H, high byte first, or L, "
                                  "low byte first, such as 1!400001.20H; other letters are not "
                                  "known here");
        address->byte_order = toupper((unsigned char)*at) == 'L' ? "BADC" : "ABCD";
        return set_text(bytes, NEURON_TEXT_MAX, false, address, why);
    }
    if (*at == '.')
        return read_bit(at + 1, address, why);
    if (is_text)
        return refuse_address(why, "a text needs its length in bytes, such as 1!400001.20H");
    return !*at || refuse_address(why, "\"%.20s\" is not part of an address", at);
}

bool foreign_address_parse(enum foreign_notation notation, const char *text, bool is_text,
                           unsigned base, struct foreign_address *address,
                           struct foreign_error *why)
{
    REQUIRE(notation < FOREIGN_NOTATIONS && base <= 1);
    *address = (struct foreign_address){.bit = NO_BIT, .unit = -1};
    switch (notation) {
    case FOREIGN_KEPWARE:
        return parse_kepware(text, base, address, why);
    case FOREIGN_IGNITION:
        return parse_ignition(text, base, address, why);
    case FOREIGN_NEURON:
        return parse_neuron(text, is_text, base, address, why);
    case FOREIGN_PLAIN:
    case FOREIGN_NOTATIONS:
        break;
    }
    return parse_plain(text, base, address, why);
}
