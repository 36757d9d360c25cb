/* Collects faults and writes them as the errors of a problem document. */
#include "api/base/validation.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/text.h"

struct flaws flaws_make(struct arena *arena)
{
    return (struct flaws){.arena = arena, .prefix = ""};
}

static struct flaw *add(struct flaws *flaws, const char *code, const char *detail)
{
    flaws->found++;
    if (flaws->count == FLAWS_MAX)
        return NULL;
    if (flaws->count == flaws->room) {
        size_t room = flaws->room ? 2 * flaws->room : 8;
        struct flaw *items = arena_alloc(flaws->arena, room * sizeof *items);
        if (flaws->count > 0)
            memcpy(items, flaws->items, flaws->count * sizeof *items);
        flaws->items = items;
        flaws->room = room;
    }
    struct flaw *flaw = &flaws->items[flaws->count++];
    *flaw = (struct flaw){.row = flaws->row, .code = code, .detail = detail};
    return flaw;
}

/* When the body is one group alone, a fault elsewhere in the resource concerns the body as a whole.
 */
static const char *pointer_to(const struct flaws *flaws, const char *group, const char *name)
{
    if (flaws->root) {
        bool inside = group && strcmp(flaws->root, group) == 0;
        return inside ? arena_format(flaws->arena, "%s/%s", flaws->prefix, name) : flaws->prefix;
    }
    return arena_format(flaws->arena, "%s%s%s/%s", flaws->prefix, group ? "/" : "",
                        group ? group : "", name);
}

void flaws_add(struct flaws *flaws, const char *group, const char *name, const char *code,
               const char *format, ...)
{
    va_list args;
    va_start(args, format);
    struct flaw *flaw = add(flaws, code, arena_vformat(flaws->arena, format, args));
    va_end(args);
    if (!flaw)
        return;
    if (flaws->row > 0)
        flaw->column = name;
    else
        flaw->pointer = pointer_to(flaws, group, name);
}

void flaws_add_at(struct flaws *flaws, const char *pointer, const char *code, const char *format,
                  ...)
{
    va_list args;
    va_start(args, format);
    struct flaw *flaw = add(flaws, code, arena_vformat(flaws->arena, format, args));
    va_end(args);
    if (flaw && flaws->row == 0)
        flaw->pointer = arena_format(flaws->arena, "%s%s", flaws->prefix, pointer);
}

static int compare_rows(const void *left, const void *right)
{
    const struct flaw *a = left, *b = right;
    return a->row < b->row ? -1 : a->row > b->row;
}

void flaws_sort(struct flaws *flaws)
{
    if (flaws->count > 1 && flaws->items[0].row > 0)
        qsort(flaws->items, flaws->count, sizeof *flaws->items, compare_rows);
}

void flaws_write(const struct flaws *flaws, struct text *text)
{
    json_open(text, '[');
    for (size_t i = 0; i < flaws->count; i++) {
        const struct flaw *flaw = &flaws->items[i];
        json_open(text, '{');
        if (flaw->row > 0) {
            json_key(text, "row");
            json_integer(text, flaw->row);
            json_key(text, "column");
            json_string_or_null(text, flaw->column);
        } else {
            json_key(text, "pointer");
            json_string(text, flaw->pointer);
        }
        json_key(text, "code");
        json_string(text, flaw->code);
        json_key(text, "detail");
        json_string(text, flaw->detail);
        json_close(text, '}');
    }
    json_close(text, ']');
}

const char *pointer_escape(struct arena *arena, const char *token)
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
