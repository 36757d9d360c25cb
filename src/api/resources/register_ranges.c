/* Maintains the table span, which has the registers of each tag and status block. */
#include "api/resources/register_ranges.h"

#include "api/base/text.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"
#include "api/store/store_role.h"
#include "common/base/require.h"

/* A range that overlaps with another begins at most 122 registers before it; the SQL below relies
 * on this. */
_Static_assert(POINT_REGISTERS_MAX - 1 == 122 && (int)STATUS_REGISTERS <= (int)POINT_REGISTERS_MAX,
               "no range has more registers");

static int64_t align_address(int64_t address, int64_t width)
{
    return width > 1 ? address + address % 2 : address;
}

/* The registers that those of a device at a location on the local server may overlap with: for a
 * gateway, its own and those of all gateways; for all gateways, those of any. Each part of the SQL
 * reads an index in order; the second has no rows while no device names a gateway. `what` has the
 * columns, ?1 is the unit, ?2 the table, ?3 the address. */
#define REGISTERS_OF(gateway)                                                                      \
    " FROM span WHERE server = '' AND gateway = " gateway " AND unit = ?1 AND \"table\" = ?2"      \
    " AND first >= ?3 - 122 AND last >= ?3"
#define RIVALS_OF_GATEWAY_SQL(what)                                                                \
    "SELECT " what REGISTERS_OF("''") " UNION ALL SELECT " what REGISTERS_OF("?4")
#define RIVALS_OF_ALL_SQL(what)                                                                    \
    "SELECT " what REGISTERS_OF("''") " UNION ALL SELECT " what                                    \
                                      " FROM span INDEXED BY span_of_one_gateway"                  \
                                      " WHERE gateway <> '' AND unit = ?1 AND \"table\" = ?2"      \
                                      " AND first >= ?3 - 122 AND last >= ?3"

/* Prepares one of two statements, and binds unit, table and address of it. */
static struct query query_rivals(struct store *store, const struct modbus_location *location,
                                 const char *table, int64_t address, const char *of_gateway,
                                 const char *of_all)
{
    bool is_of_one = location->gateway[0] != '\0';
    struct query query = store_prepare_query(store, is_of_one ? of_gateway : of_all);
    query_bind_integer(&query, location->unit);
    query_bind_text(&query, table);
    query_bind_integer(&query, address);
    if (is_of_one)
        query_bind_text(&query, location->gateway);
    return query;
}

