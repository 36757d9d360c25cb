/* The settings of the session with the broker, with the password and the certificates. */
#ifndef TAGFERRY_MQTTD_SESSION_SETTINGS_H
#define TAGFERRY_MQTTD_SESSION_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/broker/mqtt_session.h"
#include "mqttd/options.h"

enum { SESSION_TOPIC_SIZE = 512, SESSION_PASSWORD_SIZE = 8192, SESSION_CLIENT_ID_SIZE = 160 };

struct session_settings {
    const struct mqttd_settings *settings;      /* the caller's */
    char password[SESSION_PASSWORD_SIZE];       /* the tokens of some brokers are long */
    char own_client_id[SESSION_CLIENT_ID_SIZE]; /* without [mqttd] client_id */
    /* Of all settings whose change needs a new connection, including the contents of files. */
    uint64_t digest;
};

/* Reads the files that the settings name. Borrows `settings`. False with the reason in `why` when a
 * file cannot be used. */
bool session_settings_read(struct session_settings *session, const struct mqttd_settings *settings,
                           char *why, size_t why_size);
/* Returns the client id: [mqttd] client_id, or the one of this gateway. It points into `session` or
 * its settings. */
const char *session_settings_client_id(const struct session_settings *session);
/* Makes the options of a session. They point into `session`, its settings and the texts. An empty
 * `status_topic`: no will. */
struct mqtt_session_options session_settings_options(const struct session_settings *session,
                                                     const char *status_topic, const char *will);
/* Writes the topic of birth and will, or an empty text if status_topic is empty. */
void session_settings_status_topic(const struct session_settings *session,
                                   char topic[SESSION_TOPIC_SIZE]);

#endif
