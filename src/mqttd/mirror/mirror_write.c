/* Compares SCADA's writes at this gateway with the setpoints of others, and mirrors them. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/shared/write_times.h"
#include "mqttd/mirror/mirror_internal.h"

uint64_t mirror_last_stamp_of(const struct mirror *mirror, uint64_t written_ms)
{
    return mirror_clock_stamp_at(&mirror->clock, written_ms * 1000 + 999);
}

static struct mirror_record *mirror_record_of(struct mirror *mirror, const struct tag *tag)
{
    if (!mirror)
        return NULL;
    if (!mirror_refresh_records(mirror))
        memory_shortage_note(mirror->spec.memory_shortage, "the tags of mirrored setpoints");
    return tag->command ? tag->command->mirror : NULL;
}

void mirror_note_waiting(struct mirror *mirror, const struct tag *tag, uint64_t written_ms)
{
    struct mirror_record *record = mirror_record_of(mirror, tag);
    if (!record)
        return;
    uint64_t stamp = mirror_last_stamp_of(mirror, written_ms);
    if (stamp > record->waiting)
        record->waiting = stamp;
}

void mirror_note_part(struct mirror *mirror, const struct tag *tag, uint64_t written_ms,
                      uint64_t now_ms)
{
    struct mirror_record *record = mirror_record_of(mirror, tag);
    if (!record)
        return;
    record->part = mirror_last_stamp_of(mirror, written_ms);
    record->part_until_ms =
        now_ms + tag->command->settle_ms + tag->command->min_interval_ms + MIRROR_PART_LIMIT_MS;
}

void mirror_note_loss(struct mirror *mirror, bool is_ahead)
{
    struct write_times write_times;
    char why[SHM_WHY_SIZE];
    if (!mirror)
        return;
    if (!mirror_refresh_records(mirror))
        memory_shortage_note(mirror->spec.memory_shortage, "the tags of mirrored setpoints");
    uint64_t now_ms = clock_steady_ms();
    mirror->is_loss_ahead = is_ahead;
    bool is_known =
        write_times_open_reader(&write_times, mirror->spec.runtime_dir, why, sizeof why);
    if (!is_known)
        log_warning("%s: what SCADA wrote is taken for newer than the setpoints of other gateways",
                    why);
    struct hash_node *at = hash_table_next(&mirror->records, NULL);
    for (; at; at = hash_table_next(&mirror->records, at)) {
        struct mirror_record *record = (struct mirror_record *)at;
        const struct point *point = &record->tag->point;
        record->lost_ms = now_ms;
        if (is_known)
            record->lost_ms = write_times_newest(
                &write_times, record->device->unit,
                point->table == TABLE_COIL ? JOURNAL_COIL : JOURNAL_HOLDING_REGISTER,
                point->address, point_width(point));
        if (record->lost_ms > now_ms)
            record->lost_ms = now_ms;
        record->has_loss = record->lost_ms > 0;
    }
    write_times_close(is_known ? &write_times : NULL);
}

void mirror_end_loss(struct mirror *mirror)
{
    struct hash_node *at = mirror ? hash_table_next(&mirror->records, NULL) : NULL;
    if (mirror)
        mirror->is_loss_ahead = false;
    for (; at; at = hash_table_next(&mirror->records, at))
        ((struct mirror_record *)at)->has_loss = false;
}

static void mirror_note_superseded(struct mirror *mirror, const struct mirror_record *record,
                                   const char *from, uint64_t now_ms)
{
    counters_add(mirror->spec.counters, MQTTD_COMMANDS_SUPERSEDED, 1);
    if (!log_limit_count_event(&mirror->superseded, now_ms))
        return;
    log_warning("%s/%s: a write of SCADA is not published, because %s has a newer one; %u such "
                "writes since the last line",
                record->device->name, record->tag->name, from, mirror->superseded.since);
    log_limit_mark_logged(&mirror->superseded, now_ms);
}

/* Puts the value of the row into the registers again, where SCADA's older one may be. */
static void mirror_put_row_again(struct mirror *mirror, const struct mirror_record *record)
{
    const struct tag *tag = record->tag;
    struct live_table_row row;
    if (mirror_read_row(mirror, record, &row))
        target_put_value(record->device->target, tag->slot, &row.value, &tag->point, row.text);
}

/* Judges a write of which these are the first and the last stamp that it can have. */
static enum mirror_verdict mirror_judge_record(struct mirror *mirror, struct mirror_record *record,
                                               uint64_t first, uint64_t last, uint64_t now_ms)
{
    const struct mirror_mark write = {last, mirror->own};
    mirror_end_staged(mirror, record, &write, now_ms);
    const struct mirror_mark known = {record->stamp, record->from};
    enum mirror_verdict verdict = mirror_order_judge(&write, &known, record->is_own_process);
    record->judged = first;
    record->part = 0;
    record->has_loss = false;
    if (verdict != MIRROR_WRITE_IS_SUPERSEDED)
        return verdict;
    mirror_note_superseded(mirror, record, record->from, now_ms);
    mirror_put_row_again(mirror, record);
    return verdict;
}

/* Judges a write from before a loss: neither the registers nor a setpoint that waits are touched,
 * since the registers may have a newer write, which is lost. */
static enum mirror_verdict mirror_judge_before_loss(struct mirror *mirror,
                                                    struct mirror_record *record, uint64_t first,
                                                    uint64_t last, uint64_t now_ms)
{
    const struct mirror_mark write = {last, mirror->own};
    struct mirror_mark known = {record->stamp, record->from};
    bool is_own_process = record->is_own_process;
    if (record->staged) {
        const struct mirror_mark waits = {record->staged->stamp, record->staged->from};
        if (mirror_mark_is_newer(&waits, &known)) {
            known = waits;
            is_own_process = false;
        }
    }
    enum mirror_verdict verdict = mirror_order_judge(&write, &known, is_own_process);
    record->judged = first;
    if (verdict == MIRROR_WRITE_IS_SUPERSEDED)
        mirror_note_superseded(mirror, record, known.from, now_ms);
    return verdict;
}

