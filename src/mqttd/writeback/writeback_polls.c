/* Takes the changes that polls of foreign servers have found. They are not in the journal: a value
 * that waits for min_interval_ms is kept with its tag. */
#include <string.h>

#include "common/base/require.h"
#include "mqttd/targets/target_set.h"
#include "mqttd/writeback/writeback_internal.h"

/* Shows the content of the registers as the tag's value, whether SCADA or mqttd wrote it. */
static void poll_show_value(const struct writeback *writeback,
                            const struct command_tag *command_tag, const struct live_table_row *row,
                            const uint16_t *words)
{
    const struct point *point = &command_tag->tag->point;
    struct tag_command *command = command_tag->tag->command;
    struct live_table *live = writeback->spec.device_table->live;
    struct live_table_pending_value after;
    bool is_text = point->type == TYPE_STRING;
    struct live_table_value value = {.raw = live_table_pack_raw(point, words)};
    live_table_set_location(&value, 0, command_tag->device->unit, point);
    if (!is_text && row->changed != 0 && row->value.raw == value.raw)
        return;
    live_table_put_target_value(live, command_tag->tag->slot, &value, is_text ? words : NULL,
                                command_tag->width);
    if (!live_table_read_pending_value(live, command_tag->tag->slot, &after) ||
        after.changed == row->changed)
        return;
    if (row->changed != command->shown_to)
        command->shown_from = row->changed;
    command->shown_to = after.changed;
}

/* True when a value was put after the poll, except values that earlier polls put. */
static bool poll_is_older(const struct tag_command *command, const struct poll *poll,
                          const struct live_table_row *row)
{
    if (poll->changed == row->changed && poll->written == row->written)
        return false;
    return poll->changed != poll->written || row->changed != row->written ||
           row->changed != command->shown_to || poll->changed < command->shown_from ||
           poll->changed > command->shown_to;
}

/* True when there is nothing to publish: the device has the value, or one within min_change. Call
 * it before the row gets the value. */
static bool poll_is_unchanged(const struct writeback *writeback,
                              const struct command_tag *command_tag, const uint16_t *words,
                              uint64_t now_ms)
{
    const struct point *point = &command_tag->tag->point;
    if (point_is_part(point) &&
        command_tag->tag->command->part_known == point_take_part(point, words[0]))
        return true;
    if (!writeback_is_unchanged(writeback, command_tag, words))
        return false;
    writeback_skip_unchanged(writeback, command_tag, now_ms);
    return true;
}

/* Publishes the content of the registers. False when out of memory. */
static bool poll_publish_value(struct writeback *writeback, const struct command_tag *command_tag,
                               const uint16_t *words, uint64_t now_ms)
{
    const struct tag *tag = command_tag->tag;
    int number;
    if (writeback_publish_value(writeback, command_tag, words, &number, now_ms) ==
        PUBLISH_NO_MEMORY)
        return false;
    if (number != 0 && inflight_can_settle(&writeback->inflight))
        inflight_start_sent(&writeback->inflight, number, INFLIGHT_NO_ENTRY, tag->id);
    if (point_is_part(&tag->point))
        tag->command->part_known = point_take_part(&tag->point, words[0]);
    return true;
}

/* The newest value is published, or need not be: an older one does not wait any more. */
static void poll_drop_waiting(struct writeback *writeback, const struct tag *tag)
{
    struct inflight_command *command;
    if (!tag->command->has_waiting)
        return;
    tag->command->has_waiting = false;
    command = inflight_find_unsettled(&writeback->inflight, tag->id);
    if (command)
        inflight_move_command(&writeback->inflight, command, COMMAND_FREE);
}

/* Lets the value wait for the end of min_interval_ms, in place of an older one. False when it does
 * not have to, or too many commands wait: publish it now. Call it before the row gets the value. */
static bool poll_delay_value(struct writeback *writeback, const struct command_tag *command_tag,
                             const uint16_t *words, uint64_t now_ms)
{
    struct inflight *inflight = &writeback->inflight;
    const struct tag *tag = command_tag->tag;
    uint64_t end_ms = writeback_interval_end(tag->command);
    if (end_ms <= now_ms)
        return false;
    REQUIRE(tag->command->waiting);
    struct inflight_command *command = writeback_find_unsettled(writeback, command_tag);
    if (!command && inflight->delayed < INFLIGHT_DELAYED_MAX && inflight_can_settle(inflight)) {
        command = inflight_start_command(inflight, COMMAND_SETTLING, INFLIGHT_NO_ENTRY, tag->id);
        if (command)
            inflight_delay_command(inflight, command, end_ms);
    }
    if (!command)
        return false;
    command->place = command_tag->place;
    command->width = command_tag->width;
    memcpy(tag->command->waiting, words, command_tag->width * sizeof *words);
    tag->command->has_waiting = true;
    writeback_hold_device(writeback, tag, end_ms);
    return true;
}

