/* Home Assistant discovery: PREFIX/COMPONENT/[NODE/]OBJECT/config describes an entity, and
 * PREFIX/device/OBJECT/config all entities of a device. Entities of one device become one device of
 * the proposal. Devices that another recogniser has proposed are left to it. */
#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/recognisers/ha_entity.h"
#include "api/recognisers/ha_template.h"
#include "api/recognisers/recogniser.h"

enum { HA_COMPONENTS_MAX = 500 }; /* of one device */

/* Entities of one device, in the order in which they were found. */
struct ha_group {
    const char *label, *description;
    struct ha_entity *first, **last;
    struct ha_group *next;
    bool is_proposed; /* by another recogniser */
};

struct ha_finder {
    struct proposal *proposal;
    struct arena *arena;
    struct string_map groups; /* by their identifiers */
    struct ha_group *first, **last;
    struct ha_trees {
        cJSON *tree;
        struct ha_trees *next;
    } * trees;
};

/* The levels of a topic of a configuration. */
struct ha_address {
    const char *component, *node, *object; /* node: "" if the topic has none */
};

/* Splits PREFIX/COMPONENT/[NODE/]OBJECT/config. The prefix may have several levels. */
static bool ha_address_read(struct arena *arena, const char *topic, struct ha_address *address)
{
    const char *levels[4] = {NULL}; /* from the last: config, object, node or component, ... */
    char *copy = arena_strdup(arena, topic);
    for (size_t i = 0; i < 4; i++) {
        char *slash = strrchr(copy, '/');
        levels[i] = slash ? slash + 1 : NULL;
        if (!slash)
            break;
        *slash = '\0';
    }
    if (!levels[0] || strcmp(levels[0], "config") != 0 || !levels[1] || !levels[2])
        return false;
    for (size_t i = 2; i < 4 && levels[i]; i++) {
        if (strcmp(levels[i], "device") != 0 && !ha_component_is_known(levels[i]))
            continue;
        *address = (struct ha_address){levels[i], i == 3 ? levels[2] : "", levels[1]};
        return true;
    }
    return false;
}

/* Returns the device's first identifier or address, or another text that its entities share. */
static const char *ha_group_key(struct ha_finder *finder, const cJSON *device,
                                const struct ha_entity *entity, const char *node)
{
    const cJSON *identifiers = ha_object_find(device, "identifiers");
    const cJSON *connection = cJSON_GetArrayItem(ha_object_find(device, "connections"), 0);
    const cJSON *first =
        cJSON_IsArray(identifiers) ? cJSON_GetArrayItem(identifiers, 0) : identifiers;
    const char *text = first ? json_scalar_print(finder->arena, first) : NULL;
    if (!text)
        text = cJSON_GetStringValue(cJSON_GetArrayItem(connection, 1));
    if (text)
        return arena_format(finder->arena, "device %s", text);
    if (node[0])
        return arena_format(finder->arena, "node %s", node);
    const char *topic = ha_config_topic(&entity->config, "state_topic", true);
    return topic ? arena_format(finder->arena, "topic %s", topic)
                 : arena_format(finder->arena, "entity %s %s", entity->component, entity->object);
}

static void ha_finder_add_entity(struct ha_finder *finder, struct ha_entity *entity,
                                 const cJSON *device, const char *node)
{
    const char *key = ha_group_key(finder, device, entity, node);
    struct ha_group *group = string_map_find(&finder->groups, key);
    if (!group) {
        group = arena_alloc(finder->arena, sizeof *group);
        *group = (struct ha_group){.last = &group->first};
        string_map_add(&finder->groups, key, group);
        *finder->last = group;
        finder->last = &group->next;
        const char *name = cJSON_GetStringValue(ha_object_find(device, "name"));
        group->label = name && name[0] ? name : strchr(key, ' ') + 1;
        const char *maker = cJSON_GetStringValue(ha_object_find(device, "manufacturer"));
        const char *model = cJSON_GetStringValue(ha_object_find(device, "model"));
        if (maker || model)
            group->description = arena_format(finder->arena, "%s%s%s", maker ? maker : "",
                                              maker && model ? " " : "", model ? model : "");
    }
    *group->last = entity;
    group->last = &entity->next;
}

