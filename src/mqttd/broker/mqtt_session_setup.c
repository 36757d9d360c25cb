/* Sets the options of the library's client for a connection. */
#include <mqtt_protocol.h>
#include <string.h>

#include "common/base/require.h"
#include "mqttd/broker/mqtt_session_internal.h"

enum { RECEIVE_MAXIMUM = 1000 };

/* Only this call of the library sets properties for later connects: it stores them before it
 * rejects the missing host. MQTT 3.1.1 has no properties. */
static bool session_set_connect_properties(struct mqtt_session *s)
{
    mosquitto_property *properties = NULL;
    if (s->version == MQTT_VERSION_5 &&
        (mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                      s->options.session_expiry_s) != MOSQ_ERR_SUCCESS ||
         mosquitto_property_add_int32(&properties, MQTT_PROP_MAXIMUM_PACKET_SIZE,
                                      s->options.max_packet) != MOSQ_ERR_SUCCESS)) {
        mosquitto_property_free_all(&properties);
        return false;
    }
    int rc = mosquitto_connect_bind_v5(s->mosquitto, NULL, 0, 60, NULL, properties);
    mosquitto_property_free_all(&properties);
    return rc == MOSQ_ERR_INVAL;
}

bool mqtt_session_set_version(struct mqtt_session *s, enum mqtt_version version)
{
    REQUIRE(version == MQTT_VERSION_5 || version == MQTT_VERSION_3_1_1);
    s->version = version;
    return mosquitto_int_option(s->mosquitto, MOSQ_OPT_PROTOCOL_VERSION,
                                version == MQTT_VERSION_5
                                    ? MQTT_PROTOCOL_V5
                                    : MQTT_PROTOCOL_V311) == MOSQ_ERR_SUCCESS &&
           session_set_connect_properties(s);
}

bool mqtt_session_set_credentials(struct mqtt_session *s)
{
    const struct mqtt_session_options *options = &s->options;
    if (mosquitto_username_pw_set(s->mosquitto, options->username, options->password) !=
        MOSQ_ERR_SUCCESS)
        return false;
    /* The broker's certificate and its name are checked. */
    if (options->tls &&
        mosquitto_tls_set(s->mosquitto, options->ca_file,
                          options->ca_file ? NULL : "/etc/ssl/certs", options->cert_file,
                          options->key_file, NULL) != MOSQ_ERR_SUCCESS)
        return false;
    return session_set_connect_properties(s);
}

bool mqtt_session_set_options(struct mqtt_session *s)
{
    if (!mqtt_session_set_version(s, s->version) ||
        mosquitto_threaded_set(s->mosquitto, true) != MOSQ_ERR_SUCCESS ||
        mosquitto_int_option(s->mosquitto, MOSQ_OPT_TCP_NODELAY, 1) != MOSQ_ERR_SUCCESS)
        return false;
    /* Only once: a second call makes the library drop the other TLS settings. */
    if (s->options.tls &&
        mosquitto_tls_opts_set(s->mosquitto, 1, "tlsv1.2", NULL) != MOSQ_ERR_SUCCESS)
        return false;
    if (!mqtt_session_set_credentials(s))
        return false;
    return mosquitto_int_option(s->mosquitto, MOSQ_OPT_RECEIVE_MAXIMUM, RECEIVE_MAXIMUM) ==
           MOSQ_ERR_SUCCESS;
}

bool mqtt_session_set_will(struct mqtt_session *s)
{
    if (!s->options.will_topic || s->will.is_left_out)
        return mosquitto_will_clear(s->mosquitto) == MOSQ_ERR_SUCCESS;
    return mosquitto_will_set(s->mosquitto, s->options.will_topic, (int)strlen(s->options.will),
                              s->options.will, s->will.qos, s->will.retain) == MOSQ_ERR_SUCCESS;
}
