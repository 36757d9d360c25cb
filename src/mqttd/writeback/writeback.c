/* The way back.
 *
 * Each entry of the journal is a inflight_id. A value of several registers that an entry wrote in
 * part waits for its debounce_value time and is then read whole. */
#include "mqttd/writeback/writeback.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_limit.h"
#include "mqttd/writeback/command_index.h"
#include "mqttd/writeback/inflight.h"
#include "mqttd/writeback/journal_match.h"
#include "mqttd/writeback/readback.h"
#include "mqttd/writeback/setpoint_restore.h"
#include "mqttd/writeback/writeback_publish.h"

enum {
    AGAIN_MS = 200, /* until what failed is tried again */
    DEBOUNCES_MAX = 128,
    MESSAGES_MAX = 4096,
    COMMANDS_PER_ENTRY = 1968, /* coils, or bits of 123 registers */
    PARTS_PER_ENTRY = 2        /* values that it can have written in part */
};

/* Stands for a inflight_id's number in what makes up for entries that were lost. */
#define RECOVERED UINT64_MAX

/* A message that the broker has not taken yet. */
struct message {
    int number;
    uint64_t inflight_id;
    int64_t device, tag;
};

/* A value that was written in part. */
struct debounce {
    uint64_t read_id;
    int64_t device, tag;
    uint64_t due_ms, inflight_id;
    bool asked;
};

struct writeback {
    struct writeback_spec spec;
    struct command_index command_index; /* of another generation than the device_table: see
                                           writeback_refresh_index */
    struct inflight inflight;
    struct message messages[MESSAGES_MAX];
    size_t message_count;
    struct debounce debounce[DEBOUNCES_MAX];
    size_t debounce_count;
    uint64_t last_read_id;
    size_t recover_next,
        recover_left;  /* after a loss: the command_tag to ask for next, and how many yet */
    size_t recovering; /* what was asked for, and its messages, that are not done */
    struct inflight_position landed; /* to be saved; position 0: nothing is */
    /* Work that had no memory comes before all newer work. */
    struct {
        bool has_entry, has_news;
        struct journal_entry entry;
        uint64_t inflight_id; /* of the entry */
        struct poll news;
        uint64_t due_ms; /* steady clock */
    } late;
    struct log_limit refusals; /* lines about writeback that the broker does not take */
    struct command_publisher publisher;
};

struct writeback *writeback_create(const struct writeback_spec *spec)
{
    struct writeback *writeback = calloc(1, sizeof *writeback);
    if (!writeback)
        return NULL;
    writeback->spec = *spec;
    writeback->publisher = (struct command_publisher){.mqtt_session = spec->mqtt_session,
                                                      .live = spec->device_table->live,
                                                      .counters = spec->counters,
                                                      .memory_shortage = spec->memory_shortage};
    return writeback;
}

void writeback_destroy(struct writeback *writeback)
{
    if (!writeback)
        return;
    command_index_finish(&writeback->command_index);
    free(writeback);
}

/* The command_index point to devices and tags, which a reload frees. Every use begins here, for a
 * broker may answer for old writeback before writeback_run has been called after a reload. A
 * recovery in progress begins again, for the command_index have moved. */
static bool writeback_refresh_index(struct writeback *writeback)
{
    uint64_t generation = writeback->command_index.generation;
    bool is_fresh = command_index_refresh(&writeback->command_index, writeback->spec.device_table);
    if (generation != writeback->command_index.generation && writeback->recover_left > 0)
        writeback->recover_left = writeback->command_index.count;
    return is_fresh;
}

static const struct command_tag *writeback_find_tag(struct writeback *writeback, int64_t device,
                                                    int64_t tag)
{
    writeback_refresh_index(writeback);
    return command_index_find(&writeback->command_index, device, tag);
}

/* The position stays in front of a loss until that is mended: a successor would know nothing of
 * it. */