static struct ha_entity *ha_finder_make_entity(struct ha_finder *finder, const cJSON *config,
                                               const cJSON *shared, const char *component,
                                               const char *object)
{
    if (!cJSON_IsObject(config) || cJSON_GetArraySize(config) > MAKER_MEMBERS_MAX)
        return NULL;
    struct ha_entity *entity = arena_alloc(finder->arena, sizeof *entity);
    entity->config = (struct ha_config){finder->arena, config, shared};
    entity->component = component;
    entity->object = object;
    return entity;
}

/* True when the payload describes an entity: it names a device or a topic. */
static bool ha_payload_is_entity(const cJSON *config)
{
    const cJSON *item;
    if (cJSON_IsObject(ha_object_find(config, "device")))
        return true;
    cJSON_ArrayForEach(item, config)
    {
        size_t len = item->string ? strlen(item->string) : 0;
        if (len > 2 && cJSON_IsString(item) &&
            (strcmp(item->string + len - 2, "_t") == 0 ||
             (len > 6 && strcmp(item->string + len - 6, "_topic") == 0)))
            return true;
    }
    return false;
}

/* Reads the configuration in a topic. False when it is not one. */
static bool ha_finder_read_config(struct ha_finder *finder, const struct ha_address *address,
                                  const cJSON *config)
{
    if (!cJSON_IsObject(config) || cJSON_GetArraySize(config) > MAKER_MEMBERS_MAX)
        return false;
    const cJSON *device = ha_object_find(config, "device");
    const cJSON *components = ha_object_find(config, "components"), *component;
    if (strcmp(address->component, "device") != 0) {
        struct ha_entity *entity =
            ha_finder_make_entity(finder, config, NULL, address->component, address->object);
        if (!entity || !ha_payload_is_entity(config))
            return false;
        ha_finder_add_entity(finder, entity, device, address->node);
        return true;
    }
    if (!cJSON_IsObject(components) || cJSON_GetArraySize(components) > HA_COMPONENTS_MAX)
        return false;
    cJSON_ArrayForEach(component, components)
    {
        const char *platform = cJSON_GetStringValue(ha_object_find(component, "platform"));
        struct ha_entity *entity =
            platform ? ha_finder_make_entity(finder, component, config, platform, component->string)
                     : NULL;
        if (entity)
            ha_finder_add_entity(finder, entity, device,
                                 address->node[0] ? address->node : address->object);
    }
    return true;
}

static void ha_finder_read_topics(struct ha_finder *finder)
{
    struct survey_topic topic;
    for (uint32_t i = 0; survey_read_topic(proposal_survey(finder->proposal), i, &topic); i++) {
        struct ha_address address;
        if (proposal_is_claimed(finder->proposal, &topic) ||
            !ha_address_read(finder->arena, topic.topic, &address))
            continue;
        if (topic.format == SURVEY_NO_PAYLOAD) { /* the entity was removed */
            proposal_claim_topic(finder->proposal, &topic);
            continue;
        }
        cJSON *tree = maker_json_parse(&topic);
        if (!tree || !ha_finder_read_config(finder, &address, tree)) {
            cJSON_Delete(tree);
            continue;
        }
        proposal_claim_topic(finder->proposal, &topic);
        struct ha_trees *kept = arena_alloc(finder->arena, sizeof *kept);
        *kept = (struct ha_trees){tree, finder->trees};
        finder->trees = kept;
    }
}

/* What the topics of a group say about it. */
struct ha_topics {
    struct ha_finder *finder;
    struct string_map counts; /* from the topic to its count, a size_t */
    const char *most_used;
    size_t most;
    bool is_proposed;
};

