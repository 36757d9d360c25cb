/* Devices of one kind as one profile: what differs in their topics and conditions becomes
 * parameters, the rest is written once. */
#include <string.h>

#include "api/base/plain_name.h"
#include "api/proposal/proposal_internal.h"
#include "common/base/require.h"
#include "common/model/tag.h"

enum { GROUP_PARAMS_MAX = 4, GROUP_LEVELS_MAX = 32 };

/* What the devices of a group have in different forms. */
struct profile_param {
    const char *name;
    int level;          /* of the topic, from 0; or -1 */
    const char *member; /* of mqtt.where, or NULL */
};

/* Devices with the same tags. */
struct profile_group {
    struct proposal *proposal;
    size_t count, room;
    struct proposal_device **devices;
    size_t param_count;
    struct profile_param params[GROUP_PARAMS_MAX];
};

static const cJSON *device_mqtt(const struct proposal_device *device, const char *member)
{
    return cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(device->body, "mqtt"),
                                            member);
}

static const char *device_topic(const struct proposal_device *device)
{
    return cJSON_GetStringValue(device_mqtt(device, "topic"));
}

static int count_topic_levels(const char *topic)
{
    int count = 1;
    for (; *topic; topic++)
        count += *topic == '/';
    return count;
}

/* Returns a level of a topic that has so many. */
static const char *copy_topic_level(struct arena *arena, const char *topic, int level)
{
    for (; level > 0; level--) {
        topic = strchr(topic, '/');
        REQUIRE(topic);
        topic++;
    }
    return arena_strndup(arena, topic, strcspn(topic, "/"));
}

/* Returns the value of a parameter of a device: a text, a number or a flag; or NULL. */
static cJSON *profile_param_value(struct arena *arena, const struct profile_param *param,
                                  const struct proposal_device *device)
{
    if (!param->member)
        return cJSON_CreateString(copy_topic_level(arena, device_topic(device), param->level));
    const cJSON *value =
        cJSON_GetObjectItemCaseSensitive(device_mqtt(device, "where"), param->member);
    return value ? cJSON_Duplicate(value, true) : NULL;
}

/* Devices may be of one profile when this text is the same: their kind, the form of the topic, and
 * their tags. */
static const char *profile_group_key(struct arena *arena, const struct proposal_device *device)
{
    const cJSON *tags = cJSON_GetObjectItemCaseSensitive(device->body, "tags"), *tag;
    const char *topic = device_topic(device);
    struct text text = {0};
    if (device->stored || !topic || strchr(topic, '{') || !tags ||
        !tags->child) /* a brace begins a placeholder */
        return NULL;
    text_printf(&text, "%s %s %d", device->recogniser, device->kind ? device->kind : "",
                count_topic_levels(topic));
    cJSON_ArrayForEach(tag, tags)
    {
        text_printf(&text, "/%s", cJSON_GetObjectItemCaseSensitive(tag, "name")->valuestring);
    }
    const char *key = arena_strdup(arena, text.data);
    text_finish(&text);
    return key;
}

static void profile_add_param(struct profile_group *group, int level, const char *member)
{
    struct arena *arena = group->proposal->arena;
    if (group->param_count == GROUP_PARAMS_MAX)
        return;
    struct profile_param *param = &group->params[group->param_count++];
    *param = (struct profile_param){.level = level,
                                    .member = member ? arena_strdup(arena, member) : NULL};
    param->name =
        group->param_count == 1 ? "id" : arena_format(arena, "id_%zu", group->param_count);
}

/* Finds the levels of the topic, and the members of mqtt.where, that differ. */
static void profile_find_params(struct profile_group *group)
{
    struct arena *arena = group->proposal->arena;
    const struct proposal_device *first = group->devices[0];
    int levels = count_topic_levels(device_topic(first));
    for (int level = 0; level < levels && level < GROUP_LEVELS_MAX; level++) {
        const char *own = copy_topic_level(arena, device_topic(first), level);
        bool differs = false;
        for (size_t i = 1; i < group->count && !differs; i++) {
            const char *other = copy_topic_level(arena, device_topic(group->devices[i]), level);
            differs = strcmp(own, other) != 0;
        }
        if (differs)
            profile_add_param(group, level, NULL);
    }
    const cJSON *member;
    cJSON_ArrayForEach(member, device_mqtt(first, "where"))
    {
        bool differs = false;
        for (size_t i = 1; i < group->count && !differs; i++)
            differs = !cJSON_Compare(member,
                                     cJSON_GetObjectItemCaseSensitive(
                                         device_mqtt(group->devices[i], "where"), member->string),
                                     true);
        if (differs)
            profile_add_param(group, -1, member->string);
    }
}

