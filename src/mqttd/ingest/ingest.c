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
struct passage {
    struct flow *flow;
    struct live *live;
    const struct subscriber_message *message;
    struct payload payload;
    bool parsed;
    enum fault fault; /* of the JSON, once parsed */
    size_t fault_at;
    uint64_t wall_ms, steady_ms;
    struct device *device; /* whose feed is at hand */
    struct feed *feed;
    struct explain_entry entry; /* what becomes of the message there */
    uint64_t source_ms;         /* the message's own time, or 0 */
};

static enum live_outcome good_outcome(const struct passage *passage)
{
    return passage->message->retained ? LIVE_RETAINED : LIVE_GOOD;
}

static void note_live(struct passage *passage, struct tag *tag)
{
    if (!passage->message->retained)
        tag->live_ms = passage->steady_ms;
}

static void refuse_value(struct passage *passage, struct tag *tag, enum fault fault,
                         const struct scalar *scalar)
{
    char excerpt[LIVE_EXCERPT_SIZE];
    payload_excerpt(scalar, excerpt, sizeof excerpt);
    note_live(passage, tag);
    heard_value(passage->live, passage->feed, tag, LIVE_REFUSED);
    live_reject(passage->live, tag->slot, fault, excerpt, strlen(excerpt), passage->wall_ms);
    live_reject(passage->live, passage->device->slot, fault, excerpt, strlen(excerpt),
                passage->wall_ms);
    counters_add(passage->flow->counters, MQTTD_VALUES_REFUSED, 1);
    if (passage->entry.rejected++ == 0) {
        passage->entry.fault = (uint8_t)fault;
        passage->entry.fault_tag = tag->id;
    }
    refusal_log_value(passage->device, tag, fault, excerpt, passage->steady_ms);
    log_debug("%s/%s: %s: %s", passage->device->name, tag->name, fault_names[fault], excerpt);
}

static struct live_value times_of(const struct passage *passage)
{
    return (struct live_value){.wall_ms = passage->wall_ms,
                               .steady_ms = passage->steady_ms,
                               .source_ms = passage->source_ms};
}

static void put_value(struct passage *passage, struct tag *tag, const struct registers *registers)
{
    bool text = tag->point.type == TYPE_STRING;
    struct live_value value = times_of(passage);
    live_locate(&value, tag->settings, passage->device->unit, &tag->point);
    for (unsigned i = 0; !text && i < type_info[tag->point.type].registers; i++)
        value.raw |= (uint64_t)registers->words[i] << (16 * i);
    live_put(passage->live, tag->slot, &value, text ? registers->words : NULL, tag->point.length);
    tag->shows_stale = false;
    tag->has_value = true;
    note_live(passage, tag);
    heard_value(passage->live, passage->feed, tag, good_outcome(passage));
    passage->entry.written++;
    if (tag->command) {
        tag->command->bit_known = (int8_t)(registers->words[0] & 1);
        live_set_setpoint(passage->live, tag->slot, false);
    }
    target_mark(passage->device->target, tag->slot);
    counters_add(passage->flow->counters, MQTTD_VALUES, 1);
}

/* A setpoint that SCADA has written is not pushed back by what the device said before: for a while
 * by nothing, and by what the broker retains never. */
static bool is_held_off(const struct passage *passage, const struct tag *tag)
{
    struct live_row row;
    if (!tag->command)
        return false;
    if (passage->message->retained)
        return live_read(passage->live, tag->slot, live_owner(LIVE_TAG, tag->id), &row) &&
               row.is_setpoint;
    return tag->command->written_at_ms > 0 &&
           passage->steady_ms - tag->command->written_at_ms < tag->command->hold_off_ms;
}

/* A retained message is older than any live message since the connection, good or refused. */
static bool is_outdated(const struct passage *passage, const struct tag *tag)
{
    return passage->message->retained && tag->live_ms > 0 &&
           tag->live_ms >= passage->flow->connected_ms;
}

static void hold_value(struct passage *passage)
{
    passage->entry.held++;
    counters_add(passage->flow->counters, MQTTD_VALUES_HELD, 1);
}

/* A JSON null of a tag that wants on_stale for it. False when there is no on_stale to be put in. */
static bool put_null(struct passage *passage, struct tag *tag)
{
    const struct live_value times = times_of(passage);
    if (!stale_put(passage->flow->plant, passage->device, tag, &times))
        return false;
    tag->has_value = true;
    note_live(passage, tag);
    heard_value(passage->live, passage->feed, tag, LIVE_NULL);
    live_fault(passage->live, tag->slot, FAULT_NULL_VALUE, "null", 4, passage->wall_ms);
    if (tag->command)
        live_set_setpoint(passage->live, tag->slot, false);
    passage->entry.written++;
    counters_add(passage->flow->counters, MQTTD_VALUES, 1);
    return true;
}