/* Counts a topic of values, and sees whether another recogniser has proposed it: the topic, or all
 * devices of a Zigbee2MQTT above it. */
static void ha_topics_visit(void *context, const char *topic)
{
    struct ha_topics *topics = context;
    const struct survey *survey = proposal_survey(topics->finder->proposal);
    struct survey_topic heard;
    if (maker_find_topic(topics->finder->proposal, topic, &heard) &&
        proposal_is_claimed(topics->finder->proposal, &heard))
        topics->is_proposed = true;
    for (const char *slash = strchr(topic, '/'); slash && !topics->is_proposed;
         slash = strchr(slash + 1, '/')) {
        const char *devices =
            arena_format(topics->finder->arena, "%.*s/bridge/devices", (int)(slash - topic), topic);
        topics->is_proposed = survey_find_topic(survey, devices, &heard) &&
                              proposal_is_claimed(topics->finder->proposal, &heard);
    }
    size_t *count = string_map_find(&topics->counts, topic);
    if (!count) {
        count = arena_alloc(topics->finder->arena, sizeof *count);
        string_map_add(&topics->counts, topic, count);
    }
    if (++*count > topics->most) {
        topics->most = *count;
        topics->most_used = topic;
    }
}

/* The first topic of a command or of availability, for a device without values. */
static const char *ha_group_spare_topic(const struct ha_group *group)
{
    for (const struct ha_entity *entity = group->first; entity; entity = entity->next) {
        const char *topic = ha_config_topic(&entity->config, "availability_topic", true);
        topic = topic ? topic : ha_config_topic(&entity->config, "command_topic", true);
        if (topic)
            return topic;
    }
    return NULL;
}

/* One source of availability. */
struct ha_availability {
    const char *topic, *template_text, *available, *unavailable;
};

static const char *ha_object_text(struct arena *arena, const cJSON *object, const char *name,
                                  const char *fallback)
{
    const cJSON *item = ha_object_find(object, name);
    const char *text = item ? json_scalar_print(arena, item) : NULL;
    return text ? text : fallback;
}

static size_t ha_common_length(const char *a, const char *b)
{
    size_t len = 0;
    while (a[len] && a[len] == b[len])
        len++;
    return len;
}

/* Reads the availability of an entity. Of several topics the one that is most like the device's is
 * taken: the others are those of a gateway. Returns their number. */
static size_t ha_config_read_availability(const struct ha_config *config, const char *device_topic,
                                          struct ha_availability *best)
{
    const char *topic = ha_config_topic(config, "availability_topic", true);
    const cJSON *list = ha_config_find(config, "availability"), *entry;
    *best = (struct ha_availability){topic, ha_config_text(config, "availability_template", NULL),
                                     ha_config_text(config, "payload_available", "online"),
                                     ha_config_text(config, "payload_not_available", "offline")};
    if (topic)
        return 1;
    size_t count = 0, longest = 0;
    const cJSON *single = cJSON_IsObject(list) ? list : NULL;
    for (entry = single ? single
                 : list ? list->child
                        : NULL;
         entry; entry = single ? NULL : entry->next) {
        topic = ha_object_topic(config, entry, "topic", true);
        size_t like = topic ? ha_common_length(topic, device_topic) : 0;
        count += topic != NULL;
        if (!topic || (best->topic && like <= longest))
            continue;
        longest = like;
        const cJSON *template_item = cJSON_GetObjectItemCaseSensitive(entry, "value_template");
        if (!template_item)
            template_item = cJSON_GetObjectItemCaseSensitive(entry, "val_tpl");
        *best = (struct ha_availability){
            topic, cJSON_GetStringValue(template_item),
            ha_object_text(config->arena, entry, "payload_available", "online"),
            ha_object_text(config->arena, entry, "payload_not_available", "offline")};
    }
    return count;
}

