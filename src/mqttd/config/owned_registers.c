/* Turns devices into spans of registers. */
#include "mqttd/config/owned_registers.h"

#include "common/model/modbus_location.h"
#include "mqttd/config/device_table.h"

static struct owned_span owned_span_make(uint8_t unit, enum modbus_table table, uint16_t address,
                                         uint16_t count, bool takes_writes)
{
    static const enum pdu_table tables[] = {[TABLE_COIL] = PDU_COILS,
                                            [TABLE_DISCRETE_INPUT] = PDU_DISCRETE_INPUTS,
                                            [TABLE_HOLDING_REGISTER] = PDU_HOLDING_REGISTERS,
                                            [TABLE_INPUT_REGISTER] = PDU_INPUT_REGISTERS};
    return (struct owned_span){unit, tables[table], address, count, takes_writes};
}

/* Calls `change` for each tag on the local server and for the status block. */
static void owned_registers_each_span(struct register_owners *file, const struct device *device,
                                      void (*change)(struct register_owners *,
                                                     const struct owned_span *))
{
    for (uint32_t i = 0; !device->host && i < device->tag_count; i++) {
        const struct tag *tag = &device->tags[i];
        bool takes_writes = tag->direction == TO_MQTT || tag->direction == BOTH_WAYS;
        const struct owned_span span =
            owned_span_make(device->unit, (enum modbus_table)tag->point.table, tag->point.address,
                            point_width(&tag->point), takes_writes);
        change(file, &span);
    }
    if (!device->has_status)
        return;
    const struct owned_span span =
        owned_span_make(device->status_unit, (enum modbus_table)device->status.table,
                        device->status.address, STATUS_REGISTERS, false);
    change(file, &span);
}

void owned_registers_add_device(struct owned_registers *owned, const struct device *device)
{
    if (owned)
        owned_registers_each_span(&owned->file, device, register_owners_add);
}

void owned_registers_remove_device(struct owned_registers *owned, const struct device *device)
{
    if (owned)
        owned_registers_each_span(&owned->file, device, register_owners_remove);
}

void owned_registers_publish(struct owned_registers *owned)
{
    if (!owned)
        return;
    register_owners_publish(&owned->file);
    owned->is_published = true;
}

void owned_registers_move_gateway(struct owned_registers *owned, bool on, uint8_t unit,
                                  enum modbus_table table, uint16_t address)
{
    const struct owned_span older = owned->gateway;
    owned->gateway = owned_span_make(unit, table, address, on ? STATUS_REGISTERS : 0, false);
    register_owners_add(&owned->file, &owned->gateway);
    register_owners_remove(&owned->file, &older);
    if (owned->is_published)
        owned_registers_publish(owned);
}

bool owned_registers_keep(struct owned_registers *owned, const struct device_table *device_table)
{
    if (!register_owners_keep_file(&owned->file) || !owned->is_published)
        return false;
    register_owners_forget(&owned->file);
    for (struct device *at = device_table_next(device_table, NULL); at;
         at = device_table_next(device_table, at))
        owned_registers_add_device(owned, at);
    register_owners_add(&owned->file, &owned->gateway);
    owned_registers_publish(owned);
    return owned->file.is_incomplete;
}