static void writeback_save_position(struct writeback *writeback)
{
    inflight_pop_completed(&writeback->inflight, &writeback->landed);
    if (writeback->landed.position == 0 || writeback->recover_left > 0 || writeback->recovering > 0)
        return;
    journal_tail_save(writeback->spec.journal_tail, writeback->landed.journal,
                      writeback->landed.position);
    writeback->landed.position = 0;
}

static bool hold(struct writeback *writeback, uint64_t inflight_id)
{
    if (inflight_id != RECOVERED)
        return inflight_hold_entry(&writeback->inflight, inflight_id);
    writeback->recovering++;
    return true;
}

static void writeback_release_entry(struct writeback *writeback, uint64_t inflight_id)
{
    if (inflight_id != RECOVERED)
        inflight_release_entry(&writeback->inflight, inflight_id);
    else if (writeback->recovering > 0)
        writeback->recovering--;
    writeback_save_position(writeback);
}

/* SCADA may write many times a second what the broker does not want. */
static void writeback_log_refusal(struct writeback *writeback, const struct message *message,
                                  const char *why)
{
    uint64_t now = clock_steady_ms();
    if (!log_limit_count_event(&writeback->refusals, now))
        return;
    const struct command_tag *command_tag =
        writeback_find_tag(writeback, message->device, message->tag);
    if (!command_tag)
        return;
    log_warning("%s/%s: the broker refused the command to %s: %s; %u such refusals since the last "
                "line",
                command_tag->device->name, command_tag->tag->name, command_tag->tag->command->topic,
                why, writeback->refusals.since);
    log_limit_mark_logged(&writeback->refusals, now);
}

void writeback_note_published(struct writeback *writeback, int number, const char *refusal)
{
    for (size_t i = 0; i < writeback->message_count; i++) {
        struct message message = writeback->messages[i];
        if (message.number != number)
            continue;
        if (refusal)
            writeback_log_refusal(writeback, &message, refusal);
        writeback->messages[i] = writeback->messages[--writeback->message_count];
        writeback_release_entry(writeback, message.inflight_id);
        return;
    }
}

static enum publish_result writeback_publish_tag(struct writeback *writeback, struct device *device,
                                                 struct tag *tag, const uint16_t *words,
                                                 uint64_t inflight_id)
{
    int number;
    enum publish_result result =
        writeback_publish_command(&writeback->publisher, device, tag, words, &number);
    if (number != 0 && writeback->message_count < MESSAGES_MAX && hold(writeback, inflight_id))
        writeback->messages[writeback->message_count++] =
            (struct message){number, inflight_id, device->id, tag->id};
    return result;
}

/* Settling. */

/* The one of the tag that is not asked for yet, or NULL. */
static struct debounce *writeback_find_debounce(struct writeback *writeback,
                                                const struct command_tag *command_tag)
{
    for (size_t i = 0; i < writeback->debounce_count; i++) {
        struct debounce *each = &writeback->debounce[i];
        if (each->tag == command_tag->tag->id && !each->asked)
            return each;
    }
    return NULL;
}

static void debounce_value(struct writeback *writeback, const struct command_tag *command_tag,
                           uint64_t inflight_id)
{
    const struct tag_command *command = command_tag->tag->command;
    struct debounce *already = writeback_find_debounce(writeback, command_tag);
    if (already) {
        already->due_ms = clock_steady_ms() + command->settle_ms;
        return;
    }
    hold(writeback, inflight_id);
    writeback->debounce[writeback->debounce_count++] =
        (struct debounce){.read_id = ++writeback->last_read_id,
                          .device = command_tag->device->id,
                          .tag = command_tag->tag->id,
                          .due_ms = clock_steady_ms() + command->settle_ms,
                          .inflight_id = inflight_id};
}

/* A whole write makes an earlier part of it old. */
static void writeback_drop_debounce(struct writeback *writeback, size_t at)
{
    uint64_t inflight_id = writeback->debounce[at].inflight_id;
    writeback->debounce[at] = writeback->debounce[--writeback->debounce_count];
    writeback_release_entry(writeback, inflight_id);
}

