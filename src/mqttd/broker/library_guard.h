/* Keeps a failed assertion of libmosquitto from ending the process.
 *
 * libmosquitto 2.0.11 logs a property of MQTT 5 that it does not know without naming its client,
 * and asserts that there is one: a broker, or anyone who can answer in its place, would end mqttd
 * with one packet. Used by the thread of the session. */
#ifndef TAGFERRY_MQTTD_BROKER_LIBRARY_GUARD_H
#define TAGFERRY_MQTTD_BROKER_LIBRARY_GUARD_H

struct mosquitto;

/* Reads as mosquitto_loop_read does. MOSQ_ERR_MALFORMED_PACKET if the library would have ended the
 * process: the client may then only be connected again, or destroyed. It loses the memory of the
 * properties that came before. */
int library_guard_read(struct mosquitto *mosquitto);

#endif
