/* Publishes values as messages and handles the answers of the broker. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/config/refusal_log.h"
#include "mqttd/sparkplug/sparkplug_command.h"
#include "mqttd/sparkplug/sparkplug_nodes.h"
#include "mqttd/writeback/command_template.h"
#include "mqttd/writeback/writeback_internal.h"

/* Times of rows are rounded, and come from two clocks: a value that was written this long before
 * SCADA's may have been written after it. */
enum { WRITTEN_MARGIN_MS = 5 };

/* Makes the message of a metric from the value in writeback->translated, by what its birth says. */
static enum fault writeback_render_metric(struct writeback *writeback, const struct tag *tag,
                                          size_t *len)
{
    const struct feed *feed = tag->command->feed;
    const struct sparkplug_source *source = feed ? feed->source : NULL;
    const struct sparkplug_command command = {
        .name = tag->key,
        .value = writeback->translated.bare,
        .metric = source && source->is_born
                      ? sparkplug_birth_find_name(source->birth, tag->key, strlen(tag->key))
                      : NULL,
        .type = (enum value_type)tag->point.type,
        .wall_ms = clock_wall_ms()};
    return sparkplug_command_encode(&command, writeback->message, sizeof writeback->message, len);
}

/* Makes the message of any other tag. False when it is too long. */
static bool writeback_render_template(struct writeback *writeback,
                                      const struct command_tag *command_tag, size_t *len)
{
    const struct tag *tag = command_tag->tag;
    const struct template_values values = {.device = command_tag->device->name,
                                           .tag = tag->name,
                                           .key = tag->key,
                                           .json = writeback->translated.json,
                                           .bare = writeback->translated.bare,
                                           .text = tag->payload == PAYLOAD_TEXT};
    return command_template_render(tag->command->template_text, &values, writeback->message,
                                   sizeof writeback->message, len);
}

/* The broker does not take messages to the topic. The register keeps SCADA's value. */
static void writeback_show_refusal(struct writeback *writeback,
                                   const struct command_tag *command_tag)
{
    const char *topic = command_tag->tag->command->topic;
    struct live_table *live = writeback->spec.device_table->live;
    uint64_t wall_ms = clock_wall_ms();
    counters_add(writeback->spec.counters, MQTTD_COMMANDS_REFUSED, 1);
    live_table_reject_value(live, command_tag->tag->slot, FAULT_COMMAND_REFUSED, topic,
                            strlen(topic), wall_ms);
    live_table_reject_value(live, command_tag->device->slot, FAULT_COMMAND_REFUSED, topic,
                            strlen(topic), wall_ms);
}

