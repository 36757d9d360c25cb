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

/* Returns the name, or the first of "name_2", "name_3" … that the map does not have, and adds it
 * to the map, whose values belong to this function. */
const char *plain_name_make_unique(struct string_map *names, const char *name);

#endif
