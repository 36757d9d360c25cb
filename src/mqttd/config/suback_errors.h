/* Shows in the live rows of devices and tags which of their topics the broker does not send. The
 * MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_SUBACK_ERRORS_H
#define TAGFERRY_MQTTD_CONFIG_SUBACK_ERRORS_H

#include <stdbool.h>

#include "common/shared/live_table.h"
#include "mqttd/broker/subscriptions.h"
#include "mqttd/config/topic_tree.h"

/* The broker sends the topics of this filter (FAULT_NONE), or does not. */
void suback_errors_note(struct live_table *live, struct topic_tree *topic_tree, const char *filter,
                        enum fault fault);

/* True when the broker does not send one of the device's topics. */
bool suback_errors_has_any(const struct device *device);
/* For a device that has come into service: shows what is known of its topics. `was_refused`: its
 * rows may show what has been true of the device whose place it takes. */
void suback_errors_show(struct live_table *live, const struct subscriptions *subscriptions,
                        struct device *device, bool was_refused);

#endif
