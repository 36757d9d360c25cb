/* Topics that no maker's recogniser knows, by their shape.
 *
 * A topic with JSON objects is a device. Topics with one value each, side by side, are one device.
 * Devices whose topics differ in one level and that share most keys are one kind: their tags have
 * the same types, for what was heard from all of them. */
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "api/base/string_map.h"
#include "api/recognisers/recogniser.h"
#include "api/recognisers/shape_keys.h"
#include "common/base/hash.h"
#include "common/base/plural.h"
#include "common/model/payload_format.h"

enum {
    SHAPE_LEVELS_MAX = 16, /* of a topic that are compared */
    SHAPE_LEADERS_MAX = 8, /* kinds among the topics that differ in one level */
    SHAPE_LIFTS = 2,       /* levels between a device and the topics of its values */
    SHAPE_KEYS_MAX = 2000  /* of a kind of devices */
};

/* A value of a device: a key of its topic, or a topic with one value. */
struct shape_source {
    const char *id; /* the key, or the topic below the device's */
    uint32_t topic; /* its number in the survey */
    uint32_t key;   /* its number in the topic */
};

/* What is compared of a value of two devices. */
struct shape_id {
    uint32_t hash; /* of its id */
    unsigned kinds;
};

/* A device. */
struct shape_item {
    const char *root;  /* its topic, or the levels that the topics of its values share */
    const char *where; /* or NULL */
    bool of_scalars;
    struct shape_source *sources;
    struct shape_id *ids; /* of the sources, sorted */
    size_t count;
    size_t kind;      /* the index of another item of its kind, or its own */
    size_t next_like; /* of the same kind, in the order of items; SIZE_MAX at the end */
};

/* A topic with one value. */
struct shape_scalar {
    const char *topic;
    uint32_t number;
    size_t root_len; /* bytes of the topic that name the device */
};

struct shape {
    struct proposal *proposal;
    struct arena *arena;
    struct shape_item *items;
    size_t item_count;
    struct shape_scalar *scalars;
    size_t scalar_count;
};

static bool topic_has_one_value(const struct survey *survey, const struct survey_topic *topic)
{
    struct survey_key key;
    return topic->keys == 1 && survey_read_key(survey, topic, 0, &key) && *key.key == '\0';
}

/* Adds a device with these sources. */
static void shape_add_item(struct shape *shape, struct shape_item item)
{
    const struct survey *survey = proposal_survey(shape->proposal);
    struct survey_topic topic;
    struct survey_key key;
    item.ids = arena_alloc(shape->arena, (item.count + 1) * sizeof *item.ids);
    for (size_t i = 0; i < item.count; i++) {
        const struct shape_source *source = &item.sources[i];
        item.ids[i].hash = hash32_add_text(HASH32_START, source->id);
        if (!item.of_scalars && survey_read_topic(survey, source->topic, &topic) &&
            survey_read_key(survey, &topic, source->key, &key))
            item.ids[i].kinds = proposal_value_kinds(&key);
    }
    item.kind = shape->item_count;
    item.next_like = SIZE_MAX;
    shape->items[shape->item_count++] = item;
}

static void shape_add_object(struct shape *shape, const struct survey_topic *topic)
{
    const struct survey *survey = proposal_survey(shape->proposal);
    struct shape_item item = {.root = topic->topic, .where = topic->where};
    struct survey_key key;
    item.sources = arena_alloc(shape->arena, (topic->keys + 1) * sizeof *item.sources);
    for (size_t i = 0; i < topic->keys && survey_read_key(survey, topic, i, &key); i++)
        item.sources[item.count++] =
            (struct shape_source){.id = key.key, .topic = topic->number, .key = (uint32_t)i};
    shape_add_item(shape, item);
}

/* True for topics that are no device: the broker's own, and where a Tagferry says that it is there,
 * on a topic that can be set. */