static void take_scalar(struct passage *passage, uint32_t index, const struct scalar *scalar)
{
    struct tag *tag = &passage->device->tags[index];
    struct registers registers;
    enum fault fault = translate_in(&tag->point, tag->map, scalar, &registers);
    bool null = fault == FAULT_NULL_VALUE && tag->point.on_null == NULL_STALE &&
                tag->point.stale != STALE_HOLD;
    if (is_outdated(passage, tag) || ((fault == FAULT_NONE || null) && is_held_off(passage, tag)))
        hold_value(passage);
    else if (fault == FAULT_NONE)
        put_value(passage, tag, &registers);
    else if (!null || !put_null(passage, tag))
        refuse_value(passage, tag, fault, scalar);
}

/* Hits are gathered before any is used: the time stamp among them decides about the others. */
static void gather(void *context, uint32_t owner, const cJSON *item)
{
    struct flow *flow = context;
    if (flow->hit_count == flow->hit_room) {
        size_t room = flow->hit_room ? flow->hit_room * 2 : 64;
        struct flow_hit *hits = realloc(flow->hits, room * sizeof *hits);
        if (!hits) {
            flow->is_short = true;
            return;
        }
        flow->hits = hits;
        flow->hit_room = room;
    }
    flow->hits[flow->hit_count++] = (struct flow_hit){owner, item};
}

/* A device whose clock jumps ahead once would have all that it says later refused as old. */
enum { AHEAD_MAX_MS = 86400000 };

/* False when the message is older than another of the feed. Those of other feeds say nothing about
 * it: they may come from another clock, or another way. */
static bool take_time(struct passage *passage, struct feed *feed)
{
    const struct flow *flow = passage->flow;
    struct device *device = passage->device;
    struct scalar scalar;
    uint64_t source_ms;
    for (size_t i = 0; i < flow->hit_count; i++) {
        if (flow->hits[i].owner != KEY_OF_TIME)
            continue;
        payload_scalar(&passage->payload, flow->hits[i].item, &scalar);
        if (!source_time_read(&scalar, &source_ms) || source_ms > passage->wall_ms + AHEAD_MAX_MS)
            continue;
        /* A retained message may well be old, and says nothing about the clock. */
        if (passage->message->retained && source_ms < feed->source_ms)
            return false;
        uint64_t before = feed->source_ms;
        enum time_verdict verdict = time_line_take(feed, source_ms);
        if (verdict == TIME_OLDER)
            return false;
        if (verdict == TIME_BACK)
            log_warning("%s: the time stamps on %s went back by %llu s, %d messages in a row; the "
                        "new times count from here on",
                        device->name, passage->message->topic,
                        (unsigned long long)(before - source_ms) / 1000, TIME_LINE_ROW);
        passage->source_ms = source_ms;
        if (source_ms > device->source_ms || verdict == TIME_BACK)
            device->source_ms = source_ms;
    }
    return true;
}

static void take_hits(struct passage *passage)
{
    const struct flow *flow = passage->flow;
    struct scalar scalar;
    for (size_t i = 0; i < flow->hit_count; i++) {
        uint32_t owner = flow->hits[i].owner;
        if (owner == KEY_OF_TIME || passage->device->tags[owner].payload != PAYLOAD_JSON)
            continue;
        payload_scalar(&passage->payload, flow->hits[i].item, &scalar);
        take_scalar(passage, owner, &scalar);
    }
}

/* Tags that take the payload as one string all end at the root of the keys. */
static void take_text(struct passage *passage, const struct keys *keys)
{
    const struct subscriber_message *message = passage->message;
    const char *text = message->payload ? message->payload : "";
    struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = message->len};
    for (uint32_t at = keys->nodes[0].leaves; at != KEYS_NONE; at = keys->leaves[at].next) {
        uint32_t index = keys->leaves[at].owner;
        if (passage->device->tags[index].payload == PAYLOAD_TEXT)
            take_scalar(passage, index, &scalar);
    }
}

static enum fault parse_once(struct passage *passage)
{
    const struct subscriber_message *message = passage->message;
    if (!passage->parsed) {
        passage->fault = payload_parse(&passage->payload, message->payload, message->len,
                                       passage->flow->max_payload, &passage->fault_at);
        passage->flow->is_short = passage->payload.is_short;
        passage->parsed = !passage->payload.is_short;
    }
    return passage->fault;
}

