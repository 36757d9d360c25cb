/* Opens Sparkplug messages, and finds the tags that their metrics are of. */
#include "mqttd/ingest/sparkplug_inbox.h"

#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

void sparkplug_inbox_open(struct sparkplug_inbox *inbox, struct sparkplug_nodes *nodes,
                          const struct feed *feed, const struct mqtt_message *message,
                          size_t max_payload, uint64_t now_ms)
{
    REQUIRE(feed->is_sparkplug);
    if (!inbox->is_open) {
        *inbox = (struct sparkplug_inbox){.is_open = true};
        if (message->len > max_payload)
            inbox->fault = FAULT_TOO_LARGE;
        else if (!sparkplug_payload_decode(&inbox->payload, message->payload, message->len))
            inbox->fault = FAULT_INVALID_SPARKPLUG;
        if (inbox->payload.is_short)
            inbox->verdict = SPARKPLUG_NO_MEMORY;
    }
    if (inbox->is_noted || !feed->source || inbox->verdict == SPARKPLUG_NO_MEMORY)
        return;
    inbox->message.payload = inbox->fault == FAULT_NONE ? &inbox->payload : NULL;
    inbox->message.is_retained = message->retained;
    inbox->message.now_ms = now_ms;
    inbox->verdict = SPARKPLUG_IGNORED;
    if (sparkplug_topic_read(message->topic, &inbox->message.topic))
        inbox->verdict = sparkplug_nodes_take_message(nodes, feed->source, &inbox->message);
    inbox->is_noted = true;
}

bool sparkplug_inbox_is_meant(const struct sparkplug_inbox *inbox, const struct feed *feed)
{
    if (!feed->source)
        return inbox->verdict != SPARKPLUG_NO_MEMORY;
    return inbox->verdict == SPARKPLUG_TAKEN &&
           sparkplug_source_is_meant(feed->source, &inbox->message.topic);
}

bool sparkplug_inbox_is_death(const struct sparkplug_inbox *inbox)
{
    enum sparkplug_kind kind = inbox->message.topic.kind;
    return kind == SPARKPLUG_NDEATH || kind == SPARKPLUG_DDEATH;
}

bool sparkplug_inbox_is_data(const struct sparkplug_inbox *inbox)
{
    enum sparkplug_kind kind = inbox->message.topic.kind;
    return kind == SPARKPLUG_NDATA || kind == SPARKPLUG_DDATA;
}

void sparkplug_inbox_close(struct sparkplug_inbox *inbox)
{
    sparkplug_payload_finish(&inbox->payload);
    inbox->is_open = false;
}

/* Completes what the metric says of itself by its birth. False when its name is not known. */
static bool metric_find_birth(const struct sparkplug_source *source,
                              struct sparkplug_metric *metric)
{
    const struct sparkplug_birth_metric *born = NULL;
    if (source && metric->name)
        born = sparkplug_birth_find_name(source->birth, metric->name, metric->name_len);
    else if (source && metric->has_alias && source->is_born)
        born = sparkplug_birth_find_alias(source->birth, metric->alias);
    if (born && !metric->name) {
        metric->name = born->name;
        metric->name_len = born->name_len;
    }
    if (born && metric->type == SPARKPLUG_UNKNOWN)
        metric->type = born->type;
    return metric->name != NULL;
}

struct sparkplug_counts sparkplug_inbox_each_value(const struct sparkplug_inbox *inbox,
                                                   const struct feed *feed,
                                                   sparkplug_take_value *take, void *context)
{
    struct sparkplug_counts counts = {0};
    REQUIRE(inbox->is_open && inbox->fault == FAULT_NONE);
    for (size_t i = 0; i < inbox->payload.metric_count; i++) {
        struct sparkplug_metric metric;
        struct scalar scalar;
        char digits[SPARKPLUG_DIGITS_SIZE];
        sparkplug_payload_read_metric(&inbox->payload, i, &metric);
        if (!metric_find_birth(feed->source, &metric) ||
            !sparkplug_metric_read_scalar(&metric, metric.type, digits, &scalar)) {
            counts.unknown++;
            continue;
        }
        counts.known++;
        uint32_t at = metric_index_find(&feed->metrics, metric.name, metric.name_len);
        for (; at != METRIC_INDEX_NONE; at = feed->metrics.entries[at].next)
            take(context, feed->metrics.entries[at].owner, &metric, &scalar);
    }
    return counts;
}

void sparkplug_inbox_write_names(const struct sparkplug_inbox *inbox, char *text, size_t size)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < inbox->payload.metric_count; i++) {
        struct sparkplug_metric metric;
        sparkplug_payload_read_metric(&inbox->payload, i, &metric);
        size_t mark = used > 0 ? 2 : 0;
        if (!metric.name || !utf8_is_valid(metric.name, metric.name_len) ||
            memchr(metric.name, '\0', metric.name_len))
            continue;
        if (metric.name_len + mark >= size - used)
            return;
        memcpy(text + used, ", ", mark);
        memcpy(text + used + mark, metric.name, metric.name_len);
        used += mark + metric.name_len;
        text[used] = '\0';
    }
}
