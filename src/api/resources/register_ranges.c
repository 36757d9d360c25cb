/* Keeps the table span in step with devices and tags. */
#include "api/resources/register_ranges.h"

#include <assert.h>
#include <string.h>

#include "api/base/text.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"

struct place place_of(const struct record *device, const struct common_settings *common)
{
    struct place place = {.unit = (uint8_t)record_integer(device, DEVICE_UNIT_ID)};
    const char *host = record_text(device, DEVICE_MODBUS_HOST);
    struct net_addr addr = {.port = (uint16_t)record_integer(device, DEVICE_MODBUS_PORT)};
    if (!host || strlen(host) >= sizeof addr.host)
        return place;
    net_host_normalise(host, addr.host);
    if (!net_addr_same(&addr, &common->modbus))
        net_addr_format(&addr, place.server);
    return place;
}

bool place_is_local(const struct place *place)
{
    return place->server[0] == '\0';
}

bool place_same(const struct place *a, const struct place *b)
{
    return a->unit == b->unit && strcmp(a->server, b->server) == 0;
}

struct place place_of_status(const struct record *device, const struct common_settings *common)
{
    struct place place = {.unit = (uint8_t)record_integer(device, DEVICE_UNIT_ID)};
    if (!unit_set_has(&common->units, place.unit))
        place.unit = common->units.id[0];
    return place;
}

/* The highest address that was ever allocated there, or -1. */
static int64_t mark_of(struct store *store, uint8_t unit, const char *table)
{
    int64_t mark = -1;
    struct query query =
        store_query(store, "SELECT address FROM high_water WHERE unit = ? AND \"table\" = ?");
    query_bind(&query, unit);
    query_bind_text(&query, table);
    if (query_next(&query)) {
        mark = query_integer(&query);
        query_end(&query);
    }
    return mark;
}

static void raise_mark(struct store *store, uint8_t unit, const char *table, int64_t last)
{
    struct query query =
        store_query(store, "INSERT INTO high_water (unit, \"table\", address) VALUES (?, ?, ?)"
                           " ON CONFLICT DO UPDATE SET address = max(address, excluded.address)");
    query_bind(&query, unit);
    query_bind_text(&query, table);
    query_bind(&query, last);
    query_run(&query);
}

static int64_t align(int64_t address, int64_t width)
{
    return width > 1 ? address + address % 2 : address;
}

/* The lowest free address from `from` on where so many registers lie free, or -1. A span has at
 * most 123 registers, so whatever reaches beyond `from` begins at most 122 before. */
static int64_t find_gap(struct store *store, uint8_t unit, const char *table, int64_t from,
                        int64_t width)
{
    int64_t address = align(from, width);
    struct query query =
        store_query(store, "SELECT first, last FROM span WHERE server = '' AND unit = ?1"
                           " AND \"table\" = ?2 AND first >= ?3 - 122 AND last >= ?3"
                           " ORDER BY first");
    query_bind(&query, unit);
    query_bind_text(&query, table);
    query_bind(&query, address);
    while (query_next(&query)) {
        int64_t first = query_integer(&query), last = query_integer(&query);
        if (first >= address + width) {
            query_end(&query);
            break;
        }
        if (last >= address)
            address = align(last + 1, width);
    }
    return address + width - 1 <= ADDRESS_MAX ? address : -1;
}

int64_t spans_allocate(struct store *store, const struct place *place, const struct record *tag,
                       bool *reused)
{
    assert(place_is_local(place) && record_is_null(tag, TAG_ADDRESS));
    struct point point = tag_point(tag);
    const char *table = table_names[point.table];
    int64_t width = point_width(&point);
    int64_t address =
        find_gap(store, place->unit, table, mark_of(store, place->unit, table) + 1, width);
    *reused = address < 0;
    if (*reused)
        return find_gap(store, place->unit, table, 0, width);
    raise_mark(store, place->unit, table, address + width - 1);
    return address;
}

/* Registers for the owner that the statement's last parameter names. */
struct extent {
    const char *table;
    int64_t first, last;
    int64_t bit; /* or NO_BIT */
};

