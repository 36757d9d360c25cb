/* map: the registers in use, for the engineer of the SCADA system. */
#include <stdlib.h>
#include <string.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/output.h"
#include "ctl/commands/register_table.h"
#include "ctl/commands/tag_text.h"

/* The registers of a tag, or of the status of a device. */
struct map_line {
    const cJSON *place; /* server, unit, table */
    const cJSON *owner;
    const cJSON *tag; /* NULL for a status */
};

struct map_lines {
    struct map_line *items;
    size_t count;
    const char *json; /* the answers with the owners, separated by commas */
};

static int map_compare_numbers(double left, double right)
{
    return left < right ? -1 : left > right;
}

/* The number of the first bit of the register that the owner has. */
static double map_first_bit(const cJSON *owner)
{
    bool is_high = strcmp(json_read_text(owner, "byte"), "high") == 0;
    return is_high ? 8 : json_read_number(owner, "bit");
}

/* By server, the local one first, unit, table, register and bit. */
static int map_compare_lines(const void *left, const void *right)
{
    const struct map_line *a = left, *b = right;
    int order = strcmp(json_read_text(a->place, "server"), json_read_text(b->place, "server"));
    if (order == 0)
        order = map_compare_numbers(json_read_number(a->place, "unit"),
                                    json_read_number(b->place, "unit"));
    if (order == 0)
        order = register_table_find(json_read_text(a->place, "table")) -
                register_table_find(json_read_text(b->place, "table"));
    if (order == 0)
        order = map_compare_numbers(json_read_number(a->owner, "first"),
                                    json_read_number(b->owner, "first"));
    return order ? order : map_compare_numbers(map_first_bit(a->owner), map_first_bit(b->owner));
}

static int map_compare_names(const char *device, const char *tag, const cJSON *item)
{
    int order = strcmp(device, json_read_text(item, "device"));
    return order ? order : strcmp(tag, json_read_text(item, "name"));
}

