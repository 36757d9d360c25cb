/* Names: of a device from its label, or from what distinguishes its topic; of a tag from its label,
 * or from the last parts of its key. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "api/base/plain_name.h"
#include "api/proposal/proposal_internal.h"
#include "common/base/json_text.h"

enum { NAME_PARTS_MAX = 16 };

/* The parts of a topic or key, without those that say nothing. */
struct name_parts {
    size_t count;
    const char *part[NAME_PARTS_MAX];
};

/* True for a word that every device has at the end of its topics or keys. */
static bool part_is_common_word(const char *part)
{
    static const char *const words[] = {
        "attributes", "data",   "event",   "events", "info",   "json", "message",   "messages",
        "payload",    "sensor", "sensors", "state",  "status", "tele", "telemetry", "up",
        "update",     "uplink", "val",     "value",  "values", NULL};
    for (size_t i = 0; words[i]; i++) {
        if (strcasecmp(part, words[i]) == 0)
            return true;
    }
    return false;
}

static bool part_is_number(const char *part)
{
    return strspn(part, "0123456789-") == strlen(part);
}

static void parts_push(struct name_parts *parts, const char *part)
{
    if (parts->count == NAME_PARTS_MAX) { /* the last ones tell most */
        memmove(parts->part, parts->part + 1, (NAME_PARTS_MAX - 1) * sizeof parts->part[0]);
        parts->count--;
    }
    parts->part[parts->count++] = part;
}

/* The same, but a number belongs to the part before it. */
static void parts_push_token(struct arena *arena, struct name_parts *parts, const char *token)
{
    if (part_is_number(token) && parts->count > 0)
        parts->part[parts->count - 1] =
            arena_format(arena, "%s_%s", parts->part[parts->count - 1], token);
    else
        parts_push(parts, token);
}

/* Joins the last `count` parts with '_'. */
static const char *parts_join_last(struct arena *arena, const struct name_parts *parts,
                                   size_t count)
{
    const char *name = "";
    for (size_t i = parts->count - count; i < parts->count; i++)
        name = arena_format(arena, "%s%s%s", name, *name ? "_" : "", parts->part[i]);
    return name;
}

static struct name_parts topic_split(struct arena *arena, const char *topic)
{
    struct name_parts parts = {0};
    while (*topic) {
        size_t len = strcspn(topic, "/");
        bool wild = len == 1 && strchr("+#", *topic);
        if (len > 0 && !wild)
            parts_push(&parts, arena_strndup(arena, topic, len));
        topic += len + (topic[len] == '/');
    }
    return parts;
}

/* The devices whose topics begin with the same level. */
struct topic_family {
    const struct name_parts *first;
    size_t count;
    size_t shared; /* leading parts that all have */
};

/* A device without a label, on its way to a name. */
struct topic_name {
    struct proposal_device *device;
    struct name_parts parts;
    const char *where; /* the values of mqtt.where, or NULL */
    struct topic_family *family;
    const char *name; /* without the common word at the end */
};

/* Returns the values of mqtt.where as one text, or NULL. */
static const char *where_join_values(struct arena *arena, const cJSON *mqtt)
{
    const cJSON *where = cJSON_GetObjectItemCaseSensitive(mqtt, "where"), *value;
    const char *text = NULL;
    cJSON_ArrayForEach(value, where)
    {
        const char *member = strrchr(value->string, '/');
        member = member ? member + 1 : value->string;
        /* A number alone is no name. */
        const char *part = cJSON_IsString(value) ? value->valuestring
                           : cJSON_IsNumber(value)
                               ? arena_format(arena, "%s_%.15g", member, value->valuedouble)
                               : NULL;
        if (part)
            text = text ? arena_format(arena, "%s_%s", text, part) : part;
    }
    return text;
}

static size_t count_shared_parts(const struct name_parts *a, const struct name_parts *b, size_t max)
{
    size_t shared = 0;
    while (shared < max && shared < a->count && shared < b->count &&
           strcmp(a->part[shared], b->part[shared]) == 0)
        shared++;
    return shared;
}

