/* Hands the values and setpoints of a device over to the gateway that holds it now.
 *
 * The gateway that the device leaves publishes each value below the topic of the other one,
 * retained: the other one may learn later that the device is its own. That one puts the value into
 * the register, with its times and its quality, unless it has a newer one. It clears the message
 * some seconds later: a second gateway of its name has the value then, too. A setpoint stays at the
 * broker, where it belongs from now on. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/hash.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/config/message_results.h"
#include "mqttd/mirror/mirror_internal.h"

enum {
    HANDOVER_MESSAGES_MAX = 500000, /* that wait to be sent */
    HANDOVER_CLEAR_MS = 10000,      /* after which a message that was taken is cleared */
    HANDOVER_AWAITED_MAX = 1000     /* names of devices that this gateway does not have yet */
};

/* Messages to send. */

static bool handover_push(struct handover_queue *queue, const char *topic, const char *payload,
                          size_t len, uint64_t due_ms)
{
    size_t size = strlen(topic) + 1;
    struct handover_message message = {.due_ms = due_ms, .len = len, .topic = malloc(size + len)};
    if (message.topic && len > 0)
        memcpy(message.topic + size, payload, len);
    if (message.topic)
        memcpy(message.topic, topic, size);
    if (message.topic && ARRAY_PUSH(&queue->messages, message))
        return true;
    free(message.topic);
    return false;
}

static void handover_send_queue(struct mirror *mirror, struct handover_queue *queue,
                                uint64_t now_ms)
{
    while (queue->first < queue->messages.count && mirror_may_send(mirror)) {
        struct handover_message *message = &queue->messages.item[queue->first];
        const char *payload = message->topic + strlen(message->topic) + 1;
        if (message->due_ms > now_ms ||
            !mirror_send(mirror, message->topic, message->len > 0 ? payload : NULL, message->len))
            return;
        free(message->topic);
        queue->first++;
    }
    if (queue->first < queue->messages.count)
        return;
    free(queue->messages.item);
    *queue = (struct handover_queue){0};
}

void mirror_send_handovers(struct mirror *mirror, uint64_t now_ms)
{
    handover_send_queue(mirror, &mirror->handover.out, now_ms);
    handover_send_queue(mirror, &mirror->handover.taken, now_ms);
}

uint64_t mirror_handover_due_ms(const struct mirror *mirror)
{
    const struct handover_queue *out = &mirror->handover.out, *taken = &mirror->handover.taken;
    if (out->first < out->messages.count)
        return 0;
    return taken->first < taken->messages.count ? taken->messages.item[taken->first].due_ms
                                                : UINT64_MAX;
}

static void handover_finish_queue(struct handover_queue *queue)
{
    for (size_t i = queue->first; i < queue->messages.count; i++)
        free(queue->messages.item[i].topic);
    free(queue->messages.item);
}

void mirror_finish_handover(struct mirror *mirror)
{
    struct handover *handover = &mirror->handover;
    handover_finish_queue(&handover->out);
    handover_finish_queue(&handover->taken);
    for (size_t i = 0; i < handover->awaited.count; i++)
        free(handover->awaited.item[i]);
    free(handover->awaited.item);
    hash_table_finish(&handover->by_name);
    free(handover->named);
}

/* The gateway that the device leaves. */

/* Makes the message of what the row of the tag holds. False when there is nothing to hand over. */
static bool handover_make_message(struct mirror *mirror, const struct device *device,
                                  const struct tag *tag)
{
    struct mirror_message *message = &mirror->message;
    const struct mirror_record *record = tag->command ? tag->command->mirror : NULL;
    const char *from = record && record->stamp > 0 ? record->from : mirror->own;
    struct live_table_row row;
    if (!live_table_read_row(mirror->spec.device_table->live, tag->slot,
                             live_table_make_owner(LIVE_TAG, tag->id), &row) ||
        row.changed == 0 || row.value.settings != tag->settings || direction_is_own(tag->direction))
        return false;
    *message = (struct mirror_message){.point = tag->point, .count = point_width(&tag->point)};
    snprintf(message->device, sizeof message->device, "%s", device->name);
    snprintf(message->tag, sizeof message->tag, "%s", tag->name);
    snprintf(message->from, sizeof message->from, "%s", from);
    live_table_unpack_words(&row, message->words);
    if (tag->command && (row.is_setpoint || tag->direction == TO_MQTT)) {
        /* One of unknown age is older than any other. */
        message->stamp = record && record->stamp > 0 ? record->stamp : 1;
        message->is_expired = tag->command->expiry.is_expired;
        return true;
    }
    message->stamp = mirror_stamp_now(mirror);
    message->is_value = true;
    message->wall_ms = row.value.wall_ms;
    message->source_ms = row.value.source_ms;
    message->outcome = (uint8_t)(tag->shows_stale ? LIVE_REPLACED : tag->heard);
    return row.value.wall_ms > 0;
}