static void ha_group_set_availability(struct ha_finder *finder, const struct ha_group *group,
                                      struct proposal_device *device, const char *device_topic,
                                      struct string_map *explained)
{
    struct ha_availability found = {0};
    size_t count = 0;
    const struct ha_entity *entity = group->first;
    for (; entity && count == 0; entity = entity->next)
        count = ha_config_read_availability(&entity->config, device_topic, &found);
    if (count == 0)
        return;
    struct ha_value value = {.pointer = "", .is_text = true, .factor = 1};
    if (found.template_text &&
        !ha_template_read_value(finder->arena, found.template_text, &value)) {
        proposal_note(finder->proposal,
                      "%s: no availability, because its template is more than a key: %.200s",
                      group->label, found.template_text);
        return;
    }
    if (strcmp(found.available, found.unavailable) == 0)
        return;
    if (count > 1)
        proposal_note(finder->proposal,
                      "%s: its availability depends on %zu topics; only %s was proposed",
                      group->label, count, found.topic);
    maker_set_availability(device, found.topic,
                           value.is_text ? NULL : maker_pointer_key(finder->arena, value.pointer),
                           found.available, found.unavailable);
    maker_map_put(explained, found.topic, explained);
}

/* Settings that Home Assistant has for each entity, and Tagferry for a device: the largest. */
static void ha_group_set_numbers(const struct ha_group *group, struct proposal_device *device)
{
    double expires = 0, qos = -1;
    for (const struct ha_entity *entity = group->first; entity; entity = entity->next) {
        double seconds = ha_config_number(&entity->config, "expire_after", 0);
        double level = ha_config_number(&entity->config, "qos", -1);
        expires = seconds > expires && seconds < 31536000 ? seconds : expires;
        qos = level > qos && (level == 0 || level == 1 || level == 2) ? level : qos;
    }
    if (expires >= 1)
        proposal_set_number(device->body, "mqtt.stale_after_s", (double)(long)expires);
    if (qos >= 0)
        proposal_set_number(device->body, "mqtt.qos", qos);
}

static void ha_explained_visit(void *context, const char *topic)
{
    maker_map_put(context, topic, context);
}

static void ha_group_propose(struct ha_finder *finder, const struct ha_group *group,
                             const char *topic, struct string_map *explained)
{
    struct proposal_device *device = proposal_add_device(finder->proposal, group->label, topic);
    if (group->description)
        proposal_set_text(device->body, "description", group->description);
    ha_group_set_availability(finder, group, device, topic, explained);
    ha_group_set_numbers(group, device);
    for (const struct ha_entity *entity = group->first; entity; entity = entity->next) {
        if (ha_entity_add_tags(finder->proposal, device, entity, topic) > 0)
            ha_entity_visit_topics(entity, ha_explained_visit, explained);
        const char *command = ha_config_topic(&entity->config, "command_topic", false);
        if (command)
            maker_map_put(explained, command, explained);
    }
}

void recognise_home_assistant(struct proposal *proposal)
{
    struct arena *arena = proposal_arena(proposal);
    struct ha_finder finder = {
        .proposal = proposal, .arena = arena, .groups = {.arena = arena}, .last = &finder.first};
    struct string_map explained = {.arena = arena};
    ha_finder_read_topics(&finder);
    for (const struct ha_group *group = finder.first; group; group = group->next) {
        struct ha_topics topics = {.finder = &finder, .counts = {.arena = arena}};
        bool has_values = false;
        for (const struct ha_entity *entity = group->first; entity; entity = entity->next) {
            ha_entity_visit_topics(entity, ha_topics_visit, &topics);
            has_values = has_values || ha_entity_has_values(entity);
        }
        const char *topic = topics.most_used ? topics.most_used : ha_group_spare_topic(group);
        if (topic && has_values && !topics.is_proposed)
            ha_group_propose(&finder, group, topic, &explained);
    }
    maker_claim_topics(proposal, &explained);
    while (finder.trees) {
        cJSON_Delete(finder.trees->tree);
        finder.trees = finder.trees->next;
    }
}
