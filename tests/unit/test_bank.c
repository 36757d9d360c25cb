/* The redo record: the next start completes an interrupted write. */
#include "modbusd_fixture.h"

#include <modbus.h>
#include <sys/wait.h>

static const uint8_t write_two[] = {0, 1, 0, 0, 0,    11,   2,    16,  0,
                                    5, 0, 2, 4, 0x11, 0x11, 0x22, 0x22};

/* The state left by a process that was killed after it had written only the first register. */
static void interrupt(struct fixture *f, enum side side, const uint8_t *frame, size_t len)
{
    struct image_redo *redo = f->image.redo;
    redo->journal = side == SIDE_SCADA ? journal_identity(&f->journal) : 0;
    redo->sequence = side == SIDE_SCADA ? journal_next_sequence(&f->journal) : 0;
    redo->side = (uint8_t)side;
    redo->length = (uint16_t)len;
    memcpy(redo->frame, frame, len);
    redo->check = image_redo_check(redo);
    fixture_close(f);
    fixture_open(f, "1-2,20");
}

/* The linker replaces modbus_reply with this function. On request, the process dies in the middle
 * of the write, as with kill -9. */
static struct fixture *dies_in;

int __wrap_modbus_reply(modbus_t *modbus, const uint8_t *frame, int len, modbus_mapping_t *mapping);
int __real_modbus_reply(modbus_t *modbus, const uint8_t *frame, int len, modbus_mapping_t *mapping);

int __wrap_modbus_reply(modbus_t *modbus, const uint8_t *frame, int len, modbus_mapping_t *mapping)
{
    if (!dies_in)
        return __real_modbus_reply(modbus, frame, len, mapping);
    mapping->tab_registers[5] = 0x1111;
    _exit(0);
}

/* A child process opens the image with these units and dies in the middle of the write. */
static void die_in_write(struct fixture *f, const char *units, enum side side,
                         const uint8_t frame[sizeof write_two])
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct pdu_request request;
        uint8_t answer[PDU_MAX];
        fixture_open(f, units);
        dies_in = f;
        pdu_check_request(frame + MBAP_SIZE, sizeof write_two - MBAP_SIZE, &request);
        bank_write_frame(f->bank, side, (size_t)unit_set_index(&f->units, frame[MBAP_SIZE - 1]),
                         frame, sizeof write_two, &request, answer);
        _exit(1);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static void test_dies_in_the_middle(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    for (enum side side = 0; side < SIDE_COUNT; side++) {
        die_in_write(f, "1-2,20", side, write_two);
        fixture_open(f, "1-2,20");
        struct image_unit *unit = f->image.unit[1];
        uint16_t *registers = side == SIDE_INPUTS ? unit->input_registers : unit->holding_registers;
        assert_int_equal(registers[5], 0x1111);
        assert_int_equal(registers[6], 0);
        assert_true(bank_recover_write(f->bank));
        assert_int_equal(registers[5], 0x1111);
        assert_int_equal(registers[6], 0x2222);
        assert_int_equal(f->image.redo->check, 0);
        assert_int_equal(journal_next_sequence(&f->journal), 2);
        registers[5] = registers[6] = 0;
        fixture_close(f);
    }
    fixture_open(f, "1-2,20");
}

static void test_done_is_done(void **state)
{
    struct fixture *f = *state;
    struct pdu_request request;
    uint8_t answer[PDU_MAX];
    assert_int_equal(
        pdu_check_request(write_two + MBAP_SIZE, sizeof write_two - MBAP_SIZE, &request), PDU_OK);
    assert_int_equal(
        bank_write_frame(f->bank, SIDE_SCADA, 0, write_two, sizeof write_two, &request, answer), 5);
    assert_memory_equal(answer, write_two + MBAP_SIZE, 5);
    assert_int_equal(f->image.redo->check, 0);
    f->image.unit[1]->holding_registers[5] = 7;
    assert_true(bank_recover_write(f->bank));
    assert_int_equal(f->image.unit[1]->holding_registers[5], 7);
}

/* More answers than the memory that libmodbus writes them to has room for, of all lengths. */
static void test_answers_of_many_writes(void **state)
{
    struct fixture *f = *state;
    struct image_unit *unit = f->image.unit[0];
    for (unsigned i = 0; i < TABLE_SIZE; i++)
        unit->holding_registers[i] = (uint16_t)(i * 31 + 7);
    for (unsigned n = 0; n < 2000; n++) {
        const unsigned count = n % MODBUS_READ_REGISTERS_MAX + 1, at = 1000 + n;
        uint8_t frame[ADU_MAX], answer[PDU_MAX];
        const uint8_t pdu[] = {
            23, (uint8_t)(at >> 8), (uint8_t)at, 0, (uint8_t)count, 0, 0, 0, 1, 2, 3, (uint8_t)n};
        struct pdu_request request;
        pdu_put_header(frame, 1, 1, sizeof pdu);
        memcpy(frame + MBAP_SIZE, pdu, sizeof pdu);
        assert_int_equal(pdu_check_request(pdu, sizeof pdu, &request), PDU_OK);
        assert_int_equal(bank_write_frame(f->bank, SIDE_OUTPUTS, 0, frame, MBAP_SIZE + sizeof pdu,
                                          &request, answer),
                         2 + 2 * count);
        assert_int_equal(answer[0], 23);
        assert_int_equal(answer[1], 2 * count);
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(answer[2 + 2 * i] << 8 | answer[3 + 2 * i],
                             unit->holding_registers[at + i]);
        assert_int_equal(unit->holding_registers[0], 3 << 8 | (n & 0xff));
    }
}

