/* Writes the register map. */
#include "api/transfer/register_map.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/csv.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"

static const char page_style[] =
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

static void put_html_text(struct text *out, const char *text)
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
enum { MAP_CELLS = sizeof headings / sizeof headings[0] - 1 };

/* Who of the Modbus clients may do what. */
static const char *tag_access_text(const struct record *device, const struct record *tag)
{
    bool is_command =
        strcmp(record_field_text(tag, TAG_DIRECTION), direction_names[TO_MODBUS]) != 0;
    if (!record_field_integer(device, DEVICE_ENABLED) || !record_field_integer(tag, TAG_ENABLED))
        return "disabled";
    return is_command ? "read and write" : "read";
}

static void fill_map_cells(const struct record *device, const struct record *tag,
                           struct arena *arena, const char *cells[MAP_CELLS])
{
    struct point point = record_tag_point(tag);
    char modicon[MODICON_SIZE], number[VALUE_TEXT_SIZE];
    size_t i = 0;
    modicon_format((enum modbus_table)point.table, point.address, modicon);
    cells[i++] = arena_strdup(arena, record_field_text(tag, TAG_NAME));
    cells[i++] = table_names[point.table];
    cells[i++] = arena_strdup(arena, modicon);
    cells[i++] = arena_format(arena, "%u", point.address);
    cells[i++] = arena_format(arena, "%u", point_width(&point));
    cells[i++] = type_names[point.type];
    cells[i++] = table_is_bits((enum modbus_table)point.table) ? "" : order_names[point.order];
    cells[i++] = point.bit == NO_BIT ? "" : arena_format(arena, "%d", point.bit);
    value_format_double(point.scale, number);
    cells[i++] = arena_strdup(arena, number);
    value_format_double(point.offset, number);
    cells[i++] = arena_strdup(arena, number);
    cells[i++] = arena_strdup(arena, record_field_text(tag, TAG_UNIT));
    cells[i++] = tag_access_text(device, tag);
    cells[i++] = arena_strdup(arena, record_field_text(tag, TAG_DESCRIPTION));
}

/* A tag's row, until those of its device are put in order of their registers. */
struct map_row {
    uint64_t sort_key;
    const char *cells[MAP_CELLS];
};

/* What goes from tag to tag. */
struct map_writer {
    struct thread_ctx *thread_ctx;
    struct arena rows;
    struct text *out;
    bool csv;
    struct record device;
    struct modbus_location location;
    struct map_row *list;
    size_t count, room;
};

static const char *map_server_name(const struct map_writer *map)
{
    return modbus_location_is_local(&map->location) ? "Tagferry" : map->location.server;
}

static void map_put_csv_row(struct map_writer *map, const char *const cells[MAP_CELLS])
{
    csv_write_text_cell(map->out, record_field_text(&map->device, DEVICE_NAME), true);
    csv_write_text_cell(map->out, map_server_name(map), false);
    csv_write_cell(map->out, arena_format(&map->rows, "%u", map->location.unit), false);
    for (size_t i = 0; i < MAP_CELLS; i++)
        csv_write_text_cell(map->out, cells[i], false);
    csv_write_row_end(map->out);
}

static void map_put_html_row(struct map_writer *map, const char *const cells[MAP_CELLS])
{
    text_puts(map->out, "<tr>");
    for (size_t i = 0; i < MAP_CELLS; i++) {
        text_puts(map->out, i >= 2 && i <= 4 ? "<td class=n>" : "<td>");
        put_html_text(map->out, cells[i]);
        text_puts(map->out, "</td>");
    }
    text_puts(map->out, "</tr>\n");
}

static int compare_map_rows(const void *left, const void *right)
{
    const struct map_row *a = left, *b = right;
    return a->sort_key < b->sort_key ? -1 : a->sort_key > b->sort_key;
}

static void map_end_device(struct map_writer *map)
{
    if (!map->csv && map->count > 0)
        qsort(map->list, map->count, sizeof *map->list, compare_map_rows);
    for (size_t i = 0; i < map->count; i++) {
        if (map->csv)
            map_put_csv_row(map, map->list[i].cells);
        else
            map_put_html_row(map, map->list[i].cells);
    }
    if (!map->csv && map->device.id != 0)
        text_puts(map->out, "</table>\n");
    map->list = NULL;
    map->count = map->room = 0;
    arena_finish(&map->rows);
}

