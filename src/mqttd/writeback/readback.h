/* Reads registers of the local server in a thread of its own, for values of several registers of
 * which SCADA has written only some. */
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
    uint64_t read_id; /* the caller's */
    uint8_t unit, table;
    uint16_t address, count; /* 1 to 123 */
    enum modbus_result result;
    uint16_t words[POINT_REGISTERS_MAX];
};

/* `notify` is raised when a read has ended. NULL with errno. */
struct readback *readback_create(const struct net_addr *server, unsigned timeout_ms,
                                 struct wakeup *notify);
/* Takes NULL. */
void readback_destroy(struct readback *readback);

/* False when too many wait. */
bool readback_request(struct readback *readback, const struct register_read *register_read);
/* The next one that is done. False when there is none. */
bool readback_take_result(struct readback *readback, struct register_read *register_read);

#endif
