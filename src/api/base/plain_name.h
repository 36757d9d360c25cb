/* Plain names for devices and tags, made of any text. Pure. */
#ifndef TAGFERRY_API_BASE_PLAIN_NAME_H
#define TAGFERRY_API_BASE_PLAIN_NAME_H

#include "api/base/arena.h"
#include "api/base/string_map.h"

enum { PLAIN_NAME_MAX = 64 };

/* Returns a name of letters, digits, '.', '_' and '-', as resource_name_is_valid wants it: "Küche
 * oben" becomes "Kueche_oben". Letters with marks lose them, any other character becomes '_'. A
 * longer name is cut. `fallback` for a text without letters and digits. */
const char *plain_name_make(struct arena *arena, const char *text, const char *fallback);

/* Returns the name with _2, _3 and so on at its end, which is cut where that is too long. */
const char *plain_name_number(struct arena *arena, const char *name, unsigned number);

/* Writes the letters and digits of `text` in lower case, letters as above, without all else: the
 * form in which words are compared. Returns the length; a longer text is cut. `size` > 0. */
size_t plain_name_fold(const char *text, char *folded, size_t size);

/* Returns the name, or the first of "name_2", "name_3" … that the map does not have, and adds it
 * to the map, whose values belong to this function. */
const char *plain_name_make_unique(struct string_map *names, const char *name);

#endif
