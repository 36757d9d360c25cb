/* What is wrong with a request's body, every fault of it, each with its place. Pure. */
#ifndef TAGFERRY_API_BASE_VALIDATION_H
#define TAGFERRY_API_BASE_VALIDATION_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"

struct text;

struct validation_error {
    const char *pointer; /* a JSON Pointer into the body; NULL in a table */
    long row;            /* the line of a table, the header being 1 */
    const char *column;  /* of a table, or NULL for the row as a whole */
    const char *code;    /* a constant word for programs */
    const char *detail;  /* a sentence for people */
};

/* No answer lists more; the others are counted. */
enum { VALIDATION_ERRORS_MAX = 1000 };

struct validation {
    struct arena *arena;
    struct validation_error *items;
    size_t count, room;
    size_t found; /* also those beyond VALIDATION_ERRORS_MAX */
    /* Where in the body the resource lies that is being read. */
    const char *prefix; /* pointer of the resource, "" at the top */
    const char *root;   /* the group that the resource is alone, or NULL: "mqtt" */
    long row;           /* of a table; 0 for JSON */
};

struct validation validation_make(struct arena *arena);

/* Adds a fault at a member: of a group, or of the resource itself when `group` is NULL. In a table
 * the member's name is the column's. */
__attribute__((format(printf, 5, 6))) void validation_add(struct validation *validation,
                                                          const char *group, const char *name,
                                                          const char *code, const char *format,
                                                          ...);
/* Adds a fault at a pointer below the prefix, or at the row as a whole. */
__attribute__((format(printf, 4, 5))) void validation_add_at(struct validation *validation,
                                                             const char *pointer, const char *code,
                                                             const char *format, ...);
/* Puts those of a table in order of its rows. */
void validation_sort(struct validation *validation);
/* The JSON array of all faults. */
void validation_write_errors(const struct validation *validation, struct text *text);

/* A token of a JSON Pointer, escaped. */
const char *json_pointer_escape(struct arena *arena, const char *token);

#endif
