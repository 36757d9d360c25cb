/* Spans are divided into blocks, and each block has its own result. The server is a stand-in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "api/live/register_blocks.h"

/* Unit 9 is refused, and so are addresses without an owner with exception 2; address 7 of each unit
 * has this word, and all others have their address. */
static struct {
    uint16_t word;
    bool down;
    bool lacks[64]; /* by address: it has no owner */
    size_t calls, requests, alone;
} server;

enum modbus_result __wrap_modbus_client_request_many(struct modbus_client *link,
                                                     struct pipeline_request *requests,
                                                     size_t count);
enum modbus_result __wrap_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words);
const char *__wrap_modbus_client_reason(const struct modbus_client *link);

enum modbus_result __wrap_modbus_client_request_many(struct modbus_client *link,
                                                     struct pipeline_request *requests,
                                                     size_t count)
{
    enum modbus_result result = MODBUS_OK;
    (void)link;
    server.calls++;
    server.requests += count;
    assert_in_range(count, 1, PIPELINE_MAX);
    if (server.down)
        return MODBUS_UNREACHABLE;
    for (size_t i = 0; i < count; i++) {
        struct pipeline_request *request = &requests[i];
        assert_in_range(request->count, 1, MODBUS_READ_REGISTERS_MAX);
        request->answered = true;
        request->exception = request->unit == 9 ? 11 : 0;
        for (unsigned k = request->address; k < request->address + 0U + request->count; k++)
            request->exception = k < 64 && server.lacks[k] ? 2 : request->exception;
        if (request->exception)
            result = MODBUS_EXCEPTION;
        for (uint16_t k = 0; !request->exception && k < request->count; k++)
            request->read[k] =
                request->address + k == 7 ? server.word : (uint16_t)(request->address + k);
    }
    return result;
}

enum modbus_result __wrap_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words)
{
    (void)link, (void)table, (void)address, (void)count, (void)words;
    assert_int_equal(unit, 9);
    server.alone++;
    return MODBUS_EXCEPTION;
}

const char *__wrap_modbus_client_reason(const struct modbus_client *link)
{
    (void)link;
    return "why";
}

static void test_blocks(void **state)
{
    struct arena arena = {0};
    struct register_blocks blocks;
    struct register_span spans[] = {{2, TABLE_HOLDING_REGISTER, 0, 1, 0, false},
                                    {1, TABLE_HOLDING_REGISTER, 123, 3, 1, false},
                                    {1, TABLE_HOLDING_REGISTER, 0, 2, 2, false},
                                    {1, TABLE_HOLDING_REGISTER, 121, 4, 3, false},
                                    {1, TABLE_INPUT_REGISTER, 0, 1, 4, false},
                                    {1, TABLE_HOLDING_REGISTER, 0, 1, 5, false},
                                    {1, TABLE_HOLDING_REGISTER, 65535, 1, 6, false}};
    static const struct {
        uint8_t unit, table;
        uint16_t address, count;
        size_t spans;
    } expected[] = {{1, TABLE_INPUT_REGISTER, 0, 1, 1},
                    {1, TABLE_HOLDING_REGISTER, 0, 125, 3},
                    {1, TABLE_HOLDING_REGISTER, 123, 3, 1},
                    {1, TABLE_HOLDING_REGISTER, 65535, 1, 1},
                    {2, TABLE_HOLDING_REGISTER, 0, 1, 1}};
    (void)state;
    register_blocks_make(&blocks, &arena, spans, sizeof spans / sizeof *spans);
    assert_int_equal(blocks.count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < blocks.count; i++) {
        const struct register_block *block = &blocks.blocks[i];
        assert_int_equal(block->unit, expected[i].unit);
        assert_int_equal(block->table, expected[i].table);
        assert_int_equal(block->address, expected[i].address);
        assert_int_equal(block->count, expected[i].count);
        assert_int_equal(block->span_count, expected[i].spans);
        for (size_t k = 0; k < block->span_count; k++) {
            const struct register_span *span = &blocks.spans[block->first_span + k];
            assert_int_equal(span->unit, block->unit);
            assert_true(register_span_offset(block, span) + span->count <= block->count);
        }
    }
    register_blocks_make(&blocks, &arena, NULL, 0);
    register_blocks_read(&blocks, NULL);
    assert_int_equal(blocks.count, 0);
    arena_finish(&arena);
}

