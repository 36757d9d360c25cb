/* Waits until values that were written in part have settled, and reads them as a whole. */
#include "common/base/require.h"
#include "mqttd/writeback/writeback_internal.h"

enum { DEBOUNCE_WAIT_MS = 20 }; /* for a mirrored setpoint to be written */

struct inflight_command *writeback_find_unsettled(struct writeback *writeback,
                                                  const struct command_tag *command_tag)
{
    struct inflight_command *command =
        inflight_find_unsettled(&writeback->inflight, command_tag->tag->id);
    if (!command || (command->place == COMMAND_FOREIGN) == (command_tag->place == COMMAND_FOREIGN))
        return command;
    inflight_move_command(&writeback->inflight, command, COMMAND_FREE);
    return NULL;
}

bool writeback_debounce_tag(struct writeback *writeback, const struct command_tag *command_tag,
                            uint64_t entry, uint64_t now_ms)
{
    struct inflight *inflight = &writeback->inflight;
    const struct tag *tag = command_tag->tag;
    uint64_t due_ms = now_ms + tag->command->settle_ms;
    uint64_t end_ms = writeback_interval_end(tag->command);
    bool is_recovery = entry == INFLIGHT_RECOVERY;
    REQUIRE(command_tag->place != COMMAND_FOREIGN && entry != INFLIGHT_NO_ENTRY);

    struct inflight_command *command = writeback_find_unsettled(writeback, command_tag);
    if ((!command || is_recovery) && !inflight_can_settle(inflight))
        return false;
    if (!command) {
        command = inflight_start_command(inflight, COMMAND_SETTLING, entry, tag->id);
        REQUIRE(command);
        command->due_ms = due_ms;
    } else if (!is_recovery) {
        /* The command keeps its first entry: the position must not advance past that one. */
        inflight_move_command(inflight, command, COMMAND_SETTLING);
        command->due_ms = due_ms;
    } else if (command->state != COMMAND_SETTLING) {
        /* The read under way is published, too: otherwise repeated losses would delay the value. */
        inflight_move_command(inflight, command, COMMAND_READING_AGAIN);
        command->due_ms = due_ms;
    }
    command->place = command_tag->place;
    command->width = command_tag->width;
    if (command->state == COMMAND_SETTLING && !command->is_delayed && end_ms > due_ms &&
        inflight->delayed < INFLIGHT_DELAYED_MAX) {
        inflight_delay_command(inflight, command, end_ms);
        if (!is_recovery)
            writeback_hold_device(writeback, tag, end_ms);
    }
    return true;
}

/* Returns NULL when the tag is gone, or has other registers than when the command began to settle:
 * SCADA has not written to these. */
static const struct command_tag *debounce_find_tag(const struct writeback *writeback,
                                                   const struct inflight_command *command)
{
    const struct command_tag *command_tag =
        command_index_find_at(&writeback->command_index, command->place, command->tag);
    return command_tag && command_tag->width == command->width ? command_tag : NULL;
}

void writeback_request_reads(struct writeback *writeback, uint64_t now_ms)
{
    struct inflight *inflight = &writeback->inflight;
    struct inflight_command *command = inflight->lists[COMMAND_SETTLING].first, *next;
    for (; command; command = next) {
        next = command->next;
        if (command->due_ms > now_ms)
            continue;
        if (command->place == COMMAND_FOREIGN) {
            writeback_publish_waiting(writeback, command, now_ms);
            continue;
        }
        const struct command_tag *command_tag = debounce_find_tag(writeback, command);
        if (!command_tag) {
            inflight_move_command(inflight, command, COMMAND_FREE);
            continue;
        }
        if (command->entry == INFLIGHT_RECOVERY &&
            !mirror_may_read(writeback->spec.mirror, command_tag->tag, &command->changed)) {
            command->due_ms = now_ms + DEBOUNCE_WAIT_MS;
            continue;
        }
        const struct register_read register_read = {.read_id = ++writeback->last_read_id,
                                                    .unit = command_tag->device->unit,
                                                    .table = command_tag->tag->point.table,
                                                    .address = command_tag->tag->point.address,
                                                    .count = command_tag->width};
        if (!readback_request(writeback->spec.readback, &register_read)) {
            command->due_ms = now_ms + WRITEBACK_RETRY_MS;
            continue;
        }
        inflight_move_command(inflight, command, COMMAND_READING);
        command->read_id = register_read.read_id;
    }
}

void writeback_take_read(struct writeback *writeback, const struct register_read *register_read,
                         uint64_t now_ms)
{
    struct inflight *inflight = &writeback->inflight;
    struct inflight_command *command = inflight_find_read(inflight, register_read->read_id);
    if (!command)
        return;
    const struct command_tag *command_tag = debounce_find_tag(writeback, command);
    if (!command_tag) {
        inflight_move_command(inflight, command, COMMAND_FREE);
        return;
    }
    bool fits = register_read->count == command->width &&
                command_index_place_of(register_read->unit, register_read->table,
                                       register_read->address) == command->place;
    uint64_t changed;
    bool is_mixed = command->entry == INFLIGHT_RECOVERY && command->state == COMMAND_READING &&
                    (!mirror_may_read(writeback->spec.mirror, command_tag->tag, &changed) ||
                     changed != command->changed);
    if (register_read->result == MODBUS_OK && fits && is_mixed) {
        inflight_move_command(inflight, command, COMMAND_SETTLING);
        command->due_ms = now_ms;
    } else if (register_read->result == MODBUS_OK && fits) {
        writeback_publish_read(writeback, command, command_tag, register_read->words, now_ms);
    } else if (register_read->result == MODBUS_UNREACHABLE) {
        inflight_move_command(inflight, command, COMMAND_SETTLING);
        command->due_ms = now_ms + WRITEBACK_RETRY_MS;
    } else {
        /* An exception: the server does not serve the unit any more. */
        inflight_move_command(inflight, command,
                              command->state == COMMAND_READING_AGAIN ? COMMAND_SETTLING
                                                                      : COMMAND_FREE);
    }
}
