/* Commands on change (mqtt.command_on, min_change) and at an interval (min_interval_ms).
 *
 * What the device has is known from the last command, or from its own newer value, which is then in
 * the row. The dead band is measured from this value, not from SCADA's last write, so that a slow
 * drift is published, too. */
#include <string.h>

#include "common/base/require.h"
#include "mqttd/model/dead_band.h"
#include "mqttd/writeback/writeback_internal.h"

/* Keeps the value as the one that the device has; of a bit or byte its content. */
static void change_know(struct tag_command *command, const struct point *point,
                        const uint16_t *words)
{
    memcpy(command->known, words, point_width(point) * sizeof *words);
    command->has_known = true;
}

/* A value of the device is newer than the last command. */
static void change_take_row(const struct writeback *writeback, const struct tag *tag)
{
    uint16_t words[POINT_REGISTERS_MAX];
    struct live_table_row row;
    if (!tag->has_value ||
        !live_table_read_row(writeback->spec.device_table->live, tag->slot,
                             live_table_make_owner(LIVE_TAG, tag->id), &row) ||
        row.changed == 0 || row.is_setpoint)
        return;
    tag->command->has_known = false;
    if (tag->shows_stale || row.value.settings != tag->settings)
        return;
    live_table_unpack_words(&row, words);
    change_know(tag->command, &tag->point, words);
}

bool writeback_is_unchanged(const struct writeback *writeback,
                            const struct command_tag *command_tag, const uint16_t *words)
{
    const struct tag *tag = command_tag->tag;
    const struct tag_command *command = tag->command;
    const struct point *point = &tag->point;
    if (!command->known)
        return false;
    change_take_row(writeback, tag);
    if (!command->has_known)
        return false;
    uint16_t content = point_take_part(point, words[0]);
    const uint16_t *now = point_is_part(point) ? &content : words;
    return dead_band_holds(point, command->min_change, now, command->known);
}

void writeback_skip_unchanged(const struct writeback *writeback,
                              const struct command_tag *command_tag, uint64_t now_ms)
{
    struct tag_command *command = command_tag->tag->command;
    counters_add(writeback->spec.counters, MQTTD_COMMANDS_UNCHANGED, 1);
    live_table_set_setpoint(writeback->spec.device_table->live, command_tag->tag->slot, true);
    /* The hold-off does not begin again: otherwise a client that writes all the time would never
     * see that the device has another value. */
    if (command->written_at_ms > now_ms)
        command->written_at_ms = now_ms;
}

void writeback_note_sent(const struct tag *tag, const uint16_t *words, uint64_t now_ms)
{
    struct tag_command *command = tag->command;
    REQUIRE(command);
    command->published_ms = now_ms;
    if (!command->known)
        return;
    change_know(command, &tag->point, words);
    command->known[0] = point_take_part(&tag->point, words[0]);
}

uint64_t writeback_interval_end(const struct tag_command *command)
{
    return command->published_ms > 0 && command->min_interval_ms > 0
               ? command->published_ms + command->min_interval_ms
               : 0;
}

void writeback_hold_device(const struct writeback *writeback, const struct tag *tag,
                           uint64_t end_ms)
{
    REQUIRE(tag->command);
    if (tag->command->known)
        change_take_row(writeback, tag);
    tag->command->written_at_ms = end_ms;
    live_table_set_setpoint(writeback->spec.device_table->live, tag->slot, true);
}

bool writeback_delay_whole(struct writeback *writeback, const struct command_tag *command_tag,
                           uint64_t now_ms)
{
    struct inflight *inflight = &writeback->inflight;
    const struct tag *tag = command_tag->tag;
    uint64_t end_ms = writeback_interval_end(tag->command);
    REQUIRE(writeback->newest.is_waiting && command_tag->place != COMMAND_FOREIGN);
    if (end_ms <= now_ms || inflight->delayed >= INFLIGHT_DELAYED_MAX)
        return false;
    struct inflight_command *command =
        inflight_start_command(inflight, COMMAND_SETTLING, writeback->newest.number, tag->id);
    if (!command)
        return false;
    command->place = command_tag->place;
    command->width = command_tag->width;
    inflight_delay_command(inflight, command, end_ms);
    mirror_note_part(writeback->spec.mirror, tag, writeback->newest.entry.steady_ms, now_ms);
    writeback_hold_device(writeback, tag, end_ms);
    return true;
}

void writeback_shorten_waits(struct writeback *writeback)
{
    struct inflight_command *command = writeback->inflight.lists[COMMAND_SETTLING].first;
    for (; command; command = command->next) {
        if (!command->is_delayed)
            continue;
        const struct command_tag *command_tag =
            command_index_find_at(&writeback->command_index, command->place, command->tag);
        uint64_t end_ms = command_tag ? writeback_interval_end(command_tag->tag->command) : 0;
        if (!command_tag || end_ms >= command->due_ms)
            continue;
        command->due_ms = end_ms;
        writeback_hold_device(writeback, command_tag->tag, end_ms);
    }
}
