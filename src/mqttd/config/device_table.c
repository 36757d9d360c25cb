/* Replaces devices in service, and marks rows that their targets have to write again. */
#include "mqttd/config/device_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/shared/quality.h"
#include "mqttd/config/carry_over.h"
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
    return hash_table_init(&device_table->devices) &&
           sparkplug_nodes_init(&device_table->sparkplug_nodes) && device_table->topic_tree &&
           device_table->subscriptions;
}

struct device *device_table_next(const struct device_table *device_table,
                                 const struct device *device)
{
    return (struct device *)hash_table_next(&device_table->devices, device ? &device->node : NULL);
}

void device_table_finish(struct device_table *device_table)
{
    for (struct device *at = device_table_next(device_table, NULL), *next; at; at = next) {
        next = device_table_next(device_table, at);
        for (uint32_t i = 0; i < at->feed_count; i++)
            sparkplug_nodes_release(&device_table->sparkplug_nodes, at->feeds[i].source);
        device_free(at);
    }
    free(device_table->moves.item);
    hash_table_finish(&device_table->devices);
    sparkplug_nodes_finish(&device_table->sparkplug_nodes);
    topic_tree_destroy(device_table->topic_tree);
    subscriptions_destroy(device_table->subscriptions);
    *device_table = (struct device_table){0};
}

struct device *device_table_find(const struct device_table *device_table, int64_t id)
{
    struct hash_node *at = hash_table_chain(&device_table->devices, (uint32_t)id);
    while (at && ((struct device *)at)->id != id)
        at = at->next;
    return (struct device *)at;
}

/* Removes the first `count` feeds of the device from the topics and the subscriptions. */
static void device_table_remove_feeds(struct device_table *device_table, struct device *device,
                                      uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        topic_tree_remove(device_table->topic_tree, &device->feeds[i]);
        subscriptions_remove(device_table->subscriptions, device->feeds[i].filter, device->qos);
        sparkplug_nodes_release(&device_table->sparkplug_nodes, device->feeds[i].source);
        device->feeds[i].source = NULL;
    }
}

/* Gives a Sparkplug feed the births of its node or device. False when out of memory. */
static bool device_table_find_source(struct device_table *device_table, struct feed *feed)
{
    struct sparkplug_topic family;
    if (!feed->topic || !sparkplug_topic_read_family(feed->topic, &family))
        return true;
    feed->source = sparkplug_nodes_acquire(&device_table->sparkplug_nodes, &family);
    return feed->source != NULL;
}

/* Adds all feeds of the device; when out of memory it adds none and returns false. */
static bool device_table_add_feeds(struct device_table *device_table, struct device *device)
{
    for (uint32_t i = 0; i < device->feed_count; i++) {
        struct feed *feed = &device->feeds[i];
        bool is_matched = device_table_find_source(device_table, feed) &&
                          topic_tree_add(device_table->topic_tree, feed);
        if (is_matched && subscriptions_add(device_table->subscriptions, feed->filter, device->qos))
            continue;
        if (is_matched)
            topic_tree_remove(device_table->topic_tree, feed);
        sparkplug_nodes_release(&device_table->sparkplug_nodes, feed->source);
        feed->source = NULL;
        device_table_remove_feeds(device_table, device, i);
        return false;
    }
    return true;
}

static int compare_moves(const void *left, const void *right)
{
    const struct tag_move *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Adds the tags of a device in service that its replacement, or NULL, does not have. */
static bool device_table_add_leaving_tags(struct device_table *device_table, struct device *old,
                                          const struct device *newer)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < old->tag_count; i++) {
        struct tag_move move = {.id = old->tags[i].id, .from = &old->tags[i]};
        if ((!newer || !device_has_tag(newer, &at, move.id)) &&
            !ARRAY_PUSH(&device_table->moves, move))
            return false;
    }
    return true;
}

/* True when the update gives the id of a device or tag in service to another one: the store was
 * replaced by that of another gateway. `moves` has all tags in service. */
static bool device_table_is_replaced(const struct device_table *device_table,
                                     const struct store_update *update)
{
    for (size_t i = 0; i < update->change_count; i++) {
        const struct device *newer = update->changes[i].device;
        const struct device *old = device_table_find(device_table, update->changes[i].id);
        if (newer && old && newer->created_ms != old->created_ms)
            return true;
        for (uint32_t t = 0; newer && t < newer->tag_count; t++) {
            struct tag_move key = {.id = newer->tags[t].id};
            const struct tag_move *same =
                bsearch(&key, device_table->moves.item, device_table->moves.count, sizeof key,
                        compare_moves);
            if (same && same->from->created_ms != newer->tags[t].created_ms)
                return true;
        }
    }
    return false;
}

