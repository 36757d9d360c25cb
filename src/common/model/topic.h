/* MQTT topic names and filters (MQTT 5, section 4.7). Pure. */
#ifndef TAGFERRY_COMMON_MODEL_TOPIC_H
#define TAGFERRY_COMMON_MODEL_TOPIC_H

#include <stdbool.h>

/* A topic name to publish to: 1 to 65535 bytes of UTF-8 without wildcards, control characters and
 * Unicode's noncharacters, and with at most 200 slashes, since brokers refuse others. */
bool topic_name_is_valid(const char *name);
/* A filter to subscribe to: `+` alone in a level, `#` alone in the last one; or a shared
 * subscription "$share/group/filter" with a group that is not empty. */
bool topic_filter_is_valid(const char *filter);
bool topic_has_wildcard(const char *filter);
/* The part of a filter that names are matched against: without "$share/group/". */
const char *topic_filter_body(const char *filter);
/* True when the filter body matches the name. Names that begin with `$` match no leading wildcard.
 */
bool topic_matches(const char *filter, const char *name);

#endif
