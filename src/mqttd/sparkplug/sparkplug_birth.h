/* What a birth says of each metric: its name, alias and type. Pure. */
#ifndef TAGFERRY_MQTTD_SPARKPLUG_SPARKPLUG_BIRTH_H
#define TAGFERRY_MQTTD_SPARKPLUG_SPARKPLUG_BIRTH_H

#include "mqttd/sparkplug/sparkplug_payload.h"

struct sparkplug_birth_metric {
    const char *name; /* not terminated */
    size_t name_len;
    bool has_alias;
    uint8_t field; /* enum sparkplug_field of the value in the birth */
    uint32_t type; /* enum sparkplug_type or beyond */
    uint64_t alias;
};

struct sparkplug_birth;

/* Copies what it needs from the payload; metrics without a name are left out. NULL when out of
 * memory. */
struct sparkplug_birth *sparkplug_birth_create(const struct sparkplug_payload *payload);
/* Takes NULL. */
void sparkplug_birth_destroy(struct sparkplug_birth *birth);

/* The metric of this alias or name, or NULL. Of two the last counts. `birth` may be NULL. */
const struct sparkplug_birth_metric *sparkplug_birth_find_alias(const struct sparkplug_birth *birth,
                                                                uint64_t alias);
const struct sparkplug_birth_metric *sparkplug_birth_find_name(const struct sparkplug_birth *birth,
                                                               const char *name, size_t len);

#endif
