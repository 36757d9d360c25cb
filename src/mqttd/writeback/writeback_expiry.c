/* Lets setpoints expire that SCADA does not write again in time (mqtt.expires_s).
 *
 * Since when the time of a tag counts, and whether it has passed, is in the tag's row of the live
 * table, by the steady clock and by the wall clock; struct tag_command has a copy. Therefore it
 * goes on over a restart of mqttd. After a restart of the machine the steady clock tells nothing:
 * then the wall clock counts, if the live table has outlived the restart; runtime_dir often does
 * not. Without a known time, as for a new tag and for one whose expires_s was 0, the time begins
 * when mqttd sees the tag.
 *
 * The journal tells when SCADA wrote. It is read for this a second time, so that neither a broker
 * that is away nor commands that wait delay it. Any write to the tag's registers counts, also to
 * other bits of a register, since the journal does not tell whether a client meant them. When
 * entries were lost, each setpoint that has not expired may have been written by the time of the
 * next entry, and counts as written then.
 *
 * In a pair, a mirrored setpoint begins the time again at the other gateway, too, which lets it
 * expire 2 s later, unless the first one's message says that it has. A gateway that starts does not
 * know what SCADA has written to the other one: it waits some seconds, and regards the clock of the
 * other one as up to 10 s behind. What a gateway owes after an
 * outage of the broker waits for the mirrored setpoints (mirror_holds_commands): a newer write of
 * SCADA at the other gateway cancels it. Both may publish the same value when both have owed it. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/model/codec.h"
#include "mqttd/model/given_value.h"
#include "mqttd/writeback/writeback_internal.h"

enum {
    EXPIRY_SENT_MAX = 256,     /* commands that the broker has not acknowledged */
    EXPIRY_SENT_AT_ONCE = 256, /* in one call */
    EXPIRY_RACE_MS = 2000,     /* longer than a write to the local server takes */
    EXPIRY_AHEAD_MS = 60000,   /* an entry with a later time is from before the boot */
    EXPIRY_START_MS = 5000,    /* for the other gateway of a pair to say what SCADA has written */
    EXPIRY_TAKEOVER_MS = 2000, /* by which the other gateway of a pair expires a setpoint later */
};

/* True when `a` is later than `b`. A time before the boot is a number below 0, modulo 2^64. */
static bool expiry_is_later(uint64_t a, uint64_t b)
{
    return (int64_t)(a - b) > 0;
}

static uint64_t expiry_due_ms(const struct tag_command *command)
{
    return command->expiry.steady_ms + (uint64_t)command->expires_s * 1000;
}

static void expiry_store(const struct writeback *writeback, const struct tag *tag)
{
    live_table_set_expiry(writeback->spec.device_table->live, tag->slot, &tag->command->expiry);
}

/* Sets since when the time of the tag counts. */
static void expiry_begin(const struct writeback *writeback, const struct tag *tag,
                         uint64_t steady_ms, uint64_t now_ms)
{
    tag->command->expiry = (struct live_table_expiry){
        .steady_ms = steady_ms, .wall_ms = clock_wall_ms() - (now_ms - steady_ms)};
    expiry_store(writeback, tag);
}

static void expiry_add_time(struct writeback *writeback, uint32_t index, uint64_t now_ms)
{
    struct tag_command *command = writeback->command_index.item[index].tag->command;
    uint64_t due_ms = expiry_due_ms(command), not_before_ms = writeback->expiry.not_before_ms;
    uint64_t earliest_ms = not_before_ms > now_ms ? not_before_ms : now_ms;
    REQUIRE(!command->is_timed);
    command->is_timed = true;
    expiry_queue_add(&writeback->expiry.queue, index,
                     expiry_is_later(due_ms, earliest_ms) ? due_ms : earliest_ms);
}

