#include "ctl/why/why_ask.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/utc.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/pages.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"

/* Messages of the device that are looked at, messages of all topics, changes of the tag. */
enum { DEVICE_MESSAGES = 50, ALL_MESSAGES = 1000, CHANGES = 10 };
#define LATELY_MS   UINT64_C(600000)
#define DAYS_AGO_MS UINT64_C(604800000)

/* Asks for what the device or the tag cannot be without. */
static enum ctl_status why_ask_object(struct client *client, const char *path, const char *what,
                                      const cJSON **json)
{
    struct client_reply reply;
    enum ctl_status status =
        client_send_checked(client, &(struct client_request){.path = path}, &reply, what);
    *json = status == CTL_DONE ? reply.json : NULL;
    return status;
}

/* Asks for what may be refused. NULL then; *problem is what the answer says, if not NULL. */
static const cJSON *why_ask_more(struct client *client, const char *path, const char *query,
                                 const char **problem)
{
    struct client_reply reply;
    const struct client_request request = {.path = path, .query = query};
    if (client_send(client, &request, &reply) != CTL_DONE)
        return NULL;
    if (reply.status == 200)
        return reply.json;
    if (problem)
        *problem = json_read_text(reply.json, "detail");
    return NULL;
}

static const cJSON *why_ask_list(struct client *client, const char *path, const char *query)
{
    return json_read_array(why_ask_more(client, path, query, NULL), "items");
}

/* What the newest message of the tag's topic gives. */
static void why_ask_preview(struct client *client, struct why_facts *facts)
{
    struct client_reply reply;
    cJSON *body = cJSON_CreateObject(), *tag = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "device", facts->device_name);
    cJSON_AddStringToObject(tag, "name", facts->tag_name);
    cJSON_AddItemToObject(body, "tag", tag);
    const char *text = json_value_json(body);
    cJSON_Delete(body);
    const struct client_request request = {
        .path = "/discoveries/preview", .body = text, .len = strlen(text)};
    if (client_send(client, &request, &reply) != CTL_DONE || reply.status != 200)
        return;
    facts->preview = reply.json;
    const cJSON *message = json_read_member(reply.json, "message");
    const char *payload = json_read_text(message, "payload");
    if (strcmp(json_read_text(message, "encoding"), "text") == 0)
        facts->payload = cJSON_ParseWithLength(payload, strlen(payload));
}

static const cJSON *why_find_value(const cJSON *values, const char *tag)
{
    const cJSON *one = values ? values->child : NULL;
    while (one && strcmp(json_read_text(one, "tag"), tag) != 0)
        one = one->next;
    return one;
}

/* The first tag that is not good, else the first one; NULL without tags. */
static const char *why_choose_tag(const cJSON *values)
{
    static const char *const order[] = {"bad", "stale", "never", "good"};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        for (const cJSON *one = values ? values->child : NULL; one; one = one->next) {
            if (strcmp(json_read_text(one, "quality"), order[i]) == 0 &&
                (i == 3 || strcmp(json_read_text(one, "reason"), "disabled") != 0))
                return json_read_text(one, "tag");
        }
    }
    return values && values->child ? json_read_text(values->child, "tag") : NULL;
}

static void why_ask_value(struct client *client, struct why_facts *facts)
{
    const char *path =
        client_path("/devices/{}/tags/{}/value", facts->device_name, facts->tag_name);
    facts->value = why_ask_more(client, path, NULL, &facts->value_problem);
    if (facts->value)
        return;
    /* The Modbus server cannot be read. The list says all else about the value. */
    const char *query =
        query_add(query_add_number(NULL, "limit", 1000), "device", facts->device_name);
    facts->value = why_find_value(why_ask_list(client, "/values", query), facts->tag_name);
}

/* What may matter where all is well, or nothing is heard. */
static void why_ask_rest(struct client *client, struct why_facts *facts)
{
    const char *quality = json_read_text(facts->value ? facts->value : facts->status, "quality");
    const char *reason = json_read_text(facts->value ? facts->value : facts->status, "reason");
    const char *changes = query_add_number(NULL, "limit", CHANGES);
    if (strcmp(reason, "never_heard") == 0 && !json_read_text(facts->preview, "message.at")[0])
        facts->heard =
            why_ask_list(client, "/messages", query_add_number(NULL, "limit", ALL_MESSAGES));
    if (strcmp(quality, "good") != 0 && strcmp(reason, "expired") != 0 &&
        strcmp(reason, "never_heard") != 0)
        return;
    facts->clients = why_ask_more(client, "/modbus/clients", NULL, NULL);
    if (facts->tag_name)
        facts->changes = why_ask_list(
            client, "/audit",
            query_add(query_add(changes, "device", facts->device_name), "tag", facts->tag_name));
}

/* What SCADA wrote, of a tag that no message gives a value. */
static void why_ask_history(struct client *client, struct why_facts *facts)
{
    const char *query = query_add_number(query_add(NULL, "from", facts->days_ago), "points", 2);
    const char *path =
        client_path("/devices/{}/tags/{}/history", facts->device_name, facts->tag_name);
    if (strcmp(json_read_text(facts->tag, "direction"), "to_mqtt") == 0)
        facts->history = why_ask_more(client, path, query, NULL);
}

static const char *why_time_ago(uint64_t ms)
{
    char text[UTC_TEXT_SIZE];
    utc_format(clock_wall_ms() - ms, text);
    return keep_text(text);
}

enum ctl_status why_ask(struct client *client, const char *device, const char *tag,
                        struct why_facts *facts)
{
    struct client_reply ready;
    *facts = (struct why_facts){.server = client_server(client),
                                .device_name = device,
                                .tag_name = tag,
                                .lately = why_time_ago(LATELY_MS),
                                .days_ago = why_time_ago(DAYS_AGO_MS)};
    enum ctl_status status =
        client_send(client, &(struct client_request){.path = "/readyz", .is_root = true}, &ready);
    if (status != CTL_DONE) {
        facts->silence = client_reason(client);
        return status;
    }
    facts->ready = ready.json;
    if (strcmp(json_read_text(ready.json, "store.state"), "down") == 0)
        return CTL_DONE;
    status = why_ask_object(client, client_path("/devices/{}", device), device, &facts->device);
    if (status != CTL_DONE)
        return status;
    if (!tag) {
        const char *query = query_add(query_add_number(NULL, "limit", 1000), "device", device);
        facts->values = why_ask_list(client, "/values", query);
        facts->tag_name = tag = why_choose_tag(facts->values);
    }
    if (tag)
        status = why_ask_object(client, client_path("/devices/{}/tags/{}", device, tag),
                                keep_format("%s/%s", device, tag), &facts->tag);
    if (status != CTL_DONE)
        return status;
    facts->status = why_ask_more(client, client_path("/devices/{}/status", device), NULL, NULL);
    if (tag) {
        why_ask_value(client, facts);
        why_ask_preview(client, facts);
        why_ask_history(client, facts);
    }
    facts->messages =
        why_ask_list(client, "/messages",
                     query_add(query_add_number(NULL, "limit", DEVICE_MESSAGES), "device", device));
    why_ask_rest(client, facts);
    return CTL_DONE;
}
