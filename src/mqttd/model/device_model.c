/* Lays a device, its tags, feeds, keys and texts into one block. */
#include "mqttd/model/device_model.h"

#include <stdlib.h>
#include <string.h>

#include "common/model/topic.h"

static const size_t alignment = 8;

/* Gives out pieces of a block whose size was worked out before. */
struct block {
    char *at, *end;
};

static void *take(struct block *block, size_t size)
{
    char *piece = block->at;
    block->at += (size + alignment - 1) / alignment * alignment;
    if (block->at > block->end)
        abort(); /* block_size has forgotten something */
    return piece;
}

static size_t rounded(size_t size)
{
    return (size + alignment - 1) / alignment * alignment;
}

static size_t text_size(const char *text)
{
    return text ? rounded(strlen(text) + 1) : 0;
}

static const char *copy_text(struct block *block, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(take(block, size), text, size);
}

/* FNV-1a over bytes, for digests. */
static uint32_t digest(uint32_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * 16777619U;
    return hash;
}

uint32_t target_digest(const char *host, uint16_t port)
{
    char text[NET_HOST_SIZE];
    if (!host)
        return 1;
    net_host_normalise(host, text);
    uint32_t hash = digest(2166136261U, text, strlen(text));
    return digest(hash, &port, sizeof port) | 2;
}

/* Field by field: padding has no defined value. */
static uint64_t settings_of(uint32_t target, uint8_t unit, const struct point *point)
{
    uint32_t hash = digest(2166136261U, &unit, sizeof unit);
    const uint8_t small[] = {point->table, point->type, point->order, (uint8_t)point->bit};
    hash = digest(hash, small, sizeof small);
    hash = digest(hash, &point->address, sizeof point->address);
    hash = digest(hash, &point->length, sizeof point->length);
    hash = digest(hash, &point->scale, sizeof point->scale);
    hash = digest(hash, &point->offset, sizeof point->offset);
    return (uint64_t)target << 32 | hash;
}

static bool takes_messages(const struct tagdb_tag *tag)
{
    return tag->direction != TO_MQTT;
}

static const char *filter_of(const struct tagdb_device *row, const struct tagdb_tag *tag)
{
    return tag->mqtt.topic ? tag->mqtt.topic : row->mqtt.topic;
}

/* True when an earlier tag has the same filter, or it is the device's own. */
static bool is_repeated(const struct tagdb_device *row, const struct tagdb_tag *tags, uint32_t at)
{
    const char *filter = filter_of(row, &tags[at]);
    if (strcmp(filter, row->mqtt.topic) == 0)
        return true;
    for (uint32_t i = 0; i < at; i++) {
        if (takes_messages(&tags[i]) && strcmp(filter_of(row, &tags[i]), filter) == 0)
            return true;
    }
    return false;
}

static bool belongs(const struct tagdb_device *row, const struct tagdb_tag *tag, const char *filter)
{
    return takes_messages(tag) && strcmp(filter_of(row, tag), filter) == 0;
}

static struct keys_room feed_room(const struct tagdb_device *row, const struct tagdb_tag *tags,
                                  uint32_t count, const char *filter)
{
    struct keys_room room = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (belongs(row, &tags[i], filter))
            keys_room(&room, tags[i].mqtt.key);
    }
    if (row->mqtt.timestamp_key)
        keys_room(&room, row->mqtt.timestamp_key);
    return room;
}

static size_t feed_size(const struct tagdb_device *row, const struct tagdb_tag *tags,
                        uint32_t count, const char *filter)
{
    struct keys_room room = feed_room(row, tags, count, filter);
    return sizeof(struct feed) + text_size(filter) + rounded(keys_room_bytes(&room));
}

static size_t tag_size(const struct tagdb_tag *tag)
{
    size_t size = sizeof(struct tag) + text_size(tag->name) + text_size(tag->mqtt.key);
    if (tag->mqtt.values.count > 0)
        size += rounded(sizeof(struct value_map)) +
                rounded(tag->mqtt.values.count * sizeof(struct value_map_entry));
    for (size_t i = 0; i < tag->mqtt.values.count; i++)
        size += text_size(tag->mqtt.values.entries[i].text);
    if (tag->direction != TO_MODBUS)
        size += rounded(sizeof(struct command)) + text_size(tag->mqtt.command_topic) +
                text_size(tag->mqtt.command_template);
    return size;
}

