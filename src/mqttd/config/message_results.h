/* The result of the newest messages: for a tag, for all tags of a topic, and for a device as a
 * whole. It becomes the outcome of their live rows. The MQTT thread's alone.
 *
 * A topic is in trouble while its messages come to nothing as a whole. A device is, when all that
 * it has said newly was refused or dropped. */
#ifndef TAGFERRY_MQTTD_CONFIG_MESSAGE_RESULTS_H
#define TAGFERRY_MQTTD_CONFIG_MESSAGE_RESULTS_H

#include <stdbool.h>

#include "common/shared/live_table.h"
#include "mqttd/model/device_model.h"

/* A tag's newest value: GOOD, RETAINED, NULL or REFUSED. Counts a message of the tag. */
void message_results_add_value(struct live_table *live, struct feed *feed, struct tag *tag,
                               enum live_table_outcome outcome);
/* The feed's newest message, after its values: NONE when it was understood, else NOT_JSON, OLD or
 * REFUSED. */
void message_results_add_message(struct live_table *live, struct feed *feed,
                                 enum live_table_outcome trouble);
/* The outcome of the device's row. `aged`: no message was understood within stale_after_s; then it
 * is what came in their place, if anything did. */
enum live_table_outcome message_results_outcome(const struct device *device, bool aged,
                                                uint64_t now_ms);
/* Counts the tags of a device that is taken into service. */
void message_results_count_tags(struct device *device);
/* A device takes the place of another, which knew the tags' outcomes already. Before
 * message_results_count_tags.
 */
void message_results_carry_over(const struct device *old, struct device *newer);

#endif
