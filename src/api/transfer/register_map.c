/* Writes the register map: for each device a heading, then its tags, sorted by register. */
#include "api/transfer/register_map.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/csv.h"
#include "api/model/record_location.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

static const char page_style[] =
    "body{font:14px/1.4 sans-serif;margin:2em;color:#111}h1{font-size:1.5em}"
    "h2{font-size:1.15em;margin:1.6em 0 .3em}p{margin:.2em 0}"
    "table{border-collapse:collapse;width:100%;margin:.4em 0}"
    "th,td{border:1px solid #bbb;padding:.2em .5em;text-align:left;vertical-align:top}"
    "th{background:#eee}td.n{text-align:right;font-variant-numeric:tabular-nums}"
    "@page{size:A4 landscape;margin:12mm}"
    "@media print{body{margin:0;font-size:12px}h2,p{break-after:avoid}tr{break-inside:avoid}}";

static const char *const headings[] = {"Tag",  "Table", "Modicon", "Offset",      "Registers",
                                       "Type", "Order", "Bit",     "Byte",        "Scale",
                                       "Add",  "Unit",  "Access",  "Description", NULL};

enum { MAP_SCALE = 9, MAP_ADD, MAP_CELLS = sizeof headings / sizeof headings[0] - 1 };

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

/* The row of a tag, with its cells in the order of the headings. */
struct map_row {
    uint64_t sort_key; /* table, address, bit or byte */
    const char *cells[MAP_CELLS];
};

/* The context of map_add_tag. The current device is the one whose tags are being read. */
struct map_writer {
    struct thread_ctx *thread_ctx;
    struct arena arena; /* of the current device */
    struct text *out;
    bool csv;
    struct record device; /* id 0 before the first */
    struct modbus_location location;
    struct map_row *rows;
    size_t count, capacity;
};

static void fill_map_row(const struct record *device, const struct record *tag, struct arena *arena,
                         struct map_row *row)
{
    struct point point = record_tag_point(tag);
    char modicon[MODICON_SIZE], number[VALUE_TEXT_SIZE];
    size_t i = 0;
    bool is_enabled =
        record_field_integer(device, DEVICE_ENABLED) && record_field_integer(tag, TAG_ENABLED);
    bool is_command =
        direction_has_commands(record_field_choice(&tag_resource, tag, TAG_DIRECTION));
    row->sort_key = (uint64_t)point.table << 32 | (uint32_t)point.address << 8 |
                    (uint8_t)(point.bit + 1 + 16 * point.byte);
    row->cells[i++] = arena_strdup(arena, record_field_text(tag, TAG_NAME));
    row->cells[i++] = table_names[point.table];
    modicon_format((enum modbus_table)point.table, point.address, modicon);
    row->cells[i++] = arena_strdup(arena, modicon);
    row->cells[i++] = arena_format(arena, "%u", point.address);
    row->cells[i++] = arena_format(arena, "%u", point_width(&point));
    row->cells[i++] = type_names[point.type];
    row->cells[i++] = table_is_bits((enum modbus_table)point.table) ? "" : order_names[point.order];
    row->cells[i++] = point.bit == NO_BIT ? "" : arena_format(arena, "%d", point.bit);
    row->cells[i++] = type_info[point.type].is_byte ? byte_names[point.byte] : "";
    value_format_double(point.scale, number);
    row->cells[i++] = arena_strdup(arena, number);
    value_format_double(point.offset, number);
    row->cells[i++] = arena_strdup(arena, number);
    row->cells[i++] = arena_strdup(arena, record_field_text(tag, TAG_UNIT));
    row->cells[i++] = !is_enabled ? "disabled" : is_command ? "read and write" : "read";
    row->cells[i++] = arena_strdup(arena, record_field_text(tag, TAG_DESCRIPTION));
    REQUIRE(i == MAP_CELLS);
}

/* Returns "Tagferry", "Tagferry at line-1" for a device of this gateway, or the other server. */
static const char *map_server_name(struct map_writer *map)
{
    if (!modbus_location_is_local(&map->location))
        return map->location.server;
    return *map->location.gateway
               ? arena_format(&map->arena, "Tagferry at %s", map->location.gateway)
               : "Tagferry";
}

static int compare_map_rows(const void *left, const void *right)
{
    const struct map_row *a = left, *b = right;
    return a->sort_key < b->sort_key ? -1 : a->sort_key > b->sort_key;
}

