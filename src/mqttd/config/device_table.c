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

bool plant_init(struct plant *plant, struct live *live, struct targets *targets)
{
    *plant = (struct plant){.live = live, .targets = targets, .bucket_count = 256};
    plant->match = match_create();
    plant->subscriptions = subscriptions_create();
    plant->buckets = calloc(plant->bucket_count, sizeof(struct device *));
    return plant->match && plant->subscriptions && plant->buckets;
}

void plant_each(const struct plant *plant, void (*take)(void *context, struct device *device),
                void *context)
{
    for (size_t i = 0; plant->buckets && i < plant->bucket_count; i++) {
        for (struct device *at = plant->buckets[i], *next; at; at = next) {
            next = at->next;
            take(context, at);
        }
    }
}

static void free_one(void *context, struct device *device)
{
    (void)context;
    device_free(device);
}

void plant_finish(struct plant *plant)
{
    plant_each(plant, free_one, NULL);
    free(plant->buckets);
    match_destroy(plant->match);
    subscriptions_destroy(plant->subscriptions);
    *plant = (struct plant){0};
}

static struct device **place_of(const struct plant *plant, int64_t id)
{
    struct device **at = &plant->buckets[(size_t)id & (plant->bucket_count - 1)];
    while (*at && (*at)->id != id)
        at = &(*at)->next;
    return at;
}

/* A table that cannot grow is slower, and works. */
static void grow(struct plant *plant)
{
    size_t old_count = plant->bucket_count;
    struct device **old = plant->buckets;
    struct device **buckets = calloc(old_count * 2, sizeof *buckets);
    if (!buckets)
        return;
    plant->buckets = buckets;
    plant->bucket_count = old_count * 2;
    for (size_t i = 0; i < old_count; i++) {
        for (struct device *at = old[i], *next; at; at = next) {
            next = at->next;
            at->next = NULL;
            *place_of(plant, at->id) = at;
        }
    }
    free(old);
}

static void disconnect_feed(struct plant *plant, const struct device *device, struct feed *feed)
{
    match_remove(plant->match, feed);
    subscriptions_drop(plant->subscriptions, feed->filter, device->qos);
}

/* All of them, or without memory none. */
static bool connect_feeds(struct plant *plant, struct device *device)
{
    for (uint32_t i = 0; i < device->feed_count; i++) {
        struct feed *feed = &device->feeds[i];
        bool is_matched = match_add(plant->match, feed);
        if (is_matched && subscriptions_add(plant->subscriptions, feed->filter, device->qos))
            continue;
        if (is_matched)
            match_remove(plant->match, feed);
        while (i-- > 0)
            disconnect_feed(plant, device, &device->feeds[i]);
        return false;
    }
    return true;
}

static void disconnect_feeds(struct plant *plant, struct device *device)
{
    for (uint32_t i = 0; i < device->feed_count; i++)
        disconnect_feed(plant, device, &device->feeds[i]);
}

static bool prepare(struct plant *plant, struct device *device)
{
    device->target = targets_get(plant->targets, device);
    if (!device->target && errno == ENOMEM)
        return false;
    if (!device->target) {
        log_error("cannot serve %s: %s", device->name, strerror(errno));
        device->target = targets_local(plant->targets);
    }
    return connect_feeds(plant, device);
}

bool plant_prepare(struct plant *plant, const struct reload *reload)
{
    if (!target_make_room(targets_local(plant->targets), reload->zero_count)) {
        errno = ENOMEM;
        return false;
    }
    for (size_t i = 0; i < reload->change_count; i++) {
        if (!reload->changes[i].device || prepare(plant, reload->changes[i].device))
            continue;
        while (i-- > 0) {
            if (reload->changes[i].device)
                disconnect_feeds(plant, reload->changes[i].device);
        }
        errno = ENOMEM;
        return false;
    }
    return true;
}

static const struct feed *availability_of(const struct device *device)
{
    const struct feed *last = device->feed_count ? &device->feeds[device->feed_count - 1] : NULL;
    return last && last->kind == FEED_AVAILABILITY ? last : NULL;
}

/* True when what the old device knew of its availability holds for the newer one. */
static bool has_same_availability(const struct device *old, const struct device *newer)
{
    const struct feed *a = availability_of(old), *b = availability_of(newer);
    return a && b && strcmp(a->filter, b->filter) == 0 &&
           strcmp(old->payload_available, newer->payload_available) == 0 &&
           strcmp(old->payload_unavailable, newer->payload_unavailable) == 0;
}

static bool same_feed(const struct feed *a, const struct feed *b)
{
    return a->kind == b->kind && strcmp(a->filter, b->filter) == 0;
}