/* Queues the command of an expired setpoint. There is room for each tag once. */
static void expiry_add_owed(struct writeback *writeback, uint32_t index)
{
    struct expiry *expiry = &writeback->expiry;
    struct tag_command *command = writeback->command_index.item[index].tag->command;
    if (command->is_waiting)
        return;
    if (expiry->owed.count == expiry->owed.room && expiry->owed_first > 0) {
        expiry->owed.count -= expiry->owed_first;
        memmove(expiry->owed.item, expiry->owed.item + expiry->owed_first,
                expiry->owed.count * sizeof *expiry->owed.item);
        expiry->owed_first = 0;
    }
    REQUIRE(expiry->owed.count < expiry->owed.room);
    expiry->owed.item[expiry->owed.count++] = index;
    command->is_waiting = true;
}

/* Takes the tags of a new index. False when out of memory. */
static bool expiry_take_index(struct writeback *writeback, uint64_t now_ms)
{
    const struct command_index *index = &writeback->command_index;
    struct expiry *expiry = &writeback->expiry;
    size_t timed = 0;
    for (size_t i = 0; i < index->count; i++)
        timed += index->item[i].tag->command->expires_s > 0;
    expiry->timed = 0;
    expiry->owed.count = expiry->owed_first = 0;
    if (!expiry_queue_reset(&expiry->queue, timed) || !ARRAY_RESERVE(&expiry->owed, timed))
        return false;
    expiry->timed = timed;
    if (expiry->generation == 0 && writeback->spec.mirror)
        expiry->not_before_ms = now_ms + EXPIRY_START_MS;
    if (timed == 0)
        journal_watch_stop(writeback->spec.journal_watch);

    for (uint32_t i = 0; i < index->count && timed > 0; i++) {
        const struct tag *tag = index->item[i].tag;
        struct tag_command *command = tag->command;
        if (command->expires_s == 0)
            continue;
        const struct live_table_expiry known = command->expiry;
        command->is_timed = command->is_waiting = false;
        if (known.wall_ms == 0) {
            expiry_begin(writeback, tag, now_ms, now_ms);
        } else if (known.steady_ms > now_ms) { /* a time before the boot */
            uint64_t wall_ms = clock_wall_ms();
            command->expiry.steady_ms =
                now_ms - (wall_ms > known.wall_ms ? wall_ms - known.wall_ms : 0);
        }
        if (!command->expiry.is_expired)
            expiry_add_time(writeback, i, now_ms);
        else if (command->expiry.is_owed)
            expiry_add_owed(writeback, i);
    }
    expiry->generation = index->generation;
    return true;
}

/* The time of the tag begins again at `steady_ms`. */
static void expiry_renew(struct writeback *writeback, uint32_t index, uint64_t steady_ms,
                         uint64_t now_ms)
{
    const struct command_tag *command_tag = &writeback->command_index.item[index];
    struct tag_command *command = command_tag->tag->command;
    if (!expiry_is_later(steady_ms, command->expiry.steady_ms))
        return;
    if (command->expiry.is_expired) {
        command->ended_ms = now_ms;
        log_debug("%s/%s: written again after it had expired", command_tag->device->name,
                  command_tag->tag->name);
    }
    command->expire_number = 0;
    expiry_begin(writeback, command_tag->tag, steady_ms, now_ms);
    if (!command->is_timed)
        expiry_add_time(writeback, index, now_ms);
}

/* Encodes expire_value. False when there is none, or the registers cannot hold it, which the API
 * refuses. */
static bool expiry_encode_value(const struct tag *tag, struct codec_registers *registers)
{
    return given_value_encode(&tag->point, tag->reading.map, true, tag->command->expire_value,
                              registers) == GIVEN_VALUE_OK;
}

/* A command that waits for its interval is not published any more: the register gets another
 * value. */
static void expiry_drop_delayed(struct writeback *writeback, const struct tag *tag)
{
    struct inflight_command *unsettled = inflight_find_unsettled(&writeback->inflight, tag->id);
    if (unsettled && unsettled->is_delayed)
        inflight_move_command(&writeback->inflight, unsettled, COMMAND_FREE);
}

