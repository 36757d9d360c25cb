/* The words that people write into tables for what the API names: headers of columns, types,
 * tables, byte orders, directions, yes and no. In any case, with or without blanks and marks. Pure.
 *
 * A word is listed only if it has one meaning: "Integer", which has 16 bits in one program and 32
 * in another, is not. */
#ifndef TAGFERRY_API_TRANSFER_TABLE_WORDS_H
#define TAGFERRY_API_TRANSFER_TABLE_WORDS_H

#include "api/model/fields.h"

/* Finds the field of a column by its header, as the API names it or as people do. False for an
 * unknown one. *exact: the header is the name of the column. */
bool table_words_find_column(const char *header, const struct resource **resource, size_t *field,
                             bool *exact);
/* True for Integer and the like, whose width the word does not say. */
bool table_words_is_integer(const char *cell);
/* True for a header of function codes, which say the table of a register. */
bool table_words_is_function(const char *header);
/* Returns the name of the table that a function code is for: 3, FC 03, 0x03, 3/16. The cell itself
 * if it is no such code. */
const char *table_words_read_function(const char *cell);
/* Returns the name of the column that an unknown header resembles, or NULL. */
const char *table_words_guess_column(const char *header);

/* Returns the value of a choice that a cell means, or NULL. `field` has names. */
const char *table_words_find_choice(const struct resource *resource, size_t field,
                                    const char *cell);
/* Returns a word for a value of this choice that the cell resembles, or NULL. */
const char *table_words_guess_choice(const struct resource *resource, size_t field,
                                     const char *cell);

/* Reads yes or no. *is_mark: the cell is a mark, such as x, next to which an empty cell means no.
 */
bool table_words_read_flag(const char *cell, bool *truth, bool *is_mark);

#endif