/* Returns the lowest address, not below `from`, where `width` registers are free, or -1. */
static int64_t find_register_gap(struct store *store, const struct modbus_location *location,
                                 const char *table, int64_t from, int64_t width)
{
    int64_t address = align_address(from, width);
    struct query query = query_rivals(store, location, table, address,
                                      RIVALS_OF_GATEWAY_SQL("first, last") " ORDER BY first",
                                      RIVALS_OF_ALL_SQL("first, last") " ORDER BY first");
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
static int64_t read_allocation_mark(struct store *store, const struct modbus_location *location,
                                    const char *table)
{
    struct query highest = store_prepare_query(
        store, "SELECT coalesce(max(address), -1) FROM high_water WHERE unit = ?1"
               " AND \"table\" = ?2 AND (?3 = '' OR gateway = ?3 OR gateway = '')");
    query_bind_integer(&highest, location->unit);
    query_bind_text(&highest, table);
    query_bind_text(&highest, location->gateway);
    int64_t mark = query_next_row(&highest) ? query_read_integer(&highest) : -1;
    query_finish(&highest);
    return mark;
}

/* Returns the lowest address above the mark, and not below `from`, where `width` registers are
 * free, and raises the mark. When there is none, the lowest of all, and *reused is set; or -1. */
static int64_t allocate_registers(struct store *store, const struct modbus_location *location,
                                  const char *table, int64_t from, int64_t width, bool *reused)
{
    int64_t mark = read_allocation_mark(store, location, table);
    int64_t address =
        find_register_gap(store, location, table, mark < from ? from : mark + 1, width);
    *reused = address < 0;
    if (*reused)
        return find_register_gap(store, location, table, from, width);
    struct query raise = store_prepare_query(
        store, "INSERT INTO high_water (unit, \"table\", gateway, address) VALUES (?, ?, ?, ?)"
               " ON CONFLICT DO UPDATE SET address = max(address, excluded.address)");
    query_bind_integer(&raise, location->unit);
    query_bind_text(&raise, table);
    query_bind_text(&raise, location->gateway);
    query_bind_integer(&raise, address + width - 1);
    query_execute(&raise);
    return address;
}

int64_t register_ranges_allocate(struct store *store, const struct modbus_location *location,
                                 const struct record *tag, bool *reused)
{
    REQUIRE(modbus_location_is_local(location) && record_field_is_null(tag, TAG_ADDRESS));
    struct point point = record_tag_point(tag);
    return allocate_registers(store, location, table_names[point.table], 0, point_width(&point),
                              reused);
}

int64_t register_ranges_allocate_block(struct store *store, const struct modbus_location *location,
                                       const char *table, int64_t first, int64_t end, bool *reused)
{
    REQUIRE(first >= 0 && end > first);
    int64_t from = first - first % 2;
    int64_t address = allocate_registers(store, location, table, from, end - from, reused);
    return address < 0 ? -1 : address - from;
}

bool register_ranges_is_empty(struct store *store, const struct modbus_location *location,
                              const char *table, int64_t device_id)
{
#define OWNERS "coalesce(status_of, (SELECT device_id FROM tag WHERE id = tag_id))"
    struct query query = query_rivals(store, location, table, 0, RIVALS_OF_GATEWAY_SQL(OWNERS),
                                      RIVALS_OF_ALL_SQL(OWNERS));
#undef OWNERS
    bool found = false;
    while (!found && query_next_row(&query))
        found = query_read_integer(&query) != device_id;
    query_finish(&query);
    return !found;
}

int64_t register_ranges_find_block(struct store *store, const struct modbus_location *location,
                                   enum modbus_table table, int64_t from, int64_t width)
{
    int64_t mark = read_allocation_mark(store, location, table_names[table]);
    return find_register_gap(store, location, table_names[table], mark < from ? from : mark + 1,
                             width);
}

int64_t register_ranges_find_beside(struct store *store, int64_t device_id,
                                    const struct modbus_location *location, enum modbus_table table,
                                    int64_t width)
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
        address <= read_allocation_mark(store, location, table_names[table]))
        return -1;
    return find_register_gap(store, location, table_names[table], address, width) == address
               ? address
               : -1;
}

/* Adds or changes a range; `owner` is the id of its tag or device, which is the last parameter of
 * the SQL. */
static void store_register_range(struct store *store, const char *sql,
                                 const struct modbus_location *location, const char *table,
                                 const struct point *point, int64_t width, int64_t owner)
{
    struct query query = store_prepare_query(store, sql);
    query_bind_text(&query, location->server);
    query_bind_text(&query, location->gateway);
    query_bind_integer(&query, location->unit);
    query_bind_text(&query, table);
    query_bind_integer(&query, point->address);
    query_bind_integer(&query, point->address + width - 1);
    uint16_t mask = point_mask(point);
    struct cell bit = {.kind = mask == UINT16_MAX ? CELL_NULL : CELL_INTEGER,
                       .as.integer = __builtin_ctz(mask)};
    query_bind_cell(&query, &bit);
    query_bind_integer(&query, __builtin_popcount(mask));
    query_bind_integer(&query, owner);
    query_execute(&query);
}

#define INSERT_RANGE_SQL(owner)                                                                    \
    "INSERT INTO span (server, gateway, unit, \"table\", first, last, bit, bits, " owner           \
    ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"