static size_t block_size(const struct tagdb_device *row, const struct tagdb_tag *tags,
                         uint32_t count, uint32_t *feeds)
{
    size_t size = rounded(sizeof(struct device)) + text_size(row->name) +
                  text_size(row->network.modbus_host) + text_size(row->mqtt.payload_available) +
                  text_size(row->mqtt.payload_unavailable) + text_size(row->mqtt.timestamp_key) +
                  feed_size(row, tags, count, row->mqtt.topic);
    *feeds = 1;
    if (row->mqtt.availability_topic) {
        size += sizeof(struct feed) + text_size(row->mqtt.availability_topic);
        ++*feeds;
    }
    for (uint32_t i = 0; i < count; i++) {
        size += tag_size(&tags[i]);
        if (takes_messages(&tags[i]) && !is_repeated(row, tags, i)) {
            size += feed_size(row, tags, count, filter_of(row, &tags[i]));
            ++*feeds;
        }
    }
    return size;
}

static const struct value_map *copy_map(struct block *block, const struct value_map *map)
{
    if (map->count == 0)
        return NULL;
    struct value_map_entry *entries = take(block, map->count * sizeof *entries);
    struct value_map *copy = take(block, sizeof *copy);
    for (size_t i = 0; i < map->count; i++) {
        entries[i].text = copy_text(block, map->entries[i].text);
        entries[i].number = map->entries[i].number;
    }
    *copy = (struct value_map){.count = map->count, .entries = entries};
    return copy;
}

static struct command *copy_command(struct block *block, const struct tagdb_tag *row)
{
    if (row->direction == TO_MODBUS || !row->mqtt.command_topic)
        return NULL;
    struct command *command = take(block, sizeof *command);
    *command = (struct command){
        .topic = copy_text(block, row->mqtt.command_topic),
        .template_text = copy_text(block, row->mqtt.command_template),
        .qos = (uint8_t)row->mqtt.command_qos,
        .retain = row->mqtt.command_retain,
        .settle_ms = row->mqtt.settle_ms,
        .hold_off_ms = row->mqtt.hold_off_ms,
        .bit_known = -1,
    };
    return command;
}

static void fill_tag(struct block *block, struct tag *tag, const struct tagdb_tag *row,
                     uint32_t target, uint8_t unit)
{
    *tag = (struct tag){
        .id = row->id,
        .name = copy_text(block, row->name),
        .key = copy_text(block, row->mqtt.key),
        .map = copy_map(block, &row->mqtt.values),
        .command = copy_command(block, row),
        .settings = settings_of(target, unit, &row->point),
        .point = row->point,
        .slot = row->slot,
        .direction = (uint8_t)row->direction,
        .payload = (uint8_t)row->mqtt.payload,
    };
}

static void fill_feed(struct block *block, struct device *device, const struct tagdb_device *row,
                      const struct tagdb_tag *tags, const char *filter)
{
    struct feed *feed = &device->feeds[device->feed_count++];
    struct keys_room room = feed_room(row, tags, device->tag_count, filter);
    struct keys_builder builder;
    *feed =
        (struct feed){.device = device, .filter = copy_text(block, filter), .kind = FEED_VALUES};
    feed->has_wildcard = topic_has_wildcard(filter);
    keys_init(&feed->keys, &room, take(block, keys_room_bytes(&room)), &builder);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        if (!belongs(row, &tags[i], filter))
            continue;
        keys_add(&builder, device->tags[i].key, i);
        feed->tag_count++;
        feed->has_text |= tags[i].mqtt.payload == PAYLOAD_TEXT;
        feed->has_json |= tags[i].mqtt.payload == PAYLOAD_JSON;
    }
    if (device->timestamp_key)
        keys_add(&builder, device->timestamp_key, KEY_OF_TIME);
}

