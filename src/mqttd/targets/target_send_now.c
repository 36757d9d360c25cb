/* The short way to the local server: while the target's thread rests, the MQTT thread sends the
 * values itself, and the target's thread takes the answers: one thread fewer has to wake up before
 * a value is sent. All else stays with the target's thread: connections, refused values, servers
 * that do not answer, and more values than a few requests carry. */
#include "common/base/require.h"
#include "mqttd/targets/target_internal.h"

enum {
    ROWS_MAX = 256 /* more would keep the MQTT thread busy too long */
};

void target_offer_rest(struct target *target)
{
    target->may_send_now = target->spec.local && !thread_is_stopping(&target->thread) &&
                           target->owed.count == 0 && target->refused.count == 0 &&
                           target->refused_zeros.count == 0 && target->parked.queue.count == 0 &&
                           !target->is_short && !sender_is_down(&target->sender);
}

/* Sorts the snapshot and makes `requests` of all of it. Returns their number; 0 if they are too
 * many, or of both channels. */
static size_t target_make_requests(struct target *target)
{
    const struct batch_limits limits = {.registers = target->sender.pace.max_write_registers,
                                        .bits = MODBUS_WRITE_BITS_MAX};
    size_t at = 0, count = 0, end = target->snapshot.items.count;
    batch_sort_items(target->snapshot.items.item, end);
    while (at < end) {
        if (count == PIPELINE_MAX ||
            target_item_channel(target, at) != target_item_channel(target, 0))
            return 0;
        batch_next_request(target->snapshot.items.item, end, &limits, &at,
                           &target->requests[count++]);
    }
    return count;
}

bool target_send_now(struct target *target)
{
    bool has_raw_writes = target->raw_writes.count > 0 || target->is_writing_raw;
    if (!target->may_send_now || target->sent_count > 0 || has_raw_writes ||
        target->dirty_rows.queue.count > ROWS_MAX || target->dirty_rows.has_lost)
        return false;
    size_t rows = target->dirty_rows.queue.count;
    bool whole = target_take_dirty_rows(target) == rows;
    if (whole && target->snapshot.items.count == 0) {
        target_release_rows(target, rows);
        return true;
    }
    size_t count = whole ? target_make_requests(target) : 0;
    if (count == 0 || !sender_begin_requests(&target->sender, target->requests, count)) {
        target_release_rows(target, 0);
        return false;
    }
    target->sent_count = count;
    return sender_has_sent(&target->sender);
}

void target_take_answers(struct target *target)
{
    enum modbus_result results[PIPELINE_MAX];
    size_t count = target->sent_count;
    REQUIRE(count > 0);
    sender_end_requests(&target->sender, results);
    target_take_results(target, count, results);
    pthread_mutex_lock(&target->lock);
    target->is_down = sender_is_down(&target->sender);
    target->sent_count = 0;
    target_release_rows(target, target->working.count);
    pthread_mutex_unlock(&target->lock);
}