/* Both lists are mostly in the same order, so that the next one is looked at first. */
static void carry_times_over(const struct device *old, struct device *newer)
{
    uint32_t at = 0;
    if (!old->timestamp_key || !newer->timestamp_key ||
        strcmp(old->timestamp_key, newer->timestamp_key) != 0)
        return;
    newer->source_ms = old->source_ms;
    for (uint32_t i = 0; i < newer->feed_count; i++) {
        for (uint32_t tries = 0; tries < old->feed_count; tries++) {
            const struct feed *feed = &old->feeds[at++ % old->feed_count];
            if (!same_feed(feed, &newer->feeds[i]))
                continue;
            newer->feeds[i].source_ms = feed->source_ms;
            newer->feeds[i].old_ms = feed->old_ms;
            newer->feeds[i].old_count = feed->old_count;
            break;
        }
    }
}

static bool same_stale(const struct point *a, const struct point *b)
{
    return a->stale == b->stale && (a->stale != STALE_RAW || a->stale_raw == b->stale_raw);
}

/* SCADA has written since on_stale was put in: it had its turn, whatever it says now. */
static bool is_setpoint(const struct plant *plant, const struct tag *tag)
{
    struct live_row row;
    return tag->command && live_read(plant->live, tag->slot, live_owner(LIVE_TAG, tag->id), &row) &&
           row.is_setpoint;
}

/* What a device learned while it was in service goes on in the one that takes its place. */
static void carry_over(struct plant *plant, const struct device *old, struct device *newer)
{
    uint32_t at = 0;
    bool same_words = has_same_availability(old, newer);
    newer->quiet = old->quiet;
    newer->since_ms = old->since_ms;
    newer->unavailable = old->unavailable && same_words;
    newer->strange = old->strange && same_words;
    newer->status_raw = old->status_raw;
    carry_times_over(old, newer);
    for (uint32_t i = 0; i < old->tag_count; i++) {
        if (!device_still_has(newer, &at, old->tags[i].id))
            continue;
        bool same = newer->tags[at].settings == old->tags[i].settings;
        newer->tags[at].has_value = old->tags[i].has_value;
        newer->tags[at].is_new = old->tags[i].is_new;
        newer->tags[at].heard = old->tags[i].heard;
        newer->tags[at].live_ms = old->tags[i].live_ms;
        newer->tags[at].shows_stale =
            old->tags[i].shows_stale &&
            ((same && same_stale(&old->tags[i].point, &newer->tags[at].point)) ||
             is_setpoint(plant, &old->tags[i]));
        claims_remap(plant, &old->tags[i], &newer->tags[at]);
        if (!old->tags[i].command || !newer->tags[at].command)
            continue;
        newer->tags[at].command->written_at_ms = old->tags[i].command->written_at_ms;
        newer->tags[at].command->shown_from = old->tags[i].command->shown_from;
        newer->tags[at].command->shown_to = old->tags[i].command->shown_to;
        if (same)
            newer->tags[at].command->bit_known = old->tags[i].command->bit_known;
    }
    heard_carry_over(old, newer);
}

/* True when a topic brings the newer device something that it did not bring the old one. */
static bool has_other_feeds(const struct device *old, const struct device *newer)
{
    bool same = old->feed_count == newer->feed_count &&
                (!availability_of(newer) || has_same_availability(old, newer));
    for (uint32_t i = 0; same && i < newer->feed_count; i++)
        same = old->feeds[i].tag_count == newer->feeds[i].tag_count &&
               strcmp(old->feeds[i].filter, newer->feeds[i].filter) == 0;
    return !same;
}

/* True when the newer device has a tag that the old one has not, or has elsewhere. */
static bool has_gained(const struct device *old, const struct device *newer)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < newer->tag_count; i++) {
        const struct tag *tag = &newer->tags[i];
        if (!device_still_has(old, &at, tag->id) || old->tags[at].settings != tag->settings ||
            strcmp(old->tags[at].key, tag->key) != 0)
            return true;
    }
    return has_other_feeds(old, newer);
}

static void take_out(struct plant *plant, struct device **place, const struct device *newer)
{
    struct device *old = *place;
    disconnect_feeds(plant, old);
    claims_release(plant, old, newer);
    *place = old->next;
    plant->device_count--;
    plant->tag_count -= old->tag_count;
    device_free(old);
}

/* Ids rise and are never given out twice. */
static void note_new_tags(struct plant *plant, struct device *device)
{
    for (uint32_t i = 0; i < device->tag_count; i++)
        device->tags[i].is_new |= plant->loaded && device->tags[i].id > plant->newest_tag;
}

static void take_in(struct plant *plant, struct device *device)
{
    claims_take(plant, device);
    heard_count(device);
    note_new_tags(plant, device);
    struct device **place = place_of(plant, device->id);
    device->next = NULL;
    *place = device;
    plant->tag_count += device->tag_count;
    if (++plant->device_count > plant->bucket_count)
        grow(plant);
}

/* A tag that never had a value shows it at once. */
static void look_at_stale(struct plant *plant, struct device *device)
{
    struct live_state state = live_state(plant->live);
    struct quality_moment moment = quality_moment(&state, clock_steady_ms());
    if (device->since_ms == 0)
        device->since_ms = moment.now_steady_ms;
    stale_check(plant, &moment, device);
}

