/* The way in. */
#include "mqttd/ingest/ingest.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/json_text.h"
#include "common/base/log.h"
#include "mqttd/config/message_results.h"
#include "mqttd/config/on_stale.h"
#include "mqttd/config/refusal_log.h"
#include "mqttd/ingest/payload.h"
#include "mqttd/model/message_order.h"
#include "mqttd/model/source_time.h"
#include "mqttd/model/translate.h"

/* One message on its way. */
struct ingest_ctx {
    struct ingest *ingest;
    struct live_table *live;
    const struct mqtt_message *message;
    struct payload payload;
    bool parsed;
    enum fault fault; /* of the JSON, once parsed */
    size_t fault_at;
    uint64_t wall_ms, steady_ms;
    struct device *device; /* whose feed is at hand */
    struct feed *feed;
    struct message_trace_entry entry; /* what becomes of the message there */
    uint64_t source_ms;               /* the message's own time, or 0 */
};

static enum live_table_outcome ingest_good_outcome(const struct ingest_ctx *ingest_ctx)
{
    return ingest_ctx->message->retained ? LIVE_RETAINED : LIVE_GOOD;
}

static void ingest_note_live(struct ingest_ctx *ingest_ctx, struct tag *tag)
{
    if (!ingest_ctx->message->retained)
        tag->live_ms = ingest_ctx->steady_ms;
}

static void ingest_refuse_value(struct ingest_ctx *ingest_ctx, struct tag *tag, enum fault fault,
                                const struct scalar *scalar)
{
    char excerpt[LIVE_EXCERPT_SIZE];
    payload_write_excerpt(scalar, excerpt, sizeof excerpt);
    ingest_note_live(ingest_ctx, tag);
    message_results_add_value(ingest_ctx->live, ingest_ctx->feed, tag, LIVE_REFUSED);
    live_table_reject_value(ingest_ctx->live, tag->slot, fault, excerpt, strlen(excerpt),
                            ingest_ctx->wall_ms);
    live_table_reject_value(ingest_ctx->live, ingest_ctx->device->slot, fault, excerpt,
                            strlen(excerpt), ingest_ctx->wall_ms);
    counters_add(ingest_ctx->ingest->counters, MQTTD_VALUES_REFUSED, 1);
    if (ingest_ctx->entry.rejected++ == 0) {
        ingest_ctx->entry.fault = (uint8_t)fault;
        ingest_ctx->entry.fault_tag = tag->id;
    }
    refusal_log_value(ingest_ctx->device, tag, fault, excerpt, ingest_ctx->steady_ms);
    log_debug("%s/%s: %s: %s", ingest_ctx->device->name, tag->name, fault_names[fault], excerpt);
}

static struct live_table_value ingest_live_times(const struct ingest_ctx *ingest_ctx)
{
    return (struct live_table_value){.wall_ms = ingest_ctx->wall_ms,
                                     .steady_ms = ingest_ctx->steady_ms,
                                     .source_ms = ingest_ctx->source_ms};
}

static void ingest_put_value(struct ingest_ctx *ingest_ctx, struct tag *tag,
                             const struct codec_registers *registers)
{
    bool text = tag->point.type == TYPE_STRING;
    struct live_table_value value = ingest_live_times(ingest_ctx);
    live_table_set_location(&value, tag->settings, ingest_ctx->device->unit, &tag->point);
    for (unsigned i = 0; !text && i < type_info[tag->point.type].registers; i++)
        value.raw |= (uint64_t)registers->words[i] << (16 * i);
    live_table_put_value(ingest_ctx->live, tag->slot, &value, text ? registers->words : NULL,
                         tag->point.length);
    tag->shows_stale = false;
    tag->has_value = true;
    ingest_note_live(ingest_ctx, tag);
    message_results_add_value(ingest_ctx->live, ingest_ctx->feed, tag,
                              ingest_good_outcome(ingest_ctx));
    ingest_ctx->entry.written++;
    if (tag->command) {
        tag->command->bit_known = (int8_t)(registers->words[0] & 1);
        live_table_set_setpoint(ingest_ctx->live, tag->slot, false);
    }
    target_mark_dirty(ingest_ctx->device->target, tag->slot);
    counters_add(ingest_ctx->ingest->counters, MQTTD_VALUES, 1);
}

