/* Leaves out what is not wanted. */
#include <string.h>

#include "api/base/json_tree.h"
#include "api/proposal/proposal_internal.h"
#include "common/model/topic.h"

/* True when the topic and the key are asked for. */
static bool choice_has(const struct proposal_choice *choice, const char *topic, const char *key)
{
    bool wanted = choice->filter_count == 0;
    for (size_t i = 0; !wanted && i < choice->filter_count; i++)
        wanted = strcmp(choice->filters[i], topic) == 0 || topic_matches(choice->filters[i], topic);
    if (!wanted || choice->key_count == 0)
        return wanted;
    for (size_t i = 0; i < choice->key_count; i++) {
        /* "Power" also wants "/ENERGY/Power". */
        const char *end = strrchr(key, '/'), *asked = choice->keys[i];
        if (strcmp(asked, key) == 0 || (end && strcmp(asked, end + 1) == 0))
            return true;
    }
    return false;
}

/* Also counts those that are known. */
static bool proposal_wants_tag(struct proposal *proposal, const struct proposal_reading *reading,
                               const char *command_topic, const char *command_template)
{
    const struct proposal_choice *choice = proposal->choice;
    return !choice || (choice_has(choice, reading->topic, reading->key) &&
                       !proposal_is_known(proposal, reading, command_topic, command_template));
}

bool proposal_wants(struct proposal *proposal, const char *topic, const char *where,
                    const char *key)
{
    const struct proposal_reading reading = {topic, where, key};
    return proposal_wants_tag(proposal, &reading, NULL, NULL);
}

const char *proposal_member_text(const cJSON *resource, const char *group, const char *name)
{
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(resource, group);
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

void proposal_drop_device(struct proposal *proposal, size_t at)
{
    cJSON_Delete(proposal->devices[at]->body);
    proposal->devices[at] = NULL;
}

void proposal_close_gaps(struct proposal *proposal)
{
    size_t kept = 0;
    for (size_t i = 0; i < proposal->device_count; i++) {
        if (proposal->devices[i])
            proposal->devices[kept++] = proposal->devices[i];
    }
    proposal->device_count = kept;
}

size_t proposal_drop_unwanted(struct proposal *proposal, size_t from)
{
    size_t dropped = 0;
    for (size_t i = from; i < proposal->device_count; i++) {
        cJSON *body = proposal->devices[i]->body;
        cJSON *tags = cJSON_GetObjectItemCaseSensitive(body, "tags"), *next;
        const char *device_topic = proposal_member_text(body, "mqtt", "topic");
        const cJSON *condition = cJSON_GetObjectItemCaseSensitive(
            cJSON_GetObjectItemCaseSensitive(body, "mqtt"), "where");
        const char *where = condition ? json_tree_print(proposal->arena, condition) : NULL;
        for (cJSON *tag = tags->child; tag; tag = next) {
            const char *own = proposal_member_text(tag, "mqtt", "topic");
            const char *topic = own ? own : device_topic;
            const char *key = proposal_member_text(tag, "mqtt", "key");
            const char *direction =
                cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tag, "direction"));
            bool is_command = direction && strcmp(direction, direction_names[TO_MQTT]) == 0;
            const struct proposal_reading reading = {topic ? topic : "", where, key ? key : ""};
            next = tag->next;
            if (proposal_wants_tag(proposal, &reading,
                                   is_command ? proposal_member_text(tag, "mqtt", "command_topic")
                                              : NULL,
                                   proposal_member_text(tag, "mqtt", "command_template")))
                continue;
            cJSON_Delete(cJSON_DetachItemViaPointer(tags, tag));
            proposal->tag_count--;
        }
        if (!tags->child) {
            proposal_drop_device(proposal, i);
            dropped++;
        }
    }
    proposal_close_gaps(proposal);
    return dropped;
}