void mirror_hand_over(void *context, const struct device *device, const char *gateway)
{
    struct mirror *mirror = context;
    struct handover_queue *out = &mirror->handover.out;
    char levels[MIRROR_LEVELS_SIZE], topic[MIRROR_TOPIC_SIZE + MIRROR_LEVELS_SIZE];
    size_t count = 0, lost = 0;
    /* A foreign server is the same for both gateways. */
    for (uint32_t i = 0; !device->host && i < device->tag_count; i++) {
        const struct tag *tag = &device->tags[i];
        if (!handover_make_message(mirror, device, tag) ||
            !mirror_message_write_levels(device->name, tag->name, levels))
            continue;
        size_t len = mirror_message_write(&mirror->message, mirror->payload);
        snprintf(topic, sizeof topic, "%s/%s/%s", mirror->spec.topic, gateway, levels);
        bool has_room = out->messages.count - out->first < HANDOVER_MESSAGES_MAX;
        if (len > 0 && has_room && handover_push(out, topic, mirror->payload, len, 0))
            count++;
        else
            lost++;
    }
    if (count > 0)
        log_debug("%s: %zu values are handed over to %s", device->name, count, gateway);
    if (lost > 0)
        log_warning("%s: %zu values are not handed over to %s: out of memory, or too many",
                    device->name, lost, gateway);
}

/* The gateway that holds the device now. */

/* Brings the index of names to the devices in service. False when out of memory. */
static bool handover_index_names(struct mirror *mirror)
{
    const struct device_table *device_table = mirror->spec.device_table;
    struct handover *handover = &mirror->handover;
    size_t at = 0;
    if (handover->named && handover->generation == device_table->generation)
        return true;
    free(handover->named);
    hash_table_finish(&handover->by_name);
    handover->named = calloc(device_table->devices.count + 1, sizeof *handover->named);
    if (!handover->named || !hash_table_init(&handover->by_name)) {
        free(handover->named);
        handover->named = NULL;
        handover->by_name = (struct hash_table){0};
        return false;
    }
    for (struct device *device = device_table_next(device_table, NULL); device;
         device = device_table_next(device_table, device)) {
        handover->named[at].device = device;
        hash_table_add(&handover->by_name, &handover->named[at++].node,
                       hash32_add_text(HASH32_START, device->name));
    }
    handover->generation = device_table->generation;
    handover->cursor = 0;
    return true;
}

static struct device *handover_find_device(const struct handover *handover, const char *name)
{
    uint32_t hash = hash32_add_text(HASH32_START, name);
    for (struct hash_node *at = hash_table_chain(&handover->by_name, hash); at; at = at->next) {
        struct device *device = ((struct named_device *)at)->device;
        if (at->hash == hash && strcmp(device->name, name) == 0)
            return device;
    }
    return NULL;
}

/* The messages come in the order of the device's tags. */
static struct tag *handover_find_tag(struct handover *handover, const struct device *device,
                                     const char *name)
{
    for (uint32_t i = 0; i < device->tag_count; i++) {
        uint32_t at = (handover->cursor + i) % device->tag_count;
        if (strcmp(device->tags[at].name, name) != 0)
            continue;
        handover->cursor = at + 1;
        return &device->tags[at];
    }
    return NULL;
}

/* Remembers a device of whose tags values have come, and that this gateway does not have. */
static void handover_await(struct handover *handover, const char *device)
{
    for (size_t i = 0; i < handover->awaited.count; i++) {
        if (strcmp(handover->awaited.item[i], device) == 0)
            return;
    }
    char *copy = handover->awaited.count < HANDOVER_AWAITED_MAX ? strdup(device) : NULL;
    if (copy && !ARRAY_PUSH(&handover->awaited, copy))
        free(copy);
}

bool mirror_has_awaited(struct mirror *mirror)
{
    struct handover *handover = &mirror->handover;
    size_t kept = 0;
    if (handover->awaited.count == 0 || !handover_index_names(mirror))
        return false;
    size_t before = handover->awaited.count;
    for (size_t i = 0; i < before; i++) {
        if (handover_find_device(handover, handover->awaited.item[i]))
            free(handover->awaited.item[i]);
        else
            handover->awaited.item[kept++] = handover->awaited.item[i];
    }
    handover->awaited.count = kept;
    return kept < before;
}

