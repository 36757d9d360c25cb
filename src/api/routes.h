/* The table of routes. */
#ifndef TAGFERRY_API_ROUTES_H
#define TAGFERRY_API_ROUTES_H

#include "api/http/route.h"

extern const struct route_table routes;

/* Handlers, each in the file of its resource. */
handler handle_get_devices, handle_post_device, handle_get_device, handle_put_device,
    handle_patch_device, handle_delete_device;
handler handle_get_device_network, handle_put_device_network, handle_get_device_mqtt,
    handle_put_device_mqtt, handle_get_device_status;
handler handle_get_device_tags, handle_get_tags, handle_post_tag, handle_get_tag, handle_put_tag,
    handle_patch_tag, handle_delete_tag;
handler handle_get_tag_mqtt, handle_put_tag_mqtt, handle_get_tag_modbus, handle_put_tag_modbus;
handler get_value, put_value, get_values, get_values_stream, get_registers;
handler handle_get_export, handle_post_import, handle_get_audit, get_messages;
handler get_healthz, get_readyz, get_metrics, get_openapi;

#endif
