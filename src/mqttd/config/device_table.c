/* Swaps devices. */
#include "mqttd/config/device_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/shared/quality.h"
#include "mqttd/config/message_results.h"
#include "mqttd/config/on_stale.h"
#include "mqttd/config/row_claims.h"
#include "mqttd/config/server_limits.h"
#include "mqttd/config/suback_errors.h"

bool device_table_init(struct device_table *device_table, struct live_table *live,
                       struct targets *targets)
{
    *device_table = (struct device_table){.live = live, .targets = targets};
    device_table->topic_tree = topic_tree_create();
    device_table->subscriptions = subscriptions_create();
    return hash_table_init(&device_table->devices) && device_table->topic_tree &&
           device_table->subscriptions;
}

void device_table_for_each(const struct device_table *device_table,
                           void (*take)(void *context, struct device *device), void *context)
{
    const struct hash_table *devices = &device_table->devices;
    for (struct hash_node *at = hash_table_next(devices, NULL), *next; at; at = next) {
        next = hash_table_next(devices, at);
        take(context, (struct device *)at);
    }
}

static void device_table_free_one(void *context, struct device *device)
{
    (void)context;
    device_free(device);
}

void device_table_finish(struct device_table *device_table)
{
    device_table_for_each(device_table, device_table_free_one, NULL);
    hash_table_finish(&device_table->devices);
    topic_tree_destroy(device_table->topic_tree);
    subscriptions_destroy(device_table->subscriptions);
    *device_table = (struct device_table){0};
}

static struct device *device_table_find(const struct device_table *device_table, int64_t id)
{
    struct hash_node *at = hash_table_chain(&device_table->devices, (uint32_t)id);
    while (at && ((struct device *)at)->id != id)
        at = at->next;
    return (struct device *)at;
}

static void device_table_remove_feed(struct device_table *device_table, const struct device *device,
                                     struct feed *feed)
{
    topic_tree_remove(device_table->topic_tree, feed);
    subscriptions_remove(device_table->subscriptions, feed->filter, device->qos);
}

/* All of them, or without memory none. */
static bool device_table_add_feeds(struct device_table *device_table, struct device *device)
{
    for (uint32_t i = 0; i < device->feed_count; i++) {
        struct feed *feed = &device->feeds[i];
        bool is_matched = topic_tree_add(device_table->topic_tree, feed);
        if (is_matched && subscriptions_add(device_table->subscriptions, feed->filter, device->qos))
            continue;
        if (is_matched)
            topic_tree_remove(device_table->topic_tree, feed);
        while (i-- > 0)
            device_table_remove_feed(device_table, device, &device->feeds[i]);
        return false;
    }
    return true;
}

static void device_table_remove_feeds(struct device_table *device_table, struct device *device)
{
    for (uint32_t i = 0; i < device->feed_count; i++)
        device_table_remove_feed(device_table, device, &device->feeds[i]);
}

static bool device_table_prepare_device(struct device_table *device_table, struct device *device)
{
    device->target = target_set_find_or_start(device_table->targets, device);
    if (!device->target && errno == ENOMEM)
        return false;
    if (!device->target) {
        log_error("cannot serve %s: %s", device->name, strerror(errno));
        device->target = target_set_local(device_table->targets);
    }
    return device_table_add_feeds(device_table, device);
}

bool device_table_prepare(struct device_table *device_table, const struct store_update *reload)
{
    if (!target_reserve_writes(target_set_local(device_table->targets), reload->zero_count)) {
        errno = ENOMEM;
        return false;
    }
    for (size_t i = 0; i < reload->change_count; i++) {
        if (!reload->changes[i].device ||
            device_table_prepare_device(device_table, reload->changes[i].device))
            continue;
        while (i-- > 0) {
            if (reload->changes[i].device)
                device_table_remove_feeds(device_table, reload->changes[i].device);
        }
        errno = ENOMEM;
        return false;
    }
    return true;
}

