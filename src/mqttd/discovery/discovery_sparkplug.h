/* Adds messages of Sparkplug to a survey. */
#ifndef TAGFERRY_MQTTD_DISCOVERY_DISCOVERY_SPARKPLUG_H
#define TAGFERRY_MQTTD_DISCOVERY_DISCOVERY_SPARKPLUG_H

#include "common/model/survey.h"
#include "mqttd/broker/mqtt_session.h"

/* Adds the named metrics of a birth or of data, with their values and data types. A metric that has
 * only an alias is left out: its birth names it. False when the message is not Sparkplug: add it
 * with survey_add_message. */
bool discovery_add_sparkplug(struct survey *survey, const struct mqtt_message *message,
                             int64_t now_ms);

#endif
