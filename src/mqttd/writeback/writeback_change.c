/* Commands on change (mqtt.command_on, min_change) and at an interval (min_interval_ms).
 *
 * What the device has is known from the last command, or from its own newer value, which is then in
 * the row. The dead band is measured from this value, not from SCADA's last write, so that a slow
 * drift is published, too. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "common/base/require.h"
#include "common/model/codec.h"
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

/* The distance of two numbers of the same kind. */
static double change_distance(const struct value *a, const struct value *b)
{
    if (a->kind != VALUE_INTEGER || b->kind != VALUE_INTEGER)
        return fabs(a->real - b->real);
    if (a->negative != b->negative)
        return (double)a->magnitude + (double)b->magnitude;
    return (double)(a->magnitude > b->magnitude ? a->magnitude - b->magnitude
                                                : b->magnitude - a->magnitude);
}

/* True when the numbers, a byte as its content, differ by less than min_change. How the type and
 * the scale round does not count: 70.1 and 69.8 differ by 0.3. */
static bool change_is_within(const struct tag *tag, const uint16_t *words)
{
    char text[2][CODEC_TEXT_SIZE];
    struct value now, known;
    const struct point point = point_of_content(&tag->point);
    codec_decode(&point, words, text[0], &now);
    codec_decode(&point, tag->command->known, text[1], &known);
    double distance = change_distance(&now, &known), slack = 0;
    if (now.kind != VALUE_INTEGER)
        slack = fmax(fabs(now.real), fabs(known.real)) *
                (tag->point.type == TYPE_FLOAT32 ? FLT_EPSILON : 4 * DBL_EPSILON);
    return distance == 0 || distance + slack < tag->command->min_change;
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
    if (point->type == TYPE_BOOL)
        return (now[0] != 0) == (command->known[0] != 0);
    if (memcmp(now, command->known, point_width(point) * sizeof *now) == 0)
        return true;
    return point->type != TYPE_STRING && command->min_change > 0 && change_is_within(tag, now);
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