static struct feed *handover_find_feed(struct device *device, const struct tag *tag)
{
    uint32_t index = (uint32_t)(tag - device->tags);
    for (uint32_t i = 0; i < device->feed_count; i++) {
        struct feed *feed = &device->feeds[i];
        for (uint32_t leaf = 0; feed->kind == FEED_VALUES && leaf < feed->keys.leaf_count; leaf++) {
            if (feed->keys.leaves[leaf].owner == index)
                return feed;
        }
    }
    return NULL;
}

/* The device was heard when its newest value was. */
static void handover_note_device(const struct mirror *mirror, struct device *device,
                                 const struct live_table_value *times,
                                 enum live_table_outcome outcome, uint64_t now_ms)
{
    struct live_table *live = mirror->spec.device_table->live;
    struct live_table_value value = {.raw = device->status_raw,
                                     .wall_ms = times->wall_ms,
                                     .steady_ms = times->steady_ms,
                                     .source_ms = times->source_ms};
    bool is_heard = outcome == LIVE_GOOD || outcome == LIVE_RETAINED;
    if (!is_heard || device->any_ms >= times->steady_ms)
        return;
    device->any_ms = times->steady_ms;
    device->heard = (uint8_t)outcome;
    live_table_set_location(&value, device->status_settings, device->status_unit, &device->status);
    live_table_put_value(live, device->slot, &value, NULL, 0);
    live_table_set_outcome(live, device->slot, message_results_outcome(device, false, now_ms));
}

static void handover_put_value(const struct mirror *mirror, struct device *device, struct tag *tag,
                               const struct mirror_message *message, uint64_t now_ms)
{
    struct live_table *live = mirror->spec.device_table->live;
    uint64_t wall_ms = clock_wall_ms();
    uint64_t age_ms = wall_ms > message->wall_ms ? wall_ms - message->wall_ms : 0;
    enum live_table_outcome outcome = (enum live_table_outcome)message->outcome;
    struct feed *feed = handover_find_feed(device, tag);
    struct live_table_value value = {.wall_ms = wall_ms - age_ms,
                                     .steady_ms = now_ms > age_ms ? now_ms - age_ms : 1,
                                     .source_ms = message->source_ms};
    live_table_set_registers(&value, tag->settings, device->unit, &tag->point, message->words);
    target_put_value(device->target, tag->slot, &value, &tag->point, message->words);
    tag->has_value = true;
    tag->shows_stale = outcome == LIVE_REPLACED;
    if (tag->shows_stale)
        outcome = LIVE_RETAINED;
    if (feed && (outcome == LIVE_GOOD || outcome == LIVE_RETAINED || outcome == LIVE_REFUSED ||
                 outcome == LIVE_NULL || outcome == LIVE_BAD_QUALITY))
        message_results_add_value(live, feed, tag, outcome);
    if (tag->command)
        tag->command->part_known = (uint8_t)message->words[0];
    if (feed && message->source_ms > feed->source_ms)
        feed->source_ms = message->source_ms;
    if (message->source_ms > device->source_ms)
        device->source_ms = message->source_ms;
    handover_note_device(mirror, device, &value, outcome, now_ms);
}

bool mirror_take_value(struct mirror *mirror, const char *topic, uint64_t now_ms)
{
    const struct mirror_message *message = &mirror->message;
    struct handover *handover = &mirror->handover;
    struct live_table_row row;
    if (!handover_index_names(mirror))
        return false;
    struct device *device = handover_find_device(handover, message->device);
    struct tag *tag = device ? handover_find_tag(handover, device, message->tag) : NULL;
    if (!tag) {
        if (!device)
            handover_await(handover, message->device);
        mirror_ignore(mirror, MIRROR_UNKNOWN_TAG);
        return true;
    }
    bool is_wanted = !device->host && direction_has_messages(tag->direction) &&
                     mirror_message_fits(message, &tag->point);
    if (!live_table_read_row(mirror->spec.device_table->live, tag->slot,
                             live_table_make_owner(LIVE_TAG, tag->id), &row))
        return true;
    if (!is_wanted) {
        mirror_ignore(mirror, MIRROR_OTHER_REGISTERS);
    } else if (tag->live_ms > 0 || (row.is_setpoint && !row.is_settled) ||
               row.value.wall_ms >= message->wall_ms) {
        mirror_ignore(mirror, MIRROR_OLDER);
    } else {
        handover_put_value(mirror, device, tag, message, now_ms);
        target_wake_thread(device->target);
        counters_add(mirror->spec.counters, MQTTD_MIRROR_APPLIED, 1);
    }
    if (!handover_push(&handover->taken, topic, NULL, 0, now_ms + HANDOVER_CLEAR_MS))
        log_debug("%s: not cleared: out of memory", topic);
    return true;
}
