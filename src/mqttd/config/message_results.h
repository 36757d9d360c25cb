/* The results of the newest messages: for each tag, for all tags of a topic, and for a device as a
 * whole. They become the outcomes of the live rows. Used by the MQTT thread only.
 *
 * A topic fails while its messages are refused or dropped as a whole. A device fails while this
 * happens to all of its new messages and values. */
#ifndef TAGFERRY_MQTTD_CONFIG_MESSAGE_RESULTS_H
#define TAGFERRY_MQTTD_CONFIG_MESSAGE_RESULTS_H

#include <stdbool.h>

#include "common/shared/live_table.h"
#include "mqttd/model/device_model.h"

/* Records a tag's newest value: LIVE_GOOD, _RETAINED, _NULL, _REFUSED or _BAD_QUALITY. Counts it as
 * a message of the tag. */
void message_results_add_value(struct live_table *live, struct feed *feed, struct tag *tag,
                               enum live_table_outcome outcome);
/* Records the feed's newest message, after its values: LIVE_NONE when it was understood, else
 * LIVE_NOT_JSON, _OLD or _REFUSED. */
void message_results_add_message(struct live_table *live, struct feed *feed,
                                 enum live_table_outcome failure);
/* Shows the fault of a message that was refused as a whole at each tag of the feed that shows the
 * failure; call it after message_results_add_message. The message is the value of a tag with the
 * whole payload: it counts as a message and a reject of this tag. `excerpt` is of the payload. */
void message_results_add_fault(struct live_table *live, const struct feed *feed, enum fault fault,
                               const char *excerpt, uint64_t wall_ms);
/* Returns the outcome for the device's row. `aged`: no message was understood within stale_after_s;
 * then the messages that were not understood decide, if any came in that time. `now_ms`: steady
 * clock. */
enum live_table_outcome message_results_outcome(const struct device *device, bool aged,
                                                uint64_t now_ms);
/* Counts the tags of a device that comes into service by their results. */
void message_results_count_tags(struct device *device);
/* Copies the results of the device's feeds to its replacement, after those of its tags were copied.
 * Call it before message_results_count_tags. */
void message_results_carry_over(const struct device *old, struct device *newer);

#endif
