/* Requests to one Modbus server at its own pace, counted, the loss and return of it and of each of
 * its units logged once each. The thread of that server alone.
 *
 * The local server has two process sides, one for the tables that SCADA writes and one for the
 * inputs, each a lane with a connection of its own; a foreign one has a single connection, and its
 * units are the lanes. */
#ifndef TAGFERRY_MQTTD_TARGETS_MODBUS_SENDER_H
#define TAGFERRY_MQTTD_TARGETS_MODBUS_SENDER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/modbus/modbus_client.h"
#include "mqttd/targets/target.h"
#include "mqttd/targets/unit_backoff.h"
#include "mqttd/targets/write_batch.h"

/* One connection. */
struct sender_link {
    struct modbus_link *link;
    uint64_t losses, unmasked; /* as counted last */
    bool is_down;              /* it could not be connected */
};

struct sender {
    const struct target_spec *spec;
    struct target_pace pace; /* the caller may change it between two requests */
    /* Waits until then, on the steady clock; false when the thread is to end. */
    bool (*rest)(void *context, uint64_t until_ms);
    void *context;

    struct sender_link outputs, inputs; /* the latter without a link for a foreign server */
    struct lanes lanes;
    uint64_t inputs_used_ms, request_ms;
    uint8_t lost[LANES_MAX / 8]; /* lanes that may have forgotten what they held, since taken */
    bool has_lost;
    bool is_ending; /* the newest wait for the pace was cut short */
    char name[NET_TEXT_SIZE];
};

/* The caller has set the members above `outputs`. The links connect with the first request. False
 * when out of memory; finish it then, too. */
bool sender_init(struct sender *sender);
void sender_finish(struct sender *sender);
/* The lane of a unit's table. */
uint8_t sender_lane(const struct sender *sender, uint8_t unit, uint8_t table);
/* True when a request to the lane would be tried in this round. */
bool sender_may_go(const struct sender *sender, uint8_t lane);
/* Milliseconds for which the lane will not be tried. */
unsigned sender_left_ms(const struct sender *sender, uint8_t lane);
/* Milliseconds for which no lane will be tried. */
unsigned sender_back_off_ms(const struct sender *sender);

/* All that follow: LINK_UNREACHABLE closes the lane for this round. A gateway's exception that says
 * that a unit does not answer is LINK_UNREACHABLE, too. */
enum link_result sender_write(struct sender *sender, const struct batch_request *request);
/* Writes 1 to PIPELINE_MAX requests to one side of the local server; more than one are on their way
 * at once. One without an answer is LINK_UNREACHABLE. */
void sender_write_many(struct sender *sender, const struct batch_request *requests, size_t count,
                       enum link_result *results);
/* `table` is one that can be written. */
enum link_result sender_read(struct sender *sender, uint8_t unit, uint8_t table, uint16_t address,
                             uint16_t count, uint16_t *words);
/* The inputs side must hear from its only client once a second: call it more often. */
void sender_give_sign_of_life(struct sender *sender);
/* True while a side of the local server, or the foreign one as a whole, is out of reach, as far as
 * is known. */
bool sender_is_down(const struct sender *sender);

/* Looks whether a foreign server is still there; call it each second or so. */
void sender_check(struct sender *sender);

/* Why the newest request to this table failed. */
const char *sender_reason(const struct sender *sender, uint8_t table);
/* The same of a request that was LINK_EXCEPTION, for the live table. */
struct live_write_fault sender_refusal(const struct sender *sender, uint8_t table);
/* Why the lane is out of reach; FAULT_NONE when it is not, as far as is known. */
struct live_write_fault sender_outage(const struct sender *sender, uint8_t lane);

#endif
