/* The tables of registers, and addresses in Modicon form. */
#ifndef TAGFERRY_CTL_COMMANDS_REGISTER_TABLE_H
#define TAGFERRY_CTL_COMMANDS_REGISTER_TABLE_H

#include <stdbool.h>

enum { REGISTER_TABLES = 4 };

struct register_table {
    const char *name; /* "input_register" */
    char digit;       /* the first one in Modicon form */
    bool has_bits;
};

/* In the order of the digits. */
extern const struct register_table register_tables[REGISTER_TABLES];

/* The number of a table, or -1. */
int register_table_find(const char *name);
/* "300013" of an offset from 0; the empty text for table -1. Stays until the program ends. */
const char *register_modicon_text(int table, long address);

#endif
