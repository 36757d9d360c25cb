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
    /* Set by a read: the block is not ok as a whole, but in parts, and not in this one. */
    bool is_refused;
};

/* The registers of one request. */
struct register_block {
    uint8_t unit, table;
    uint16_t address, count;
    size_t first_span, span_count;
    bool is_divided;  /* its spans were read alone */
    bool was_read;    /* at least once */
    bool has_changed; /* the newest read had another result than the one before, or was the first */
    bool ok;          /* except for the spans that are refused */
    enum fault fault; /* when not ok, and of refused spans */
    char reason[MODBUS_REASON_SIZE];              /* the same in words */
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
/* Reads all blocks. If the server refuses a block because nobody owns the registers between its
 * spans ([modbusd] gaps = exception), reads each of its spans alone. */
void register_blocks_read(struct register_blocks *blocks, struct modbus_client *link);
/* True when the newest read has read the span. */
static inline bool register_span_is_ok(const struct register_block *block,
                                       const struct register_span *span)
{
    return block->ok && !span->is_refused;
}

/* The words of a span within `words` or `previous` of its block start here. */
static inline size_t register_span_offset(const struct register_block *block,
                                          const struct register_span *span)
{
    return (size_t)(span->address - block->address);
}

#endif
