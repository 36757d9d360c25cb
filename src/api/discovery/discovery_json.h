/* Writes what a discovery has heard as JSON. Pure. */
#ifndef TAGFERRY_API_DISCOVERY_DISCOVERY_JSON_H
#define TAGFERRY_API_DISCOVERY_DISCOVERY_JSON_H

#include "api/base/text.h"
#include "api/discovery/known_tags.h"
#include "common/model/survey.h"

/* Writes the members "payload", "encoding", "looks_like" and "bytes" of a payload of which `len` of
 * `total` bytes are known. */
void discovery_write_payload(const char *topic, const char *payload, size_t len, size_t total,
                             struct text *text);
/* Writes a topic with its keys, and the tags that read them, as an object. `elapsed_ms` is for its
 * rate. */
void discovery_write_topic(const struct survey *survey, const struct survey_topic *topic,
                           struct known_tags *known, int64_t elapsed_ms, struct text *text);
/* Writes the object of totals; zeros for a survey that is NULL. `dropped`: messages that were not
 * looked at. */
void discovery_write_totals(const struct survey *survey, uint64_t dropped, struct text *text);

#endif
