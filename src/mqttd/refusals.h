/* Topics that the broker refuses to send, shown in the live rows of the devices and tags that wait
 * for them. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_REFUSALS_H
#define TAGFERRY_MQTTD_REFUSALS_H

#include <stdbool.h>

#include "common/live.h"
#include "mqttd/match.h"

/* The broker has answered the subscription to this filter. */
void refusals_note(struct live *live, struct match *match, const char *filter, bool refused);

/* A device takes the place of another: what is refused stays so, and what nobody waits for any more
 * is forgotten. */
void refusals_carry_over(struct live *live, const struct device *old, struct device *newer);

#endif
