/* A proposal: devices and tags for what a survey has heard, as the body of an import. Recognisers
 * add devices to it; topics that none claims are proposed by their shape. Pure.
 *
 * Resources are built as JSON objects with the members of the REST API, without addresses. */
#ifndef TAGFERRY_API_PROPOSAL_PROPOSAL_H
#define TAGFERRY_API_PROPOSAL_PROPOSAL_H

#include <stdbool.h>

#include "api/base/arena.h"
#include "common/model/survey.h"

struct cJSON;
struct proposal;

struct proposal_stored;

/* A device of the proposal. */
struct proposal_device {
    struct cJSON *body;     /* the resource; its tags are in the array "tags" */
    const char *recogniser; /* the name of the one that added it */
    const char *kind; /* devices of one kind have the same text and the same tags: one profile;
                         NULL: unknown, decided by comparing the tags */
    const struct proposal_stored *stored; /* of which it has new tags; NULL: a new device */
};

/* One that knows the topics and payloads of a maker or a convention. */
struct recogniser {
    const char *name;  /* "home_assistant" */
    const char *label; /* "Home Assistant discovery" */
    void (*propose)(struct proposal *proposal);
};

/* What the proposal is made of. */
const struct survey *proposal_survey(const struct proposal *proposal);
/* The number of topics of the survey. */
uint32_t proposal_count_topics(const struct proposal *proposal);
struct arena *proposal_arena(struct proposal *proposal);

/* Marks a topic as explained: no later recogniser, and not the shape, proposes it. A topic may be
 * claimed without a device, such as one with a description of others. */
void proposal_claim_topic(struct proposal *proposal, const struct survey_topic *topic);
bool proposal_is_claimed(const struct proposal *proposal, const struct survey_topic *topic);

/* True when a tag with this topic, condition (JSON, or NULL) and key is wanted. Others need not be
 * added: they are left out in the end. */
bool proposal_wants(struct proposal *proposal, const char *topic, const char *where,
                    const char *key);

/* Adds a device. `label` is the maker's name for it, any text: the device's name is made from it,
 * plain and unique, at the end. `topic` is its mqtt.topic. */
struct proposal_device *proposal_add_device(struct proposal *proposal, const char *label,
                                            const char *topic);
/* Adds a tag to a device, with its label and mqtt.key. The caller sets its type with one of the
 * functions below. */
struct cJSON *proposal_add_tag(struct proposal *proposal, struct proposal_device *device,
                               const char *label, const char *key);

/* A name that the device or tag gets, made plain, in place of one from its label or key. */
void proposal_set_name(struct cJSON *resource, const char *name);
/* Set a member of a device or tag by its path, such as "mqtt.command_topic" or "unit". */
void proposal_set_text(struct cJSON *resource, const char *path, const char *text);
void proposal_set_number(struct cJSON *resource, const char *path, double number);
void proposal_set_flag(struct cJSON *resource, const char *path, bool flag);
/* Takes the object. */
void proposal_set_object(struct cJSON *resource, const char *path, struct cJSON *object);

/* Chooses table and type by what was heard: discrete_input for booleans, a value map for few words,
 * float32 where decimals were seen, an integer with room for others, a string for other texts.
 * `key` may be NULL: a float32. */
void proposal_type_by_key(struct proposal *proposal, struct cJSON *tag,
                          const struct survey_key *key);
/* The kinds of a value, without texts that stand for a missing value, such as "unavailable". */
unsigned proposal_value_kinds(const struct survey_key *key);
/* An integer or float32 for numbers from `smallest` to `largest` in steps of `step` (0: unknown, a
 * float32). */
void proposal_type_by_range(struct cJSON *tag, double smallest, double largest, double step);
/* A discrete_input, or a coil when the tag has a command; the words stand for 1 and 0 (NULL: JSON
 * booleans). */
void proposal_type_switch(struct cJSON *tag, const char *word_on, const char *word_off);
/* A value map of words, numbered from 0, in an uint16. */
void proposal_type_words(struct cJSON *tag, const char *const *words, size_t count);
/* A string with room for `characters` bytes of UTF-8. */
void proposal_type_text(struct cJSON *tag, size_t characters);
/* Makes the tag writable: the table becomes coil or holding_register, the direction `both`, or
 * to_mqtt without a state. `command_template` may be NULL. Call it after the type. */
void proposal_set_command(struct cJSON *tag, bool has_state, const char *command_topic,
                          const char *command_template);

/* Notes for the reader of the proposal what could not be proposed, and why. */
__attribute__((format(printf, 2, 3))) void proposal_note(struct proposal *proposal,
                                                         const char *format, ...);

#endif