/* A setpoint that SCADA has written is not pushed back by what the device said before: for a while
 * by nothing, and by what the broker retains never. */
static bool ingest_is_held_off(const struct ingest_ctx *ingest_ctx, const struct tag *tag)
{
    struct live_table_row row;
    if (!tag->command)
        return false;
    if (ingest_ctx->message->retained)
        return live_table_read_row(ingest_ctx->live, tag->slot,
                                   live_table_make_owner(LIVE_TAG, tag->id), &row) &&
               row.is_setpoint;
    return tag->command->written_at_ms > 0 &&
           ingest_ctx->steady_ms - tag->command->written_at_ms < tag->command->hold_off_ms;
}

/* A retained message is older than any live message since the connection, good or refused. */
static bool ingest_is_outdated(const struct ingest_ctx *ingest_ctx, const struct tag *tag)
{
    return ingest_ctx->message->retained && tag->live_ms > 0 &&
           tag->live_ms >= ingest_ctx->ingest->connected_ms;
}

static void ingest_hold_value(struct ingest_ctx *ingest_ctx)
{
    ingest_ctx->entry.held++;
    counters_add(ingest_ctx->ingest->counters, MQTTD_VALUES_HELD, 1);
}

/* A JSON null of a tag that wants on_stale for it. False when there is no on_stale to be put in. */
static bool ingest_put_null(struct ingest_ctx *ingest_ctx, struct tag *tag)
{
    const struct live_table_value times = ingest_live_times(ingest_ctx);
    if (!on_stale_put_value(ingest_ctx->ingest->device_table, ingest_ctx->device, tag, &times))
        return false;
    tag->has_value = true;
    ingest_note_live(ingest_ctx, tag);
    message_results_add_value(ingest_ctx->live, ingest_ctx->feed, tag, LIVE_NULL);
    live_table_set_fault(ingest_ctx->live, tag->slot, FAULT_NULL_VALUE, "null", 4,
                         ingest_ctx->wall_ms);
    if (tag->command)
        live_table_set_setpoint(ingest_ctx->live, tag->slot, false);
    ingest_ctx->entry.written++;
    counters_add(ingest_ctx->ingest->counters, MQTTD_VALUES, 1);
    return true;
}

static void ingest_take_scalar(struct ingest_ctx *ingest_ctx, uint32_t index,
                               const struct scalar *scalar)
{
    struct tag *tag = &ingest_ctx->device->tags[index];
    struct codec_registers registers;
    enum fault fault = translate_to_registers(&tag->point, tag->map, scalar, &registers);
    bool null = fault == FAULT_NULL_VALUE && tag->point.on_null == NULL_STALE &&
                tag->point.stale != STALE_HOLD;
    if (ingest_is_outdated(ingest_ctx, tag) ||
        ((fault == FAULT_NONE || null) && ingest_is_held_off(ingest_ctx, tag)))
        ingest_hold_value(ingest_ctx);
    else if (fault == FAULT_NONE)
        ingest_put_value(ingest_ctx, tag, &registers);
    else if (!null || !ingest_put_null(ingest_ctx, tag))
        ingest_refuse_value(ingest_ctx, tag, fault, scalar);
}

/* Hits are gathered before any is used: the time stamp among them decides about the others. */
static void ingest_add_hit(void *context, uint32_t owner, const cJSON *item)
{
    struct ingest *ingest = context;
    if (ingest->hit_count == ingest->hit_room) {
        size_t room = ingest->hit_room ? ingest->hit_room * 2 : 64;
        struct ingest_hit *hits = realloc(ingest->hits, room * sizeof *hits);
        if (!hits) {
            ingest->is_short = true;
            return;
        }
        ingest->hits = hits;
        ingest->hit_room = room;
    }
    ingest->hits[ingest->hit_count++] = (struct ingest_hit){owner, item};
}

