/* Members of a Home Assistant discovery payload: by their long names, whichever way they are
 * written. Pure. */
#ifndef TAGFERRY_API_RECOGNISERS_HA_CONFIG_H
#define TAGFERRY_API_RECOGNISERS_HA_CONFIG_H

#include "api/recognisers/maker_json.h"

/* The description of one entity. */
struct ha_config {
    struct arena *arena;
    const struct cJSON *entity; /* an object of at most MAKER_MEMBERS_MAX members */
    const struct cJSON *shared; /* of device-based discovery: the whole payload; else NULL */
};

/* Finds a member of an object by its long name or its abbreviation. NULL without one, or when it is
 * null. */
const struct cJSON *ha_object_find(const struct cJSON *object, const char *name);
/* The same for an entity, whose payload may say it for all entities. */
const struct cJSON *ha_config_find(const struct ha_config *config, const char *name);

/* The text of a member that is a string, number or boolean; `fallback` without one. A `name` of
 * NULL has none. */
const char *ha_config_text(const struct ha_config *config, const char *name, const char *fallback);
double ha_config_number(const struct ha_config *config, const char *name, double fallback);
/* A topic, with the base topic in place of `~`. NULL without a valid one. */
const char *ha_config_topic(const struct ha_config *config, const char *name, bool is_filter);
/* The same for the member of another object, such as an entry of `availability`. */
const char *ha_object_topic(const struct ha_config *config, const struct cJSON *object,
                            const char *name, bool is_filter);

#endif
