/* Text as a terminal shows it. Texts of a server are UTF-8, or anything at all. */
#ifndef TAGFERRY_CTL_BASE_TEXT_WIDTH_H
#define TAGFERRY_CTL_BASE_TEXT_WIDTH_H

#include <stddef.h>
#include <stdio.h>

/* Columns that the text takes when text_print_columns prints it. */
size_t text_width(const char *text);
/* Prints at most `columns` columns of the text; one that is wider is cut and ends in "…", in a
 * locale without UTF-8 in "~". Control characters, which could command the terminal, those that
 * turn the direction of text, and bytes that are no text in the locale are printed as "?". Returns
 * the columns that it took. */
size_t text_print_columns(FILE *out, const char *text, size_t columns);
/* The same into `to`, which ends with a NUL: what does not fit into its `size` bytes is left out.
 */
size_t text_copy_columns(char *to, size_t size, const char *text, size_t columns);
/* Prints a whole text, whose control characters are "?", and a newline. */
void text_print_line(FILE *out, const char *text);

#endif
