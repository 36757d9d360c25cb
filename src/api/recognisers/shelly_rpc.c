/* Shelly, second and later generations: PREFIX/status/switch:0 has the status of a component as
 * JSON, PREFIX/events/rpc what changed of it. Commands are RPC in PREFIX/rpc. */
#include <ctype.h>
#include <string.h>

#include "api/recognisers/shelly.h"

enum { SHELLY_MEMBERS = sizeof shelly_members / sizeof shelly_members[0] };

struct shelly_rpc_finder {
    struct proposal *proposal;
    struct arena *arena;
    struct string_map devices; /* by prefix: a struct shelly_rpc_device */
    bool has_commands;
};

struct shelly_rpc_device {
    const char *prefix;
    struct proposal_device *device; /* NULL before its first value */
    struct string_map components;   /* that it has */
};

/* Splits switch:0 into name and number; sys and wifi have none. False for an unknown one. */
static bool shelly_component_read(struct arena *arena, const char *text, const char **name,
                                  const char **number)
{
    size_t len = strcspn(text, ":");
    const char *digits = text[len] ? text + len + 1 : "";
    size_t count = 0;
    while (isdigit((unsigned char)digits[count]))
        count++;
    if (digits[count] || count > 4 || (text[len] && count == 0))
        return false;
    *name = arena_strndup(arena, text, len);
    *number = digits;
    for (size_t i = 0; i < SHELLY_MEMBERS; i++) {
        bool is_single = strcmp(*name, "sys") == 0 || strcmp(*name, "wifi") == 0;
        if (strcmp(shelly_members[i].component, *name) == 0)
            return is_single == (count == 0);
    }
    return false;
}

static const char *shelly_make_command(struct arena *arena, const struct shelly_member *member,
                                       const char *number)
{
    bool is_config = strstr(member->method, "SetConfig") != NULL;
    return arena_format(arena,
                        "{\"id\": 1, \"src\": \"tagferry\", \"method\": \"%s\", \"params\": "
                        "{\"id\": %s, %s\"%s\": {value}%s}}",
                        member->method, number, is_config ? "\"config\": {" : "", member->parameter,
                        is_config ? "}" : "");
}

/* The command of a cover has words of its own. */
static void shelly_add_cover_command(struct shelly_rpc_finder *finder,
                                     struct shelly_rpc_device *device, const char *component)
{
    static const char *const words[] = {"stop", "open", "close"};
    struct cJSON *tag = proposal_add_tag(finder->proposal, device->device,
                                         arena_format(finder->arena, "%s command", component), "");
    proposal_set_text(tag, "mqtt.payload", "text");
    proposal_type_words(tag, words, sizeof words / sizeof words[0]);
    proposal_set_command(
        tag, false, arena_format(finder->arena, "%s/command/%s", device->prefix, component), NULL);
}

/* Adds the values of a component that were heard in a topic, with `path` before their keys: "" in
 * the component's own topic. */
static void shelly_add_component(struct shelly_rpc_finder *finder, struct shelly_rpc_device *device,
                                 const struct survey_topic *topic, const char *component,
                                 const char *path)
{
    struct arena *arena = finder->arena;
    const char *name, *number;
    if (string_map_find(&device->components, component) ||
        !shelly_component_read(arena, component, &name, &number))
        return;
    string_map_add(&device->components, component, device);
    for (size_t i = 0; i < SHELLY_MEMBERS; i++) {
        const struct shelly_member *member = &shelly_members[i];
        struct survey_key heard;
        if (strcmp(member->component, name) != 0)
            continue;
        const char *key = member->key;
        if (path[0])
            key = arena_format(arena, "%s%s%s", path, key[0] == '/' ? "" : "/", key);
        if (!survey_find_key(proposal_survey(finder->proposal), topic, key, &heard) ||
            (heard.kinds & ~(unsigned)SURVEY_NULL) == 0)
            continue;
        bool is_first = !device->device;
        if (is_first) {
            device->device = proposal_add_device(
                finder->proposal, maker_topic_last_level(device->prefix), topic->topic);
            shelly_set_online(finder->proposal, device->device, device->prefix);
        }
        char *label = arena_format(arena, "%s %s", component, member->key + (*member->key == '/'));
        for (char *slash; (slash = strchr(label, '/')) != NULL;)
            *slash = ' ';
        struct cJSON *tag = proposal_add_tag(finder->proposal, device->device, label, key);
        proposal_set_text(tag, "mqtt.topic", topic->topic);
        if (member->unit)
            proposal_set_text(tag, "unit", member->unit);
        shelly_set_type(finder->proposal, tag, member->kind, member->words, &heard);
        if (member->method) {
            proposal_set_command(tag, true, maker_topic_join(arena, device->prefix, "rpc"),
                                 shelly_make_command(arena, member, number));
            finder->has_commands = true;
        }
        if (strcmp(name, "cover") == 0 && strcmp(member->key, "state") == 0)
            shelly_add_cover_command(finder, device, component);
    }
}

