/* Feeds are found by their filter, and those with wildcards by the levels before the first
 * wildcard, so that a topic is compared with few filters. */
#include "api/discovery/known_tags.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <string.h>

#include "api/discovery/preview.h"
#include "common/model/sparkplug_topic.h"
#include "common/model/topic.h"

struct known_tags *known_tags_make(struct arena *arena, const struct survey *survey)
{
    struct known_tags *known = arena_alloc(arena, sizeof *known);
    struct string_map empty = {.arena = arena};
    *known = (struct known_tags){.arena = arena,
                                 .survey = survey,
                                 .by_filter = empty,
                                 .by_prefix = empty,
                                 .by_device = empty,
                                 .by_command = empty,
                                 .published = empty,
                                 .devices = empty,
                                 .matches = empty,
                                 .entries = empty};
    return known;
}

/* Returns the same text for all topics of a Sparkplug node or device; of any other topic itself. */
static const char *known_topic_name(struct arena *arena, const char *topic)
{
    struct sparkplug_topic parts;
    topic = topic_filter_body(topic);
    if (!sparkplug_topic_read_family(topic, &parts) && !sparkplug_topic_read(topic, &parts))
        return topic;
    return arena_format(arena, "spBv1.0/%.*s/+/%.*s%s%.*s", (int)parts.group_len, parts.group,
                        (int)parts.node_len, parts.node, parts.device ? "/" : "",
                        (int)parts.device_len, parts.device ? parts.device : "");
}

/* "/a" finds the same member as "a", unless it is a selector or an index. */
static const char *known_key_name(const char *key)
{
    const char *token = key + 1;
    bool is_plain = *key == '/' && !strpbrk(token, "/~=") && *token != '-' && *token != '\0' &&
                    token[strspn(token, "0123456789")] != '\0';
    return is_plain ? token : key;
}

static const char *known_two_texts(struct arena *arena, const char *first, const char *second)
{
    return arena_format(arena, "%s\n%s", first, second ? second : "");
}

static const char *known_command_name(struct arena *arena, const char *topic, const char *key,
                                      const char *template)
{
    /* A template says what is published; without one the key does. */
    return arena_format(arena, "%s\n%c%s", topic, template ? 't' : 'k', template ? template : key);
}

/* Puts a feed with wildcards into the list of the levels before the first one. */
static void known_add_wildcard(struct known_tags *known, struct known_feed *feed)
{
    size_t len = strcspn(feed->filter, "+#");
    const char *prefix = arena_strndup(known->arena, feed->filter, len);
    struct known_feed *first = string_map_find(&known->by_prefix, prefix);
    if (first) {
        feed->wild = first->wild;
        first->wild = feed;
    } else {
        string_map_add(&known->by_prefix, prefix, feed);
    }
}

static struct known_feed *known_tags_feed(struct known_tags *known, const struct known_tag *tag)
{
    const char *filter = topic_filter_body(tag->topic ? tag->topic : tag->device->topic);
    const char *name = known_two_texts(known->arena, tag->device->name, filter);
    struct known_feed *feed = string_map_find(&known->by_device, name);
    if (feed)
        return feed;
    feed = arena_alloc(known->arena, sizeof *feed);
    *feed = (struct known_feed){
        .device = tag->device, .filter = filter, .tags = {.arena = known->arena}};
    string_map_add(&known->by_device, name, feed);
    const char *topic = known_topic_name(known->arena, filter);
    struct known_feed *first = string_map_find(&known->by_filter, topic);
    if (first) {
        feed->same = first->same;
        first->same = feed;
    } else {
        string_map_add(&known->by_filter, topic, feed);
    }
    if (topic_has_wildcard(filter))
        known_add_wildcard(known, feed);
    return feed;
}

void known_tags_add_device(struct known_tags *known, const struct known_device *device)
{
    const char *topic = known_topic_name(known->arena, device->topic);
    const char *name = known_two_texts(known->arena, topic, device->where);
    if (!string_map_find(&known->devices, name))
        string_map_add(&known->devices, name, (void *)device);
}

void known_tags_add_published(struct known_tags *known, const char *topic)
{
    if (!string_map_find(&known->published, topic))
        string_map_add(&known->published, topic, known);
}

void known_tags_add(struct known_tags *known, struct known_tag *tag)
{
    if (tag->reads) {
        struct known_feed *feed = known_tags_feed(known, tag);
        const char *key = known_key_name(tag->key);
        struct known_tag *first = string_map_find(&feed->tags, key);
        if (first) {
            tag->next = first->next;
            first->next = tag;
        } else {
            string_map_add(&feed->tags, key, tag);
        }
    }
    if (!tag->command_topic)
        return;
    const char *command =
        known_command_name(known->arena, tag->command_topic, tag->key, tag->command_template);
    if (!string_map_find(&known->by_command, command))
        string_map_add(&known->by_command, command, tag);
    known_tags_add_published(known, tag->command_topic);
}

