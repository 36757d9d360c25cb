/* Sends requests to one Modbus server at its pace and counts them. Logs the loss and the return of
 * the server and of each of its units, once each. Used by the target's thread; the MQTT thread may
 * begin requests while that thread rests (target_send_now.c).
 *
 * A channel is the smallest part of a server that can be lost and can return. The local server has
 * two channels, its two process sides: one for the tables that SCADA writes and one for the inputs,
 * each with a connection of its own. A foreign server has one connection, and its units are the
 * channels. */
#ifndef TAGFERRY_MQTTD_TARGETS_MODBUS_SENDER_H
#define TAGFERRY_MQTTD_TARGETS_MODBUS_SENDER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "common/modbus/modbus_client.h"
#include "mqttd/targets/target_spec.h"
#include "mqttd/targets/unit_backoff.h"
#include "mqttd/targets/write_batch.h"

/* One connection. */
struct sender_link {
    struct modbus_client *client;
    uint64_t losses, unmasked; /* the client's counts when they were read last */
    bool is_down;              /* the newest attempt to connect has failed */
    enum tls_fault tls_fault;  /* why, if TLS is the reason */
};

enum { SENDER_LINKS_MAX = 2 };

struct sender {
    const struct target_spec *spec;
    struct target_pace pace; /* the caller may change it between two requests */
    /* Waits until pace.min_interval_ms, which it may change, has passed since this time, steady
     * clock. False when the thread has to end. */
    bool (*rest)(void *context, uint64_t since_ms);
    void *context;

    struct sender_link links[SENDER_LINKS_MAX]; /* local server: by channel; else the first one */
    struct channels channels;
    uint64_t inputs_used_ms; /* when the newest request to the local server's inputs was sent */
    uint64_t request_ms;     /* when the newest request was sent */
    atomic_uint alive_ms;    /* the local server misses requests after a time that is longer */
    /* The channels that may have lost their register contents, a bit for each; the caller clears
     * both members. */
    uint8_t lost[CHANNELS_MAX / 8];
    bool has_lost;
    bool is_ending;                    /* the newest wait for the pace was cut short */
    atomic_uint_least64_t answered_ms; /* when the newest answer came, steady clock */
    struct {
        struct pipeline_request wire[PIPELINE_MAX];
        const struct batch_request *requests;
        size_t count; /* 0: none are under way */
    } begun;          /* by sender_begin_requests */
    char name[NET_TEXT_SIZE];
};

/* Set the members above `links` before. Connects with the first request. False when out of memory;
 * call sender_finish in either case. */
bool sender_init(struct sender *sender);
/* Closes the connections. Accepts a zeroed sender. */
void sender_finish(struct sender *sender);
/* From any thread: the request under way ends without a result, and no other is sent. Repeat it
 * until the target's thread has ended. */
void sender_interrupt(struct sender *sender);
/* From any thread: when the server has answered last, steady clock; 0: never. */
uint64_t sender_answered_ms(const struct sender *sender);
/* The channel for requests to this unit and table. */
uint8_t sender_channel_of(const struct sender *sender, uint8_t unit, uint8_t table);
/* True when a request to the channel may be sent in this round. */
bool sender_may_send(const struct sender *sender, uint8_t channel);
/* Milliseconds until the channel may be tried again. */
unsigned sender_channel_wait_ms(const struct sender *sender, uint8_t channel);
/* Milliseconds until any channel may be tried again. */
unsigned sender_backoff_ms(const struct sender *sender);

/* For all requests: MODBUS_UNREACHABLE closes the channel for this round. A gateway's exception by
 * which a unit does not answer counts as MODBUS_UNREACHABLE. */
enum modbus_result sender_write_request(struct sender *sender, const struct batch_request *request);
/* Sends 1 to PIPELINE_MAX write requests of one channel, in their order. More than one only to the
 * local server: they are sent without waiting for the answers. The result of a request without an
 * answer is MODBUS_UNREACHABLE. */
void sender_write_requests(struct sender *sender, const struct batch_request *requests,
                           size_t count, enum modbus_result *results);
/* Sends requests of one channel to the local server without waiting, if its connection was in use
 * before. False: nothing was sent. Until sender_end_requests, `requests` must not change, and no
 * other function that makes a request may be called. */
bool sender_begin_requests(struct sender *sender, const struct batch_request *requests,
                           size_t count);
/* False if they could not be sent: then sender_end_requests does not wait. */
bool sender_has_sent(const struct sender *sender);
/* Waits for the answers to them; results as for sender_write_requests. */
void sender_end_requests(struct sender *sender, enum modbus_result *results);
/* The sockets of the connections; -1 without one. */
void sender_sockets(const struct sender *sender, int sockets[SENDER_LINKS_MAX]);
/* Reads registers of a foreign server. `table` is one that SCADA can write. */
enum modbus_result sender_read_registers(struct sender *sender, uint8_t unit, uint8_t table,
                                         uint16_t address, uint16_t count, uint16_t *words);
/* Sets how soon the local server regards its inputs as lost: ms, DAEMON_NO_TIMEOUT, or 0 if that is
 * unknown. For any thread. True if requests are needed sooner than before. */
bool sender_set_timeout(struct sender *sender, uint64_t timeout_ms);
/* Makes a request that keeps the local server from regarding its inputs as lost, when it is due:
 * more often than once a second, the shortest process_timeout_s of modbusd, unless
 * sender_set_timeout has named a longer one for the connection. */
void sender_keep_alive(struct sender *sender);
/* Milliseconds until the next such request is due. */
unsigned sender_keep_alive_due_ms(const struct sender *sender);
/* Checks whether the server has closed a connection. Call it about once a second for a foreign
 * server, and for the local one when a socket is readable without a request. */
void sender_check_server(struct sender *sender);

/* True while the foreign server as a whole, or one side of the local one, is known to be out of
 * reach. */
bool sender_is_down(const struct sender *sender);
/* Why the newest request to this table failed. */
const char *sender_failure_reason(const struct sender *sender, uint8_t table);
/* The same for the live table, when the result was MODBUS_EXCEPTION. */
struct live_table_write_fault sender_exception_fault(const struct sender *sender, uint8_t table);
/* Why the channel is out of reach; FAULT_NONE when it is not, as far as known. */
struct live_table_write_fault sender_outage_fault(const struct sender *sender, uint8_t channel);

#endif
