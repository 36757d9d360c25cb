/* What a change has made of an object. */
#ifndef TAGFERRY_CTL_COMMANDS_DIFFERENCE_H
#define TAGFERRY_CTL_COMMANDS_DIFFERENCE_H

#include <cjson/cJSON.h>

#include "ctl/command/command.h"

/* A member that differs: its path, and its values, which may be NULL. */
struct difference {
    const char *path; /* "modbus.scale" */
    const cJSON *before, *after;
};

struct differences {
    struct difference *items;
    size_t count;
};

/* The members that differ between two states of a resource, in the order of the second one, without
 * those that the server counts with each change. What they point to belongs to the states. */
struct differences differences_find(const cJSON *before, const cJSON *after);
/* "modbus.scale 1 -> 0.1, unit "" -> "K"". Stays until the program ends. */
const char *differences_text(const struct differences *differences);
/* Prints to standard output what became of an object: "boiler-7/temp changed: modbus.scale 1 ->
 * 0.1". `verb` is "changed" or "would change". As CSV, a row for each member. */
void differences_print(const struct ctl *ctl, const char *name, const char *verb,
                       const struct differences *differences);
/* Prints the warnings in the answer to a change to standard error. */
void warnings_print(const cJSON *answer);

#endif
