/* The encodings in which programs save tables. Pure. */
#ifndef TAGFERRY_API_BASE_TEXT_ENCODING_H
#define TAGFERRY_API_BASE_TEXT_ENCODING_H

#include <stddef.h>

#include "api/base/arena.h"

enum text_encoding {
    ENCODING_UTF8,   /* or none of the others */
    ENCODING_CP1252, /* Windows-1252, which spreadsheets in western Europe save as "CSV" */
    ENCODING_UTF16,  /* with a byte order mark, which spreadsheets save as "Unicode text" */
};

/* Converts the text into UTF-8 in the arena; UTF-8 stays where it is. Windows-1252 is a text that
 * is not UTF-8, has no character that only UTF-8 could have written, and no byte without a meaning.
 */
enum text_encoding text_encoding_to_utf8(struct arena *arena, const char **text, size_t *len);

#endif
