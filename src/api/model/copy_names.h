/* The topics and texts of a device's copy: what names the device in them is replaced. Pure.
 *
 * The levels in which the topics of the two devices differ name the device, and so does its own
 * name. In a topic, a level is replaced at its own place; elsewhere, and within a level or a text,
 * a name of three characters or more, if neither a letter nor a digit is next to it. */
#ifndef TAGFERRY_API_MODEL_COPY_NAMES_H
#define TAGFERRY_API_MODEL_COPY_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/arena.h"

enum { COPY_LEVELS_MAX = 32 };

/* A level of the topic, or several with the slashes between them. */
struct copy_pair {
    const char *old, *new;
    int place; /* the number of the level from 0, or -1 for any place */
};

struct copy_names {
    struct arena *arena;
    struct copy_pair pairs[COPY_LEVELS_MAX + 1];
    size_t count;
};

/* Compares names and topics of a device and its copy. Texts are borrowed or in the arena. */
struct copy_names copy_names_make(struct arena *arena, const char *old_name, const char *new_name,
                                  const char *old_topic, const char *new_topic);
/* Return the text for the copy, which is the old one if nothing in it names the device. */
const char *copy_names_in_topic(const struct copy_names *names, const char *topic);
const char *copy_names_in_text(const struct copy_names *names, const char *text);

#endif
