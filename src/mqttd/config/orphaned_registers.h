/* Finds registers of the local server that have lost their owner and have no new one. They are set
 * to zero, since nothing else would ever replace their old value. */
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
