/* The tags of another product's file, in one form for all products. Pure. */
#ifndef TAGFERRY_API_FOREIGN_FOREIGN_FILE_H
#define TAGFERRY_API_FOREIGN_FOREIGN_FILE_H

#include "api/base/string_map.h"
#include "api/base/table.h"
#include "api/base/validation.h"
#include "api/foreign/foreign_address.h"

/* A table that is being read, and the marks of its numbers. */
struct foreign_table {
    /* Reads the next row; its cells are in the arena, or outlive it. */
    enum table_result (*next_row)(void *context, struct arena *arena, struct table_row *row);
    void *context;
    bool comma; /* 0,1 is a number */
};

/* Texts are in the arena of the file, in its JSON, or constants. NULL: the file does not say it. */
struct foreign_tag {
    long row;            /* of a table; of JSON the number of the tag, from 1 */
    const char *pointer; /* of JSON: its place */
    const char *device, *name;
    const char *device_label, *label; /* as in the file, when the names were made plain */
    const char *address_text;         /* as in the file */
    const char *key;                  /* a JSON Pointer: an element of an array */
    enum modbus_table table;
    uint16_t address;
    int bit, unit; /* NO_BIT and -1 for none */
    unsigned length;
    const char *type, *byte_order;
    const char *byte;     /* of a register: the name of a byte; NULL: none, or the low one */
    bool order_assumed;   /* the byte order is the default of the product */
    double scale, offset; /* value = register × scale + offset */
    const char *eng_unit, *description;
    bool writable, disabled;
};

/* What a file says that has no counterpart, or leaves open. Each kind is one warning. */
enum foreign_note {
    FOREIGN_NOTE_COLUMNS, /* ignored columns or members */
    FOREIGN_NOTE_SKIPPED, /* tags without a Modbus address */
    FOREIGN_NOTE_SCALING, /* limits of a scaling that the file leaves out */
    FOREIGN_NOTE_ORDER,   /* an assumed byte order */
    FOREIGN_NOTE_COMMAND, /* writable tags without a command topic */
    FOREIGN_NOTE_TOPIC,   /* an assumed topic of a new device */
    FOREIGN_NOTE_NAME,    /* names that were made plain */
    FOREIGN_NOTES
};

struct foreign_note_items {
    size_t count;
    const char *first; /* up to FOREIGN_NOTE_SHOWN of them, with commas */
};
enum {
    FOREIGN_NOTE_SHOWN = 5,
    FOREIGN_TAGS_MAX = 200000, /* of a file; arrays and UDTs make many of few bytes */
    FOREIGN_TEXT_MAX = 1024    /* bytes of a path or an address */
};

/* Set arena, validation, warnings, base and default_order, zero the rest before reading. */
struct foreign_file {
    struct arena *arena;
    struct validation *validation, *warnings;
    unsigned base;             /* the number of the first register: 0 or 1 */
    const char *device;        /* of all tags; NULL: the file says it */
    const char *byte_order;    /* of numbers of several registers; NULL: the default */
    const char *wide_order;    /* the same of four registers; NULL: that */
    const char *default_order; /* of the product */
    bool swaps_bytes;          /* the device in the file swaps those of 16 bits, too */
    bool has_unit;             /* it has a unit */
    uint8_t unit;
    const char **pointers; /* of a table that is made of JSON: the place of each row from 1 */
    size_t pointer_count;
    struct foreign_tag *tags;
    size_t count, capacity;
    size_t seen; /* nodes of JSON, those of a UDT again for each instance */
    bool is_full;
    struct foreign_note_items notes[FOREIGN_NOTES];
    struct string_map ignored; /* columns and members that are noted */
};

/* The columns or members to which errors belong. */
struct foreign_names {
    const char *name, *address, *type;
};

/* True when the file has FOREIGN_TAGS_MAX tags or nodes, after an error. */
bool foreign_file_is_full(struct foreign_file *file);
/* Notes a case of the kind. The item, such as the name of a tag, is not copied. */
void foreign_file_note(struct foreign_file *file, enum foreign_note note, const char *item);
/* Notes once that a column or member has no counterpart. */
void foreign_file_ignore(struct foreign_file *file, const char *name);
/* Makes a device for each unit, such as boiler-2, of a device whose tags are in several units. */
void foreign_file_split_units(struct foreign_file *file);
/* Adds a warning for each kind of note that has cases. */
void foreign_file_write_notes(struct foreign_file *file);
/* Adds a tag with its address and type: one for each element of an array. `tag` has all members
 * that do not follow from these. Errors go to the validation, in which the caller has set the
 * place. */
void foreign_file_add(struct foreign_file *file, struct foreign_tag *tag,
                      const struct foreign_address *address, const char *type,
                      const struct foreign_names *names);

/* Computes scale and offset from two points. False when the raw ones or the scaled ones are equal.
 */
bool foreign_scale_from_limits(double raw_low, double raw_high, double scaled_low,
                               double scaled_high, double *scale, double *offset);
/* How well limits express a scale and an offset. */
enum foreign_limits {
    FOREIGN_LIMITS_EXACT,
    FOREIGN_LIMITS_NEAREST,
    FOREIGN_LIMITS_NONE /* scale is lost beside offset, or a limit is not finite */
};

/* Finds limits from which foreign_scale_from_limits computes this scale and offset, with raw_low 0.
 * They are set unless it returns FOREIGN_LIMITS_NONE. */
enum foreign_limits foreign_limits_from_scale(double scale, double offset, double *raw_high,
                                              double *scaled_low, double *scaled_high);

/* Finds the name of Tagferry's type for a word of a product, in any case; NULL for an unknown one.
 * The rows end with NULL. */
struct foreign_type {
    const char *word, *type;
};
const char *foreign_type_find(const struct foreign_type *types, const char *word);
/* The words of a product for a type, or NULL. */
const char *foreign_type_word(const struct foreign_type *types, const char *type);

/* Returns the text without blanks around it. */
const char *foreign_trim(struct arena *arena, const char *text);

/* The name of a byte order that is usual for its meaning: of the eight letters of ABCDEFGH,
 * BADCFEHG, GHEFCDAB and HGFEDCBA that of four letters; any other name as it is. */
const char *foreign_order_name(const char *order);

#endif
