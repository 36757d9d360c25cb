/* Sends SUBSCRIBE, UNSUBSCRIBE and PUBLISH, and takes the answers to them. */
#include <mqtt_protocol.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/broker/mqtt_session_internal.h"

void mqtt_session_on_suback(struct mosquitto *mosquitto, void *context, int number, int count,
                            const int *codes, const mosquitto_property *properties)
{
    struct mqtt_session *s = context;
    (void)mosquitto, (void)properties;
    s->asked -= s->asked > 0;
    s->quiet_ms = clock_steady_ms();
    s->hooks.suback(s->hooks.context, number, codes, (size_t)count);
    mqtt_session_send_waiting(s);
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

/* The library also calls it for a message of QoS 0, as soon as it is written to the socket. */
void mqtt_session_on_publish(struct mosquitto *mosquitto, void *context, int packet, int code,
                             const mosquitto_property *properties)
{
    struct mqtt_session *s = context;
    (void)mosquitto, (void)properties;
    struct publication *publication = publications_take_sent(&s->publications, packet);
    if (!publication)
        return;
    if (publication->number == s->birth)
        s->birth = 0;
    s->hooks.published(s->hooks.context, publication->number,
                       code >= 0x80 ? mosquitto_reason_string(code) : NULL);
    free(publication);
    mqtt_session_send_waiting(s);
}

/* PUBLISH_REFUSED: the message is removed and freed. */
static enum publish_result session_send_publication(struct mqtt_session *s,
                                                    struct publication *publication)
{
    int rc, packet = 0;
    if (publication->qos > s->available.qos)
        publication->qos = s->available.qos;
    /* The library may still apply the limit of an earlier broker. */
    do {
        rc = mosquitto_publish(s->mosquitto, &packet, publication->topic, (int)publication->len,
                               publication->payload, publication->qos, publication->retain);
    } while (rc == MOSQ_ERR_QOS_NOT_SUPPORTED && publication->qos-- > 0);
    if ((rc == MOSQ_ERR_SUCCESS || rc == MOSQ_ERR_NO_CONN) && packet != 0) {
        publications_set_sent(&s->publications, publication, packet, clock_steady_ms());
        return PUBLISH_SENT;
    }
    if (rc == MOSQ_ERR_NOMEM || rc == MOSQ_ERR_NO_CONN) {
        s->keeps_unsent |= publication->qos > 0;
        return PUBLISH_NO_MEMORY;
    }
    log_warning("cannot publish to %s: %s", publication->topic, mosquitto_strerror(rc));
    publications_remove(&s->publications, publication);
    free(publication);
    return PUBLISH_REFUSED;
}

static struct publication *session_next_unsent(const struct mqtt_session *s)
{
    uint64_t quiet_ms = s->asked > 0 ? UINT64_MAX : s->quiet_ms;
    if (s->state != SESSION_CONNECTED || s->keeps_unsent)
        return NULL;
    return publications_next_unsent(&s->publications, quiet_ms, clock_steady_ms());
}

void mqtt_session_send_waiting(struct mqtt_session *s)
{
    for (struct publication *at; (at = session_next_unsent(s));) {
        int number = at->number;
        enum publish_result result = session_send_publication(s, at);
        if (result == PUBLISH_REFUSED)
            s->hooks.published(s->hooks.context, number, "the MQTT library refuses it");
        /* The connection ends, and the next one begins with this message. */
        s->keeps_unsent |= result == PUBLISH_NO_MEMORY;
    }
}

enum publish_result mqtt_session_publish(struct mqtt_session *s, const char *topic,
                                         const char *payload, size_t len, int qos, bool retain,
                                         int *number)
{
    if (publications_is_refused(&s->publications, topic, clock_steady_ms()))
        return PUBLISH_BLOCKED;
    struct publication *publication =
        publications_add(&s->publications, topic, payload, len, qos, retain && s->available.retain);
    if (!publication)
        return PUBLISH_NO_MEMORY;
    /* Only an acknowledgement tells that the broker takes it. */
    if (s->publications.is_careful && qos == 0 && s->available.qos > 0)
        publication->qos = 1;
    *number = publication->qos > 0 || qos > 0 ? publication->number : 0;
    if (session_next_unsent(s) != publication)
        return PUBLISH_SENT;
    enum publish_result result = session_send_publication(s, publication);
    if (result == PUBLISH_NO_MEMORY) {
        publications_remove(&s->publications, publication);
        free(publication);
    }
    return result;
}

/* The message of QoS 2 is sent again with QoS 1: a broker that lacks QoS 2 cannot say so in MQTT
 * 3.1.1. */
static void session_lower_qos(struct mqtt_session *s, struct publication *culprit)
{
    char name[NET_TEXT_SIZE];
    log_warning("broker %s closes the connection after a message of QoS 2; using QoS 1",
                mqtt_session_broker_name(s, name));
    s->lacks_qos_2[s->broker % CONF_ADDRS_MAX] = true;
    culprit->qos = 1;
    publications_put_back(&s->publications, culprit);
}

static void session_drop_culprit(struct mqtt_session *s, struct publication *culprit)
{
    unsigned minutes = publications_refuse_topic(&s->publications, culprit, clock_steady_ms());
    log_warning("the broker closes the connection after a message to \"%s\"; this message is "
                "dropped, and others to this topic are refused for %u min",
                culprit->topic, minutes);
    for (; culprit; culprit = publications_take_refused(&s->publications, clock_steady_ms())) {
        if (culprit->number == s->birth)
            s->birth = 0;
        s->hooks.published(s->hooks.context, culprit->number,
                           "the broker closes the connection after it");
        free(culprit);
    }
}

void mqtt_session_review(struct mqtt_session *s,
                         enum publication_fate (*judge)(void *context,
                                                        const struct publication *publication),
                         void *context)
{
    s->searches |= publications_review(&s->publications, judge, context);
}

bool mqtt_session_search_publications(struct mqtt_session *s, bool by_broker)
{
    struct publication *culprit = NULL;
    uint64_t now = clock_steady_ms();
    by_broker = by_broker && s->asked == 0;
    enum publications_verdict verdict =
        publications_on_close(&s->publications, by_broker, &culprit, now);
    s->searches |= verdict != PUBLICATIONS_KEPT;
    if (culprit && culprit->qos > 1)
        session_lower_qos(s, culprit);
    else if (culprit)
        session_drop_culprit(s, culprit);
    return verdict >= PUBLICATIONS_SEARCHED;
}

void mqtt_session_announce(struct mqtt_session *s, const char *payload)
{
    int number = 0;
    /* The library keeps a message that the broker has not acknowledged, and sends it again. */
    if (!s->options.will_topic || s->will.is_left_out ||
        (s->birth != 0 && payload != s->options.will))
        return;
    if (mqtt_session_publish(s, s->options.will_topic, payload, strlen(payload), s->will.qos,
                             s->will.retain, &number) == PUBLISH_SENT)
        s->birth = s->will.qos > 0 ? number : 0;
}