static void writeback_read_debounced(struct writeback *writeback)
{
    uint64_t now = clock_steady_ms();
    for (size_t i = 0; i < writeback->debounce_count;) {
        struct debounce *debounce = &writeback->debounce[i];
        const struct command_tag *command_tag =
            writeback_find_tag(writeback, debounce->device, debounce->tag);
        if (!command_tag) {
            writeback_drop_debounce(writeback, i);
            continue;
        }
        i++;
        if (debounce->asked || debounce->due_ms > now)
            continue;
        const struct register_read register_read = {.read_id = debounce->read_id,
                                                    .unit = command_tag->device->unit,
                                                    .table = command_tag->tag->point.table,
                                                    .address = command_tag->tag->point.address,
                                                    .count = command_tag->width};
        debounce->asked = readback_request(writeback->spec.readback, &register_read);
    }
}

/* A register_read that failed is asked for again, except one that the server refuses: it has the
 * unit no more. */
static void writeback_take_read(struct writeback *writeback,
                                const struct register_read *register_read)
{
    for (size_t i = 0; i < writeback->debounce_count; i++) {
        struct debounce *debounce = &writeback->debounce[i];
        if (debounce->read_id != register_read->read_id)
            continue;
        const struct command_tag *command_tag =
            writeback_find_tag(writeback, debounce->device, debounce->tag);
        bool fits = command_tag && register_read->result == MODBUS_OK &&
                    command_tag->tag->point.address == register_read->address &&
                    command_tag->width == register_read->count;
        enum publish_result published =
            fits ? writeback_publish_tag(writeback, command_tag->device, command_tag->tag,
                                         register_read->words, debounce->inflight_id)
                 : PUBLISH_REFUSED;
        if (published == PUBLISH_SENT)
            setpoint_note_value(writeback->spec.device_table->live, command_tag,
                                register_read->words);
        if (published == PUBLISH_NO_MEMORY ||
            (command_tag && register_read->result == MODBUS_UNREACHABLE)) {
            debounce->asked = false;
            debounce->due_ms = clock_steady_ms() + AGAIN_MS;
            return;
        }
        writeback_drop_debounce(writeback, i);
        return;
    }
}

int writeback_due_ms(const struct writeback *writeback)
{
    uint64_t now = clock_steady_ms();
    int due = -1;
    if (writeback->late.has_entry || writeback->late.has_news)
        due = writeback->late.due_ms > now ? (int)(writeback->late.due_ms - now) : 0;
    for (size_t i = 0; i < writeback->debounce_count; i++) {
        const struct debounce *each = &writeback->debounce[i];
        int wait = each->due_ms > now ? (int)(each->due_ms - now) : 0;
        if (!each->asked && (due < 0 || wait < due))
            due = wait;
    }
    return due;
}

/* Entries. */

/* False when there is no memory for it. */
static bool writeback_take_whole(struct writeback *writeback, const struct journal_entry *entry,
                                 uint64_t inflight_id, const struct command_tag *command_tag,
                                 const uint16_t *words)
{
    for (size_t i = writeback->debounce_count; i-- > 0;) {
        if (writeback->debounce[i].tag == command_tag->tag->id)
            writeback_drop_debounce(writeback, i);
    }
    enum publish_result result =
        writeback_publish_tag(writeback, command_tag->device, command_tag->tag, words, inflight_id);
    if (result == PUBLISH_SENT) {
        setpoint_restore(writeback->spec.device_table->live, entry, command_tag, words);
        setpoint_note_value(writeback->spec.device_table->live, command_tag, words);
    }
    return result != PUBLISH_NO_MEMORY;
}

static bool writeback_take_tag(struct writeback *writeback, const struct journal_entry *entry,
                               uint64_t inflight_id, const struct command_tag *command_tag)
{
    uint16_t words[POINT_REGISTERS_MAX];
    switch (journal_match_entry(entry, &command_tag->tag->point, words)) {
    case JOURNAL_MATCH_NONE:
        break;
    case JOURNAL_MATCH_PART:
        /* What the device says now would be written over one part, and make a value of two halves.
         */
        command_tag->tag->command->written_at_ms = clock_steady_ms();
        debounce_value(writeback, command_tag, inflight_id);
        break;
    case JOURNAL_MATCH_WHOLE:
        return writeback_take_whole(writeback, entry, inflight_id, command_tag, words);
    }
    return true;
}