static void insert(struct store *store, const char *sql, const struct place *place,
                   const struct extent *extent, int64_t owner)
{
    struct query query = store_query(store, sql);
    query_bind_text(&query, place->server);
    query_bind(&query, place->unit);
    query_bind_text(&query, extent->table);
    query_bind(&query, extent->first);
    query_bind(&query, extent->last);
    if (extent->bit == NO_BIT)
        query_bind_null(&query);
    else
        query_bind(&query, extent->bit);
    query_bind(&query, owner);
    query_run(&query);
}

#define COLUMNS       "server, unit, \"table\", first, last, bit"
#define INSERT(owner) "INSERT INTO span (" COLUMNS ", " owner ") VALUES (?, ?, ?, ?, ?, ?, ?)"

void spans_put_tag(struct store *store, const struct place *place, const struct record *tag)
{
    struct point point = tag_point(tag);
    struct extent extent = {.table = table_names[point.table],
                            .first = point.address,
                            .last = point.address + point_width(&point) - 1,
                            .bit = point.bit};
    insert(store, INSERT("tag_id"), place, &extent, tag->id);
}

void spans_put_status(struct store *store, const struct common_settings *common,
                      const struct record *device)
{
    store_run(store, "DELETE FROM span WHERE status_of = ?", device->id);
    if (record_is_null(device, DEVICE_STATUS_TABLE))
        return;
    int64_t first = record_integer(device, DEVICE_STATUS_ADDRESS);
    struct place place = place_of_status(device, common);
    struct extent extent = {.table = record_text(device, DEVICE_STATUS_TABLE),
                            .first = first,
                            .last = first + STATUS_REGISTERS - 1,
                            .bit = NO_BIT};
    insert(store, INSERT("status_of"), &place, &extent, device->id);
}

void spans_move(struct store *store, int64_t device_id, const struct place *place)
{
    struct query query =
        store_query(store, "UPDATE span SET server = ?, unit = ?"
                           " WHERE tag_id IN (SELECT id FROM tag WHERE device_id = ?)");
    query_bind_text(&query, place->server);
    query_bind(&query, place->unit);
    query_bind(&query, device_id);
    query_run(&query);
}

/* The plus keeps SQLite from looking through all registers of the local server for those of one
 * owner. */
#define ABANDON                                                                                    \
    "INSERT INTO gone (revision, kind, unit, \"table\", first, last, bit)"                         \
    " SELECT ?1, 'registers', unit, \"table\", first, last, bit FROM span WHERE +server = '' AND "

void spans_abandon_device(struct store *store, int64_t device_id)
{
    int64_t revision = store_touch(store);
    store_run(store, ABANDON "tag_id IN (SELECT id FROM tag WHERE device_id = ?2)", revision,
              device_id);
    store_run(store, ABANDON "status_of = ?2", revision, device_id);
}

void spans_abandon_tag(struct store *store, int64_t tag_id)
{
    store_run(store, ABANDON "tag_id = ?2", store_touch(store), tag_id);
}

const char *overlap_describe(struct arena *arena, const struct overlap *overlap)
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

void spans_drop_tag(struct store *store, int64_t tag_id)
{
    spans_abandon_tag(store, tag_id);
    store_run(store, "DELETE FROM span WHERE tag_id = ?", tag_id);
}

/* A value has at most 123 registers, so whatever reaches into a span begins at most 122 before. */
#define OVERLAPS                                                                                   \
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
#define OVERLAPS_END " ORDER BY ad.name, a.first LIMIT 100"

static const char *owner_name(struct query *query, struct arena *arena, bool *is_status)
{
    *is_status = query_integer(query) != 0;
    const char *device = query_text(query, arena), *tag = query_text(query, arena);
    if (*is_status)
        return arena_format(arena, "the status block of %s", device);
    return arena_format(arena, "%s/%s", device, tag);
}

