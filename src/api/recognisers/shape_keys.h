/* What was heard of the values of a kind of devices, and what their names tell. */
#ifndef TAGFERRY_API_RECOGNISERS_SHAPE_KEYS_H
#define TAGFERRY_API_RECOGNISERS_SHAPE_KEYS_H

#include "api/base/arena.h"
#include "common/model/survey.h"

/* A value that all devices of a kind have. */
struct shape_key {
    const char *id;          /* the key, or the topic below the device's */
    struct survey_key heard; /* by all of them */
    bool is_text;            /* the payload is not JSON */
    bool varies;             /* a device has had several words */
};

/* Makes the value of a first device. */
struct shape_key shape_key_make(const char *id, const struct survey_key *heard);
/* Adds what was heard of the same value of another device. */
void shape_key_merge(struct shape_key *key, const struct survey_key *heard);
/* Gives the elements of an array the range of all of them: "/axes/0/pos" and "/axes/1/pos" are
 * numbers of one kind. */
void shape_keys_join_elements(struct arena *arena, struct shape_key *const *keys, size_t count);
/* True for a time stamp: a number of seconds or milliseconds since 1970 of this century, or a date.
 */
bool shape_key_is_time(const struct shape_key *key);
/* What decides the type. Words that differ only between devices, such as a model, are no choice. */
struct survey_key shape_key_evidence(const struct shape_key *key);
/* The unit that a key names at its end, or NULL. */
const char *key_find_unit(const char *key);

#endif
