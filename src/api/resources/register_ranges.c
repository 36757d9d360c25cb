/* Keeps the table span in step with devices and tags. */
#include "api/resources/register_ranges.h"

#include <assert.h>
#include <string.h>

#include "api/base/text.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"

/* The highest address that was ever allocated there, or -1. */
static int64_t high_water_read(struct store *store, uint8_t unit, const char *table)
{
    int64_t mark = -1;
    struct query query = store_prepare_query(
        store, "SELECT address FROM high_water WHERE unit = ? AND \"table\" = ?");
    query_bind_integer(&query, unit);
    query_bind_text(&query, table);
    if (query_next_row(&query)) {
        mark = query_read_integer(&query);
        query_finish(&query);
    }
    return mark;
}

static void high_water_raise(struct store *store, uint8_t unit, const char *table, int64_t last)
{
    struct query query = store_prepare_query(
        store, "INSERT INTO high_water (unit, \"table\", address) VALUES (?, ?, ?)"
               " ON CONFLICT DO UPDATE SET address = max(address, excluded.address)");
    query_bind_integer(&query, unit);
    query_bind_text(&query, table);
    query_bind_integer(&query, last);
    query_execute(&query);
}

static int64_t align_address(int64_t address, int64_t width)
{
    return width > 1 ? address + address % 2 : address;
}

/* The lowest free address from `from` on where so many registers lie free, or -1. A span has at
 * most 123 registers, so whatever reaches beyond `from` begins at most 122 before. */
static int64_t find_register_gap(struct store *store, uint8_t unit, const char *table, int64_t from,
                                 int64_t width)
{
    int64_t address = align_address(from, width);
    struct query query =
        store_prepare_query(store, "SELECT first, last FROM span WHERE server = '' AND unit = ?1"
                                   " AND \"table\" = ?2 AND first >= ?3 - 122 AND last >= ?3"
                                   " ORDER BY first");
    query_bind_integer(&query, unit);
    query_bind_text(&query, table);
    query_bind_integer(&query, address);
    while (query_next_row(&query)) {
        int64_t first = query_read_integer(&query), last = query_read_integer(&query);
        if (first >= address + width) {
            query_finish(&query);
            break;
        }
        if (last >= address)
            address = align_address(last + 1, width);
    }
    return address + width - 1 <= ADDRESS_MAX ? address : -1;
}

int64_t register_ranges_allocate(struct store *store, const struct modbus_location *location,
                                 const struct record *tag, bool *reused)
{
    assert(modbus_location_is_local(location) && record_field_is_null(tag, TAG_ADDRESS));
    struct point point = record_tag_point(tag);
    const char *table = table_names[point.table];
    int64_t width = point_width(&point);
    int64_t address = find_register_gap(store, location->unit, table,
                                        high_water_read(store, location->unit, table) + 1, width);
    *reused = address < 0;
    if (*reused)
        return find_register_gap(store, location->unit, table, 0, width);
    high_water_raise(store, location->unit, table, address + width - 1);
    return address;
}

/* Registers for the owner that the statement's last parameter names. */
struct register_extent {
    const char *table;
    int64_t first, last;
    int64_t bit; /* or NO_BIT */
};

static void insert_register_range(struct store *store, const char *sql,
                                  const struct modbus_location *location,
                                  const struct register_extent *register_extent, int64_t owner)
{
    struct query query = store_prepare_query(store, sql);
    query_bind_text(&query, location->server);
    query_bind_integer(&query, location->unit);
    query_bind_text(&query, register_extent->table);
    query_bind_integer(&query, register_extent->first);
    query_bind_integer(&query, register_extent->last);
    if (register_extent->bit == NO_BIT)
        query_bind_null(&query);
    else
        query_bind_integer(&query, register_extent->bit);
    query_bind_integer(&query, owner);
    query_execute(&query);
}

#define RANGE_COLUMNS "server, unit, \"table\", first, last, bit"
#define INSERT_RANGE_SQL(owner)                                                                    \
    "INSERT INTO span (" RANGE_COLUMNS ", " owner ") VALUES (?, ?, ?, ?, ?, ?, ?)"

void register_ranges_put_tag(struct store *store, const struct modbus_location *location,
                             const struct record *tag)
{
    struct point point = record_tag_point(tag);
    struct register_extent register_extent = {.table = table_names[point.table],
                                              .first = point.address,
                                              .last = point.address + point_width(&point) - 1,
                                              .bit = point.bit};
    insert_register_range(store, INSERT_RANGE_SQL("tag_id"), location, &register_extent, tag->id);
}

