/* The way in. */
#include "mqttd/flow.h"

#include <string.h>

#include "common/clock.h"
#include "common/log.h"
#include "mqttd/payload.h"
#include "mqttd/translate.h"

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
};

static enum live_outcome good_outcome(const struct passage *passage)
{
    return passage->message->retained ? LIVE_RETAINED : LIVE_GOOD;
}

static enum live_outcome device_outcome(const struct passage *passage)
{
    return passage->device->unavailable ? LIVE_UNAVAILABLE : good_outcome(passage);
}

/* Which bytes explain a refusal: the scalar's own. */
static void excerpt_of(const struct scalar *scalar, char text[LIVE_EXCERPT_SIZE])
{
    char number[VALUE_TEXT_SIZE] = "";
    const char *from = number;
    size_t len;
    switch (scalar->kind) {
    case SCALAR_NUMBER:
        value_format_double(scalar->number, number);
        break;
    case SCALAR_STRING:
        from = scalar->text;
        break;
    case SCALAR_BOOL:
        from = scalar->truth ? "true" : "false";
        break;
    case SCALAR_NULL:
        from = "null";
        break;
    case SCALAR_OTHER:
        from = "an array or object";
        break;
    }
    len = from == scalar->text ? scalar->len : strlen(from);
    if (len >= LIVE_EXCERPT_SIZE)
        len = LIVE_EXCERPT_SIZE - 1;
    memcpy(text, from, len);
    text[len] = '\0';
}

static void refuse_value(struct passage *passage, const struct tag *tag, enum fault fault,
                         const struct scalar *scalar)
{
    char excerpt[LIVE_EXCERPT_SIZE];
    excerpt_of(scalar, excerpt);
    live_message(passage->live, tag->slot, LIVE_REFUSED);
    live_reject(passage->live, tag->slot, fault, excerpt, strlen(excerpt), passage->wall_ms);
    live_reject(passage->live, passage->device->slot, fault, excerpt, strlen(excerpt),
                passage->wall_ms);
    counters_add(passage->flow->counters, MQTTD_VALUES_REFUSED, 1);
    log_debug("%s/%s: %s: %s", passage->device->name, tag->name, fault_names[fault], excerpt);
}

static void put_value(struct passage *passage, struct tag *tag, const struct registers *registers)
{
    bool text = tag->point.type == TYPE_STRING;
    struct live_value value = {
        .settings = tag->settings,
        .place = live_place(passage->device->unit, &tag->point),
        .wall_ms = passage->wall_ms,
        .steady_ms = passage->steady_ms,
    };
    for (unsigned i = 0; !text && i < type_info[tag->point.type].registers; i++)
        value.raw |= (uint64_t)registers->words[i] << (16 * i);
    live_put(passage->live, tag->slot, &value, text ? registers->words : NULL, tag->point.length);
    live_message(passage->live, tag->slot, good_outcome(passage));
    if (tag->command)
        tag->command->bit_known = (int8_t)(registers->words[0] & 1);
    target_mark(passage->device->target, tag->slot);
    counters_add(passage->flow->counters, MQTTD_VALUES, 1);
}

/* A setpoint that SCADA has just written is not pushed back by what the device said before. */
static bool is_held_off(const struct passage *passage, const struct tag *tag)
{
    if (!tag->command || tag->command->written_at_ms == 0)
        return false;
    return passage->message->retained ||
           passage->steady_ms - tag->command->written_at_ms < tag->command->hold_off_ms;
}

static void take_scalar(struct passage *passage, uint32_t index, const struct scalar *scalar)
{
    struct tag *tag = &passage->device->tags[index];
    struct registers registers;
    enum fault fault = translate_in(&tag->point, tag->map, scalar, &registers);
    if (fault != FAULT_NONE)
        refuse_value(passage, tag, fault, scalar);
    else if (!is_held_off(passage, tag))
        put_value(passage, tag, &registers);
}

static void take_item(void *context, uint32_t index, const struct cJSON *item)
{
    struct passage *passage = context;
    struct scalar scalar;
    if (passage->device->tags[index].payload != PAYLOAD_JSON)
        return;
    payload_scalar(&passage->payload, item, &scalar);
    take_scalar(passage, index, &scalar);
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
        passage->parsed = true;
        passage->fault = payload_parse(&passage->payload, message->payload, message->len,
                                       passage->flow->max_payload, &passage->fault_at);
        if (passage->fault != FAULT_NONE)
            counters_add(passage->flow->counters, MQTTD_MESSAGES_REFUSED, 1);
    }
    return passage->fault;
}

