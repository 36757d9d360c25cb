/* The registers: libmodbus changes them here, and only here.
 *
 * Each change is first put into the image's redo record, then made by modbus_reply, whose answer
 * waits in a socket pair until it is drained, then noted in the journal when it is SCADA's. */
#ifndef TAGFERRY_MODBUSD_BANK_H
#define TAGFERRY_MODBUSD_BANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"
#include "common/shared/journal.h"
#include "modbusd/image.h"
#include "modbusd/reads.h"

/* Who asks. On the side of the inputs, coils stand for discrete inputs and holding registers for
 * input registers, and the other way round. */
enum side { SIDE_SCADA, SIDE_INPUTS, SIDE_OUTPUTS, SIDE_COUNT };

struct bank;

/* `journal` may be NULL. All three arguments must outlive the bank. NULL with errno. */
struct bank *bank_create(struct image *image, struct journal *journal,
                         const struct unit_set *units);
void bank_destroy(struct bank *bank);

/* Makes the write that was interrupted when the image's last owner died, if there was one. False
 * when its record is no write: the image is damaged. */
bool bank_recover_write(struct bank *bank);

/* The register_tables of the unit at `place` in the unit set, as a side sees them. */
const struct register_tables *bank_unit_tables(const struct bank *bank, enum side side,
                                               size_t place);

/* Makes a write that pdu_check_request has passed. The answer is then waiting, with those before
 * it. False: it failed, nothing more is waiting than before. */
bool bank_write_frame(struct bank *bank, enum side side, const uint8_t *frame, size_t frame_len,
                      const struct pdu_request *request);
/* Wakes those who follow the journal, if there is anything new; call it at the end of a turn. */
void bank_wake_journal(struct bank *bank);
/* To be called once a second: keeps the journal whole. False when the image was cut short: nobody
 * may take its zeros for registers. */
bool bank_keep_files(struct bank *bank);
/* How many writes were made so far. */
uint64_t bank_write_count(const struct bank *bank);
/* Bytes of the answers that wait. */
size_t bank_waiting_bytes(const struct bank *bank);
/* Moves all of them to `out`. False when the socket pair fails, which nothing but a lack of
 * memory explains. */
bool bank_drain_answers(struct bank *bank, uint8_t *out);

#endif
