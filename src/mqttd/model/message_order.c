/* Compares time stamps of messages. */
#include "mqttd/model/message_order.h"

#include "common/base/require.h"

/* True if the message goes on with the row of old ones: it is not older than the one before, and
 * since the first one its sender's time has not gone on much faster than ours. */
static bool message_order_goes_on(const struct feed *feed, uint64_t source_ms, uint64_t steady_ms)
{
    uint64_t passed_ms = steady_ms - feed->row_steady_ms;
    return feed->old_count > 0 && source_ms >= feed->old_ms &&
           source_ms - feed->row_ms <= passed_ms + passed_ms / 2;
}

enum message_order_verdict message_order_check(struct feed *feed, uint64_t source_ms,
                                               uint64_t steady_ms)
{
    REQUIRE(feed->old_count < MESSAGE_ORDER_RESET_COUNT);
    if (source_ms >= feed->source_ms) {
        feed->source_ms = source_ms;
        feed->old_count = 0;
        return MESSAGE_ORDER_NEWER;
    }
    if (!message_order_goes_on(feed, source_ms, steady_ms)) {
        feed->old_count = 0;
        feed->row_ms = source_ms;
        feed->row_steady_ms = steady_ms;
    }
    feed->old_count++;
    feed->old_ms = source_ms;
    if (feed->old_count < MESSAGE_ORDER_RESET_COUNT)
        return MESSAGE_ORDER_OLDER;
    feed->source_ms = source_ms;
    feed->old_count = 0;
    return MESSAGE_ORDER_RESET;
}