/* Takes the entry to each command_tag that it may concern. False when there was no memory for all
 * of them: those that have had it get it once more. */
static bool writeback_take_entry(struct writeback *writeback, const struct journal_entry *entry,
                                 uint64_t inflight_id)
{
    uint8_t table = entry->table == JOURNAL_COIL ? TABLE_COIL : TABLE_HOLDING_REGISTER;
    uint16_t before =
        writeback->command_index.widest > 0 ? (uint16_t)(writeback->command_index.widest - 1) : 0;
    uint16_t from = entry->address > before ? (uint16_t)(entry->address - before) : 0;
    bool is_whole = true;
    uint32_t end = command_index_place_of(entry->unit, table, entry->address) + entry->count;
    for (size_t i = command_index_lower_bound(&writeback->command_index,
                                              command_index_place_of(entry->unit, table, from));
         i < writeback->command_index.count && writeback->command_index.item[i].place < end; i++)
        is_whole =
            writeback_take_tag(writeback, entry, inflight_id, &writeback->command_index.item[i]) &&
            is_whole;
    return is_whole;
}

/* What the registers hold is the tag's value, whoever wrote it. */
static void writeback_show_value(const struct writeback *writeback,
                                 const struct command_tag *command_tag,
                                 const struct live_table_row *row, const uint16_t *words)
{
    const struct point *point = &command_tag->tag->point;
    struct tag_command *command = command_tag->tag->command;
    struct live_table *live = writeback->spec.device_table->live;
    struct live_table_pending_value after;
    bool text = point->type == TYPE_STRING;
    struct live_table_value value = {0};
    live_table_set_location(&value, 0, command_tag->device->unit, point);
    value.raw = live_table_pack_raw(point, words);
    if (!text && row->changed != 0 && row->value.raw == value.raw)
        return;
    live_table_put_target_value(live, command_tag->tag->slot, &value, text ? words : NULL,
                                command_tag->width);
    if (!live_table_pending_value(live, command_tag->tag->slot, &after) ||
        after.changed == row->changed)
        return;
    if (row->changed != command->shown_to)
        command->shown_from = row->changed;
    command->shown_to = after.changed;
}

/* A value that came after the register_read is newer. Only what earlier readings put does not
 * count. */
static bool poll_value_is_older(const struct tag_command *command, const struct poll *news,
                                const struct live_table_row *row)
{
    if (news->changed == row->changed && news->written == row->written)
        return false;
    return news->changed != news->written || row->changed != row->written ||
           row->changed != command->shown_to || news->changed < command->shown_from ||
           news->changed > command->shown_to;
}

/* What a poll of a foreign server found. It has no place in the journal. The first register_read is
 * no command. False when there is no memory for one. */
static bool writeback_take_poll(struct writeback *writeback, const struct poll *news)
{
    const struct command_tag *command_tag = writeback_find_tag(writeback, news->device, news->tag);
    struct live_table_row row;
    if (!command_tag || command_tag->place != COMMAND_FOREIGN ||
        command_tag->width != news->count ||
        !live_table_read_row(writeback->spec.device_table->live, command_tag->tag->slot,
                             live_table_make_owner(LIVE_TAG, command_tag->tag->id), &row) ||
        poll_value_is_older(command_tag->tag->command, news, &row))
        return true;
    writeback_show_value(writeback, command_tag, &row, news->words);
    struct tag_command *command = command_tag->tag->command;
    int bit = command_tag->tag->point.bit == NO_BIT
                  ? -1
                  : news->words[0] >> command_tag->tag->point.bit & 1;
    if (!news->known || (bit >= 0 && command->bit_known == bit))
        return true;
    if (writeback_publish_tag(writeback, command_tag->device, command_tag->tag, news->words, 0) ==
        PUBLISH_NO_MEMORY)
        return false;
    command->bit_known = (int8_t)bit;
    return true;
}