static void fill_feeds(struct block *block, struct device *device, const struct tagdb_device *row,
                       const struct tagdb_tag *tags)
{
    fill_feed(block, device, row, tags, row->mqtt.topic);
    device->feeds[0].is_main = true;
    for (uint32_t i = 0; i < device->tag_count; i++) {
        if (takes_messages(&tags[i]) && !is_repeated(row, tags, i))
            fill_feed(block, device, row, tags, filter_of(row, &tags[i]));
    }
    if (row->mqtt.availability_topic)
        device->feeds[device->feed_count++] =
            (struct feed){.device = device,
                          .filter = copy_text(block, row->mqtt.availability_topic),
                          .kind = FEED_AVAILABILITY};
}

static bool is_local(const struct model_place *place, const struct tagdb_device *row)
{
    struct net_addr addr = {.port = row->network.modbus_port};
    if (!row->network.modbus_host)
        return true;
    if (strlen(row->network.modbus_host) >= sizeof addr.host)
        return false;
    memcpy(addr.host, row->network.modbus_host, strlen(row->network.modbus_host) + 1);
    return net_addr_same(&addr, place->local);
}

static void fill_status(struct device *device, const struct model_place *place,
                        const struct tagdb_device *row)
{
    device->has_status = row->status_table >= 0;
    if (!device->has_status)
        return;
    device->status = (struct point){.table = (uint8_t)row->status_table,
                                    .type = TYPE_UINT64, /* four registers, written as they are */
                                    .bit = NO_BIT,
                                    .address = row->status_address,
                                    .scale = 1};
    bool known = unit_set_has(place->units, row->network.unit_id);
    device->status_unit = known ? row->network.unit_id : place->first_unit;
    device->status_settings =
        settings_of(target_digest(NULL, 0), device->status_unit, &device->status);
}

static void fill_device(struct block *block, struct device *device, const struct model_place *place,
                        const struct tagdb_device *row)
{
    bool local = is_local(place, row);
    *device = (struct device){
        .id = row->id,
        .name = copy_text(block, row->name),
        .host = local ? NULL : copy_text(block, row->network.modbus_host),
        .port = local ? 0 : row->network.modbus_port,
        .unit = row->network.unit_id,
        .qos = (uint8_t)row->mqtt.qos,
        .max_write_registers = row->network.max_write_registers,
        .write_single = row->network.write_single,
        .min_interval_ms = row->network.min_interval_ms,
        .poll_interval_ms = row->network.poll_interval_ms,
        .rewrite_on_reconnect = row->network.rewrite_on_reconnect,
        .stale_after_s = row->mqtt.stale_after_s,
        .payload_available = copy_text(block, row->mqtt.payload_available),
        .payload_unavailable = copy_text(block, row->mqtt.payload_unavailable),
        .timestamp_key = copy_text(block, row->mqtt.timestamp_key),
        .slot = row->slot,
    };
    fill_status(device, place, row);
}

struct device *device_build(const struct model_place *place, const struct tagdb_device *row,
                            const struct tagdb_tag *tags, uint32_t tag_count)
{
    uint32_t feeds;
    size_t size = block_size(row, tags, tag_count, &feeds);
    char *memory = malloc(size);
    if (!memory)
        return NULL;
    struct block block = {.at = memory, .end = memory + size};
    struct device *device = take(&block, sizeof *device);
    fill_device(&block, device, place, row);
    device->tags = take(&block, tag_count * sizeof *device->tags);
    device->feeds = take(&block, feeds * sizeof *device->feeds);
    device->tag_count = tag_count;
    uint32_t target = target_digest(device->host, device->port);
    for (uint32_t i = 0; i < tag_count; i++) {
        fill_tag(&block, &device->tags[i], &tags[i], target, device->unit);
        device->has_commands |= device->tags[i].command != NULL;
        device->has_on_stale |= tags[i].point.stale != STALE_HOLD;
    }
    fill_feeds(&block, device, row, tags);
    return device;
}

bool device_still_has(const struct device *device, uint32_t *at, int64_t tag)
{
    while (*at < device->tag_count && device->tags[*at].id < tag)
        ++*at;
    return *at < device->tag_count && device->tags[*at].id == tag;
}

void device_free(struct device *device)
{
    free(device);
}