/* Replaces the levels of a text that are the value of a parameter by its placeholder. */
static void template_replace_levels(const struct profile_group *group,
                                    const struct proposal_device *device, cJSON *item)
{
    struct arena *arena = group->proposal->arena;
    struct text text = {0};
    bool any = false;
    for (const char *at = item->valuestring;; at++) {
        size_t len = strcspn(at, "/");
        const char *name = NULL;
        for (size_t i = 0; i < group->param_count && !name; i++) {
            const struct profile_param *param = &group->params[i];
            const char *value =
                param->member ? NULL : copy_topic_level(arena, device_topic(device), param->level);
            if (value && strlen(value) == len && len > 0 && memcmp(value, at, len) == 0)
                name = param->name;
        }
        if (name)
            text_printf(&text, "{%s}", name);
        else
            text_append(&text, at, len);
        any |= name != NULL;
        at += len;
        if (*at == '\0')
            break;
        text_putc(&text, '/');
    }
    if (any)
        cJSON_SetValuestring(item, text.data);
    text_finish(&text);
}

/* Replaces what is the device's own in all texts of a tree. */
static void template_replace_texts(const struct profile_group *group,
                                   const struct proposal_device *device, cJSON *tree)
{
    for (cJSON *item = tree->child; item; item = item->next) {
        if (cJSON_IsString(item))
            template_replace_levels(group, device, item);
        else
            template_replace_texts(group, device, item);
    }
}

static cJSON *tag_address_item(const cJSON *tag, enum modbus_table *table)
{
    const cJSON *modbus = cJSON_GetObjectItemCaseSensitive(tag, "modbus");
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(modbus, "table"));
    int found = name ? name_list_find(table_names, name) : -1;
    *table = found < 0 ? TABLE_HOLDING_REGISTER : (enum modbus_table)found;
    return cJSON_GetObjectItemCaseSensitive(modbus, "address");
}

/* The first register of a device in each table; -1: it has none there. */
static void device_find_bases(const struct proposal_device *device, int bases[TABLE_COUNT])
{
    const cJSON *tags = cJSON_GetObjectItemCaseSensitive(device->body, "tags"), *tag;
    for (int i = 0; i < TABLE_COUNT; i++)
        bases[i] = -1;
    cJSON_ArrayForEach(tag, tags)
    {
        enum modbus_table table;
        const cJSON *address = tag_address_item(tag, &table);
        if (address && (bases[table] < 0 || address->valueint < bases[table]))
            bases[table] = address->valueint;
    }
}

/* Returns {"device": …, "tags": …} of a profile, made from this device. */
static cJSON *profile_make_template(const struct profile_group *group,
                                    const struct proposal_device *device)
{
    int bases[TABLE_COUNT];
    cJSON *made = cJSON_CreateObject(), *body = cJSON_Duplicate(device->body, true), *tag;
    cJSON *tags = cJSON_DetachItemFromObjectCaseSensitive(body, "tags");
    static const char *const own[] = {"name", "label", "network", NULL};
    for (size_t i = 0; own[i]; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(body, own[i]);
    device_find_bases(device, bases);
    cJSON_ArrayForEach(tag, tags)
    {
        enum modbus_table table;
        cJSON *address = tag_address_item(tag, &table);
        if (address)
            cJSON_SetNumberValue(address, address->valueint - bases[table]);
    }
    cJSON *where =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(body, "mqtt"), "where");
    for (size_t i = 0; i < group->param_count; i++) {
        const char *member = group->params[i].member;
        char *text = arena_format(group->proposal->arena, "{%s}", group->params[i].name);
        if (member && where)
            cJSON_ReplaceItemInObjectCaseSensitive(where, member, cJSON_CreateString(text));
    }
    cJSON_AddItemToObject(made, "device", body);
    cJSON_AddItemToObject(made, "tags", tags);
    template_replace_texts(group, device, made);
    return made;
}

/* Makes the name of a profile: the kind that the recogniser knows, or what the topics share. */
static const char *profile_make_name(struct profile_group *group, struct string_map *names,
                                     proposal_name_check *is_taken, void *context)
{
    struct arena *arena = group->proposal->arena;
    const struct proposal_device *first = group->devices[0];
    const char *text = first->kind;
    if (!text || strcmp(first->recogniser, "shape") == 0) {
        text = "";
        for (int level = 0; level < count_topic_levels(device_topic(first)); level++) {
            bool differs = false;
            for (size_t i = 0; i < group->param_count; i++)
                differs |= group->params[i].level == level;
            if (!differs)
                text = arena_format(arena, "%s%s%s", text, *text ? "_" : "",
                                    copy_topic_level(arena, device_topic(first), level));
        }
    }
    const char *base = plain_name_make(arena, text, "kind");
    const char *name = plain_name_make_unique(names, base);
    while (is_taken && is_taken(context, name))
        name = plain_name_make_unique(names, base);
    return name;
}