/* Writes expire_value to the registers, on the process side: it is not in the journal. */
static void expiry_put_value(const struct writeback *writeback,
                             const struct command_tag *command_tag,
                             const struct codec_registers *registers, uint64_t now_ms)
{
    const struct tag *tag = command_tag->tag;
    const struct device *device = command_tag->device;
    struct live_table *live = writeback->spec.device_table->live;
    struct live_table_row row;
    live_table_read_row(live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id), &row);
    live_table_set_registers(&row.value, tag->settings, device->unit, &tag->point,
                             registers->words);
    target_put_value(device->target, tag->slot, &row.value, &tag->point, registers->words);
    target_wake_thread(device->target);
    /* What the device has sent before the command reaches it does not count. */
    live_table_set_setpoint(live, tag->slot, true);
    tag->command->written_at_ms = now_ms;
}

static void expiry_log(struct writeback *writeback, const struct command_tag *command_tag,
                       uint64_t now_ms)
{
    struct log_limit *limit = &writeback->expiry.expired;
    if (!log_limit_count_event(limit, now_ms))
        return;
    log_warning("%s/%s: SCADA has not written this setpoint for %u s; %u setpoint%s expired since "
                "the last line",
                command_tag->device->name, command_tag->tag->name,
                command_tag->tag->command->expires_s, limit->since, limit->since == 1 ? "" : "s");
    log_limit_mark_logged(limit, now_ms);
}

static void expiry_expire(struct writeback *writeback, uint32_t index, uint64_t now_ms)
{
    const struct command_tag *command_tag = &writeback->command_index.item[index];
    struct tag_command *command = command_tag->tag->command;
    struct codec_registers registers;
    bool has_value = expiry_encode_value(command_tag->tag, &registers);
    command->is_timed = false;
    if (command->expiry.is_expired) /* at the other gateway of a pair */
        return;
    command->expiry.is_expired = true;
    command->expiry.is_owed = has_value;
    command->has_known = false; /* SCADA's next write is published */
    /* The state before the value: after a crash in between, the command with the value follows. */
    expiry_store(writeback, command_tag->tag);
    if (has_value) {
        expiry_drop_delayed(writeback, command_tag->tag);
        expiry_put_value(writeback, command_tag, &registers, now_ms);
        expiry_add_owed(writeback, index);
    }
    mirror_publish_expired(writeback->spec.mirror, command_tag->tag,
                           has_value ? registers.words : NULL);
    counters_add(writeback->spec.counters, MQTTD_SETPOINTS_EXPIRED, 1);
    expiry_log(writeback, command_tag, now_ms);
}

/* Renews the tags whose registers the entry has written. */
static void expiry_take_entry(struct writeback *writeback, const struct journal_entry *entry,
                              uint64_t now_ms)
{
    const struct command_index *index = &writeback->command_index;
    uint16_t words[POINT_REGISTERS_MAX];
    uint32_t end;
    uint64_t written_ms = entry->steady_ms < now_ms ? entry->steady_ms : now_ms;
    uint32_t i = (uint32_t)command_index_first_of(index, entry, &end);
    for (; i < index->count && index->item[i].place < end; i++) {
        const struct command_tag *command_tag = &index->item[i];
        struct tag_command *command = command_tag->tag->command;
        if (command->expires_s == 0 ||
            command_tag->place + command_tag->width <= end - entry->count)
            continue;
        expiry_renew(writeback, i, written_ms, now_ms);
        /* If expire_value was written at the same time, it may be in the register now. */
        if (command->ended_ms != 0 && now_ms - command->ended_ms < EXPIRY_RACE_MS &&
            command_match_entry(entry, &command_tag->tag->point, words) == COMMAND_MATCH_WHOLE)
            writeback_restore_setpoint(writeback, command_tag, words, written_ms);
    }
}

/* Entries were lost: what they wrote is not older than `steady_ms`. */
static void expiry_take_loss(struct writeback *writeback, uint64_t steady_ms, uint64_t now_ms)
{
    const struct command_index *index = &writeback->command_index;
    for (uint32_t i = 0; i < index->count; i++) {
        const struct tag_command *command = index->item[i].tag->command;
        if (command->expires_s > 0 && !command->expiry.is_expired)
            expiry_renew(writeback, i, steady_ms, now_ms);
    }
}