static struct shelly_rpc_device *shelly_rpc_find_device(struct shelly_rpc_finder *finder,
                                                        const char *topic, size_t prefix_len)
{
    const char *prefix = arena_strndup(finder->arena, topic, prefix_len);
    struct shelly_rpc_device *device = string_map_find(&finder->devices, prefix);
    if (device)
        return device;
    device = arena_alloc(finder->arena, sizeof *device);
    *device = (struct shelly_rpc_device){.prefix = prefix, .components = {.arena = finder->arena}};
    string_map_add(&finder->devices, prefix, device);
    return device;
}

/* Reads PREFIX/status/COMPONENT. Only components with a number, which the payload repeats, tell
 * that the prefix is a Shelly's; `known` says that it is. */
static void shelly_read_status(struct shelly_rpc_finder *finder, const struct survey_topic *topic,
                               bool known)
{
    static const char folder[] = "/status/";
    const char *component = maker_topic_last_level(topic->topic), *name, *number;
    size_t tail = sizeof folder - 1, at = (size_t)(component - topic->topic);
    struct survey_key id;
    if (at <= tail || strncmp(component - tail, folder, tail) != 0 ||
        !shelly_component_read(finder->arena, component, &name, &number))
        return;
    bool has_id = survey_find_key(proposal_survey(finder->proposal), topic, "id", &id) && id.sample;
    if (known ? number[0] != '\0' : !has_id || strcmp(id.sample, number) != 0)
        return;
    const char *prefix = arena_strndup(finder->arena, topic->topic, at - tail);
    if (known && !string_map_find(&finder->devices, prefix))
        return;
    struct shelly_rpc_device *device = shelly_rpc_find_device(finder, topic->topic, at - tail);
    shelly_add_component(finder, device, topic, component, "");
}

/* Reads the components in PREFIX/events/rpc, of a device that publishes no status. */
static void shelly_read_events(struct shelly_rpc_finder *finder, const struct survey_topic *topic)
{
    static const char suffix[] = "/events/rpc", path[] = "/params/";
    size_t len = strlen(topic->topic), tail = sizeof suffix - 1;
    const struct survey *survey = proposal_survey(finder->proposal);
    struct survey_key key;
    if (len <= tail || strcmp(topic->topic + len - tail, suffix) != 0 ||
        !survey_find_key(survey, topic, "method", &key))
        return;
    struct shelly_rpc_device *device = shelly_rpc_find_device(finder, topic->topic, len - tail);
    if (device->components.count > 0)
        return;
    for (size_t i = 0; survey_read_key(survey, topic, i, &key); i++) {
        if (strncmp(key.key, path, sizeof path - 1) != 0)
            continue;
        const char *begin = key.key + sizeof path - 1;
        const char *component = arena_strndup(finder->arena, begin, strcspn(begin, "/"));
        shelly_add_component(finder, device, topic, component,
                             arena_format(finder->arena, "%s%s", path, component));
    }
    if (device->device)
        proposal_note(finder->proposal,
                      "%s: its values are in %s, which has only what changed; enable the generic "
                      "status update in the MQTT settings of the Shelly for all of them",
                      device->prefix, topic->topic);
}

/* Claims the topics of a device: its status, events, commands and online. */
static void shelly_claim_rpc(struct shelly_rpc_finder *finder)
{
    static const char *const folders[] = {"status/", "events/", "command",
                                          "rpc",     "online",  "debug/"};
    struct survey_topic topic;
    for (uint32_t i = 0; survey_read_topic(proposal_survey(finder->proposal), i, &topic); i++) {
        for (const char *slash = strchr(topic.topic, '/'); slash; slash = strchr(slash + 1, '/')) {
            const char *prefix =
                arena_strndup(finder->arena, topic.topic, (size_t)(slash - topic.topic));
            const struct shelly_rpc_device *device = string_map_find(&finder->devices, prefix);
            for (size_t k = 0; device && device->device && k < sizeof folders / sizeof folders[0];
                 k++) {
                if (strncmp(slash + 1, folders[k], strlen(folders[k])) == 0)
                    proposal_claim_topic(finder->proposal, &topic);
            }
        }
    }
}

void shelly_propose_rpc(struct proposal *proposal)
{
    struct arena *arena = proposal_arena(proposal);
    struct shelly_rpc_finder finder = {
        .proposal = proposal, .arena = arena, .devices = {.arena = arena}};
    struct survey_topic topic;
    for (unsigned pass = 0; pass < 3; pass++) {
        for (uint32_t i = 0; survey_read_topic(proposal_survey(proposal), i, &topic); i++) {
            if (proposal_is_claimed(proposal, &topic) || topic.format != SURVEY_JSON)
                continue;
            if (pass < 2)
                shelly_read_status(&finder, &topic, pass == 1);
            else
                shelly_read_events(&finder, &topic);
        }
    }
    if (finder.has_commands)
        proposal_note(proposal, "Shelly: commands need \"RPC over MQTT\" in the MQTT settings of "
                                "the device, those of covers \"MQTT control\"");
    shelly_claim_rpc(&finder);
}
