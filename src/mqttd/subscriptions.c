/* What the broker is asked to send, and what it answers. */
#include <mqtt_protocol.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/plural.h"
#include "mqttd/subscriber_inside.h"

enum { FILTERS_A_PACKET = 1000, FILTER_BYTES_A_PACKET = 60000 };

static void free_asked(struct asked *asked)
{
    for (size_t i = 0; i < asked->count; i++)
        free(asked->filters[i]);
    free(asked);
}

void subscriptions_forget(struct subscriber *s)
{
    while (s->asked) {
        struct asked *next = s->asked->next;
        free_asked(s->asked);
        s->asked = next;
    }
}

void subscriptions_answered(struct mosquitto *mosquitto, void *context, int number, int count,
                            const int *granted, const mosquitto_property *properties)
{
    struct subscriber *s = context;
    (void)mosquitto, (void)properties;
    struct asked **at = &s->asked;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    if (!*at)
        return;
    struct asked *asked = *at;
    *at = asked->next;
    for (size_t i = 0; i < asked->count && i < (size_t)count; i++) {
        bool refused = granted[i] >= 0x80;
        if (refused)
            log_warning("the broker refuses the subscription to \"%s\": %s", asked->filters[i],
                        mosquitto_reason_string(granted[i]));
        else
            s->granted++;
        if (asked->filters[i])
            s->hooks.subscribed(s->hooks.context, asked->filters[i], refused);
    }
    free_asked(asked);
    if (!s->asked) {
        log_info("subscribed to %zu topic%s", s->granted, plural(s->granted));
        s->granted = 0;
    }
}

static void remember_asked(struct subscriber *s, int number, char *const *filters, int count)
{
    struct asked *asked = calloc(1, sizeof *asked + (size_t)count * sizeof *asked->filters);
    if (!asked)
        return;
    for (asked->count = 0; asked->count < (size_t)count; asked->count++)
        asked->filters[asked->count] = strdup(filters[asked->count]);
    asked->number = number;
    asked->next = s->asked;
    s->asked = asked;
}

/* As many of the filters as one packet should hold. */
static int packet_count(const char *const *filters, size_t count)
{
    size_t bytes = 0, n = 0;
    while (n < count && n < FILTERS_A_PACKET &&
           (n == 0 || bytes + strlen(filters[n]) < FILTER_BYTES_A_PACKET))
        bytes += strlen(filters[n++]);
    return (int)n;
}

static int subscribe_packet(struct subscriber *s, const char *const *filters, int count, int qos,
                            int options)
{
    int number;
    char *const *part = (char *const *)(uintptr_t)filters;
    int rc = mosquitto_subscribe_multiple(s->mosquitto, &number, count, part, qos, options, NULL);
    if (rc == MOSQ_ERR_SUCCESS)
        remember_asked(s, number, part, count);
    return rc;
}

/* One filter that the library refuses must not take those of its packet with it. */
static void subscribe_singly(struct subscriber *s, const char *const *filters, int count, int qos,
                             int options)
{
    for (int i = 0; i < count; i++) {
        int rc = subscribe_packet(s, filters + i, 1, qos, options);
        if (rc != MOSQ_ERR_SUCCESS)
            log_warning("cannot subscribe to \"%s\": %s", filters[i], mosquitto_strerror(rc));
    }
}

void subscriber_subscribe(struct subscriber *s, const char *const *filters, size_t count, int qos,
                          bool retained)
{
    bool all = retained || s->options.version != MQTT_5;
    int options = all ? MQTT_SUB_OPT_SEND_RETAIN_ALWAYS : MQTT_SUB_OPT_SEND_RETAIN_NEW;
    /* In QoS 2 the library keeps a message to itself after the broker was told that it is here, and
     * takes it along when it is killed. A value that comes twice does no harm. */
    qos = qos > 1 ? 1 : qos;
    log_debug("subscribing to %zu topic%s", count, plural(count));
    while (count > 0) {
        int n = packet_count(filters, count);
        int rc = subscribe_packet(s, filters, n, qos, options);
        if (rc == MOSQ_ERR_MALFORMED_UTF8 || rc == MOSQ_ERR_INVAL)
            subscribe_singly(s, filters, n, qos, options);
        else if (rc != MOSQ_ERR_SUCCESS)
            log_warning("cannot subscribe to \"%s\" and others: %s", filters[0],
                        mosquitto_strerror(rc));
        filters += n;
        count -= (size_t)n;
    }
}

void subscriber_unsubscribe(struct subscriber *s, const char *const *filters, size_t count)
{
    while (count > 0) {
        int n = packet_count(filters, count);
        mosquitto_unsubscribe_multiple(s->mosquitto, NULL, n, (char *const *)(uintptr_t)filters,
                                       NULL);
        filters += n;
        count -= (size_t)n;
    }
}
