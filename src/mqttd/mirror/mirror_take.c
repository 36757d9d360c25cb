/* Takes the setpoints of other gateways. */
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/mirror/mirror_internal.h"

void mirror_ignore(struct mirror *mirror, enum mirror_reason reason)
{
    counters_add(mirror->spec.counters, MQTTD_MIRROR_IGNORED + (size_t)reason, 1);
}

void mirror_set_mark(struct mirror_record *record, uint64_t stamp, const char *from,
                     bool is_own_process)
{
    REQUIRE(stamp > 0 && from);
    record->stamp = stamp;
    record->from = from;
    record->is_own_process = is_own_process;
    record->is_echoed = record->is_overtaken = false;
}

/* The clocks of gateways that let setpoints expire may differ by this. */
enum { MIRROR_CLOCKS_DIFFER_MS = 10000 };

/* Tells the writeback of the setpoint. Another gateway may have written one that waited at the
 * broker later than its stamp says here. */
static void mirror_tell_taken(const struct mirror *mirror, const struct mirror_record *record,
                              const struct mirror_message *message, uint64_t age_ms)
{
    uint64_t doubt_ms = strcmp(message->from, mirror->own) == 0 ? 0 : MIRROR_CLOCKS_DIFFER_MS;
    if (mirror->spec.taken)
        mirror->spec.taken(mirror->spec.context, record->device, record->tag, message->is_expired,
                           age_ms > doubt_ms ? age_ms - doubt_ms : 0);
}

/* Milliseconds since the setpoint was written, by its stamp. */
static uint64_t mirror_age_ms(struct mirror *mirror, const struct mirror_message *message)
{
    uint64_t now = mirror_stamp_now(mirror);
    return now > message->stamp ? (now - message->stamp) / 1000 : 0;
}

static uint64_t mirror_raw_of(const struct mirror_message *message)
{
    return point_is_part(&message->point) ? message->words[0]
                                          : live_table_pack_raw(&message->point, message->words);
}

static bool row_has_message(const struct live_table_row *row, const struct mirror_message *message,
                            uint64_t settings)
{
    bool is_text = message->point.type == TYPE_STRING;
    return row->changed != 0 && row->is_setpoint && row->value.settings == settings &&
           (is_text ? memcmp(row->text, message->words, message->count * sizeof *row->text) == 0
                    : row->value.raw == mirror_raw_of(message));
}

/* Puts the setpoint into the row and the registers, unless the row holds it, or a newer value of
 * the device. A setpoint that may have waited at the broker is held off from the device's values by
 * its age only: the value of a device that has been changed on the spot since stays. */
static void mirror_put_setpoint(struct mirror *mirror, struct mirror_record *record,
                                const struct mirror_message *message, bool is_live, uint64_t now_ms)
{
    struct tag *tag = record->tag;
    struct tag_command *command = tag->command;
    struct live_table *live = mirror->spec.device_table->live;
    struct live_table_row row;
    uint64_t age_ms = is_live ? 0 : mirror_age_ms(mirror, message);
    bool is_settled = tag->direction == BOTH_WAYS && age_ms > command->hold_off_ms;
    mirror_tell_taken(mirror, record, message, age_ms);
    if (!live_table_read_row(live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id), &row))
        return;
    if (is_settled && row.value.wall_ms > 0 && !row.is_setpoint &&
        clock_wall_ms() - row.value.wall_ms + command->hold_off_ms < age_ms) {
        mirror_ignore(mirror, MIRROR_OLDER);
        return;
    }

    struct live_table_value value = row.value;
    live_table_set_location(&value, tag->settings, record->device->unit, &tag->point);
    value.raw = mirror_raw_of(message);
    bool is_there = row_has_message(&row, message, value.settings);
    bool is_own = strcmp(message->from, mirror->own) == 0;
    if (!is_there) {
        target_put_value(record->device->target, tag->slot, &value, &tag->point, message->words);
        live_table_set_setpoint(live, tag->slot, true);
        if (is_settled)
            live_table_set_settled_setpoint(live, tag->slot);
        command->part_known = (uint8_t)message->words[0];
        command->has_known = false; /* the device receives it from the other gateway */
    }
    command->written_at_ms = now_ms > age_ms ? now_ms - age_ms : 0;
    if (is_there && is_own)
        mirror_ignore(mirror, MIRROR_OWN);
    else
        counters_add(mirror->spec.counters, MQTTD_MIRROR_APPLIED, 1);
    log_debug("%s/%s: setpoint of %s", record->device->name, tag->name, message->from);
}