static bool topic_is_of_infrastructure(const struct survey *survey,
                                       const struct survey_topic *topic)
{
    static const char *const members[] = {"version", "devices", "tags", NULL};
    struct survey_key key;
    bool is_status = topic->keys == 4 && survey_find_key(survey, topic, "status", &key) &&
                     key.word_count > 0 && !key.more_words;
    for (size_t i = 0; is_status && i < key.word_count; i++)
        is_status = strcmp(key.words[i], "online") == 0 || strcmp(key.words[i], "offline") == 0;
    for (size_t i = 0; is_status && members[i]; i++)
        is_status = survey_find_key(survey, topic, members[i], &key);
    return is_status || strncmp(topic->topic, "$SYS/", 5) == 0;
}

/* Sorts the topics into objects and values, and notes what has neither. */
static void shape_collect(struct shape *shape)
{
    struct proposal *proposal = shape->proposal;
    struct survey_topic topic;
    size_t binary = 0, sparkplug = 0, once = 0;
    const char *binary_topic = "", *looks_like = NULL, *sparkplug_topic = "";
    const char *once_topic = "", *once_where = "";
    for (uint32_t i = 0; survey_read_topic(proposal_survey(proposal), i, &topic); i++) {
        if (proposal_is_claimed(proposal, &topic) || topic.format == SURVEY_NO_PAYLOAD ||
            topic_is_of_infrastructure(proposal_survey(proposal), &topic))
            continue;
        if (topic.format == SURVEY_BINARY) {
            struct payload_sample sample = {.topic = topic.topic,
                                            .bytes = topic.payload,
                                            .len = topic.payload_len,
                                            .total = topic.payload_whole_len};
            binary_topic = binary++ == 0 ? topic.topic : binary_topic;
            looks_like =
                looks_like ? looks_like : payload_format_names[payload_format_guess(&sample)];
        } else if (topic.format == SURVEY_SPARKPLUG) {
            sparkplug_topic = sparkplug++ == 0 ? topic.topic : sparkplug_topic;
        } else if (topic_has_one_value(proposal_survey(proposal), &topic)) {
            shape->scalars[shape->scalar_count++] =
                (struct shape_scalar){.topic = topic.topic, .number = topic.number};
        } else if (topic.keys > 0) {
            shape_add_object(shape, &topic);
            if (topic.where && topic.messages == 1 && once++ == 0) {
                once_topic = topic.topic;
                once_where = topic.where;
            }
        }
    }
    if (once > 1)
        proposal_note(proposal,
                      "%zu devices that share a topic were heard once only, such as %s of %s. If "
                      "this member counts messages, and names no devices, listen longer.",
                      once, once_where, once_topic);
    if (binary > 0)
        proposal_note(proposal, "%zu %s not text, such as %s%s%s: %s not proposed.", binary,
                      binary == 1 ? "topic has a payload that is" : "topics have payloads that are",
                      binary_topic, looks_like ? ", which looks like " : "",
                      looks_like ? looks_like : "", binary == 1 ? "it is" : "they are");
    if (sparkplug > 0)
        proposal_note(proposal,
                      "%zu topic%s of Sparkplug B without a birth heard, such as %s, %s not "
                      "proposed. Ask the node for a rebirth, and discover again.",
                      sparkplug, plural_suffix(sparkplug), sparkplug_topic,
                      sparkplug == 1 ? "is" : "are");
}

static size_t parent_len_of(const char *topic, size_t len)
{
    while (len > 0 && topic[len - 1] != '/')
        len--;
    return len > 0 ? len - 1 : 0;
}

static int scalar_compare(const void *a, const void *b)
{
    const struct shape_scalar *left = a, *right = b;
    size_t len = left->root_len < right->root_len ? left->root_len : right->root_len;
    int order = memcmp(left->topic, right->topic, len);
    if (order == 0 && left->root_len != right->root_len)
        order = left->root_len < right->root_len ? -1 : 1;
    return order ? order : left->number < right->number ? -1 : left->number > right->number;
}

