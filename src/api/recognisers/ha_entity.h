/* Entities of Home Assistant: which values a component has, and the tags for them. Pure. */
#ifndef TAGFERRY_API_RECOGNISERS_HA_ENTITY_H
#define TAGFERRY_API_RECOGNISERS_HA_ENTITY_H

#include "api/recognisers/ha_config.h"

/* An entity of a device. */
struct ha_entity {
    struct ha_config config;
    const char *component; /* "sensor" */
    const char *object;    /* its name in the topic of its configuration, or in `components` */
    struct ha_entity *next;
};

/* A value of a component: the names of the members that describe it. NULL: it has none. */
struct ha_feature;

/* True for a component that can appear in topics of configurations. */
bool ha_component_is_known(const char *component);
/* Calls visit(context, topic) for each topic that carries a value of the entity. */
void ha_entity_visit_topics(const struct ha_entity *entity,
                            void (*visit)(void *context, const char *topic), void *context);
/* True when the entity has a value or a command that could become a tag. */
bool ha_entity_has_values(const struct ha_entity *entity);
/* Adds the tags of the entity, with the topic unless it is `device_topic`. What cannot be proposed
 * is noted. Returns the number of tags. */
size_t ha_entity_add_tags(struct proposal *proposal, struct proposal_device *device,
                          const struct ha_entity *entity, const char *device_topic);

#endif