static void test_write_is_finished(void **state)
{
    struct fixture *f = *state;
    f->image.unit[1]->holding_registers[5] = 0x1111;
    interrupt(f, SIDE_SCADA, write_two, sizeof write_two);
    assert_true(bank_recover_write(f->bank));
    assert_int_equal(f->image.unit[1]->holding_registers[5], 0x1111);
    assert_int_equal(f->image.unit[1]->holding_registers[6], 0x2222);
    assert_int_equal(f->image.redo->check, 0);
    assert_int_equal(journal_next_sequence(&f->journal), 2);
    struct journal_entry entry;
    uint64_t position = 1;
    assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_ENTRY);
    assert_int_equal(entry.values[1], 0x2222);
}

static void test_noted_write_is_not_noted_again(void **state)
{
    struct fixture *f = *state;
    struct journal_entry entry = {.unit = 2, .count = 1};
    f->image.redo->sequence = journal_next_sequence(&f->journal);
    interrupt(f, SIDE_SCADA, write_two, sizeof write_two);
    journal_append_entry(&f->journal, &entry);
    assert_true(bank_recover_write(f->bank));
    assert_int_equal(journal_next_sequence(&f->journal), 2);
}

static void test_process_side_is_not_noted(void **state)
{
    struct fixture *f = *state;
    interrupt(f, SIDE_INPUTS, write_two, sizeof write_two);
    assert_true(bank_recover_write(f->bank));
    assert_int_equal(f->image.unit[1]->input_registers[6], 0x2222);
    assert_int_equal(f->image.unit[1]->holding_registers[6], 0);
    assert_int_equal(journal_next_sequence(&f->journal), 1);
}

static void write_as_scada(struct fixture *f, const uint8_t *pdu, size_t len)
{
    uint8_t frame[ADU_MAX], answer[PDU_MAX];
    struct pdu_request request;
    pdu_put_header(frame, 1, 1, len);
    memcpy(frame + MBAP_SIZE, pdu, len);
    assert_int_equal(pdu_check_request(frame + MBAP_SIZE, len, &request), PDU_OK);
    assert_true(bank_write_frame(f->bank, SIDE_SCADA, 0, frame, MBAP_SIZE + len, &request, answer) >
                0);
}

/* The bits that each kind of write addresses. */
static void test_masks(void **state)
{
    static const struct {
        const char *name;
        uint8_t pdu[20];
        size_t len;
        uint16_t before[2], values[2], masks[2];
        uint16_t count;
    } rows[] = {
        {"FC22 clears a bit that is 0", {22, 0, 5, 0xff, 0xfb, 0, 0}, 7, {2}, {2}, {4}, 1},
        {"FC22 sets two", {22, 0, 5, 0xff, 0xf9, 0, 6}, 7, {1}, {7}, {6}, 1},
        {"FC22, or-mask in the and-mask", {22, 0, 5, 0xff, 0xfe, 0, 3}, 7, {0}, {1}, {1}, 1},
        {"FC22 of no bit", {22, 0, 5, 0xff, 0xff, 0xff, 0xff}, 7, {9}, {9}, {0}, 1},
        {"FC22 of all", {22, 0, 5, 0, 0, 0x12, 0x34}, 7, {9}, {0x1234}, {0xffff}, 1},
        {"FC6 changes a bit", {6, 0, 5, 0x80, 1}, 5, {1}, {0x8001}, {0x8000}, 1},
        {"FC6 changes nothing", {6, 0, 5, 0, 3}, 5, {3}, {3}, {0xffff}, 1},
        {"FC16 changes one of two",
         {16, 0, 5, 0, 2, 4, 0, 7, 0, 8},
         10,
         {7, 9},
         {7, 8},
         {0xffff, 1},
         2},
        {"FC23", {23, 0, 0, 0, 1, 0, 5, 0, 2, 4, 0, 7, 0, 8}, 14, {3, 8}, {7, 8}, {4, 0xffff}, 2},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct journal_entry entry;
        uint64_t position = journal_next_sequence(&f->journal);
        memcpy(f->image.unit[0]->holding_registers + 5, rows[i].before, sizeof rows[i].before);
        write_as_scada(f, rows[i].pdu, rows[i].len);
        assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_ENTRY);
        size_t size = rows[i].count * sizeof entry.values[0];
        if (entry.address != 5 || entry.count != rows[i].count ||
            memcmp(entry.values, rows[i].values, size) != 0 ||
            memcmp(entry.masks, rows[i].masks, size) != 0)
            fail_msg("%s: %x, mask %x", rows[i].name, entry.values[0], entry.masks[0]);
    }
}

