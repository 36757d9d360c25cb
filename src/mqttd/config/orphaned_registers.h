/* Registers of the local server that lost their owner and found no new one: they are set to zero,
 * so that no old value stands there for ever. */
#ifndef TAGFERRY_MQTTD_CONFIG_ORPHANED_REGISTERS_H
#define TAGFERRY_MQTTD_CONFIG_ORPHANED_REGISTERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/targets/target.h"

struct sqlite3;

/* The writes of zeros for all that was given up after revision `since` and is owned by no tag and
 * no status block now. *writes is the caller's to free. False on an error of the database. */
bool orphaned_registers_find(struct sqlite3 *db, int64_t since, struct target_write **writes,
                             size_t *count);

#endif
