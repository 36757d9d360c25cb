/* Makes writes through modbus_reply, with redo record and journal. */
#include "modbusd/bank.h"

#include <errno.h>
#include <modbus.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"

struct table_view {
    modbus_mapping_t mapping;               /* for libmodbus */
    struct register_tables register_tables; /* for reads */
};

struct bank {
    struct image *image;
    struct journal *journal;
    const struct unit_set *units;
    modbus_t *modbus;
    int ends[2];    /* libmodbus sends into the first, answers are taken from the second */
    size_t waiting; /* bytes that lie in between */
    uint64_t writes;
    bool noted; /* the journal has entries that nobody was woken for */
    struct table_view straight[UNIT_MAX], swapped[UNIT_MAX];
};

static struct table_view bank_make_view(uint8_t *coils, uint8_t *discrete_inputs,
                                        uint16_t *holding_registers, uint16_t *input_registers)
{
    return (struct table_view){
        .mapping = {.nb_bits = TABLE_SIZE,
                    .nb_input_bits = TABLE_SIZE,
                    .nb_registers = TABLE_SIZE,
                    .nb_input_registers = TABLE_SIZE,
                    .tab_bits = coils,
                    .tab_input_bits = discrete_inputs,
                    .tab_registers = holding_registers,
                    .tab_input_registers = input_registers},
        .register_tables = {coils, discrete_inputs, holding_registers, input_registers},
    };
}

static void bank_make_views(struct bank *bank)
{
    for (size_t i = 0; i < bank->image->unit_count; i++) {
        struct image_unit *unit = bank->image->unit[i];
        bank->straight[i] = bank_make_view(unit->coils, unit->discrete_inputs,
                                           unit->holding_registers, unit->input_registers);
        bank->swapped[i] = bank_make_view(unit->discrete_inputs, unit->coils, unit->input_registers,
                                          unit->holding_registers);
    }
}

static void bank_close_sockets(struct bank *bank)
{
    for (size_t i = 0; i < 2; i++) {
        if (bank->ends[i] >= 0)
            close(bank->ends[i]);
        bank->ends[i] = -1;
    }
    bank->waiting = 0;
}

static bool bank_open_sockets(struct bank *bank)
{
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, bank->ends) != 0)
        return false;
    modbus_set_socket(bank->modbus, bank->ends[0]);
    return true;
}

/* The library never connects: its socket is one end of a pair. It sleeps for its response
 * time-out after a request that it dislikes; none should reach it, and then it is 1 us. */
static bool bank_open_modbus(struct bank *bank)
{
    bank->modbus = modbus_new_tcp("127.0.0.1", 1);
    return bank->modbus && modbus_set_response_timeout(bank->modbus, 0, 1) == 0 &&
           bank_open_sockets(bank);
}

struct bank *bank_create(struct image *image, struct journal *journal, const struct unit_set *units)
{
    struct bank *bank = calloc(1, sizeof *bank);
    if (!bank)
        return NULL;
    *bank = (struct bank){.image = image, .journal = journal, .units = units, .ends = {-1, -1}};
    bank_make_views(bank);
    if (bank_open_modbus(bank))
        return bank;
    bank_destroy(bank);
    return NULL;
}

void bank_destroy(struct bank *bank)
{
    if (!bank)
        return;
    bank_close_sockets(bank);
    if (bank->modbus)
        modbus_free(bank->modbus);
    free(bank);
}

static struct table_view *bank_view_of_unit(struct bank *bank, enum side side, size_t place)
{
    return side == SIDE_INPUTS ? &bank->swapped[place] : &bank->straight[place];
}

const struct register_tables *bank_unit_tables(const struct bank *bank, enum side side,
                                               size_t place)
{
    return side == SIDE_INPUTS ? &bank->swapped[place].register_tables
                               : &bank->straight[place].register_tables;
}

/* The redo record is seen by the next process alone, so that it is the compiler, not the
 * processor, that must keep these stores in order. It names the unit by its own id, for another may
 * be the default one by then. */
static void bank_arm_redo(struct image_redo *redo, enum side side, uint8_t unit,
                          const uint8_t *frame, size_t frame_len)
{
    redo->side = (uint8_t)side;
    redo->length = (uint16_t)frame_len;
    memcpy(redo->frame, frame, frame_len);
    redo->frame[MBAP_SIZE - 1] = unit;
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&redo->armed, 1, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
}

static void bank_disarm_redo(struct image_redo *redo)
{
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&redo->armed, 0, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
}

static uint16_t pack_coil_bits(const uint8_t *bits, size_t count)
{
    unsigned word = 0;
    for (size_t i = 0; i < count && i < 16; i++)
        word |= (unsigned)(bits[i] != 0) << i;
    return (uint16_t)word;
}

/* The bits that the write of one register means. A client that changes a bit through a whole
 * register writes the others back as it has read them. */
