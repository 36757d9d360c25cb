/* Tells tagferry-modbusd which registers of the local server belong to somebody: to the enabled
 * tags of the enabled devices that this gateway holds, or to a status block. Used by the MQTT
 * thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_OWNED_REGISTERS_H
#define TAGFERRY_MQTTD_CONFIG_OWNED_REGISTERS_H

#include "common/model/tag.h"
#include "common/shared/register_owners.h"

struct device;
struct device_table;

/* Open `file` with register_owners_open_writer and zero the rest. */
struct owned_registers {
    struct register_owners file;
    struct owned_span gateway; /* the gateway's status registers; a count of 0: none */
    bool is_published;         /* once, after the first configuration */
};

/* Adds or removes the registers of a device that comes into service or leaves it. NULL for no file
 * is accepted, here and in the next function. */
void owned_registers_add_device(struct owned_registers *owned, const struct device *device);
void owned_registers_remove_device(struct owned_registers *owned, const struct device *device);
/* Publishes the changes, after those of a whole update. */
void owned_registers_publish(struct owned_registers *owned);
/* Moves the gateway's status registers to `address`, or nowhere unless `on`. Publishes that, except
 * before the first configuration. */
void owned_registers_move_gateway(struct owned_registers *owned, bool on, uint8_t unit,
                                  enum modbus_table table, uint16_t address);
/* Call it once a second: repairs the file, and fills it again if need be. True when memory or room
 * is still short, so that nothing is published. */
bool owned_registers_keep(struct owned_registers *owned, const struct device_table *device_table);

#endif
