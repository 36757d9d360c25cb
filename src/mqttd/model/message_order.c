/* Time stamps of messages. */
#include "mqttd/model/message_order.h"

enum time_verdict time_line_take(struct feed *feed, uint64_t source_ms)
{
    if (source_ms >= feed->source_ms) {
        feed->source_ms = source_ms;
        feed->old_count = 0;
        return TIME_NEWER;
    }
    bool in_order = feed->old_count > 0 && source_ms >= feed->old_ms;
    feed->old_count = in_order ? feed->old_count + 1 : 1;
    feed->old_ms = source_ms;
    if (feed->old_count < TIME_LINE_ROW)
        return TIME_OLDER;
    feed->source_ms = source_ms;
    feed->old_count = 0;
    return TIME_BACK;
}
