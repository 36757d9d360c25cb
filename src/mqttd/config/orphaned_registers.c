/* Subtracts the registers that have an owner from those of deleted owners. */
#include "mqttd/config/orphaned_registers.h"

#include <string.h>

#include "common/base/array.h"
#include "common/store/tagdb.h"

enum { ORPHAN_RUN_MAX = STRING_REGISTERS_MAX, WHOLE_REGISTER = 0xffff };

_Static_assert((int)ORPHAN_RUN_MAX <= (int)RAW_WRITE_REGISTERS_MAX, "a run of zeros is one write");

struct orphan_search {
    struct sqlite3 *db;
    const char *gateway;
    struct raw_writes zeros;
    bool failed;
    const struct tagdb_deletion *gone; /* at present */
    uint16_t owned[ORPHAN_RUN_MAX];    /* of each of its registers: the bits that have an owner */
};

static bool orphan_search_mark_owned(void *context, const struct tagdb_range *span)
{
    struct orphan_search *orphan_search = context;
    for (unsigned at = span->first; at <= span->last; at++) {
        if (at >= orphan_search->gone->first && at <= orphan_search->gone->last)
            orphan_search->owned[at - orphan_search->gone->first] =
                (uint16_t)(orphan_search->owned[at - orphan_search->gone->first] | span->mask);
    }
    return true;
}

/* Appends writes of zeros to the registers of a deletion that have no owner now. */
static bool orphan_search_take_gone(void *context, const struct tagdb_deletion *gone)
{
    struct orphan_search *orphan_search = context;
    struct raw_writes *zeros = &orphan_search->zeros;
    bool is_here = gone->gateway[0] == '\0' || strcmp(gone->gateway, orphan_search->gateway) == 0;
    if (gone->kind != ORPHANED_REGISTERS || !is_here || gone->last - gone->first >= ORPHAN_RUN_MAX)
        return true;
    orphan_search->gone = gone;
    memset(orphan_search->owned, 0, sizeof orphan_search->owned);
    if (!tagdb_each_range(orphan_search->db, orphan_search->gateway, gone->unit,
                          (enum modbus_table)gone->table, gone->first, gone->last,
                          orphan_search_mark_owned, orphan_search))
        orphan_search->failed = true;
    for (unsigned at = gone->first; at <= gone->last; at++) {
        uint16_t free_bits = (uint16_t)(gone->mask & ~orphan_search->owned[at - gone->first]);
        uint16_t mask = (uint16_t)(free_bits == WHOLE_REGISTER ? 0 : free_bits);
        struct target_write write = {.unit = gone->unit,
                                     .table = gone->table,
                                     .address = (uint16_t)at,
                                     .count = 1,
                                     .mask = mask};
        if (free_bits == 0)
            continue;
        /* A whole register next to the newest write extends it. */
        struct target_write *newest = zeros->count ? &zeros->item[zeros->count - 1] : NULL;
        if (newest && !newest->mask && !mask && newest->unit == write.unit &&
            newest->table == write.table && newest->address + newest->count == write.address &&
            newest->count < ORPHAN_RUN_MAX)
            newest->count++;
        else if (!ARRAY_PUSH(zeros, write))
            orphan_search->failed = true;
    }
    return !orphan_search->failed;
}

bool orphaned_registers_find(struct sqlite3 *db, const char *gateway, int64_t since,
                             struct target_write **writes, size_t *count)
{
    struct orphan_search orphan_search = {.db = db, .gateway = gateway};
    bool ok = tagdb_each_deletion(db, since, orphan_search_take_gone, &orphan_search) &&
              !orphan_search.failed;
    if (!ok)
        raw_writes_finish(&orphan_search.zeros);
    *writes = orphan_search.zeros.item;
    *count = orphan_search.zeros.count;
    return ok;
}
