/* Searches the files of discoveries and the trace. */
#include "api/discovery/preview_source.h"

#include <string.h>

#include "api/base/request_memory.h"
#include "api/discovery/discovery_heard.h"
#include "common/base/clock.h"
#include "common/model/sparkplug_topic.h"
#include "common/model/topic.h"
#include "common/shared/message_trace.h"

/* What is looked for. */
struct preview_search {
    const struct record *device;
    const char *filter;
    const char *metric; /* or NULL */
    struct arena *arena;
    struct preview_source *source;
};

static bool same_part(const char *a, size_t a_len, const char *b, size_t b_len)
{
    return a_len == b_len && memcmp(a, b, a_len) == 0;
}

/* True when messages of the topic are the tag's. The metrics of a Sparkplug device are in all of
 * its topics. */
static bool preview_topic_matches(const struct preview_search *search, const char *topic)
{
    struct sparkplug_topic wanted, heard;
    if (topic_matches(topic_filter_body(search->filter), topic))
        return true;
    return search->metric && sparkplug_topic_read_family(search->filter, &wanted) &&
           sparkplug_topic_read(topic, &heard) && !wanted.device == !heard.device &&
           same_part(wanted.group, wanted.group_len, heard.group, heard.group_len) &&
           same_part(wanted.node, wanted.node_len, heard.node, heard.node_len) &&
           (!wanted.device ||
            same_part(wanted.device, wanted.device_len, heard.device, heard.device_len));
}

/* True when a message is to replace the one that was found before. */
static bool preview_is_better(const struct preview_source *source, bool is_whole, int64_t at_ms)
{
    bool had_whole = source->found && source->message.len == source->message.whole_len;
    if (!source->found || is_whole != had_whole)
        return !source->found || is_whole;
    return at_ms > source->at_ms;
}

static void preview_take_topic(const struct preview_search *search, const struct survey *survey,
                               const struct survey_topic *topic, int64_t discovery)
{
    struct preview_source *source = search->source;
    struct survey_key key = {0};
    const struct preview_message message = {topic->topic, topic->payload, topic->payload_len,
                                            topic->payload_whole_len};
    bool has_metric = search->metric && survey_find_key(survey, topic, search->metric, &key);
    if (search->metric ? !has_metric
                       : topic->payload_len == 0 && topic->format != SURVEY_NO_PAYLOAD)
        return;
    if (!preview_is_better(source, message.len == message.whole_len || has_metric,
                           topic->newest_ms) ||
        (!search->metric && !preview_message_is_meant(search->device, &message, search->arena)))
        return;
    *source = (struct preview_source){
        .found = true,
        .message = {.topic = arena_strdup(search->arena, message.topic),
                    .payload = arena_strndup(search->arena, message.payload, message.len),
                    .len = message.len,
                    .whole_len = message.whole_len},
        .at_ms = topic->newest_ms,
        .retained = topic->retained,
        .discovery = discovery,
        .has_metric = has_metric,
    };
    if (has_metric) /* the survey is closed before the metric is used */
        source->metric = (struct survey_key){
            .key = search->metric,
            .kinds = key.kinds,
            .sample = arena_strdup(search->arena, key.sample),
            .type = arena_strdup(search->arena, key.type),
        };
}

static void preview_search_discoveries(struct thread_ctx *thread_ctx,
                                       const struct preview_search *search)
{
    struct discovery all[DISCOVERY_ROWS_MAX];
    size_t count = discovery_store_list(thread_ctx->store, search->arena, all);
    for (size_t i = 0; i < count; i++) {
        struct discovery_heard heard;
        struct survey_topic topic;
        discovery_heard_read(&heard, thread_ctx, &all[i], (int64_t)clock_wall_ms(), search->arena);
        for (uint32_t at = 0; heard.survey && survey_read_topic(heard.survey, at, &topic); at++) {
            if (preview_topic_matches(search, topic.topic))
                preview_take_topic(search, heard.survey, &topic, all[i].id);
        }
        discovery_heard_finish(&heard);
    }
}

static void preview_release_trace(void *trace)
{
    message_trace_close(trace);
}

static void preview_search_trace(struct thread_ctx *thread_ctx, const struct preview_search *search)
{
    struct message_trace trace;
    struct memory_block guard;
    char why[SHM_WHY_SIZE];
    struct preview_source *source = search->source;
    if (!message_trace_open_reader(&trace, thread_ctx->settings->common.runtime_dir, why,
                                   sizeof why))
        return;
    memory_guard(&guard, preview_release_trace, &trace);
    uint64_t newest = message_trace_newest_sequence(&trace);
    for (uint64_t back = 0; back < TRACE_ENTRIES && back < newest; back++) {
        struct message_trace_entry entry;
        char payload[TRACE_PAYLOAD_SIZE];
        if (!message_trace_read_entry(&trace, newest - back, &entry, payload) ||
            !preview_topic_matches(search, entry.topic))
            continue;
        struct preview_message message = {entry.topic, payload, entry.kept, entry.len};
        bool is_whole = message.len == message.whole_len;
        /* Of messages that are cut, only tagferry-mqttd knows whose they are. */
        bool is_meant = is_whole ? preview_message_is_meant(search->device, &message, search->arena)
                                 : !record_field_text(search->device, DEVICE_WHERE) ||
                                       entry.device == search->device->id;
        if (!is_meant || !preview_is_better(source, is_whole, (int64_t)entry.wall_ms))
            continue;
        message.topic = arena_strdup(search->arena, message.topic);
        message.payload = arena_strndup(search->arena, message.payload, message.len);
        *source = (struct preview_source){.found = true,
                                          .message = message,
                                          .at_ms = (int64_t)entry.wall_ms,
                                          .retained = entry.retained};
        break; /* older ones tell less, even if they are not cut */
    }
    memory_unguard(&guard);
    message_trace_close(&trace);
}

void preview_source_find(struct thread_ctx *thread_ctx, const struct record *device,
                         const struct record *tag, struct arena *arena,
                         struct preview_source *source)
{
    bool is_metric = record_field_choice(&tag_resource, tag, TAG_PAYLOAD) == PAYLOAD_SPARKPLUG;
    const char *own = record_field_text(tag, TAG_TOPIC);
    const struct preview_search search = {
        .device = device,
        .filter = own ? own : record_field_text(device, DEVICE_TOPIC),
        .metric = is_metric ? record_field_text(tag, TAG_KEY) : NULL,
        .arena = arena,
        .source = source,
    };
    *source = (struct preview_source){0};
    preview_search_discoveries(thread_ctx, &search);
    if (!is_metric) /* the trace has only the bytes of Sparkplug messages */
        preview_search_trace(thread_ctx, &search);
}
