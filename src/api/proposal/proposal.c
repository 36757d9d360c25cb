/* Builds devices and tags as trees of cJSON. The names are made at the end: until then "name" is
 * empty, or the text to make it from. */
#include <math.h>
#include <string.h>

#include "api/proposal/proposal_internal.h"
#include "common/base/json_text.h"

/* Notes what the survey and the proposal leave out, and why a proposal is empty. */
static void proposal_note_losses(struct proposal *proposal)
{
    struct survey_totals totals = survey_read_totals(proposal->survey);
    struct survey_topic topic;
    size_t topics = 0;
    const char *first = "";
    if (proposal->lost_devices > 0 || proposal->lost_tags > 0)
        proposal_note(
            proposal,
            "The proposal is full: %zu more devices and %zu more tags are left out. Choose "
            "with topic=FILTER, or discover fewer topics at once.",
            proposal->lost_devices, proposal->lost_tags);
    proposal_note_known(proposal);
    if (totals.messages == 0)
        proposal_note(proposal, "No message was heard yet. Some devices publish rarely, and a "
                                "broker may accept a filter, and yet keep the messages from this "
                                "user: look into its access rules.");
    else if (proposal->choice &&
             (proposal->choice->filter_count > 0 || proposal->choice->key_count > 0) &&
             proposal->device_count == 0 && proposal->lost_tags == 0 &&
             proposal->known.values + proposal->known.published == 0)
        proposal_note(proposal, "No value has a topic and a key that are asked for. In a URL, + is "
                                "written as %%2B and # as %%23.");
    else if (proposal->device_count == 0 && !proposal->remarks)
        proposal_note(proposal, "Nothing that was heard can be proposed yet. Ask again when more "
                                "was heard; a discovery may also listen longer, with seconds.");
    for (uint32_t i = 0; survey_read_topic(proposal->survey, i, &topic); i++) {
        if (topic.lost_keys == 0)
            continue;
        first = topics++ == 0 ? topic.topic : first;
    }
    if (topics > 0)
        proposal_note(proposal,
                      "%zu %s more values than a discovery keeps, such as %s: of an array whose "
                      "elements have no name only the first ones, of a topic 1,000 values.",
                      topics, topics == 1 ? "topic has" : "topics have", first);
    if (totals.lost_messages > 0)
        proposal_note(proposal, "The memory of the discovery was full: further topics are left "
                                "out. Raise discovery_mb of [mqttd], or discover fewer topics.");
}

struct proposal *proposal_make(struct arena *arena, const struct survey *survey,
                               const struct recogniser *recognisers,
                               const struct proposal_choice *choice)
{
    struct survey_topic topic;
    struct proposal *proposal = arena_alloc(arena, sizeof *proposal);
    *proposal = (struct proposal){
        .survey = survey, .choice = choice, .recognisers = recognisers, .arena = arena};
    proposal->remarks_end = &proposal->remarks;
    proposal->noted.arena = arena;
    proposal->known.owners.arena = proposal->known.parents.arena = arena;
    while (survey_read_topic(survey, proposal->topics, &topic))
        proposal->topics++;
    proposal->claimed = arena_alloc(arena, proposal->topics + 1);
    proposal->extra_devices = cJSON_CreateArray();
    proposal->extra_tags = cJSON_CreateArray();
    for (const struct recogniser *row = recognisers; row->name; row++) {
        size_t lost_tags = proposal->lost_tags, before = proposal->device_count;
        struct proposal_remark **remarks_end = proposal->remarks_end;
        proposal->recogniser = row->name;
        row->propose(proposal);
        size_t made = proposal->device_count - before;
        size_t empty = proposal_drop_unwanted(proposal, before);
        if (made > 0 && proposal->device_count == before) { /* its notes are of no use, either */
            *remarks_end = NULL;
            proposal->remarks_end = remarks_end;
        }
        if (proposal->lost_tags > lost_tags) /* devices that are empty because it is full */
            proposal->lost_devices += empty;
    }
    proposal->recogniser = NULL;
    proposal_note_losses(proposal);
    return proposal;
}

void proposal_finish(struct proposal *proposal)
{
    if (!proposal)
        return;
    for (size_t i = 0; i < proposal->device_count; i++)
        cJSON_Delete(proposal->devices[i]->body);
    proposal->device_count = 0;
    cJSON_Delete(proposal->profiles);
    proposal->profiles = NULL;
    cJSON_Delete(proposal->extra_devices);
    cJSON_Delete(proposal->extra_tags);
    proposal->extra_devices = proposal->extra_tags = NULL;
}

const struct survey *proposal_survey(const struct proposal *proposal)
{
    return proposal->survey;
}

uint32_t proposal_count_topics(const struct proposal *proposal)
{
    return proposal->topics;
}

struct arena *proposal_arena(struct proposal *proposal)
{
    return proposal->arena;
}