/* Returns the leading parts that the name leaves out. */
static size_t topic_name_skip(const struct topic_name *topic)
{
    const struct name_parts *parts = &topic->parts;
    size_t skip = parts->count > 2 ? parts->count - 2 : parts->count / 2;
    if (topic->family->count > 1)
        skip = topic->family->shared < parts->count ? topic->family->shared : parts->count - 1;
    /* One device alone has its last levels, from one that says something. */
    while (skip > 0 && ((topic->family->count == 1 && part_is_common_word(parts->part[skip])) ||
                        part_is_number(parts->part[skip])))
        skip--;
    return skip;
}

/* The name without the parts that others share, and with or without the common word at its end. */
static const char *topic_name_make(struct arena *arena, const struct topic_name *topic, bool whole)
{
    struct name_parts parts = topic->parts;
    size_t skip = parts.count > 0 ? topic_name_skip(topic) : 0;
    while (!whole && parts.count > skip + 1 && part_is_common_word(parts.part[parts.count - 1]))
        parts.count--;
    /* A common word alone is no name. */
    while (skip > 0 && part_is_common_word(parts.part[skip]) && parts.count == skip + 1)
        skip--;
    const char *name = parts_join_last(arena, &parts, parts.count - skip);
    if (!topic->where)
        return name;
    return whole ? arena_format(arena, "%s_%s", name, topic->where) : topic->where;
}

/* Adds a device to the family of its first level. */
static struct topic_family *topic_family_join(struct string_map *families,
                                              const struct name_parts *parts)
{
    const char *level = parts->count > 0 ? parts->part[0] : "";
    struct topic_family *family = string_map_find(families, level);
    if (!family) {
        family = arena_alloc(families->arena, sizeof *family);
        *family = (struct topic_family){.first = parts, .shared = NAME_PARTS_MAX};
        string_map_add(families, level, family);
    }
    family->count++;
    family->shared = count_shared_parts(family->first, parts, family->shared);
    return family;
}

/* Counts the uses of a name. */
static size_t *name_count_use(struct string_map *uses, const char *name)
{
    size_t *count = string_map_find(uses, name);
    if (!count) {
        count = arena_alloc(uses->arena, sizeof *count);
        string_map_add(uses, name, count);
    }
    ++*count;
    return count;
}

/* Names the devices without a label, each by what distinguishes its topic from others. */
static void name_devices_by_topic(struct proposal *proposal)
{
    struct arena *arena = proposal->arena;
    struct string_map uses = {.arena = arena}, families = {.arena = arena};
    struct topic_name *names = arena_alloc(arena, (proposal->device_count + 1) * sizeof *names);
    size_t count = 0;
    for (size_t i = 0; i < proposal->device_count; i++) {
        cJSON *body = proposal->devices[i]->body;
        const cJSON *mqtt = cJSON_GetObjectItemCaseSensitive(body, "mqtt");
        const char *topic = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(mqtt, "topic"));
        const char *given = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "name"));
        if (cJSON_HasObjectItem(body, "label") || !topic)
            continue;
        struct topic_name *name = &names[count++];
        name->device = proposal->devices[i];
        name->parts = topic_split(arena, given && *given ? given : topic);
        name->where = where_join_values(arena, mqtt);
        name->family = topic_family_join(&families, &name->parts);
    }
    for (size_t i = 0; i < count; i++) {
        names[i].name = topic_name_make(arena, &names[i], false);
        name_count_use(&uses, names[i].name);
    }
    for (size_t i = 0; i < count; i++) {
        const size_t *used = string_map_find(&uses, names[i].name);
        proposal_set_name(names[i].device->body,
                          *used == 1 ? names[i].name : topic_name_make(arena, &names[i], true));
    }
}

/* Splits a key: a pointer's tokens, of "member=text" the text; a number belongs to the token before
 * it. */