static void refuse_message(struct passage *passage)
{
    const struct subscriber_message *message = passage->message;
    counters_add(passage->flow->counters, MQTTD_MESSAGES_REFUSED, 1);
    size_t from = passage->fault_at < message->len ? passage->fault_at : 0;
    live_reject(passage->live, passage->device->slot, passage->fault,
                message->len ? message->payload + from : "", message->len - from, passage->wall_ms);
    refusal_log_message(passage->device, message, passage->fault, passage->fault_at,
                        passage->steady_ms);
    log_debug("%s: %s at byte %zu of %zu on %s", passage->device->name, fault_names[passage->fault],
              passage->fault_at, message->len, message->topic);
}

/* The same for the device: it was heard live already. */
static bool is_old_news(const struct passage *passage)
{
    const struct device *device = passage->device;
    struct live_row row;
    return passage->message->retained && device->heard == LIVE_GOOD &&
           live_read(passage->live, device->slot, live_owner(LIVE_DEVICE, device->id), &row) &&
           row.value.steady_ms >= passage->flow->connected_ms;
}

/* The device's row counts a message once, however many of its feeds it reaches; what is nothing to
 * one of them may still be good for another. */
static void count_message(struct passage *passage, bool good)
{
    struct device *device = passage->device;
    uint64_t message = passage->flow->message;
    if (device->message != message)
        live_count(passage->live, device->slot);
    device->message = message;
    if (!good || device->heard_by == message || is_old_news(passage))
        return;
    device->heard_by = message;
    struct live_value value = times_of(passage);
    live_locate(&value, device->status_settings, device->status_unit, &device->status);
    value.raw = device->status_raw;
    value.source_ms = device->source_ms;
    device->heard = (uint8_t)good_outcome(passage);
    live_put(passage->live, device->slot, &value, NULL, 0);
}

static void begin_entry(struct passage *passage, const struct feed *feed)
{
    const struct subscriber_message *message = passage->message;
    struct explain_entry *entry = &passage->entry;
    *entry = (struct explain_entry){.wall_ms = passage->wall_ms,
                                    .device = feed ? feed->device->id : 0,
                                    .len = (uint32_t)message->len,
                                    .retained = message->retained,
                                    .verdict = feed ? EXPLAIN_TAKEN : EXPLAIN_NOBODY};
    memcpy(entry->topic, message->topic,
           utf8_cut(message->topic, strlen(message->topic), sizeof entry->topic - 1));
    if (message->len > 0)
        memcpy(entry->payload, message->payload,
               utf8_cut(message->payload, message->len, sizeof entry->payload - 1));
    if (feed)
        entry->tags = (uint16_t)(feed->tag_count < UINT16_MAX ? feed->tag_count : UINT16_MAX);
}

/* The names that are there, for someone who looks for one that is not. */
static void name_keys(struct passage *passage)
{
    char *text = passage->entry.keys;
    size_t room = sizeof passage->entry.keys, used = 0;
    const cJSON *each;
    if (!cJSON_IsObject(passage->payload.root))
        return;
    cJSON_ArrayForEach(each, passage->payload.root)
    {
        size_t needed = strlen(each->string) + (used > 0 ? 2 : 0);
        if (used + needed >= room)
            return;
        used += (size_t)sprintf(text + used, "%s%s", used > 0 ? ", " : "", each->string);
    }
}

_Static_assert((int)EXPLAIN_COUNT == (int)MQTTD_OUTCOME_ROWS, "a counter for each");

static void end_entry(struct passage *passage)
{
    struct explain_entry *entry = &passage->entry;
    if (entry->verdict == EXPLAIN_TAKEN &&
        entry->written + entry->rejected + entry->held < entry->tags)
        name_keys(passage);
    counters_add(passage->flow->counters, MQTTD_OUTCOMES + entry->verdict, 1);
    explain_add(passage->flow->explain, entry);
}

static void drop_old(struct passage *passage)
{
    passage->entry.verdict = EXPLAIN_OLD;
    if (!passage->message->retained)
        refusal_log_old(passage->device, passage->message, passage->steady_ms);
}

static void find_hits(struct passage *passage, const struct feed *feed)
{
    struct flow *flow = passage->flow;
    flow->hit_count = 0;
    if (passage->payload.root && !keys_walk(&feed->keys, passage->payload.root,
                                            passage->payload.ignored, &flow->scratch, gather, flow))
        flow->is_short = true;
}

/* False when the message was dropped. */
static bool take_json(struct passage *passage, struct feed *feed)
{
    bool taken = take_time(passage, feed);
    count_message(passage, taken);
    if (taken)
        take_hits(passage);
    else
        drop_old(passage);
    return taken;
}

static enum explain_verdict verdict_of(enum fault fault)
{
    return fault == FAULT_TOO_LARGE ? EXPLAIN_TOO_LARGE : EXPLAIN_NOT_JSON;
}

/* A retained message says nothing about a topic that was heard live since the broker is connected.
 */
