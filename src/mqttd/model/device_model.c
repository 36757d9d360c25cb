/* Builds a device with its tags, feeds, keys and texts in one block of memory. */
#include "mqttd/model/device_model.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/require.h"
#include "common/base/serial_line.h"
#include "common/model/sparkplug_topic.h"
#include "common/model/topic.h"
#include "mqttd/model/device_block.h"
#include "mqttd/model/tag_parts.h"

enum { MQTT_QOS_MAX = 2 };

_Static_assert(STATUS_REGISTERS * sizeof(uint16_t) == sizeof(uint64_t),
               "a status block is written as one uint64");
_Static_assert(BLOCK_ALIGNMENT >= _Alignof(struct device) &&
                   BLOCK_ALIGNMENT >= _Alignof(struct tag) &&
                   BLOCK_ALIGNMENT >= _Alignof(struct feed) &&
                   BLOCK_ALIGNMENT >= _Alignof(struct value_map_entry),
               "each piece of a block may begin at a multiple of BLOCK_ALIGNMENT");
_Static_assert(sizeof(struct tag) % BLOCK_ALIGNMENT == 0 &&
                   sizeof(struct feed) % BLOCK_ALIGNMENT == 0,
               "tags and feeds need no padding");

uint32_t device_server_digest(const char *host, uint16_t port)
{
    char text[NET_HOST_SIZE];
    if (!host)
        return 1;
    struct serial_line line;
    char why[NET_WHY_SIZE];
    if (serial_line_parse_host(host, &line, why, sizeof why)) /* whatever its parameters */
        return hash32_add_text(HASH32_START, line.path) | 2;
    net_host_normalise(host, text);
    const uint8_t bytes[] = {(uint8_t)port, (uint8_t)(port >> 8)}; /* so in each byte order */
    return hash32_add(hash32_add_text(HASH32_START, text), bytes, sizeof bytes) | 2;
}

/* Digests member by member, since padding has no defined value. */
static uint64_t point_settings_digest(uint32_t target, uint8_t unit, const struct point *point)
{
    uint32_t hash = hash32_add(HASH32_START, &unit, sizeof unit);
    const uint8_t small[] = {point->table, point->type, point->order, (uint8_t)point->bit};
    if (type_info[point->type].is_byte)
        hash = hash32_add(hash, &point->byte, sizeof point->byte);
    hash = hash32_add(hash, small, sizeof small);
    hash = hash32_add(hash, &point->address, sizeof point->address);
    hash = hash32_add(hash, &point->length, sizeof point->length);
    hash = hash32_add(hash, &point->scale, sizeof point->scale);
    hash = hash32_add(hash, &point->offset, sizeof point->offset);
    return (uint64_t)target << 32 | hash;
}

/* The topic filter whose messages have values of the tag, or births of its metric. NULL: no message
 * has. */
static const char *tag_topic_filter(const struct tagdb_device *row, const struct tagdb_tag *tag)
{
    if (direction_is_own(tag->direction) ||
        (tag->direction == TO_MQTT && tag->mqtt_payload != PAYLOAD_SPARKPLUG))
        return NULL;
    return tag->mqtt_topic ? tag->mqtt_topic : row->mqtt_topic;
}

static bool tag_belongs_to_filter(const struct tagdb_device *row, const struct tagdb_tag *tag,
                                  const char *filter)
{
    const char *own = tag_topic_filter(row, tag);
    return own && strcmp(own, filter) == 0;
}

/* Returns the tag's filter if it is neither the device's own nor that of an earlier tag, else NULL.
 */
static const char *tag_further_filter(const struct tagdb_device *row, const struct tagdb_tag *tags,
                                      uint32_t at)
{
    const char *filter = tag_topic_filter(row, &tags[at]);
    if (!filter || strcmp(filter, row->mqtt_topic) == 0)
        return NULL;
    for (uint32_t i = 0; i < at; i++) {
        if (tag_belongs_to_filter(row, &tags[i], filter))
            return NULL;
    }
    return filter;
}

/* True when messages of this filter have values of the tag. */
static bool tag_is_fed_by(const struct tagdb_device *row, const struct tagdb_tag *tag,
                          const char *filter)
{
    return direction_has_messages(tag->direction) && tag_belongs_to_filter(row, tag, filter);
}

/* The name of a metric is no JSON Pointer: its tag is in the tree without a key. */
static const char *tag_tree_key(const struct tagdb_tag *row, const char *key)
{
    return row->mqtt_payload == PAYLOAD_SPARKPLUG ? "" : key;
}

