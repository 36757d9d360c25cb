/* Maintains the table span, which has the registers of each tag and status block. */
#include "api/resources/register_ranges.h"

#include "api/base/text.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

/* A range that overlaps with another begins at most 122 registers before it; the SQL below relies
 * on this. */
_Static_assert(POINT_REGISTERS_MAX - 1 == 122 && (int)STATUS_REGISTERS <= (int)POINT_REGISTERS_MAX,
               "no range has more registers");

static int64_t align_address(int64_t address, int64_t width)
{
    return width > 1 ? address + address % 2 : address;
}

/* Returns the lowest address, not below `from`, where `width` registers are free, or -1. */
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
        if (first >= address + width)
            break;
        if (last >= address)
            address = align_address(last + 1, width);
    }
    query_finish(&query);
    return address + width - 1 <= ADDRESS_MAX ? address : -1;
}

/* Returns the highest address that was ever allocated, or -1. */
static int64_t read_allocation_mark(struct store *store, uint8_t unit, const char *table)
{
    int64_t mark = -1;
    struct query highest = store_prepare_query(
        store, "SELECT address FROM high_water WHERE unit = ? AND \"table\" = ?");
    query_bind_integer(&highest, unit);
    query_bind_text(&highest, table);
    if (query_next_row(&highest))
        mark = query_read_integer(&highest);
    query_finish(&highest);
    return mark;
}

/* Returns the lowest address above the mark, and not below `from`, where `width` registers are
 * free, and raises the mark. When there is none, the lowest of all, and *reused is set; or -1. */
static int64_t allocate_registers(struct store *store, uint8_t unit, const char *table,
                                  int64_t from, int64_t width, bool *reused)
{
    int64_t mark = read_allocation_mark(store, unit, table);
    int64_t address = find_register_gap(store, unit, table, mark < from ? from : mark + 1, width);
    *reused = address < 0;
    if (*reused)
        return find_register_gap(store, unit, table, from, width);
    struct query raise = store_prepare_query(
        store, "INSERT INTO high_water (unit, \"table\", address) VALUES (?, ?, ?)"
               " ON CONFLICT DO UPDATE SET address = max(address, excluded.address)");
    query_bind_integer(&raise, unit);
    query_bind_text(&raise, table);
    query_bind_integer(&raise, address + width - 1);
    query_execute(&raise);
    return address;
}

int64_t register_ranges_allocate(struct store *store, const struct modbus_location *location,
                                 const struct record *tag, bool *reused)
{
    REQUIRE(modbus_location_is_local(location) && record_field_is_null(tag, TAG_ADDRESS));
    struct point point = record_tag_point(tag);
    return allocate_registers(store, location->unit, table_names[point.table], 0,
                              point_width(&point), reused);
}

int64_t register_ranges_allocate_block(struct store *store, uint8_t unit, const char *table,
                                       int64_t first, int64_t end, bool *reused)
{
    REQUIRE(first >= 0 && end > first);
    int64_t from = first - first % 2;
    int64_t address = allocate_registers(store, unit, table, from, end - from, reused);
    return address < 0 ? -1 : address - from;
}

bool register_ranges_is_empty(struct store *store, uint8_t unit, const char *table,
                              int64_t device_id)
{
    struct query query = store_prepare_query(
        store, "SELECT 1 FROM span WHERE server = '' AND unit = ?1 AND \"table\" = ?2"
               " AND status_of IS NOT ?3 AND (tag_id IS NULL OR tag_id NOT IN"
               " (SELECT id FROM tag WHERE device_id = ?3)) LIMIT 1");
    query_bind_integer(&query, unit);
    query_bind_text(&query, table);
    query_bind_integer(&query, device_id);
    bool found = query_next_row(&query);
    query_finish(&query);
    return !found;
}

int64_t register_ranges_find_block(struct store *store, uint8_t unit, enum modbus_table table,
                                   int64_t from, int64_t width)
{
    int64_t mark = read_allocation_mark(store, unit, table_names[table]);
    return find_register_gap(store, unit, table_names[table], mark < from ? from : mark + 1, width);
}

int64_t register_ranges_find_beside(struct store *store, int64_t device_id, uint8_t unit,
                                    enum modbus_table table, int64_t width)
{
    struct query last = store_prepare_query(
        store, "SELECT coalesce(max(last), -1) FROM span WHERE \"table\" = ? AND"
               " tag_id IN (SELECT id FROM tag WHERE device_id = ?)");
    query_bind_text(&last, table_names[table]);
    query_bind_integer(&last, device_id);
    int64_t end = query_next_row(&last) ? query_read_integer(&last) : -1;
    query_finish(&last);
    int64_t address = align_address(end + 1, width);
    if (end < 0 || address + width - 1 > ADDRESS_MAX ||
        address <= read_allocation_mark(store, unit, table_names[table]))
        return -1;
    struct query other = store_prepare_query(
        store, "SELECT 1 FROM span WHERE server = '' AND unit = ? AND \"table\" = ?"
               " AND first BETWEEN ?3 - 122 AND ?4 AND last >= ?3 LIMIT 1");
    query_bind_integer(&other, unit);
    query_bind_text(&other, table_names[table]);
    query_bind_integer(&other, address);
    query_bind_integer(&other, address + width - 1);
    bool is_free = !query_next_row(&other);
    query_finish(&other);
    return is_free ? address : -1;
}

