/* The payload of a command, NCMD or DCMD. Pure. */
#ifndef TAGFERRY_MQTTD_SPARKPLUG_SPARKPLUG_COMMAND_H
#define TAGFERRY_MQTTD_SPARKPLUG_SPARKPLUG_COMMAND_H

#include "common/model/tag.h"
#include "mqttd/sparkplug/sparkplug_birth.h"

struct sparkplug_command {
    const char *name;                            /* of the metric */
    const struct sparkplug_birth_metric *metric; /* what its birth says of it, or NULL */
    const char *value;                           /* bare text: a number, true, false, a word */
    enum value_type type;                        /* of the tag, for a metric without a birth */
    uint64_t wall_ms;
};

/* Writes the payload: by the alias that the birth gave the metric, or else by its name, and with
 * the birth's type; without a birth with the type that the text has. FAULT_NONE, or why this value
 * cannot be one of that type. FAULT_TOO_LONG also when `size` is too small. */
enum fault sparkplug_command_encode(const struct sparkplug_command *command, char *out, size_t size,
                                    size_t *len);

#endif
