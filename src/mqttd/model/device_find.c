/* Finds tags and feeds of a device. */
#include <string.h>

#include "mqttd/model/device_model.h"

const struct tag *device_find_tag(const struct device *device, const char *name)
{
    for (uint32_t i = 0; name && i < device->tag_count; i++) {
        if (strcmp(device->tags[i].name, name) == 0)
            return &device->tags[i];
    }
    return NULL;
}

bool device_has_tag(const struct device *device, uint32_t *at, int64_t tag)
{
    while (*at < device->tag_count && device->tags[*at].id < tag)
        ++*at;
    return *at < device->tag_count && device->tags[*at].id == tag;
}

bool feed_is_same(const struct feed *a, const struct feed *b)
{
    bool same_topic = a->topic && b->topic ? strcmp(a->topic, b->topic) == 0 : a->topic == b->topic;
    return a->kind == b->kind && same_topic && strcmp(a->filter, b->filter) == 0;
}

const struct feed *device_find_same_feed(const struct device *device, const struct feed *like,
                                         uint32_t *at)
{
    for (uint32_t tries = 0; tries < device->feed_count; tries++) {
        const struct feed *feed = &device->feeds[(*at)++ % device->feed_count];
        if (feed_is_same(feed, like))
            return feed;
    }
    return NULL;
}
