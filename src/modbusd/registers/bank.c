/* Reads from the tables; writes with modbus_reply, a redo record and the journal. */
#include "modbusd/registers/bank.h"

#include <errno.h>
#include <modbus.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/modbus/rtu_frame.h"

enum {
    ANSWERS_SIZE = 4096, /* of the memory file; a multiple of the page size */
    ANY_UNIT = 1         /* libmodbus answers each but the broadcast */
};

struct bank {
    struct image *image;
    struct journal *journal;
    struct write_times *write_times;
    const struct unit_set *units;
    modbus_t *modbus;
    int answers_fd;         /* a file in memory, to which libmodbus writes its answers */
    const uint8_t *answers; /* the same, mapped; NULL: not yet */
    size_t answers_at;      /* where it writes the next one */
    uint64_t writes;        /* since the start */
    bool has_appended;      /* entries were added since the readers were woken */
    /* The tables of each unit; swapped for the inputs side. */
    modbus_mapping_t straight[UNIT_MAX], swapped[UNIT_MAX];
};

_Static_assert(ADU_MAX == MODBUS_TCP_MAX_ADU_LENGTH, "libmodbus accepts every frame");
_Static_assert(MODBUS_MAX_WRITE_BITS == MODBUS_WRITE_BITS_MAX, "libmodbus has the same limits");
_Static_assert(MODBUS_MAX_WRITE_REGISTERS == MODBUS_WRITE_REGISTERS_MAX, "and for registers");
_Static_assert(MODBUS_MAX_WR_WRITE_REGISTERS == MODBUS_EXCHANGE_WRITE_MAX, "and for function 23");
_Static_assert(MODBUS_MAX_WR_READ_REGISTERS == MODBUS_READ_REGISTERS_MAX,
               "and for the read of function 23");

static modbus_mapping_t bank_make_mapping(uint8_t *coils, uint8_t *discrete_inputs,
                                          uint16_t *holding_registers, uint16_t *input_registers)
{
    return (modbus_mapping_t){.nb_bits = TABLE_SIZE,
                              .nb_input_bits = TABLE_SIZE,
                              .nb_registers = TABLE_SIZE,
                              .nb_input_registers = TABLE_SIZE,
                              .tab_bits = coils,
                              .tab_input_bits = discrete_inputs,
                              .tab_registers = holding_registers,
                              .tab_input_registers = input_registers};
}

/* On a serial line libmodbus sends with write(). The line is a file in memory here: an answer is
 * there without a call to read it. The file gets all its memory now, and cannot lack it later. */
static bool bank_open_line(struct bank *bank)
{
    static const uint8_t zeros[ANSWERS_SIZE];
    void *mapped;
    bank->modbus = modbus_new_rtu("memory", 9600, 'N', 8, 1);
    bank->answers_fd = memfd_create("answers", MFD_CLOEXEC);
    if (!bank->modbus || bank->answers_fd < 0 ||
        write(bank->answers_fd, zeros, sizeof zeros) != (ssize_t)sizeof zeros)
        return false;
    mapped = mmap(NULL, ANSWERS_SIZE, PROT_READ, MAP_SHARED, bank->answers_fd, 0);
    if (mapped == MAP_FAILED)
        return false;
    bank->answers = mapped;
    bank->answers_at = ANSWERS_SIZE;
    /* libmodbus sleeps for its response time-out after a request that it refuses. No such request
     * should reach it; if one does, it is 1 us. */
    return modbus_set_response_timeout(bank->modbus, 0, 1) == 0 &&
           modbus_set_socket(bank->modbus, bank->answers_fd) == 0;
}

struct bank *bank_create(struct image *image, struct journal *journal,
                         struct write_times *write_times, const struct unit_set *units)
{
    REQUIRE(image->unit_count == units->count);
    struct bank *bank = calloc(1, sizeof *bank);
    if (!bank)
        return NULL;
    bank->image = image;
    bank->journal = journal;
    bank->write_times = write_times;
    bank->units = units;
    bank->answers_fd = -1;
    for (size_t i = 0; i < image->unit_count; i++) {
        struct image_unit *unit = image->unit[i];
        bank->straight[i] = bank_make_mapping(unit->coils, unit->discrete_inputs,
                                              unit->holding_registers, unit->input_registers);
        bank->swapped[i] = bank_make_mapping(unit->discrete_inputs, unit->coils,
                                             unit->input_registers, unit->holding_registers);
    }
    if (bank_open_line(bank))
        return bank;
    bank_destroy(bank);
    return NULL;
}

void bank_destroy(struct bank *bank)
{
    if (!bank)
        return;
    if (bank->answers)
        munmap((void *)bank->answers, ANSWERS_SIZE);
    if (bank->answers_fd >= 0)
        close(bank->answers_fd);
    if (bank->modbus)
        modbus_free(bank->modbus);
    free(bank);
}

