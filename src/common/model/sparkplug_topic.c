/* Reads and writes topics of Sparkplug B. */
#include "common/model/sparkplug_topic.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/base/require.h"

static const char namespace_level[] = "spBv1.0/";

static const char *const kind_names[] = {"NBIRTH", "NDATA", "NDEATH", "NCMD",
                                         "DBIRTH", "DDATA", "DDEATH", "DCMD"};
_Static_assert(sizeof kind_names / sizeof kind_names[0] == SPARKPLUG_KIND_COUNT, "a name for each");

/* The next level of a topic, and the place of the one behind it, or NULL. */
static const char *topic_next_level(const char **at, size_t *len)
{
    const char *level = *at;
    *len = strcspn(level, "/");
    *at = level[*len] == '/' ? level + *len + 1 : NULL;
    return level;
}

static enum sparkplug_kind sparkplug_kind_find(const char *text, size_t len)
{
    for (int i = 0; i < SPARKPLUG_KIND_COUNT; i++) {
        if (strlen(kind_names[i]) == len && memcmp(kind_names[i], text, len) == 0)
            return (enum sparkplug_kind)i;
    }
    return SPARKPLUG_KIND_COUNT;
}

/* Splits the topic into its levels, of which `type` is the third. False when there are not four or
 * five of them, or one is empty. */
static bool sparkplug_topic_split(const char *topic, struct sparkplug_topic *parts,
                                  const char **type, size_t *type_len)
{
    *parts = (struct sparkplug_topic){.kind = SPARKPLUG_KIND_COUNT};
    if (strncmp(topic, namespace_level, sizeof namespace_level - 1) != 0)
        return false;
    const char *at = topic + sizeof namespace_level - 1;
    parts->group = topic_next_level(&at, &parts->group_len);
    if (!at)
        return false;
    *type = topic_next_level(&at, type_len);
    if (!at)
        return false;
    parts->node = topic_next_level(&at, &parts->node_len);
    if (at)
        parts->device = topic_next_level(&at, &parts->device_len);
    return !at && parts->group_len > 0 && parts->node_len > 0 &&
           (!parts->device || parts->device_len > 0);
}

static bool sparkplug_kind_fits(enum sparkplug_kind kind, const struct sparkplug_topic *parts)
{
    return kind < SPARKPLUG_KIND_COUNT && (kind >= SPARKPLUG_DBIRTH) == (parts->device != NULL);
}

bool sparkplug_topic_read(const char *topic, struct sparkplug_topic *parts)
{
    const char *type;
    size_t len;
    if (!sparkplug_topic_split(topic, parts, &type, &len))
        return false;
    parts->kind = sparkplug_kind_find(type, len);
    return sparkplug_kind_fits(parts->kind, parts);
}

static bool level_has_wildcard(const char *level, size_t len)
{
    return level && (memchr(level, '+', len) || memchr(level, '#', len));
}

bool sparkplug_topic_read_family(const char *filter, struct sparkplug_topic *parts)
{
    const char *type;
    size_t len;
    if (!sparkplug_topic_split(filter, parts, &type, &len) ||
        level_has_wildcard(parts->group, parts->group_len) ||
        level_has_wildcard(parts->node, parts->node_len) ||
        level_has_wildcard(parts->device, parts->device_len))
        return false;
    return (len == 1 && type[0] == '+') ||
           sparkplug_kind_fits(sparkplug_kind_find(type, len), parts);
}

size_t sparkplug_topic_size(const struct sparkplug_topic *parts)
{
    return sizeof namespace_level + parts->group_len + parts->node_len + parts->device_len +
           sizeof "/NBIRTH//";
}

void sparkplug_topic_write_filter(const struct sparkplug_topic *parts, char *text)
{
    snprintf(text, sparkplug_topic_size(parts), "%s%.*s/+/%.*s/#", namespace_level,
             (int)parts->group_len, parts->group, (int)parts->node_len, parts->node);
}

void sparkplug_topic_write(const struct sparkplug_topic *parts, enum sparkplug_kind kind,
                           char *text)
{
    REQUIRE(sparkplug_kind_fits(kind, parts));
    snprintf(text, sparkplug_topic_size(parts), "%s%.*s/%s/%.*s%s%.*s", namespace_level,
             (int)parts->group_len, parts->group, kind_names[kind], (int)parts->node_len,
             parts->node, parts->device ? "/" : "", (int)parts->device_len,
             parts->device ? parts->device : "");
}
