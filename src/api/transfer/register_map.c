/* Writes the register map. */
#include "api/transfer/register_map.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/csv.h"
#include "api/model/resource_rules.h"

static const char style[] =
    "body{font:14px/1.4 sans-serif;margin:2em;color:#111}h1{font-size:1.5em}"
    "h2{font-size:1.15em;margin:1.6em 0 .3em}p{margin:.2em 0}"
    "table{border-collapse:collapse;width:100%;margin:.4em 0}"
    "th,td{border:1px solid #bbb;padding:.2em .5em;text-align:left;vertical-align:top}"
    "th{background:#eee}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "@page{size:A4 landscape;margin:12mm}"
    "@media print{body{margin:0;font-size:12px}h2,p{break-after:avoid}tr{break-inside:avoid}}";

static const char *const headings[] = {"Tag",  "Table",  "Modicon",     "Offset", "Registers",
                                       "Type", "Order",  "Bit",         "Scale",  "Add",
                                       "Unit", "Access", "Description", NULL};

static void put_html(struct text *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '&')
            text_puts(out, "&amp;");
        else if (*text == '<')
            text_puts(out, "&lt;");
        else if (*text == '>')
            text_puts(out, "&gt;");
        else if (*text == '"')
            text_puts(out, "&quot;");
        else
            text_putc(out, *text);
    }
}

/* The cells of a tag's row, in the order of the headings. */
enum { CELLS = sizeof headings / sizeof headings[0] - 1 };

/* Who of the Modbus clients may do what. */
static const char *access_of(const struct record *device, const struct record *tag)
{
    bool is_command = strcmp(record_text(tag, TAG_DIRECTION), direction_names[TO_MODBUS]) != 0;
    if (!record_integer(device, DEVICE_ENABLED) || !record_integer(tag, TAG_ENABLED))
        return "disabled";
    return is_command ? "read and write" : "read";
}

static void fill_cells(const struct record *device, const struct record *tag, struct arena *arena,
                       const char *cells[CELLS])
{
    struct point point = tag_point(tag);
    char modicon[MODICON_SIZE], number[VALUE_TEXT_SIZE];
    size_t i = 0;
    modicon_format((enum modbus_table)point.table, point.address, modicon);
    cells[i++] = arena_text(arena, record_text(tag, TAG_NAME));
    cells[i++] = table_names[point.table];
    cells[i++] = arena_text(arena, modicon);
    cells[i++] = arena_format(arena, "%u", point.address);
    cells[i++] = arena_format(arena, "%u", point_width(&point));
    cells[i++] = type_names[point.type];
    cells[i++] = table_is_bits((enum modbus_table)point.table) ? "" : order_names[point.order];
    cells[i++] = point.bit == NO_BIT ? "" : arena_format(arena, "%d", point.bit);
    value_format_double(point.scale, number);
    cells[i++] = arena_text(arena, number);
    value_format_double(point.offset, number);
    cells[i++] = arena_text(arena, number);
    cells[i++] = arena_text(arena, record_text(tag, TAG_UNIT));
    cells[i++] = access_of(device, tag);
    cells[i++] = arena_text(arena, record_text(tag, TAG_DESCRIPTION));
}

/* A tag's row, until those of its device are put in order of their registers. */
struct row {
    uint64_t place;
    const char *cells[CELLS];
};

/* What goes from tag to tag. */
struct map {
    struct worker *worker;
    struct arena rows;
    struct text *out;
    bool csv;
    struct record device;
    struct place place;
    struct row *list;
    size_t count, room;
};

static const char *server_of(const struct map *map)
{
    return place_is_local(&map->place) ? "Tagferry" : map->place.server;
}

static void put_csv_row(struct map *map, const char *const cells[CELLS])
{
    csv_text_cell(map->out, record_text(&map->device, DEVICE_NAME), true);
    csv_text_cell(map->out, server_of(map), false);
    csv_cell(map->out, arena_format(&map->rows, "%u", map->place.unit), false);
    for (size_t i = 0; i < CELLS; i++)
        csv_text_cell(map->out, cells[i], false);
    csv_end_row(map->out);
}

static void put_html_row(struct map *map, const char *const cells[CELLS])
{
    text_puts(map->out, "<tr>");
    for (size_t i = 0; i < CELLS; i++) {
        text_puts(map->out, i >= 2 && i <= 4 ? "<td class=n>" : "<td>");
        put_html(map->out, cells[i]);
        text_puts(map->out, "</td>");
    }
    text_puts(map->out, "</tr>\n");
}

