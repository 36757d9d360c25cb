/* Victron's Venus OS: N/PORTAL/SERVICE/INSTANCE/PATH with {"value": X}. A device for each instance
 * of a service. */
#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/string_map.h"
#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"
#include "api/recognisers/victron_paths.h"

/* Venus OS publishes for a minute after a message on the keep-alive topic. */
enum { VICTRON_KEEPALIVE_S = 30, VICTRON_STALE_AFTER_S = 120 };

/* The parts of a topic. */
struct victron_topic {
    const char *portal, *service, *instance;
    const char *path; /* the rest, with slashes */
};

/* A device, and the name of its kind, or NULL. */
struct victron_device {
    struct proposal_device *device;
    const char *kind;
    struct victron_device *next;
};

struct victron_gateway {
    struct proposal *proposal;
    struct victron_device *first, **end;
    struct string_map devices; /* by "portal/service/instance" */
    struct string_map portals; /* the device that keeps the portal alive */
};

static bool victron_topic_read(struct arena *arena, const char *topic, struct victron_topic *parts)
{
    struct topic_levels levels = topic_levels_split(arena, topic);
    if (levels.count < 5 || strcmp(levels.at[0], "N") != 0)
        return false;
    const char *instance = levels.at[3];
    if (!*levels.at[1] || !*levels.at[2] || !*instance ||
        instance[strspn(instance, "0123456789")] != '\0')
        return false;
    size_t before =
        strlen("N/") + strlen(levels.at[1]) + 1 + strlen(levels.at[2]) + 1 + strlen(instance) + 1;
    *parts = (struct victron_topic){levels.at[1], levels.at[2], instance, topic + before};
    return true;
}

/* The text at a path of the service, such as its product name, or NULL. */
static const char *victron_find_text(struct proposal *proposal, const struct victron_topic *parts,
                                     const char *path)
{
    static const char *const keys[] = {"value", NULL};
    struct survey_topic topic;
    const char *text = arena_format(proposal_arena(proposal), "N/%s/%s/%s/%s", parts->portal,
                                    parts->service, parts->instance, path);
    return survey_find_topic(proposal_survey(proposal), text, &topic)
               ? recogniser_find_text(proposal, &topic, keys)
               : NULL;
}

/* Lets this device ask for the values of all: one request for a portal is enough. */
static void victron_keep_alive(struct victron_gateway *gateway, struct proposal_device *device,
                               const struct victron_topic *parts)
{
    struct proposal_device *old = string_map_find(&gateway->portals, parts->portal);
    bool is_system = strcmp(parts->service, "system") == 0;
    if (old && !is_system)
        return;
    if (old)
        proposal_set_object(old->body, "mqtt.request", NULL);
    else
        string_map_add(&gateway->portals, parts->portal, device);
    cJSON *request = cJSON_CreateObject();
    const char *topic =
        arena_format(proposal_arena(gateway->proposal), "R/%s/keepalive", parts->portal);
    cJSON_AddStringToObject(request, "topic", topic);
    cJSON_AddNumberToObject(request, "interval_s", VICTRON_KEEPALIVE_S);
    proposal_set_object(device->body, "mqtt.request", request);
}

static struct proposal_device *victron_take_device(struct victron_gateway *gateway,
                                                   const struct victron_topic *parts,
                                                   const char *topic)
{
    struct proposal *proposal = gateway->proposal;
    struct arena *arena = proposal_arena(proposal);
    const char *id =
        arena_format(arena, "%s/%s/%s", parts->portal, parts->service, parts->instance);
    struct victron_device *known = string_map_find(&gateway->devices, id);
    if (known)
        return known->device;
    const char *custom = victron_find_text(proposal, parts, "CustomName");
    const char *label =
        custom ? custom : arena_format(arena, "%s %s", parts->service, parts->instance);
    struct proposal_device *device = proposal_add_device(proposal, label, topic);
    known = arena_alloc(arena, sizeof *known);
    known->device = device;
    string_map_add(&gateway->devices, id, known);
    *gateway->end = known;
    gateway->end = &known->next;
    const char *product = victron_find_text(proposal, parts, "ProductName");
    if (product) {
        proposal_set_text(device->body, "description", product);
        known->kind = arena_format(arena, "Victron %s %s", parts->service, product);
    }
    proposal_set_number(device->body, "mqtt.stale_after_s", VICTRON_STALE_AFTER_S);
    struct survey_topic connected;
    const char *connected_topic = arena_format(arena, "N/%s/Connected", id);
    if (survey_find_topic(proposal_survey(proposal), connected_topic, &connected)) {
        proposal_set_text(device->body, "mqtt.availability_topic", connected_topic);
        proposal_set_text(device->body, "mqtt.availability_key", "value");
        proposal_set_text(device->body, "mqtt.payload_available", "1");
        proposal_set_text(device->body, "mqtt.payload_unavailable", "0");
    }
    victron_keep_alive(gateway, device, parts);
    return device;
}

