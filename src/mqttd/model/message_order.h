/* Which messages of a topic are old, by the time stamps that they carry. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_MESSAGE_ORDER_H
#define TAGFERRY_MQTTD_MODEL_MESSAGE_ORDER_H

#include <stdint.h>

#include "mqttd/model/device_model.h"

enum time_verdict {
    TIME_NEWER, /* or of the same time as the newest one */
    TIME_OLDER, /* to be dropped */
    TIME_BACK   /* the sender's clock was set back: from here on its times count */
};

/* So many old messages in a row, each as new as the one before it or newer, are a clock that was
 * set back, and no late ones. */
enum { TIME_LINE_ROW = 10 };

/* Takes the time stamp of a message, in ms since 1970. */
enum time_verdict time_line_take(struct feed *feed, uint64_t source_ms);

#endif