static void take_overlaps(struct query *query, struct arena *arena, overlap_taker *take,
                          void *context)
{
    while (query_next(query)) {
        struct overlap overlap;
        bool other_is_status;
        overlap.owner = owner_name(query, arena, &overlap.owner_is_status);
        overlap.other = owner_name(query, arena, &other_is_status);
        overlap.table = query_text(query, arena);
        overlap.unit = query_integer(query);
        overlap.first = query_integer(query);
        overlap.last = query_integer(query);
        overlap.bit = query_integer(query);
        take(context, &overlap);
    }
}

void spans_overlaps_of_tag(struct store *store, struct arena *arena, int64_t tag_id,
                           overlap_taker *take, void *context)
{
    struct query query = store_query(store, OVERLAPS "a.tag_id = ?" OVERLAPS_END);
    query_bind(&query, tag_id);
    take_overlaps(&query, arena, take, context);
}

void spans_overlaps_of_tags(struct store *store, struct arena *arena, int64_t device_id,
                            overlap_taker *take, void *context)
{
    struct query query = store_query(
        store, OVERLAPS "a.tag_id IN (SELECT id FROM tag WHERE device_id = ?)" OVERLAPS_END);
    query_bind(&query, device_id);
    take_overlaps(&query, arena, take, context);
}

void spans_overlaps_of_status(struct store *store, struct arena *arena, int64_t device_id,
                              overlap_taker *take, void *context)
{
    struct query query = store_query(store, OVERLAPS "a.status_of = ?" OVERLAPS_END);
    query_bind(&query, device_id);
    take_overlaps(&query, arena, take, context);
}

/* True when some span begins before another's end, bits of one register included: found by one
 * sort, where the join takes a second for 100,000 tags. */
static bool may_overlap(struct store *store)
{
    struct query query = store_query(
        store, "SELECT EXISTS (SELECT 1 FROM (SELECT first, max(last) OVER (PARTITION BY server,"
               " unit, \"table\" ORDER BY first, last ROWS BETWEEN UNBOUNDED PRECEDING AND 1"
               " PRECEDING) AS before FROM span) WHERE first <= before)");
    bool found = query_next(&query) && query_integer(&query) != 0;
    query_end(&query);
    return found;
}

void spans_overlaps(struct store *store, struct arena *arena, overlap_taker *take, void *context)
{
    if (!may_overlap(store))
        return;
    struct query query = store_query(store, OVERLAPS "TRUE" OVERLAPS_END);
    take_overlaps(&query, arena, take, context);
}

static void describe_settings(const struct common_settings *common, struct text *text)
{
    struct net_addr addr = {.port = common->modbus.port};
    char address[NET_TEXT_SIZE];
    net_host_normalise(common->modbus.host, addr.host);
    net_addr_format(&addr, address);
    text_printf(text, "%s unit ids", address);
    for (size_t i = 0; i < common->units.count; i++)
        text_printf(text, " %u", common->units.id[i]);
}

/* The context of devices_each for laying out a device again. */
struct rebuild {
    struct store *store;
    const struct common_settings *common;
};

static bool rebuild_device(void *context, const struct record *device)
{
    const struct rebuild *rebuild = context;
    struct place place = place_of(device, rebuild->common);
    spans_move(rebuild->store, device->id, &place);
    spans_put_status(rebuild->store, rebuild->common, device);
    return true;
}

bool spans_follow_settings(struct store *store, struct arena *arena,
                           const struct common_settings *common)
{
    struct text now = {0};
    describe_settings(common, &now);
    struct query query = store_query(store, "SELECT local = ? FROM store");
    query_bind_text(&query, now.data);
    bool same = query_next(&query) && query_integer(&query) != 0;
    query_end(&query);
    if (!same) {
        struct query set = store_query(store, "UPDATE store SET local = ?");
        query_bind_text(&set, now.data);
        query_run(&set);
        struct rebuild rebuild = {store, common};
        struct list all = {.after = "", .needle = "", .limit = -1};
        devices_each(store, arena, &all, rebuild_device, &rebuild);
    }
    text_finish(&now);
    return !same;
}