/* A device whose clock jumps ahead once would have all that it says later refused as old. */
enum { SOURCE_TIME_AHEAD_MAX_MS = 86400000 };

/* False when the message is older than another of the feed. Those of other feeds say nothing about
 * it: they may come from another clock, or another way. */
static bool ingest_take_time(struct ingest_ctx *ingest_ctx, struct feed *feed)
{
    const struct ingest *ingest = ingest_ctx->ingest;
    struct device *device = ingest_ctx->device;
    struct scalar scalar;
    uint64_t source_ms;
    for (size_t i = 0; i < ingest->hit_count; i++) {
        if (ingest->hits[i].owner != KEY_OWNER_TIMESTAMP)
            continue;
        payload_read_scalar(&ingest_ctx->payload, ingest->hits[i].item, &scalar);
        if (!source_time_read(&scalar, &source_ms) ||
            source_ms > ingest_ctx->wall_ms + SOURCE_TIME_AHEAD_MAX_MS)
            continue;
        /* A retained message may well be old, and says nothing about the clock. */
        if (ingest_ctx->message->retained && source_ms < feed->source_ms)
            return false;
        uint64_t before = feed->source_ms;
        enum message_order_verdict verdict = message_order_check(feed, source_ms);
        if (verdict == MESSAGE_ORDER_OLDER)
            return false;
        if (verdict == MESSAGE_ORDER_RESET)
            log_warning("%s: the time stamps on %s went back by %llu s, %d messages in a row; the "
                        "new times count from here on",
                        device->name, ingest_ctx->message->topic,
                        (unsigned long long)(before - source_ms) / 1000, MESSAGE_ORDER_RESET_COUNT);
        ingest_ctx->source_ms = source_ms;
        if (source_ms > device->source_ms || verdict == MESSAGE_ORDER_RESET)
            device->source_ms = source_ms;
    }
    return true;
}

static void ingest_take_hits(struct ingest_ctx *ingest_ctx)
{
    const struct ingest *ingest = ingest_ctx->ingest;
    struct scalar scalar;
    for (size_t i = 0; i < ingest->hit_count; i++) {
        uint32_t owner = ingest->hits[i].owner;
        if (owner == KEY_OWNER_TIMESTAMP || ingest_ctx->device->tags[owner].payload != PAYLOAD_JSON)
            continue;
        payload_read_scalar(&ingest_ctx->payload, ingest->hits[i].item, &scalar);
        ingest_take_scalar(ingest_ctx, owner, &scalar);
    }
}

/* Tags that take the payload as one string all end at the root of the keys. */
static void ingest_take_text(struct ingest_ctx *ingest_ctx, const struct key_tree *keys)
{
    const struct mqtt_message *message = ingest_ctx->message;
    const char *text = message->payload ? message->payload : "";
    struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = message->len};
    for (uint32_t at = keys->nodes[0].leaves; at != KEY_TREE_NONE; at = keys->leaves[at].next) {
        uint32_t index = keys->leaves[at].owner;
        if (ingest_ctx->device->tags[index].payload == PAYLOAD_TEXT)
            ingest_take_scalar(ingest_ctx, index, &scalar);
    }
}

static enum fault ingest_parse_once(struct ingest_ctx *ingest_ctx)
{
    const struct mqtt_message *message = ingest_ctx->message;
    if (!ingest_ctx->parsed) {
        ingest_ctx->fault = payload_parse(&ingest_ctx->payload, message->payload, message->len,
                                          ingest_ctx->ingest->max_payload, &ingest_ctx->fault_at);
        ingest_ctx->ingest->is_short = ingest_ctx->payload.is_short;
        ingest_ctx->parsed = !ingest_ctx->payload.is_short;
    }
    return ingest_ctx->fault;
}

