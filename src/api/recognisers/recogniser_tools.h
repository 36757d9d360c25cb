/* What recognisers share: levels of topics, prefixes and labels of keys, the newest text of a key.
 * Pure. */
#ifndef TAGFERRY_API_RECOGNISERS_RECOGNISER_TOOLS_H
#define TAGFERRY_API_RECOGNISERS_RECOGNISER_TOOLS_H

#include "api/base/string_map.h"
#include "api/proposal/proposal.h"

enum { TOPIC_LEVELS_MAX = 16 };

/* The levels of a topic, as texts in the arena. When it has more, the last one has the rest of the
 * topic, with its slashes. */
struct topic_levels {
    const char *at[TOPIC_LEVELS_MAX];
    size_t count;
};
struct topic_levels topic_levels_split(struct arena *arena, const char *topic);

/* Reads the next topic from *number on that no recogniser has claimed and whose newest payload has
 * this format. False when there is none. Begin with 0. */
bool recogniser_next_topic(struct proposal *proposal, enum survey_format format, uint32_t *number,
                           struct survey_topic *topic);

/* The newest text of the first of these keys that the topic has, or NULL. The list ends with
 * NULL. */
const char *recogniser_find_text(struct proposal *proposal, const struct survey_topic *topic,
                                 const char *const *keys);
/* True when the topic has this key, with any value. */
bool recogniser_has_key(struct proposal *proposal, const struct survey_topic *topic,
                        const char *key);
/* The rest of `text` behind `prefix`, or NULL when it does not begin with it. */
const char *recogniser_skip_prefix(const char *text, const char *prefix);
/* True when `text` ends with `suffix`. */
bool recogniser_has_suffix(const char *text, const char *suffix);

/* A label for a key, or for a part of one from a slash on: its tokens, decoded, without the names
 * of selectors: "channels/probe 1/value" for "/channels/name=probe 1/value". */
char *recogniser_key_label(struct arena *arena, const char *key);
/* Decodes a token of a pointer. */
char *recogniser_decode_token(struct arena *arena, const char *token, size_t len);

/* Sets mqtt.where of the device when the topic's entry is of one device among several. */
void recogniser_set_where(struct proposal_device *device, const struct survey_topic *topic);
/* Chooses the type of a measurement: a float32 also when only whole numbers were heard, or none
 * (NULL). */
void recogniser_type_measurement(struct proposal *proposal, struct cJSON *tag,
                                 const struct survey_key *key);

/* The kinds of devices that a recogniser has named, by name and tags. Set the arena and zero the
 * rest before use. */
struct kind_names {
    struct string_map kinds, uses;
};
/* Makes the device one of this kind, or of "NAME 2" if the tags of the first one of this name are
 * others. Call it when the tags are complete. */
void recogniser_set_kind(struct kind_names *names, struct proposal_device *device,
                         const char *name);

#endif