static const modbus_mapping_t *bank_find_mapping(const struct bank *bank, enum side side,
                                                 size_t place)
{
    REQUIRE(place < bank->units->count);
    return side == SIDE_INPUTS ? &bank->swapped[place] : &bank->straight[place];
}

size_t bank_encode_read(const struct bank *bank, enum side side, size_t place,
                        const struct pdu_request *request, uint8_t *pdu)
{
    const modbus_mapping_t *mapping = bank_find_mapping(bank, side, place);
    const size_t at = request->read_address, count = request->read_count;
    REQUIRE(count >= 1 && at + count <= TABLE_SIZE);
    const uint8_t *bits = NULL;
    const uint16_t *registers = NULL;
    switch (request->table) {
    case PDU_COILS:
        bits = mapping->tab_bits + at;
        break;
    case PDU_DISCRETE_INPUTS:
        bits = mapping->tab_input_bits + at;
        break;
    case PDU_HOLDING_REGISTERS:
        registers = mapping->tab_registers + at;
        break;
    default:
        REQUIRE(request->table == PDU_INPUT_REGISTERS);
        registers = mapping->tab_input_registers + at;
    }

    uint8_t *data = pdu + 2;
    size_t size = bits ? (count + 7) / 8 : 2 * count;
    REQUIRE((bits || registers) && 2 + size <= PDU_MAX);
    if (registers) {
        for (size_t i = 0; i < count; i++)
            pdu_put_u16(data + 2 * i, registers[i]);
    } else {
        for (size_t i = 0; i < size; i++) {
            size_t in_byte = count - i * 8 < 8 ? count - i * 8 : 8;
            unsigned byte = 0;
            for (size_t j = 0; j < in_byte; j++)
                byte |= (unsigned)(bits[i * 8 + j] != 0) << j;
            data[i] = (uint8_t)byte;
        }
    }
    pdu[0] = request->function;
    pdu[1] = (uint8_t)size;
    return 2 + size;
}

/* Appends the registers after the write to the journal. `before`: their previous values, or NULL if
 * unknown. */
static void bank_append_journal(struct bank *bank, size_t place, const struct pdu_request *request,
                                const uint16_t *before)
{
    const modbus_mapping_t *mapping = &bank->straight[place];
    const size_t at = request->write_address, count = request->write_count;
    struct journal_entry entry = {.steady_ms = clock_steady_ms(),
                                  .unit = bank->units->id[place],
                                  .address = (uint16_t)at,
                                  .count = (uint16_t)count};
    if (request->table == PDU_COILS) {
        REQUIRE(count <= MODBUS_WRITE_BITS_MAX);
        entry.table = JOURNAL_COIL;
        for (size_t i = 0; i < count; i++)
            entry.values[i / 16] |= (uint16_t)((mapping->tab_bits[at + i] != 0) << (i % 16));
    } else {
        REQUIRE(count <= JOURNAL_VALUES_MAX);
        const uint16_t *after = mapping->tab_registers + at;
        entry.table = JOURNAL_HOLDING_REGISTER;
        memcpy(entry.values, after, 2 * count);
        for (size_t i = 0; i < count; i++) {
            /* A client that changes a bit by writing the whole register does not intend to change
             * the other bits: only changed bits count as written. */
            uint16_t changed = before ? before[i] ^ after[i] : 0;
            entry.masks[i] = request->function == FC_MASK_WRITE ? request->write_mask
                             : changed != 0                     ? changed
                                                                : UINT16_MAX;
        }
    }
    if (bank->write_times)
        write_times_note_entry(bank->write_times, &entry);
    journal_append_entry(bank->journal, &entry);
    bank->has_appended = true;
}

/* Makes the write of a frame of Modbus TCP. Returns the length of the answer's PDU; 0: there is no
 * answer. */
static size_t bank_apply_write(struct bank *bank, enum side side, size_t place,
                               const uint8_t *frame, size_t frame_len, uint8_t *pdu)
{
    modbus_mapping_t mapping =
        *bank_find_mapping(bank, side, place); /* modbus_reply needs a non-const one */
    uint8_t request[PDU_MAX + RTU_OVERHEAD];   /* its CRC was not checked, and is not read */
    size_t pdu_len = frame_len - MBAP_SIZE;
    request[0] = ANY_UNIT;
    memcpy(request + 1, frame + MBAP_SIZE, pdu_len);
    memset(request + 1 + pdu_len, 0, RTU_CRC_SIZE);
    if (bank->answers_at > ANSWERS_SIZE - sizeof request) {
        lseek(bank->answers_fd, 0, SEEK_SET);
        bank->answers_at = 0;
    }
    int sent = modbus_reply(bank->modbus, request, (int)(pdu_len + RTU_OVERHEAD), &mapping);
    bank->writes++;
    if (sent <= RTU_OVERHEAD) {
        bank->answers_at = ANSWERS_SIZE; /* the next answer shall not be behind half of this one */
        return 0;
    }
    REQUIRE((size_t)sent <= sizeof request);
    memcpy(pdu, bank->answers + bank->answers_at + 1, (size_t)sent - RTU_OVERHEAD);
    bank->answers_at += (size_t)sent;
    return (size_t)sent - RTU_OVERHEAD;
}

