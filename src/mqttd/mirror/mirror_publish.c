/* Publishes setpoints for the other gateways. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/mirror/mirror_internal.h"

bool mirror_may_send(const struct mirror *mirror)
{
    return mirror->link == MIRROR_LINK_OPEN && mirror->sent_count < MIRROR_UNCONFIRMED_MAX &&
           !mirror->is_short;
}

bool mirror_send(struct mirror *mirror, const char *topic, const char *payload, size_t len)
{
    int number = 0;
    enum publish_result result =
        mirror->spec.publish(mirror->spec.context, topic, payload, len, 1, true, &number);
    if (result == PUBLISH_NO_MEMORY) {
        memory_shortage_note(mirror->spec.memory_shortage, "a mirrored setpoint");
        mirror->is_short = true;
        return false;
    }
    if (result == PUBLISH_REFUSED || result == PUBLISH_BLOCKED) {
        counters_add(mirror->spec.counters, MQTTD_MIRROR_REFUSED, 1);
        return true;
    }
    uint64_t *word = &mirror->sent[(uint16_t)number / 64], bit = UINT64_C(1) << (number % 64);
    mirror->sent_count += (*word & bit) == 0;
    *word |= bit;
    return true;
}

/* Publishes below the topic of the gateway. False when it has to be done again. */
static bool mirror_send_own(struct mirror *mirror, const char *levels, const char *payload,
                            size_t len)
{
    char topic[MIRROR_TOPIC_SIZE + MIRROR_LEVELS_SIZE];
    snprintf(topic, sizeof topic, "%s%s", mirror->prefix, levels);
    return mirror_send(mirror, topic, payload, len);
}

/* `is_repeated`: this gateway has published the command of another one's setpoint. */
static void mirror_send_record(struct mirror *mirror, struct mirror_record *record,
                               const uint16_t *words, bool is_repeated)
{
    const struct point *point = &record->tag->point;
    struct mirror_message *message = &mirror->message;
    struct live_table_row row;
    record->is_at_broker = false;
    if (!mirror_may_send(mirror)) {
        mirror->has_unsent = true;
        return;
    }
    REQUIRE(record->stamp > 0 && record->from);
    *message = (struct mirror_message){.stamp = record->stamp,
                                       .is_expired = record->tag->command->expiry.is_expired,
                                       .is_repeated = is_repeated,
                                       .point = *point,
                                       .count = point_width(point)};
    snprintf(message->device, sizeof message->device, "%s", record->device->name);
    snprintf(message->tag, sizeof message->tag, "%s", record->tag->name);
    snprintf(message->from, sizeof message->from, "%s", record->from);
    if (words)
        memcpy(message->words, words, message->count * sizeof *words);
    else if (mirror_read_row(mirror, record, &row) && row.is_setpoint)
        live_table_unpack_words(&row, message->words);
    else
        return;
    size_t len = mirror_message_write(message, mirror->payload);
    if (len == 0 || !mirror_send_own(mirror, record->levels, mirror->payload, len)) {
        mirror->has_unsent |= len > 0;
        return;
    }
    record->is_at_broker = true;
    counters_add(mirror->spec.counters, MQTTD_MIRROR_PUBLISHED, 1);
}

void mirror_send_setpoint(struct mirror *mirror, struct mirror_record *record,
                          const uint16_t *words)
{
    mirror_send_record(mirror, record, words, false);
}

/* Publishes a setpoint that the broker may not have any more, and its command before it, if the
 * device may have received an older one later. */
static void mirror_send_again(struct mirror *mirror, struct mirror_record *record)
{
    bool is_repeated = record->is_withdrawn && strcmp(record->from, mirror->own) != 0;
    if ((record->is_overtaken || is_repeated) && mirror->spec.overtaken)
        mirror->spec.overtaken(mirror->spec.context, record->device, record->tag);
    record->is_overtaken = record->is_withdrawn = false;
    mirror_send_record(mirror, record, NULL, is_repeated);
}

void mirror_send_unsent(struct mirror *mirror)
{
    size_t sent = 0;
    while (sent < mirror->clears.count && mirror_may_send(mirror) &&
           mirror_send_own(mirror, mirror->clears.item[sent], NULL, 0))
        free(mirror->clears.item[sent++]);
    mirror->clears.count -= sent;
    if (sent > 0)
        memmove(mirror->clears.item, mirror->clears.item + sent,
                mirror->clears.count * sizeof *mirror->clears.item);

    if (!mirror->is_in_pass && mirror->has_unsent) {
        mirror->is_in_pass = true;
        mirror->has_unsent = false;
        mirror->cursor = NULL;
    }
    for (size_t i = 0; i < MIRROR_TURN_MAX && mirror->is_in_pass && mirror_may_send(mirror); i++) {
        struct hash_node *next = hash_table_next(&mirror->records, mirror->cursor);
        struct mirror_record *record = (struct mirror_record *)next;
        if (record && record->stamp > 0 &&
            (!record->is_at_broker || record->is_overtaken || record->is_withdrawn))
            mirror_send_again(mirror, record);
        if (mirror->is_short)
            break;
        mirror->is_in_pass = next != NULL;
        mirror->cursor = next;
    }
}

bool mirror_send_fence(struct mirror *mirror, int qos)
{
    char nonce[24];
    int number;
    int len = snprintf(nonce, sizeof nonce, "%llx", (unsigned long long)++mirror->nonce);
    return mirror->spec.publish(mirror->spec.context, mirror->fence, nonce, (size_t)len, qos, false,
                                &number) == PUBLISH_SENT;
}

bool mirror_drops_message(const struct mirror *mirror, const char *topic, size_t len)
{
    return len > 0 && mirror_has_topic(mirror, topic);
}

void mirror_note_published(struct mirror *mirror, int number, const char *refusal, uint64_t now_ms)
{
    if (!mirror)
        return;
    uint64_t *word = &mirror->sent[(uint16_t)number / 64], bit = UINT64_C(1) << (number % 64);
    if ((*word & bit) == 0)
        return;
    *word &= ~bit;
    mirror->sent_count--;
    if (!refusal)
        return;
    counters_add(mirror->spec.counters, MQTTD_MIRROR_REFUSED, 1);
    if (log_limit_count_event(&mirror->refused, now_ms)) {
        log_warning("the broker refused a mirrored setpoint below %s: %s; %u such refusals since "
                    "the last line",
                    mirror->prefix, refusal, mirror->refused.since);
        log_limit_mark_logged(&mirror->refused, now_ms);
    }
}