static void refuse_message(struct passage *passage)
{
    const struct subscriber_message *message = passage->message;
    size_t from = passage->fault_at < message->len ? passage->fault_at : 0;
    live_reject(passage->live, passage->device->slot, passage->fault,
                message->len ? message->payload + from : "", message->len - from, passage->wall_ms);
    log_debug("%s: %s at byte %zu of %zu on %s", passage->device->name, fault_names[passage->fault],
              passage->fault_at, message->len, message->topic);
}

/* The device's row counts a message once, however many of its feeds it reaches. */
static void count_message(struct passage *passage, bool good)
{
    struct device *device = passage->device;
    if (device->message == passage->flow->message)
        return;
    device->message = passage->flow->message;
    if (!good) {
        live_count(passage->live, device->slot);
        return;
    }
    struct live_value value = {.settings = device->status_settings,
                               .place = live_place(device->status_unit, &device->status),
                               .raw = device->status_raw,
                               .wall_ms = passage->wall_ms,
                               .steady_ms = passage->steady_ms};
    live_put(passage->live, device->slot, &value, NULL, 0);
    live_message(passage->live, device->slot, device_outcome(passage));
}

static void take_values(struct passage *passage, const struct feed *feed)
{
    enum fault fault = FAULT_NONE;
    if (feed->has_text && passage->message->len > passage->flow->max_payload)
        fault = passage->fault = FAULT_TOO_LARGE;
    else if (feed->has_json || !feed->has_text)
        fault = parse_once(passage);
    count_message(passage, fault == FAULT_NONE || (feed->has_text && fault != FAULT_TOO_LARGE));
    if (feed->has_text && fault != FAULT_TOO_LARGE)
        take_text(passage, &feed->keys);
    if (fault != FAULT_NONE)
        refuse_message(passage);
    else if (feed->has_json &&
             !keys_walk(&feed->keys, passage->payload.root, passage->payload.ignored,
                        &passage->flow->scratch, take_item, passage))
        log_error("no memory for a message of %s", passage->device->name);
}

static bool payload_is(const struct subscriber_message *message, const char *text)
{
    size_t len = strlen(text);
    return message->len == len && (len == 0 || memcmp(message->payload, text, len) == 0);
}

/* What the device said last decides, whether by its word or by a will that the broker keeps. */
static void take_availability(struct passage *passage)
{
    struct device *device = passage->device;
    struct live_row row;
    bool gone = payload_is(passage->message, device->payload_unavailable);
    if (!gone && !payload_is(passage->message, device->payload_available))
        return;
    if (gone != device->unavailable)
        log_debug("%s is %s", device->name, gone ? "unavailable" : "available");
    device->unavailable = gone;
    if (gone) {
        live_outcome(passage->live, device->slot, LIVE_UNAVAILABLE);
    } else if (live_read(passage->live, device->slot, live_owner(LIVE_DEVICE, device->id), &row) &&
               row.outcome == LIVE_UNAVAILABLE) {
        bool heard = row.value.wall_ms >= live_state(passage->live).started_wall_ms;
        live_outcome(passage->live, device->slot, heard ? LIVE_GOOD : LIVE_NONE);
    }
}

static void take_feed(void *context, struct feed *feed)
{
    struct passage *passage = context;
    passage->device = feed->device;
    if (feed->kind == FEED_AVAILABILITY)
        take_availability(passage);
    else
        take_values(passage, feed);
}

size_t flow_message(struct flow *flow, const struct subscriber_message *message)
{
    struct passage passage = {.flow = flow,
                              .live = flow->plant->live,
                              .message = message,
                              .wall_ms = clock_wall_ms(),
                              .steady_ms = clock_steady_ms()};
    flow->message++;
    counters_add(flow->counters, MQTTD_MESSAGES, 1);
    size_t feeds = match_topic(flow->plant->match, message->topic, take_feed, &passage);
    payload_finish(&passage.payload);
    return feeds;
}

void flow_finish(struct flow *flow)
{
    keys_scratch_finish(&flow->scratch);
}
