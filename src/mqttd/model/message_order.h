/* Which messages of a topic are old, by the time stamps that they carry. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_MESSAGE_ORDER_H
#define TAGFERRY_MQTTD_MODEL_MESSAGE_ORDER_H

#include <stdint.h>

#include "mqttd/model/device_model.h"

enum message_order_verdict {
    MESSAGE_ORDER_NEWER, /* or of the same time as the newest one */
    MESSAGE_ORDER_OLDER, /* to be dropped */
    MESSAGE_ORDER_RESET  /* the sender's clock was set back: from here on its times count */
};

/* So many old messages in a row, each as new as the one before it or newer, are a clock that was
 * set back, and no late ones. */
enum { MESSAGE_ORDER_RESET_COUNT = 10 };

/* Takes the time stamp of a message, in ms since 1970. */
enum message_order_verdict message_order_check(struct feed *feed, uint64_t source_ms);

#endif
