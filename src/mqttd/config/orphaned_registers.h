/* Finds registers of the local server whose owner was deleted and that have no new owner. mqttd
 * sets them to zero, since nothing else would ever replace their old value. */
#ifndef TAGFERRY_MQTTD_CONFIG_ORPHANED_REGISTERS_H
#define TAGFERRY_MQTTD_CONFIG_ORPHANED_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/targets/target.h"

struct sqlite3;

/* Makes the writes of zeros to all registers whose owner was deleted after revision `since`, or
 * went to another gateway than `gateway` ("" without a name), and that belong to no tag or status
 * block of this one now. The caller frees *writes. False on an error of the database, or when out
 * of memory. */
bool orphaned_registers_find(struct sqlite3 *db, const char *gateway, int64_t since,
                             struct target_write **writes, size_t *count);

#endif