void proposal_claim_topic(struct proposal *proposal, const struct survey_topic *topic)
{
    if (topic->number < proposal->topics)
        proposal->claimed[topic->number] = true;
}

bool proposal_is_claimed(const struct proposal *proposal, const struct survey_topic *topic)
{
    return topic->number < proposal->topics && proposal->claimed[topic->number];
}

/* Returns the object of a member's path and the member's name, such as "mqtt" and "topic". */
static cJSON *proposal_find_group(cJSON *resource, const char **path)
{
    const char *dot = strchr(*path, '.');
    char group[32];
    if (!dot || (size_t)(dot - *path) >= sizeof group)
        return resource;
    memcpy(group, *path, (size_t)(dot - *path));
    group[dot - *path] = '\0';
    *path = dot + 1;
    cJSON *object = cJSON_GetObjectItemCaseSensitive(resource, group);
    return object ? object : cJSON_AddObjectToObject(resource, group);
}

void proposal_set_object(struct cJSON *resource, const char *path, struct cJSON *object)
{
    cJSON *group = proposal_find_group(resource, &path);
    if (!object)
        cJSON_DeleteItemFromObjectCaseSensitive(group, path);
    else if (cJSON_HasObjectItem(group, path))
        cJSON_ReplaceItemInObjectCaseSensitive(group, path, object);
    else
        cJSON_AddItemToObject(group, path, object);
}

void proposal_set_text(struct cJSON *resource, const char *path, const char *text)
{
    proposal_set_object(resource, path, text ? cJSON_CreateString(text) : NULL);
}

void proposal_set_number(struct cJSON *resource, const char *path, double number)
{
    proposal_set_object(resource, path, isfinite(number) ? cJSON_CreateNumber(number) : NULL);
}

void proposal_set_flag(struct cJSON *resource, const char *path, bool flag)
{
    proposal_set_object(resource, path, cJSON_CreateBool(flag));
}

void proposal_set_name(struct cJSON *resource, const char *name)
{
    proposal_set_text(resource, "name", name);
}

struct proposal_device *proposal_add_device(struct proposal *proposal, const char *label,
                                            const char *topic)
{
    struct proposal_device *device = arena_alloc(proposal->arena, sizeof *device);
    device->recogniser = proposal->recogniser;
    device->body = cJSON_CreateObject();
    cJSON_AddStringToObject(device->body, "name", "");
    if (label && *label)
        proposal_set_text(device->body, "label", label);
    proposal_set_text(device->body, "mqtt.topic", topic);
    cJSON_AddArrayToObject(device->body, "tags");
    if (proposal->device_count == PROPOSAL_DEVICES_MAX) {
        proposal->lost_devices++;
        cJSON_AddItemToArray(proposal->extra_devices, device->body);
        return device;
    }
    proposal->devices = arena_grow(proposal->arena, proposal->devices, proposal->device_count,
                                   &proposal->device_room, sizeof(struct proposal_device *));
    proposal->devices[proposal->device_count++] = device;
    return device;
}

struct cJSON *proposal_add_tag(struct proposal *proposal, struct proposal_device *device,
                               const char *label, const char *key)
{
    cJSON *tag = cJSON_CreateObject();
    cJSON_AddStringToObject(tag, "name", "");
    if (label && *label)
        proposal_set_text(tag, "label", label);
    proposal_set_text(tag, "mqtt.key", key ? key : "");
    if (proposal->tag_count < PROPOSAL_TAGS_MAX) {
        proposal->tag_count++;
        cJSON_AddItemToArray(cJSON_GetObjectItemCaseSensitive(device->body, "tags"), tag);
    } else {
        /* The recogniser goes on with this tag, and with some before it. */
        if (proposal->lost_tags++ >= PROPOSAL_EXTRA_TAGS_KEPT)
            cJSON_Delete(cJSON_DetachItemFromArray(proposal->extra_tags, 0));
        cJSON_AddItemToArray(proposal->extra_tags, tag);
    }
    return tag;
}

void proposal_note(struct proposal *proposal, const char *format, ...)
{
    struct proposal_remark *remark = arena_alloc(proposal->arena, sizeof *remark);
    va_list args;
    va_start(args, format);
    remark->text = arena_vformat(proposal->arena, format, args);
    va_end(args);
    if (string_map_find(&proposal->noted, remark->text))
        return;
    bool is_full = proposal->recogniser && proposal->noted.count >= PROPOSAL_NOTES_MAX;
    if (is_full && proposal->noted.count == PROPOSAL_NOTES_MAX)
        remark->text = "There are more notes than can be shown: choose with topic=FILTER to see "
                       "those of some topics.";
    else if (is_full)
        return;
    string_map_add(&proposal->noted, remark->text, remark);
    remark->next = NULL;
    *proposal->remarks_end = remark;
    proposal->remarks_end = &remark->next;
}
