/* Reads registers of the local server in its own thread: those of values that SCADA has written in
 * part, and all command registers after an overrun. */
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
    uint64_t read_id; /* the caller's; the result has the same */
    uint8_t unit, table;
    uint16_t address, count; /* 1 to POINT_REGISTERS_MAX registers, or coils as 0 or 1 */
    enum modbus_result result;
    uint16_t words[POINT_REGISTERS_MAX]; /* with MODBUS_OK */
};

/* `notify` is raised when a read has ended. NULL with errno. */
struct readback *readback_create(const struct net_addr *server, unsigned timeout_ms,
                                 struct wakeup *notify);
/* Takes NULL. Waits for the read that is under way. */
void readback_destroy(struct readback *readback);

/* These two for the MQTT thread. */

/* Has the registers read, behind those that wait already. False when too many wait. */
bool readback_request(struct readback *readback, const struct register_read *register_read);
/* The next read that has ended, in the order of the requests. False when none has. */
bool readback_take_result(struct readback *readback, struct register_read *register_read);

#endif