/* Finds the tags that the update moves from one device to another. False when out of memory. */
static bool device_table_find_moves(struct device_table *device_table,
                                    const struct store_update *update)
{
    device_table->moves.count = 0;
    device_table->is_replaced = false;
    /* A whole update may also take away devices that it does not name. */
    for (struct device *at = update->whole ? device_table_next(device_table, NULL) : NULL; at;
         at = device_table_next(device_table, at)) {
        if (!device_table_add_leaving_tags(device_table, at, NULL))
            return false;
    }
    for (size_t i = 0; i < update->change_count && !update->whole; i++) {
        struct device *old = device_table_find(device_table, update->changes[i].id);
        if (old && !device_table_add_leaving_tags(device_table, old, update->changes[i].device))
            return false;
    }
    if (device_table->moves.count == 0)
        return true;
    qsort(device_table->moves.item, device_table->moves.count, sizeof *device_table->moves.item,
          compare_moves);
    device_table->is_replaced = update->whole && device_table_is_replaced(device_table, update);
    if (device_table->is_replaced) {
        device_table->moves.count = 0;
        return true;
    }

    for (size_t i = 0; i < update->change_count; i++) {
        struct device *newer = update->changes[i].device;
        struct device *old = device_table_find(device_table, update->changes[i].id);
        uint32_t at = 0;
        for (uint32_t t = 0; newer && t < newer->tag_count; t++) {
            struct tag_move key = {.id = newer->tags[t].id};
            if (old && device_has_tag(old, &at, key.id))
                continue;
            struct tag_move *move = bsearch(&key, device_table->moves.item,
                                            device_table->moves.count, sizeof key, compare_moves);
            if (move)
                move->to = &newer->tags[t];
        }
    }
    return true;
}

bool device_table_prepare(struct device_table *device_table, const struct store_update *update)
{
    struct target *local = target_set_local(device_table->targets);
    size_t done = 0;
    if (!target_reserve_writes(local, update->zero_count) ||
        !device_table_find_moves(device_table, update)) {
        errno = ENOMEM;
        return false;
    }
    for (; done < update->change_count; done++) {
        struct device *device = update->changes[done].device;
        if (!device)
            continue;
        device->target = target_set_find_or_start(device_table->targets, device);
        if (!device->target && errno == ENOMEM)
            break;
        if (!device->target) {
            log_error("cannot serve %s: %s", device->name, strerror(errno));
            device->target = local;
        }
        if (!device_table_add_feeds(device_table, device))
            break;
    }
    if (done == update->change_count)
        return true;
    while (done-- > 0) {
        struct device *device = update->changes[done].device;
        if (device)
            device_table_remove_feeds(device_table, device, device->feed_count);
    }
    errno = ENOMEM;
    return false;
}

/* Takes a device out of service. Its replacement, or NULL, keeps the rows of the tags that both
 * have. */
static void device_table_remove(struct device_table *device_table, struct device *old,
                                const struct device *newer)
{
    REQUIRE(device_table->tag_count >= old->tag_count);
    device_table_remove_feeds(device_table, old, old->feed_count);
    row_claims_release(device_table, old, newer);
    owned_registers_remove_device(device_table->owned, old);
    hash_table_remove(&device_table->devices, &old->node);
    device_table->tag_count -= old->tag_count;
    device_free(old);
}

bool device_table_sees_death(const struct device *device)
{
    bool is_dead = false;
    for (uint32_t i = 0; i < device->feed_count; i++)
        is_dead |= device->feeds[i].source && device->feeds[i].source->is_dead;
    return is_dead;
}

/* Its Sparkplug devices and nodes say whether the device is alive, and are asked for their values
 * when it takes more of them than before. */
static void device_table_join_sources(struct device_table *device_table, struct device *device,
                                      bool has_gained, uint64_t now_ms)
{
    device->is_dead = device_table_sees_death(device);
    for (uint32_t i = 0; i < device->feed_count; i++) {
        struct sparkplug_source *source = device->feeds[i].source;
        if (source && has_gained)
            sparkplug_nodes_want_rebirth(&device_table->sparkplug_nodes, source, now_ms,
                                         SPARKPLUG_REBIRTH_WAIT_MS);
    }
}