static const struct feed *device_availability_feed(const struct device *device)
{
    const struct feed *last = device->feed_count ? &device->feeds[device->feed_count - 1] : NULL;
    return last && last->kind == FEED_AVAILABILITY ? last : NULL;
}

/* True when what the old device knew of its availability holds for the newer one. */
static bool device_same_availability(const struct device *old, const struct device *newer)
{
    const struct feed *a = device_availability_feed(old), *b = device_availability_feed(newer);
    return a && b && strcmp(a->filter, b->filter) == 0 &&
           strcmp(old->payload_available, newer->payload_available) == 0 &&
           strcmp(old->payload_unavailable, newer->payload_unavailable) == 0;
}

static void device_carry_times_over(const struct device *old, struct device *newer)
{
    uint32_t at = 0;
    if (!old->timestamp_key || !newer->timestamp_key ||
        strcmp(old->timestamp_key, newer->timestamp_key) != 0)
        return;
    newer->source_ms = old->source_ms;
    for (uint32_t i = 0; i < newer->feed_count; i++) {
        const struct feed *same = device_find_same_feed(old, &newer->feeds[i], &at);
        if (!same)
            continue;
        newer->feeds[i].source_ms = same->source_ms;
        newer->feeds[i].old_ms = same->old_ms;
        newer->feeds[i].old_count = same->old_count;
    }
}

static bool point_same_stale(const struct point *a, const struct point *b)
{
    return a->stale == b->stale && (a->stale != STALE_RAW || a->stale_raw == b->stale_raw);
}

/* SCADA has written since on_stale was put in: it had its turn, whatever it says now. */
static bool is_setpoint(const struct device_table *device_table, const struct tag *tag)
{
    struct live_table_row row;
    return tag->command &&
           live_table_read_row(device_table->live, tag->slot,
                               live_table_make_owner(LIVE_TAG, tag->id), &row) &&
           row.is_setpoint;
}

/* What a device learned while it was in service goes on in the one that takes its place. */
static void device_carry_over(struct device_table *device_table, const struct device *old,
                              struct device *newer)
{
    uint32_t at = 0;
    bool same_words = device_same_availability(old, newer);
    newer->quiet = old->quiet;
    newer->since_ms = old->since_ms;
    newer->unavailable = old->unavailable && same_words;
    newer->strange = old->strange && same_words;
    newer->status_raw = old->status_raw;
    device_carry_times_over(old, newer);
    for (uint32_t i = 0; i < old->tag_count; i++) {
        if (!device_has_tag(newer, &at, old->tags[i].id))
            continue;
        bool same = newer->tags[at].settings == old->tags[i].settings;
        newer->tags[at].has_value = old->tags[i].has_value;
        newer->tags[at].is_new = old->tags[i].is_new;
        newer->tags[at].heard = old->tags[i].heard;
        newer->tags[at].live_ms = old->tags[i].live_ms;
        newer->tags[at].shows_stale =
            old->tags[i].shows_stale &&
            ((same && point_same_stale(&old->tags[i].point, &newer->tags[at].point)) ||
             is_setpoint(device_table, &old->tags[i]));
        row_claims_remap(device_table, &old->tags[i], &newer->tags[at]);
        if (!old->tags[i].command || !newer->tags[at].command)
            continue;
        newer->tags[at].command->written_at_ms = old->tags[i].command->written_at_ms;
        newer->tags[at].command->shown_from = old->tags[i].command->shown_from;
        newer->tags[at].command->shown_to = old->tags[i].command->shown_to;
        if (same)
            newer->tags[at].command->bit_known = old->tags[i].command->bit_known;
    }
    message_results_carry_over(old, newer);
}