static struct name_parts key_split(struct arena *arena, const char *key)
{
    struct name_parts parts = {0};
    if (*key != '/') {
        if (*key)
            parts_push(&parts, key);
        return parts;
    }
    while (*key) {
        size_t room = strlen(key) + 1;
        char *token = arena_alloc(arena, room);
        json_pointer_next_token(&key, token, room);
        const char *equals = strchr(token, '=');
        const char *part = equals && equals[1] ? equals + 1 : token;
        if (*part)
            parts_push_token(arena, &parts, part);
    }
    return parts;
}

/* A tag that is named by its key, with as many parts as it needs to differ from others. */
struct key_name {
    cJSON *tag;
    struct name_parts parts;
    size_t used;
    const char *name;
};

/* Makes the names from the last parts; where several tags get the same, from one part more. */
static void key_names_make(struct arena *arena, struct key_name *names, size_t count)
{
    bool again = true;
    for (size_t round = 0; again && round < NAME_PARTS_MAX; round++) {
        struct string_map seen = {.arena = arena};
        again = false;
        for (size_t i = 0; i < count; i++) {
            names[i].name = plain_name_make(
                arena, parts_join_last(arena, &names[i].parts, names[i].used), "value");
            name_count_use(&seen, names[i].name);
        }
        for (size_t i = 0; i < count; i++) {
            const size_t *uses = string_map_find(&seen, names[i].name);
            if (*uses > 1 && names[i].used < names[i].parts.count) {
                names[i].used++;
                again = true;
            }
        }
    }
}

/* Sets a name, and removes a label that says the same. */
static void resource_take_name(cJSON *resource, const char *name)
{
    const char *label = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(resource, "label"));
    proposal_set_name(resource, name);
    if (label && strcmp(label, name) == 0)
        cJSON_DeleteItemFromObjectCaseSensitive(resource, "label");
}

static void name_tags(struct proposal *proposal, struct proposal_device *device)
{
    struct arena *arena = proposal->arena;
    struct string_map taken = {.arena = arena};
    cJSON *tags = cJSON_GetObjectItemCaseSensitive(device->body, "tags"), *tag;
    size_t count = 0;
    struct key_name *names =
        arena_alloc(arena, (size_t)(cJSON_GetArraySize(tags) + 1) * sizeof *names);
    cJSON_ArrayForEach(tag, tags)
    {
        const cJSON *mqtt = cJSON_GetObjectItemCaseSensitive(tag, "mqtt");
        const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(mqtt, "key"));
        const char *label = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tag, "label"));
        const char *given = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tag, "name"));
        struct key_name *name = &names[count++];
        *name = (struct key_name){.tag = tag, .used = 1};
        if (given && *given)
            name->parts = key_split(arena, arena_format(arena, "/%s", given));
        else if (label && *label)
            parts_push(&name->parts, label);
        else
            name->parts = key_split(arena, key ? key : "");
        if (name->parts.count > 1 && part_is_common_word(name->parts.part[name->parts.count - 1]))
            name->parts.count--;
        if (name->parts.count == 0)
            parts_push(&name->parts, "value");
    }
    key_names_make(arena, names, count);
    for (size_t i = 0; i < count; i++)
        resource_take_name(names[i].tag, plain_name_make_unique(&taken, names[i].name));
}

void proposal_name_all(struct proposal *proposal, proposal_name_check *is_taken, void *context)
{
    struct string_map taken = {.arena = proposal->arena};
    name_devices_by_topic(proposal);
    for (size_t i = 0; i < proposal->device_count; i++) {
        cJSON *body = proposal->devices[i]->body;
        const char *label = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "label"));
        const char *given = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "name"));
        const char *base = plain_name_make(proposal->arena,
                                           label   ? label
                                           : given ? given
                                                   : "device",
                                           "device");
        const char *name = plain_name_make_unique(&taken, base);
        while (is_taken && is_taken(context, name))
            name = plain_name_make_unique(&taken, base);
        resource_take_name(body, name);
        name_tags(proposal, proposal->devices[i]);
    }
}
