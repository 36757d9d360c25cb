/* Names that are nearly right. Pure. */
#ifndef TAGFERRY_CTL_WHY_WHY_NEAR_H
#define TAGFERRY_CTL_WHY_WHY_NEAR_H

#include <cjson/cJSON.h>

/* The keys of the scalars in a payload, as a tag names them: "temp, /sensor/temp". Cut after many.
 * "" for a payload without keys. */
const char *why_list_keys(const cJSON *payload);
/* The key in the payload that is most like `key`: equal but for capital letters, the same name
 * elsewhere in the payload, or some letters different. NULL if none is. */
const char *why_find_near_key(const cJSON *payload, const char *key);
/* A topic of messages that no device takes and that is nearly the same as `filter`; or NULL. */
const char *why_find_near_topic(const cJSON *messages, const char *filter);
/* A filter for the topics beside this one: "plant/#" for "plant/boiler-7/telemetry". */
const char *why_widen_topic(const char *filter);
/* A text as one word of a shell, in quotes where it needs them. */
const char *why_quote_word(const char *text);

#endif
