/* Writes and reads remarks. */
#include "api/foreign/foreign_remark.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/value.h"

static const char remark_start[] = "[Tagferry: ";

static const char *add_item(struct arena *arena, const char *items, const char *name,
                            const char *value)
{
    return arena_format(arena, "%s%s%s%s%s", items, *items ? "; " : "", name, *value ? " " : "",
                        value);
}

/* Returns where the last remark of a description begins, or NULL. */
static const char *find_remark(const char *description)
{
    const char *start = NULL;
    for (const char *at = description; (at = strstr(at, remark_start)); at++)
        start = at;
    return start && start[strlen(start) - 1] == ']' ? start : NULL;
}

const char *foreign_remark_append(struct arena *arena, const char *description,
                                  const struct foreign_remark *remark)
{
    char number[VALUE_TEXT_SIZE];
    const char *items = "";
    if (remark->device)
        items = add_item(arena, items, "device", remark->device);
    if (remark->tag)
        items = add_item(arena, items, "tag", remark->tag);
    if (remark->type)
        items = add_item(arena, items, "type", remark->type);
    if (remark->length)
        items = add_item(arena, items, "length", arena_format(arena, "%ld", remark->length));
    if (remark->byte_order)
        items = add_item(arena, items, "byte order", remark->byte_order);
    if (remark->byte)
        items = add_item(arena, items, "byte", remark->byte);
    if (remark->has_scale) {
        value_format_double(remark->scale, number);
        items = add_item(arena, items, "scale", number);
        value_format_double(remark->offset, number);
        items = add_item(arena, items, "add", number);
    }
    if (remark->disabled)
        items = add_item(arena, items, "disabled", "");
    if (!*items && !find_remark(description))
        return description;
    return arena_format(arena, "%s%s%s%s]", description, *description ? " " : "", remark_start,
                        items);
}

/* Returns the value of an item if it has this name, else NULL. */
static const char *item_value(const char *item, const char *name)
{
    size_t len = strlen(name);
    return strncmp(item, name, len) == 0 && item[len] == ' ' ? item + len + 1 : NULL;
}

static void read_item(const char *item, struct foreign_remark *remark)
{
    const char *value;
    if ((value = item_value(item, "device")))
        remark->device = value;
    else if ((value = item_value(item, "tag")))
        remark->tag = value;
    else if ((value = item_value(item, "type")))
        remark->type = value;
    else if ((value = item_value(item, "length")))
        remark->length = strtol(value, NULL, 10);
    else if ((value = item_value(item, "byte order")))
        remark->byte_order = value;
    else if ((value = item_value(item, "byte")))
        remark->byte = value;
    else if ((value = item_value(item, "scale")))
        remark->scale = strtod(value, NULL);
    else if ((value = item_value(item, "add")))
        remark->offset = strtod(value, NULL);
    else if (strcmp(item, "disabled") == 0)
        remark->disabled = true;
}

const char *foreign_remark_split(struct arena *arena, const char *description,
                                 struct foreign_remark *remark)
{
    *remark = (struct foreign_remark){0};
    const char *start = find_remark(description);
    if (!start)
        return description;
    const char *items = start + strlen(remark_start);
    char *text = arena_strndup(arena, items, strlen(items) - 1);
    while (*text) {
        char *end = strstr(text, "; ");
        if (end)
            *end = '\0';
        read_item(text, remark);
        text = end ? end + 2 : text + strlen(text);
    }
    remark->has_scale = isfinite(remark->scale) && isfinite(remark->offset) && remark->scale != 0;
    size_t kept = (size_t)(start - description);
    if (kept > 0 && description[kept - 1] == ' ')
        kept--;
    return arena_strndup(arena, description, kept);
}
