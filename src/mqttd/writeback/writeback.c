/* Takes the entries of the journal in their order, and advances the position. */
#include "mqttd/writeback/writeback.h"

#include <stdlib.h>

#include "common/base/require.h"
#include "mqttd/writeback/writeback_internal.h"

struct writeback *writeback_create(const struct writeback_spec *spec)
{
    REQUIRE(spec->device_table && spec->publish && spec->journal_tail && spec->journal_watch &&
            spec->readback);
    struct writeback *writeback = calloc(1, sizeof *writeback);
    if (writeback)
        writeback->spec = *spec;
    return writeback;
}

void writeback_destroy(struct writeback *writeback)
{
    if (!writeback)
        return;
    expiry_queue_finish(&writeback->expiry.queue);
    free(writeback->expiry.owed.item);
    command_index_finish(&writeback->command_index);
    free(writeback);
}

bool writeback_refresh_index(struct writeback *writeback)
{
    uint64_t generation = writeback->command_index.generation;
    bool is_fresh = command_index_refresh(&writeback->command_index, writeback->spec.device_table);
    if (generation != writeback->command_index.generation) {
        writeback_recover_restart(writeback);
        writeback_shorten_waits(writeback);
    }
    return is_fresh;
}

void writeback_save_position(struct writeback *writeback)
{
    inflight_pop_completed(&writeback->inflight, &writeback->completed);
    if (!writeback_recover_is_over(writeback) || writeback->completed.position == 0)
        return;
    journal_tail_save(writeback->spec.journal_tail, writeback->completed.journal,
                      writeback->completed.position);
    writeback->completed.position = 0;
}

/* Handles the newest entry for each tag that it wrote. False when it has to be handled again, after
 * a lack of memory or because too many commands settle: then it is handled again for all of its
 * tags. */
static bool writeback_take_entry(struct writeback *writeback, uint64_t now_ms)
{
    const struct command_index *index = &writeback->command_index;
    const struct journal_entry *entry = &writeback->newest.entry;
    uint16_t words[POINT_REGISTERS_MAX];
    bool is_taken = true;
    uint32_t end;
    for (size_t i = command_index_first_of(index, entry, &end);
         i < index->count && index->item[i].place < end; i++) {
        const struct command_tag *command_tag = &index->item[i];
        enum command_match match = command_match_entry(entry, &command_tag->tag->point, words);
        if (match != COMMAND_MATCH_NONE)
            writeback_note_write(writeback, i, now_ms);
        if (writeback_is_outdated(writeback, command_tag->tag))
            continue;
        switch (match) {
        case COMMAND_MATCH_NONE:
            break;
        case COMMAND_MATCH_PART:
            mirror_note_part(writeback->spec.mirror, command_tag->tag, entry->steady_ms, now_ms);
            /* The hold-off begins: a value of the device would overwrite this part, and the
             * register would hold a mixture of both. */
            command_tag->tag->command->written_at_ms = now_ms;
            is_taken &=
                writeback_debounce_tag(writeback, command_tag, writeback->newest.number, now_ms);
            break;
        case COMMAND_MATCH_WHOLE:
            is_taken &= writeback_publish_whole(writeback, command_tag, words, now_ms);
            break;
        }
    }
    return is_taken;
}

/* Handles entries until the journal is empty, too many commands are under way, or memory is
 * lacking. */
static void writeback_take_entries(struct writeback *writeback, uint64_t now_ms)
{
    struct inflight *inflight = &writeback->inflight;
    uint64_t journal;
    for (;;) {
        if (!writeback->newest.is_waiting) {
            inflight_hurry_first(inflight, now_ms);
            if (!inflight_has_room(inflight))
                return;
            switch (journal_tail_next(writeback->spec.journal_tail, &writeback->newest.entry,
                                      &journal)) {
            case JOURNAL_TAIL_EMPTY:
                return;
            case JOURNAL_TAIL_LOSS:
                writeback_recover_begin(
                    writeback,
                    (struct inflight_position){.journal = journal,
                                               .position = writeback->newest.entry.sequence});
                writeback_recover_continue(writeback, now_ms);
                continue;
            case JOURNAL_TAIL_ENTRY:
                writeback->newest.number =
                    inflight_add_entry(inflight, journal, writeback->newest.entry.sequence);
                writeback->newest.journal = journal;
                writeback->newest.is_waiting = true;
                writeback->newest.due_ms = now_ms;
            }
        }
        if (writeback->newest.due_ms > now_ms)
            return;
        if (!inflight_can_settle(inflight) || !writeback_take_entry(writeback, now_ms)) {
            writeback->newest.due_ms = now_ms + WRITEBACK_RETRY_MS;
            return;
        }
        writeback->newest.is_waiting = false;
        inflight_release_entry(inflight, writeback->newest.number);
        writeback_recover_note_entry(writeback, writeback->newest.journal,
                                     writeback->newest.entry.sequence, now_ms);
        writeback_save_position(writeback);
    }
}

static void writeback_note_waiting(void *context, const struct journal_entry *entry)
{
    const struct writeback *writeback = context;
    const struct command_index *index = &writeback->command_index;
    uint16_t words[POINT_REGISTERS_MAX];
    uint32_t end;
    for (size_t i = command_index_first_of(index, entry, &end);
         i < index->count && index->item[i].place < end; i++) {
        const struct tag *tag = index->item[i].tag;
        if (command_match_entry(entry, &tag->point, words) != COMMAND_MATCH_NONE)
            mirror_note_waiting(writeback->spec.mirror, tag, entry->steady_ms);
    }
}

void writeback_note_connect(struct writeback *writeback)
{
    if (writeback->spec.mirror && writeback_refresh_index(writeback) &&
        !journal_tail_each_waiting(writeback->spec.journal_tail, writeback_note_waiting, writeback))
        mirror_note_loss(writeback->spec.mirror, true);
}

void writeback_run(struct writeback *writeback, uint64_t now_ms)
{
    struct register_read register_read;
    if (!writeback_refresh_index(writeback)) {
        memory_shortage_note(writeback->spec.memory_shortage, "the index of command tags");
        return;
    }
    while (readback_take_result(writeback->spec.readback, &register_read))
        writeback_take_read(writeback, &register_read, now_ms);
    writeback_recover_continue(writeback, now_ms);
    writeback_request_reads(writeback, now_ms);
    writeback_take_polls(writeback, now_ms);
    writeback_take_entries(writeback, now_ms);
    writeback_publish_expired(writeback, now_ms);
    writeback_save_position(writeback);
}

int writeback_due_ms(const struct writeback *writeback, uint64_t now_ms)
{
    uint64_t due_ms = UINT64_MAX;
    if (writeback->newest.is_waiting)
        due_ms = writeback->newest.due_ms;
    if (writeback->held_poll.is_waiting && writeback->held_poll.due_ms < due_ms)
        due_ms = writeback->held_poll.due_ms;
    if (writeback_has_expired_to_publish(writeback) && writeback->expiry.retry_ms < due_ms)
        due_ms = writeback->expiry.retry_ms;
    const struct inflight_command *command = writeback->inflight.lists[COMMAND_SETTLING].first;
    for (; command; command = command->next)
        due_ms = command->due_ms < due_ms ? command->due_ms : due_ms;
    if (due_ms == UINT64_MAX)
        return -1;
    return due_ms > now_ms ? (int)(due_ms - now_ms) : 0;
}
