/* Reads registers of the local server in a thread of its own, for values of several registers of
 * which SCADA has written only some. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_READBACK_H
#define TAGFERRY_MQTTD_WRITEBACK_READBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/net.h"
#include "common/modbus/modbus_client.h"
#include "common/model/tag.h"

struct reader;

struct reading {
    uint64_t ticket; /* the caller's */
    uint8_t unit, table;
    uint16_t address, count; /* 1 to 123 */
    enum link_result result;
    uint16_t words[POINT_REGISTERS_MAX];
};

/* `notify_fd` is an eventfd that is raised when a reading is done. NULL with errno. */
struct reader *reader_create(const struct net_addr *server, unsigned timeout_ms, int notify_fd);
/* Takes NULL. */
void reader_destroy(struct reader *reader);

/* False when too many wait. */
bool reader_ask(struct reader *reader, const struct reading *reading);
/* The next one that is done. False when there is none. */
bool reader_next(struct reader *reader, struct reading *reading);

#endif
