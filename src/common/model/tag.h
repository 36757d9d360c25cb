/* The options of a tag: its point in a Modbus table, the names of all choices, Modicon addresses.
 * Pure.
 */
#ifndef TAGFERRY_COMMON_MODEL_TAG_H
#define TAGFERRY_COMMON_MODEL_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/name_list.h"
#include "common/model/value_types.h"

/* Each list of names is in the order of its enum and ended by NULL. API, SQL and CSV use them. */
enum modbus_table {
    TABLE_COIL,
    TABLE_DISCRETE_INPUT,
    TABLE_INPUT_REGISTER,
    TABLE_HOLDING_REGISTER,
    TABLE_COUNT
};
extern const char *const table_names[];
/* The tables allowed for a status block. */
extern const char *const status_table_names[];

#define VALUE_TYPE_ID(id, ...) TYPE_##id,
enum value_type { VALUE_TYPE_LIST(VALUE_TYPE_ID) TYPE_COUNT };
#undef VALUE_TYPE_ID
extern const char *const type_names[];

/* The bytes of a value, A the most significant, in the order in which its registers have them. A
 * name of four letters is for values of any width. One of eight is for those of four registers. The
 * live table stores these numbers: do not change the order. */
enum byte_order {
    ORDER_ABCD, /* of four registers: ABCDEFGH */
    ORDER_CDAB, /* GHEFCDAB */
    ORDER_BADC, /* BADCFEHG */
    ORDER_DCBA, /* HGFEDCBA */
    ORDER_ABCDEFGH,
    ORDER_BADCFEHG,
    ORDER_CDABGHEF,
    ORDER_DCBAHGFE,
    ORDER_EFGHABCD,
    ORDER_FEHGBADC,
    ORDER_GHEFCDAB,
    ORDER_HGFEDCBA,
    ORDER_COUNT
};
enum { ORDER_OF_EIGHT_BYTES = ORDER_ABCDEFGH /* the first one with eight letters */ };
extern const char *const order_names[];

/* The byte of its register that a value of the type int8 or uint8 has. */
enum byte_part { BYTE_LOW, BYTE_HIGH };
extern const char *const byte_names[];

enum direction { TO_MODBUS, TO_MQTT, BOTH_WAYS, CONSTANT, COMPANION };
extern const char *const direction_names[];
/* True when messages bring values of the tag. */
static inline bool direction_has_messages(int direction)
{
    return direction == TO_MODBUS || direction == BOTH_WAYS;
}
/* True when Tagferry sets the value itself. */
static inline bool direction_is_own(int direction)
{
    return direction == CONSTANT || direction == COMPANION;
}
/* True when values that SCADA writes are published. */
static inline bool direction_has_commands(int direction)
{
    return direction == TO_MQTT || direction == BOTH_WAYS;
}

/* What a companion shows of another tag: its quality as in status registers, the age of its value,
 * or when it came, since 1970. */
enum companion {
    COMPANION_NONE,
    COMPANION_QUALITY,
    COMPANION_AGE_S,
    COMPANION_TIME_S,
    COMPANION_TIME_MS
};
extern const char *const companion_names[];

enum on_overflow { OVERFLOW_REJECT, OVERFLOW_CLAMP };
extern const char *const overflow_names[];

enum payload_kind { PAYLOAD_JSON, PAYLOAD_TEXT, PAYLOAD_SPARKPLUG };
extern const char *const payload_names[];

/* Which of SCADA's writes are published. */
enum command_on { COMMAND_ON_WRITE, COMMAND_ON_CHANGE };
extern const char *const command_on_names[];

/* How a text is read as a number. */
enum number_format { NUMBER_DECIMAL, NUMBER_DECIMAL_COMMA, NUMBER_HEX };
extern const char *const number_names[];

/* How requests to a foreign Modbus server are framed. */
enum framing { FRAMING_TCP, FRAMING_RTU };
extern const char *const framing_names[];

/* Effect of a JSON null: HOLD refuses it and keeps the value, STALE applies on_stale at once. */
enum on_null { NULL_HOLD, NULL_STALE };
extern const char *const on_null_names[];

/* The effect of on_stale: keep the value, write stale_raw, or write NaN. */
enum on_stale { STALE_HOLD, STALE_RAW, STALE_NAN };

enum { ADDRESS_MAX = 65535, STRING_REGISTERS_MAX = 123, POINT_REGISTERS_MAX = 123, NO_BIT = -1 };

/* The location and coding of a value in a Modbus table. */
struct point {
    uint8_t table;    /* enum modbus_table */
    uint8_t type;     /* enum value_type */
    uint8_t order;    /* enum byte_order */
    uint8_t overflow; /* enum on_overflow */
    uint8_t stale;    /* enum on_stale */
    uint8_t on_null;  /* enum on_null */
    int8_t bit;       /* 0 to 15 of one register, 0 the least significant; NO_BIT otherwise */
    uint8_t byte;     /* enum byte_part, of types with type_info.is_byte; BYTE_LOW otherwise */
    uint16_t address; /* of the first register or bit, 0-based */
    uint16_t length;  /* registers of a string, 1 to 123; 0 for other types */
    double scale;     /* value = register × scale + offset; never 0 */
    double offset;
    double stale_raw; /* for STALE_RAW: the register value, before scaling */
};

/* The row of a type in value_types.h. */
struct type_info {
    uint8_t registers; /* of a value; 0 for string: the tag has its length */
    bool is_integer;
    bool is_float;
    bool is_byte;          /* of one byte of a register */
    uint64_t below, above; /* of integers: the magnitudes of minimum and maximum */
    double min, max;       /* of integers and floats: the same as the nearest doubles */
};
extern const struct type_info type_info[TYPE_COUNT];

/* True for coils and discrete inputs. */
bool table_is_bits(enum modbus_table table);
/* True for the tables that a SCADA client can write. */
bool table_is_writable(enum modbus_table table);
/* Registers, or bits of a bit table, that the point covers: 1 to 123. */
uint16_t point_width(const struct point *point);
/* True when the value is a bit or a byte of a register, which it shares with others. */
bool point_is_part(const struct point *point);
/* The bits that the value has in each of its registers: all, or those of the part. */
uint16_t point_mask(const struct point *point);
/* The content of a part, 0 to 255, from its register, and the register with only that content. Of
 * any other point the word as it is. */
uint16_t point_take_part(const struct point *point, uint16_t word);
uint16_t point_place_part(const struct point *point, uint16_t part);
/* The point by which the content of a part is decoded, as if it were the whole register; any other
 * point as it is. */
struct point point_of_content(const struct point *point);
/* True when both have the same location and coding. */
bool point_is_equal(const struct point *a, const struct point *b);

enum { MODICON_SIZE = 8 };
/* Writes the six-digit Modicon form: table digit, then the 1-based number, "400101". */
void modicon_format(enum modbus_table table, uint16_t address, char text[MODICON_SIZE]);
/* Parses an address with its table: five or six digits in Modicon form ("40101", "400101"),
 * "4x00101", "%MW100", "%M7". False for anything else. */
bool modicon_parse(const char *text, enum modbus_table *table, uint16_t *address);
/* True when the digits of the number are the Modicon form of an address in this table. */
bool modicon_looks_like(enum modbus_table table, long number);

#endif
