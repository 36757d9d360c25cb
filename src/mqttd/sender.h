/* Requests to one Modbus server at its own pace, counted, its loss and return logged once each. The
 * thread of that server alone.
 *
 * The local server has two process sides, one for the tables that SCADA writes and one for the
 * inputs; a foreign one has a single connection. */
#ifndef TAGFERRY_MQTTD_SENDER_H
#define TAGFERRY_MQTTD_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/modbus_link.h"
#include "mqttd/batch.h"
#include "mqttd/target.h"

struct sender {
    const struct target_spec *spec;
    struct target_pace pace; /* the caller may change it between two requests */
    /* Waits until then, on the steady clock; false when the thread is to end. */
    bool (*rest)(void *context, uint64_t until_ms);
    void *context;

    struct modbus_link *outputs, *inputs; /* the latter NULL for a foreign server */
    uint64_t inputs_used_ms, request_ms;
    uint64_t unmasked; /* of the links, as counted last */
    bool down;
};

/* The caller has set the members above `outputs`. The links connect with the first request. False
 * when out of memory; finish it then, too. */
bool sender_init(struct sender *sender);
void sender_finish(struct sender *sender);
enum link_result sender_write(struct sender *sender, const struct batch_request *request);
/* True when requests for these tables may go together. */
bool sender_same_side(uint8_t table, uint8_t other);
/* Writes 1 to PIPELINE_MAX requests to one side of the local server; more than one are on their way
 * at once. One without an answer is LINK_UNREACHABLE. */
void sender_write_many(struct sender *sender, const struct batch_request *requests, size_t count,
                       enum link_result *results);
/* `table` is one that can be written. */
enum link_result sender_read(struct sender *sender, uint8_t unit, uint8_t table, uint16_t address,
                             uint16_t count, uint16_t *words);
/* The inputs side must hear from its only client once a second: call it more often. */
void sender_give_sign_of_life(struct sender *sender);
/* Milliseconds for which writing would fail at once; 0 when it would be tried. */
unsigned sender_back_off_ms(const struct sender *sender);
/* Why the newest request to this table failed. */
const char *sender_reason(const struct sender *sender, uint8_t table);

#endif
