/* Publishes one value of SCADA's as a command. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_PUBLISH_H
#define TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_PUBLISH_H

#include <stdint.h>

#include "common/base/log_limit.h"
#include "common/shared/counters.h"
#include "common/shared/live_table.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/model/device_model.h"
#include "mqttd/model/translate.h"

enum { COMMAND_SIZE = 16384 };

/* The context of publishing. The pointers are borrowed; zero the rest before use. */
struct command_publisher {
    struct mqtt_session *mqtt_session;
    struct live_table *live;
    struct counters *counters;
    struct memory_shortage *memory_shortage;
    struct log_limit too_long;    /* lines about commands that do not fit */
    char text[COMMAND_SIZE];      /* of the newest message */
    struct translated translated; /* its value */
};

/* Publishes what the tag's registers hold. The tag must have a command. REFUSED: no message can
 * carry the value; it is counted and shown in last_error. SHORT: no memory, try again. SENT also
 * when the message is too long or the library does not take it, for neither changes. *number is the
 * message's whose acknowledgement is to be awaited, or 0. */
enum publish_result writeback_publish_command(struct command_publisher *publisher,
                                              struct device *device, struct tag *tag,
                                              const uint16_t *words, int *number);

#endif
