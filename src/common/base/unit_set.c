/* Parses and holds the set of unit ids. */
#include "common/base/unit_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool unit_set_parse_id(const char **text, long *id)
{
    char *end;
    if (**text < '0' || **text > '9')
        return false;
    *id = strtol(*text, &end, 10);
    *text = end;
    return *id >= UNIT_MIN && *id <= UNIT_MAX;
}

static const char *unit_set_skip_blanks(const char *text)
{
    return text + strspn(text, " \t");
}

static bool unit_set_parse_range(const char **text, bool present[256])
{
    long first, last;
    if (!unit_set_parse_id(text, &first))
        return false;
    last = first;
    *text = unit_set_skip_blanks(*text);
    if (**text == '-') {
        *text = unit_set_skip_blanks(*text + 1);
        if (!unit_set_parse_id(text, &last) || last < first)
            return false;
        *text = unit_set_skip_blanks(*text);
    }
    for (long id = first; id <= last; id++)
        present[id] = true;
    return true;
}

static void unit_set_fill(struct unit_set *set, const bool present[256])
{
    *set = (struct unit_set){0};
    for (size_t id = 0; id < 256; id++)
        set->index[id] = UNIT_NONE;
    for (size_t id = UNIT_MIN; id <= UNIT_MAX; id++) {
        if (present[id]) {
            set->index[id] = (int16_t)set->count;
            set->id[set->count++] = (uint8_t)id;
        }
    }
    set->index[0] = set->index[255] = 0;
}

bool unit_set_parse(const char *text, struct unit_set *set, char *why, size_t why_size)
{
    bool present[256] = {false};
    const char *rest = unit_set_skip_blanks(text);
    while (unit_set_parse_range(&rest, present)) {
        if (*rest == '\0') {
            unit_set_fill(set, present);
            return true;
        }
        if (*rest != ',')
            break;
        rest = unit_set_skip_blanks(rest + 1);
    }
    snprintf(why, why_size, "\"%s\" is no list of unit ids %d to %d such as \"1\" or \"1-16,20\"",
             text, UNIT_MIN, UNIT_MAX);
    return false;
}

int unit_set_index(const struct unit_set *set, uint8_t unit)
{
    return set->index[unit];
}

bool unit_set_contains(const struct unit_set *set, long unit)
{
    return unit >= UNIT_MIN && unit <= UNIT_MAX && set->index[unit] != UNIT_NONE;
}
