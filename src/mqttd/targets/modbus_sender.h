/* Requests to one Modbus server at its own pace, counted, the loss and return of it and of each of
 * its units logged once each. The thread of that server alone.
 *
 * The local server has two process sides, one for the tables that SCADA writes and one for the
 * inputs, each a channel with a connection of its own; a foreign one has a single connection, and
 * its units are the channels. */
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
    struct modbus_client *link;
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
    struct channels channels;
    uint64_t inputs_used_ms, request_ms;
    uint8_t
        lost[CHANNELS_MAX / 8]; /* channels that may have forgotten what they held, since taken */
    bool has_lost;
    bool is_ending; /* the newest wait for the pace was cut short */
    char name[NET_TEXT_SIZE];
};

/* The caller has set the members above `outputs`. The links connect with the first request. False
 * when out of memory; finish it then, too. */
bool sender_init(struct sender *sender);
void sender_finish(struct sender *sender);
/* The channel of a unit's table. */
uint8_t sender_channel_of(const struct sender *sender, uint8_t unit, uint8_t table);
/* True when a request to the channel would be tried in this round. */
bool sender_may_send(const struct sender *sender, uint8_t channel);
/* Milliseconds for which the channel will not be tried. */
unsigned sender_channel_wait_ms(const struct sender *sender, uint8_t channel);
/* Milliseconds for which no channel will be tried. */
unsigned sender_backoff_ms(const struct sender *sender);

/* All that follow: MODBUS_UNREACHABLE closes the channel for this round. A gateway's exception that
 * says that a unit does not answer is MODBUS_UNREACHABLE, too. */
enum modbus_result sender_write_request(struct sender *sender, const struct batch_request *request);
/* Writes 1 to PIPELINE_MAX requests to one side of the local server; more than one are on their way
 * at once. One without an answer is MODBUS_UNREACHABLE. */
void sender_write_requests(struct sender *sender, const struct batch_request *requests,
                           size_t count, enum modbus_result *results);
/* `table` is one that can be written. */
enum modbus_result sender_read_registers(struct sender *sender, uint8_t unit, uint8_t table,
                                         uint16_t address, uint16_t count, uint16_t *words);
/* The inputs side must hear from its only client once a second: call it more often. */
void sender_keep_alive(struct sender *sender);
/* True while a side of the local server, or the foreign one as a whole, is out of reach, as far as
 * is known. */
bool sender_is_down(const struct sender *sender);

/* Looks whether a foreign server is still there; call it each second or so. */
void sender_check_server(struct sender *sender);

/* Why the newest request to this table failed. */
const char *sender_failure_reason(const struct sender *sender, uint8_t table);
/* The same of a request that was MODBUS_EXCEPTION, for the live table. */
struct live_table_write_fault sender_exception_fault(const struct sender *sender, uint8_t table);
/* Why the channel is out of reach; FAULT_NONE when it is not, as far as is known. */
struct live_table_write_fault sender_outage_fault(const struct sender *sender, uint8_t channel);

#endif