/* Returns the end of the values with the same root as the one at `from`. */
static size_t scalars_group_end(const struct shape *shape, size_t from)
{
    const struct shape_scalar *first = &shape->scalars[from];
    size_t end = from + 1;
    while (end < shape->scalar_count && shape->scalars[end].root_len == first->root_len &&
           memcmp(shape->scalars[end].topic, first->topic, first->root_len) == 0)
        end++;
    return end;
}

/* Finds the roots: the parents of the topics. A value that is alone below its parent moves one
 * level up if others that are alone do, too: plant/boiler/temp/value and plant/boiler/flow/value
 * are of plant/boiler. */
static void shape_find_roots(struct shape *shape)
{
    for (size_t i = 0; i < shape->scalar_count; i++)
        shape->scalars[i].root_len =
            parent_len_of(shape->scalars[i].topic, strlen(shape->scalars[i].topic));
    qsort(shape->scalars, shape->scalar_count, sizeof shape->scalars[0], scalar_compare);
    for (int lift = 0; lift < SHAPE_LIFTS; lift++) {
        struct string_map alone = {.arena = shape->arena};
        for (size_t i = 0, end; i < shape->scalar_count; i = end) {
            struct shape_scalar *scalar = &shape->scalars[i];
            size_t up = parent_len_of(scalar->topic, scalar->root_len);
            end = scalars_group_end(shape, i);
            if (end != i + 1 || up == 0)
                continue;
            const char *parent = arena_strndup(shape->arena, scalar->topic, up);
            struct shape_scalar *first = string_map_find(&alone, parent);
            if (!first) {
                string_map_add(&alone, parent, scalar);
            } else {
                first->root_len = up;
                scalar->root_len = up;
            }
        }
        qsort(shape->scalars, shape->scalar_count, sizeof shape->scalars[0], scalar_compare);
    }
}

/* Makes a device of the values with the same root. */
static void shape_add_scalars(struct shape *shape)
{
    for (size_t i = 0, end; i < shape->scalar_count; i = end) {
        const struct shape_scalar *first = &shape->scalars[i];
        struct shape_item item = {.of_scalars = true};
        end = scalars_group_end(shape, i);
        /* A value alone is named by its topic, and topics without a slash have no device. */
        item.root = arena_strndup(shape->arena, first->topic, first->root_len);
        item.sources = arena_alloc(shape->arena, (end - i) * sizeof *item.sources);
        for (size_t at = i; at < end; at++) {
            const struct shape_scalar *scalar = &shape->scalars[at];
            const char *id = scalar->topic + scalar->root_len;
            item.sources[item.count++] =
                (struct shape_source){.id = *id == '/' ? id + 1 : id, .topic = scalar->number};
        }
        shape_add_item(shape, item);
    }
}

static int id_compare(const void *a, const void *b)
{
    uint32_t left = ((const struct shape_id *)a)->hash, right = ((const struct shape_id *)b)->hash;
    return left < right ? -1 : left > right;
}

/* True when one of the values is a number and the other one a text: no type fits both. */
static bool ids_contradict(const struct shape_id *a, const struct shape_id *b)
{
    const unsigned numbers = SURVEY_INTEGER | SURVEY_DECIMAL | SURVEY_BOOL;
    return ((a->kinds & numbers) && !(a->kinds & SURVEY_TEXT) && (b->kinds & SURVEY_TEXT)) ||
           ((b->kinds & numbers) && !(b->kinds & SURVEY_TEXT) && (a->kinds & SURVEY_TEXT));
}