static void victron_set_type(struct proposal *proposal, struct cJSON *tag,
                             const struct survey_key *key, const struct victron_path *known)
{
    enum { CODE_MAX = 65535 };
    if (!known)
        proposal_type_by_key(proposal, tag, key);
    else if (known->kind == VICTRON_MEASUREMENT)
        proposal_type_by_range(tag, 0, 0, 0);
    else if (known->kind == VICTRON_CODE)
        proposal_type_by_range(tag, 0, CODE_MAX, 1);
    else if (known->kind == VICTRON_COUNTER)
        proposal_type_by_range(tag, 0, UINT32_MAX, 1);
    else
        proposal_type_switch(tag, "1", "0");
}

static void victron_add_tag(struct victron_gateway *gateway, const struct survey_topic *topic,
                            const struct survey_key *key, const struct victron_topic *parts)
{
    struct proposal *proposal = gateway->proposal;
    const struct victron_path *known = victron_path_find(parts->service, parts->path);
    unsigned numbers = SURVEY_BOOL | SURVEY_INTEGER | SURVEY_DECIMAL;
    if (known && known->kind == VICTRON_IGNORED)
        return;
    if (!(key->kinds & numbers) && !(known && key->kinds == SURVEY_NULL))
        return;
    struct proposal_device *device = victron_take_device(gateway, parts, topic->topic);
    struct cJSON *tag = proposal_add_tag(proposal, device, parts->path, "value");
    proposal_set_text(tag, "mqtt.topic", topic->topic);
    victron_set_type(proposal, tag, key, known);
    if (known && *known->unit)
        proposal_set_text(tag, "unit", known->unit);
    if (known && known->is_writable)
        proposal_set_command(tag, true,
                             arena_format(proposal_arena(proposal), "W%s", topic->topic + 1), NULL);
}

/* Says what to do when only the heartbeat of an installation was heard. */
static void victron_note_silence(struct proposal *proposal)
{
    struct survey_topic topic;
    for (uint32_t n = 0; survey_read_topic(proposal_survey(proposal), n, &topic); n++) {
        struct topic_levels levels = topic_levels_split(proposal_arena(proposal), topic.topic);
        if (levels.count != 3 || strcmp(levels.at[0], "N") != 0 ||
            strcmp(levels.at[2], "heartbeat") != 0 || proposal_is_claimed(proposal, &topic))
            continue;
        proposal_claim_topic(proposal, &topic);
        proposal_note(proposal,
                      "%s: Venus OS publishes values only for a minute after a message on "
                      "R/%s/keepalive. Publish an empty one, and discover again.",
                      topic.topic, levels.at[1]);
    }
}

void recognise_victron(struct proposal *proposal)
{
    struct arena *arena = proposal_arena(proposal);
    struct victron_gateway gateway = {
        .proposal = proposal, .devices = {.arena = arena}, .portals = {.arena = arena}};
    struct kind_names kinds = {{.arena = arena}, {.arena = arena}};
    gateway.end = &gateway.first;
    struct survey_topic topic;
    for (uint32_t n = 0; survey_read_topic(proposal_survey(proposal), n, &topic); n++) {
        struct victron_topic parts;
        struct survey_key key;
        if (proposal_is_claimed(proposal, &topic) ||
            !victron_topic_read(arena, topic.topic, &parts) ||
            !survey_find_key(proposal_survey(proposal), &topic, "value", &key))
            continue;
        proposal_claim_topic(proposal, &topic);
        victron_add_tag(&gateway, &topic, &key, &parts);
    }
    if (gateway.portals.count == 0) {
        victron_note_silence(proposal);
        return;
    }
    for (struct victron_device *at = gateway.first; at; at = at->next) {
        if (at->kind)
            recogniser_set_kind(&kinds, at->device, at->kind);
    }
    for (uint32_t n = 0; survey_read_topic(proposal_survey(proposal), n, &topic); n++) {
        /* arrays, the heartbeat, values of devices that are gone */
        struct topic_levels levels = topic_levels_split(arena, topic.topic);
        if (levels.count >= 3 && strcmp(levels.at[0], "N") == 0 &&
            string_map_find(&gateway.portals, levels.at[1]))
            proposal_claim_topic(proposal, &topic);
    }
    proposal_note(proposal,
                  "Victron: one device of each installation (its system) sends the keep-alive "
                  "message for all. Texts, and settings other than the common setpoints, are left "
                  "out.");
}