static int compare_rows(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    return a->place < b->place ? -1 : a->place > b->place;
}

static void end_device(struct map *map)
{
    if (!map->csv && map->count > 0)
        qsort(map->list, map->count, sizeof *map->list, compare_rows);
    for (size_t i = 0; i < map->count; i++) {
        if (map->csv)
            put_csv_row(map, map->list[i].cells);
        else
            put_html_row(map, map->list[i].cells);
    }
    if (!map->csv && map->device.id != 0)
        text_puts(map->out, "</table>\n");
    map->list = NULL;
    map->count = map->room = 0;
    arena_finish(&map->rows);
}

static void put_html_status(struct map *map)
{
    const struct record *device = &map->device;
    char modicon[MODICON_SIZE];
    if (!record_has(device, DEVICE_STATUS_ADDRESS))
        return;
    int table = name_index(table_names, record_text(device, DEVICE_STATUS_TABLE));
    unsigned address = (unsigned)record_integer(device, DEVICE_STATUS_ADDRESS);
    struct place place = place_of_status(device, &map->worker->settings->common);
    modicon_format((enum modbus_table)table, (uint16_t)address, modicon);
    text_printf(map->out,
                "<p>Status: Tagferry, unit %u, %s %s, offsets %u to %u: quality (192 good, 500 "
                "stale, 0 bad or no message yet), age in s, messages, refused</p>\n",
                place.unit, table_names[table], modicon, address, address + STATUS_REGISTERS - 1);
}

static void begin_html_device(struct map *map)
{
    text_puts(map->out, "<h2>");
    put_html(map->out, record_text(&map->device, DEVICE_NAME));
    text_puts(map->out, "</h2>\n<p>");
    put_html(map->out, record_text(&map->device, DEVICE_DESCRIPTION));
    text_printf(map->out, "</p>\n<p>Modbus server: ");
    put_html(map->out, server_of(map));
    text_printf(map->out, ", unit %u</p>\n", map->place.unit);
    put_html_status(map);
    text_puts(map->out, "<table>\n<thead><tr>");
    for (size_t i = 0; headings[i]; i++)
        text_printf(map->out, "<th>%s</th>", headings[i]);
    text_puts(map->out, "</tr></thead>\n");
}

static void change_device(struct map *map, const struct record *tag)
{
    end_device(map);
    if (!device_find(map->worker->store, &map->rows, tag->device, &map->device))
        return;
    map->place = place_of(&map->device, &map->worker->settings->common);
    if (!map->csv)
        begin_html_device(map);
}

static struct row *new_row(struct map *map)
{
    if (map->count == map->room) {
        size_t room = map->room ? 2 * map->room : 16;
        struct row *list = arena_alloc(&map->rows, room * sizeof *list);
        if (map->count > 0)
            memcpy(list, map->list, map->count * sizeof *list);
        map->list = list;
        map->room = room;
    }
    return &map->list[map->count++];
}

static bool take_tag(void *context, const struct record *tag)
{
    struct map *map = context;
    if (map->device.id != tag->device_id)
        change_device(map, tag);
    struct row *row = new_row(map);
    struct point point = tag_point(tag);
    row->place =
        (uint64_t)point.table << 32 | (uint32_t)point.address << 8 | (uint8_t)(point.bit + 1);
    fill_cells(&map->device, tag, &map->rows, row->cells);
    return true;
}

static void begin_map(struct map *map)
{
    if (map->csv) {
        text_puts(map->out, "Device,Server,Modbus unit");
        for (size_t i = 0; headings[i]; i++)
            csv_cell(map->out, headings[i], false);
        csv_end_row(map->out);
        return;
    }
    text_printf(map->out,
                "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
                "<title>Register map</title><style>%s</style></head><body>\n"
                "<h1>Register map</h1>\n<p>value = register × scale + add. Offsets count from 0, "
                "Modicon addresses from 1.</p>\n",
                style);
}

void register_map(struct worker *worker, struct arena *arena, bool csv, struct text *out)
{
    struct map map = {.worker = worker, .out = out, .csv = csv};
    struct list all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    begin_map(&map);
    tags_each(worker->store, arena, &all, take_tag, &map);
    end_device(&map);
    if (!csv)
        text_puts(out, "</body></html>\n");
}
