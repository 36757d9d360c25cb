/* MQTT topic names and filters (MQTT 5, section 4.7). Pure. */
#ifndef TAGFERRY_COMMON_MODEL_TOPIC_H
#define TAGFERRY_COMMON_MODEL_TOPIC_H

#include <stdbool.h>

enum { TOPIC_BYTES_MAX = 65535 };

/* True for a topic name to publish to: 1 to TOPIC_BYTES_MAX bytes of UTF-8 without wildcards,
 * control characters and Unicode noncharacters, and at most 200 slashes. Brokers refuse others. */
bool topic_name_is_valid(const char *name);
/* True for a filter to subscribe to, with `+` as a whole level and `#` as the whole last level; or
 * for a shared subscription "$share/group/filter" with a group that is not empty. */
bool topic_filter_is_valid(const char *filter);
/* True when the filter contains `+` or `#`. */
bool topic_has_wildcard(const char *filter);
/* The filter without "$share/group/". Points into `filter`. */
const char *topic_filter_body(const char *filter);
/* True when the filter body matches the name. A leading wildcard does not match names that begin
 * with `$`. */
bool topic_matches(const char *filter, const char *name);
/* RabbitMQ delivers a topic with a slash for each dot. True when `name` is so made from a topic
 * that the filter matches, whose text is then in `restored`, which has room for `name`. */
bool topic_restore_dots(const char *filter, const char *name, char *restored);

#endif