void mirror_end_staged(struct mirror *mirror, struct mirror_record *record,
                       const struct mirror_mark *write, uint64_t now_ms)
{
    struct mirror_message *staged = record->staged;
    if (!staged)
        return;
    const struct mirror_mark waits = {staged->stamp, staged->from};
    const struct mirror_mark known = {record->stamp, record->from};
    const char *from = NULL;
    if (mirror_mark_is_newer(&waits, &known))
        from = mirror_keep_name(mirror, staged->from);
    record->staged = NULL;
    mirror->staged_count--;
    if (from)
        mirror_set_mark(record, staged->stamp, from, false);
    if (from && (!write || !mirror_mark_is_newer(write, &waits)) &&
        mirror_message_fits(staged, &record->tag->point))
        mirror_put_setpoint(mirror, record, staged, true, now_ms);
    free(staged);
}

/* Keeps a setpoint until a write of SCADA is judged. False when out of memory. */
static bool mirror_stage(struct mirror *mirror, struct mirror_record *record,
                         const struct mirror_message *message)
{
    const struct mirror_message *staged = record->staged;
    const struct mirror_mark mark = {message->stamp, message->from};
    const struct mirror_mark waits = {staged ? staged->stamp : 0, staged ? staged->from : NULL};
    if (!mirror_mark_is_newer(&mark, &waits))
        return true;
    if (!staged) {
        record->staged = malloc(sizeof *record->staged);
        mirror->staged_count += record->staged != NULL;
    }
    if (record->staged)
        *record->staged = *message;
    return record->staged != NULL;
}

/* Takes note of a setpoint that is not newer than what is known. If it has replaced the newest one
 * at the broker, that one is published again, and its command, too, if this gateway has published
 * it. */
static void mirror_note_older(struct mirror *mirror, struct mirror_record *record,
                              const struct mirror_message *message, bool retained)
{
    struct live_table_row row;
    bool is_echo = strcmp(message->from, mirror->own) == 0 && !message->is_repeated;
    bool is_same = message->stamp == record->stamp && strcmp(message->from, record->from) == 0;
    mirror_ignore(mirror, is_echo ? MIRROR_OWN : MIRROR_OLDER);
    record->is_at_broker |= is_same;
    record->is_echoed |= is_same;
    if (is_same || is_echo)
        return;
    record->is_at_broker = false;
    mirror->has_unsent = true;
    record->is_overtaken |= !retained && record->is_echoed &&
                            strcmp(record->from, mirror->own) == 0 &&
                            mirror_read_row(mirror, record, &row) &&
                            !row_has_message(&row, message, row.value.settings);
}