static void device_table_apply_change(struct device_table *device_table,
                                      struct device_change *change)
{
    struct device *old = device_table_find(device_table, change->id), *newer = change->device;
    bool has_gained = newer && (!old || device_has_gained(old, newer));
    bool was_unavailable = old && (old->unavailable || old->is_dead);
    bool was_refused = old && suback_errors_has_any(old);
    if (old && newer)
        device_carry_over(device_table, old, newer);
    if (old && !newer && change->gateway && device_table->leaving)
        device_table->leaving(device_table->leaving_context, old, change->gateway);
    if (old)
        device_table_remove(device_table, old, newer);
    if (!newer)
        return;

    REQUIRE(newer->id == change->id && newer->target);
    change->device = NULL;
    row_claims_acquire(device_table, newer);
    owned_registers_add_device(device_table->owned, newer);
    message_results_count_tags(newer);
    /* Ids rise and are never used twice: a tag above the newest one was never in service. */
    for (uint32_t i = 0; i < newer->tag_count; i++)
        newer->tags[i].is_new |=
            device_table->loaded && newer->tags[i].id > device_table->newest_tag;
    hash_table_add(&device_table->devices, &newer->node, (uint32_t)newer->id);
    device_table->tag_count += newer->tag_count;

    /* The rows show the state of the new device at once. */
    device_table_join_sources(device_table, newer, has_gained, clock_steady_ms());
    if (was_unavailable != (newer->unavailable || newer->is_dead))
        live_table_set_outcome(device_table->live, newer->slot,
                               message_results_outcome(newer, false, clock_steady_ms()));
    suback_errors_show(device_table->live, device_table->subscriptions, newer, was_refused);
    struct live_table_state state = live_table_read_state(device_table->live);
    struct quality_moment moment = quality_moment(&state, clock_steady_ms());
    if (newer->since_ms == 0)
        newer->since_ms = moment.now_steady_ms;
    on_stale_check_device(device_table, &moment, newer);

    for (uint32_t i = 0; i < newer->feed_count; i++) {
        if (has_gained)
            subscriptions_request_retained(device_table->subscriptions, newer->feeds[i].filter);
        subscriptions_retry(device_table->subscriptions, newer->feeds[i].filter);
    }
}

static int compare_change_ids(const void *left, const void *right)
{
    const struct device_change *a = left, *b = right;
    return a->id < b->id ? -1 : a->id > b->id;
}

/* Marks the rows whose value is not written yet: it was acknowledged before mqttd ended, or its
 * mark was lost. */
static void device_mark_unwritten(struct device_table *device_table, struct device *device)
{
    struct live_table_pending_value pending;
    target_lock_rows(device->target);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        if (live_table_read_pending_value(device_table->live, device->tags[i].slot, &pending) &&
            pending.changed != pending.written)
            target_mark_dirty(device->target, device->tags[i].slot);
    }
    target_unlock_rows(device->target);
}

/* Marks the newest values of a device whose server may have lost them. Without `both`, those of
 * tags that take a value in both directions stay: somebody else may have written the register. */
static void device_rewrite_values(struct device_table *device_table, struct device *device,
                                  bool both)
{
    struct live_table_row row;
    target_lock_rows(device->target);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        const struct tag *tag = &device->tags[i];
        if (tag->direction == TO_MQTT || (tag->direction == BOTH_WAYS && !both) ||
            !live_table_read_row(device_table->live, tag->slot,
                                 live_table_make_owner(LIVE_TAG, tag->id), &row) ||
            row.changed == 0)
            continue;
        /* The server already holds a value that was only read from it and that nobody has sent. */
        if (row.value.settings != tag->settings && row.value.wall_ms == 0 && !row.is_setpoint)
            continue;
        bool text = tag->point.type == TYPE_STRING;
        row.value.settings = tag->settings;
        row.value.place = live_table_pack_location(device->unit, &tag->point);
        live_table_put_value(device_table->live, tag->slot, &row.value, text ? row.text : NULL,
                             tag->point.length);
        target_mark_dirty(device->target, tag->slot);
    }
    target_unlock_rows(device->target);
}

/* Marks what has to be written after the start. Nobody knows whether a foreign server has kept its
 * registers while mqttd was away. */
static void device_mark_first(struct device_table *device_table, struct device *device)
{
    device_mark_unwritten(device_table, device);
    if (device->host && device->rewrite_on_reconnect)
        device_rewrite_values(device_table, device, false);
}