static void ingest_refuse_message(struct ingest_ctx *ingest_ctx)
{
    const struct mqtt_message *message = ingest_ctx->message;
    counters_add(ingest_ctx->ingest->counters, MQTTD_MESSAGES_REFUSED, 1);
    size_t from = ingest_ctx->fault_at < message->len ? ingest_ctx->fault_at : 0;
    live_table_reject_value(ingest_ctx->live, ingest_ctx->device->slot, ingest_ctx->fault,
                            message->len ? message->payload + from : "", message->len - from,
                            ingest_ctx->wall_ms);
    refusal_log_message(ingest_ctx->device, message, ingest_ctx->fault, ingest_ctx->fault_at,
                        ingest_ctx->steady_ms);
    log_debug("%s: %s at byte %zu of %zu on %s", ingest_ctx->device->name,
              fault_names[ingest_ctx->fault], ingest_ctx->fault_at, message->len, message->topic);
}

/* The same for the device: it was heard live already. */
static bool ingest_is_device_outdated(const struct ingest_ctx *ingest_ctx)
{
    const struct device *device = ingest_ctx->device;
    struct live_table_row row;
    return ingest_ctx->message->retained && device->heard == LIVE_GOOD &&
           live_table_read_row(ingest_ctx->live, device->slot,
                               live_table_make_owner(LIVE_DEVICE, device->id), &row) &&
           row.value.steady_ms >= ingest_ctx->ingest->connected_ms;
}

/* The device's row counts a message once, however many of its feeds it reaches; what is nothing to
 * one of them may still be good for another. */
static void ingest_count_message(struct ingest_ctx *ingest_ctx, bool good)
{
    struct device *device = ingest_ctx->device;
    uint64_t message = ingest_ctx->ingest->message;
    if (device->message != message)
        live_table_count_message(ingest_ctx->live, device->slot);
    device->message = message;
    if (!good || device->good_message == message || ingest_is_device_outdated(ingest_ctx))
        return;
    device->good_message = message;
    struct live_table_value value = ingest_live_times(ingest_ctx);
    live_table_set_location(&value, device->status_settings, device->status_unit, &device->status);
    value.raw = device->status_raw;
    value.source_ms = device->source_ms;
    device->heard = (uint8_t)ingest_good_outcome(ingest_ctx);
    live_table_put_value(ingest_ctx->live, device->slot, &value, NULL, 0);
}

static void ingest_begin_trace(struct ingest_ctx *ingest_ctx, const struct feed *feed)
{
    const struct mqtt_message *message = ingest_ctx->message;
    struct message_trace_entry *entry = &ingest_ctx->entry;
    *entry = (struct message_trace_entry){.wall_ms = ingest_ctx->wall_ms,
                                          .device = feed ? feed->device->id : 0,
                                          .len = (uint32_t)message->len,
                                          .retained = message->retained,
                                          .verdict = feed ? TRACE_TAKEN : TRACE_NOBODY};
    memcpy(entry->topic, message->topic,
           utf8_prefix_len(message->topic, strlen(message->topic), sizeof entry->topic - 1));
    if (message->len > 0)
        memcpy(entry->payload, message->payload,
               utf8_prefix_len(message->payload, message->len, sizeof entry->payload - 1));
    if (feed)
        entry->tags = (uint16_t)(feed->tag_count < UINT16_MAX ? feed->tag_count : UINT16_MAX);
}

/* The names that are there, for someone who looks for one that is not. */
static void ingest_trace_keys(struct ingest_ctx *ingest_ctx)
{
    char *text = ingest_ctx->entry.keys;
    size_t room = sizeof ingest_ctx->entry.keys, used = 0;
    const cJSON *each;
    if (!cJSON_IsObject(ingest_ctx->payload.root))
        return;
    cJSON_ArrayForEach(each, ingest_ctx->payload.root)
    {
        size_t needed = strlen(each->string) + (used > 0 ? 2 : 0);
        if (used + needed >= room)
            return;
        used += (size_t)sprintf(text + used, "%s%s", used > 0 ? ", " : "", each->string);
    }
}

_Static_assert((int)TRACE_COUNT == (int)MQTTD_OUTCOME_ROWS, "a counter for each");