/* Only the next process reads the redo record. So the compiler must not reorder stores across this
 * one; the order of the processor does not matter. */
static void bank_set_redo(struct image_redo *redo, uint64_t check)
{
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&redo->check, check, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
}

/* The registers or bits that a write addresses, and their size in bytes. */
static const void *bank_written_part(const modbus_mapping_t *mapping,
                                     const struct pdu_request *request, size_t *size)
{
    const size_t at = request->write_address, count = request->write_count;
    if (request->table == PDU_COILS) {
        REQUIRE(count <= MODBUS_WRITE_BITS_MAX);
        *size = count;
        return mapping->tab_bits + at;
    }
    REQUIRE(count <= JOURNAL_VALUES_MAX);
    *size = 2 * count;
    return mapping->tab_registers + at;
}

size_t bank_write_frame(struct bank *bank, enum side side, size_t place, const uint8_t *frame,
                        size_t frame_len, const struct pdu_request *request, uint8_t *pdu)
{
    struct image_redo *redo = bank->image->redo;
    const bool is_noted = bank->journal && side == SIDE_SCADA;
    union {
        uint16_t registers[JOURNAL_VALUES_MAX];
        uint8_t bits[MODBUS_WRITE_BITS_MAX];
    } before;
    size_t size;
    REQUIRE(request->kind == PDU_WRITE && frame_len > MBAP_SIZE && frame_len <= ADU_MAX);
    REQUIRE(request->write_address + request->write_count <= TABLE_SIZE);
    REQUIRE(place < bank->units->count);
    const void *written = bank_written_part(bank_find_mapping(bank, side, place), request, &size);
    memcpy(&before, written, size);

    /* Stores the unit's own id: 0, 255 or another name may mean another unit after a restart. */
    redo->journal = is_noted ? journal_identity(bank->journal) : 0;
    redo->sequence = is_noted ? journal_next_sequence(bank->journal) : 0;
    redo->side = (uint8_t)side;
    redo->length = (uint16_t)frame_len;
    memcpy(redo->frame, frame, frame_len);
    redo->frame[MBAP_SIZE - 1] = bank->units->id[place];

    bank_set_redo(redo, image_redo_check(redo));
    size_t pdu_len = bank_apply_write(bank, side, place, frame, frame_len, pdu);
    /* The same values again are no reason to write to the disk, which may be flash. */
    if (memcmp(&before, written, size) != 0)
        image_mark_written(bank->image, written, size);
    if (is_noted)
        bank_append_journal(bank, place, request, before.registers);
    bank_set_redo(redo, 0);
    return pdu_len;
}

bool bank_recover_write(struct bank *bank)
{
    struct image_redo *redo = bank->image->redo;
    struct pdu_frame frame;
    struct pdu_request request;
    uint8_t answer[PDU_MAX];
    if (redo->check == 0)
        return true;
    if (redo->length > ADU_MAX || redo->check != image_redo_check(redo)) {
        log_warning("image: the record of the write that a power cut interrupted is not whole; the "
                    "write is not repeated, and the registers may contain a part of it");
        bank_set_redo(redo, 0);
        return true;
    }
    if (redo->side >= SIDE_COUNT ||
        pdu_cut_frame(redo->frame, redo->length, &frame) != FRAME_WHOLE ||
        pdu_check_request(frame.pdu, frame.pdu_len, &request) != PDU_OK ||
        request.kind != PDU_WRITE)
        return false;
    int place = unit_set_index(bank->units, frame.unit);
    image_mark_dirty(bank->image);
    if (place != UNIT_NONE) {
        if (bank_apply_write(bank, (enum side)redo->side, (size_t)place, redo->frame, redo->length,
                             answer) == 0)
            return false;
        if (bank->journal && redo->journal == journal_identity(bank->journal) &&
            redo->sequence == journal_next_sequence(bank->journal))
            bank_append_journal(bank, (size_t)place, &request, NULL);
    }
    bank_set_redo(redo, 0);
    return true;
}

void bank_wake_journal(struct bank *bank)
{
    if (bank->has_appended)
        journal_wake_readers(bank->journal);
    bank->has_appended = false;
}

bool bank_keep_files(struct bank *bank)
{
    if (bank->journal)
        journal_repair_file(bank->journal);
    if (bank->write_times)
        write_times_repair_file(bank->write_times);
    return image_is_whole(bank->image);
}

uint64_t bank_write_count(const struct bank *bank)
{
    return bank->writes;
}
