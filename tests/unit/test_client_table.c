/* The table of clients: what the writer notes, readers see; a new writer begins with an empty one;
 * the file grows, is repaired, and keeps the newest refusals. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/shared/client_table.h"

struct tables {
    char folder[40], path[64], why[SHM_WHY_SIZE];
    struct client_table writer, reader;
};

static int tables_open(void **state)
{
    struct tables *tables = calloc(1, sizeof *tables);
    *state = tables;
    log_open(LOG_LEVEL_ERROR);
    strcpy(tables->folder, "/tmp/tagferry-clients-XXXXXX");
    assert_non_null(mkdtemp(tables->folder));
    snprintf(tables->path, sizeof tables->path, "%s/clients", tables->folder);
    assert_false(
        client_table_open_reader(&tables->reader, tables->folder, tables->why, sizeof tables->why));
    assert_true(
        client_table_open_writer(&tables->writer, tables->folder, tables->why, sizeof tables->why));
    assert_true(
        client_table_open_reader(&tables->reader, tables->folder, tables->why, sizeof tables->why));
    return 0;
}

static int tables_close(void **state)
{
    static const char *const ends[] = {"", ".damaged", ".old"};
    struct tables *tables = *state;
    char path[80];
    client_table_close(&tables->reader);
    client_table_close(&tables->writer);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(path, sizeof path, "%s%s", tables->path, ends[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(tables->folder), 0);
    free(tables);
    return 0;
}

static struct client_facts client(unsigned number)
{
    return (struct client_facts){.address = {[10] = 0xFF, 0xFF, 10, 0, 0, (uint8_t)number},
                                 .port = (uint16_t)number,
                                 .side = CLIENT_OUTPUTS,
                                 .since_ms = 5000};
}

static size_t count_clients(const struct client_table *table)
{
    struct client_facts facts;
    size_t count = 0;
    for (size_t slot = 0; slot < client_table_count_slots(table); slot++)
        count += client_table_read_client(table, slot, &facts);
    return count;
}

static void ask(struct client_entry *entry, enum client_function function, uint8_t unit,
                uint8_t exception, uint64_t at)
{
    const uint8_t pdu[] = {client_function_codes[function], 0xFF, 0xFF, 0, 125};
    client_entry_note_request(entry, function, unit, exception, pdu, sizeof pdu);
    client_entry_publish(entry, at);
}

static void test_a_client(void **state)
{
    struct tables *t = *state;
    struct client_entry entry = {.shared = NULL};
    struct client_facts facts = client(7);
    assert_true(client_table_has_writer(&t->reader));
    assert_int_equal(count_clients(&t->reader), 0);
    client_table_add_client(&t->writer, &facts, &entry);
    assert_true(client_table_read_client(&t->reader, 0, &facts));
    assert_int_equal(facts.requests, 0);
    assert_int_equal(facts.last_ms, 0);

    ask(&entry, CLIENT_FUNCTION_3, 1, PDU_OK, 6000);
    ask(&entry, CLIENT_FUNCTION_3, 255, PDU_OK, 6001);
    ask(&entry, CLIENT_FUNCTION_OTHER, 64, PDU_ILLEGAL_FUNCTION, 6002);
    ask(&entry, CLIENT_FUNCTION_16, 1, PDU_GATEWAY_TARGET, 6003);
    assert_true(client_table_read_client(&t->reader, 0, &facts));
    assert_int_equal(facts.address[15], 7);
    assert_int_equal(facts.port, 7);
    assert_int_equal(facts.side, CLIENT_OUTPUTS);
    assert_int_equal(facts.since_ms, 5000);
    assert_int_equal(facts.requests, 4);
    assert_int_equal(facts.exceptions, 2);
    assert_int_equal(facts.functions[CLIENT_FUNCTION_3], 2);
    assert_int_equal(facts.functions[CLIENT_FUNCTION_OTHER], 1);
    assert_int_equal(facts.units[0], 2);
    assert_int_equal(facts.units[1], 1);
    assert_int_equal(facts.units[3], UINT64_C(1) << 63);
    assert_int_equal(facts.last_ms, 6003);
    assert_int_equal(facts.last.function, CLIENT_FUNCTION_16);
    assert_int_equal(facts.last.code, 16);
    assert_int_equal(facts.last.unit, 1);
    assert_int_equal(facts.last.exception, PDU_GATEWAY_TARGET);
    assert_true(facts.last.has_range);
    assert_int_equal(facts.last.start, 65535);
    assert_int_equal(facts.last.count, 125);

    client_table_remove_client(&t->writer, &entry);
    client_table_remove_client(&t->writer, &entry);
    assert_false(client_table_read_client(&t->reader, 0, &facts));
    ask(&entry, CLIENT_FUNCTION_3, 1, PDU_OK, 6004); /* without a place it is only counted */
    assert_int_equal(count_clients(&t->reader), 0);
}