void register_ranges_put_status(struct store *store, const struct common_settings *common,
                                const struct record *device)
{
    store_execute(store, "DELETE FROM span WHERE status_of = ?", device->id);
    if (record_field_is_null(device, DEVICE_STATUS_TABLE))
        return;
    int64_t first = record_field_integer(device, DEVICE_STATUS_ADDRESS);
    struct modbus_location location = modbus_location_of_status(device, common);
    struct register_extent register_extent = {.table =
                                                  record_field_text(device, DEVICE_STATUS_TABLE),
                                              .first = first,
                                              .last = first + STATUS_REGISTERS - 1,
                                              .bit = NO_BIT};
    insert_register_range(store, INSERT_RANGE_SQL("status_of"), &location, &register_extent,
                          device->id);
}

void register_ranges_move(struct store *store, int64_t device_id,
                          const struct modbus_location *location)
{
    struct query query =
        store_prepare_query(store, "UPDATE span SET server = ?, unit = ?"
                                   " WHERE tag_id IN (SELECT id FROM tag WHERE device_id = ?)");
    query_bind_text(&query, location->server);
    query_bind_integer(&query, location->unit);
    query_bind_integer(&query, device_id);
    query_execute(&query);
}

/* The plus keeps SQLite from looking through all registers of the local server for those of one
 * owner. */
#define ORPHAN_SQL                                                                                 \
    "INSERT INTO gone (revision, kind, unit, \"table\", first, last, bit)"                         \
    " SELECT ?1, 'registers', unit, \"table\", first, last, bit FROM span WHERE +server = '' AND "

void register_ranges_orphan_device(struct store *store, int64_t device_id)
{
    int64_t revision = store_raise_revision(store);
    store_execute(store, ORPHAN_SQL "tag_id IN (SELECT id FROM tag WHERE device_id = ?2)", revision,
                  device_id);
    store_execute(store, ORPHAN_SQL "status_of = ?2", revision, device_id);
}

void register_ranges_orphan_tag(struct store *store, int64_t tag_id)
{
    store_execute(store, ORPHAN_SQL "tag_id = ?2", store_raise_revision(store), tag_id);
}

const char *register_overlap_describe(struct arena *arena, const struct overlap *overlap)
{
    if (overlap->bit >= 0)
        return arena_format(arena, "bit %lld of %s %lld in unit %lld belongs to %s",
                            (long long)overlap->bit, overlap->table, (long long)overlap->first,
                            (long long)overlap->unit, overlap->other);
    if (overlap->first == overlap->last)
        return arena_format(arena, "%s %lld in unit %lld belongs to %s", overlap->table,
                            (long long)overlap->first, (long long)overlap->unit, overlap->other);
    return arena_format(arena, "%s %lld to %lld in unit %lld belong to %s", overlap->table,
                        (long long)overlap->first, (long long)overlap->last,
                        (long long)overlap->unit, overlap->other);
}

void register_ranges_delete_tag(struct store *store, int64_t tag_id)
{
    register_ranges_orphan_tag(store, tag_id);
    store_execute(store, "DELETE FROM span WHERE tag_id = ?", tag_id);
}

/* A value has at most 123 registers, so whatever reaches into a span begins at most 122 before. */
#define OVERLAPS_SQL                                                                               \
    "SELECT a.status_of IS NOT NULL, ad.name, atag.name, b.status_of IS NOT NULL, bd.name,"        \
    " btag.name, b.\"table\", b.unit, b.first, b.last, coalesce(b.bit, -1)"                        \
    " FROM span a CROSS JOIN span b ON b.server = a.server AND b.unit = a.unit"                    \
    " AND b.\"table\" = a.\"table\" AND b.first BETWEEN a.first - 122 AND a.last"                  \
    " AND b.last >= a.first AND b.id <> a.id"                                                      \
    " AND NOT (a.bit IS NOT NULL AND b.bit IS NOT NULL AND a.bit <> b.bit)"                        \
    " LEFT JOIN tag atag ON atag.id = a.tag_id"                                                    \
    " LEFT JOIN device ad ON ad.id = coalesce(a.status_of, atag.device_id)"                        \
    " LEFT JOIN tag btag ON btag.id = b.tag_id"                                                    \
    " LEFT JOIN device bd ON bd.id = coalesce(b.status_of, btag.device_id) WHERE "
#define OVERLAPS_SQL_END " ORDER BY ad.name, a.first LIMIT 100"

static const char *range_owner_name(struct query *query, struct arena *arena, bool *is_status)
{
    *is_status = query_read_integer(query) != 0;
    const char *device = query_read_text(query, arena), *tag = query_read_text(query, arena);
    if (*is_status)
        return arena_format(arena, "the status block of %s", device);
    return arena_format(arena, "%s/%s", device, tag);
}

