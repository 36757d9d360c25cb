#include "ctl/commands/difference.h"

#include <stdio.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/output/table.h"

static bool difference_is_counted(const char *name)
{
    return strcmp(name, "revision") == 0 || strcmp(name, "updated_at") == 0 ||
           strcmp(name, "created_at") == 0 || strcmp(name, "warnings") == 0;
}

static void difference_add(struct differences *differences, const char *path, const cJSON *before,
                           const cJSON *after)
{
    differences->items =
        keep_resize(differences->items, (differences->count + 1) * sizeof *differences->items);
    differences->items[differences->count++] = (struct difference){path, before, after};
}

/* Adds the members that differ, of objects at `path`; the members of a group are named alone. */
static void difference_walk(struct differences *differences, const char *path, const cJSON *before,
                            const cJSON *after)
{
    for (const cJSON *item = after->child; item; item = item->next) {
        const cJSON *old = cJSON_GetObjectItemCaseSensitive(before, item->string);
        const char *name = path ? keep_format("%s.%s", path, item->string) : item->string;
        if (difference_is_counted(item->string) || cJSON_Compare(old, item, true))
            continue;
        if (!path && cJSON_IsObject(old) && cJSON_IsObject(item))
            difference_walk(differences, name, old, item);
        else
            difference_add(differences, keep_text(name), old, item);
    }
    for (const cJSON *old = before->child; old; old = old->next) {
        if (!cJSON_GetObjectItemCaseSensitive(after, old->string) &&
            !difference_is_counted(old->string))
            difference_add(differences,
                           path ? keep_format("%s.%s", path, old->string) : old->string, old, NULL);
    }
}

struct differences differences_find(const cJSON *before, const cJSON *after)
{
    struct differences differences = {0};
    if (cJSON_IsObject(before) && cJSON_IsObject(after))
        difference_walk(&differences, NULL, before, after);
    return differences;
}

static const char *difference_value_text(const cJSON *value)
{
    return value ? json_value_json(value) : "nothing";
}

const char *differences_text(const struct differences *differences)
{
    const char *text = "";
    for (size_t i = 0; i < differences->count; i++) {
        const struct difference *item = &differences->items[i];
        text = keep_format("%s%s%s %s -> %s", text, i > 0 ? ", " : "", item->path,
                           difference_value_text(item->before), difference_value_text(item->after));
    }
    return text;
}

void differences_print(const struct ctl *ctl, const char *name, const char *verb,
                       const struct differences *differences)
{
    static const struct table_column columns[] = {{.name = "object"},
                                                  {.name = "action"},
                                                  {.name = "pointer"},
                                                  {.name = "before"},
                                                  {.name = "after"}};
    struct table table;
    if (ctl->terminal.format == OUTPUT_TABLE) {
        text_print_line(stdout,
                        keep_format("%s %s: %s", name, verb, differences_text(differences)));
        return;
    }
    TABLE_INIT(&table, columns);
    for (size_t i = 0; i < differences->count; i++) {
        const struct difference *item = &differences->items[i];
        struct table_cell *row = table_add_row(&table);
        char *pointer = keep_format("%s%s", item->path[0] ? "/" : "", item->path);
        for (char *dot; (dot = strchr(pointer, '.'));)
            *dot = '/';
        row[0].text = name;
        row[1].text = verb;
        row[2].text = pointer;
        row[3].text = json_value_text(item->before);
        row[4].text = json_value_text(item->after);
    }
    table_print(&table, &ctl->terminal);
}

static void warnings_print_list(const cJSON *warnings)
{
    for (const cJSON *warning = warnings ? warnings->child : NULL; warning;
         warning = warning->next) {
        const char *pointer = json_read_text(warning, "pointer");
        char *place = keep_text(pointer + (pointer[0] == '/'));
        for (char *slash; (slash = strchr(place, '/'));)
            *slash = '.';
        text_print_line(stderr, keep_format("warning: %s%s%s", place, place[0] ? ": " : "",
                                            json_read_text(warning, "detail")));
    }
}

void warnings_print(const cJSON *answer)
{
    fflush(stdout);
    warnings_print_list(json_read_array(answer, "warnings"));
    warnings_print_list(json_read_array(answer, "modbus.warnings"));
    warnings_print_list(json_read_array(answer, "mqtt.warnings"));
    warnings_print_list(json_read_array(answer, "network.warnings"));
}