static void conclude(struct passage *passage, struct feed *feed, enum live_outcome trouble)
{
    struct device *device = passage->device;
    bool outdated = passage->message->retained && !feed->has_wildcard && feed->live_ms > 0 &&
                    feed->live_ms >= passage->flow->connected_ms;
    if (!outdated && !(passage->message->retained && trouble == LIVE_OLD))
        heard_message(passage->live, feed, trouble);
    if (!passage->message->retained)
        feed->live_ms = passage->steady_ms;
    device->any_ms = passage->steady_ms;
    live_outcome(passage->live, device->slot, heard_outcome(device, false, passage->steady_ms));
}

static void take_values(struct passage *passage, struct feed *feed)
{
    enum live_outcome trouble = LIVE_NONE;
    enum fault fault = FAULT_NONE;
    if (passage->message->len > passage->flow->max_payload)
        fault = passage->fault = FAULT_TOO_LARGE;
    else if (feed->has_json || !feed->has_text)
        fault = parse_once(passage);
    if (fault == FAULT_NONE)
        find_hits(passage, feed);
    if (passage->flow->is_short)
        return; /* before anything of it is taken: it comes again, whole */
    bool text = feed->has_text && fault != FAULT_TOO_LARGE;
    if (text || fault != FAULT_NONE)
        count_message(passage, text);
    target_hold(passage->device->target);
    if (text)
        take_text(passage, &feed->keys);
    if (fault == FAULT_NONE && passage->payload.root && !take_json(passage, feed))
        trouble = LIVE_OLD;
    target_release(passage->device->target);
    if (fault != FAULT_NONE) {
        trouble = fault == FAULT_TOO_LARGE ? LIVE_REFUSED : LIVE_NOT_JSON;
        passage->entry.verdict = (uint8_t)verdict_of(fault);
        passage->entry.fault_at = (uint32_t)passage->fault_at;
        refuse_message(passage);
    }
    conclude(passage, feed, trouble);
}

static bool payload_is(const struct subscriber_message *message, const char *text)
{
    size_t len = strlen(text);
    return message->len == len && (len == 0 || memcmp(message->payload, text, len) == 0);
}

/* The log says it once: a device with JSON there, say, would never be seen to be away. */
static void note_strange(struct passage *passage)
{
    passage->entry.verdict = EXPLAIN_STRANGE;
    if (!passage->device->strange)
        log_warning("%s: what came on %s is neither payload_available, \"%s\", nor "
                    "payload_unavailable, \"%s\"",
                    passage->device->name, passage->message->topic,
                    passage->device->payload_available, passage->device->payload_unavailable);
    passage->device->strange = true;
}

/* What the device said last decides, whether by its word or by a will that the broker keeps. */
static void take_availability(struct passage *passage)
{
    struct device *device = passage->device;
    bool gone = payload_is(passage->message, device->payload_unavailable);
    if (!gone && !payload_is(passage->message, device->payload_available)) {
        note_strange(passage);
        return;
    }
    if (gone != device->unavailable)
        log_info("%s is %s", device->name, gone ? "unavailable" : "available");
    device->unavailable = gone;
    live_outcome(passage->live, device->slot, heard_outcome(device, false, passage->steady_ms));
}

static void take_feed(void *context, struct feed *feed)
{
    struct passage *passage = context;
    bool was_short = passage->flow->is_short;
    /* One of QoS 0 does not come again: the other feeds take what they can. */
    if (was_short && passage->message->qos > 0)
        return;
    passage->flow->is_short = false;
    passage->device = feed->device;
    passage->feed = feed;
    passage->source_ms = 0;
    begin_entry(passage, feed);
    if (feed->kind == FEED_AVAILABILITY)
        take_availability(passage);
    else
        take_values(passage, feed);
    if (!passage->flow->is_short)
        end_entry(passage);
    passage->flow->is_short |= was_short;
}

size_t flow_message(struct flow *flow, const struct subscriber_message *message)
{
    struct passage passage = {.flow = flow,
                              .live = flow->plant->live,
                              .message = message,
                              .wall_ms = clock_wall_ms(),
                              .steady_ms = clock_steady_ms()};
    flow->is_short = false;
    flow->message++;
    counters_add(flow->counters, MQTTD_MESSAGES, 1);
    counters_add(flow->counters, MQTTD_BYTES, message->len);
    size_t feeds = match_topic(flow->plant->match, message->topic, take_feed, &passage);
    payload_finish(&passage.payload);
    if (feeds == 0) {
        begin_entry(&passage, NULL);
        end_entry(&passage);
    }
    return feeds;
}

void flow_finish(struct flow *flow)
{
    keys_scratch_finish(&flow->scratch);
    free(flow->hits);
}
