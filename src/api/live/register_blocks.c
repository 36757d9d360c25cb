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

/* Notes whether a span is refused. True when that has changed. */
static bool register_span_refuse(struct register_span *span, bool is_refused)
{
    bool has_changed = span->is_refused != is_refused;
    span->is_refused = is_refused;
    return has_changed;
}

/* Reads each span of a block alone, several in one round trip. The block is ok if one of them was
 * read. True when other spans than before are refused. */
static bool register_block_read_spans(struct register_block *block, struct register_span *spans,
                                      struct modbus_client *link, uint8_t function)
{
    bool has_changed = false, was_read = false;
    for (size_t first = 0, count; first < block->span_count; first += count) {
        struct pipeline_request requests[PIPELINE_MAX] = {0};
        count = block->span_count - first < PIPELINE_MAX ? block->span_count - first : PIPELINE_MAX;
        for (size_t i = 0; i < count; i++) {
            const struct register_span *span = &spans[first + i];
            requests[i] =
                (struct pipeline_request){.unit = span->unit,
                                          .function = function,
                                          .address = span->address,
                                          .count = span->count,
                                          .read = block->words + register_span_offset(block, span)};
        }
        enum modbus_result result = modbus_client_request_many(link, requests, count);
        if (result != MODBUS_OK)
            register_block_fail(block, link, result);
        for (size_t i = 0; i < count; i++) {
            bool is_ok = requests[i].answered && requests[i].exception == 0;
            has_changed |= register_span_refuse(&spans[first + i], !is_ok);
            was_read |= is_ok;
        }
    }
    block->ok = was_read;
    block->is_divided = true;
    return has_changed;
}

/* The spans of a block that was read as a whole again. True when one of them was refused. */
static bool register_block_join_spans(struct register_block *block, struct register_span *spans)
{
    bool has_changed = false;
    for (size_t i = 0; block->is_divided && i < block->span_count; i++)
        has_changed |= register_span_refuse(&spans[i], false);
    block->is_divided = false;
    return has_changed;
}

/* Sets the result of a block. If the server refused a request of the batch, a block without an
 * answer is read again alone, for its own reason. */
static void register_block_finish(struct register_block *block, struct register_span *spans,
                                  struct modbus_client *link,
                                  const struct pipeline_request *request, enum modbus_result result)
{
    bool was_ok = block->ok, has_other_spans = false;
    enum fault was_fault = block->fault;
    block->fault = FAULT_NONE;
    if (request->answered && request->exception == 0) {
        block->ok = true;
        has_other_spans = register_block_join_spans(block, spans);
    } else if (request->exception == PDU_ILLEGAL_ADDRESS && block->span_count > 1) {
        has_other_spans = register_block_read_spans(block, spans, link, request->function);
    } else {
        if (result == MODBUS_EXCEPTION)
            result = modbus_client_read(link, block->unit, (enum modbus_table)block->table,
                                        block->address, block->count, block->words);
        block->ok = result == MODBUS_OK;
        if (!block->ok)
            register_block_fail(block, link, result);
    }
    block->has_changed =
        !block->was_read || has_other_spans || block->ok != was_ok || block->fault != was_fault ||
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
        for (size_t i = 0; i < count; i++) {
            struct register_block *block = &blocks->blocks[first + i];
            register_block_finish(block, blocks->spans + block->first_span, link, &requests[i],
                                  result);
        }
    }
}
