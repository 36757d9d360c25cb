/* Sends SUBSCRIBE, UNSUBSCRIBE and PUBLISH, and takes the answers to them. */
#include <mqtt_protocol.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/require.h"
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
    REQUIRE(count >= 1 && count <= SUBSCRIPTIONS_PER_PACKET);
    REQUIRE(qos >= 0 && qos <= 1);
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
    /* A filter that the library refuses does not stop the others. */
    for (size_t i = 0; rc != MOSQ_ERR_SUCCESS && count > 1 && i < count; i++)
        mqtt_session_unsubscribe(s, filters + i, 1);
}

const char *mqtt_session_suback_reason(int code)
{
    return mosquitto_reason_string(code);
}

static void session_note_unconfirmed(struct mqtt_session *s, int number, bool unconfirmed)
{
    uint64_t *word = &s->unconfirmed.bits[(uint16_t)number / 64];
    uint64_t bit = 1ULL << (number % 64);
    if (((*word & bit) != 0) == unconfirmed)
        return;
    *word ^= bit;
    s->unconfirmed.count += unconfirmed ? 1 : (size_t)-1;
}

/* The library also calls it for a message of QoS 0, as soon as it is written to the socket. */
void mqtt_session_on_publish(struct mosquitto *mosquitto, void *context, int number, int code,
                             const mosquitto_property *properties)
{
    struct mqtt_session *s = context;
    (void)mosquitto, (void)properties;
    session_note_unconfirmed(s, number, false);
    if (number == s->birth)
        s->birth = 0;
    s->hooks.published(s->hooks.context, number,
                       code >= 0x80 ? mosquitto_reason_string(code) : NULL);
}

enum publish_result mqtt_session_publish(struct mqtt_session *s, const char *topic,
                                         const char *payload, size_t len, int qos, bool retain,
                                         int *number)
{
    int rc;
    qos = qos < s->available.qos ? qos : s->available.qos;
    retain = retain && s->available.retain;
    /* The library may still apply the limit of an earlier broker. */
    do {
        rc = mosquitto_publish(s->mosquitto, number, topic, (int)len, payload, qos, retain);
    } while (rc == MOSQ_ERR_QOS_NOT_SUPPORTED && qos-- > 0);
    if (rc == MOSQ_ERR_NOMEM) {
        s->keeps_unsent |= qos > 0;
        return PUBLISH_NO_MEMORY;
    }
    if (rc != MOSQ_ERR_SUCCESS && rc != MOSQ_ERR_NO_CONN) {
        log_warning("cannot publish to %s: %s", topic, mosquitto_strerror(rc));
        return PUBLISH_REFUSED;
    }
    if (qos > 0)
        session_note_unconfirmed(s, *number, true);
    return PUBLISH_SENT;
}

void mqtt_session_announce(struct mqtt_session *s, const char *payload)
{
    int number = 0;
    /* The library keeps a message that the broker has not acknowledged, and sends it again. */
    if (!s->options.will_topic || (s->birth != 0 && payload != s->options.will))
        return;
    if (mqtt_session_publish(s, s->options.will_topic, payload, strlen(payload), s->will.qos,
                             s->will.retain, &number) == PUBLISH_SENT)
        s->birth = s->will.qos > 0 ? number : 0;
}
