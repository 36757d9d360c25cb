/* The registers: encodes reads directly from the tables; writes with libmodbus, and is the only
 * place that writes.
 *
 * A write is stored in the redo record of the image, then made by modbus_reply, then appended to
 * the journal if it came from SCADA. Not thread-safe. */
#ifndef TAGFERRY_MODBUSD_REGISTERS_BANK_H
#define TAGFERRY_MODBUSD_REGISTERS_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"
#include "common/shared/journal.h"
#include "common/shared/write_times.h"
#include "modbusd/registers/image.h"

/* The kind of listener of a request. On the inputs side, coils and discrete inputs are swapped, and
 * so are holding and input registers. */
enum side { SIDE_SCADA, SIDE_INPUTS, SIDE_OUTPUTS, SIDE_COUNT };

struct bank;

/* `journal` and `write_times` may be NULL. All arguments must outlive the bank. NULL with errno. */
struct bank *bank_create(struct image *image, struct journal *journal,
                         struct write_times *write_times, const struct unit_set *units);
/* Accepts NULL. */
void bank_destroy(struct bank *bank);

/* Completes the write, if any, that was in progress when the last owner of the image died. If its
 * record has a wrong check, after a power cut, drops it and logs that. False if the record has the
 * right check but is not a valid write: the image is damaged. Call it before the first
 * bank_write_frame. */
bool bank_recover_write(struct bank *bank);

/* Encodes the answer to a request of kind PDU_READ that pdu_check_request accepted, from the tables
 * of the unit with index `place` in the unit set. Returns its length, at most PDU_MAX. */
size_t bank_encode_read(const struct bank *bank, enum side side, size_t place,
                        const struct pdu_request *request, uint8_t *pdu);

/* Makes a write that pdu_check_request accepted in the unit with index `place` in the unit set,
 * whatever unit id the frame has, and encodes its answer. `frame`: a frame of Modbus TCP. Returns
 * the length of `pdu`, at most PDU_MAX; 0 if libmodbus gave no answer. */
size_t bank_write_frame(struct bank *bank, enum side side, size_t place, const uint8_t *frame,
                        size_t frame_len, const struct pdu_request *request, uint8_t *pdu);
/* Wakes the readers of the journal if entries were added. Call it at the end of each turn of the
 * loop. */
void bank_wake_journal(struct bank *bank);
/* Call it once a second: repairs the files of journal and write times. False if the image was cut
 * short: its zeros must not be shown as register contents. */
bool bank_keep_files(struct bank *bank);
/* The number of writes since the start. */
uint64_t bank_write_count(const struct bank *bank);

#endif