enum publish_result writeback_publish_value(struct writeback *writeback,
                                            const struct command_tag *command_tag,
                                            const uint16_t *words, int *number, uint64_t now_ms)
{
    const struct writeback_spec *spec = &writeback->spec;
    struct device *device = command_tag->device;
    struct tag *tag = command_tag->tag;
    struct tag_command *command = tag->command;
    struct translated *translated = &writeback->translated;
    struct live_table *live = spec->device_table->live;
    bool is_metric = tag->payload == PAYLOAD_SPARKPLUG;
    size_t len = 0;
    REQUIRE(command);
    *number = 0;

    /* A value that cannot be published: the register keeps SCADA's value until the device's next
     * value, which is not held off. */
    enum fault fault = translate_to_json(&tag->point, tag->reading.map, words, translated);
    if (fault == FAULT_NONE && is_metric)
        fault = writeback_render_metric(writeback, tag, &len);
    if (fault != FAULT_NONE) {
        size_t bare_len = strlen(translated->bare);
        uint64_t wall_ms = clock_wall_ms();
        counters_add(spec->counters, MQTTD_COMMANDS_REFUSED, 1);
        live_table_reject_value(live, tag->slot, fault, translated->bare, bare_len, wall_ms);
        live_table_reject_value(live, device->slot, fault, translated->bare, bare_len, wall_ms);
        refusal_log_command(device, tag, fault, translated->bare, now_ms);
        return PUBLISH_REFUSED;
    }

    command->written_at_ms = now_ms;
    live_table_set_setpoint(live, tag->slot, true);
    if (!is_metric && !writeback_render_template(writeback, command_tag, &len)) {
        if (log_limit_count_event(&writeback->too_long, now_ms)) {
            log_warning("%s/%s: the message of a command is too long; %u such commands since the "
                        "last line",
                        device->name, tag->name, writeback->too_long.since);
            log_limit_mark_logged(&writeback->too_long, now_ms);
        }
        return PUBLISH_SENT;
    }

    int sent = 0;
    switch (spec->publish(spec->context, command->topic, writeback->message, len, command->qos,
                          command->retain, &sent)) {
    case PUBLISH_NO_MEMORY:
        memory_shortage_note(spec->memory_shortage, "a command");
        return PUBLISH_NO_MEMORY;
    case PUBLISH_BLOCKED:
        writeback_show_refusal(writeback, command_tag);
        refusal_log_command(device, tag, FAULT_COMMAND_REFUSED, command->topic, now_ms);
        return PUBLISH_SENT;
    case PUBLISH_REFUSED:
        return PUBLISH_SENT;
    case PUBLISH_SENT:
        break;
    }
    log_debug("%s/%s: %s to %s", device->name, tag->name, translated->bare, command->topic);
    counters_add(spec->counters, MQTTD_PUBLISHED, 1);
    writeback_note_sent(tag, words, now_ms);
    *number = sent;
    return PUBLISH_SENT;
}

/* Returns when the row's newest value was written to its target, steady clock; 0: never. The row
 * has this time by the wall clock only, which may have been changed since. Therefore only the delay
 * between the message and the write is taken from it; without a message, the time since the write.
 * Then the result may be too late, if this thread pauses between the two clocks, but never too
 * early, as with a time that was read before SCADA wrote. */
static uint64_t row_written_steady_ms(const struct live_table_row *row)
{
    uint64_t came = row->value.wall_ms, written = row->written_wall_ms;
    if (came == 0 && written > 0) {
        uint64_t wall_ms = clock_wall_ms(), steady_ms = clock_steady_ms();
        uint64_t since = wall_ms > written ? wall_ms - written : 0;
        return steady_ms > since ? steady_ms - since : 0;
    }
    return row->value.steady_ms + (written > came ? written - came : 0);
}

/* Puts SCADA's value into its register again if an older value of the device, or of a paired
 * gateway, may have been written there after SCADA's write: its message waited at the broker while
 * mqttd was down, or it came at the same moment. The device receives the command now, but its
 * answer is held off: nothing else would correct the register. */
static void setpoint_restore(const struct writeback *writeback,
                             const struct command_tag *command_tag, const uint16_t *words,
                             uint64_t steady_ms)
{
    const struct tag *tag = command_tag->tag;
    const struct live_table *live = writeback->spec.device_table->live;
    struct live_table_row row;
    if (!live_table_read_row(live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id), &row) ||
        row.changed == 0 ||
        (row.changed == row.written && row_written_steady_ms(&row) + WRITTEN_MARGIN_MS < steady_ms))
        return;
    row.value.raw = live_table_pack_raw(&tag->point, words);
    target_put_value(command_tag->device->target, tag->slot, &row.value, &tag->point, words);
}

/* Puts the words, the content of the tag's registers, as its value: a change of its settings
 * converts this value. Does nothing while a value waits to be written. */
static void setpoint_note_value(const struct writeback *writeback,
                                const struct command_tag *command_tag, const uint16_t *words)
{
    const struct tag *tag = command_tag->tag;
    struct live_table_value value = {.raw = live_table_pack_raw(&tag->point, words)};
    bool is_text = tag->point.type == TYPE_STRING;
    live_table_set_location(&value, tag->settings, command_tag->device->unit, &tag->point);
    live_table_put_target_value(writeback->spec.device_table->live, tag->slot, &value,
                                is_text ? words : NULL, tag->point.length);
}