static bool filter_is_sparkplug(const struct tagdb_device *row, const struct tagdb_tag *tags,
                                uint32_t count, const char *filter)
{
    bool any = false;
    for (uint32_t i = 0; i < count; i++)
        any |= tags[i].mqtt_payload == PAYLOAD_SPARKPLUG &&
               tag_belongs_to_filter(row, &tags[i], filter);
    return any;
}

static struct key_tree_size feed_key_tree_size(const struct tagdb_device *row,
                                               const struct tagdb_tag *tags, uint32_t count,
                                               const char *filter)
{
    struct key_tree_size room = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (!tag_is_fed_by(row, &tags[i], filter))
            continue;
        const char *key = tag_tree_key(&tags[i], tags[i].mqtt_key);
        key_tree_size_add(&room, key);
        if (tags[i].mqtt_quality_key)
            key_tree_size_add_beside(&room, key, tags[i].mqtt_quality_key);
    }
    if (row->mqtt_timestamp_key)
        key_tree_size_add(&room, row->mqtt_timestamp_key);
    return room;
}

static size_t feed_block_size(const struct tagdb_device *row, const struct tagdb_tag *tags,
                              uint32_t count, const char *filter)
{
    struct key_tree_size room = feed_key_tree_size(row, tags, count, filter);
    size_t size =
        sizeof(struct feed) + aligned_text_size(filter) + aligned_size(key_tree_size_bytes(&room));
    struct sparkplug_topic family;
    if (!filter_is_sparkplug(row, tags, count, filter))
        return size;
    if (sparkplug_topic_read_family(filter, &family))
        size += aligned_size(sparkplug_topic_size(&family));
    return size + aligned_size(metric_index_size_bytes(room.leaves));
}

/* Reads the topic whose node or device takes the tag's commands. False when that is not to be
 * found in the topic, or commands have another topic. */
static bool tag_has_own_commands(const struct tagdb_device *row, const struct tagdb_tag *tag,
                                 struct sparkplug_topic *family)
{
    return direction_has_commands(tag->direction) && tag->mqtt_payload == PAYLOAD_SPARKPLUG &&
           !tag->mqtt_command_topic &&
           sparkplug_topic_read_family(tag_topic_filter(row, tag), family);
}

/* The parsed JSON texts of a device's row. */
struct device_objects {
    struct where where;
    char *where_memory;
    cJSON *request; /* or NULL */
};

static void device_objects_finish(struct device_objects *objects)
{
    free(objects->where_memory);
    cJSON_Delete(objects->request);
}

/* Returns false when out of memory. */
static bool device_objects_read(const struct tagdb_device *row, struct device_objects *objects)
{
    *objects = (struct device_objects){0};
    if (where_parse(row->mqtt_where, &objects->where, &objects->where_memory) &&
        (!row->mqtt_request || (objects->request = cJSON_Parse(row->mqtt_request))))
        return true;
    device_objects_finish(objects);
    return false;
}

static const char *request_member_text(const struct device_objects *objects, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(objects->request, name));
}

static uint32_t request_member_number(const struct device_objects *objects, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(objects->request, name);
    return cJSON_IsNumber(member) ? (uint32_t)member->valuedouble : 0;
}

static struct device_request block_copy_request(struct device_block *block,
                                                const struct device_objects *objects)
{
    return (struct device_request){
        .topic = block_copy_text(block, request_member_text(objects, "topic")),
        .payload = block_copy_text(block, request_member_text(objects, "payload")),
        .interval_s = request_member_number(objects, "interval_s"),
        .qos = (uint8_t)request_member_number(objects, "qos"),
    };
}

static struct where block_copy_where(struct device_block *block, const struct where *where)
{
    if (where->count == 0)
        return (struct where){0};
    struct where copy = *where;
    copy.keys = memcpy(block_alloc(block, where->keys_size), where->keys, where->keys_size);
    copy.values = memcpy(block_alloc(block, where->values_size), where->values, where->values_size);
    return copy;
}

static struct key_tree_size availability_key_tree_size(const struct tagdb_device *row)
{
    struct key_tree_size room = {0};
    if (row->mqtt_availability_key)
        key_tree_size_add(&room, row->mqtt_availability_key);
    return room;
}

/* Room for what the device has and, on a foreign server, for a value that waits. */
static size_t known_block_size(const struct tagdb_device *row, const struct tagdb_tag *tag)
{
    size_t size = aligned_size(point_width(&tag->point) * sizeof(uint16_t));
    if (row->network_modbus_host)
        return 2 * size;
    return tag->mqtt_command_on == COMMAND_ON_CHANGE ? size : 0;
}

