/* Puts the values of messages into live rows and marks them for their targets. */
#include "mqttd/ingest/ingest_internal.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json_text.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/message/translate.h"
#include "common/model/payload_format.h"
#include "common/model/topic.h"
#include "mqttd/config/message_results.h"
#include "mqttd/config/on_stale.h"
#include "mqttd/config/refusal_log.h"
#include "mqttd/model/message_order.h"
#include "mqttd/model/source_time.h"
#include "mqttd/targets/target.h"

/* Starts the trace of the message in a feed; NULL: no feed matches its topic. */
static void ingest_begin_trace(struct ingest_ctx *ctx, const struct feed *feed)
{
    const struct mqtt_message *message = ctx->message;
    struct message_trace_entry *entry = &ctx->entry;
    *entry = (struct message_trace_entry){.wall_ms = ctx->wall_ms,
                                          .device = feed ? feed->device->id : 0,
                                          .len = (uint32_t)message->len,
                                          .retained = message->retained,
                                          .verdict = feed ? TRACE_TAKEN : TRACE_NOBODY};
    memcpy(entry->topic, message->topic,
           utf8_prefix_len(message->topic, strlen(message->topic), sizeof entry->topic - 1));
    if (feed)
        entry->tags = (uint16_t)(feed->tag_count < UINT16_MAX ? feed->tag_count : UINT16_MAX);
}

_Static_assert((int)TRACE_COUNT == (int)MQTTD_OUTCOME_ROWS, "a counter for each verdict");

/* Counts the message by its result and adds the entry to the trace. */
static void ingest_end_trace(struct ingest_ctx *ctx)
{
    struct message_trace_entry *entry = &ctx->entry;
    const cJSON *names = NULL, *each;
    size_t used = 0;
    /* A tag had no value: list the names that the message has. */
    if (entry->verdict == TRACE_TAKEN &&
        entry->written + entry->rejected + entry->held < entry->tags &&
        cJSON_IsObject(ctx->payload.root))
        names = ctx->payload.root;
    cJSON_ArrayForEach(each, names)
    {
        size_t needed = strlen(each->string) + (used > 0 ? 2 : 0);
        if (used + needed >= sizeof entry->keys)
            break;
        used += (size_t)sprintf(entry->keys + used, "%s%s", used > 0 ? ", " : "", each->string);
    }
    counters_add(ctx->ingest->counters, MQTTD_OUTCOMES + entry->verdict, 1);
    message_trace_add_entry(ctx->ingest->message_trace, entry, ctx->message->payload);
}

void ingest_refuse_value(struct ingest_ctx *ctx, struct tag *tag, enum fault fault,
                         const struct scalar *scalar)
{
    const struct device *device = ctx->device;
    char excerpt[LIVE_EXCERPT_SIZE];
    payload_write_excerpt(scalar, excerpt, sizeof excerpt);
    message_results_add_value(ctx->live, ctx->feed, tag,
                              fault == FAULT_BAD_QUALITY ? LIVE_BAD_QUALITY : LIVE_REFUSED);
    live_table_reject_value(ctx->live, tag->slot, fault, excerpt, strlen(excerpt), ctx->wall_ms);
    live_table_reject_value(ctx->live, device->slot, fault, excerpt, strlen(excerpt), ctx->wall_ms);
    counters_add(ctx->ingest->counters, MQTTD_VALUES_REFUSED, 1);
    if (ctx->entry.rejected++ == 0) {
        ctx->entry.fault = (uint8_t)fault;
        ctx->entry.fault_tag = tag->id;
    }
    refusal_log_value(ctx->device, tag, fault, excerpt, ctx->steady_ms);
    log_debug("%s/%s: %s: %s", device->name, tag->name, fault_names[fault], excerpt);
}

