/* Collects errors and writes them as the member "errors" of a problem document. */
#include "api/base/validation.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/text.h"

struct validation validation_make(struct arena *arena)
{
    return (struct validation){.arena = arena, .prefix = ""};
}

/* Counts an error, and adds it to the list. NULL when the list is full. */
static struct validation_error *validation_append(struct validation *validation, const char *code,
                                                  const char *detail)
{
    validation->found++;
    if (validation->count == VALIDATION_ERRORS_MAX)
        return NULL;
    validation->items = arena_grow(validation->arena, validation->items, validation->count,
                                   &validation->capacity, sizeof *validation->items);
    struct validation_error *validation_error = &validation->items[validation->count++];
    *validation_error =
        (struct validation_error){.row = validation->row, .code = code, .detail = detail};
    return validation_error;
}

void validation_add(struct validation *validation, const char *group, const char *name,
                    const char *code, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct validation_error *validation_error =
        validation_append(validation, code, arena_vformat(validation->arena, format, args));
    va_end(args);
    if (!validation_error)
        return;
    const char *root = validation->root, *prefix = validation->prefix;
    if (validation->row > 0) {
        validation_error->column = name;
        if (validation->locate)
            validation->locate(validation->table, validation_error);
    } else if (!root)
        validation_error->pointer = arena_format(validation->arena, "%s%s%s/%s", prefix,
                                                 group ? "/" : "", group ? group : "", name);
    else if (group && strcmp(root, group) == 0)
        validation_error->pointer = arena_format(validation->arena, "%s/%s", prefix, name);
    else /* the body is one group, and the error is elsewhere: it concerns the body as a whole */
        validation_error->pointer = prefix;
}

void validation_add_at(struct validation *validation, const char *pointer, const char *code,
                       const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct validation_error *validation_error =
        validation_append(validation, code, arena_vformat(validation->arena, format, args));
    va_end(args);
    if (validation_error && validation->row == 0)
        validation_error->pointer =
            arena_format(validation->arena, "%s%s", validation->prefix, pointer);
}

void validation_join(struct validation *validation, const struct validation *other)
{
    for (size_t i = 0; i < other->count; i++) {
        struct validation_error *copy = validation_append(validation, NULL, NULL);
        if (copy)
            *copy = other->items[i];
    }
    validation->found += other->found - other->count;
}

static int validation_compare_rows(const void *left, const void *right)
{
    const struct validation_error *a = left, *b = right;
    return a->row < b->row ? -1 : a->row > b->row;
}

void validation_sort(struct validation *validation)
{
    if (validation->count > 1 && validation->items[0].row > 0)
        qsort(validation->items, validation->count, sizeof *validation->items,
              validation_compare_rows);
}

void validation_write_errors(const struct validation *validation, struct text *text)
{
    validation_write_errors_from(validation, 0, text);
}

void validation_write_errors_from(const struct validation *validation, size_t from,
                                  struct text *text)
{
    json_open(text, '[');
    for (size_t i = from; i < validation->count; i++) {
        const struct validation_error *validation_error = &validation->items[i];
        json_open(text, '{');
        if (validation_error->row > 0) {
            json_write_key(text, "row");
            json_write_integer(text, validation_error->row);
            json_write_key(text, "column");
            json_write_string_or_null(text, validation_error->column);
            json_write_key(text, "cell");
            json_write_string_or_null(text, validation_error->cell);
        } else {
            json_write_key(text, "pointer");
            json_write_string(text, validation_error->pointer);
        }
        json_write_key(text, "code");
        json_write_string(text, validation_error->code);
        json_write_key(text, "detail");
        json_write_string(text, validation_error->detail);
        json_close(text, '}');
    }
    json_close(text, ']');
}

const char *json_pointer_escape(struct arena *arena, const char *token)
{
    char *escaped = arena_alloc(arena, 2 * strlen(token) + 1), *to = escaped;
    for (; *token; token++) {
        if (*token == '~' || *token == '/') {
            *to++ = '~';
            *to++ = *token == '~' ? '0' : '1';
        } else {
            *to++ = *token;
        }
    }
    return escaped;
}
