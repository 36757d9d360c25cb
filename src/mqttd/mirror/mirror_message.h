/* Topic and payload of a mirrored setpoint. Pure.
 *
 * The topic is <mirror_topic>/<gateway>/<device>/<tag>, with "%2E" for each "." and "%25" for each
 * "%" in the two names: NATS takes no dots. The payload is JSON:
 *
 *     {"device": "boiler", "tag": "set.point", "stamp": 1795976661000000, "from": "tagferry-a",
 *      "table": "holding_register", "address": 100, "type": "float32", "byte_order": "ABCD",
 *      "registers": [16801, 0]}
 *
 * with a member "bit" for a bool inside a register, which is then the only bit of `registers`, a
 * member "byte", "low" or "high", for a value of one byte, which is the low one of `registers`, and
 * with "expired": true for the value that a setpoint has fallen back to (mqtt.expire_value), and
 * with "repeated": true if a gateway other than `from` has published the command once more.
 *
 * A gateway that a device leaves hands its values over (mirror_handover.c). A setpoint is handed
 * over like any other; the message of a value that the device has sent has three members more:
 * "received_at" and "source_at", milliseconds since 1970 or 0, and "outcome". */
#ifndef TAGFERRY_MQTTD_MIRROR_MIRROR_MESSAGE_H
#define TAGFERRY_MQTTD_MIRROR_MIRROR_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/tag.h"
#include "common/shared/live_table.h"

enum {
    MIRROR_NAME_SIZE = 65,     /* of a device or tag, with the NUL */
    MIRROR_FROM_SIZE = 256,    /* of a client id; a longer one is cut */
    MIRROR_LEVELS_SIZE = 400,  /* of "device/tag" in a topic: each byte may become three */
    MIRROR_PAYLOAD_SIZE = 4096 /* the longest, and what is looked at */
};

struct mirror_message {
    char device[MIRROR_NAME_SIZE], tag[MIRROR_NAME_SIZE];
    char from[MIRROR_FROM_SIZE];
    uint64_t stamp;
    bool is_expired, is_repeated;
    bool is_value;                       /* handed over; with the next three */
    uint64_t wall_ms, source_ms;         /* as in struct live_table_value */
    uint8_t outcome;                     /* enum live_table_outcome */
    struct point point;                  /* table, address, type, order, bit, byte */
    uint16_t count;                      /* of words: 1 to POINT_REGISTERS_MAX */
    uint16_t words[POINT_REGISTERS_MAX]; /* a bit, or a coil, as 0 or 1; a byte as 0 to 255 */
};

/* Writes "device/tag" as levels of a topic. False when a name is empty or too long. */
bool mirror_message_write_levels(const char *device, const char *tag,
                                 char levels[MIRROR_LEVELS_SIZE]);
/* Writes the payload with its NUL and returns its length; 0 when it does not fit. */
size_t mirror_message_write(const struct mirror_message *message, char text[MIRROR_PAYLOAD_SIZE]);

enum mirror_read { MIRROR_READ_OK, MIRROR_READ_INVALID, MIRROR_READ_NO_MEMORY };

/* Reads a payload from anywhere. Members that are not known are ignored. With MIRROR_READ_OK all
 * members are within their bounds. */
enum mirror_read mirror_message_read(const char *payload, size_t len,
                                     struct mirror_message *message);
/* True when the value is one of a tag with this point. A value that was handed over may be of other
 * registers. */
bool mirror_message_fits(const struct mirror_message *message, const struct point *point);

#endif
