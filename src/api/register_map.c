/* Writes the register map. */
#include "api/register_map.h"

#include <string.h>

#include "api/csv.h"
#include "api/rules.h"

static const char style[] =
    "body{font:14px/1.4 sans-serif;margin:2em;color:#111}h1{font-size:1.5em}"
    "h2{font-size:1.15em;margin:1.6em 0 .3em}p{margin:.2em 0}"
    "table{border-collapse:collapse;width:100%;margin:.4em 0}"
    "th,td{border:1px solid #bbb;padding:.2em .5em;text-align:left;vertical-align:top}"
    "th{background:#eee}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "@media print{body{margin:0}h2{break-after:avoid}tr{break-inside:avoid}}";

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

static void fill_cells(const struct record *tag, struct arena *arena, const char *cells[CELLS])
{
    struct point point = tag_point(tag);
    char modicon[MODICON_SIZE], number[VALUE_TEXT_SIZE];
    size_t i = 0;
    bool is_command = strcmp(record_text(tag, TAG_DIRECTION), direction_names[TO_MODBUS]) != 0;
    modicon_format((enum modbus_table)point.table, point.address, modicon);
    cells[i++] = record_text(tag, TAG_NAME);
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
    cells[i++] = record_text(tag, TAG_UNIT);
    cells[i++] = is_command ? "read and write" : "read";
    cells[i++] = record_text(tag, TAG_DESCRIPTION);
}

/* What goes from tag to tag. */
struct map {
    struct worker *worker;
    struct arena rows;
    struct text *out;
    bool csv;
    struct record device;
    struct place place;
};

static const char *server_of(const struct map *map)
{
    return place_is_local(&map->place) ? "Tagferry" : map->place.server;
}

static void put_csv_row(struct map *map, const struct record *tag, const char *cells[CELLS])
{
    csv_text_cell(map->out, tag->device, true);
    csv_text_cell(map->out, server_of(map), false);
    csv_cell(map->out, arena_format(&map->rows, "%u", map->place.unit), false);
    for (size_t i = 0; i < CELLS; i++)
        csv_text_cell(map->out, cells[i], false);
    csv_end_row(map->out);
}

static void put_html_row(struct map *map, const char *cells[CELLS])
{
    text_puts(map->out, "<tr>");
    for (size_t i = 0; i < CELLS; i++) {
        text_puts(map->out, i >= 2 && i <= 4 ? "<td class=n>" : "<td>");
        put_html(map->out, cells[i]);
        text_puts(map->out, "</td>");
    }
    text_puts(map->out, "</tr>\n");
}

static void end_html_device(struct map *map)
{
    if (map->device.id != 0)
        text_puts(map->out, "</table>\n");
}

static void begin_html_device(struct map *map)
{
    text_puts(map->out, "<h2>");
    put_html(map->out, record_text(&map->device, DEVICE_NAME));
    text_puts(map->out, "</h2>\n<p>");
    put_html(map->out, record_text(&map->device, DEVICE_DESCRIPTION));
    text_printf(map->out, "</p>\n<p>Modbus server: ");
    put_html(map->out, server_of(map));
    text_printf(map->out, ", unit %u</p>\n<table>\n<tr>", map->place.unit);
    for (size_t i = 0; headings[i]; i++)
        text_printf(map->out, "<th>%s</th>", headings[i]);
    text_puts(map->out, "</tr>\n");
}

static void change_device(struct map *map, const struct record *tag)
{
    if (!map->csv)
        end_html_device(map);
    arena_finish(&map->rows);
    if (!device_find(map->worker->store, &map->rows, tag->device, &map->device))
        return;
    map->place = place_of(&map->device, &map->worker->settings->common);
    if (!map->csv)
        begin_html_device(map);
}

static bool take_tag(void *context, const struct record *tag)
{
    struct map *map = context;
    const char *cells[CELLS];
    if (map->device.id != tag->device_id)
        change_device(map, tag);
    fill_cells(tag, &map->rows, cells);
    if (map->csv)
        put_csv_row(map, tag, cells);
    else
        put_html_row(map, cells);
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
    if (!csv) {
        end_html_device(&map);
        text_puts(out, "</body></html>\n");
    }
    arena_finish(&map.rows);
}