static void writeback_take_polls(struct writeback *writeback)
{
    const struct targets *targets = writeback->spec.device_table->targets;
    struct poll *news = &writeback->late.news;
    if (writeback->late.has_news && !writeback_take_poll(writeback, news)) {
        writeback->late.due_ms = clock_steady_ms() + AGAIN_MS;
        return;
    }
    writeback->late.has_news = false;
    for (size_t i = 1; i < targets->count; i++) {
        while (target_take_poll_change(targets->item[i], news)) {
            if (writeback_take_poll(writeback, news))
                continue;
            writeback->late.has_news = true;
            writeback->late.due_ms = clock_steady_ms() + AGAIN_MS;
            return;
        }
    }
}

static bool writeback_can_debounce(const struct writeback *writeback)
{
    return writeback->debounce_count + PARTS_PER_ENTRY <= DEBOUNCES_MAX &&
           writeback->message_count + COMMANDS_PER_ENTRY + DEBOUNCES_MAX <= MESSAGES_MAX;
}

/* Entries were lost: the registers say at least what was written last. A loss in the middle of that
 * means another round, and not a new beginning, so that each has its turn. */
static void writeback_recover_lost(struct writeback *writeback)
{
    if (journal_tail_take_lost(writeback->spec.journal_tail))
        writeback->recover_left = writeback->command_index.count;
    for (; writeback->recover_left > 0 && writeback_can_debounce(writeback);
         writeback->recover_left--) {
        const struct command_tag *command_tag =
            &writeback->command_index
                 .item[writeback->recover_next++ % writeback->command_index.count];
        if (command_tag->place != COMMAND_FOREIGN &&
            !writeback_find_debounce(writeback, command_tag))
            debounce_value(writeback, command_tag, RECOVERED);
    }
    writeback_save_position(writeback);
}

static bool writeback_has_room(const struct writeback *writeback)
{
    return writeback->inflight.count < INFLIGHT_MAX && writeback_can_debounce(writeback);
}

/* The entry is held until there is memory for it, and those behind it wait. */
static void writeback_next_entry(struct writeback *writeback, const struct journal_entry *entry,
                                 uint64_t inflight_id)
{
    bool was_late = writeback->late.has_entry;
    bool is_late = !writeback_take_entry(writeback, entry, inflight_id);
    writeback->late.has_entry = is_late;
    if (is_late) {
        writeback->late.due_ms = clock_steady_ms() + AGAIN_MS;
        if (!was_late && hold(writeback, inflight_id)) {
            writeback->late.entry = *entry;
            writeback->late.inflight_id = inflight_id;
        }
    } else if (was_late) {
        writeback_release_entry(writeback, inflight_id);
    }
}

static void writeback_retry_entry(struct writeback *writeback)
{
    const struct journal_entry entry = writeback->late.entry;
    if (writeback->late.has_entry && clock_steady_ms() >= writeback->late.due_ms &&
        writeback_can_debounce(writeback))
        writeback_next_entry(writeback, &entry, writeback->late.inflight_id);
}

void writeback_run(struct writeback *writeback)
{
    struct journal_entry entry;
    struct register_read register_read;
    uint64_t journal;
    if (!writeback_refresh_index(writeback)) {
        memory_shortage_note(writeback->spec.memory_shortage, "the tags with a way back");
        return;
    }
    writeback_recover_lost(writeback);
    while (readback_take_result(writeback->spec.readback, &register_read))
        writeback_take_read(writeback, &register_read);
    writeback_read_debounced(writeback);
    writeback_take_polls(writeback);
    writeback_retry_entry(writeback);
    while (!writeback->late.has_entry && writeback_has_room(writeback) &&
           journal_tail_next(writeback->spec.journal_tail, &entry, &journal)) {
        uint64_t inflight_id = inflight_add_entry(&writeback->inflight, journal, entry.sequence);
        writeback_next_entry(writeback, &entry, inflight_id);
        writeback_save_position(writeback);
    }
}