/* True when two thirds of the keys of both are shared, and none of these contradicts. */
static bool items_are_alike(const struct shape_item *a, const struct shape_item *b)
{
    size_t i = 0, j = 0, shared = 0;
    if (a->of_scalars != b->of_scalars || 3 * a->count < 2 * b->count ||
        3 * b->count < 2 * a->count)
        return false;
    while (i < a->count && j < b->count) {
        bool same = a->ids[i].hash == b->ids[j].hash;
        if (same && ids_contradict(&a->ids[i], &b->ids[j]))
            return false;
        shared += same;
        bool first = a->ids[i].hash <= b->ids[j].hash;
        j += same || !first;
        i += same || first;
    }
    return 3 * shared >= 2 * (a->count + b->count - shared);
}

static size_t shape_find_kind(struct shape *shape, size_t item)
{
    while (shape->items[item].kind != item) {
        shape->items[item].kind = shape->items[shape->items[item].kind].kind;
        item = shape->items[item].kind;
    }
    return item;
}

/* The devices whose topics are equal except for one level: the first of each kind. */
struct shape_leaders {
    size_t count, item[SHAPE_LEADERS_MAX];
};

/* Joins the item with those before it whose topics have the same levels around this one. */
static void shape_join_like(struct shape *shape, struct string_map *patterns, const char *pattern,
                            size_t item)
{
    struct shape_leaders *leaders = string_map_find(patterns, pattern);
    if (!leaders) {
        leaders = arena_alloc(shape->arena, sizeof *leaders);
        string_map_add(patterns, pattern, leaders);
    }
    for (size_t i = 0; i < leaders->count; i++) {
        if (!items_are_alike(&shape->items[leaders->item[i]], &shape->items[item]))
            continue;
        size_t one = shape_find_kind(shape, leaders->item[i]), two = shape_find_kind(shape, item);
        shape->items[one > two ? one : two].kind = one < two ? one : two;
        return;
    }
    if (leaders->count < SHAPE_LEADERS_MAX)
        leaders->item[leaders->count++] = item;
}

/* Finds the kinds, and links the devices of each. */
static void shape_find_kinds(struct shape *shape)
{
    struct string_map patterns = {.arena = shape->arena};
    for (size_t i = 0; i < shape->item_count; i++)
        qsort(shape->items[i].ids, shape->items[i].count, sizeof(struct shape_id), id_compare);
    for (size_t i = 0; i < shape->item_count; i++) {
        const char *root = shape->items[i].root, *level = root;
        for (int number = 0; number < SHAPE_LEVELS_MAX; number++) {
            size_t len = strcspn(level, "/");
            /* A hash is enough: only alike devices are joined. */
            uint64_t before = hash64_add(HASH64_START, root, (size_t)(level - root));
            uint64_t hash = hash64_add_text(hash64_add(before, "+", 1), level + len);
            shape_join_like(shape, &patterns,
                            arena_format(shape->arena, "%016llx", (unsigned long long)hash), i);
            if (level[len] == '\0')
                break;
            level += len + 1;
        }
    }
    /* Devices that share a topic are linked by their topic alone. */
    size_t *last = arena_alloc(shape->arena, (shape->item_count + 1) * sizeof *last);
    for (size_t i = 0; i < shape->item_count; i++) {
        size_t kind = shape_find_kind(shape, i);
        shape->items[i].kind = kind;
        if (kind != i)
            shape->items[last[kind]].next_like = i;
        last[kind] = i;
    }
}

/* A payload that is sometimes a bare word is read as a text, in which a number is one, too. */
static bool scalar_is_text(const struct survey_topic *topic, const struct survey_key *key)
{
    bool quoted = topic->payload_len > 0 && topic->payload[0] == '"';
    return topic->format == SURVEY_PLAIN || ((key->kinds & SURVEY_TEXT) && !quoted);
}