static void visit_overlaps(struct query *query, struct arena *arena, register_overlap_visitor *take,
                           void *context)
{
    while (query_next_row(query)) {
        struct overlap overlap;
        bool other_is_status;
        overlap.owner = range_owner_name(query, arena, &overlap.owner_is_status);
        overlap.other = range_owner_name(query, arena, &other_is_status);
        overlap.table = query_read_text(query, arena);
        overlap.unit = query_read_integer(query);
        overlap.first = query_read_integer(query);
        overlap.last = query_read_integer(query);
        overlap.bit = query_read_integer(query);
        take(context, &overlap);
    }
}

void register_ranges_tag_overlaps(struct store *store, struct arena *arena, int64_t tag_id,
                                  register_overlap_visitor *take, void *context)
{
    struct query query = store_prepare_query(store, OVERLAPS_SQL "a.tag_id = ?" OVERLAPS_SQL_END);
    query_bind_integer(&query, tag_id);
    visit_overlaps(&query, arena, take, context);
}

void register_ranges_device_overlaps(struct store *store, struct arena *arena, int64_t device_id,
                                     register_overlap_visitor *take, void *context)
{
    struct query query = store_prepare_query(
        store,
        OVERLAPS_SQL "a.tag_id IN (SELECT id FROM tag WHERE device_id = ?)" OVERLAPS_SQL_END);
    query_bind_integer(&query, device_id);
    visit_overlaps(&query, arena, take, context);
}

void register_ranges_status_overlaps(struct store *store, struct arena *arena, int64_t device_id,
                                     register_overlap_visitor *take, void *context)
{
    struct query query =
        store_prepare_query(store, OVERLAPS_SQL "a.status_of = ?" OVERLAPS_SQL_END);
    query_bind_integer(&query, device_id);
    visit_overlaps(&query, arena, take, context);
}

/* True when some span begins before another's end, bits of one register included: found by one
 * sort, where the join takes a second for 100,000 tags. */
static bool ranges_may_overlap(struct store *store)
{
    struct query query = store_prepare_query(
        store, "SELECT EXISTS (SELECT 1 FROM (SELECT first, max(last) OVER (PARTITION BY server,"
               " unit, \"table\" ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1"
               " PRECEDING) AS before FROM span) WHERE first <= before)");
    bool found = query_next_row(&query) && query_read_integer(&query) != 0;
    query_finish(&query);
    return found;
}

void register_ranges_all_overlaps(struct store *store, struct arena *arena,
                                  register_overlap_visitor *take, void *context)
{
    if (!ranges_may_overlap(store))
        return;
    struct query query = store_prepare_query(store, OVERLAPS_SQL "TRUE" OVERLAPS_SQL_END);
    visit_overlaps(&query, arena, take, context);
}

static void describe_local_server(const struct common_settings *common, struct text *text)
{
    struct net_addr addr = {.port = common->modbus.port};
    char address[NET_TEXT_SIZE];
    net_host_normalise(common->modbus.host, addr.host);
    net_addr_format(&addr, address);
    text_printf(text, "%s unit ids", address);
    for (size_t i = 0; i < common->units.count; i++)
        text_printf(text, " %u", common->units.id[i]);
}

/* The context of record_store_each_device for laying out a device again. */
struct range_rebuild {
    struct store *store;
    const struct common_settings *common;
};

static bool rebuild_device_ranges(void *context, const struct record *device)
{
    const struct range_rebuild *range_rebuild = context;
    struct modbus_location location = modbus_location_of(device, range_rebuild->common);
    register_ranges_move(range_rebuild->store, device->id, &location);
    register_ranges_put_status(range_rebuild->store, range_rebuild->common, device);
    return true;
}

bool register_ranges_follow_settings(struct store *store, struct arena *arena,
                                     const struct common_settings *common)
{
    struct text now = {0};
    describe_local_server(common, &now);
    struct query query = store_prepare_query(store, "SELECT local = ? FROM store");
    query_bind_text(&query, now.data);
    bool same = query_next_row(&query) && query_read_integer(&query) != 0;
    query_finish(&query);
    if (!same) {
        struct query set = store_prepare_query(store, "UPDATE store SET local = ?");
        query_bind_text(&set, now.data);
        query_execute(&set);
        struct range_rebuild range_rebuild = {store, common};
        struct record_filter all = {.after = "", .needle = "", .limit = -1};
        record_store_each_device(store, arena, &all, rebuild_device_ranges, &range_rebuild);
    }
    text_finish(&now);
    return !same;
}