static void ingest_put_value(struct ingest_ctx *ctx, struct tag *tag,
                             struct codec_registers *registers)
{
    enum ingest_write verdict =
        tag->write_terms ? ingest_judge_write(ctx, tag, registers) : INGEST_WRITE_AT_ONCE;
    struct live_table_value value = {
        .wall_ms = ctx->wall_ms, .steady_ms = ctx->steady_ms, .source_ms = ctx->source_ms};
    live_table_set_registers(&value, tag->settings, ctx->device->unit, &tag->point,
                             registers->words);
    uint64_t changed = live_table_put_value(
        ctx->live, tag->slot, &value, tag->point.type == TYPE_STRING ? registers->words : NULL,
        tag->point.length);
    tag->shows_stale = false;
    tag->has_value = true;
    message_results_add_value(ctx->live, ctx->feed, tag, ctx->good_outcome);
    if (tag->command) {
        tag->command->part_known = (uint8_t)registers->words[0];
        live_table_set_setpoint(ctx->live, tag->slot, false);
    }
    ingest_mark_row(ctx, tag, verdict, changed);
    counters_add(ctx->ingest->counters, MQTTD_VALUES, 1);
    ctx->entry.written++;
}

/* Puts the on_stale value of a tag for a JSON null. False when on_stale of the tag is "hold". */
static bool ingest_put_null(struct ingest_ctx *ctx, struct tag *tag)
{
    const struct live_table_value times = {
        .wall_ms = ctx->wall_ms, .steady_ms = ctx->steady_ms, .source_ms = ctx->source_ms};
    if (!on_stale_put_value(ctx->ingest->device_table, ctx->device, tag, &times))
        return false;
    tag->has_value = true;
    message_results_add_value(ctx->live, ctx->feed, tag, LIVE_NULL);
    live_table_set_fault(ctx->live, tag->slot, FAULT_NULL_VALUE, "null", 4, ctx->wall_ms);
    if (tag->command)
        live_table_set_setpoint(ctx->live, tag->slot, false);
    counters_add(ctx->ingest->counters, MQTTD_VALUES, 1);
    ctx->entry.written++;
    return true;
}

/* True when the value may be older than SCADA's last write, which it must not replace: any message
 * within hold_off_ms after the write, or while its command waits for min_interval_ms, and a
 * retained message at any time, except after a setpoint that has waited at the broker for longer.
 */
static bool ingest_is_held_off(const struct ingest_ctx *ctx, const struct tag *tag)
{
    struct live_table_row row;
    if (ctx->message->retained)
        return live_table_read_row(ctx->live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id),
                                   &row) &&
               ((row.is_setpoint && !row.is_settled) ||
                ctx->steady_ms < tag->command->written_at_ms);
    return tag->command->written_at_ms > 0 &&
           ctx->steady_ms < tag->command->written_at_ms + tag->command->hold_off_ms;
}

/* True if the tag's value in this message is good, by the quality that the message says of it. Else
 * `quality` is what it says instead. */
static bool ingest_quality_is_good(const struct ingest_ctx *ctx, const struct tag *tag,
                                   struct scalar *quality)
{
    static const char missing[] = "no quality";
    if (!tag->quality_key)
        return true;
    *quality = (struct scalar){.kind = SCALAR_STRING, .text = missing, .len = strlen(missing)};
    if (tag->quality_message == ctx->ingest->message)
        payload_read_scalar(&ctx->payload, tag->quality, quality);
    return value_is_good_quality(quality);
}

/* Notes the qualities among the hits, before any value is taken. */
static void ingest_note_qualities(const struct ingest_ctx *ctx)
{
    const struct ingest *ingest = ctx->ingest;
    for (size_t i = 0; i < ingest->hits.count; i++) {
        uint32_t owner = ingest->hits.item[i].owner;
        if (!key_owner_is_quality(owner))
            continue;
        struct tag *tag = &ctx->device->tags[owner & ~KEY_OWNER_QUALITY];
        tag->quality = ingest->hits.item[i].item;
        tag->quality_message = ingest->message;
    }
}

/* Puts, holds or refuses the value of one tag. Call it with the rows of the device's target locked.
 */
