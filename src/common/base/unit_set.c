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

/* What a list says of each id. */
struct unit_list {
    bool present[UNIT_MAX + 1];
    uint8_t original[UNIT_MAX + 1]; /* the id is another name of this one; 0: of none */
};

/* Reads "7", "1-4", "20=1" or "20-21=1" at *text and moves *text past it and the blanks behind. */
static bool unit_set_read_item(const char **text, struct unit_list *list)
{
    long first, last, original = 0;
    *text += strspn(*text, " \t");
    bool ok = unit_set_parse_id(text, &first);
    last = first;
    *text += strspn(*text, " \t");
    if (ok && **text == '-') {
        ++*text;
        *text += strspn(*text, " \t");
        ok = unit_set_parse_id(text, &last);
        *text += strspn(*text, " \t");
    }
    if (ok && **text == '=') {
        ++*text;
        *text += strspn(*text, " \t");
        ok = unit_set_parse_id(text, &original);
        *text += strspn(*text, " \t");
    }
    ok = ok && first <= last;
    for (long id = first; ok && id <= last; id++) {
        if (original == 0) {
            list->present[id] = true;
            continue;
        }
        ok = list->original[id] == 0 || list->original[id] == original;
        list->original[id] = (uint8_t)original;
    }
    return ok;
}

/* Checks that other names are no units, and that they are names of units. */
static bool unit_set_check_names(const struct unit_list *list, char *why, size_t why_size)
{
    for (unsigned id = UNIT_MIN; id <= UNIT_MAX; id++) {
        const unsigned original = list->original[id];
        if (original == 0)
            continue;
        if (list->present[id])
            snprintf(why, why_size, "%u=%u: %u is a unit of its own in the same list", id, original,
                     id);
        else if (!list->present[original])
            snprintf(why, why_size, "%u=%u: %u is not one of the units in the list", id, original,
                     original);
        else
            continue;
        return false;
    }
    return true;
}

bool unit_set_parse(const char *text, struct unit_set *set, char *why, size_t why_size)
{
    struct unit_list list = {.present = {false}};
    const char *at = text;
    bool again, ok;
    do {
        ok = unit_set_read_item(&at, &list);
        again = ok && *at == ',';
        at += again;
    } while (again);
    if (!ok || *at != '\0') {
        snprintf(why, why_size,
                 "\"%s\" is not a list of unit ids %d to %d such as \"1\" or \"1-16,20\", or "
                 "\"1-16,20=1\" with another name of a unit",
                 text, UNIT_MIN, UNIT_MAX);
        return false;
    }
    if (!unit_set_check_names(&list, why, why_size))
        return false;

    *set = (struct unit_set){0};
    for (size_t id = 0; id < 256; id++)
        set->index[id] = UNIT_NONE;
    for (size_t id = UNIT_MIN; id <= UNIT_MAX; id++) {
        if (list.present[id]) {
            set->index[id] = (int16_t)set->count;
            set->id[set->count++] = (uint8_t)id;
        }
    }
    set->index[0] = set->index[255] = 0;
    memcpy(set->named, set->index, sizeof set->named);
    for (size_t id = UNIT_MIN; id <= UNIT_MAX; id++) {
        if (list.original[id] != 0)
            set->named[id] = set->index[list.original[id]];
    }
    return true;
}

int unit_set_index(const struct unit_set *set, uint8_t unit)
{
    return set->index[unit];
}

int unit_set_named_index(const struct unit_set *set, uint8_t unit)
{
    return set->named[unit];
}

uint8_t unit_set_find_original(const struct unit_set *set, int64_t unit)
{
    if (unit < UNIT_MIN || unit > UNIT_MAX || set->index[unit] == set->named[unit])
        return 0;
    return set->id[set->named[unit]];
}

bool unit_set_contains(const struct unit_set *set, int64_t unit)
{
    return unit >= UNIT_MIN && unit <= UNIT_MAX && set->index[unit] != UNIT_NONE;
}