void register_ranges_put_tag(struct store *store, const struct modbus_location *location,
                             const struct record *tag)
{
    struct point point = record_tag_point(tag);
    store_register_range(store, INSERT_RANGE_SQL("tag_id"), location, table_names[point.table],
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
    store_register_range(store, INSERT_RANGE_SQL("status_of"), &location,
                         record_field_text(device, DEVICE_STATUS_TABLE), &point, STATUS_REGISTERS,
                         device->id);
}

void register_ranges_move(struct store *store, int64_t device_id,
                          const struct modbus_location *location)
{
    struct query query =
        store_prepare_query(store, "UPDATE span SET server = ?, gateway = ?, unit = ?"
                                   " WHERE tag_id IN (SELECT id FROM tag WHERE device_id = ?)");
    query_bind_text(&query, location->server);
    query_bind_text(&query, location->gateway);
    query_bind_integer(&query, location->unit);
    query_bind_integer(&query, device_id);
    query_execute(&query);
}

/* The plus makes SQLite search by owner instead of reading all registers of the local server. */
#define ORPHAN_SQL                                                                                 \
    "INSERT INTO gone (revision, kind, unit, \"table\", first, last, bit, bits, gateway)"          \
    " SELECT ?1, 'registers', unit, \"table\", first, last, bit, bits, gateway FROM span"          \
    " WHERE +server = '' AND "

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
    const char *at = *overlap->gateway ? arena_format(arena, " at %s", overlap->gateway) : "";
    if (overlap->bit >= 0 && overlap->bits > 1)
        return arena_format(arena, "the %s byte of %s %lld (%s) in unit %lld%s belongs to %s",
                            byte_names[overlap->bit > 0 ? BYTE_HIGH : BYTE_LOW], overlap->table,
                            (long long)overlap->first, first, (long long)overlap->unit, at,
                            overlap->other);
    if (overlap->bit >= 0)
        return arena_format(arena, "bit %lld of %s %lld (%s.%lld) in unit %lld%s belongs to %s",
                            (long long)overlap->bit, overlap->table, (long long)overlap->first,
                            first, (long long)overlap->bit, (long long)overlap->unit, at,
                            overlap->other);
    if (overlap->first == overlap->last)
        return arena_format(arena, "%s %lld (%s) in unit %lld%s belongs to %s", overlap->table,
                            (long long)overlap->first, first, (long long)overlap->unit, at,
                            overlap->other);
    return arena_format(arena, "%s %lld to %lld (%s to %s) in unit %lld%s belong to %s",
                        overlap->table, (long long)overlap->first, (long long)overlap->last, first,
                        last, (long long)overlap->unit, at, overlap->other);
}

void register_ranges_change_tag(struct store *store, const struct modbus_location *location,
                                const struct record *tag)
{
    struct point point = record_tag_point(tag);
    register_ranges_orphan_tag(store, tag->id);
    store_register_range(store,
                         "UPDATE span SET server = ?, gateway = ?, unit = ?, \"table\" = ?,"
                         " first = ?, last = ?, bit = ?, bits = ? WHERE tag_id = ?",
                         location, table_names[point.table], &point, point_width(&point), tag->id);
}

/* True when `a` and `b` of one register have a bit in common; all bits are NULL. */
#define BITS_OVERLAP                                                                               \
    "(a.bit IS NULL OR b.bit IS NULL OR (a.bit < b.bit + b.bits AND b.bit < a.bit + a.bits))"
/* Each overlap of ranges `a`, chosen by what follows, with ranges `b`. */
#define OVERLAPS_SQL(b_source)                                                                     \
    "SELECT a.status_of IS NOT NULL, ad.name, atag.name, b.status_of IS NOT NULL, bd.name,"        \
    " btag.name, b.\"table\", b.gateway, b.unit, b.first, b.last, coalesce(b.bit, -1),"            \
    " b.bits"                                                                                      \
    " FROM span a CROSS JOIN span b " b_source " AND b.unit = a.unit"                              \
    " AND b.\"table\" = a.\"table\" AND b.first BETWEEN a.first - 122 AND a.last"                  \
    " AND b.last >= a.first AND b.id <> a.id"                                                      \
    " AND " BITS_OVERLAP " LEFT JOIN tag atag ON atag.id = a.tag_id"                               \
    " LEFT JOIN device ad ON ad.id = coalesce(a.status_of, atag.device_id)"                        \
    " LEFT JOIN tag btag ON btag.id = b.tag_id"                                                    \
    " LEFT JOIN device bd ON bd.id = coalesce(b.status_of, btag.device_id) WHERE "
/* At one gateway, or at all; and between these. */
#define OF_SAME_GATEWAY "ON b.server = a.server AND b.gateway = a.gateway"
#define OF_ONE_GATEWAY                                                                             \
    "INDEXED BY span_of_one_gateway ON b.gateway <> '' AND a.gateway = ''"                         \
    " AND a.server = ''"
#define OF_ALL_GATEWAYS  "ON b.server = '' AND b.gateway = '' AND a.gateway <> ''"
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
        overlap.gateway = query_read_text(query, arena);
        overlap.unit = query_read_integer(query);
        overlap.first = query_read_integer(query);
        overlap.last = query_read_integer(query);
        overlap.bit = query_read_integer(query);
        overlap.bits = query_read_integer(query);
        take(context, &overlap);
    }
}