/* Finds the entry of the survey with the messages of a topic that meet `where`. */
static bool known_find_entry(struct known_tags *known, const char *topic, const char *where,
                             struct survey_topic *entry)
{
    struct survey_topic each;
    if (!known->survey)
        return false;
    if (known->entries.count == 0) {
        for (uint32_t i = 0; survey_read_topic(known->survey, i, &each); i++) {
            const char *name = known_two_texts(known->arena, each.topic, each.where);
            if (!string_map_find(&known->entries, name))
                string_map_add(&known->entries, name, (void *)((uintptr_t)i + 1));
        }
    }
    uintptr_t number =
        (uintptr_t)string_map_find(&known->entries, known_two_texts(known->arena, topic, where));
    return number > 0 && survey_read_topic(known->survey, (uint32_t)number - 1, entry);
}

/* True when messages of the topic that meet `where` meet `conditions`, too. What the texts leave
 * open, the newest of these messages decides. */
static bool known_where_is_met(struct known_tags *known, const char *conditions, const char *topic,
                               const char *where)
{
    struct survey_topic entry;
    bool is_met = true, is_open = false;
    if (!conditions)
        return true;
    cJSON *wanted = cJSON_Parse(conditions), *given = where ? cJSON_Parse(where) : NULL, *item;
    cJSON_ArrayForEach(item, wanted)
    {
        const cJSON *other = cJSON_GetObjectItemCaseSensitive(given, item->string);
        is_open |= !other;
        is_met &= !other || cJSON_Compare(item, other, true);
    }
    cJSON_Delete(wanted);
    cJSON_Delete(given);
    if (!is_met || !is_open)
        return is_met;
    if (!known_find_entry(known, topic, where, &entry) || entry.format == SURVEY_SPARKPLUG)
        return false;
    const struct preview_message message = {entry.topic, entry.payload, entry.payload_len,
                                            entry.payload_whole_len};
    return message.len == message.whole_len &&
           preview_conditions_are_met(conditions, &message, known->arena);
}

static void known_match_add(struct known_tags *known, struct known_match *match,
                            const struct known_feed *feed)
{
    if (match->count == match->room) {
        const struct known_feed **old = match->feeds;
        match->room = match->room ? 2 * match->room : 4;
        match->feeds = arena_alloc(known->arena, match->room * sizeof(struct known_feed *));
        if (old)
            memcpy(match->feeds, old, match->count * sizeof(struct known_feed *));
    }
    match->feeds[match->count++] = feed;
}

const struct known_match *known_tags_match(struct known_tags *known, const char *topic,
                                           const char *where)
{
    const char *name = known_two_texts(known->arena, topic, where);
    struct known_match *match = string_map_find(&known->matches, name);
    if (match)
        return match;
    match = arena_alloc(known->arena, sizeof *match);
    *match = (struct known_match){0};
    string_map_add(&known->matches, name, match);
    const char *exact = known_topic_name(known->arena, topic);
    for (const struct known_feed *feed = string_map_find(&known->by_filter, exact); feed;
         feed = feed->same) {
        if (known_where_is_met(known, feed->device->where, topic, where))
            known_match_add(known, match, feed);
    }
    if (exact != topic) /* of Sparkplug: one device has one topic */
        return match;
    /* "a/" is also the prefix of "a/#", which matches "a". */
    const char *levels = arena_format(known->arena, "%s/", topic);
    for (size_t len = 0; len <= strlen(levels); len += strcspn(levels + len, "/") + 1) {
        const char *prefix = arena_strndup(known->arena, levels, len);
        for (const struct known_feed *feed = string_map_find(&known->by_prefix, prefix); feed;
             feed = feed->wild) {
            if (strcmp(feed->filter, topic) != 0 && topic_matches(feed->filter, topic) &&
                known_where_is_met(known, feed->device->where, topic, where))
                known_match_add(known, match, feed);
        }
    }
    return match;
}

const struct known_tag *known_feed_find(const struct known_feed *feed, const char *key)
{
    return string_map_find(&feed->tags, known_key_name(key));
}

const struct known_tag *known_tags_find_command(const struct known_tags *known, const char *topic,
                                                const char *key, const char *template)
{
    return string_map_find(&known->by_command,
                           known_command_name(known->arena, topic, key, template));
}

bool known_tags_is_published(struct known_tags *known, const char *topic)
{
    return string_map_find(&known->published, topic) &&
           known_tags_match(known, topic, NULL)->count == 0;
}

const struct known_device *known_tags_find_device(const struct known_tags *known, const char *topic,
                                                  const char *where)
{
    const char *name = known_topic_name(known->arena, topic);
    return string_map_find(&known->devices, known_two_texts(known->arena, name, where));
}