void writeback_restore_setpoint(const struct writeback *writeback,
                                const struct command_tag *command_tag, const uint16_t *words,
                                uint64_t steady_ms)
{
    setpoint_restore(writeback, command_tag, words, steady_ms);
    setpoint_note_value(writeback, command_tag, words);
    target_wake_thread(command_tag->device->target);
}

bool writeback_publish_whole(struct writeback *writeback, const struct command_tag *command_tag,
                             const uint16_t *words, uint64_t now_ms)
{
    struct inflight *inflight = &writeback->inflight;
    const struct tag *tag = command_tag->tag;
    REQUIRE(writeback->newest.is_waiting);

    /* The whole value replaces a part that was written earlier. */
    struct inflight_command *unsettled = inflight_find_unsettled(inflight, tag->id);
    if (unsettled)
        inflight_move_command(inflight, unsettled, COMMAND_FREE);

    enum mirror_verdict verdict =
        mirror_judge_write(writeback->spec.mirror, tag, writeback->newest.entry.steady_ms, now_ms);
    if (verdict == MIRROR_WRITE_IS_SUPERSEDED)
        return true;
    enum publish_result result = PUBLISH_SENT;
    bool is_delayed = false;
    int number = 0;
    if (writeback_is_unchanged(writeback, command_tag, words))
        writeback_skip_unchanged(writeback, command_tag, now_ms);
    else if (!(is_delayed = writeback_delay_whole(writeback, command_tag, now_ms)))
        result = writeback_publish_value(writeback, command_tag, words, &number, now_ms);
    if (number != 0)
        inflight_start_sent(inflight, number, writeback->newest.number, tag->id);
    /* A repeated one is in neither register nor row any more: a newer one follows. */
    if (result == PUBLISH_SENT && verdict == MIRROR_WRITE_IS_NEWEST) {
        uint64_t steady_ms = writeback->newest.entry.steady_ms;
        /* Of a setpoint that expires, a newer entry may be known, which is restored in its turn. */
        if (tag->command->expires_s == 0 || tag->command->expiry.steady_ms <= steady_ms)
            setpoint_restore(writeback, command_tag, words, steady_ms);
        setpoint_note_value(writeback, command_tag, words);
    }
    if (result != PUBLISH_NO_MEMORY && verdict == MIRROR_WRITE_IS_NEWEST && !is_delayed)
        mirror_publish_write(writeback->spec.mirror, tag, words);
    return result != PUBLISH_NO_MEMORY;
}

void writeback_publish_read(struct writeback *writeback, struct inflight_command *command,
                            const struct command_tag *command_tag, const uint16_t *words,
                            uint64_t now_ms)
{
    struct inflight *inflight = &writeback->inflight;
    bool is_again = command->state == COMMAND_READING_AGAIN;
    int number = 0;
    REQUIRE(is_again || command->state == COMMAND_READING);

    struct mirror *mirror = writeback->spec.mirror;
    enum mirror_verdict verdict =
        mirror_judge_read(mirror, command_tag->tag, words, is_again, now_ms);
    enum publish_result result = PUBLISH_REFUSED;
    bool is_unchanged = verdict != MIRROR_WRITE_IS_SUPERSEDED &&
                        writeback_is_unchanged(writeback, command_tag, words);
    if (is_unchanged)
        writeback_skip_unchanged(writeback, command_tag, now_ms);
    else if (verdict != MIRROR_WRITE_IS_SUPERSEDED)
        result = writeback_publish_value(writeback, command_tag, words, &number, now_ms);
    if (result == PUBLISH_SENT || is_unchanged)
        setpoint_note_value(writeback, command_tag, words);
    if (result != PUBLISH_NO_MEMORY && verdict == MIRROR_WRITE_IS_NEWEST)
        mirror_publish_write(mirror, command_tag->tag, words);

    if (result == PUBLISH_NO_MEMORY) {
        inflight_move_command(inflight, command, COMMAND_SETTLING);
        command->due_ms = now_ms + WRITEBACK_RETRY_MS;
    } else if (is_again) {
        if (number != 0)
            inflight_start_sent(inflight, number, command->entry, command->tag);
        inflight_move_command(inflight, command, COMMAND_SETTLING);
    } else if (number != 0) {
        inflight_move_command(inflight, command, COMMAND_SENT);
        command->number = number;
    } else {
        inflight_move_command(inflight, command, COMMAND_FREE);
    }
}

