/* Reads registers of the local server in a thread of its own: those of values that SCADA has
 * written in part, and all command registers after an overrun of the journal. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_READBACK_H
#define TAGFERRY_MQTTD_WRITEBACK_READBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/net.h"
#include "common/base/thread.h"
#include "common/modbus/modbus_client.h"
#include "common/model/tag.h"

struct readback;

struct register_read {
    uint64_t read_id; /* of the caller; the result has the same */
    uint8_t unit, table;
    uint16_t address, count; /* 1 to POINT_REGISTERS_MAX registers, or coils as 0 or 1 */
    enum modbus_result result;
    uint16_t words[POINT_REGISTERS_MAX]; /* with MODBUS_OK */
};

/* Starts the thread, which raises `notify` when a read has ended. NULL with errno. */
struct readback *readback_create(const struct net_addr *server, unsigned timeout_ms,
                                 struct wakeup *notify);
/* Waits for the read that is under way and ends the thread. Accepts NULL. */
void readback_destroy(struct readback *readback);

/* The next two functions are for the MQTT thread only. */

/* Queues a read. False when the queue is full. */
bool readback_request(struct readback *readback, const struct register_read *register_read);
/* Takes the next read that has ended, in the order of the requests. False when no read has
 * ended. */
bool readback_take_result(struct readback *readback, struct register_read *register_read);

#endif