static void map_put_status(struct map_writer *map)
{
    const struct record *device = &map->device;
    char modicon[MODICON_SIZE];
    if (!record_has_value(device, DEVICE_STATUS_ADDRESS))
        return;
    int table = name_list_find(table_names, record_field_text(device, DEVICE_STATUS_TABLE));
    unsigned address = (unsigned)record_field_integer(device, DEVICE_STATUS_ADDRESS);
    struct modbus_location location =
        modbus_location_of_status(device, &map->thread_ctx->settings->common);
    modicon_format((enum modbus_table)table, (uint16_t)address, modicon);
    text_printf(map->out,
                "<p>Status: Tagferry, unit %u, %s %s, offsets %u to %u: quality (192 good, 500 "
                "stale, 0 bad or no message yet), age in s, messages, refused</p>\n",
                location.unit, table_names[table], modicon, address,
                address + STATUS_REGISTERS - 1);
}

static void map_begin_device(struct map_writer *map)
{
    text_puts(map->out, "<h2>");
    put_html_text(map->out, record_field_text(&map->device, DEVICE_NAME));
    text_puts(map->out, "</h2>\n<p>");
    put_html_text(map->out, record_field_text(&map->device, DEVICE_DESCRIPTION));
    text_printf(map->out, "</p>\n<p>Modbus server: ");
    put_html_text(map->out, map_server_name(map));
    text_printf(map->out, ", unit %u</p>\n", map->location.unit);
    map_put_status(map);
    text_puts(map->out, "<table>\n<thead><tr>");
    for (size_t i = 0; headings[i]; i++)
        text_printf(map->out, "<th>%s</th>", headings[i]);
    text_puts(map->out, "</tr></thead>\n");
}

static void map_change_device(struct map_writer *map, const struct record *tag)
{
    map_end_device(map);
    if (!record_store_find_device(map->thread_ctx->store, &map->rows, tag->device, &map->device))
        return;
    map->location = modbus_location_of(&map->device, &map->thread_ctx->settings->common);
    if (!map->csv)
        map_begin_device(map);
}

static struct map_row *map_add_row(struct map_writer *map)
{
    if (map->count == map->room) {
        size_t room = map->room ? 2 * map->room : 16;
        struct map_row *list = arena_alloc(&map->rows, room * sizeof *list);
        if (map->count > 0)
            memcpy(list, map->list, map->count * sizeof *list);
        map->list = list;
        map->room = room;
    }
    return &map->list[map->count++];
}

static bool map_add_tag(void *context, const struct record *tag)
{
    struct map_writer *map = context;
    if (map->device.id != tag->device_id)
        map_change_device(map, tag);
    struct map_row *row = map_add_row(map);
    struct point point = record_tag_point(tag);
    row->sort_key =
        (uint64_t)point.table << 32 | (uint32_t)point.address << 8 | (uint8_t)(point.bit + 1);
    fill_map_cells(&map->device, tag, &map->rows, row->cells);
    return true;
}

static void map_write_head(struct map_writer *map)
{
    if (map->csv) {
        text_puts(map->out, "Device,Server,Modbus unit");
        for (size_t i = 0; headings[i]; i++)
            csv_write_cell(map->out, headings[i], false);
        csv_write_row_end(map->out);
        return;
    }
    text_printf(map->out,
                "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
                "<title>Register map</title><style>%s</style></head><body>\n"
                "<h1>Register map</h1>\n<p>value = register × scale + add. Offsets count from 0, "
                "Modicon addresses from 1.</p>\n",
                page_style);
}

void register_map_write(struct thread_ctx *thread_ctx, struct arena *arena, bool csv,
                        struct text *out)
{
    struct map_writer map = {.thread_ctx = thread_ctx, .out = out, .csv = csv};
    struct record_filter all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    map_write_head(&map);
    record_store_each_tag(thread_ctx->store, arena, &all, map_add_tag, &map);
    map_end_device(&map);
    if (!csv)
        text_puts(out, "</body></html>\n");
}