/* Returns the keys of all devices of a kind, in the order of appearance. */
static struct shape_key **shape_merge_keys(struct shape *shape, size_t kind, size_t *count)
{
    const struct survey *survey = proposal_survey(shape->proposal);
    struct string_map known = {.arena = shape->arena};
    struct shape_key **keys =
        arena_alloc(shape->arena, SHAPE_KEYS_MAX * sizeof(struct shape_key *));
    size_t lost = 0;
    *count = 0;
    for (size_t at = kind; at != SIZE_MAX; at = shape->items[at].next_like) {
        const struct shape_item *item = &shape->items[at];
        for (size_t i = 0; i < item->count; i++) {
            struct survey_topic topic;
            struct survey_key heard;
            if (!survey_read_topic(survey, item->sources[i].topic, &topic) ||
                !survey_read_key(survey, &topic, item->sources[i].key, &heard))
                continue;
            struct shape_key *key = string_map_find(&known, item->sources[i].id);
            if (key) {
                shape_key_merge(key, &heard);
            } else if (*count < SHAPE_KEYS_MAX) {
                key = arena_alloc(shape->arena, sizeof *key);
                *key = shape_key_make(item->sources[i].id, &heard);
                string_map_add(&known, key->id, key);
                keys[(*count)++] = key;
            } else {
                lost++;
                continue;
            }
            key->is_text |= item->of_scalars && scalar_is_text(&topic, &heard);
        }
    }
    if (lost > 0)
        proposal_note(shape->proposal,
                      "%s: only the first %d values are proposed, %zu are left out.",
                      shape->items[kind].root, SHAPE_KEYS_MAX, lost);
    if (!shape->items[kind].of_scalars)
        shape_keys_join_elements(shape->arena, keys, *count);
    return keys;
}

/* Names a device that has only a number by its model and the number. NULL without a model. */
static const char *shape_name_by_model(struct shape *shape, const struct shape_item *item,
                                       const cJSON *where)
{
    static const char *const models[] = {"model", "type", "product", "device_type", "deviceType"};
    const struct survey *survey = proposal_survey(shape->proposal);
    struct survey_topic topic;
    struct survey_key key;
    if (!where->child || !cJSON_IsNumber(where->child) || item->count == 0 ||
        !survey_read_topic(survey, item->sources[0].topic, &topic))
        return NULL;
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        if (survey_find_key(survey, &topic, models[i], &key) && key.kinds == SURVEY_TEXT &&
            key.word_count == 1 && !key.more_words)
            return arena_format(shape->arena, "%s_%.15g", key.words[0], where->child->valuedouble);
    }
    return NULL;
}

static struct proposal_device *shape_add_device(struct shape *shape, const struct shape_item *item,
                                                const char *topic, const cJSON *where)
{
    struct proposal_device *device = proposal_add_device(shape->proposal, NULL, topic);
    if (item->of_scalars && *item->root && item->count > 1)
        proposal_set_name(device->body, item->root);
    if (where) {
        proposal_set_text(device->body, "label", shape_name_by_model(shape, item, where));
        proposal_set_object(device->body, "mqtt.where", cJSON_Duplicate(where, true));
    }
    device->kind = arena_format(shape->arena, "shape %zu", item->kind);
    return device;
}

/* Adds a device of a kind with its tags, unless none is wanted. */
static void shape_propose_device(struct shape *shape, const struct shape_item *item,
                                 struct shape_key *const *keys, size_t count)
{
    struct proposal *proposal = shape->proposal;
    const char *slash = *item->root ? "/" : "";
    const char *topic = item->root;
    if (item->of_scalars) /* the device's own topic is that of its first tag */
        topic = arena_format(shape->arena, "%s%s%s", item->root, slash, item->sources[0].id);
    struct proposal_device *device = NULL;
    cJSON *where = item->where ? cJSON_Parse(item->where) : NULL;
    for (size_t i = 0; i < count; i++) {
        const struct shape_key *key = keys[i];
        const char *own_topic = topic, *own_key = key->id;
        if (item->of_scalars) {
            own_topic = arena_format(shape->arena, "%s%s%s", item->root, slash, key->id);
            own_key = "";
        }
        /* A member of `where` is the same in all messages. */
        if (cJSON_GetObjectItemCaseSensitive(where, key->id) ||
            !proposal_wants(proposal, own_topic, item->where, own_key))
            continue;
        if (!device)
            device = shape_add_device(shape, item, topic, where);
        const char *unit = key_find_unit(key->id);
        cJSON *tag = proposal_add_tag(proposal, device, NULL, own_key);
        if (item->of_scalars) {
            proposal_set_name(tag, key->id);
            proposal_set_text(tag, "mqtt.topic", own_topic);
        }
        if (key->is_text)
            proposal_set_text(tag, "mqtt.payload", "text");
        struct survey_key evidence = shape_key_evidence(key);
        proposal_type_by_key(proposal, tag, &evidence);
        if (unit && cJSON_GetObjectItemCaseSensitive(tag, "mqtt") &&
            !(key->heard.kinds & (SURVEY_BOOL | SURVEY_TEXT)))
            proposal_set_text(tag, "unit", unit);
    }
    cJSON_Delete(where);
}

