/* What is configured already is not proposed again. New tags of a device that the store has become
 * tags of this device. */
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/plain_name.h"
#include "api/proposal/proposal_internal.h"

enum { OWNERS_NAMED = 3 };

/* Returns "TOPIC WHERE" of the level above a topic, or NULL. */
static const char *known_parent_name(struct arena *arena, const char *topic, const char *where)
{
    const char *end = strrchr(topic, '/');
    return end ? arena_format(arena, "%.*s %s", (int)(end - topic), topic, where ? where : "")
               : NULL;
}

static void known_count_value(struct proposal *proposal, const struct proposal_reading *reading,
                              const struct proposal_owner *owner)
{
    struct known_count *known = &proposal->known;
    struct arena *arena = proposal->arena;
    known->values++;
    if (!string_map_find(&known->owners, owner->device)) {
        string_map_add(&known->owners, owner->device, proposal);
        if (known->owners.count <= OWNERS_NAMED)
            known->named = known->named ? arena_format(arena, "%s, %s", known->named, owner->device)
                                        : owner->device;
    }
    const char *parent = known_parent_name(arena, reading->topic, reading->where);
    if (owner->may_grow && parent && !string_map_find(&known->parents, parent))
        string_map_add(&known->parents, parent, (void *)owner->device);
}

bool proposal_is_known(struct proposal *proposal, const struct proposal_reading *reading,
                       const char *command_topic, const char *command_template)
{
    const struct proposal_known *known = proposal->choice ? proposal->choice->known : NULL;
    struct proposal_owner owner;
    if (!known)
        return false;
    if (command_topic
            ? known->find_command(known->context, reading, command_topic, command_template, &owner)
            : known->find_reading(known->context, reading, &owner)) {
        known_count_value(proposal, reading, &owner);
        return true;
    }
    bool is_published = !command_topic && known->is_published(known->context, reading->topic);
    proposal->known.published += is_published;
    return is_published;
}

void proposal_note_known(struct proposal *proposal)
{
    const struct known_count *known = &proposal->known;
    size_t more = known->owners.count > OWNERS_NAMED ? known->owners.count - OWNERS_NAMED : 0;
    if (known->values > 0)
        proposal_note(proposal,
                      "%zu %s configured already, in %s%s: %s left out. configured=true proposes "
                      "all.",
                      known->values, known->values == 1 ? "value is" : "values are", known->named,
                      more > 0 ? arena_format(proposal->arena, " and %zu more", more) : "",
                      known->values == 1 ? "it is" : "they are");
    if (known->published > 0)
        proposal_note(proposal,
                      "%zu %s of topics to which Tagferry publishes commands or requests: %s left "
                      "out.",
                      known->published, known->published == 1 ? "value is" : "values are",
                      known->published == 1 ? "it is" : "they are");
}

/* A device of the store that gets new tags. */
struct known_growth {
    struct proposal_stored stored;
    struct proposal_device *device; /* the first one of the proposal that adds to it */
    struct string_map names;        /* of the new tags */
};

/* Returns the device of the store that the tags belong to, or NULL. */
static const char *known_find_owner(struct proposal *proposal, const cJSON *body)
{
    const struct proposal_known *known = proposal->choice->known;
    const cJSON *tags = cJSON_GetObjectItemCaseSensitive(body, "tags");
    const cJSON *conditions =
        cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(body, "mqtt"), "where");
    const char *topic = proposal_member_text(body, "mqtt", "topic");
    const char *where = conditions ? json_tree_print(proposal->arena, conditions) : NULL;
    const char *owner = topic ? known->find_device(known->context, topic, where) : NULL;
    if (owner || !topic || !proposal_member_text(tags->child, "mqtt", "topic"))
        return owner;
    /* Topics side by side, with one value each. */
    const char *parent = known_parent_name(proposal->arena, topic, where);
    return parent ? string_map_find(&proposal->known.parents, parent) : NULL;
}

/* Adds the tags of a device of the proposal to those that a device of the store gets. */
static void known_add_growth(struct proposal *proposal, struct known_growth *growth,
                             const char *topic, cJSON *tags, cJSON *all)
{
    const struct proposal_known *known = proposal->choice->known;
    struct arena *arena = proposal->arena;
    const char *device = record_field_text(growth->stored.device, DEVICE_NAME);
    const char *stored_topic = record_field_text(growth->stored.device, DEVICE_TOPIC);
    cJSON *tag;
    while ((tag = cJSON_DetachItemFromArray(tags, 0))) {
        const char *own = proposal_member_text(tag, "mqtt", "topic");
        const char *read = arena_strdup(arena, own ? own : topic);
        const char *direction =
            cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tag, "direction"));
        if (!direction || strcmp(direction, direction_names[TO_MQTT]) != 0)
            proposal_set_text(tag, "mqtt.topic", strcmp(read, stored_topic) != 0 ? read : NULL);
        const char *base = arena_strdup(
            arena, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tag, "name")));
        const char *name = plain_name_make_unique(&growth->names, base);
        while (known->tag_is_taken(known->context, device, name))
            name = plain_name_make_unique(&growth->names, base);
        proposal_set_name(tag, name);
        cJSON_AddItemToArray(all, tag);
    }
}

/* Makes the tags of a device new tags of a device of the store. */
static void known_join_device(struct proposal *proposal, struct string_map *growths, size_t at,
                              const char *name)
{
    const struct proposal_known *known = proposal->choice->known;
    struct proposal_device *device = proposal->devices[at];
    struct known_growth *growth = string_map_find(growths, name);
    const char *topic = proposal_member_text(device->body, "mqtt", "topic");
    bool is_first = !growth;
    if (is_first) {
        growth = arena_alloc(proposal->arena, sizeof *growth);
        *growth = (struct known_growth){.device = device, .names = {.arena = proposal->arena}};
        if (!known->read_device(known->context, name, &growth->stored))
            return;
        string_map_add(growths, name, growth);
    }
    cJSON *tags = cJSON_DetachItemFromObjectCaseSensitive(device->body, "tags");
    cJSON *all = is_first ? cJSON_CreateArray()
                          : cJSON_GetObjectItemCaseSensitive(growth->device->body, "tags");
    known_add_growth(proposal, growth, topic, tags, all);
    cJSON_Delete(tags);
    if (!is_first) {
        proposal_drop_device(proposal, at);
        return;
    }
    /* Whatever else it had would change the device. */
    cJSON_Delete(device->body);
    device->body = cJSON_CreateObject();
    cJSON_AddStringToObject(device->body, "name", name);
    cJSON_AddItemToObject(device->body, "tags", all);
    device->stored = &growth->stored;
}

void proposal_join_stored(struct proposal *proposal)
{
    struct string_map growths = {.arena = proposal->arena};
    if (!proposal->choice || !proposal->choice->known)
        return;
    for (size_t i = 0; i < proposal->device_count; i++) {
        const char *owner = known_find_owner(proposal, proposal->devices[i]->body);
        if (owner)
            known_join_device(proposal, &growths, i, owner);
    }
    proposal_close_gaps(proposal);
}