/* The size of the block for the device. Sets *feeds to the number of its feeds. */
static size_t device_block_size(const struct tagdb_device *row,
                                const struct device_objects *objects, const struct tagdb_tag *tags,
                                uint32_t count, uint32_t *feeds)
{
    size_t size =
        aligned_size(sizeof(struct device)) + aligned_text_size(row->name) +
        aligned_text_size(row->network_modbus_host) +
        aligned_text_size(row->mqtt_payload_available) +
        aligned_text_size(row->mqtt_payload_unavailable) +
        aligned_text_size(row->mqtt_availability_key) + aligned_text_size(row->mqtt_timestamp_key) +
        aligned_size(objects->where.keys_size) + aligned_size(objects->where.values_size) +
        aligned_text_size(request_member_text(objects, "topic")) +
        aligned_text_size(request_member_text(objects, "payload")) +
        feed_block_size(row, tags, count, row->mqtt_topic);
    *feeds = 1;
    if (row->mqtt_availability_topic) {
        struct key_tree_size room = availability_key_tree_size(row);
        size += sizeof(struct feed) + aligned_text_size(row->mqtt_availability_topic) +
                aligned_size(key_tree_size_bytes(&room));
        ++*feeds;
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct tagdb_tag *tag = &tags[i];
        size += sizeof(struct tag) + aligned_text_size(tag->name) +
                aligned_text_size(tag->mqtt_key) + aligned_text_size(tag->mqtt_quality_key) +
                tag_parts_size(tag);
        if (direction_has_commands(tag->direction))
            size += aligned_size(sizeof(struct tag_command)) +
                    aligned_text_size(tag->mqtt_command_topic) +
                    aligned_text_size(tag->mqtt_command_template) +
                    aligned_text_size(tag->mqtt_expire_value) + known_block_size(row, tag);
        struct sparkplug_topic family;
        if (tag_has_own_commands(row, tag, &family))
            size += aligned_size(sparkplug_topic_size(&family));
        const char *filter = tag_further_filter(row, tags, i);
        if (filter) {
            size += feed_block_size(row, tags, count, filter);
            ++*feeds;
        }
    }
    return size;
}

static uint32_t reading_digest(const struct tagdb_tag *row)
{
    uint32_t hash = hash32_add(HASH32_START, &row->mqtt_number, sizeof row->mqtt_number);
    return row->mqtt_pattern ? hash32_add_text(hash, row->mqtt_pattern) : hash;
}

/* `device` is the row of the device; `is_local`: of its registers. */
static struct tag_command *block_copy_command(struct device_block *block,
                                              const struct tagdb_device *device, bool is_local,
                                              const struct tagdb_tag *row)
{
    struct sparkplug_topic family;
    bool is_own = tag_has_own_commands(device, row, &family);
    if (!direction_has_commands(row->direction) || (!row->mqtt_command_topic && !is_own))
        return NULL;
    struct tag_command *command = block_alloc(block, sizeof *command);
    size_t size = point_width(&row->point) * sizeof(uint16_t);
    /* Of a foreign server only changes are published in any case. */
    bool knows = is_local ? row->mqtt_command_on == COMMAND_ON_CHANGE
                          : row->mqtt_min_change > 0 || row->mqtt_min_interval_ms > 0;
    const char *topic = is_own ? NULL : block_copy_text(block, row->mqtt_command_topic);
    if (is_own) {
        char *own = block_alloc(block, sparkplug_topic_size(&family));
        sparkplug_topic_write(&family, family.device ? SPARKPLUG_DCMD : SPARKPLUG_NCMD, own);
        topic = own;
    }
    *command = (struct tag_command){
        .topic = topic,
        .template_text = block_copy_text(block, row->mqtt_command_template),
        .qos = row->mqtt_command_qos < MQTT_QOS_MAX ? (uint8_t)row->mqtt_command_qos : MQTT_QOS_MAX,
        .retain = row->mqtt_command_retain,
        .settle_ms = row->mqtt_settle_ms,
        .hold_off_ms = row->mqtt_hold_off_ms,
        .expires_s = is_local ? row->mqtt_expires_s : 0,
        .expire_value = block_copy_text(block, row->mqtt_expire_value),
        .min_interval_ms = row->mqtt_min_interval_ms,
        .min_change = row->mqtt_min_change,
        .known = knows ? block_alloc(block, size) : NULL,
        .waiting = is_local ? NULL : block_alloc(block, size),
        .place = live_table_pack_location(device->network_unit_id, &row->point),
        .part_known = -1,
    };
    return command;
}

