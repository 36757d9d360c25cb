/* Parses unit ids and looks them up. */
#include "common/base/unit_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(UNIT_MIN > 0 && UNIT_MAX < 255, "0 and 255 are not ids of their own");

/* Reads the id at *text and moves *text past it. */
static bool unit_set_parse_id(const char **text, long *id)
{
    char *end;
    *id = 0;
    if (**text < '0' || **text > '9')
        return false;
    *id = strtol(*text, &end, 10);
    *text = end;
    return *id >= UNIT_MIN && *id <= UNIT_MAX;
}

bool unit_set_parse(const char *text, struct unit_set *set, char *why, size_t why_size)
{
    bool present[UNIT_MAX + 1] = {false}, again, ok;
    const char *at = text;
    do {
        long first, last;
        at += strspn(at, " \t");
        ok = unit_set_parse_id(&at, &first);
        last = first;
        at += strspn(at, " \t");
        if (ok && *at == '-') {
            at++;
            at += strspn(at, " \t");
            ok = unit_set_parse_id(&at, &last);
            at += strspn(at, " \t");
        }
        ok = ok && first <= last;
        for (long id = first; ok && id <= last; id++)
            present[id] = true;
        again = ok && *at == ',';
        at += again;
    } while (again);
    if (!ok || *at != '\0') {
        snprintf(why, why_size,
                 "\"%s\" is not a list of unit ids %d to %d such as \"1\" or \"1-16,20\"", text,
                 UNIT_MIN, UNIT_MAX);
        return false;
    }

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
    return true;
}

int unit_set_index(const struct unit_set *set, uint8_t unit)
{
    return set->index[unit];
}

bool unit_set_contains(const struct unit_set *set, long unit)
{
    return unit >= UNIT_MIN && unit <= UNIT_MAX && set->index[unit] != UNIT_NONE;
}