void device_table_restore_rows(struct device_table *device_table)
{
    for (struct device *device = device_table_next(device_table, NULL); device;
         device = device_table_next(device_table, device)) {
        bool ok = live_table_restore_row(device_table->live, device->slot,
                                         live_table_make_owner(LIVE_DEVICE, device->id), false);
        for (uint32_t i = 0; i < device->tag_count; i++) {
            const struct tag *tag = &device->tags[i];
            ok = live_table_restore_row(device_table->live, tag->slot,
                                        live_table_make_owner(LIVE_TAG, tag->id),
                                        tag->point.type == TYPE_STRING) &&
                 ok;
            if (tag->command)
                live_table_set_expiry(device_table->live, tag->slot, &tag->command->expiry);
        }
        if (!ok)
            log_error("no room in the live table for %s: %s", device->name, strerror(errno));
        device_mark_unwritten(device_table, device);
    }
}

bool device_table_retry(struct device_table *device_table)
{
    bool was_short = device_table->lacks_server_limits, has_lost = false;
    for (size_t i = 0; i < device_table->targets->count; i++)
        has_lost |= target_take_lost_marks(device_table->targets->item[i]);
    for (struct device *at = has_lost ? device_table_next(device_table, NULL) : NULL; at;
         at = device_table_next(device_table, at))
        device_mark_unwritten(device_table, at);
    if (was_short)
        server_limits_apply(device_table);
    if (has_lost)
        target_set_wake_threads(device_table->targets);
    return has_lost || was_short;
}

void device_table_rewrite_lost_units(struct device_table *device_table)
{
    bool has_lost = false;
    for (size_t i = 1; i < device_table->targets->count; i++)
        has_lost |= target_take_losses(device_table->targets->item[i]);
    if (!has_lost)
        return;
    for (struct device *at = device_table_next(device_table, NULL); at;
         at = device_table_next(device_table, at)) {
        if (at->host && at->rewrite_on_reconnect && target_unit_has_lost(at->target, at->unit))
            device_rewrite_values(device_table, at, true);
    }
    target_set_wake_threads(device_table->targets);
}

void device_table_note_zeroed(struct device_table *device_table)
{
    if (!device_table->is_zeroing || target_has_raw_writes(target_set_local(device_table->targets)))
        return;
    live_table_set_revision(device_table->live, (uint64_t)device_table->revision);
    device_table->is_zeroing = false;
}

void device_table_apply(struct device_table *device_table, struct store_update *update)
{
    if (update->whole && update->change_count > 0)
        qsort(update->changes, update->change_count, sizeof *update->changes, compare_change_ids);
    int64_t newest_tag = device_table->newest_tag;
    for (size_t i = 0; i < update->change_count; i++) {
        const struct device *device = update->changes[i].device;
        int64_t last = device && device->tag_count ? device->tags[device->tag_count - 1].id : 0;
        newest_tag = last > newest_tag ? last : newest_tag;
    }

    /* No target copies a row while some are of the new settings and some of the old. */
    size_t held = target_set_lock_rows(device_table->targets);
    for (size_t i = 0; i < device_table->moves.count; i++) {
        struct tag_move *move = &device_table->moves.item[i];
        if (!move->to || move->to->slot != move->from->slot)
            continue;
        tag_carry_over(device_table, move->from, move->to);
        move->from->is_moved = true;
    }
    device_table->moves.count = 0;
    for (struct device *old = device_table_next(device_table, NULL), *after;
         old && device_table->is_replaced; old = after) {
        after = device_table_next(device_table, old);
        device_table_remove(device_table, old, NULL);
    }
    for (size_t i = 0; i < update->change_count; i++)
        device_table_apply_change(device_table, &update->changes[i]);
    target_set_unlock_rows(device_table->targets, held);
    device_table->newest_tag = newest_tag;

    /* A whole update names every device: those that it does not name are gone. */
    struct device *at = update->whole ? device_table_next(device_table, NULL) : NULL;
    for (struct device *next; at; at = next) {
        struct device_change key = {.id = at->id};
        next = device_table_next(device_table, at);
        if (update->change_count == 0 ||
            !bsearch(&key, update->changes, update->change_count, sizeof key, compare_change_ids))
            device_table_remove(device_table, at, NULL);
    }
    owned_registers_publish(device_table->owned);

    for (size_t i = 0; i < update->zero_count; i++)
        target_queue_write(target_set_local(device_table->targets), &update->zeros[i]);
    at = device_table->loaded ? NULL : device_table_next(device_table, NULL);
    for (; at; at = device_table_next(device_table, at))
        device_mark_first(device_table, at);
    server_limits_apply(device_table);
    target_set_wake_threads(device_table->targets);
    device_table->revision = update->revision;
    device_table->is_zeroing = !update->keeps_zeros;
    device_table_note_zeroed(device_table);
    device_table->loaded = true;
    device_table->generation++;
}