/* The value before an interrupted write is unknown, so all bits count as written. The record
 * contains the mask of function 22. */
static void test_masks_of_a_finished_write(void **state)
{
    static const uint8_t mask_write[] = {0, 1, 0, 0, 0, 8, 1, 22, 0, 5, 0xff, 0xfb, 0, 4};
    struct fixture *f = *state;
    struct journal_entry entry;
    uint64_t position = 1;
    interrupt(f, SIDE_SCADA, write_two, sizeof write_two);
    assert_true(bank_recover_write(f->bank));
    assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_ENTRY);
    assert_int_equal(entry.masks[0], 0xffff);
    interrupt(f, SIDE_SCADA, mask_write, sizeof mask_write);
    assert_true(bank_recover_write(f->bank));
    position = 2;
    assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_ENTRY);
    assert_int_equal(entry.masks[0], 4);
}

static void test_unit_is_gone(void **state)
{
    struct fixture *f = *state;
    uint8_t frame[sizeof write_two];
    memcpy(frame, write_two, sizeof frame);
    frame[6] = 19;
    interrupt(f, SIDE_SCADA, frame, sizeof frame);
    assert_true(bank_recover_write(f->bank));
    assert_int_equal(f->image.redo->check, 0);
}

/* Unit 0 means the first unit at the time of the request. */
static void test_another_unit_is_the_first_now(void **state)
{
    struct fixture *f = *state;
    uint8_t frame[sizeof write_two];
    struct journal_entry entry;
    uint64_t position = 1;
    memcpy(frame, write_two, sizeof frame);
    frame[6] = 0;
    fixture_close(f);
    die_in_write(f, "2,20", SIDE_SCADA, frame);
    fixture_open(f, "1-2,20");
    assert_true(bank_recover_write(f->bank));
    assert_int_equal(f->image.unit[0]->holding_registers[5], 0);
    assert_int_equal(f->image.unit[1]->holding_registers[5], 0x1111);
    assert_int_equal(f->image.unit[1]->holding_registers[6], 0x2222);
    assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_ENTRY);
    assert_int_equal(entry.unit, 2);
}

static void test_damaged_record(void **state)
{
    static const uint8_t no_write[] = {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};
    struct fixture *f = *state;
    interrupt(f, SIDE_SCADA, write_two, sizeof write_two - 1);
    assert_false(bank_recover_write(f->bank));
    interrupt(f, SIDE_SCADA, no_write, sizeof no_write);
    assert_false(bank_recover_write(f->bank));
    interrupt(f, SIDE_COUNT, write_two, sizeof write_two);
    assert_false(bank_recover_write(f->bank));
    assert_int_not_equal(f->image.redo->check, 0);
    f->image.redo->check = 0;
    assert_true(bank_recover_write(f->bank));
}

/* After a power cut: each of its bytes may be that of another write. */
static void test_record_of_several_writes(void **state)
{
    struct fixture *f = *state;
    const size_t from = offsetof(struct image_redo, check);
    for (size_t i = from; i < offsetof(struct image_redo, frame) + sizeof write_two; i++) {
        interrupt(f, SIDE_SCADA, write_two, sizeof write_two);
        struct image_redo *redo = f->image.redo;
        f->image.unit[1]->holding_registers[5] = 7;
        ((uint8_t *)redo)[i] ^= 0x20;
        assert_true(bank_recover_write(f->bank));
        assert_int_equal(f->image.unit[1]->holding_registers[5], 7);
        assert_int_equal(f->image.unit[1]->holding_registers[6], 0);
        assert_int_equal(redo->check, 0);
        assert_int_equal(journal_next_sequence(&f->journal), 1);
    }
}

/* Nothing of a bank is left open. */
static void test_descriptors(void **state)
{
    struct fixture *f = *state;
    const int before = dup(0);
    close(before);
    for (int i = 0; i < 3; i++) {
        struct bank *bank = bank_create(&f->image, &f->journal, &f->write_times, &f->units);
        assert_non_null(bank);
        bank_destroy(bank);
    }
    bank_destroy(NULL);
    const int after = dup(0);
    close(after);
    assert_int_equal(after, before);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_start, fixture_remove)
    static const struct CMUnitTest tests[] = {
        TEST(test_dies_in_the_middle),
        TEST(test_done_is_done),
        TEST(test_answers_of_many_writes),
        TEST(test_write_is_finished),
        TEST(test_noted_write_is_not_noted_again),
        TEST(test_process_side_is_not_noted),
        TEST(test_masks),
        TEST(test_masks_of_a_finished_write),
        TEST(test_unit_is_gone),
        TEST(test_another_unit_is_the_first_now),
        TEST(test_damaged_record),
        TEST(test_record_of_several_writes),
        TEST(test_descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
