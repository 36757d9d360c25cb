/* The registers: reads are encoded straight from the tables, writes are made by libmodbus, here and
 * nowhere else.
 *
 * A write is first put into the image's redo record, then made by modbus_reply, whose answer waits
 * in a socket pair until it is drained, then added to the journal if it came from SCADA. One thread
 * at a time. */
#ifndef TAGFERRY_MODBUSD_BANK_H
#define TAGFERRY_MODBUSD_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"
#include "common/shared/journal.h"
#include "modbusd/image.h"

/* The listener that a request came in on. On the inputs side, coils stand for discrete inputs and
 * holding registers for input registers, and the other way round. */
enum side { SIDE_SCADA, SIDE_INPUTS, SIDE_OUTPUTS, SIDE_COUNT };

struct bank;

/* `journal` may be NULL. All three arguments must outlive the bank. NULL with errno. */
struct bank *bank_create(struct image *image, struct journal *journal,
                         const struct unit_set *units);
/* Takes NULL. */
void bank_destroy(struct bank *bank);

/* Completes the write that was interrupted when the image's last owner died, if there was one.
 * False if the redo record is not a valid write: the image is damaged. Call it before the first
 * bank_write_frame. */
bool bank_recover_write(struct bank *bank);

/* Encodes the answer to a request of kind PDU_READ that pdu_check_request has passed, from the
 * tables of the unit at `place` in the unit set as the side sees them. Returns its length, at most
 * PDU_MAX. */
size_t bank_encode_read(const struct bank *bank, enum side side, size_t place,
                        const struct pdu_request *request, uint8_t *pdu);

/* Makes a write that pdu_check_request has passed. Its answer then waits behind the earlier ones.
 * False: it failed, and no answer was added. */
bool bank_write_frame(struct bank *bank, enum side side, const uint8_t *frame, size_t frame_len,
                      const struct pdu_request *request);
/* Wakes the journal's readers if entries were added; call it at the end of a turn of the loop. */
void bank_wake_journal(struct bank *bank);
/* Call it once a second: repairs the journal's file. False if the image was cut short: its zeros
 * must not pass for registers. */
bool bank_keep_files(struct bank *bank);
/* The number of writes made so far. */
uint64_t bank_write_count(const struct bank *bank);
/* Bytes of the answers that wait. */
size_t bank_waiting_bytes(const struct bank *bank);
/* Moves all waiting answers to `out`, bank_waiting_bytes of them. False if the socket pair fails,
 * for lack of memory: the answers are lost. */
bool bank_drain_answers(struct bank *bank, uint8_t *out);

#endif