/* What was left out, for one note each. */
struct shape_remains {
    const char *empty_root, *stamp_root, *stamp;
    size_t empty, stamp_devices;
};

/* Leaves out keys without a value, and time stamps. */
static size_t shape_select_keys(const struct shape_item *item, struct shape_key **keys,
                                size_t count, struct shape_remains *remains)
{
    size_t kept = 0;
    bool has_stamp = false;
    for (size_t i = 0; i < count; i++) {
        bool has_value = (keys[i]->heard.kinds & ~(unsigned)(SURVEY_NULL | SURVEY_EMPTY)) != 0;
        if (!has_value) {
            if (remains->empty++ == 0)
                remains->empty_root = item->root;
        } else if (!item->of_scalars && shape_key_is_time(keys[i])) {
            if (remains->stamp_devices == 0 && !has_stamp) {
                remains->stamp_root = item->root;
                remains->stamp = keys[i]->id;
            }
            has_stamp = true;
        } else {
            keys[kept++] = keys[i];
        }
    }
    remains->stamp_devices += has_stamp;
    return kept;
}

static void shape_note_remains(struct shape *shape, const struct shape_remains *remains)
{
    if (remains->empty > 0)
        proposal_note(shape->proposal,
                      "%zu %s not proposed, %s of %s: no value was heard, only null, {} or [].",
                      remains->empty, remains->empty == 1 ? "key is" : "keys are",
                      remains->empty == 1 ? "that" : "the first", remains->empty_root);
    if (remains->stamp_devices > 0)
        proposal_note(shape->proposal,
                      "%s: %s is a time stamp and no tag%s. To let it decide how old a value is, "
                      "set mqtt.timestamp_key of the device to it.",
                      remains->stamp_root, remains->stamp,
                      remains->stamp_devices == 1 ? "" : "; other devices have such keys, too");
}

void recognise_shape(struct proposal *proposal)
{
    struct shape shape = {.proposal = proposal, .arena = proposal_arena(proposal)};
    size_t room = (size_t)proposal_count_topics(proposal) + 1;
    shape.items = arena_alloc(shape.arena, room * sizeof *shape.items);
    shape.scalars = arena_alloc(shape.arena, room * sizeof *shape.scalars);
    struct shape_remains remains = {0};
    shape_collect(&shape);
    shape_find_roots(&shape);
    shape_add_scalars(&shape);
    shape_find_kinds(&shape);
    for (size_t kind = 0; kind < shape.item_count; kind++) {
        size_t count;
        if (shape.items[kind].kind != kind)
            continue;
        struct shape_key **keys = shape_merge_keys(&shape, kind, &count);
        count = shape_select_keys(&shape.items[kind], keys, count, &remains);
        for (size_t at = kind; at != SIZE_MAX && count > 0; at = shape.items[at].next_like)
            shape_propose_device(&shape, &shape.items[at], keys, count);
    }
    shape_note_remains(&shape, &remains);
}
