/* What the session with the broker is made of: settings, the password, certificates. */
#ifndef TAGFERRY_MQTTD_SESSION_SETTINGS_H
#define TAGFERRY_MQTTD_SESSION_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/broker/mqtt_session.h"
#include "mqttd/options.h"

enum { SESSION_TOPIC_SIZE = 512, SESSION_PASSWORD_SIZE = 8192 };

struct session_settings {
    const struct mqttd_settings *settings; /* the caller's */
    char password[SESSION_PASSWORD_SIZE];  /* the tokens of some brokers are long */
    /* Of all that takes a new connection when it changes, the contents of files included. */
    uint64_t digest;
};

/* Reads the files that the settings name. False, with the reason, when one cannot be used. */
bool session_settings_read(struct session_settings *session, const struct mqttd_settings *settings,
                           char *why, size_t why_size);
/* They point into the session, its settings, and the texts given. An empty topic counts as no
 * topic. */
struct mqtt_session_options session_settings_options(const struct session_settings *session,
                                                     const char *status_topic, const char *will);
/* The topic of birth and will; an empty text for none. */
void session_settings_status_topic(const struct mqttd_settings *settings,
                                   char topic[SESSION_TOPIC_SIZE]);

#endif
