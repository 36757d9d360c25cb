/* Copies what has gathered in service, and compares the settings that it depends on. */
#include "mqttd/config/carry_over.h"

#include <string.h>

#include "mqttd/config/message_results.h"
#include "mqttd/config/row_claims.h"

static const struct feed *device_availability_feed(const struct device *device)
{
    const struct feed *last = device->feed_count ? &device->feeds[device->feed_count - 1] : NULL;
    return last && last->kind == FEED_AVAILABILITY ? last : NULL;
}

/* Texts may be NULL. */
static bool text_is_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* True when the old device's availability holds for the newer one, too. */
static bool device_same_availability(const struct device *old, const struct device *newer)
{
    const struct feed *a = device_availability_feed(old), *b = device_availability_feed(newer);
    return a && b && strcmp(a->filter, b->filter) == 0 &&
           text_is_equal(old->availability_key, newer->availability_key) &&
           text_is_equal(old->payload_available, newer->payload_available) &&
           text_is_equal(old->payload_unavailable, newer->payload_unavailable);
}

static bool device_same_where(const struct device *old, const struct device *newer)
{
    const struct where *a = &old->where, *b = &newer->where;
    return a->keys_size == b->keys_size && a->values_size == b->values_size &&
           (a->count == 0 || (memcmp(a->keys, b->keys, a->keys_size) == 0 &&
                              memcmp(a->values, b->values, a->values_size) == 0));
}

/* A request that stays as it is keeps its time. */
static void device_carry_request_over(const struct device *old, struct device *newer)
{
    const struct device_request *a = &old->request;
    struct device_request *b = &newer->request;
    if (!text_is_equal(a->topic, b->topic) || !text_is_equal(a->payload, b->payload) ||
        a->interval_s != b->interval_s || a->qos != b->qos)
        return;
    b->due_ms = a->due_ms;
    b->is_refused = a->is_refused;
}

/* `width`: of the registers, or 0 if they have other settings. */
static void command_carry_over(const struct tag_command *a, struct tag_command *b, size_t width)
{
    b->published_ms = a->published_ms;
    if (!a->has_known || !b->known || width == 0 || strcmp(a->topic, b->topic) != 0 ||
        !text_is_equal(a->template_text, b->template_text))
        return;
    memcpy(b->known, a->known, width * sizeof *b->known);
    b->has_known = true;
}

/* What waits is the content of registers: it is valid for any settings of the same ones. */
static void command_carry_waiting(const struct tag *old, const struct tag *newer)
{
    const struct tag_command *a = old->command;
    struct tag_command *b = newer->command;
    bool is_same_server = (old->settings ^ newer->settings) >> 32 == 0;
    if (!a->has_waiting || !b->waiting || !is_same_server || a->place != b->place)
        return;
    memcpy(b->waiting, a->waiting, point_width(&newer->point) * sizeof *b->waiting);
    b->has_waiting = true;
}

void tag_carry_over(struct device_table *device_table, const struct tag *old, struct tag *newer)
{
    struct live_table_row row;
    bool same_settings = newer->settings == old->settings;
    bool same_stale =
        same_settings && old->point.stale == newer->point.stale &&
        (old->point.stale != STALE_RAW || old->point.stale_raw == newer->point.stale_raw);
    newer->has_value = old->has_value;
    newer->is_new = old->is_new;
    newer->heard = old->heard;
    newer->live_ms = old->live_ms;
    /* Registers that SCADA has written since on_stale was put in keep SCADA's value. */
    newer->shows_stale =
        old->shows_stale &&
        (same_stale || (old->command &&
                        live_table_read_row(device_table->live, old->slot,
                                            live_table_make_owner(LIVE_TAG, old->id), &row) &&
                        row.is_setpoint));
    row_claims_remap(device_table, old, newer);
    if (!old->command || !newer->command)
        return;
    newer->command->written_at_ms = old->command->written_at_ms;
    newer->command->mirror = old->command->mirror;
    command_carry_over(old->command, newer->command, same_settings ? point_width(&old->point) : 0);
    command_carry_waiting(old, newer);
    newer->command->ended_ms = old->command->ended_ms;
    newer->command->expire_number = old->command->expire_number;
    newer->command->shown_from = old->command->shown_from;
    newer->command->shown_to = old->command->shown_to;
    if (same_settings)
        newer->command->part_known = old->command->part_known;
}

void device_carry_over(struct device_table *device_table, const struct device *old,
                       struct device *newer)
{
    uint32_t tag_at = 0, feed_at = 0;
    bool same_availability = device_same_availability(old, newer);
    bool same_timestamp = newer->timestamp_key && device_same_where(old, newer) &&
                          text_is_equal(old->timestamp_key, newer->timestamp_key);
    newer->quiet = old->quiet;
    newer->since_ms = old->since_ms;
    newer->unavailable = old->unavailable && same_availability;
    newer->strange = old->strange && same_availability;
    newer->status_raw = old->status_raw;
    if (same_timestamp)
        newer->source_ms = old->source_ms;
    for (uint32_t i = 0; same_timestamp && i < newer->feed_count; i++) {
        const struct feed *same = device_find_same_feed(old, &newer->feeds[i], &feed_at);
        if (!same)
            continue;
        newer->feeds[i].source_ms = same->source_ms;
        newer->feeds[i].old_ms = same->old_ms;
        newer->feeds[i].old_count = same->old_count;
        newer->feeds[i].row_ms = same->row_ms;
        newer->feeds[i].row_steady_ms = same->row_steady_ms;
    }
    for (uint32_t i = 0; i < old->tag_count; i++) {
        if (device_has_tag(newer, &tag_at, old->tags[i].id) &&
            old->tags[i].slot == newer->tags[tag_at].slot)
            tag_carry_over(device_table, &old->tags[i], &newer->tags[tag_at]);
    }
    message_results_carry_over(old, newer);
    device_carry_request_over(old, newer);
}

bool device_has_gained(const struct device *old, const struct device *newer)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < newer->tag_count; i++) {
        const struct tag *tag = &newer->tags[i];
        if (!device_has_tag(old, &at, tag->id) || old->tags[at].settings != tag->settings ||
            old->tags[at].reading_digest != tag->reading_digest ||
            strcmp(old->tags[at].key, tag->key) != 0)
            return true;
    }
    bool same = old->feed_count == newer->feed_count && device_same_where(old, newer) &&
                (!device_availability_feed(newer) || device_same_availability(old, newer));
    for (uint32_t i = 0; same && i < newer->feed_count; i++)
        same = old->feeds[i].tag_count == newer->feeds[i].tag_count &&
               feed_is_same(&old->feeds[i], &newer->feeds[i]);
    return !same;
}