/* Writes the rows of the current device, and the end of its table. */
static void map_end_device(struct map_writer *map)
{
    if (!map->csv && map->count > 0)
        qsort(map->rows, map->count, sizeof *map->rows, compare_map_rows);
    for (size_t i = 0; i < map->count; i++) {
        const char *const *cells = map->rows[i].cells;
        if (map->csv) {
            csv_write_text_cell(map->out, record_field_text(&map->device, DEVICE_NAME), '\0');
            csv_write_text_cell(map->out, map_server_name(map), ',');
            csv_write_cell(map->out, arena_format(&map->arena, "%u", map->location.unit), ',');
            for (size_t k = 0; k < MAP_CELLS; k++) {
                bool is_number = k == MAP_SCALE || k == MAP_ADD; /* -40 is no formula */
                (is_number ? csv_write_cell : csv_write_text_cell)(map->out, cells[k], ',');
            }
            csv_write_row_end(map->out);
        } else {
            text_puts(map->out, "<tr>");
            for (size_t k = 0; k < MAP_CELLS; k++) {
                text_puts(map->out, k >= 2 && k <= 4 ? "<td class=n>" : "<td>");
                put_html_text(map->out, cells[k]);
                text_puts(map->out, "</td>");
            }
            text_puts(map->out, "</tr>\n");
        }
    }
    if (!map->csv && map->device.id != 0)
        text_puts(map->out, "</table>\n");
    map->rows = NULL;
    map->count = map->capacity = 0;
    arena_finish(&map->arena);
}

/* Writes the heading of the current device in HTML: name, description, server, status block. */
static void map_begin_device(struct map_writer *map)
{
    const struct record *device = &map->device;
    text_puts(map->out, "<h2>");
    put_html_text(map->out, record_field_text(device, DEVICE_NAME));
    text_puts(map->out, "</h2>\n<p>");
    put_html_text(map->out, record_field_text(device, DEVICE_DESCRIPTION));
    text_printf(map->out, "</p>\n<p>Modbus server: ");
    put_html_text(map->out, map_server_name(map));
    text_printf(map->out, ", unit %u</p>\n", map->location.unit);
    if (record_has_value(device, DEVICE_STATUS_ADDRESS)) {
        int table = name_list_find(table_names, record_field_text(device, DEVICE_STATUS_TABLE));
        unsigned address = (unsigned)record_field_integer(device, DEVICE_STATUS_ADDRESS);
        char modicon[MODICON_SIZE];
        struct modbus_location location =
            modbus_location_of_status(device, &map->thread_ctx->settings->common);
        modicon_format((enum modbus_table)table, (uint16_t)address, modicon);
        text_printf(
            map->out,
            "<p>Status: Tagferry%s%s, unit %u, %s %s, offsets %u to %u: quality (192 good, 500 "
            "stale, 0 bad or no message yet), age in s, messages, refused</p>\n",
            *location.gateway ? " at " : "", location.gateway, location.unit, table_names[table],
            modicon, address, address + STATUS_REGISTERS - 1);
    }
    text_puts(map->out, "<table>\n<thead><tr>");
    for (size_t i = 0; headings[i]; i++)
        text_printf(map->out, "<th>%s</th>", headings[i]);
    text_puts(map->out, "</tr></thead>\n");
}

/* For record_store_each_tag, which reads the tags in the order of their devices. */
static bool map_add_tag(void *context, const struct record *tag)
{
    struct map_writer *map = context;
    if (map->device.id != tag->device_id) {
        map_end_device(map);
        if (record_store_find_device(map->thread_ctx->store, &map->arena, tag->device,
                                     &map->device)) {
            map->location = modbus_location_of(&map->device, &map->thread_ctx->settings->common);
            if (!map->csv)
                map_begin_device(map);
        }
    }
    map->rows = arena_grow(&map->arena, map->rows, map->count, &map->capacity, sizeof *map->rows);
    fill_map_row(&map->device, tag, &map->arena, &map->rows[map->count++]);
    return true;
}

void register_map_write(struct thread_ctx *thread_ctx, struct arena *arena, bool csv,
                        struct text *out)
{
    struct map_writer map = {.thread_ctx = thread_ctx, .out = out, .csv = csv};
    const struct record_filter all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    if (csv) {
        text_puts(out, "Device,Server,Modbus unit");
        for (size_t i = 0; headings[i]; i++)
            csv_write_cell(out, headings[i], ',');
        csv_write_row_end(out);
    } else {
        text_printf(out,
                    "<!doctype html>\n<html lang=en><head><meta charset=utf-8>"
                    "<title>Register map</title><style>%s</style></head><body>\n"
                    "<h1>Register map</h1>\n<p>value = register × scale + add. Offsets count from "
                    "0, Modicon addresses from 1.</p>\n",
                    page_style);
    }
    record_store_each_tag(thread_ctx->store, arena, &all, map_add_tag, &map);
    map_end_device(&map);
    if (!csv)
        text_puts(out, "</body></html>\n");
}
