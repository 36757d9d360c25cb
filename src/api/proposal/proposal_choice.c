/* Leaves out what is not wanted. */
#include <string.h>

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
static bool proposal_wants_tag(struct proposal *proposal, const char *topic, const char *where,
                               const char *key, const char *command_topic)
{
    const struct proposal_choice *choice = proposal->choice;
    if (!choice)
        return true;
    if (!choice_has(choice, topic, key))
        return false;
    bool is_known =
        choice->is_known && choice->is_known(choice->context, command_topic ? command_topic : topic,
                                             where, key, command_topic != NULL);
    proposal->known_tags += is_known;
    return !is_known;
}

bool proposal_wants(struct proposal *proposal, const char *topic, const char *where,
                    const char *key)
{
    return proposal_wants_tag(proposal, topic, where, key, NULL);
}

static const char *member_text(const cJSON *resource, const char *group, const char *name)
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
        const char *device_topic = member_text(body, "mqtt", "topic");
        const cJSON *condition = cJSON_GetObjectItemCaseSensitive(
            cJSON_GetObjectItemCaseSensitive(body, "mqtt"), "where");
        char *where = condition ? cJSON_PrintUnformatted(condition) : NULL;
        for (cJSON *tag = tags->child; tag; tag = next) {
            const char *own = member_text(tag, "mqtt", "topic");
            const char *topic = own ? own : device_topic, *key = member_text(tag, "mqtt", "key");
            const char *direction =
                cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(tag, "direction"));
            bool is_command = direction && strcmp(direction, direction_names[TO_MQTT]) == 0;
            next = tag->next;
            if (proposal_wants_tag(proposal, topic ? topic : "", where, key ? key : "",
                                   is_command ? member_text(tag, "mqtt", "command_topic") : NULL))
                continue;
            cJSON_Delete(cJSON_DetachItemViaPointer(tags, tag));
            proposal->tag_count--;
        }
        cJSON_free(where);
        if (!tags->child) {
            proposal_drop_device(proposal, i);
            dropped++;
        }
    }
    proposal_close_gaps(proposal);
    return dropped;
}
