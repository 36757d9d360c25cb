/* Reads many ranges of registers of the local Modbus server: neighbours in one request, several
 * requests in one round trip. */
#ifndef TAGFERRY_API_LIVE_REGISTER_BLOCKS_H
#define TAGFERRY_API_LIVE_REGISTER_BLOCKS_H

#include "api/base/arena.h"
#include "common/modbus/modbus_client.h"
#include "common/model/fault.h"

/* A range that is wanted: registers, or bits of a bit table. */
struct register_span {
    uint8_t unit, table;
    uint16_t address, count;
    size_t owner; /* for the caller */
};

/* The registers of one request. */
struct register_block {
    uint8_t unit, table;
    uint16_t address, count;
    size_t first_span, span_count;
    bool was_read;    /* at least once */
    bool has_changed; /* the newest read had another result than the one before, or was the first */
    bool ok;
    enum fault fault;                             /* when not ok */
    char reason[MODBUS_REASON_SIZE];              /* when not ok, in words */
    uint16_t words[MODBUS_READ_REGISTERS_MAX];    /* when ok */
    uint16_t previous[MODBUS_READ_REGISTERS_MAX]; /* `words` of the read before */
};

struct register_blocks {
    struct register_block *blocks;
    struct register_span *spans; /* of the caller, in the order of the blocks */
    size_t count;
};

/* Sorts the spans and divides them into blocks, which belong to the arena. */
void register_blocks_make(struct register_blocks *blocks, struct arena *arena,
                          struct register_span *spans, size_t span_count);
/* Reads all blocks. */
void register_blocks_read(struct register_blocks *blocks, struct modbus_client *link);
/* The words of a span within `words` or `previous` of its block start here. */
static inline size_t register_span_offset(const struct register_block *block,
                                          const struct register_span *span)
{
    return (size_t)(span->address - block->address);
}

#endif
