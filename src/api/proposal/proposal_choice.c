/* Leaves out what is not wanted. */
#include <string.h>

#include "api/proposal/proposal_internal.h"
#include "common/model/topic.h"

bool proposal_wants(const struct proposal *proposal, const char *topic, const char *key)
{
    const struct proposal_choice *choice = proposal->choice;
    bool wanted = !choice || choice->filter_count == 0;
    for (size_t i = 0; !wanted && i < choice->filter_count; i++)
        wanted = strcmp(choice->filters[i], topic) == 0 || topic_matches(choice->filters[i], topic);
    if (!wanted || !choice || choice->key_count == 0)
        return wanted;
    for (size_t i = 0; i < choice->key_count; i++) {
        /* "Power" also wants "/ENERGY/Power". */
        const char *end = strrchr(key, '/'), *asked = choice->keys[i];
        if (strcmp(asked, key) == 0 || (end && strcmp(asked, end + 1) == 0))
            return true;
    }
    return false;
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

size_t proposal_drop_unwanted(struct proposal *proposal)
{
    size_t tag_count = 0, dropped = 0;
    for (size_t i = 0; i < proposal->device_count; i++) {
        cJSON *body = proposal->devices[i]->body;
        cJSON *tags = cJSON_GetObjectItemCaseSensitive(body, "tags"), *next;
        const char *device_topic = member_text(body, "mqtt", "topic");
        for (cJSON *tag = tags->child; tag; tag = next) {
            const char *own = member_text(tag, "mqtt", "topic");
            const char *topic = own ? own : device_topic, *key = member_text(tag, "mqtt", "key");
            next = tag->next;
            if (proposal_wants(proposal, topic ? topic : "", key ? key : ""))
                tag_count++;
            else
                cJSON_Delete(cJSON_DetachItemViaPointer(tags, tag));
        }
        if (!tags->child) {
            proposal_drop_device(proposal, i);
            dropped++;
        }
    }
    proposal_close_gaps(proposal);
    proposal->tag_count = tag_count;
    return dropped;
}