/* The range of the newest request, and none of functions without one. */
static void test_ranges(void **state)
{
    static const struct {
        uint8_t pdu[6], len;
        enum client_function function;
        bool has_range;
        uint16_t start, count;
    } rows[] = {
        {{3, 1, 2, 0, 10}, 5, CLIENT_FUNCTION_3, true, 258, 10},
        {{5, 0, 7, 0xFF, 0}, 5, CLIENT_FUNCTION_5, true, 7, 1},
        {{6, 0, 8, 0x12, 0x34}, 5, CLIENT_FUNCTION_6, true, 8, 1},
        {{22, 0, 9, 0, 1, 0}, 6, CLIENT_FUNCTION_22, true, 9, 1},
        {{3, 0, 7, 0}, 4, CLIENT_FUNCTION_3, false, 0, 0},
        {{17}, 1, CLIENT_FUNCTION_17, false, 0, 0},
        {{43, 14, 1, 0, 0}, 5, CLIENT_FUNCTION_43, false, 0, 0},
        {{7, 0, 0, 0, 1}, 5, CLIENT_FUNCTION_OTHER, false, 0, 0},
        {{0xC1, 0, 0, 0, 1}, 5, CLIENT_FUNCTION_OTHER, false, 0, 0},
    };
    struct tables *t = *state;
    struct client_entry entry = {.shared = NULL};
    struct client_facts facts = client(1);
    client_table_add_client(&t->writer, &facts, &entry);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        client_entry_note_request(&entry, rows[i].function, 1, PDU_OK, rows[i].pdu, rows[i].len);
        client_entry_publish(&entry, 6000 + i);
        client_entry_publish(&entry, 9999); /* nothing new */
        assert_true(client_table_read_client(&t->reader, 0, &facts));
        assert_int_equal(facts.requests, i + 1);
        assert_int_equal(facts.last_ms, 6000 + i);
        assert_int_equal(facts.last.code, rows[i].pdu[0]);
        assert_int_equal(facts.last.function, rows[i].function);
        assert_int_equal(facts.last.has_range, rows[i].has_range);
        if (!rows[i].has_range)
            continue;
        assert_int_equal(facts.last.start, rows[i].start);
        assert_int_equal(facts.last.count, rows[i].count);
    }
    client_table_remove_client(&t->writer, &entry);
}

/* The first ten seconds are compared with the beginning of the connection. */
static void test_the_rate(void **state)
{
    struct tables *t = *state;
    struct client_entry entry = {.shared = NULL};
    struct client_facts facts = client(1);
    client_table_add_client(&t->writer, &facts, &entry);
    for (uint64_t second = 1; second <= 40; second++) {
        for (int i = 0; i < (second <= 20 ? 100 : 0); i++)
            ask(&entry, CLIENT_FUNCTION_4, 1, PDU_OK, 5000);
        client_entry_take_beat(&entry, 5000 + second * 1000);
        assert_true(client_table_read_client(&t->reader, 0, &facts));
        uint64_t expected = second <= 20 ? 100000 : second <= 30 ? (30 - second) * 10000 : 0;
        assert_int_equal(facts.rate_milli, expected);
    }
    client_entry_take_beat(&entry, 5000); /* the clock was set back */
    assert_true(client_table_read_client(&t->reader, 0, &facts));
    assert_int_equal(facts.rate_milli, 0);
    client_table_remove_client(&t->writer, &entry);
}

static void test_many_clients(void **state)
{
    enum { MANY = 1000 };
    struct tables *t = *state;
    struct client_entry *entries = calloc(MANY, sizeof *entries);
    struct client_facts facts;
    for (unsigned i = 0; i < MANY; i++) {
        facts = client(i);
        client_table_add_client(&t->writer, &facts, &entries[i]);
        assert_int_equal(entries[i].slot, i);
    }
    assert_int_equal(count_clients(&t->reader), MANY);
    assert_int_equal(client_table_count_slots(&t->reader), 1024);
    for (unsigned i = 0; i < MANY; i += 2)
        client_table_remove_client(&t->writer, &entries[i]);
    assert_int_equal(count_clients(&t->reader), MANY / 2);
    facts = client(500);
    client_table_add_client(&t->writer, &facts, &entries[500]);
    assert_int_equal(entries[500].slot, 0);
    assert_true(client_table_read_client(&t->reader, 0, &facts));
    assert_int_equal(facts.port, 500);

    /* The next writer has no clients yet, and finds the large file. */
    client_table_close(&t->writer);
    assert_false(client_table_has_writer(&t->reader));
    assert_true(client_table_open_writer(&t->writer, t->folder, t->why, sizeof t->why));
    assert_int_equal(t->writer.slots, 1024);
    assert_int_equal(count_clients(&t->reader), 0);
    free(entries);
}

