/* Recovers from lost entries of the journal: publishes the content of the registers, which is as
 * new as SCADA's last write, or newer. */
#include "common/base/require.h"
#include "mqttd/writeback/writeback_internal.h"

/* Makes every transition of the recovery. */
static void recover_move(struct recovery *recovery, enum recover_state next)
{
    static const unsigned moves[RECOVER_STATE_COUNT] = {
        [RECOVER_IDLE] = 1U << RECOVER_VISITING_TAGS,
        [RECOVER_VISITING_TAGS] = 1U << RECOVER_VISITING_TAGS | 1U << RECOVER_FINISHING,
        [RECOVER_FINISHING] = 1U << RECOVER_VISITING_TAGS | 1U << RECOVER_IDLE,
    };
    REQUIRE(next < RECOVER_STATE_COUNT && moves[recovery->state] & 1U << next);
    recovery->state = next;
}

/* After a loss during the visits, all tags are visited from the present one on, and not from the
 * first one, and the visits wait for no more entries: otherwise repeated losses would keep tags
 * waiting. */
void writeback_recover_begin(struct writeback *writeback, struct inflight_position behind)
{
    struct recovery *recovery = &writeback->recovery;
    mirror_note_loss(writeback->spec.mirror, false);
    if (recovery->state != RECOVER_VISITING_TAGS || behind.position == 0)
        recovery->behind = behind;
    recover_move(recovery, RECOVER_VISITING_TAGS);
    recovery->left = writeback->command_index.count;
}

void writeback_recover_restart(struct writeback *writeback)
{
    if (writeback->recovery.state == RECOVER_VISITING_TAGS)
        writeback_recover_begin(writeback, writeback->recovery.behind);
}

void writeback_recover_note_entry(struct writeback *writeback, uint64_t journal, uint64_t sequence,
                                  uint64_t now_ms)
{
    struct inflight_position *behind = &writeback->recovery.behind;
    if (behind->position == 0 || (journal == behind->journal && sequence + 1 < behind->position))
        return;
    behind->position = 0;
    writeback_recover_continue(writeback, now_ms);
}

void writeback_recover_continue(struct writeback *writeback, uint64_t now_ms)
{
    const struct command_index *index = &writeback->command_index;
    struct recovery *recovery = &writeback->recovery;
    if (recovery->state != RECOVER_VISITING_TAGS || recovery->behind.position > 0)
        return;
    REQUIRE(recovery->left <= index->count);
    for (; recovery->left > 0; recovery->left--) {
        const struct command_tag *command_tag = &index->item[recovery->next % index->count];
        if (command_tag->place != COMMAND_FOREIGN &&
            !writeback_debounce_tag(writeback, command_tag, INFLIGHT_RECOVERY, now_ms))
            return;
        recovery->next++;
    }
    recover_move(recovery, RECOVER_FINISHING);
}

bool writeback_recover_is_over(struct writeback *writeback)
{
    struct recovery *recovery = &writeback->recovery;
    if (recovery->state == RECOVER_FINISHING && writeback->inflight.recovering == 0) {
        recover_move(recovery, RECOVER_IDLE);
        mirror_end_loss(writeback->spec.mirror);
    }
    return recovery->state == RECOVER_IDLE;
}
