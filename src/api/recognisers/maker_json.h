/* What recognisers of makers' payloads share: members of the expected type or none, keys from
 * paths, topics that are explained. Pure. */
#ifndef TAGFERRY_API_RECOGNISERS_MAKER_JSON_H
#define TAGFERRY_API_RECOGNISERS_MAKER_JSON_H

#include "api/base/string_map.h"
#include "api/proposal/proposal.h"

enum { MAKER_MEMBERS_MAX = 200 }; /* of an object whose members are looked up by name */

/* Parses the newest payload of a topic. NULL when it is not JSON, or was cut. The caller frees it
 * with cJSON_Delete. */
struct cJSON *maker_json_parse(const struct survey_topic *topic);
/* The text of a member that is a string and not empty, else NULL. `object` may be anything. */
const char *maker_json_text(const struct cJSON *object, const char *member);
/* Reads a member that is a finite number. */
bool maker_json_number(const struct cJSON *object, const char *member, double *number);
bool maker_json_is_true(const struct cJSON *object, const char *member);

/* Adds a token to a JSON Pointer. */
const char *maker_pointer_join(struct arena *arena, const char *pointer, const char *token);
/* The mqtt.key of a JSON Pointer: a member's name where that is the same. */
const char *maker_pointer_key(struct arena *arena, const char *pointer);

/* `topic` and `rest` with a slash in between. */
const char *maker_topic_join(struct arena *arena, const char *topic, const char *rest);
/* The last level of a topic. */
const char *maker_topic_last_level(const char *topic);
/* What follows `prefix` and a slash; NULL when the topic does not begin so. */
const char *maker_topic_below(const char *topic, const char *prefix);

/* Adds a name to a map that may have it. */
void maker_map_put(struct string_map *map, const char *name, void *value);
/* Finds the first topic of the survey that a filter matches. */
bool maker_find_topic(struct proposal *proposal, const char *filter, struct survey_topic *topic);
/* Claims all topics of the survey whose texts are in the map, or match a filter there. */
void maker_claim_topics(struct proposal *proposal, const struct string_map *topics);

/* Describes availability: the topic of the device, and its key unless NULL. */
void maker_set_availability(struct proposal_device *device, const char *topic, const char *key,
                            const char *available, const char *unavailable);

#endif