/* Tags are in the order of device and name. */
static const cJSON *map_find_tag(const struct pages *tags, const cJSON *owner)
{
    const char *device = json_read_text(owner, "device"), *tag = json_read_text(owner, "tag");
    size_t low = 0, high = tags->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = map_compare_names(device, tag, tags->items[middle]);
        if (order == 0)
            return tags->items[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* True if --unit (negative: not given), --table and the gateway leave the place in. */
static bool map_has_place(const struct ctl *ctl, long unit, const cJSON *registers,
                          const cJSON *place)
{
    const char *table = ctl_flag_value(ctl, FLAG_TABLE);
    const char *gateway = json_read_text(place, "gateway");
    if (unit >= 0 && unit != json_read_int(place, "unit"))
        return false;
    if (table && strcmp(table, json_read_text(place, "table")) != 0)
        return false;
    if (gateway[0] && strcmp(gateway, json_read_text(registers, "gateway")) != 0)
        return false;
    /* One place of a gateway and one of all gateways have the same owners. */
    for (const cJSON *other = place->prev; other->next; other = other->prev) {
        const char *other_gateway = json_read_text(other, "gateway");
        bool is_ours = other_gateway[0] == '\0' ||
                       strcmp(other_gateway, json_read_text(registers, "gateway")) == 0;
        if (is_ours &&
            strcmp(json_read_text(other, "server"), json_read_text(place, "server")) == 0 &&
            json_read_number(other, "unit") == json_read_number(place, "unit") &&
            strcmp(json_read_text(other, "table"), json_read_text(place, "table")) == 0)
            return false;
    }
    return true;
}

static bool map_has_device(const struct ctl *ctl, const char *device)
{
    const char *const *wanted = ctl->flags[FLAG_DEVICE];
    if (!wanted)
        return true;
    for (; *wanted; wanted++) {
        if (strcmp(*wanted, device) == 0)
            return true;
    }
    return false;
}

/* Adds the owners of a place. */
static enum ctl_status map_add_place(const struct ctl *ctl, const cJSON *place,
                                     const struct pages *tags, struct map_lines *lines)
{
    struct client_reply reply;
    const char *server = json_read_text(place, "server");
    const char *query = query_add(NULL, "unit", json_read_text(place, "unit"));
    const struct client_request request = {
        .path = client_path("/registers/{}/owners", json_read_text(place, "table")),
        .query = server[0] ? query_add(query, "server", server) : query};
    enum ctl_status status = client_send_checked(ctl->client, &request, &reply, "the register map");
    if (status != CTL_DONE)
        return status;
    lines->json = lines->json ? keep_format("%s,%s", lines->json, reply.body) : reply.body;
    const cJSON *items = json_read_array(reply.json, "items"), *owner;
    size_t room = lines->count + (size_t)cJSON_GetArraySize(items);
    lines->items = keep_resize(lines->items, room * sizeof *lines->items);
    cJSON_ArrayForEach(owner, items)
    {
        if (map_has_device(ctl, json_read_text(owner, "device")))
            lines->items[lines->count++] =
                (struct map_line){place, owner, map_find_tag(tags, owner)};
    }
    return CTL_DONE;
}

static void map_print_table(const struct ctl *ctl, const struct map_lines *lines)
{
    static const struct table_column columns[] = {
        {.title = "SERVER", .name = "server", .if_any = true},
        {.title = "UNIT ID", .name = "unit", .is_number = true},
        {.title = "TABLE", .name = "table", .drop = 3},
        {.title = "ADDRESS", .name = "first", .is_number = true},
        {.name = "last", .in_csv_only = true},
        {.title = "MODICON", .name = "modicon", .is_number = true},
        {.title = "COUNT", .name = "count", .is_number = true, .drop = 4},
        {.title = "TYPE", .name = "type"},
        {.name = "byte_order", .in_csv_only = true},
        {.name = "bit", .in_csv_only = true},
        {.name = "byte", .in_csv_only = true},
        {.title = "SCALE", .name = "scale"},
        {.name = "offset", .in_csv_only = true},
        {.title = "UNIT", .name = "engineering_unit", .if_any = true, .drop = 1},
        {.title = "ACCESS", .name = "direction", .drop = 2},
        {.title = "TAG", .name = "device"},
        {.name = "tag", .in_csv_only = true},
        {.title = "LABEL", .name = "label", .is_long = true, .if_any = true, .drop = 5},
    };
    enum {
        SERVER,
        UNIT_ID,
        TABLE,
        FIRST,
        LAST,
        MODICON,
        COUNT,
        TYPE,
        SCALE = 11,
        ENGINEERING = 13,
        ACCESS,
        TAG,
        NAME,
        LABEL
    };
    bool is_csv = ctl->terminal.format == OUTPUT_CSV;
    struct table table;
    TABLE_INIT(&table, columns);
    for (size_t i = 0; i < lines->count; i++) {
        const struct map_line *line = &lines->items[i];
        struct table_cell *row = table_add_row(&table);
        output_fill_row(&table, row, line->owner);
        const char *name = json_read_text(line->place, "table");
        const char *direction = json_read_text(line->tag, "direction");
        double first = json_read_number(line->owner, "first");
        row[SERVER].text = json_read_text(line->place, "server");
        row[UNIT_ID].text = json_read_text(line->place, "unit");
        row[TABLE].text = name;
        row[MODICON].text = register_modicon_text(register_table_find(name), (long)first);
        row[COUNT].text = keep_format("%.0f", json_read_number(line->owner, "last") - first + 1);
        row[ENGINEERING].text = json_read_text(line->owner, "unit");
        row[ACCESS].text = direction;
        row[LABEL].text = json_read_text(line->tag, "label");
        if (is_csv)
            continue;
        bool is_written = strcmp(direction, "to_mqtt") == 0 || strcmp(direction, "both") == 0;
        row[ACCESS].text = is_written ? "read, write" : "read";
        if (line->tag) {
            row[TYPE].text = tag_type_text(line->tag);
            row[SCALE].text = tag_scale_text(line->tag);
        }
        row[TAG].text = keep_format("%s%s%s", row[TAG].text, row[NAME].text[0] ? "/" : " status",
                                    row[NAME].text);
    }
    table_print(&table, &ctl->terminal);
}

/* Asks for each device of --device, so that a device that does not exist is told. */
static enum ctl_status map_check_devices(const struct ctl *ctl)
{
    struct client_reply reply;
    enum ctl_status status = CTL_DONE;
    for (const char *const *name = ctl->flags[FLAG_DEVICE]; name && *name && status == CTL_DONE;
         name++)
        status = client_send_checked(
            ctl->client, &(struct client_request){.path = client_path("/devices/{}", *name)},
            &reply, *name);
    return status;
}

static enum ctl_status map_run(struct ctl *ctl)
{
    struct client_reply registers;
    struct pages tags = {0};
    struct map_lines lines = {0};
    long unit = -1;
    if (!ctl_flag_number(ctl, FLAG_UNIT, 0, 255, &unit))
        return CTL_USAGE;
    enum ctl_status status = map_check_devices(ctl);
    if (status != CTL_DONE)
        return status;
    status = client_send_checked(ctl->client, &(struct client_request){.path = "/registers"},
                                 &registers, "the register map");
    if (status == CTL_DONE && ctl->terminal.format != OUTPUT_JSON)
        status = pages_get(ctl->client, "/tags", NULL, 0, "the tags", &tags);
    const cJSON *place;
    cJSON_ArrayForEach(place, json_read_array(registers.json, "items"))
    {
        if (status == CTL_DONE && map_has_place(ctl, unit, registers.json, place))
            status = map_add_place(ctl, place, &tags, &lines);
    }
    if (status != CTL_DONE)
        return status;
    if (ctl->terminal.format == OUTPUT_JSON) {
        output_print_json(keep_format("{\"registers\":%s,\"owners\":[%s]}", registers.body,
                                      lines.json ? lines.json : ""));
        return CTL_DONE;
    }
    if (lines.count > 0)
        qsort(lines.items, lines.count, sizeof *lines.items, map_compare_lines);
    map_print_table(ctl, &lines);
    return CTL_DONE;
}

const struct command map_command = {
    .name = "map",
    .most = 0,
    .summary = "Show the register map, in the order of the registers",
    .details =
        "All registers that have a tag, or the status of a device, for the engineer of the SCADA "
        "system. ADDRESS counts from 0, MODICON from 1; value = register x SCALE, with an offset "
        "behind the scale if there is one. The byte order stands behind the type unless it is "
        "ABCD.\n\n"
        "tagferryctl export has the map as a page to print, too.",
    .flags = {FLAG_UNIT, FLAG_TABLE, FLAG_DEVICE},
    .examples = {"tagferryctl map", "tagferryctl map --unit 1 --table holding_register",
                 "tagferryctl map -o csv > map.csv"},
    .run = map_run};