/* Makes the device use the profile. */
static void device_use_profile(const struct profile_group *group, struct proposal_device *device,
                               const char *profile)
{
    int bases[TABLE_COUNT];
    cJSON *body = device->body, *use = cJSON_CreateObject();
    device_find_bases(device, bases);
    cJSON_AddStringToObject(use, "name", profile);
    cJSON *params = cJSON_AddObjectToObject(use, "params");
    for (size_t i = 0; i < group->param_count; i++)
        cJSON_AddItemToObject(
            params, group->params[i].name,
            profile_param_value(group->proposal->arena, &group->params[i], device));
    cJSON *base = cJSON_AddObjectToObject(use, "base");
    for (int i = 0; i < TABLE_COUNT; i++) {
        if (bases[i] >= 0)
            cJSON_AddNumberToObject(base, table_names[i], bases[i]);
    }
    for (cJSON *item = body->child, *next; item; item = next) {
        next = item->next;
        if (strcmp(item->string, "name") != 0 && strcmp(item->string, "label") != 0 &&
            strcmp(item->string, "network") != 0)
            cJSON_Delete(cJSON_DetachItemViaPointer(body, item));
    }
    cJSON_AddItemToObject(body, "profile", use);
}

/* Proposes the profile of a group, unless its devices differ in more than parameters can say. */
static void profile_propose_group(struct profile_group *group, struct string_map *names,
                                  proposal_name_check *is_taken, void *context)
{
    struct proposal *proposal = group->proposal;
    profile_find_params(group);
    if (group->count < 2 || group->param_count == 0)
        return;
    cJSON *profile = profile_make_template(group, group->devices[0]);
    size_t alike = 1;
    for (size_t i = 1; i < group->count; i++) {
        cJSON *other = profile_make_template(group, group->devices[i]);
        if (cJSON_Compare(profile, other, true))
            group->devices[alike++] = group->devices[i];
        cJSON_Delete(other);
    }
    group->count = alike;
    if (alike < 2) {
        cJSON_Delete(profile);
        return;
    }
    const char *name = profile_make_name(group, names, is_taken, context);
    cJSON *params = cJSON_CreateObject();
    for (size_t i = 0; i < group->param_count; i++)
        cJSON_AddItemToObject(params, group->params[i].name, cJSON_CreateObject());
    cJSON *made = cJSON_CreateObject();
    cJSON_AddStringToObject(made, "name", name);
    cJSON_AddItemToObject(made, "params", params);
    cJSON_AddItemToObject(made, "device", cJSON_DetachItemFromObject(profile, "device"));
    cJSON_AddItemToObject(made, "tags", cJSON_DetachItemFromObject(profile, "tags"));
    cJSON_Delete(profile);
    cJSON_AddItemToArray(proposal->profiles, made);
    for (size_t i = 0; i < group->count; i++)
        device_use_profile(group, group->devices[i], name);
}

void proposal_make_profiles(struct proposal *proposal, proposal_name_check *is_taken, void *context)
{
    struct arena *arena = proposal->arena;
    struct string_map groups = {.arena = arena}, names = {.arena = arena};
    struct profile_group **of_device =
        arena_alloc(arena, (proposal->device_count + 1) * sizeof(struct profile_group *));
    proposal->profiles = cJSON_CreateArray();
    for (size_t i = 0; i < proposal->device_count; i++) {
        const char *key = profile_group_key(arena, proposal->devices[i]);
        of_device[i] = key ? string_map_find(&groups, key) : NULL;
        if (key && !of_device[i]) {
            of_device[i] = arena_alloc(arena, sizeof *of_device[i]);
            of_device[i]->proposal = proposal;
            string_map_add(&groups, key, of_device[i]);
        }
        if (of_device[i])
            of_device[i]->room++;
    }
    for (size_t i = 0; i < proposal->device_count; i++) {
        struct profile_group *group = of_device[i];
        if (!group)
            continue;
        if (!group->devices)
            group->devices = arena_alloc(arena, group->room * sizeof(struct proposal_device *));
        group->devices[group->count++] = proposal->devices[i];
        if (group->count == group->room)
            profile_propose_group(group, &names, is_taken, context);
    }
}
