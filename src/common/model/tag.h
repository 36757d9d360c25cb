/* The options of a tag: its point in a Modbus table, the names of all choices, Modicon addresses.
 * Pure.
 */
#ifndef TAGFERRY_COMMON_MODEL_TAG_H
#define TAGFERRY_COMMON_MODEL_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

enum byte_order { ORDER_ABCD, ORDER_CDAB, ORDER_BADC, ORDER_DCBA, ORDER_COUNT };
extern const char *const order_names[];

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

/* How a text is read as a number. */
enum number_format { NUMBER_DECIMAL, NUMBER_DECIMAL_COMMA, NUMBER_HEX };
extern const char *const number_names[];

/* Effect of a JSON null: HOLD refuses it and keeps the value, STALE applies on_stale at once. */
enum on_null { NULL_HOLD, NULL_STALE };
extern const char *const on_null_names[];

/* The effect of on_stale: keep the value, write stale_raw, or write NaN. */
enum on_stale { STALE_HOLD, STALE_RAW, STALE_NAN };

/* The index of `text` in `names`, or -1. */
int name_list_find(const char *const *names, const char *text);

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