static void ingest_end_trace(struct ingest_ctx *ingest_ctx)
{
    struct message_trace_entry *entry = &ingest_ctx->entry;
    if (entry->verdict == TRACE_TAKEN &&
        entry->written + entry->rejected + entry->held < entry->tags)
        ingest_trace_keys(ingest_ctx);
    counters_add(ingest_ctx->ingest->counters, MQTTD_OUTCOMES + entry->verdict, 1);
    message_trace_add_entry(ingest_ctx->ingest->explain, entry);
}

static void ingest_drop_old(struct ingest_ctx *ingest_ctx)
{
    ingest_ctx->entry.verdict = TRACE_OLD;
    if (!ingest_ctx->message->retained)
        refusal_log_old(ingest_ctx->device, ingest_ctx->message, ingest_ctx->steady_ms);
}

static void ingest_find_hits(struct ingest_ctx *ingest_ctx, const struct feed *feed)
{
    struct ingest *ingest = ingest_ctx->ingest;
    ingest->hit_count = 0;
    if (ingest_ctx->payload.root &&
        !key_tree_walk(&feed->keys, ingest_ctx->payload.root, ingest_ctx->payload.ignored,
                       &ingest->scratch, ingest_add_hit, ingest))
        ingest->is_short = true;
}

/* False when the message was dropped. */
static bool ingest_take_json(struct ingest_ctx *ingest_ctx, struct feed *feed)
{
    bool taken = ingest_take_time(ingest_ctx, feed);
    ingest_count_message(ingest_ctx, taken);
    if (taken)
        ingest_take_hits(ingest_ctx);
    else
        ingest_drop_old(ingest_ctx);
    return taken;
}

static enum message_trace_verdict fault_trace_verdict(enum fault fault)
{
    return fault == FAULT_TOO_LARGE ? TRACE_TOO_LARGE : TRACE_NOT_JSON;
}

/* A retained message says nothing about a topic that was heard live since the broker is connected.
 */
static void ingest_finish_feed(struct ingest_ctx *ingest_ctx, struct feed *feed,
                               enum live_table_outcome trouble)
{
    struct device *device = ingest_ctx->device;
    bool outdated = ingest_ctx->message->retained && !feed->has_wildcard && feed->live_ms > 0 &&
                    feed->live_ms >= ingest_ctx->ingest->connected_ms;
    if (!outdated && !(ingest_ctx->message->retained && trouble == LIVE_OLD))
        message_results_add_message(ingest_ctx->live, feed, trouble);
    if (!ingest_ctx->message->retained)
        feed->live_ms = ingest_ctx->steady_ms;
    device->any_ms = ingest_ctx->steady_ms;
    live_table_set_outcome(ingest_ctx->live, device->slot,
                           message_results_outcome(device, false, ingest_ctx->steady_ms));
}

static void ingest_take_values(struct ingest_ctx *ingest_ctx, struct feed *feed)
{
    enum live_table_outcome trouble = LIVE_NONE;
    enum fault fault = FAULT_NONE;
    if (ingest_ctx->message->len > ingest_ctx->ingest->max_payload)
        fault = ingest_ctx->fault = FAULT_TOO_LARGE;
    else if (feed->has_json || !feed->has_text)
        fault = ingest_parse_once(ingest_ctx);
    if (fault == FAULT_NONE)
        ingest_find_hits(ingest_ctx, feed);
    if (ingest_ctx->ingest->is_short)
        return; /* before anything of it is taken: it comes again, whole */
    bool text = feed->has_text && fault != FAULT_TOO_LARGE;
    if (text || fault != FAULT_NONE)
        ingest_count_message(ingest_ctx, text);
    target_lock_rows(ingest_ctx->device->target);
    if (text)
        ingest_take_text(ingest_ctx, &feed->keys);
    if (fault == FAULT_NONE && ingest_ctx->payload.root && !ingest_take_json(ingest_ctx, feed))
        trouble = LIVE_OLD;
    target_unlock_rows(ingest_ctx->device->target);
    if (fault != FAULT_NONE) {
        trouble = fault == FAULT_TOO_LARGE ? LIVE_REFUSED : LIVE_NOT_JSON;
        ingest_ctx->entry.verdict = (uint8_t)fault_trace_verdict(fault);
        ingest_ctx->entry.fault_at = (uint32_t)ingest_ctx->fault_at;
        ingest_refuse_message(ingest_ctx);
    }
    ingest_finish_feed(ingest_ctx, feed, trouble);
}