static void test_results(void **state)
{
    enum { BLOCKS = 40 };
    struct arena arena = {0};
    struct register_blocks blocks;
    struct register_span spans[BLOCKS];
    (void)state;
    memset(&server, 0, sizeof server);
    for (size_t i = 0; i < BLOCKS; i++)
        spans[i] = (struct register_span){(uint8_t)(i + 1), TABLE_HOLDING_REGISTER, 7, 2, i, false};
    register_blocks_make(&blocks, &arena, spans, BLOCKS);
    register_blocks_read(&blocks, NULL);
    assert_int_equal(server.calls, 3);
    assert_int_equal(server.requests, BLOCKS);
    assert_int_equal(server.alone, 1);
    for (size_t i = 0; i < BLOCKS; i++) {
        const struct register_block *block = &blocks.blocks[i];
        assert_true(block->has_changed); /* at first, all */
        assert_int_equal(block->ok, block->unit != 9);
        assert_int_equal(block->fault, block->unit == 9 ? FAULT_MODBUS_EXCEPTION : FAULT_NONE);
        assert_int_equal(block->words[1], block->unit == 9 ? 0 : 8);
    }
    assert_string_equal(blocks.blocks[8].reason, "why");
    register_blocks_read(&blocks, NULL);
    for (size_t i = 0; i < BLOCKS; i++)
        assert_false(blocks.blocks[i].has_changed);
    server.word = 5;
    register_blocks_read(&blocks, NULL);
    for (size_t i = 0; i < BLOCKS; i++)
        assert_int_equal(blocks.blocks[i].has_changed, blocks.blocks[i].unit != 9);
    assert_int_equal(blocks.blocks[0].words[0], 5);
    assert_int_equal(blocks.blocks[0].previous[0], 0);
    server.down = true;
    register_blocks_read(&blocks, NULL);
    for (size_t i = 0; i < BLOCKS; i++) {
        assert_true(blocks.blocks[i].has_changed);
        assert_false(blocks.blocks[i].ok);
        assert_int_equal(blocks.blocks[i].fault, FAULT_MODBUS_UNREACHABLE);
    }
    arena_finish(&arena);
}

/* A block whose gaps the server refuses is read span by span. */
static void test_gaps(void **state)
{
    enum { SPANS = PIPELINE_MAX + 4 };
    struct arena arena = {0};
    struct register_blocks blocks;
    struct register_span spans[SPANS];
    (void)state;
    memset(&server, 0, sizeof server);
    for (uint16_t i = 0; i < SPANS; i++)
        spans[i] =
            (struct register_span){1, TABLE_HOLDING_REGISTER, (uint16_t)(2 * i), 1, i, false};
    register_blocks_make(&blocks, &arena, spans, SPANS);
    assert_int_equal(blocks.count, 1);
    const struct register_block *block = &blocks.blocks[0];
    server.lacks[1] = server.lacks[4] = true;
    for (int round = 0; round < 2; round++) {
        register_blocks_read(&blocks, NULL);
        assert_true(block->ok);
        assert_int_equal(block->has_changed, round == 0);
        assert_int_equal(block->fault, FAULT_MODBUS_EXCEPTION);
        assert_string_equal(block->reason, "why");
        for (size_t i = 0; i < SPANS; i++)
            assert_int_equal(register_span_is_ok(block, &spans[i]), i != 2);
        assert_int_equal(block->words[2], 2);
        assert_int_equal(block->words[2 * SPANS - 2], 2 * SPANS - 2);
    }
    server.lacks[4] = false; /* the gap at 1 stays */
    register_blocks_read(&blocks, NULL);
    assert_true(block->has_changed && register_span_is_ok(block, &spans[2]));
    server.lacks[0] = true;
    register_blocks_read(&blocks, NULL);
    assert_true(block->has_changed && !register_span_is_ok(block, &spans[0]));
    memset(server.lacks, 0, sizeof server.lacks);
    register_blocks_read(&blocks, NULL);
    assert_true(block->has_changed && register_span_is_ok(block, &spans[0]));
    assert_int_equal(block->fault, FAULT_NONE);
    server.calls = 0;
    register_blocks_read(&blocks, NULL);
    assert_int_equal(server.calls, 1);
    assert_false(block->has_changed);
    memset(server.lacks, 1, sizeof server.lacks);
    register_blocks_read(&blocks, NULL);
    assert_false(block->ok);
    server.down = true;
    memset(server.lacks, 0, sizeof server.lacks);
    register_blocks_read(&blocks, NULL);
    assert_false(block->ok);
    assert_int_equal(block->fault, FAULT_MODBUS_UNREACHABLE);
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_results),
        cmocka_unit_test(test_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
