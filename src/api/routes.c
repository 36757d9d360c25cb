/* Every route: method, path, the thread that serves it, body, query, handler. */
#include "api/routes.h"

#define API    "/api/v1"
#define DEVICE API "/devices/{device}"
#define TAG    DEVICE "/tags/{tag}"

static const struct route rows[] = {
    {METHOD_GET, API "/devices", LANE_REPORT, BODY_NONE, "quality reason q limit after",
     get_devices, false},
    {METHOD_POST, API "/devices", LANE_STORE, BODY_JSON, "", post_device, false},
    {METHOD_GET, DEVICE, LANE_INLINE, BODY_NONE, "", get_device, false},
    {METHOD_PUT, DEVICE, LANE_STORE, BODY_JSON, "", put_device, false},
    {METHOD_PATCH, DEVICE, LANE_STORE, BODY_PATCH, "", patch_device, false},
    {METHOD_DELETE, DEVICE, LANE_STORE, BODY_NONE, "", delete_device, false},
    {METHOD_GET, DEVICE "/network", LANE_INLINE, BODY_NONE, "", get_device_network, false},
    {METHOD_PUT, DEVICE "/network", LANE_STORE, BODY_JSON, "", put_device_network, false},
    {METHOD_GET, DEVICE "/mqtt", LANE_INLINE, BODY_NONE, "", get_device_mqtt, false},
    {METHOD_PUT, DEVICE "/mqtt", LANE_STORE, BODY_JSON, "", put_device_mqtt, false},
    {METHOD_GET, DEVICE "/status", LANE_INLINE, BODY_NONE, "", get_device_status, false},

    {METHOD_GET, DEVICE "/tags", LANE_INLINE, BODY_NONE, "limit after q", get_device_tags, false},
    {METHOD_POST, DEVICE "/tags", LANE_STORE, BODY_JSON, "", post_tag, false},
    {METHOD_GET, TAG, LANE_INLINE, BODY_NONE, "", get_tag, false},
    {METHOD_PUT, TAG, LANE_STORE, BODY_JSON, "", put_tag, false},
    {METHOD_PATCH, TAG, LANE_STORE, BODY_PATCH, "", patch_tag, false},
    {METHOD_DELETE, TAG, LANE_STORE, BODY_NONE, "", delete_tag, false},
    {METHOD_GET, TAG "/mqtt", LANE_INLINE, BODY_NONE, "", get_tag_mqtt, false},
    {METHOD_PUT, TAG "/mqtt", LANE_STORE, BODY_JSON, "", put_tag_mqtt, false},
    {METHOD_GET, TAG "/modbus", LANE_INLINE, BODY_NONE, "", get_tag_modbus, false},
    {METHOD_PUT, TAG "/modbus", LANE_STORE, BODY_JSON, "", put_tag_modbus, false},
    {METHOD_GET, TAG "/value", LANE_MODBUS, BODY_NONE, "", get_value, false},
    {METHOD_PUT, TAG "/value", LANE_MODBUS, BODY_JSON, "", put_value, false},

    {METHOD_GET, API "/tags", LANE_REPORT, BODY_NONE, "device table quality reason q limit after",
     get_tags, false},
    {METHOD_GET, API "/values", LANE_MODBUS, BODY_NONE, "device quality reason limit after",
     get_values, false},

    {METHOD_GET, API "/values/stream", LANE_INLINE, BODY_NONE, "device", get_values_stream, false},
    {METHOD_GET, API "/registers/{table}", LANE_MODBUS, BODY_NONE, "unit start count",
     get_registers, false},
    {METHOD_GET, API "/messages", LANE_REPORT, BODY_NONE, "device limit", get_messages, false},
    {METHOD_GET, API "/export", LANE_REPORT, BODY_NONE, "format", get_export, false},
    {METHOD_POST, API "/import", LANE_STORE, BODY_TABLE, "mode dry_run changes", post_import,
     false},

    {METHOD_GET, API "/audit", LANE_REPORT, BODY_NONE, "device limit after", get_audit, false},

    {METHOD_GET, API "/openapi.json", LANE_INLINE, BODY_NONE, "", get_openapi, false},
    {METHOD_GET, "/healthz", LANE_INLINE, BODY_NONE, "", get_healthz, true},
    {METHOD_GET, "/readyz", LANE_INLINE, BODY_NONE, "need", get_readyz, true},
    {METHOD_GET, "/metrics", LANE_REPORT, BODY_NONE, "", get_metrics, false},
};

const struct route_table routes = {rows, sizeof rows / sizeof rows[0]};