/* More connections than the table has slots are served, but not shown. */
static void test_a_full_table(void **state)
{
    struct tables *t = *state;
    struct client_entry entry = {.shared = NULL}, late = {.shared = NULL};
    struct client_facts facts = client(1);
    memset(t->writer.used, 0xFF, sizeof t->writer.used);
    t->writer.slots = CLIENT_SLOTS_MAX;
    assert_int_equal(CLIENT_SLOTS_MAX % 64, 0);
    client_table_add_client(&t->writer, &facts, &entry);
    assert_ptr_equal(entry.shared, entry.unseen);
    ask(&entry, CLIENT_FUNCTION_1, 1, PDU_OK, 1);
    assert_int_equal(count_clients(&t->reader), 0);
    t->writer.used[1] = ~(UINT64_C(1) << 9);
    client_table_remove_client(&t->writer, &entry);
    client_table_add_client(&t->writer, &facts, &late);
    assert_int_equal(late.slot, 64 + 9);
    client_table_remove_client(&t->writer, &late);
}

static void refuse(struct tables *t, unsigned number, enum client_refusal_reason reason)
{
    struct client_refusal refusal = {.port = (uint16_t)number,
                                     .reason = reason,
                                     .at_ms = 1000 + t->writer.refusals,
                                     .detail = "no"};
    memcpy(refusal.address, client(number % 256).address, sizeof refusal.address);
    client_table_note_refusal(&t->writer, &refusal);
}

static void test_refusals(void **state)
{
    struct tables *t = *state;
    struct client_refusal refusal;
    assert_false(client_table_read_refusal(&t->reader, 0, &refusal));
    for (unsigned i = 0; i < CLIENT_REFUSALS + 5; i++)
        refuse(t, i, CLIENT_NO_RULE);
    for (unsigned i = 0; i < 3; i++)
        refuse(t, 68 + 256 * i, CLIENT_NO_RULE); /* the same one again */
    refuse(t, 68, CLIENT_LIMIT);
    unsigned seen = 0, again = 0;
    for (size_t place = 0; place < CLIENT_REFUSALS; place++) {
        assert_true(client_table_read_refusal(&t->reader, place, &refusal));
        assert_string_equal(refusal.detail, "no");
        assert_true(refusal.address[15] > 5); /* the oldest are dropped */
        seen++;
        if (refusal.address[15] != 68)
            continue;
        again++;
        if (refusal.reason == CLIENT_LIMIT) {
            assert_int_equal(refusal.count, 1);
            continue;
        }
        assert_int_equal(refusal.count, 4);
        assert_int_equal(refusal.port, 68 + 512);
        assert_int_equal(refusal.first_ms, 1068);
        assert_int_equal(refusal.at_ms, 1071);
    }
    assert_int_equal(seen, CLIENT_REFUSALS);
    assert_int_equal(again, 2);
}

static void test_repair(void **state)
{
    struct tables *t = *state;
    struct client_entry entry = {.shared = NULL};
    struct client_facts facts = client(9);
    struct client_refusal refusal;
    client_table_close(&t->reader); /* opening it again restores the handler of SIGBUS */
    assert_true(client_table_open_reader(&t->reader, t->folder, t->why, sizeof t->why));
    client_table_add_client(&t->writer, &facts, &entry);
    ask(&entry, CLIENT_FUNCTION_5, 3, PDU_OK, 6000);
    refuse(t, 9, CLIENT_NOT_MODBUS);
    assert_false(client_table_repair_file(&t->writer));
    assert_int_equal(truncate(t->path, 40), 0);
    assert_int_equal(client_table_count_slots(&t->reader), 0);
    ask(&entry, CLIENT_FUNCTION_5, 3, PDU_OK, 6001);
    assert_true(client_table_repair_file(&t->writer));
    client_table_write_entry(&entry);
    client_table_close(&t->reader);
    assert_true(client_table_open_reader(&t->reader, t->folder, t->why, sizeof t->why));
    assert_true(client_table_read_client(&t->reader, 0, &facts));
    assert_int_equal(facts.functions[CLIENT_FUNCTION_5], 2);
    assert_true(client_table_read_refusal(&t->reader, 0, &refusal));
    assert_int_equal(refusal.reason, CLIENT_NOT_MODBUS);
    client_table_remove_client(&t->writer, &entry);
    assert_int_equal(count_clients(&t->reader), 0);
}

/* A table that could not be opened accepts all calls of a writer. */
static void test_closed(void **state)
{
    static struct client_table table;
    struct client_entry entry = {.shared = NULL};
    struct client_facts facts = client(1);
    (void)state;
    client_table_add_client(&table, &facts, &entry);
    client_table_note_refusal(&table, &(struct client_refusal){.reason = CLIENT_LIMIT});
    assert_false(client_table_repair_file(&table));
    client_table_write_entry(&entry);
    ask(&entry, CLIENT_FUNCTION_1, 1, PDU_OK, 1);
    client_entry_take_beat(&entry, 2);
    client_table_remove_client(&table, &entry);
    client_table_close(&table);
    client_table_close(NULL);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tables_open, tables_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_client),     TEST(test_ranges),
        TEST(test_the_rate),     TEST(test_many_clients),
        TEST(test_a_full_table), TEST(test_refusals),
        TEST(test_repair),       cmocka_unit_test(test_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