void ingest_take_scalar(struct ingest_ctx *ctx, uint32_t index, const struct scalar *scalar)
{
    REQUIRE(index < ctx->device->tag_count);
    struct tag *tag = &ctx->device->tags[index];
    struct codec_registers registers;
    struct scalar quality;
    enum fault fault = FAULT_BAD_QUALITY;
    if (ingest_quality_is_good(ctx, tag, &quality))
        fault = translate_to_registers(&tag->point, &tag->reading, scalar, &registers);
    else
        scalar = &quality;
    bool is_null = fault == FAULT_NULL_VALUE && tag->point.on_null == NULL_STALE &&
                   tag->point.stale != STALE_HOLD;
    /* A retained message is older than any live message of this connection, good or refused. */
    bool is_outdated =
        ctx->message->retained && tag->live_ms > 0 && tag->live_ms >= ctx->ingest->connected_ms;
    if (is_outdated ||
        (tag->command && (fault == FAULT_NONE || is_null) && ingest_is_held_off(ctx, tag))) {
        counters_add(ctx->ingest->counters, MQTTD_VALUES_HELD, 1);
        ctx->entry.held++;
        return;
    }
    if (!ctx->message->retained)
        tag->live_ms = ctx->steady_ms;
    if (fault == FAULT_NONE)
        ingest_put_value(ctx, tag, &registers);
    else if (!is_null || !ingest_put_null(ctx, tag))
        ingest_refuse_value(ctx, tag, fault, scalar);
}

/* Collects all hits before any is used: if one is the time stamp, the use of the others depends on
 * it.
 */
void ingest_add_hit(void *context, uint32_t owner, const cJSON *item)
{
    struct ingest *ingest = context;
    struct ingest_hit hit = {owner, item};
    if (!ARRAY_PUSH(&ingest->hits, hit))
        ingest->is_short = true;
}

/* Parses the message, once for all that need its JSON. ingest->is_short when out of memory. */
enum fault ingest_parse(struct ingest_ctx *ctx)
{
    const struct mqtt_message *message = ctx->message;
    struct ingest *ingest = ctx->ingest;
    if (message->len > ingest->max_payload)
        return ctx->fault = FAULT_TOO_LARGE;
    if (!ctx->parsed) {
        ctx->fault = payload_parse(&ctx->payload, message->payload, message->len,
                                   ingest->max_payload, &ctx->fault_at);
        ingest->is_short = ctx->payload.is_short;
        ctx->parsed = !ctx->payload.is_short;
    }
    return ctx->fault;
}

/* Finds the keys of the feed in the message. ingest->is_short when out of memory. */
static enum fault ingest_find_hits(struct ingest_ctx *ctx)
{
    struct ingest *ingest = ctx->ingest;
    bool needs_json = ctx->feed->has_json || !ctx->feed->has_text;
    ingest->hits.count = 0;
    if (ctx->message->len > ingest->max_payload)
        return ctx->fault = FAULT_TOO_LARGE;
    if (needs_json && ingest_parse(ctx) != FAULT_NONE)
        return ctx->fault;
    if (ctx->payload.root && !payload_find_keys(&ctx->payload, &ctx->feed->keys, &ingest->scratch,
                                                ingest_add_hit, ingest))
        ingest->is_short = true;
    return FAULT_NONE;
}

/* Reads the time stamp among the hits. False when the message is older than the newest one of the
 * feed. Messages of other feeds do not count: they may come from another clock, or by a slower
 * route. */
static bool ingest_take_time(struct ingest_ctx *ctx)
{
    const struct ingest *ingest = ctx->ingest;
    struct device *device = ctx->device;
    struct feed *feed = ctx->feed;
    for (size_t i = 0; i < ingest->hits.count; i++) {
        struct scalar scalar;
        uint64_t source_ms, before = feed->source_ms;
        if (ingest->hits.item[i].owner != KEY_OWNER_TIMESTAMP)
            continue;
        payload_read_scalar(&ctx->payload, ingest->hits.item[i].item, &scalar);
        if (!source_time_read(&scalar, &source_ms) ||
            source_ms > ctx->wall_ms + SOURCE_TIME_AHEAD_MAX_MS)
            continue;
        /* An old retained message does not mean that the clock was set back. */
        if (ctx->message->retained && source_ms < before)
            return false;
        enum message_order_verdict verdict = message_order_check(feed, source_ms, ctx->steady_ms);
        if (verdict == MESSAGE_ORDER_OLDER)
            return false;
        if (verdict == MESSAGE_ORDER_RESET)
            log_warning("%s: the time stamps on %s went back by %llu s in %d consecutive messages; "
                        "using the new times from now on",
                        device->name, ctx->message->topic,
                        (unsigned long long)(before - source_ms) / 1000, MESSAGE_ORDER_RESET_COUNT);
        ctx->source_ms = source_ms;
        if (source_ms > device->source_ms || verdict == MESSAGE_ORDER_RESET)
            device->source_ms = source_ms;
    }
    return true;
}

