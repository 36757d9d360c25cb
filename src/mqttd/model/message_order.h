/* Detects old messages of a topic by their time stamps. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_MESSAGE_ORDER_H
#define TAGFERRY_MQTTD_MODEL_MESSAGE_ORDER_H

#include <stdint.h>

#include "mqttd/model/device_model.h"

enum message_order_verdict {
    MESSAGE_ORDER_NEWER, /* as new as the newest one, or newer */
    MESSAGE_ORDER_OLDER, /* drop the message */
    MESSAGE_ORDER_RESET  /* the sender's clock was set back: this message is now the newest one */
};

/* After this number of old messages in a row, each as new as the one before it or newer, the
 * sender's clock counts as set back. Its time must go on like ours: time stamps that go on half as
 * fast again are those of messages that a broker sends once more. */
enum { MESSAGE_ORDER_RESET_COUNT = 10 };

/* Compares the time stamp of a message, in ms since 1970, with the newest one of the feed, and
 * records it. `steady_ms` is when the message came, by the steady clock. */
enum message_order_verdict message_order_check(struct feed *feed, uint64_t source_ms,
                                               uint64_t steady_ms);

#endif