/* Uses a setpoint that is in order, if it is newer than what is known. False when out of memory. */
static bool mirror_take_setpoint(struct mirror *mirror, struct mirror_record *record,
                                 const struct mirror_message *message, bool retained,
                                 uint64_t now_ms)
{
    bool is_live = !retained && mirror->link == MIRROR_LINK_OPEN;
    const struct mirror_mark mark = {message->stamp, message->from};
    const struct mirror_mark known = {record->stamp, record->from};
    const struct mirror_mark waiting = {record->waiting, mirror->own};
    const struct mirror_mark part = {record->part, mirror->own};
    const struct mirror_mark lost = {mirror_last_stamp_of(mirror, record->lost_ms), mirror->own};
    if (!mirror_mark_is_newer(&mark, &known)) {
        mirror_note_older(mirror, record, message, retained);
        return true;
    }
    const char *from = mirror_keep_name(mirror, message->from);
    if (!from) {
        mirror_ignore(mirror, MIRROR_INVALID);
        return true;
    }
    bool has_part = record->part > 0 && now_ms < record->part_until_ms;
    if ((has_part && mirror_mark_is_newer(&mark, &part)) ||
        (record->has_loss && mirror_mark_is_newer(&lost, &mark)))
        return mirror_stage(mirror, record, message);

    mirror_set_mark(record, message->stamp, from, false);
    record->is_at_broker = true;
    if (has_part || mirror_mark_is_newer(&waiting, &mark))
        mirror_ignore(mirror, MIRROR_OLDER);
    else
        mirror_put_setpoint(mirror, record, message, is_live, now_ms);
    return true;
}

static void mirror_refuse_message(struct mirror *mirror, const char *topic, const char *why,
                                  uint64_t now_ms)
{
    mirror_ignore(mirror, MIRROR_INVALID);
    if (!log_limit_count_event(&mirror->invalid, now_ms))
        return;
    log_warning("a message on %.200s is ignored: %s; %u such messages since the last line", topic,
                why, mirror->invalid.since);
    log_limit_mark_logged(&mirror->invalid, now_ms);
}

bool mirror_has_topic(const struct mirror *mirror, const char *topic)
{
    return mirror && strncmp(topic, mirror->prefix, strlen(mirror->prefix)) == 0;
}

bool mirror_take_message(struct mirror *mirror, const struct mqtt_message *message, uint64_t now_ms)
{
    const char *levels = message->topic + strlen(mirror->prefix);
    struct mirror_message *setpoint = &mirror->message;
    char expected[MIRROR_LEVELS_SIZE];
    REQUIRE(mirror_has_topic(mirror, message->topic));
    if (strncmp(levels, "%/", 2) == 0) {
        if (strcmp(message->topic, mirror->fence) == 0)
            mirror_take_fence(mirror, message->payload, message->len, now_ms);
        return true;
    }
    if (!mirror_refresh_records(mirror))
        return false;
    struct mirror_record *record = mirror_find_record(&mirror->records, levels);
    if (message->len == 0) {
        /* Cleared by a gateway that does not have the tag, or not any more. */
        if (record && record->stamp > 0) {
            record->is_at_broker = false;
            mirror->has_unsent = true;
        }
        return true;
    }
    switch (mirror_message_read(message->payload, message->len, setpoint)) {
    case MIRROR_READ_NO_MEMORY:
        return false;
    case MIRROR_READ_INVALID:
        mirror_refuse_message(mirror, message->topic, "it is no setpoint", now_ms);
        return true;
    case MIRROR_READ_OK:
        break;
    }
    if (!mirror_message_write_levels(setpoint->device, setpoint->tag, expected) ||
        strcmp(expected, levels) != 0) {
        mirror_refuse_message(mirror, message->topic, "it names another tag than its topic",
                              now_ms);
        return true;
    }
    if (setpoint->is_value)
        return mirror_take_value(mirror, message->topic, now_ms);
    if (!record || !mirror_message_fits(setpoint, &record->tag->point)) {
        mirror->has_unused = true;
        mirror_ignore(mirror, record ? MIRROR_OTHER_REGISTERS : MIRROR_UNKNOWN_TAG);
        return true;
    }
    mirror_set_clock(mirror);
    if (!mirror_clock_see_stamp(&mirror->clock, setpoint->stamp, clock_steady_us())) {
        mirror->has_far_ahead = true;
        mirror_refuse_message(mirror, message->topic,
                              "its time is more than a day ahead; check the clocks", now_ms);
        return true;
    }
    mirror_store_clock(mirror);
    if (message->retained)
        mirror_prolong_test(mirror, now_ms);
    return mirror_take_setpoint(mirror, record, setpoint, message->retained, now_ms);
}