/* Counts the message in the device's row, once for all of its feeds. A message that is invalid for
 * one feed may still be good for another. */
void ingest_count_message(struct ingest_ctx *ctx, bool good)
{
    struct device *device = ctx->device;
    uint64_t number = ctx->ingest->message;
    struct live_table_row row;
    if (device->message != number)
        live_table_count_message(ctx->live, device->slot);
    device->message = number;
    if (!good || device->good_message == number)
        return;
    /* A retained message is older than a live one of this connection. */
    if (ctx->message->retained && device->heard == LIVE_GOOD &&
        live_table_read_row(ctx->live, device->slot, live_table_make_owner(LIVE_DEVICE, device->id),
                            &row) &&
        row.value.steady_ms >= ctx->ingest->connected_ms)
        return;
    device->good_message = number;
    struct live_table_value value = {.raw = device->status_raw,
                                     .wall_ms = ctx->wall_ms,
                                     .steady_ms = ctx->steady_ms,
                                     .source_ms = device->source_ms};
    live_table_set_location(&value, device->status_settings, device->status_unit, &device->status);
    device->heard = (uint8_t)ctx->good_outcome;
    live_table_put_value(ctx->live, device->slot, &value, NULL, 0);
}

/* Records a fault of the message as a whole. Returns its outcome for the feed. */
enum live_table_outcome ingest_refuse_message(struct ingest_ctx *ctx)
{
    const struct mqtt_message *message = ctx->message;
    bool is_too_large = ctx->fault == FAULT_TOO_LARGE;
    bool is_sparkplug = ctx->feed->is_sparkplug;
    const struct payload_sample payload = {.topic = message->topic,
                                           .bytes = message->payload,
                                           .len = message->len,
                                           .total = message->len};
    ctx->refusal = ctx->fault;
    payload_format_write_excerpt(&payload, ctx->fault_at, ctx->excerpt, sizeof ctx->excerpt);
    ctx->entry.verdict = is_too_large ? TRACE_TOO_LARGE : TRACE_NOT_JSON;
    ctx->entry.fault_tag = 0; /* a tag that is a text may have a fault of its own */
    if (is_sparkplug && !is_too_large) {
        ctx->entry.verdict = ctx->fault == FAULT_NO_BIRTH ? TRACE_NO_BIRTH : TRACE_NOT_SPARKPLUG;
        ctx->entry.fault = (uint8_t)ctx->fault;
    }
    ctx->entry.fault_at = (uint32_t)ctx->fault_at;
    counters_add(ctx->ingest->counters, MQTTD_MESSAGES_REFUSED, 1);
    live_table_reject_value(ctx->live, ctx->device->slot, ctx->fault, ctx->excerpt,
                            strlen(ctx->excerpt), ctx->wall_ms);
    refusal_log_message(ctx->device, message, ctx->fault, ctx->fault_at, ctx->steady_ms);
    log_debug("%s: %s at byte %zu of %zu on %s", ctx->device->name, fault_names[ctx->fault],
              ctx->fault_at, message->len, message->topic);
    return is_too_large || is_sparkplug ? LIVE_REFUSED : LIVE_NOT_JSON;
}

/* Notes the result of a message with values, for the feed and for the device. */
void ingest_note_failure(struct ingest_ctx *ctx, enum live_table_outcome failure)
{
    const struct mqtt_message *message = ctx->message;
    const struct ingest *ingest = ctx->ingest;
    struct device *device = ctx->device;
    struct feed *feed = ctx->feed;

    /* A retained message does not change the state of a topic that had a live message on this
     * connection. */
    bool is_outdated = message->retained && !feed->has_wildcard && feed->live_ms > 0 &&
                       feed->live_ms >= ingest->connected_ms;
    if (!is_outdated && !(message->retained && failure == LIVE_OLD))
        message_results_add_message(ctx->live, feed, failure);
    if (!is_outdated && (failure == LIVE_NOT_JSON || failure == LIVE_REFUSED))
        message_results_add_fault(ctx->live, feed, ctx->refusal, ctx->excerpt, ctx->wall_ms);
    if (!message->retained)
        feed->live_ms = ctx->steady_ms;
    device->any_ms = ctx->steady_ms;
    live_table_set_outcome(ctx->live, device->slot,
                           message_results_outcome(device, false, ctx->steady_ms));
}

