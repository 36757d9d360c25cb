/* The errors of a request's body, each with its place. Pure. */
#ifndef TAGFERRY_API_BASE_VALIDATION_H
#define TAGFERRY_API_BASE_VALIDATION_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"

struct text;

struct validation_error {
    const char *pointer; /* a JSON Pointer into the body; NULL for a table */
    long row;            /* the line of a table, from 1; 0 for JSON */
    const char *column;  /* of a table, or NULL for the row as a whole */
    const char *cell;    /* of a table: the cell as the file has it, or NULL */
    const char *code;    /* a constant identifier for programs */
    const char *detail;  /* a sentence for people */
};

/* The list holds no more; further errors are only counted. */
enum { VALIDATION_ERRORS_MAX = 1000 };

struct validation {
    struct arena *arena;
    struct validation_error *items;
    size_t count, capacity;
    size_t found; /* also those beyond VALIDATION_ERRORS_MAX */
    bool invalid; /* of conflicts with the store: the request itself has an error, too */
    /* The place in the body of the resource that is being read. */
    const char *prefix; /* the JSON Pointer of the resource, "" for the whole body */
    const char *root;   /* the body is this group of the resource, such as "mqtt"; or NULL */
    long row;           /* the line of a table; 0 for JSON */
    /* Of a table: replaces the column of an error by its title in the file, and sets its cell. NULL
     * for none. */
    void (*locate)(const void *table, struct validation_error *error);
    const void *table;
};

/* Returns an empty list, whose texts are allocated in the arena. */
struct validation validation_make(struct arena *arena);

/* Adds an error of a member: of a group, or of the resource itself when `group` is NULL. For a
 * table `name` is the column. `name` and `code` are not copied. */
__attribute__((format(printf, 5, 6))) void validation_add(struct validation *validation,
                                                          const char *group, const char *name,
                                                          const char *code, const char *format,
                                                          ...);
/* Adds an error at a pointer below the prefix; for a table, of the row as a whole. */
__attribute__((format(printf, 4, 5))) void validation_add_at(struct validation *validation,
                                                             const char *pointer, const char *code,
                                                             const char *format, ...);
/* Adds the errors of another list with the same arena. */
void validation_join(struct validation *validation, const struct validation *other);
/* Sorts the errors of a table by row. */
void validation_sort(struct validation *validation);
/* Writes the errors as a JSON array, or those from number `from` on. */
void validation_write_errors(const struct validation *validation, struct text *text);
void validation_write_errors_from(const struct validation *validation, size_t from,
                                  struct text *text);

/* Returns the text as a token of a JSON Pointer, with ~ and / escaped. */
const char *json_pointer_escape(struct arena *arena, const char *token);

#endif
