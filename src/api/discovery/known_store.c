/* The tags of the store for a comparison with what was heard. */
#include "api/discovery/known_store.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "api/model/record_location.h"
#include "api/resources/register_ranges.h"
#include "api/store/record_store.h"
#include "common/model/topic.h"

/* A topic to which a request for values is published. */
static void known_store_add_request(struct known_tags *known, const char *request)
{
    cJSON *body = request ? cJSON_Parse(request) : NULL;
    const char *topic = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "topic"));
    if (topic)
        known_tags_add_published(known, arena_strdup(known->arena, topic));
    cJSON_Delete(body);
}

struct known_tags *known_store_load(struct store *store, struct arena *arena,
                                    const struct survey *survey)
{
    struct known_tags *known = known_tags_make(arena, survey);
    struct known_device *device = NULL;
    int64_t device_id = 0;
    /* Of devices without tags, too. Texts of a device are read once. */
    struct query query = store_prepare_query(
        store, "SELECT d.id, t.name, t.mqtt_topic, t.mqtt_key, t.direction, t.mqtt_command_topic,"
               " t.mqtt_command_template, d.name, d.mqtt_topic, d.mqtt_where, d.mqtt_request"
               " FROM device d LEFT JOIN tag t ON t.device_id = d.id ORDER BY d.id");
    while (query_next_row(&query)) {
        int64_t id = query_read_integer(&query);
        struct known_tag *tag = arena_alloc(arena, sizeof *tag);
        *tag = (struct known_tag){.name = query_read_text(&query, arena)};
        tag->topic = query_read_text(&query, arena);
        tag->key = query_read_text(&query, arena);
        const char *direction = query_read_text(&query, arena);
        int known_direction = direction ? name_list_find(direction_names, direction) : -1;
        tag->reads = direction_has_messages(known_direction);
        tag->command_topic = query_read_text(&query, arena);
        if (!direction_has_commands(known_direction))
            tag->command_topic = NULL;
        tag->command_template = query_read_text(&query, arena);
        if (id != device_id) {
            device = arena_alloc(arena, sizeof *device);
            *device = (struct known_device){.name = query_read_text(&query, arena)};
            device->topic = query_read_text(&query, arena);
            device->where = query_read_text(&query, arena);
            known_store_add_request(known, query_read_text(&query, arena));
            known_tags_add_device(known, device);
            device_id = id;
        }
        tag->device = device;
        if (tag->name)
            known_tags_add(known, tag);
    }
    query_finish(&query);
    return known;
}

/* A tag can be added to the device of a match if the device gets the same messages. */
static bool known_device_may_grow(const struct known_device *device,
                                  const struct proposal_reading *reading)
{
    return (!topic_has_wildcard(topic_filter_body(device->topic)) ||
            strcmp(device->topic, reading->topic) == 0) &&
           (device->where || !reading->where);
}

static bool known_find_reading(void *context, const struct proposal_reading *reading,
                               struct proposal_owner *owner)
{
    struct known_tags *known = ((struct known_store *)context)->tags;
    const struct known_match *match = known_tags_match(known, reading->topic, reading->where);
    for (size_t i = 0; i < match->count; i++) {
        const struct known_tag *tag = known_feed_find(match->feeds[i], reading->key);
        if (!tag)
            continue;
        *owner =
            (struct proposal_owner){tag->device->name, known_device_may_grow(tag->device, reading)};
        return true;
    }
    return false;
}

static bool known_find_command(void *context, const struct proposal_reading *reading,
                               const char *topic, const char *template,
                               struct proposal_owner *owner)
{
    const struct known_tag *tag = known_tags_find_command(((struct known_store *)context)->tags,
                                                          topic, reading->key, template);
    if (!tag)
        return false;
    *owner =
        (struct proposal_owner){tag->device->name, known_device_may_grow(tag->device, reading)};
    return true;
}

static bool known_topic_is_published(void *context, const char *topic)
{
    return known_tags_is_published(((struct known_store *)context)->tags, topic);
}

static const char *known_find_device(void *context, const char *topic, const char *where)
{
    struct known_tags *known = ((struct known_store *)context)->tags;
    const struct proposal_reading reading = {topic, where, ""};
    const struct known_device *device = NULL;
    const struct known_match *match = known_tags_match(known, topic, where);
    size_t most = 0;
    for (size_t i = 0; i < match->count; i++) {
        const struct known_feed *feed = match->feeds[i];
        if (feed->tags.count > most && known_device_may_grow(feed->device, &reading)) {
            most = feed->tags.count;
            device = feed->device;
        }
    }
    device = device ? device : known_tags_find_device(known, topic, where);
    return device ? device->name : NULL;
}

static bool known_read_device(void *context, const char *name, struct proposal_stored *stored)
{
    const struct known_store *known_store = context;
    struct record *device = arena_alloc(known_store->arena, sizeof *device);
    if (!record_store_find_device(known_store->store, known_store->arena, name, device))
        return false;
    struct modbus_location location = modbus_location_of(device, known_store->common);
    *stored = (struct proposal_stored){
        .device = device, .unit = location.unit, .is_local = modbus_location_is_local(&location)};
    return true;
}

static bool known_name_is_taken(void *context, const char *device, const char *tag)
{
    const struct known_store *known_store = context;
    struct record record;
    return record_store_find_tag(known_store->store, known_store->arena, device, tag, &record);
}

static int32_t known_find_beside(void *context, const struct proposal_stored *stored,
                                 enum modbus_table table, int32_t width)
{
    const struct known_store *known_store = context;
    struct modbus_location location = modbus_location_of(stored->device, known_store->common);
    return (int32_t)register_ranges_find_beside(known_store->store, stored->device->id, &location,
                                                table, width);
}

struct proposal_known known_store_callbacks(struct known_store *known_store)
{
    return (struct proposal_known){.find_reading = known_find_reading,
                                   .find_command = known_find_command,
                                   .is_published = known_topic_is_published,
                                   .find_device = known_find_device,
                                   .read_device = known_read_device,
                                   .tag_is_taken = known_name_is_taken,
                                   .find_beside = known_find_beside,
                                   .context = known_store};
}