static void expiry_follow_journal(struct writeback *writeback, uint64_t now_ms)
{
    struct journal_entry entry;
    bool has_lost = false;
    enum journal_tail_event event;
    while ((event = journal_watch_next(writeback->spec.journal_watch, &entry, now_ms)) !=
           JOURNAL_TAIL_EMPTY) {
        if (event == JOURNAL_TAIL_LOSS) {
            has_lost = true;
            continue;
        }
        if (entry.steady_ms > now_ms + EXPIRY_AHEAD_MS)
            continue;
        if (has_lost)
            expiry_take_loss(writeback, entry.steady_ms < now_ms ? entry.steady_ms : now_ms,
                             now_ms);
        has_lost = false;
        expiry_take_entry(writeback, &entry, now_ms);
    }
    if (has_lost)
        expiry_take_loss(writeback, now_ms, now_ms);
}

void writeback_check_expiry(struct writeback *writeback, uint64_t now_ms)
{
    struct expiry *expiry = &writeback->expiry;
    const struct expiry_item *first;
    if (!writeback_refresh_index(writeback) ||
        (expiry->generation != writeback->command_index.generation &&
         !expiry_take_index(writeback, now_ms))) {
        memory_shortage_note(writeback->spec.memory_shortage, "setpoints that expire");
        return;
    }
    if (expiry->timed == 0)
        return;
    expiry_follow_journal(writeback, now_ms);
    while ((first = expiry_queue_first(&expiry->queue)) && first->due_ms <= now_ms) {
        uint32_t index = first->index;
        uint64_t due_ms = expiry_due_ms(writeback->command_index.item[index].tag->command);
        if (expiry_is_later(due_ms, now_ms)) { /* written since it was added */
            expiry_queue_delay_first(&expiry->queue, due_ms);
            continue;
        }
        expiry_queue_remove_first(&expiry->queue);
        expiry_expire(writeback, index, now_ms);
    }
}

int writeback_expiry_due_ms(const struct writeback *writeback, uint64_t now_ms)
{
    const struct expiry_item *first = expiry_queue_first(&writeback->expiry.queue);
    if (!first)
        return -1;
    uint64_t wait_ms = first->due_ms > now_ms ? first->due_ms - now_ms : 0;
    return wait_ms < INT32_MAX ? (int)wait_ms : INT32_MAX;
}

bool writeback_is_outdated(const struct writeback *writeback, const struct tag *tag)
{
    const struct live_table_expiry *expiry = &tag->command->expiry;
    return tag->command->expires_s > 0 && expiry->is_expired && tag->command->expire_value &&
           !expiry_is_later(writeback->newest.entry.steady_ms, expiry->steady_ms);
}

/* The command of an expired setpoint is published, or never will be. */
static void expiry_settle_owed(const struct writeback *writeback, const struct tag *tag)
{
    tag->command->expiry.is_owed = false;
    tag->command->expire_number = 0;
    expiry_store(writeback, tag);
}

/* Publishes expire_value. False when out of memory: try again later. */
static bool expiry_publish_value(struct writeback *writeback, const struct command_tag *command_tag,
                                 uint64_t now_ms)
{
    const struct tag *tag = command_tag->tag;
    struct inflight_command *sent = NULL;
    struct codec_registers registers;
    int number = 0;
    if (expiry_encode_value(tag, &registers)) {
        if (point_is_part(&tag->point)) /* as it is within its register */
            registers.words[0] = point_place_part(&tag->point, registers.words[0]);
        if (writeback_publish_value(writeback, command_tag, registers.words, &number, now_ms) ==
            PUBLISH_NO_MEMORY)
            return false;
        tag->command->has_known = false;
    }
    if (number != 0)
        sent = inflight_start_command(&writeback->inflight, COMMAND_SENT, INFLIGHT_EXPIRY, tag->id);
    if (!sent) {
        expiry_settle_owed(writeback, tag);
        return true;
    }
    sent->number = number;
    sent->place = command_tag->place;
    tag->command->expire_number = number;
    writeback->expiry.sent++;
    return true;
}

