/* Takes the owned registers out of those that were given up. */
#include "mqttd/config/orphaned_registers.h"

#include <stdlib.h>
#include <string.h>

#include "common/store/tagdb.h"

enum { RUN_MAX = STRING_REGISTERS_MAX, WHOLE = 0xffff };

struct search {
    struct sqlite3 *db;
    struct target_write *writes;
    size_t count, room;
    bool failed;
    /* Of the registers at hand: bits that have an owner. */
    const struct tagdb_gone *gone;
    uint16_t owned[RUN_MAX];
};

static bool take_span(void *context, const struct tagdb_span *span)
{
    struct search *search = context;
    uint16_t mask = (uint16_t)(span->bit == NO_BIT ? WHOLE : 1 << span->bit);
    for (unsigned at = span->first; at <= span->last; at++) {
        if (at >= search->gone->first && at <= search->gone->last)
            search->owned[at - search->gone->first] =
                (uint16_t)(search->owned[at - search->gone->first] | mask);
    }
    return true;
}

/* Joins a whole register to the newest write when it is its neighbour. */
static bool join(struct search *search, const struct target_write *write)
{
    struct target_write *newest = search->count ? &search->writes[search->count - 1] : NULL;
    if (!newest || newest->mask || write->mask || newest->unit != write->unit ||
        newest->table != write->table || newest->address + newest->count != write->address ||
        newest->count == RUN_MAX)
        return false;
    newest->count++;
    return true;
}

static void add(struct search *search, const struct target_write *write)
{
    if (join(search, write))
        return;
    if (search->count == search->room) {
        size_t room = search->room ? search->room * 2 : 16;
        struct target_write *writes = realloc(search->writes, room * sizeof *writes);
        if (!writes) {
            search->failed = true;
            return;
        }
        search->writes = writes;
        search->room = room;
    }
    search->writes[search->count++] = *write;
}

static bool take_gone(void *context, const struct tagdb_gone *gone)
{
    struct search *search = context;
    if (gone->kind != GONE_REGISTERS || gone->last - gone->first >= RUN_MAX)
        return true;
    search->gone = gone;
    memset(search->owned, 0, sizeof search->owned);
    if (!tagdb_each_span(search->db, gone->unit, (enum modbus_table)gone->table, gone->first,
                         gone->last, take_span, search))
        search->failed = true;
    uint16_t lost = (uint16_t)(gone->bit == NO_BIT ? WHOLE : 1 << gone->bit);
    for (unsigned at = gone->first; at <= gone->last; at++) {
        uint16_t free_bits = (uint16_t)(lost & ~search->owned[at - gone->first]);
        uint16_t mask = (uint16_t)(free_bits == WHOLE ? 0 : free_bits);
        struct target_write write = {.unit = gone->unit,
                                     .table = gone->table,
                                     .address = (uint16_t)at,
                                     .count = 1,
                                     .mask = mask};
        if (free_bits != 0)
            add(search, &write);
    }
    return !search->failed;
}

bool orphans_find(struct sqlite3 *db, int64_t since, struct target_write **writes, size_t *count)
{
    struct search search = {.db = db};
    bool ok = tagdb_each_gone(db, since, take_gone, &search) && !search.failed;
    if (!ok)
        free(search.writes);
    *writes = ok ? search.writes : NULL;
    *count = ok ? search.count : 0;
    return ok;
}
