/* Every route: method, path, the thread that serves it, body, query, handler. */
#include "api/routes.h"

#define API    "/api/v1"
#define DEVICE API "/devices/{device}"
#define TAG    DEVICE "/tags/{tag}"

static const struct route route_rows[] = {
    {METHOD_GET, API "/devices", QUEUE_REPORT, BODY_NONE, "quality reason q limit after",
     handle_get_devices, false},
    {METHOD_POST, API "/devices", QUEUE_STORE, BODY_JSON, "", handle_post_device, false},
    {METHOD_GET, DEVICE, QUEUE_INLINE, BODY_NONE, "", handle_get_device, false},
    {METHOD_PUT, DEVICE, QUEUE_STORE, BODY_JSON, "", handle_put_device, false},
    {METHOD_PATCH, DEVICE, QUEUE_STORE, BODY_PATCH, "", handle_patch_device, false},
    {METHOD_DELETE, DEVICE, QUEUE_STORE, BODY_NONE, "", handle_delete_device, false},
    {METHOD_GET, DEVICE "/network", QUEUE_INLINE, BODY_NONE, "", handle_get_device_network, false},
    {METHOD_PUT, DEVICE "/network", QUEUE_STORE, BODY_JSON, "", handle_put_device_network, false},
    {METHOD_GET, DEVICE "/mqtt", QUEUE_INLINE, BODY_NONE, "", handle_get_device_mqtt, false},
    {METHOD_PUT, DEVICE "/mqtt", QUEUE_STORE, BODY_JSON, "", handle_put_device_mqtt, false},
    {METHOD_GET, DEVICE "/status", QUEUE_INLINE, BODY_NONE, "", handle_get_device_status, false},

    {METHOD_GET, DEVICE "/tags", QUEUE_INLINE, BODY_NONE, "limit after q", handle_get_device_tags,
     false},
    {METHOD_POST, DEVICE "/tags", QUEUE_STORE, BODY_JSON, "", handle_post_tag, false},
    {METHOD_GET, TAG, QUEUE_INLINE, BODY_NONE, "", handle_get_tag, false},
    {METHOD_PUT, TAG, QUEUE_STORE, BODY_JSON, "", handle_put_tag, false},
    {METHOD_PATCH, TAG, QUEUE_STORE, BODY_PATCH, "", handle_patch_tag, false},
    {METHOD_DELETE, TAG, QUEUE_STORE, BODY_NONE, "", handle_delete_tag, false},
    {METHOD_GET, TAG "/mqtt", QUEUE_INLINE, BODY_NONE, "", handle_get_tag_mqtt, false},
    {METHOD_PUT, TAG "/mqtt", QUEUE_STORE, BODY_JSON, "", handle_put_tag_mqtt, false},
    {METHOD_GET, TAG "/modbus", QUEUE_INLINE, BODY_NONE, "", handle_get_tag_modbus, false},
    {METHOD_PUT, TAG "/modbus", QUEUE_STORE, BODY_JSON, "", handle_put_tag_modbus, false},
    {METHOD_GET, TAG "/value", QUEUE_MODBUS, BODY_NONE, "", get_value, false},
    {METHOD_PUT, TAG "/value", QUEUE_MODBUS, BODY_JSON, "", put_value, false},

    {METHOD_GET, API "/tags", QUEUE_REPORT, BODY_NONE, "device table quality reason q limit after",
     handle_get_tags, false},
    {METHOD_GET, API "/values", QUEUE_MODBUS, BODY_NONE, "device quality reason limit after",
     get_values, false},

    {METHOD_GET, API "/values/stream", QUEUE_INLINE, BODY_NONE, "device", get_values_stream, false},
    {METHOD_GET, API "/registers/{table}", QUEUE_MODBUS, BODY_NONE, "unit start count",
     get_registers, false},
    {METHOD_GET, API "/messages", QUEUE_REPORT, BODY_NONE, "device limit", get_messages, false},
    {METHOD_GET, API "/export", QUEUE_REPORT, BODY_NONE, "format", handle_get_export, false},
    {METHOD_POST, API "/import", QUEUE_STORE, BODY_TABLE, "mode dry_run changes",
     handle_post_import, false},

    {METHOD_GET, API "/audit", QUEUE_REPORT, BODY_NONE, "device limit after", handle_get_audit,
     false},

    {METHOD_GET, API "/openapi.json", QUEUE_INLINE, BODY_NONE, "", get_openapi, false},
    {METHOD_GET, "/healthz", QUEUE_INLINE, BODY_NONE, "", get_healthz, true},
    {METHOD_GET, "/readyz", QUEUE_INLINE, BODY_NONE, "need", get_readyz, true},
    {METHOD_GET, "/metrics", QUEUE_REPORT, BODY_NONE, "", get_metrics, false},
};

const struct route_table routes = {route_rows, sizeof route_rows / sizeof route_rows[0]};