void writeback_publish_expired(struct writeback *writeback, uint64_t now_ms)
{
    struct expiry *expiry = &writeback->expiry;
    size_t room = EXPIRY_SENT_AT_ONCE;
    if (expiry->generation != writeback->command_index.generation || expiry->retry_ms > now_ms)
        return;
    for (; expiry->owed_first < expiry->owed.count && expiry->sent < EXPIRY_SENT_MAX && room > 0;
         expiry->owed_first++) {
        const struct command_tag *command_tag =
            &writeback->command_index.item[expiry->owed.item[expiry->owed_first]];
        struct tag_command *command = command_tag->tag->command;
        if (command->expiry.is_owed && command->expire_number == 0) {
            if (!expiry_publish_value(writeback, command_tag, now_ms)) {
                expiry->retry_ms = now_ms + WRITEBACK_RETRY_MS;
                return;
            }
            room--;
        }
        command->is_waiting = false;
    }
}

bool writeback_has_expired_to_publish(const struct writeback *writeback)
{
    const struct expiry *expiry = &writeback->expiry;
    return expiry->owed_first < expiry->owed.count && expiry->sent < EXPIRY_SENT_MAX;
}

void writeback_note_expire_published(struct writeback *writeback,
                                     const struct inflight_command *command)
{
    REQUIRE(command->entry == INFLIGHT_EXPIRY && writeback->expiry.sent > 0);
    writeback->expiry.sent--;
    if (!writeback_refresh_index(writeback))
        return; /* it stays owed, and is published once more */
    const struct command_tag *command_tag =
        command_index_find_at(&writeback->command_index, command->place, command->tag);
    if (!command_tag)
        command_tag = command_index_find(&writeback->command_index, command->tag);
    if (command_tag && command_tag->tag->command->expire_number == command->number)
        expiry_settle_owed(writeback, command_tag->tag);
}

void writeback_note_write(struct writeback *writeback, size_t index, uint64_t now_ms)
{
    const struct tag_command *command = writeback->command_index.item[index].tag->command;
    uint64_t written_ms = writeback->newest.entry.steady_ms;
    if (command->expires_s > 0 &&
        writeback->expiry.generation == writeback->command_index.generation)
        expiry_renew(writeback, (uint32_t)index, written_ms < now_ms ? written_ms : now_ms, now_ms);
}

void writeback_take_mirrored(struct writeback *writeback, const struct device *device,
                             const struct tag *tag, bool is_expired, uint64_t age_ms,
                             uint64_t now_ms)
{
    const struct command_index *index = &writeback->command_index;
    struct tag_command *command = tag->command;
    uint64_t written_ms = now_ms - age_ms + EXPIRY_TAKEOVER_MS;
    if (!command || command->expires_s == 0)
        return;
    if (!writeback_refresh_index(writeback) || (writeback->expiry.generation != index->generation &&
                                                !expiry_take_index(writeback, now_ms))) {
        memory_shortage_note(writeback->spec.memory_shortage, "setpoints that expire");
        return;
    }
    const struct command_tag *command_tag = command_index_find_at(
        index, command_index_place_of(device->unit, tag->point.table, tag->point.address), tag->id);
    if (!command_tag)
        return;
    if (is_expired) { /* the other gateway publishes the command */
        command->expiry.is_expired = true;
        command->expiry.is_owed = false;
        expiry_store(writeback, tag);
        return;
    }
    /* A setpoint that has expired here is not new because its message is still retained. */
    bool is_over = !expiry_is_later(written_ms + (uint64_t)command->expires_s * 1000, now_ms);
    if (!command->expiry.is_expired || !is_over)
        expiry_renew(writeback, (uint32_t)(command_tag - index->item), written_ms, now_ms);
}
