/* Compares time stamps of messages. */
#include "mqttd/model/message_order.h"

#include "common/base/require.h"

enum message_order_verdict message_order_check(struct feed *feed, uint64_t source_ms)
{
    REQUIRE(feed->old_count < MESSAGE_ORDER_RESET_COUNT);
    if (source_ms >= feed->source_ms) {
        feed->source_ms = source_ms;
        feed->old_count = 0;
        return MESSAGE_ORDER_NEWER;
    }
    bool in_order = feed->old_count > 0 && source_ms >= feed->old_ms;
    feed->old_count = in_order ? feed->old_count + 1 : 1;
    feed->old_ms = source_ms;
    if (feed->old_count < MESSAGE_ORDER_RESET_COUNT)
        return MESSAGE_ORDER_OLDER;
    feed->source_ms = source_ms;
    feed->old_count = 0;
    return MESSAGE_ORDER_RESET;
}