/* Makes the feed one of metrics. It takes all messages of the node, because their sequence numbers
 * show whether one is missing, which may be a birth. */
static void feed_fill_sparkplug(struct device_block *block, struct feed *feed,
                                const struct tagdb_device *row, const struct tagdb_tag *tags,
                                size_t tag_count)
{
    struct device *device = feed->device;
    struct sparkplug_topic family;
    feed->is_sparkplug = true;
    metric_index_init(&feed->metrics, tag_count,
                      block_alloc(block, metric_index_size_bytes(tag_count)));
    for (uint32_t i = 0; i < device->tag_count; i++) {
        struct tag *tag = &device->tags[i];
        if (tag->payload != PAYLOAD_SPARKPLUG ||
            !tag_belongs_to_filter(row, &tags[i], feed->filter))
            continue;
        if (direction_has_messages(tag->direction))
            metric_index_add(&feed->metrics, tag->key, i);
        if (tag->command)
            tag->command->feed = feed;
    }
    if (!sparkplug_topic_read_family(feed->filter, &family))
        return;
    char *filter = block_alloc(block, sparkplug_topic_size(&family));
    sparkplug_topic_write_filter(&family, filter);
    feed->topic = feed->filter;
    feed->filter = filter;
    feed->has_wildcard = false;
}

static void device_fill_feed(struct device_block *block, struct device *device,
                             const struct tagdb_device *row, const struct tagdb_tag *tags,
                             const char *filter)
{
    struct feed *feed = &device->feeds[device->feed_count++];
    *feed = (struct feed){.device = device,
                          .filter = block_copy_text(block, filter),
                          .kind = FEED_VALUES,
                          .has_wildcard = topic_has_wildcard(filter)};
    struct key_tree_size room = feed_key_tree_size(row, tags, device->tag_count, filter);
    struct key_tree_builder builder;
    key_tree_init(&feed->keys, &room, block_alloc(block, key_tree_size_bytes(&room)), &builder);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        if (!tag_is_fed_by(row, &tags[i], filter))
            continue;
        const char *key = tag_tree_key(&tags[i], device->tags[i].key);
        key_tree_add(&builder, key, i);
        if (device->tags[i].quality_key)
            key_tree_add_beside(&builder, key, device->tags[i].quality_key, i | KEY_OWNER_QUALITY);
        feed->tag_count++;
        feed->has_quality |= device->tags[i].quality_key != NULL;
        feed->has_text |= tags[i].mqtt_payload == PAYLOAD_TEXT;
        feed->has_json |= tags[i].mqtt_payload == PAYLOAD_JSON;
    }
    if (device->timestamp_key)
        key_tree_add(&builder, device->timestamp_key, KEY_OWNER_TIMESTAMP);
    if (filter_is_sparkplug(row, tags, device->tag_count, filter))
        feed_fill_sparkplug(block, feed, row, tags, room.leaves);
}

/* The last feed of a device that has one. */
static void device_fill_availability(struct device_block *block, struct device *device,
                                     const struct tagdb_device *row)
{
    struct feed *feed = &device->feeds[device->feed_count++];
    struct key_tree_size room = availability_key_tree_size(row);
    struct key_tree_builder builder;
    *feed = (struct feed){.device = device,
                          .filter = block_copy_text(block, row->mqtt_availability_topic),
                          .kind = FEED_AVAILABILITY};
    key_tree_init(&feed->keys, &room, block_alloc(block, key_tree_size_bytes(&room)), &builder);
    if (device->availability_key)
        key_tree_add(&builder, device->availability_key, KEY_OWNER_AVAILABILITY);
}