static uint16_t write_meant_bits(const struct pdu_request *request, uint16_t before, uint16_t after)
{
    uint16_t changed = before ^ after;
    if (request->function == FC_MASK_WRITE)
        return request->write_mask;
    return changed != 0 ? changed : UINT16_MAX;
}

/* Notes what the registers hold after the write. `before`: what they held, or NULL when that is not
 * known. */
static void bank_journal_write(struct bank *bank, size_t place, const struct pdu_request *request,
                               const uint16_t *before)
{
    const struct register_tables *register_tables = &bank->straight[place].register_tables;
    struct journal_entry entry = {.steady_ms = clock_steady_ms(),
                                  .unit = bank->units->id[place],
                                  .address = request->write_address,
                                  .count = request->write_count};
    if (request->table == PDU_COILS) {
        entry.table = JOURNAL_COIL;
        for (size_t i = 0; i < entry.count; i += 16)
            entry.values[i / 16] =
                pack_coil_bits(register_tables->coils + entry.address + i, entry.count - i);
    } else {
        const uint16_t *after = register_tables->holding_registers + entry.address;
        entry.table = JOURNAL_HOLDING_REGISTER;
        memcpy(entry.values, after, (size_t)2 * entry.count);
        for (size_t i = 0; i < entry.count; i++)
            entry.masks[i] = write_meant_bits(request, before ? before[i] : after[i], after[i]);
    }
    journal_append_entry(bank->journal, &entry);
    bank->noted = true;
}

static bool bank_apply_write(struct bank *bank, enum side side, size_t place, const uint8_t *frame,
                             size_t frame_len)
{
    struct table_view *table_view = bank_view_of_unit(bank, side, place);
    int sent = modbus_reply(bank->modbus, frame, (int)frame_len, &table_view->mapping);
    if (sent > 0)
        bank->waiting += (size_t)sent;
    image_mark_dirty(bank->image);
    bank->writes++;
    return sent > 0;
}

bool bank_write_frame(struct bank *bank, enum side side, const uint8_t *frame, size_t frame_len,
                      const struct pdu_request *request)
{
    struct image_redo *redo = bank->image->redo;
    bool noted = bank->journal && side == SIDE_SCADA;
    uint16_t before[JOURNAL_VALUES_MAX];
    int place = unit_set_index(bank->units, frame[MBAP_SIZE - 1]);
    if (place == UNIT_NONE)
        return false;
    redo->journal = noted ? journal_identity(bank->journal) : 0;
    redo->sequence = noted ? journal_next_sequence(bank->journal) : 0;
    if (noted && request->table == PDU_HOLDING_REGISTERS)
        memcpy(before,
               bank->straight[place].register_tables.holding_registers + request->write_address,
               (size_t)2 * request->write_count);
    bank_arm_redo(redo, side, bank->units->id[place], frame, frame_len);
    bool made = bank_apply_write(bank, side, (size_t)place, frame, frame_len);
    if (noted)
        bank_journal_write(bank, (size_t)place, request, before);
    bank_disarm_redo(redo);
    return made;
}

bool bank_recover_write(struct bank *bank)
{
    struct image_redo *redo = bank->image->redo;
    struct pdu_frame frame;
    struct pdu_request request;
    uint8_t answer[ADU_MAX];
    if (!redo->armed)
        return true;
    if (redo->side >= SIDE_COUNT ||
        pdu_cut_frame(redo->frame, redo->length, &frame) != FRAME_WHOLE ||
        pdu_check_request(frame.pdu, frame.pdu_len, &request) != PDU_OK ||
        request.kind != PDU_WRITE)
        return false;
    int place = unit_set_index(bank->units, frame.unit);
    if (place != UNIT_NONE) {
        if (!bank_apply_write(bank, (enum side)redo->side, (size_t)place, redo->frame,
                              redo->length) ||
            !bank_drain_answers(bank, answer))
            return false;
        if (bank->journal && redo->journal == journal_identity(bank->journal) &&
            redo->sequence == journal_next_sequence(bank->journal))
            bank_journal_write(bank, (size_t)place, &request, NULL);
    }
    bank_disarm_redo(redo);
    return true;
}

void bank_wake_journal(struct bank *bank)
{
    if (bank->noted)
        journal_wake_readers(bank->journal);
    bank->noted = false;
}

bool bank_keep_files(struct bank *bank)
{
    if (bank->journal)
        journal_repair_file(bank->journal);
    return image_is_whole(bank->image);
}

uint64_t bank_write_count(const struct bank *bank)
{
    return bank->writes;
}

size_t bank_waiting_bytes(const struct bank *bank)
{
    return bank->waiting;
}

bool bank_drain_answers(struct bank *bank, uint8_t *out)
{
    while (bank->waiting > 0) {
        ssize_t got = recv(bank->ends[1], out, bank->waiting, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            /* Left as it is, the rest would become somebody else's answer. */
            bank_close_sockets(bank);
            bank_open_sockets(bank);
            return false;
        }
        out += got;
        bank->waiting -= (size_t)got;
    }
    return true;
}