static bool message_payload_is(const struct mqtt_message *message, const char *text)
{
    size_t len = strlen(text);
    return message->len == len && (len == 0 || memcmp(message->payload, text, len) == 0);
}

/* The log says it once: a device with JSON there, say, would never be seen to be away. */
static void ingest_note_unknown_word(struct ingest_ctx *ingest_ctx)
{
    ingest_ctx->entry.verdict = TRACE_STRANGE;
    if (!ingest_ctx->device->strange)
        log_warning("%s: what came on %s is neither payload_available, \"%s\", nor "
                    "payload_unavailable, \"%s\"",
                    ingest_ctx->device->name, ingest_ctx->message->topic,
                    ingest_ctx->device->payload_available, ingest_ctx->device->payload_unavailable);
    ingest_ctx->device->strange = true;
}

/* What the device said last decides, whether by its word or by a will that the broker keeps. */
static void ingest_take_availability(struct ingest_ctx *ingest_ctx)
{
    struct device *device = ingest_ctx->device;
    bool gone = message_payload_is(ingest_ctx->message, device->payload_unavailable);
    if (!gone && !message_payload_is(ingest_ctx->message, device->payload_available)) {
        ingest_note_unknown_word(ingest_ctx);
        return;
    }
    if (gone != device->unavailable)
        log_info("%s is %s", device->name, gone ? "unavailable" : "available");
    device->unavailable = gone;
    live_table_set_outcome(ingest_ctx->live, device->slot,
                           message_results_outcome(device, false, ingest_ctx->steady_ms));
}

static void ingest_take_feed(void *context, struct feed *feed)
{
    struct ingest_ctx *ingest_ctx = context;
    bool was_short = ingest_ctx->ingest->is_short;
    /* One of QoS 0 does not come again: the other feeds take what they can. */
    if (was_short && ingest_ctx->message->qos > 0)
        return;
    ingest_ctx->ingest->is_short = false;
    ingest_ctx->device = feed->device;
    ingest_ctx->feed = feed;
    ingest_ctx->source_ms = 0;
    ingest_begin_trace(ingest_ctx, feed);
    if (feed->kind == FEED_AVAILABILITY)
        ingest_take_availability(ingest_ctx);
    else
        ingest_take_values(ingest_ctx, feed);
    if (!ingest_ctx->ingest->is_short)
        ingest_end_trace(ingest_ctx);
    ingest_ctx->ingest->is_short |= was_short;
}

size_t ingest_message(struct ingest *ingest, const struct mqtt_message *message)
{
    struct ingest_ctx ingest_ctx = {.ingest = ingest,
                                    .live = ingest->device_table->live,
                                    .message = message,
                                    .wall_ms = clock_wall_ms(),
                                    .steady_ms = clock_steady_ms()};
    ingest->is_short = false;
    ingest->message++;
    counters_add(ingest->counters, MQTTD_MESSAGES, 1);
    counters_add(ingest->counters, MQTTD_BYTES, message->len);
    size_t feeds = topic_tree_match_topic(ingest->device_table->topic_tree, message->topic,
                                          ingest_take_feed, &ingest_ctx);
    payload_finish(&ingest_ctx.payload);
    if (feeds == 0) {
        ingest_begin_trace(&ingest_ctx, NULL);
        ingest_end_trace(&ingest_ctx);
    }
    return feeds;
}

void ingest_finish(struct ingest *ingest)
{
    key_tree_scratch_finish(&ingest->scratch);
    free(ingest->hits);
}