/* True when a topic brings the newer device something that it did not bring the old one. */
static bool device_has_other_feeds(const struct device *old, const struct device *newer)
{
    bool same = old->feed_count == newer->feed_count &&
                (!device_availability_feed(newer) || device_same_availability(old, newer));
    for (uint32_t i = 0; same && i < newer->feed_count; i++)
        same = old->feeds[i].tag_count == newer->feeds[i].tag_count &&
               strcmp(old->feeds[i].filter, newer->feeds[i].filter) == 0;
    return !same;
}

/* True when the newer device has a tag that the old one has not, or has elsewhere. */
static bool device_has_gained(const struct device *old, const struct device *newer)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < newer->tag_count; i++) {
        const struct tag *tag = &newer->tags[i];
        if (!device_has_tag(old, &at, tag->id) || old->tags[at].settings != tag->settings ||
            strcmp(old->tags[at].key, tag->key) != 0)
            return true;
    }
    return device_has_other_feeds(old, newer);
}

static void device_table_remove(struct device_table *device_table, struct device *old,
                                const struct device *newer)
{
    device_table_remove_feeds(device_table, old);
    row_claims_release(device_table, old, newer);
    hash_table_remove(&device_table->devices, &old->node);
    device_table->tag_count -= old->tag_count;
    device_free(old);
}

/* Ids rise and are never given out twice. */
static void device_table_mark_new_tags(struct device_table *device_table, struct device *device)
{
    for (uint32_t i = 0; i < device->tag_count; i++)
        device->tags[i].is_new |=
            device_table->loaded && device->tags[i].id > device_table->newest_tag;
}

static void device_table_insert(struct device_table *device_table, struct device *device)
{
    row_claims_acquire(device_table, device);
    message_results_count_tags(device);
    device_table_mark_new_tags(device_table, device);
    hash_table_add(&device_table->devices, &device->node, (uint32_t)device->id);
    device_table->tag_count += device->tag_count;
}

/* A tag that never had a value shows it at once. */
static void device_table_check_stale(struct device_table *device_table, struct device *device)
{
    struct live_table_state state = live_table_read_state(device_table->live);
    struct quality_moment moment = quality_moment(&state, clock_steady_ms());
    if (device->since_ms == 0)
        device->since_ms = moment.now_steady_ms;
    on_stale_check_device(device_table, &moment, device);
}

static void device_table_apply_change(struct device_table *device_table,
                                      struct device_change *change)
{
    struct device *old = device_table_find(device_table, change->id), *newer = change->device;
    bool gained = newer && (!old || device_has_gained(old, newer));
    bool was_unavailable = old && old->unavailable;
    bool was_refused = old && suback_errors_has_any(old);
    if (old && newer)
        device_carry_over(device_table, old, newer);
    if (old)
        device_table_remove(device_table, old, newer);
    if (newer)
        device_table_insert(device_table, newer);
    if (newer && was_unavailable && !newer->unavailable)
        live_table_set_outcome(device_table->live, newer->slot,
                               message_results_outcome(newer, false, clock_steady_ms()));
    if (newer) {
        suback_errors_show(device_table->live, device_table->subscriptions, newer, was_refused);
        device_table_check_stale(device_table, newer);
    }
    for (uint32_t i = 0; newer && i < newer->feed_count; i++) {
        if (gained)
            subscriptions_request_retained(device_table->subscriptions, newer->feeds[i].filter);
        subscriptions_retry(device_table->subscriptions, newer->feeds[i].filter);
    }
    change->device = NULL;
}