/* Adds a range; `owner` is the id of its tag or device, which is the last parameter of the SQL. */
static void insert_register_range(struct store *store, const char *sql,
                                  const struct modbus_location *location, const char *table,
                                  const struct point *point, int64_t width, int64_t owner)
{
    struct query query = store_prepare_query(store, sql);
    query_bind_text(&query, location->server);
    query_bind_integer(&query, location->unit);
    query_bind_text(&query, table);
    query_bind_integer(&query, point->address);
    query_bind_integer(&query, point->address + width - 1);
    struct cell bit = {.kind = point->bit == NO_BIT ? CELL_NULL : CELL_INTEGER,
                       .as.integer = point->bit};
    query_bind_cell(&query, &bit);
    query_bind_integer(&query, owner);
    query_execute(&query);
}

#define INSERT_RANGE_SQL(owner)                                                                    \
    "INSERT INTO span (server, unit, \"table\", first, last, bit, " owner                          \
    ") VALUES (?, ?, ?, ?, ?, ?, ?)"

void register_ranges_put_tag(struct store *store, const struct modbus_location *location,
                             const struct record *tag)
{
    struct point point = record_tag_point(tag);
    insert_register_range(store, INSERT_RANGE_SQL("tag_id"), location, table_names[point.table],
                          &point, point_width(&point), tag->id);
}

