/* One request in, one answer out: checks, access, then reads or bank. Does no I/O on clients. */
#ifndef TAGFERRY_MODBUSD_SERVICE_H
#define TAGFERRY_MODBUSD_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/counters.h"
#include "common/pdu.h"
#include "common/units.h"
#include "modbusd/bank.h"

struct service {
    const struct unit_set *units;
    struct bank *bank;
    struct counters *counters;
};

/* Where answers go. The answers to writes wait in the bank until they are fetched; `len` does not
 * count them, service_room does. */
struct answers {
    uint8_t *bytes;
    size_t len, size;
};

/* True while there is room for one more answer, of any length. */
bool service_room(const struct service *service, const struct answers *out);
/* Answers one frame; there must be room. False when the bank fails: close the connection. */
bool service_answer(struct service *service, enum side side, const struct frame *frame,
                    struct answers *out);
/* Fetches the answers that still wait in the bank; call it after a row of service_answer and
 * before anybody else's request is answered. */
bool service_fetch(struct service *service, struct answers *out);

#endif