static void device_fill_settings(struct device_block *block, struct device *device,
                                 const struct local_server *place, const struct tagdb_device *row,
                                 const struct device_objects *objects)
{
    bool local =
        modbus_server_is_local(row->network_modbus_host, row->network_modbus_port, place->local);
    *device = (struct device){
        .id = row->id,
        .created_ms = row->created_ms,
        .name = block_copy_text(block, row->name),
        .host = local ? NULL : block_copy_text(block, row->network_modbus_host),
        .port = local ? 0 : row->network_modbus_port,
        .framing = row->network_framing,
        .is_tls = row->network_tls,
        .unit = row->network_unit_id,
        .qos = row->mqtt_qos < MQTT_QOS_MAX ? (uint8_t)row->mqtt_qos : MQTT_QOS_MAX,
        .max_write_registers = row->network_max_write_registers,
        .write_single = row->network_write_single,
        .min_interval_ms = row->network_min_interval_ms,
        .poll_interval_ms = row->network_poll_interval_ms,
        .rewrite_on_reconnect = row->network_rewrite_on_reconnect,
        .stale_after_s = row->mqtt_stale_after_s,
        .payload_available = block_copy_text(block, row->mqtt_payload_available),
        .payload_unavailable = block_copy_text(block, row->mqtt_payload_unavailable),
        .availability_key = block_copy_text(block, row->mqtt_availability_key),
        .timestamp_key = block_copy_text(block, row->mqtt_timestamp_key),
        .where = block_copy_where(block, &objects->where),
        .request = block_copy_request(block, objects),
        .slot = row->slot,
        .has_status = row->status_table >= 0,
    };
    if (!device->has_status)
        return;
    device->status = (struct point){.table = (uint8_t)row->status_table,
                                    .type = TYPE_UINT64, /* four registers in one value */
                                    .bit = NO_BIT,
                                    .address = row->status_address,
                                    .scale = 1};
    device->status_unit = modbus_location_status_unit(place->units, row->network_unit_id);
    device->status_settings =
        point_settings_digest(device_server_digest(NULL, 0), device->status_unit, &device->status);
}

struct device *device_build(const struct local_server *place, const struct tagdb_device *row,
                            const struct tagdb_tag *tags, uint32_t tag_count)
{
    struct device_objects objects;
    if (!device_objects_read(row, &objects))
        return NULL;
    uint32_t feeds;
    size_t size = device_block_size(row, &objects, tags, tag_count, &feeds);
    char *memory = malloc(size);
    if (!memory) {
        device_objects_finish(&objects);
        return NULL;
    }
    struct device_block block = {.at = memory, .end = memory + size};
    struct device *device = block_alloc(&block, sizeof *device);
    device_fill_settings(&block, device, place, row, &objects);
    device_objects_finish(&objects);
    device->tags = block_alloc(&block, tag_count * sizeof *device->tags);
    device->feeds = block_alloc(&block, feeds * sizeof *device->feeds);
    device->tag_count = tag_count;
    uint32_t target = device_server_digest(device->host, device->port);
    bool is_short = false;
    for (uint32_t i = 0; i < tag_count; i++) {
        const struct tagdb_tag *tag = &tags[i];
        device->tags[i] = (struct tag){
            .id = tag->id,
            .created_ms = tag->created_ms,
            .name = block_copy_text(&block, tag->name),
            .key = block_copy_text(&block, tag->mqtt_key),
            .quality_key = block_copy_text(&block, tag->mqtt_quality_key),
            .reading = {.map = tag_parts_copy_map(&block, &tag->mqtt_values),
                        .pattern = tag_parts_compile_pattern(&block, tag->mqtt_pattern),
                        .number = tag->mqtt_number},
            .reading_digest = reading_digest(tag),
            .command = block_copy_command(&block, row, device->host == NULL, tag),
            .write_terms = tag_parts_copy_terms(&block, tag, device->host == NULL),
            .constant = tag_parts_encode_constant(&block, tag, &is_short),
            .settings = point_settings_digest(target, device->unit, &tag->point),
            .point = tag->point,
            .slot = tag->slot,
            .direction = (uint8_t)tag->direction,
            .payload = (uint8_t)tag->mqtt_payload,
            .companion =
                (uint8_t)(tag->direction == COMPANION ? tag->modbus_companion : COMPANION_NONE)};
        device->has_commands |= device->tags[i].command != NULL;
        device->has_on_stale |= tag->point.stale != STALE_HOLD;
        device->has_own_values |= device->tags[i].constant || device->tags[i].companion;
    }
    if (is_short) {
        device_free(device);
        return NULL;
    }

    for (uint32_t i = 0; device->has_own_values && i < tag_count; i++) {
        if (device->tags[i].companion)
            device->tags[i].shown = device_find_tag(device, tags[i].modbus_companion_of);
    }

    /* The feeds: the device's own topic, those of tags, and the availability topic. */
    device_fill_feed(&block, device, row, tags, row->mqtt_topic);
    device->feeds[0].is_main = true;
    for (uint32_t i = 0; i < tag_count; i++) {
        const char *filter = tag_further_filter(row, tags, i);
        if (filter)
            device_fill_feed(&block, device, row, tags, filter);
    }
    if (row->mqtt_availability_topic)
        device_fill_availability(&block, device, row);
    REQUIRE(device->feed_count == feeds);
    return device;
}

void device_free(struct device *device)
{
    free(device);
}