/* Limits the lines: SCADA may write refused values many times a second. */
static void writeback_take_refusal(struct writeback *writeback,
                                   const struct inflight_command *command, const char *why,
                                   uint64_t now_ms)
{
    struct log_limit *limit = &writeback->refused;
    bool is_due = log_limit_count_event(limit, now_ms);
    if (!writeback_refresh_index(writeback))
        return;
    const struct command_tag *command_tag =
        command_index_find(&writeback->command_index, command->tag);
    if (!command_tag)
        return;
    command_tag->tag->command->has_known = false; /* the device does not have the value */
    writeback_show_refusal(writeback, command_tag);
    if (!is_due)
        return;
    log_warning("%s/%s: the broker refused the command to %s: %s; %u such refusals since the last "
                "line",
                command_tag->device->name, command_tag->tag->name, command_tag->tag->command->topic,
                why, limit->since);
    log_limit_mark_logged(limit, now_ms);
}

void writeback_note_published(struct writeback *writeback, int number, const char *refusal,
                              uint64_t now_ms)
{
    struct inflight_command *command = inflight_find_sent(&writeback->inflight, number);
    if (!command)
        return;
    if (refusal)
        writeback_take_refusal(writeback, command, refusal, now_ms);
    if (command->entry == INFLIGHT_EXPIRY)
        writeback_note_expire_published(writeback, command);
    inflight_move_command(&writeback->inflight, command, COMMAND_FREE);
    writeback_save_position(writeback);
}

bool writeback_has_sent(const struct writeback *writeback, int number)
{
    return inflight_find_sent(&writeback->inflight, number) != NULL;
}

bool writeback_withdraw_command(struct writeback *writeback, int number, uint64_t now_ms)
{
    const struct inflight_command *command = inflight_find_sent(&writeback->inflight, number);
    if (!command || !writeback_refresh_index(writeback))
        return false;
    const struct command_tag *command_tag =
        command_index_find(&writeback->command_index, command->tag);
    if (!command_tag ||
        !mirror_supersedes_command(writeback->spec.mirror, command_tag->tag, now_ms))
        return false;
    writeback_note_published(writeback, number, NULL, now_ms);
    return true;
}

void writeback_repeat_command(struct writeback *writeback, const struct device *device,
                              const struct tag *tag, uint64_t now_ms)
{
    const struct command_index *index = &writeback->command_index;
    uint16_t words[POINT_REGISTERS_MAX];
    struct live_table_row row;
    int number;
    if (!writeback_refresh_index(writeback))
        return;
    const struct command_tag *command_tag = command_index_find_at(
        index, command_index_place_of(device->unit, tag->point.table, tag->point.address), tag->id);
    if (!command_tag ||
        !live_table_read_row(writeback->spec.device_table->live, tag->slot,
                             live_table_make_owner(LIVE_TAG, tag->id), &row) ||
        row.changed == 0 || !row.is_setpoint || row.value.settings != tag->settings)
        return;
    live_table_unpack_words(&row, words);
    if (point_is_part(&tag->point)) /* as it is within its register */
        words[0] = point_place_part(&tag->point, words[0]);
    if (writeback_publish_value(writeback, command_tag, words, &number, now_ms) != PUBLISH_SENT)
        return;
    if (number != 0 && inflight_can_settle(&writeback->inflight))
        inflight_start_sent(&writeback->inflight, number, INFLIGHT_NO_ENTRY, tag->id);
    counters_add(writeback->spec.counters, MQTTD_COMMANDS_REPEATED, 1);
    if (!log_limit_count_event(&writeback->repeated, now_ms))
        return;
    log_info(
        "%s/%s: the newest command is published again, because an older one may have come after "
        "it; %u such commands since the last line",
        device->name, tag->name, writeback->repeated.since);
    log_limit_mark_logged(&writeback->repeated, now_ms);
}
