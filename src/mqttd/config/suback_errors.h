/* Shows in the rows of devices and tags which of their topics the broker does not send. Used by the
 * MQTT thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_SUBACK_ERRORS_H
#define TAGFERRY_MQTTD_CONFIG_SUBACK_ERRORS_H

#include <stdbool.h>

#include "common/shared/live_table.h"
#include "mqttd/broker/subscriptions.h"
#include "mqttd/config/topic_tree.h"

/* Records why the broker does not send the topics of this filter; FAULT_NONE: it sends them. */
void suback_errors_note(struct live_table *live, struct topic_tree *topic_tree, const char *filter,
                        enum fault fault);

/* True when the broker does not send one of the device's topics. */
bool suback_errors_has_any(const struct device *device);
/* For a device that comes into service: shows the known errors of its topics. `was_refused`:
 * suback_errors_has_any of the device that it replaces, whose rows may still show errors. */
void suback_errors_show(struct live_table *live, const struct subscriptions *subscriptions,
                        struct device *device, bool was_refused);

#endif