void register_ranges_put_status(struct store *store, const struct common_settings *common,
                                const struct record *device)
{
    store_execute(store, "DELETE FROM span WHERE status_of = ?", device->id);
    if (record_field_is_null(device, DEVICE_STATUS_TABLE))
        return;
    struct modbus_location location = modbus_location_of_status(device, common);
    struct point point = {.address = (uint16_t)record_field_integer(device, DEVICE_STATUS_ADDRESS),
                          .bit = NO_BIT};
    insert_register_range(store, INSERT_RANGE_SQL("status_of"), &location,
                          record_field_text(device, DEVICE_STATUS_TABLE), &point, STATUS_REGISTERS,
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

/* The plus makes SQLite search by owner instead of reading all registers of the local server. */
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
    char first[MODICON_SIZE] = "", last[MODICON_SIZE] = "";
    int table = name_list_find(table_names, overlap->table);
    if (table >= 0) {
        modicon_format((enum modbus_table)table, (uint16_t)overlap->first, first);
        modicon_format((enum modbus_table)table, (uint16_t)overlap->last, last);
    }
    if (overlap->bit >= 0)
        return arena_format(arena, "bit %lld of %s %lld (%s.%lld) in unit %lld belongs to %s",
                            (long long)overlap->bit, overlap->table, (long long)overlap->first,
                            first, (long long)overlap->bit, (long long)overlap->unit,
                            overlap->other);
    if (overlap->first == overlap->last)
        return arena_format(arena, "%s %lld (%s) in unit %lld belongs to %s", overlap->table,
                            (long long)overlap->first, first, (long long)overlap->unit,
                            overlap->other);
    return arena_format(arena, "%s %lld to %lld (%s to %s) in unit %lld belong to %s",
                        overlap->table, (long long)overlap->first, (long long)overlap->last, first,
                        last, (long long)overlap->unit, overlap->other);
}

void register_ranges_delete_tag(struct store *store, int64_t tag_id)
{
    register_ranges_orphan_tag(store, tag_id);
    store_execute(store, "DELETE FROM span WHERE tag_id = ?", tag_id);
}

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

enum { OVERLAPS_MAX = 100 };

/* Reads the next three columns. Returns "boiler-7/temperature" or "the status block of boiler-7".
 */
static const char *range_owner_name(struct query *query, struct arena *arena, bool *is_status)
{
    *is_status = query_read_integer(query) != 0;
    const char *device = query_read_text(query, arena), *tag = query_read_text(query, arena);
    if (*is_status)
        return arena_format(arena, "the status block of %s", device);
    return arena_format(arena, "%s/%s", device, tag);
}

/* Passes the overlaps on that the query finds. */
static void take_overlaps(struct query *query, struct arena *arena, register_overlap_visitor *take,
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

/* A range that the sweep has come to. */
struct swept_range {
    int64_t id, place, first, last, bit;
};

/* Pairs of ranges that overlap. */
struct overlap_pairs {
    size_t count;
    int64_t ids[OVERLAPS_MAX / 2][2];
};

/* Goes through all ranges by first register and finds the pairs that overlap, up to the limit. Each
 * range is compared with those before it that reach it. These have a register in common, so that
 * beyond 16 single bits of it each one more is an overlap, and they are few. */
static void sweep_ranges(struct store *store, struct overlap_pairs *pairs)
{
    enum { REACHING_MAX = 16 + OVERLAPS_MAX / 2 };
    struct swept_range reaching[REACHING_MAX], range;
    size_t count = 0, limit = sizeof pairs->ids / sizeof pairs->ids[0];
    struct query query = store_prepare_query(
        store, "SELECT id, dense_rank() OVER (ORDER BY server, unit, \"table\"), first, last,"
               " coalesce(bit, -1) FROM span ORDER BY server, unit, \"table\", first");
    pairs->count = 0;
    while (pairs->count < limit && query_next_row(&query)) {
        size_t kept = 0;
        range.id = query_read_integer(&query);
        range.place = query_read_integer(&query);
        range.first = query_read_integer(&query);
        range.last = query_read_integer(&query);
        range.bit = query_read_integer(&query);
        for (size_t i = 0; i < count; i++) {
            const struct swept_range *other = &reaching[i];
            if (other->place != range.place || other->last < range.first)
                continue;
            bool bits_differ = other->bit >= 0 && range.bit >= 0 && other->bit != range.bit;
            if (!bits_differ && pairs->count < limit) {
                pairs->ids[pairs->count][0] = other->id;
                pairs->ids[pairs->count++][1] = range.id;
            }
            reaching[kept++] = *other;
        }
        count = kept;
        if (count == REACHING_MAX)
            break;
        reaching[count++] = range;
    }
    query_finish(&query);
}

void register_ranges_each_overlap(struct store *store, struct arena *arena,
                                  enum overlap_scope scope, int64_t id,
                                  register_overlap_visitor *take, void *context)
{
    static const char *const scopes[] = {
        [OVERLAPS_OF_TAG] = OVERLAPS_SQL "a.tag_id = ?" OVERLAPS_SQL_END,
        [OVERLAPS_OF_DEVICE_TAGS] =
            OVERLAPS_SQL "a.tag_id IN (SELECT id FROM tag WHERE device_id = ?)" OVERLAPS_SQL_END,
        [OVERLAPS_OF_STATUS_BLOCK] = OVERLAPS_SQL "a.status_of = ?" OVERLAPS_SQL_END,
        [OVERLAPS_OF_ALL] = OVERLAPS_SQL "a.id = ? AND b.id = ?",
    };
    struct overlap_pairs pairs;
    REQUIRE((unsigned)scope < sizeof scopes / sizeof scopes[0]);
    if (scope != OVERLAPS_OF_ALL) {
        struct query query = store_prepare_query(store, scopes[scope]);
        query_bind_integer(&query, id);
        take_overlaps(&query, arena, take, context);
        return;
    }
    sweep_ranges(store, &pairs);
    for (size_t i = 0; i < 2 * pairs.count; i++) {
        struct query query = store_prepare_query(store, scopes[scope]);
        query_bind_integer(&query, pairs.ids[i / 2][i % 2]);
        query_bind_integer(&query, pairs.ids[i / 2][1 - i % 2]);
        take_overlaps(&query, arena, take, context);
    }
}

/* The context of rebuild_device_ranges. */
struct range_rebuild {
    struct store *store;
    const struct common_settings *common;
};

/* Computes the ranges of a device with the current settings. */
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
    /* The column `local` holds the settings that the ranges were computed with. */
    struct text local = {0};
    char address[NET_TEXT_SIZE];
    struct net_addr addr = {.port = common->modbus.port};
    REQUIRE(common->units.count > 0);
    net_host_normalise(common->modbus.host, addr.host);
    net_addr_format(&addr, address);
    text_printf(&local, "%s unit ids", address);
    for (size_t i = 0; i < common->units.count; i++)
        text_printf(&local, " %u", common->units.id[i]);

    struct query query = store_prepare_query(store, "SELECT local = ? FROM store");
    query_bind_text(&query, local.data);
    bool same = query_next_row(&query) && query_read_integer(&query) != 0;
    query_finish(&query);
    if (!same) {
        struct query set = store_prepare_query(store, "UPDATE store SET local = ?");
        query_bind_text(&set, local.data);
        query_execute(&set);
        struct range_rebuild range_rebuild = {store, common};
        struct record_filter all = {.after = "", .needle = "", .limit = -1};
        record_store_each_device(store, arena, &all, rebuild_device_ranges, &range_rebuild);
    }
    text_finish(&local);
    return !same;
}
