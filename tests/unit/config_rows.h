/* Rows of the store as tagferry-mqttd reads them, with defaults. */
#ifndef TAGFERRY_TESTS_CONFIG_ROWS_H
#define TAGFERRY_TESTS_CONFIG_ROWS_H

#include "common/store/tagdb.h"

/* A device with the topic "d" whose slot is ten times its id. */
static inline struct tagdb_device device_row(int64_t id)
{
    return (struct tagdb_device){.id = id,
                                 .slot = (uint32_t)id * 10,
                                 .name = "device",
                                 .enabled = true,
                                 .network_unit_id = 1,
                                 .network_max_write_registers = 123,
                                 .network_poll_interval_ms = 1000,
                                 .mqtt_topic = "d",
                                 .mqtt_qos = 1,
                                 .mqtt_payload_available = "on",
                                 .mqtt_payload_unavailable = "off",
                                 .status_table = -1};
}

/* An unsigned tag of one register at address `id`, in the slot after its device's. */
static inline struct tagdb_tag tag_row(int64_t device, int64_t id, const char *key)
{
    return (struct tagdb_tag){.id = id,
                              .device_id = device,
                              .slot = (uint32_t)(device * 10 + id % 10),
                              .name = key,
                              .enabled = true,
                              .direction = TO_MODBUS,
                              .mqtt_key = key,
                              .point = {.table = TABLE_HOLDING_REGISTER,
                                        .type = TYPE_UINT16,
                                        .bit = NO_BIT,
                                        .address = (uint16_t)id,
                                        .scale = 1}};
}

#endif
