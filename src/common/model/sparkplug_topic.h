/* Topics of Sparkplug B: spBv1.0/group/type/node for an edge node, with one more level for one of
 * its devices. A family is all the topics of one node or one device. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_SPARKPLUG_TOPIC_H
#define TAGFERRY_COMMON_MODEL_SPARKPLUG_TOPIC_H

#include <stdbool.h>
#include <stddef.h>

/* The third level. */
enum sparkplug_kind {
    SPARKPLUG_NBIRTH,
    SPARKPLUG_NDATA,
    SPARKPLUG_NDEATH,
    SPARKPLUG_NCMD,
    SPARKPLUG_DBIRTH,
    SPARKPLUG_DDATA,
    SPARKPLUG_DDEATH,
    SPARKPLUG_DCMD,
    SPARKPLUG_KIND_COUNT
};

/* Parts of a topic, borrowed and not terminated. */
struct sparkplug_topic {
    enum sparkplug_kind kind;
    const char *group, *node, *device; /* `device` is NULL for the node itself */
    size_t group_len, node_len, device_len;
};

/* Reads the topic of a message. False when it is no topic of Sparkplug. */
bool sparkplug_topic_read(const char *topic, struct sparkplug_topic *parts);
/* Reads what a user writes for a node or a device: its topic with `+`, or with any type that it may
 * have, in the third level, and with no other wildcard. `kind` is not set. */
bool sparkplug_topic_read_family(const char *filter, struct sparkplug_topic *parts);

/* Bytes that are enough for what the next two write, with the NUL. */
size_t sparkplug_topic_size(const struct sparkplug_topic *parts);
/* Writes the filter of all messages of the node and its devices, "spBv1.0/group/+/node/#". */
void sparkplug_topic_write_filter(const struct sparkplug_topic *parts, char *text);
/* Writes the topic of this type: NCMD or DCMD for commands. */
void sparkplug_topic_write(const struct sparkplug_topic *parts, enum sparkplug_kind kind,
                           char *text);

#endif