enum mirror_verdict mirror_judge_write(struct mirror *mirror, const struct tag *tag,
                                       uint64_t written_ms, uint64_t now_ms)
{
    struct mirror_record *record = mirror_record_of(mirror, tag);
    if (!record)
        return MIRROR_WRITE_IS_NEWEST;
    uint64_t first = mirror_clock_stamp_at(&mirror->clock, written_ms * 1000);
    uint64_t last = mirror_last_stamp_of(mirror, written_ms);
    return mirror->is_loss_ahead && record->has_loss
               ? mirror_judge_before_loss(mirror, record, first, last, now_ms)
               : mirror_judge_record(mirror, record, first, last, now_ms);
}

bool mirror_may_read(struct mirror *mirror, const struct tag *tag, uint64_t *changed)
{
    const struct mirror_record *record = mirror_record_of(mirror, tag);
    struct live_table_row row;
    *changed = 0;
    if (!record || !mirror_read_row(mirror, record, &row) || !row.is_setpoint)
        return true;
    *changed = row.changed;
    return row.changed == row.written;
}

bool mirror_supersedes_command(struct mirror *mirror, const struct tag *tag, uint64_t now_ms)
{
    struct mirror_record *record = mirror_record_of(mirror, tag);
    if (!record || record->stamp == 0 || strcmp(record->from, mirror->own) == 0)
        return false;
    mirror_note_superseded(mirror, record, record->from, now_ms);
    record->is_withdrawn = mirror->has_unsent = true;
    return true;
}

/* True when the words, read from the registers, are the setpoint of the row. */
static bool mirror_row_has_words(const struct mirror *mirror, const struct mirror_record *record,
                                 const uint16_t *words)
{
    const struct tag *tag = record->tag;
    struct live_table_row row;
    if (!mirror_read_row(mirror, record, &row) || !row.is_setpoint)
        return false;
    if (tag->point.type == TYPE_STRING)
        return memcmp(row.text, words, tag->point.length * sizeof *words) == 0;
    return row.value.raw == live_table_pack_raw(&tag->point, words);
}

/* Judges the content of the registers after a loss of entries: it is as old as SCADA's last write.
 */
static enum mirror_verdict mirror_judge_lost(struct mirror *mirror, struct mirror_record *record,
                                             const uint16_t *words, uint64_t now_ms)
{
    uint64_t first = 1, last = 1; /* SCADA wrote nothing: any setpoint is newer */
    if (record->lost_ms > 0) {
        first = mirror_clock_stamp_at(&mirror->clock, record->lost_ms * 1000);
        last = mirror_last_stamp_of(mirror, record->lost_ms);
    }
    const struct mirror_mark write = {last, mirror->own};
    const struct mirror_mark known = {record->stamp, record->from};
    bool is_own = record->stamp > 0 && strcmp(record->from, mirror->own) == 0;
    /* What is published already: by the writeback, or by another gateway. */
    if (record->stamp > 0 && !record->staged && mirror_row_has_words(mirror, record, words) &&
        (is_own || !mirror_mark_is_newer(&write, &known))) {
        record->has_loss = false;
        return is_own ? MIRROR_WRITE_IS_REPEATED : MIRROR_WRITE_IS_SUPERSEDED;
    }
    return mirror_judge_record(mirror, record, first, last, now_ms);
}

enum mirror_verdict mirror_judge_read(struct mirror *mirror, const struct tag *tag,
                                      const uint16_t *words, bool is_read_again, uint64_t now_ms)
{
    struct mirror_record *record = mirror_record_of(mirror, tag);
    if (!record)
        return MIRROR_WRITE_IS_NEWEST;
    bool has_loss = record->has_loss;
    bool has_part = record->part > 0 &&
                    !(has_loss && mirror_last_stamp_of(mirror, record->lost_ms) > record->part);
    enum mirror_verdict verdict =
        has_part ? mirror_judge_record(mirror, record, record->part, record->part, now_ms)
                 : mirror_judge_lost(mirror, record, words, now_ms);
    record->has_loss = has_loss && is_read_again;
    return verdict;
}

void mirror_publish_write(struct mirror *mirror, const struct tag *tag, const uint16_t *words)
{
    struct mirror_record *record = mirror_record_of(mirror, tag);
    const uint16_t part = point_take_part(&tag->point, words[0]);
    const char *own = record ? mirror_keep_name(mirror, mirror->own) : NULL;
    if (!own)
        return;
    uint64_t stamp = record->judged > record->stamp ? record->judged : record->stamp + 1;
    if (stamp >= MIRROR_STAMP_LIMIT)
        stamp = MIRROR_STAMP_LIMIT - 1;
    mirror_set_mark(record, stamp, own, true);
    mirror_send_setpoint(mirror, record, point_is_part(&tag->point) ? &part : words);
}

void mirror_publish_expired(struct mirror *mirror, const struct tag *tag, const uint16_t *words)
{
    struct mirror_record *record = mirror_record_of(mirror, tag);
    const char *own = record ? mirror_keep_name(mirror, mirror->own) : NULL;
    if (!own || record->stamp + 1 >= MIRROR_STAMP_LIMIT)
        return;
    mirror_set_mark(record, record->stamp + 1, own, true);
    mirror_send_setpoint(mirror, record, words);
}
