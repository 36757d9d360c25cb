/* What a message would write into the registers of a tag: the steps of tagferry-mqttd
 * (common/message) for one tag, without a register being written. Pure. */
#ifndef TAGFERRY_API_DISCOVERY_PREVIEW_H
#define TAGFERRY_API_DISCOVERY_PREVIEW_H

#include "api/base/arena.h"
#include "api/model/fields.h"
#include "common/model/codec.h"
#include "common/model/survey.h"

struct preview_message {
    const char *topic, *payload; /* `payload` may be NULL when `len` is 0 */
    size_t len;                  /* bytes that are known */
    size_t whole_len;            /* bytes that were received */
};

struct preview_value {
    bool found;          /* the message has the tag's key */
    const char *json;    /* what the message has at the key, as JSON; NULL: nothing */
    const char *matched; /* what mqtt.pattern takes out of it; NULL: no pattern, or no match */
    const char *read;    /* as JSON: the number before it is scaled; NULL: a text, or refused */
    enum fault fault;    /* why tagferry-mqttd would refuse the message or its value */
    const char *detail;  /* of a fault: the value that is refused */
    bool has_registers;  /* these would be written */
    bool is_on_stale;    /* they are those of modbus.on_stale, since the value is null */
    struct codec_registers registers;
};

/* True when the message is one of the device's by its mqtt.where. */
bool preview_message_is_meant(const struct record *device, const struct preview_message *message,
                              struct arena *arena);
/* The same for the JSON of mqtt.where. */
bool preview_conditions_are_met(const char *conditions, const struct preview_message *message,
                                struct arena *arena);
/* Previews a message of the tag's topic. The tag has passed the rules; its address may be null. */
struct preview_value preview_take_message(const struct record *tag,
                                          const struct preview_message *message,
                                          struct arena *arena);
/* The same for a metric of Sparkplug B, of which the survey has decoded the newest value. */
struct preview_value preview_take_metric(const struct record *tag, const struct survey_key *metric,
                                         struct arena *arena);

#endif