static void apply_change(struct plant *plant, struct change *change)
{
    struct device **place = place_of(plant, change->id);
    struct device *newer = change->device;
    bool gained = newer && (!*place || has_gained(*place, newer));
    bool was_unavailable = *place && (*place)->unavailable;
    bool was_refused = *place && refusals_any(*place);
    if (*place) {
        if (newer)
            carry_over(plant, *place, newer);
        take_out(plant, place, newer);
    }
    if (newer)
        take_in(plant, newer);
    if (newer && was_unavailable && !newer->unavailable)
        live_outcome(plant->live, newer->slot, heard_outcome(newer, false, clock_steady_ms()));
    if (newer) {
        refusals_show(plant->live, plant->subscriptions, newer, was_refused);
        look_at_stale(plant, newer);
    }
    for (uint32_t i = 0; newer && i < newer->feed_count; i++) {
        if (gained)
            subscriptions_repeat(plant->subscriptions, newer->feeds[i].filter);
        subscriptions_retry(plant->subscriptions, newer->feeds[i].filter);
    }
    change->device = NULL;
}

static int compare_changes(const void *left, const void *right)
{
    const struct change *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* After a reload that names every device, those that it does not name are gone. */
static void take_out_unnamed(struct plant *plant, const struct reload *reload)
{
    for (size_t i = 0; i < plant->bucket_count; i++) {
        for (struct device **place = &plant->buckets[i]; *place;) {
            struct change key = {.id = (*place)->id};
            if (reload->change_count > 0 &&
                bsearch(&key, reload->changes, reload->change_count, sizeof key, compare_changes))
                place = &(*place)->next;
            else
                take_out(plant, place, NULL);
        }
    }
}

/* A value that was acknowledged and not yet written when mqttd ended. */
static void mark_unwritten(void *context, struct device *device)
{
    struct plant *plant = context;
    struct live_pending pending;
    target_hold(device->target);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        if (live_pending(plant->live, device->tags[i].slot, &pending) &&
            pending.changed != pending.written)
            target_mark(device->target, device->tags[i].slot);
    }
    target_release(device->target);
}

static void restore_rows(void *context, struct device *device)
{
    struct plant *plant = context;
    bool ok = live_restore(plant->live, device->slot, live_owner(LIVE_DEVICE, device->id), false);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        const struct tag *tag = &device->tags[i];
        ok = live_restore(plant->live, tag->slot, live_owner(LIVE_TAG, tag->id),
                          tag->point.type == TYPE_STRING) &&
             ok;
    }
    if (!ok)
        log_error("no room in the live table for %s: %s", device->name, strerror(errno));
    mark_unwritten(plant, device);
}

void plant_restore(struct plant *plant)
{
    plant_each(plant, restore_rows, plant);
}

bool plant_make_up(struct plant *plant)
{
    bool was_short = plant->lacks_paces, has_lost = false;
    for (size_t i = 0; i < plant->targets->count; i++)
        has_lost |= target_take_lost(plant->targets->item[i]);
    if (has_lost)
        plant_each(plant, mark_unwritten, plant);
    if (was_short)
        paces_set(plant);
    if (has_lost)
        targets_wake(plant->targets);
    return has_lost || was_short;
}

void plant_note_zeroed(struct plant *plant)
{
    if (!plant->is_zeroing || target_is_putting(targets_local(plant->targets)))
        return;
    live_set_revision(plant->live, (uint64_t)plant->revision);
    plant->is_zeroing = false;
}

static int64_t newest_tag(const struct reload *reload, int64_t newest)
{
    for (size_t i = 0; i < reload->change_count; i++) {
        const struct device *device = reload->changes[i].device;
        /* In order of id. */
        if (device && device->tag_count > 0 && device->tags[device->tag_count - 1].id > newest)
            newest = device->tags[device->tag_count - 1].id;
    }
    return newest;
}

void plant_apply(struct plant *plant, struct reload *reload)
{
    int64_t newest = newest_tag(reload, plant->newest_tag);
    if (reload->whole && reload->change_count > 0)
        qsort(reload->changes, reload->change_count, sizeof *reload->changes, compare_changes);
    /* No target copies a row while some are of the new settings and some of the old. */
    size_t held = targets_hold(plant->targets);
    for (size_t i = 0; i < reload->change_count; i++)
        apply_change(plant, &reload->changes[i]);
    targets_release(plant->targets, held);
    plant->newest_tag = newest;
    if (reload->whole)
        take_out_unnamed(plant, reload);
    for (size_t i = 0; i < reload->zero_count; i++)
        target_put(targets_local(plant->targets), &reload->zeros[i]);
    if (!plant->loaded)
        plant_each(plant, mark_unwritten, plant);
    paces_set(plant);
    targets_wake(plant->targets);
    plant->revision = reload->revision;
    plant->is_zeroing = true;
    plant_note_zeroed(plant);
    plant->loaded = true;
    plant->generation++;
}