/* True when mqttd has put a value of the device, or of on_stale, after the one that waits. */
static bool poll_is_replaced(const struct writeback *writeback, const struct tag *tag)
{
    struct live_table_row row;
    return live_table_read_row(writeback->spec.device_table->live, tag->slot,
                               live_table_make_owner(LIVE_TAG, tag->id), &row) &&
           row.changed != 0 && row.value.settings != 0 &&
           row.value.raw != live_table_pack_raw(&tag->point, tag->command->waiting);
}

void writeback_publish_waiting(struct writeback *writeback, struct inflight_command *command,
                               uint64_t now_ms)
{
    const struct command_tag *command_tag =
        command_index_find_at(&writeback->command_index, command->place, command->tag);
    REQUIRE(command->place == COMMAND_FOREIGN && command->state == COMMAND_SETTLING);
    if (!command_tag || !command_tag->tag->command->has_waiting) {
        inflight_move_command(&writeback->inflight, command, COMMAND_FREE);
        return;
    }
    const struct tag *tag = command_tag->tag;
    const uint16_t *words = tag->command->waiting;
    if (!poll_is_replaced(writeback, tag) &&
        !poll_is_unchanged(writeback, command_tag, words, now_ms) &&
        !poll_publish_value(writeback, command_tag, words, now_ms)) {
        command->due_ms = now_ms + WRITEBACK_RETRY_MS;
        return;
    }
    poll_drop_waiting(writeback, tag);
}

/* Shows the change and publishes it, unless it is the first reading of the registers, the device
 * has the value, or it has to wait. False when out of memory: try again later. */
static bool writeback_take_poll(struct writeback *writeback, const struct poll *poll,
                                uint64_t now_ms)
{
    const struct command_tag *command_tag =
        command_index_find(&writeback->command_index, poll->tag);
    struct live_table_row row;
    if (command_tag && command_tag->tag->write_terms)
        target_forget_sent(command_tag->device->target, command_tag->tag->slot);
    if (!command_tag || command_tag->place != COMMAND_FOREIGN ||
        command_tag->width != poll->count ||
        !live_table_read_row(writeback->spec.device_table->live, command_tag->tag->slot,
                             live_table_make_owner(LIVE_TAG, command_tag->tag->id), &row) ||
        poll_is_older(command_tag->tag->command, poll, &row))
        return true;

    /* What waits is kept at a first reading: its change was seen before the registers were lost. */
    bool is_unchanged =
        poll->known && poll_is_unchanged(writeback, command_tag, poll->words, now_ms);
    bool is_delayed = poll->known && !is_unchanged &&
                      poll_delay_value(writeback, command_tag, poll->words, now_ms);
    poll_show_value(writeback, command_tag, &row, poll->words);
    if (!poll->known || is_delayed)
        return true;
    if (!is_unchanged && !poll_publish_value(writeback, command_tag, poll->words, now_ms))
        return false;
    poll_drop_waiting(writeback, command_tag->tag);
    return true;
}

void writeback_take_polls(struct writeback *writeback, uint64_t now_ms)
{
    const struct targets *targets = writeback->spec.device_table->targets;
    struct poll *poll = &writeback->held_poll.poll;
    if (writeback->held_poll.is_waiting && writeback->held_poll.due_ms > now_ms)
        return;
    if (writeback->held_poll.is_waiting)
        writeback->held_poll.is_waiting = !writeback_take_poll(writeback, poll, now_ms);
    for (size_t i = 1; i < targets->count; i++) { /* the first is the local server */
        while (!writeback->held_poll.is_waiting && target_take_poll_change(targets->item[i], poll))
            writeback->held_poll.is_waiting = !writeback_take_poll(writeback, poll, now_ms);
    }
    if (writeback->held_poll.is_waiting)
        writeback->held_poll.due_ms = now_ms + WRITEBACK_RETRY_MS;
}
