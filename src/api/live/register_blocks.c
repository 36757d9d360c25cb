/* Reads up to PIPELINE_MAX blocks at once. */
#include "api/live/register_blocks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

static int register_span_compare(const void *a, const void *b)
{
    const struct register_span *left = a, *right = b;
    if (left->unit != right->unit)
        return left->unit - right->unit;
    if (left->table != right->table)
        return left->table - right->table;
    return left->address - right->address;
}

/* Extends the block by a span if one request can read both. */
static bool register_block_extend(struct register_block *block, const struct register_span *span)
{
    unsigned end = (unsigned)span->address + span->count - block->address;
    if (block->span_count > 0 && (span->unit != block->unit || span->table != block->table ||
                                  end > MODBUS_READ_REGISTERS_MAX))
        return false;
    if (end > block->count)
        block->count = (uint16_t)end;
    block->span_count++;
    return true;
}

void register_blocks_make(struct register_blocks *blocks, struct arena *arena,
                          struct register_span *spans, size_t span_count)
{
    size_t room = 0;
    *blocks = (struct register_blocks){.spans = spans};
    if (span_count > 0)
        qsort(spans, span_count, sizeof *spans, register_span_compare);
    for (size_t i = 0; i < span_count; i++) {
        const struct register_span *span = &spans[i];
        REQUIRE(span->count >= 1 && span->count <= MODBUS_READ_REGISTERS_MAX);
        if (blocks->count > 0 && register_block_extend(&blocks->blocks[blocks->count - 1], span))
            continue;
        blocks->blocks =
            arena_grow(arena, blocks->blocks, blocks->count, &room, sizeof *blocks->blocks);
        struct register_block *block = &blocks->blocks[blocks->count++];
        *block = (struct register_block){
            .unit = span->unit, .table = span->table, .address = span->address, .first_span = i};
        register_block_extend(block, span);
    }
}

static void register_block_fail(struct register_block *block, const struct modbus_client *link,
                                enum modbus_result result)
{
    block->ok = false;
    block->fault = result == MODBUS_EXCEPTION ? FAULT_MODBUS_EXCEPTION : FAULT_MODBUS_UNREACHABLE;
    snprintf(block->reason, sizeof block->reason, "%s", modbus_client_reason(link));
}

/* Sets the result of a block. If the server refused a request of the batch, a block without an
 * answer is read again alone, for its own reason. */
static void register_block_finish(struct register_block *block, struct modbus_client *link,
                                  const struct pipeline_request *request, enum modbus_result result)
{
    bool was_ok = block->ok;
    enum fault was_fault = block->fault;
    if (request->answered && request->exception == 0) {
        block->ok = true;
        block->fault = FAULT_NONE;
    } else {
        if (result == MODBUS_EXCEPTION)
            result = modbus_client_read(link, block->unit, (enum modbus_table)block->table,
                                        block->address, block->count, block->words);
        block->ok = result == MODBUS_OK;
        block->fault = FAULT_NONE;
        if (!block->ok)
            register_block_fail(block, link, result);
    }
    block->has_changed =
        !block->was_read || block->ok != was_ok || block->fault != was_fault ||
        memcmp(block->words, block->previous, block->count * sizeof block->words[0]) != 0;
    block->was_read = true;
}

void register_blocks_read(struct register_blocks *blocks, struct modbus_client *link)
{
    static const uint8_t functions[] = {[TABLE_COIL] = FC_READ_COILS,
                                        [TABLE_DISCRETE_INPUT] = FC_READ_DISCRETE_INPUTS,
                                        [TABLE_HOLDING_REGISTER] = FC_READ_HOLDING_REGISTERS,
                                        [TABLE_INPUT_REGISTER] = FC_READ_INPUT_REGISTERS};
    for (size_t first = 0, count; first < blocks->count; first += count) {
        struct pipeline_request requests[PIPELINE_MAX] = {0};
        count = blocks->count - first < PIPELINE_MAX ? blocks->count - first : PIPELINE_MAX;
        for (size_t i = 0; i < count; i++) {
            struct register_block *block = &blocks->blocks[first + i];
            memcpy(block->previous, block->words, sizeof block->words);
            requests[i] = (struct pipeline_request){.unit = block->unit,
                                                    .function = functions[block->table],
                                                    .address = block->address,
                                                    .count = block->count,
                                                    .read = block->words};
        }
        enum modbus_result result = modbus_client_request_many(link, requests, count);
        for (size_t i = 0; i < count; i++)
            register_block_finish(&blocks->blocks[first + i], link, &requests[i], result);
    }
}