/* Takes a message for a feed with values, from its bytes to the rows of its tags. */
static void ingest_take_values(struct ingest_ctx *ctx)
{
    const struct mqtt_message *message = ctx->message;
    const struct ingest *ingest = ctx->ingest;
    struct device *device = ctx->device;
    struct feed *feed = ctx->feed;
    enum live_table_outcome failure = LIVE_NONE;
    struct scalar scalar;

    /* When out of memory, no value of the message is used: the broker sends it again. */
    enum fault fault = ingest_find_hits(ctx);
    if (ingest->is_short)
        return;

    bool is_text = feed->has_text && fault != FAULT_TOO_LARGE;
    if (is_text || fault != FAULT_NONE)
        ingest_count_message(ctx, is_text);
    target_lock_rows(device->target);

    /* Tags whose value is the whole payload as text. Their keys end at the root of the tree. */
    const struct key_leaf *leaves = feed->keys.leaves;
    uint32_t at = is_text ? feed->keys.nodes[0].leaves : KEY_TREE_NONE;
    for (; at != KEY_TREE_NONE; at = leaves[at].next) {
        uint32_t owner = leaves[at].owner;
        scalar = (struct scalar){.kind = SCALAR_STRING,
                                 .text = message->payload ? message->payload : "",
                                 .len = message->len};
        if (owner < KEY_OWNER_QUALITY && device->tags[owner].payload == PAYLOAD_TEXT)
            ingest_take_scalar(ctx, owner, &scalar);
    }

    /* Tags whose value is in the JSON, unless the message is old by its time stamp. */
    if (fault == FAULT_NONE && ctx->payload.root) {
        bool is_new = ingest_take_time(ctx);
        ingest_count_message(ctx, is_new);
        if (feed->has_quality)
            ingest_note_qualities(ctx);
        for (size_t i = ingest->hits.count; is_new && i-- > 0;) { /* in the payload's order */
            uint32_t owner = ingest->hits.item[i].owner;
            if (owner >= KEY_OWNER_QUALITY || device->tags[owner].payload != PAYLOAD_JSON)
                continue;
            payload_read_scalar(&ctx->payload, ingest->hits.item[i].item, &scalar);
            ingest_take_scalar(ctx, owner, &scalar);
        }
        if (!is_new) {
            failure = LIVE_OLD;
            ctx->entry.verdict = TRACE_OLD;
            if (!message->retained)
                refusal_log_old(device, message, ctx->steady_ms);
        }
    }
    target_unlock_rows(device->target);
    if (fault != FAULT_NONE)
        failure = ingest_refuse_message(ctx);
    ingest_note_failure(ctx, failure);
}

static void ingest_take_feed(void *context, struct feed *feed)
{
    struct ingest_ctx *ctx = context;
    struct ingest *ingest = ctx->ingest;
    bool was_short = ingest->is_short;
    /* After a lack of memory in another feed the broker sends the message again, except with QoS 0.
     */
    if (was_short && ctx->message->qos > 0)
        return;
    ingest->is_short = false;
    ctx->taken++;
    ctx->device = feed->device;
    ctx->feed = feed;
    ctx->source_ms = 0;
    if (!feed->is_sparkplug || ingest_open_sparkplug(ctx)) {
        ingest_begin_trace(ctx, feed);
        if (feed->kind == FEED_AVAILABILITY)
            ingest_take_availability(ctx);
        else if (!feed->is_sparkplug)
            ingest_take_values(ctx);
        else if (!sparkplug_inbox_is_death(&ingest->sparkplug_inbox))
            ingest_take_sparkplug(ctx);
        if (!ingest->is_short)
            ingest_end_trace(ctx);
    }
    ingest->is_short |= was_short;
}

