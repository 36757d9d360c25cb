/* The tags of the store, by the messages that they read: which of them have a key of a topic that a
 * discovery has heard. Pure. */
#ifndef TAGFERRY_API_DISCOVERY_KNOWN_TAGS_H
#define TAGFERRY_API_DISCOVERY_KNOWN_TAGS_H

#include <stdbool.h>

#include "api/base/string_map.h"
#include "common/model/survey.h"

/* Texts are borrowed, and outlive the index. */
struct known_device {
    const char *name;
    const char *topic; /* a filter */
    const char *where; /* the JSON of mqtt.where, or NULL */
};

struct known_tag {
    const struct known_device *device;
    const char *name;
    const char *topic, *key;                      /* `topic`: the tag's own, or NULL */
    bool reads;                                   /* it takes values from messages */
    const char *command_topic, *command_template; /* or NULL */
    struct known_tag *next;                       /* with the same device, topic and key */
};

/* The tags of one device with the same topic. */
struct known_feed {
    const struct known_device *device;
    const char *filter;             /* without "$share/GROUP/" */
    struct string_map tags;         /* by key: struct known_tag */
    struct known_feed *same, *wild; /* the next one in the list of its filter; of its prefix */
};

struct known_tags {
    struct arena *arena;
    const struct survey *survey;  /* for mqtt.where, which looks into payloads; or NULL */
    struct string_map by_filter;  /* struct known_feed */
    struct string_map by_prefix;  /* filters with wildcards, by the levels before the first one */
    struct string_map by_device;  /* struct known_feed, by "DEVICE\nFILTER" */
    struct string_map by_command; /* struct known_tag */
    struct string_map published;  /* topics to which Tagferry publishes */
    struct string_map devices;    /* struct known_device, by topic and condition */
    struct string_map matches;    /* struct known_match: those that were asked for */
    struct string_map entries;    /* of the survey, by topic and condition */
};

/* Feeds that get the messages of a topic. */
struct known_match {
    size_t count, room;
    const struct known_feed **feeds;
};

struct known_tags *known_tags_make(struct arena *arena, const struct survey *survey);
void known_tags_add_device(struct known_tags *known, const struct known_device *device);
/* Takes the tag. Its device was added. */
void known_tags_add(struct known_tags *known, struct known_tag *tag);
/* Adds a topic to which Tagferry publishes. */
void known_tags_add_published(struct known_tags *known, const char *topic);

/* Returns the feeds that get the messages of a topic: of all, or of those that meet `where`, which
 * is JSON or NULL. The topic may also be a filter, as the metrics of a Sparkplug device have. */
const struct known_match *known_tags_match(struct known_tags *known, const char *topic,
                                           const char *where);
/* Returns the tags of a feed with this key, or NULL. */
const struct known_tag *known_feed_find(const struct known_feed *feed, const char *key);
/* Returns a tag that publishes the same, or NULL. `template` may be NULL. */
const struct known_tag *known_tags_find_command(const struct known_tags *known, const char *topic,
                                                const char *key, const char *template);
/* True for a topic to which Tagferry publishes and from which no tag reads. */
bool known_tags_is_published(struct known_tags *known, const char *topic);
/* Returns a device with this topic and this condition, or NULL. */
const struct known_device *known_tags_find_device(const struct known_tags *known, const char *topic,
                                                  const char *where);

#endif
