/* The packets by which a mqtt_session asks for topics. */
#include <mqtt_protocol.h>

#include "common/base/log.h"
#include "mqttd/broker/mqtt_session_internal.h"

void mqtt_session_on_suback(struct mosquitto *mosquitto, void *context, int number, int count,
                            const int *codes, const mosquitto_property *properties)
{
    struct mqtt_session *s = context;
    (void)mosquitto, (void)properties;
    s->asked -= s->asked > 0;
    s->hooks.suback(s->hooks.context, number, codes, (size_t)count);
}

enum subscribe_result mqtt_session_subscribe(struct mqtt_session *s, const char *const *filters,
                                             size_t count, int qos, bool retained, int *number)
{
    bool all = retained || s->version != MQTT_VERSION_5;
    int options = all ? MQTT_SUB_OPT_SEND_RETAIN_ALWAYS : MQTT_SUB_OPT_SEND_RETAIN_NEW;
    int rc = mosquitto_subscribe_multiple(s->mosquitto, number, (int)count,
                                          (char *const *)(uintptr_t)filters, qos, options, NULL);
    bool later = rc == MOSQ_ERR_NO_CONN || rc == MOSQ_ERR_NOMEM;
    if (rc == MOSQ_ERR_SUCCESS) {
        s->asked++;
        return SUBSCRIBE_SENT;
    }
    if (count == 1 || later)
        log_warning("cannot subscribe to \"%s\"%s: %s", filters[0], count > 1 ? " and others" : "",
                    mosquitto_strerror(rc));
    return later ? SUBSCRIBE_LATER : SUBSCRIBE_IMPOSSIBLE;
}

void mqtt_session_unsubscribe(struct mqtt_session *s, const char *const *filters, size_t count)
{
    int rc = mosquitto_unsubscribe_multiple(s->mosquitto, NULL, (int)count,
                                            (char *const *)(uintptr_t)filters, NULL);
    /* One that the library refuses must not keep the others. */
    for (size_t i = 0; rc != MOSQ_ERR_SUCCESS && count > 1 && i < count; i++)
        mqtt_session_unsubscribe(s, filters + i, 1);
}

const char *mqtt_session_suback_reason(int code)
{
    return mosquitto_reason_string(code);
}