static void ingest_read_scalar(void *context, const cJSON *item, struct scalar *scalar)
{
    struct ingest_ctx *ctx = context;
    payload_read_scalar(&ctx->payload, item, scalar);
}

static bool ingest_find_keys(void *context, const struct key_tree *keys, key_tree_found *found,
                             void *found_context)
{
    struct ingest_ctx *ctx = context;
    return payload_find_keys(&ctx->payload, keys, &ctx->ingest->scratch, found, found_context);
}

/* Hands the message to the devices whose conditions it meets. */
static void ingest_take_where(void *context, const struct where_index *index)
{
    struct ingest_ctx *ctx = context;
    struct ingest *ingest = ctx->ingest;
    bool was_short = ingest->is_short;
    if (was_short && ctx->message->qos > 0)
        return;
    ingest->is_short = false;
    if (ingest_parse(ctx) == FAULT_NONE && !ingest->is_short) {
        const struct where_reader reader = {.context = ctx,
                                            .find = ingest_find_keys,
                                            .read = ingest_read_scalar,
                                            .take = ingest_take_feed};
        if (!where_index_match(index, &reader))
            ingest->is_short = true;
    }
    ingest->is_short |= was_short;
}

/* RabbitMQ delivers a topic with a slash for each dot. To unsubscribe from it would end the
 * subscription with the dot. False when the topic is not such a one. */
static bool ingest_restore_dots(struct ingest *ingest, const char *topic,
                                char restored[TOPIC_BYTES_MAX + 1])
{
    if (strlen(topic) > TOPIC_BYTES_MAX ||
        !subscriptions_restore_topic(ingest->device_table->subscriptions, topic, restored))
        return false;
    if (!ingest->has_restored_dots)
        log_info(
            "the broker delivers dots in topics as slashes: taking \"%s\" for \"%s\", and likewise "
            "others",
            topic, restored);
    ingest->has_restored_dots = true;
    return true;
}

size_t ingest_message(struct ingest *ingest, const struct mqtt_message *message)
{
    REQUIRE(message->payload || message->len == 0);
    char restored[TOPIC_BYTES_MAX + 1];
    struct mqtt_message with_dots = *message;
    struct ingest_ctx ctx = {
        .ingest = ingest,
        .live = ingest->device_table->live,
        .message = message,
        .good_outcome = message->retained ? LIVE_RETAINED : LIVE_GOOD,
        .wall_ms = clock_wall_ms(),
        .steady_ms = clock_steady_ms(),
    };
    ingest->is_short = false;
    ingest->message++;
    counters_add(ingest->counters, MQTTD_MESSAGES, 1);
    counters_add(ingest->counters, MQTTD_BYTES, message->len);
    const struct topic_visitor visitor = {
        .context = &ctx, .take = ingest_take_feed, .take_where = ingest_take_where};
    const struct topic_tree *topic_tree = ingest->device_table->topic_tree;
    size_t matched = topic_tree_match_topic(topic_tree, message->topic, &visitor);
    if (matched == 0 && ingest_restore_dots(ingest, message->topic, restored)) {
        with_dots.topic = restored;
        ctx.message = &with_dots;
        matched = topic_tree_match_topic(topic_tree, restored, &visitor);
    }
    payload_finish(&ctx.payload);
    if (ingest->sparkplug_inbox.is_open)
        sparkplug_inbox_close(&ingest->sparkplug_inbox);
    if (ctx.taken == 0 && !ingest->is_short) {
        ingest_begin_trace(&ctx, NULL);
        if (matched > 0)
            ctx.entry.verdict = ctx.fault == FAULT_NONE        ? TRACE_NOT_SELECTED
                                : ctx.fault == FAULT_TOO_LARGE ? TRACE_TOO_LARGE
                                                               : TRACE_NOT_JSON;
        ctx.entry.fault_at = (uint32_t)ctx.fault_at;
        ingest_end_trace(&ctx);
    }
    return matched;
}

void ingest_finish(struct ingest *ingest)
{
    key_tree_scratch_finish(&ingest->scratch);
    free(ingest->hits.item);
}
