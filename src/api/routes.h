/* The table of routes. */
#ifndef TAGFERRY_API_ROUTES_H
#define TAGFERRY_API_ROUTES_H

#include "api/http/route.h"

extern const struct route_table routes;

/* Handlers, each in the file of its resource. */
handler get_devices, post_device, get_device, put_device, patch_device, delete_device;
handler get_device_network, put_device_network, get_device_mqtt, put_device_mqtt, get_device_status;
handler get_device_tags, get_tags, post_tag, get_tag, put_tag, patch_tag, delete_tag;
handler get_tag_mqtt, put_tag_mqtt, get_tag_modbus, put_tag_modbus;
handler get_value, put_value, get_values, get_values_stream, get_registers;
handler get_export, post_import, get_audit, get_messages;
handler get_healthz, get_readyz, get_metrics, get_openapi;

#endif