/* A range that the sweep has come to. */
struct swept_range {
    int64_t id, first, last, bit, bits;
};

static bool ranges_share_bits(const struct swept_range *a, const struct swept_range *b)
{
    return a->bit < 0 || b->bit < 0 || (a->bit < b->bit + b->bits && b->bit < a->bit + a->bits);
}

enum { OVERLAP_PAIRS_MAX = OVERLAPS_MAX / 2 };

/* Pairs of ranges that overlap. */
struct overlap_pairs {
    size_t count;
    int64_t ids[OVERLAP_PAIRS_MAX][2];
};

/* Goes through the ranges of one table by first register and finds the pairs that overlap, up to
 * the limit. Each range is compared with those before it that reach it. These have a register in
 * common, so that beyond 16 single bits of it each one more is an overlap, and they are few. */
static void sweep_ranges(struct query *query, struct overlap_pairs *pairs)
{
    enum { REACHING_MAX = 16 + OVERLAP_PAIRS_MAX };
    struct swept_range reaching[REACHING_MAX], range;
    size_t count = 0;
    while (pairs->count < OVERLAP_PAIRS_MAX && count < REACHING_MAX && query_next_row(query)) {
        size_t kept = 0;
        range.id = query_read_integer(query);
        range.first = query_read_integer(query);
        range.last = query_read_integer(query);
        range.bit = query_read_integer(query);
        range.bits = query_read_integer(query);
        for (size_t i = 0; i < count; i++) {
            const struct swept_range *other = &reaching[i];
            if (other->last < range.first)
                continue;
            if (ranges_share_bits(other, &range) && pairs->count < OVERLAP_PAIRS_MAX) {
                pairs->ids[pairs->count][0] = other->id;
                pairs->ids[pairs->count++][1] = range.id;
            }
            reaching[kept++] = *other;
        }
        count = kept;
        if (count < REACHING_MAX)
            reaching[count++] = range;
    }
    query_finish(query);
}

/* Goes through the tables of each server, gateway and unit. */
static void sweep_places(struct store *store, struct arena *arena, struct overlap_pairs *pairs)
{
    const char *server = "", *gateway = "", *table = "";
    int64_t unit = -1;
    while (pairs->count < OVERLAP_PAIRS_MAX) {
        struct query next =
            store_prepare_query(store, "SELECT server, gateway, unit, \"table\" FROM span"
                                       " WHERE (server, gateway, unit, \"table\") > (?, ?, ?, ?)"
                                       " ORDER BY server, gateway, unit, \"table\" LIMIT 1");
        query_bind_text(&next, server);
        query_bind_text(&next, gateway);
        query_bind_integer(&next, unit);
        query_bind_text(&next, table);
        if (!query_next_row(&next))
            return;
        const char *next_server = query_read_text(&next, arena);
        const char *next_gateway = query_read_text(&next, arena);
        unit = query_read_integer(&next);
        table = query_read_text(&next, arena);
        query_finish(&next);
        server = next_server;
        gateway = next_gateway;
        struct query query = store_prepare_query(
            store, "SELECT id, first, last, coalesce(bit, -1), bits FROM span WHERE server = ?"
                   " AND gateway = ? AND unit = ? AND \"table\" = ? ORDER BY first");
        query_bind_text(&query, server);
        query_bind_text(&query, gateway);
        query_bind_integer(&query, unit);
        query_bind_text(&query, table);
        sweep_ranges(&query, pairs);
    }
}

/* Adds pairs of a range of one gateway and one of all gateways. */
static void find_shared_overlaps(struct store *store, struct overlap_pairs *pairs)
{
    struct query query = store_prepare_query(
        store, "SELECT a.id, b.id FROM span a INDEXED BY span_of_one_gateway"
               " CROSS JOIN span b ON b.server = '' AND b.gateway = '' AND b.unit = a.unit"
               " AND b.\"table\" = a.\"table\" AND b.first BETWEEN a.first - 122 AND a.last"
               " AND b.last >= a.first"
               " AND " BITS_OVERLAP " WHERE a.gateway <> '' ORDER BY a.unit, a.\"table\", a.first");
    while (pairs->count < OVERLAP_PAIRS_MAX && query_next_row(&query)) {
        pairs->ids[pairs->count][0] = query_read_integer(&query);
        pairs->ids[pairs->count++][1] = query_read_integer(&query);
    }
    query_finish(&query);
}