static int compare_change_ids(const void *left, const void *right)
{
    const struct device_change *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* After a reload that names every device, those that it does not name are gone. */
static void device_table_remove_unnamed(struct device_table *device_table,
                                        const struct store_update *reload)
{
    const struct hash_table *devices = &device_table->devices;
    for (struct hash_node *at = hash_table_next(devices, NULL), *next; at; at = next) {
        struct device *device = (struct device *)at;
        struct device_change key = {.id = device->id};
        next = hash_table_next(devices, at);
        if (reload->change_count == 0 ||
            !bsearch(&key, reload->changes, reload->change_count, sizeof key, compare_change_ids))
            device_table_remove(device_table, device, NULL);
    }
}

/* A value that was acknowledged and not yet written when mqttd ended. */
static void device_mark_unwritten(void *context, struct device *device)
{
    struct device_table *device_table = context;
    struct live_table_pending_value pending;
    target_lock_rows(device->target);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        if (live_table_read_pending_value(device_table->live, device->tags[i].slot, &pending) &&
            pending.changed != pending.written)
            target_mark_dirty(device->target, device->tags[i].slot);
    }
    target_unlock_rows(device->target);
}

static void device_restore_rows(void *context, struct device *device)
{
    struct device_table *device_table = context;
    bool ok = live_table_restore_row(device_table->live, device->slot,
                                     live_table_make_owner(LIVE_DEVICE, device->id), false);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        const struct tag *tag = &device->tags[i];
        ok = live_table_restore_row(device_table->live, tag->slot,
                                    live_table_make_owner(LIVE_TAG, tag->id),
                                    tag->point.type == TYPE_STRING) &&
             ok;
    }
    if (!ok)
        log_error("no room in the live table for %s: %s", device->name, strerror(errno));
    device_mark_unwritten(device_table, device);
}

void device_table_restore_rows(struct device_table *device_table)
{
    device_table_for_each(device_table, device_restore_rows, device_table);
}

bool device_table_retry(struct device_table *device_table)
{
    bool was_short = device_table->lacks_server_limits, has_lost = false;
    for (size_t i = 0; i < device_table->targets->count; i++)
        has_lost |= target_take_lost_marks(device_table->targets->item[i]);
    if (has_lost)
        device_table_for_each(device_table, device_mark_unwritten, device_table);
    if (was_short)
        server_limits_apply(device_table);
    if (has_lost)
        target_set_wake_threads(device_table->targets);
    return has_lost || was_short;
}

void device_table_note_zeroed(struct device_table *device_table)
{
    if (!device_table->is_zeroing || target_has_raw_writes(target_set_local(device_table->targets)))
        return;
    live_table_set_revision(device_table->live, (uint64_t)device_table->revision);
    device_table->is_zeroing = false;
}

static int64_t newest_tag(const struct store_update *reload, int64_t newest)
{
    for (size_t i = 0; i < reload->change_count; i++) {
        const struct device *device = reload->changes[i].device;
        /* In order of id. */
        if (device && device->tag_count > 0 && device->tags[device->tag_count - 1].id > newest)
            newest = device->tags[device->tag_count - 1].id;
    }
    return newest;
}

void device_table_apply(struct device_table *device_table, struct store_update *reload)
{
    int64_t newest = newest_tag(reload, device_table->newest_tag);
    if (reload->whole && reload->change_count > 0)
        qsort(reload->changes, reload->change_count, sizeof *reload->changes, compare_change_ids);
    /* No target copies a row while some are of the new settings and some of the old. */
    size_t held = target_set_lock_rows(device_table->targets);
    for (size_t i = 0; i < reload->change_count; i++)
        device_table_apply_change(device_table, &reload->changes[i]);
    target_set_unlock_rows(device_table->targets, held);
    device_table->newest_tag = newest;
    if (reload->whole)
        device_table_remove_unnamed(device_table, reload);
    for (size_t i = 0; i < reload->zero_count; i++)
        target_queue_write(target_set_local(device_table->targets), &reload->zeros[i]);
    if (!device_table->loaded)
        device_table_for_each(device_table, device_mark_unwritten, device_table);
    server_limits_apply(device_table);
    target_set_wake_threads(device_table->targets);
    device_table->revision = reload->revision;
    device_table->is_zeroing = true;
    device_table_note_zeroed(device_table);
    device_table->loaded = true;
    device_table->generation++;
}
