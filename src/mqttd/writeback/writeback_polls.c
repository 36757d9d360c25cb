/* Takes the changes that polls of foreign servers have found. They are not in the journal. */
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

/* Shows the change and publishes it, unless it is the first reading of the registers. False when
 * out of memory: try again later. */
static bool writeback_take_poll(struct writeback *writeback, const struct poll *poll,
                                uint64_t now_ms)
{
    const struct command_tag *command_tag =
        command_index_find(&writeback->command_index, poll->tag);
    struct live_table_row row;
    int number;
    if (command_tag && command_tag->tag->write_terms)
        target_forget_sent(command_tag->device->target, command_tag->tag->slot);
    if (!command_tag || command_tag->place != COMMAND_FOREIGN ||
        command_tag->width != poll->count ||
        !live_table_read_row(writeback->spec.device_table->live, command_tag->tag->slot,
                             live_table_make_owner(LIVE_TAG, command_tag->tag->id), &row) ||
        poll_is_older(command_tag->tag->command, poll, &row))
        return true;
    poll_show_value(writeback, command_tag, &row, poll->words);

    struct tag_command *command = command_tag->tag->command;
    const struct point *point = &command_tag->tag->point;
    int part = point_is_part(point) ? point_take_part(point, poll->words[0]) : -1;
    if (!poll->known || (part >= 0 && command->part_known == part))
        return true;
    if (writeback_publish_value(writeback, command_tag, poll->words, &number, now_ms) ==
        PUBLISH_NO_MEMORY)
        return false;
    if (number != 0 && inflight_can_settle(&writeback->inflight))
        inflight_start_sent(&writeback->inflight, number, INFLIGHT_NO_ENTRY, poll->tag);
    command->part_known = part;
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