/* Finds the pairs first, because a join of all ranges would take long. */
static void each_overlap_of_all(struct store *store, struct arena *arena,
                                register_overlap_visitor *take, void *context)
{
    struct overlap_pairs pairs = {0};
    sweep_places(store, arena, &pairs);
    find_shared_overlaps(store, &pairs);
    for (size_t i = 0; i < 2 * pairs.count; i++) {
        struct query query =
            store_prepare_query(store, OVERLAPS_SQL("ON true") "a.id = ? AND b.id = ?");
        query_bind_integer(&query, pairs.ids[i / 2][i % 2]);
        query_bind_integer(&query, pairs.ids[i / 2][1 - i % 2]);
        take_overlaps(&query, arena, take, context);
    }
}

/* True when a device names a gateway. */
static bool store_has_slices(struct store *store)
{
    return store_query_integer(store, "SELECT 1 FROM span INDEXED BY span_of_one_gateway"
                                      " WHERE gateway <> '' LIMIT 1") != 0;
}

void register_ranges_each_overlap(struct store *store, struct arena *arena,
                                  enum overlap_scope scope, int64_t id,
                                  register_overlap_visitor *take, void *context)
{
#define SCOPE_SQL(scope)                                                                           \
    {                                                                                              \
        OVERLAPS_SQL(OF_SAME_GATEWAY)                                                              \
        scope OVERLAPS_SQL_END, OVERLAPS_SQL(OF_ONE_GATEWAY) scope OVERLAPS_SQL_END,               \
            OVERLAPS_SQL(OF_ALL_GATEWAYS) scope OVERLAPS_SQL_END                                   \
    }
    static const char *const scopes[][3] = {
        [OVERLAPS_OF_TAG] = SCOPE_SQL("a.tag_id = ?"),
        [OVERLAPS_OF_DEVICE_TAGS] =
            SCOPE_SQL("a.tag_id IN (SELECT id FROM tag WHERE device_id = ?)"),
        [OVERLAPS_OF_STATUS_BLOCK] = SCOPE_SQL("a.status_of = ?"),
    };
#undef SCOPE_SQL
    if (scope == OVERLAPS_OF_ALL) {
        each_overlap_of_all(store, arena, take, context);
        return;
    }
    REQUIRE((unsigned)scope < sizeof scopes / sizeof scopes[0]);
    size_t count = store_has_slices(store) ? 3 : 1;
    for (size_t i = 0; i < count; i++) {
        struct query query = store_prepare_query(store, scopes[scope][i]);
        query_bind_integer(&query, id);
        take_overlaps(&query, arena, take, context);
    }
}

/* The context of rebuild_device_ranges. */
struct range_rebuild {
    struct store *store;
    const struct common_settings *common;
};

void register_ranges_renew_device(struct store *store, const struct common_settings *common,
                                  const struct record *device)
{
    struct modbus_location location = modbus_location_of(device, common);
    register_ranges_move(store, device->id, &location);
    register_ranges_put_status(store, common, device);
}

/* Computes the ranges of a device with the current settings. */
static bool rebuild_device_ranges(void *context, const struct record *device)
{
    const struct range_rebuild *range_rebuild = context;
    register_ranges_renew_device(range_rebuild->store, range_rebuild->common, device);
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

void register_ranges_follow_gateway(struct store *store, const char *gateway)
{
    struct query query =
        store_prepare_query(store, "SELECT gateway <> '' FROM leadership WHERE gateway <> ?");
    query_bind_text(&query, gateway);
    bool has_changed = query_next_row(&query);
    bool had_name = has_changed && query_read_integer(&query) != 0;
    query_finish(&query);
    if (!has_changed)
        return;
    /* Not of that gateway alone: this one has its registers now. A follower's history is its
     * leader's. */
    if (had_name && !store_follows(store))
        store_execute(store,
                      "INSERT INTO gone (revision, kind, unit, \"table\", first, last, bit, bits)"
                      " SELECT ?, 'registers', unit, \"table\", first, last, bit, bits FROM span"
                      " WHERE gateway = (SELECT gateway FROM leadership)",
                      store_raise_revision(store));
    struct query set = store_prepare_query(store, "UPDATE leadership SET gateway = ?");
    query_bind_text(&set, gateway);
    query_execute(&set);
}
