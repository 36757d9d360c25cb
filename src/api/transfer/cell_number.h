/* Numbers as spreadsheets write them: decimal commas, groups of thousands. Pure. */
#ifndef TAGFERRY_API_TRANSFER_CELL_NUMBER_H
#define TAGFERRY_API_TRANSFER_CELL_NUMBER_H

#include <stdbool.h>

/* The decimal mark of a file. */
enum decimal_mark {
    DECIMAL_POINT,
    DECIMAL_COMMA,
    DECIMAL_EITHER, /* both are accepted where the meaning is clear */
};

enum cell_number {
    CELL_NUMBER,
    CELL_NOT_A_NUMBER,
    CELL_NUMBER_OTHER_MARK, /* has the decimal mark that this file does not use */
    CELL_NUMBER_UNCLEAR,    /* 1.000 may be 1 or 1000 */
    CELL_NUMBER_DATE,       /* a date, perhaps made of a number by a spreadsheet */
};

/* Reads a number: 1000, -0.5, 1e3, 0,5, 1.234,5, 1 234. */
enum cell_number cell_number_read(const char *cell, enum decimal_mark mark, double *number);
/* Returns the mark that the number shows, such as DECIMAL_COMMA for 0,5; DECIMAL_EITHER if it does
 * not show one. */
enum decimal_mark cell_number_mark(const char *cell);
/* True for the words that a spreadsheet shows in place of a value that it cannot compute. */
bool cell_is_spreadsheet_error(const char *cell);

#endif
