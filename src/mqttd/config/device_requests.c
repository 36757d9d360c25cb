/* Goes through all devices once a second: few have a request, and most of those are not due. */
#include "mqttd/config/device_requests.h"

#include <string.h>

#include "common/base/log.h"

enum { REQUESTS_PER_CALL = 1000 };

void device_requests_restart(struct device_table *device_table)
{
    struct device *device = NULL;
    while ((device = device_table_next(device_table, device)))
        device->request.due_ms = 0;
}

/* False when out of memory. */
static bool device_request_publish(struct device *device, struct mqtt_session *mqtt_session,
                                   uint64_t now_ms)
{
    struct device_request *request = &device->request;
    int number;
    enum publish_result result =
        mqtt_session_publish(mqtt_session, request->topic, request->payload,
                             strlen(request->payload), request->qos, false, &number);
    if (result == PUBLISH_NO_MEMORY)
        return false;
    bool is_refused = result == PUBLISH_REFUSED || result == PUBLISH_BLOCKED;
    if (is_refused && !request->is_refused)
        log_warning("%s: the request on %s cannot be published", device->name, request->topic);
    request->is_refused = is_refused;
    /* An interval begins when the one before ends: a late turn delays no later request. */
    uint64_t interval_ms = (uint64_t)request->interval_s * 1000;
    bool is_regular = request->due_ms > 0 && now_ms - request->due_ms < interval_ms;
    request->due_ms = (is_regular ? request->due_ms : now_ms) + interval_ms;
    return true;
}

/* Continues behind the device whose request was the last: if more are due than one call publishes,
 * all have their turn. */
bool device_requests_publish(struct device_table *device_table, struct mqtt_session *mqtt_session,
                             uint64_t now_ms)
{
    unsigned count = 0;
    struct device *device = device_table_find(device_table, device_table->asked_last);
    for (size_t left = device_table->devices.count; left > 0 && count < REQUESTS_PER_CALL; left--) {
        device = device_table_next(device_table, device);
        if (!device)
            device = device_table_next(device_table, NULL);
        if (!device->request.topic || now_ms < device->request.due_ms)
            continue;
        if (!device_request_publish(device, mqtt_session, now_ms))
            return false;
        device_table->asked_last = device->id;
        count++;
    }
    return true;
}
