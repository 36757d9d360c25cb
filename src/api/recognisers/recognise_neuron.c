/* Neuron: a message for each group of a node (driver). Values format: {"node", "group", "values":
 * {NAME: VALUE}, "errors"}; tags format: {"node", "group", "tags": [{"name", "value" or "error"}]};
 * ECP format: the same with a "type". */
#include <string.h>

#include "api/base/validation.h"
#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"

#define NEURON_TAGS_PREFIX "/tags/name="

enum { NEURON_REPORTS_MAX = 16 };

/* Types of the ECP format. */
enum { NEURON_ECP_BOOL = 1, NEURON_ECP_INTEGER, NEURON_ECP_REAL };

/* The tag's name in a key, encoded: of "/values/NAME" in full, of "/tags/name=NAME/value" the part
 * that is selected. NULL when the key has no value of a tag. */
static const char *neuron_find_name(const char *key, size_t *len)
{
    const char *name = recogniser_skip_prefix(key, "/values/");
    if (name) {
        *len = strlen(name);
        return name;
    }
    name = recogniser_skip_prefix(key, NEURON_TAGS_PREFIX);
    const char *slash = name ? strchr(name, '/') : NULL;
    if (!slash || recogniser_skip_prefix(slash, "/value") != slash + 6)
        return NULL;
    if (slash[6] != '\0' && slash[6] != '/')
        return NULL;
    *len = (size_t)(slash - name);
    return name;
}

static void neuron_add_tag(struct proposal *proposal, struct proposal_device *device,
                           const struct survey_topic *topic, const struct survey_key *key,
                           const char *name, size_t len)
{
    struct arena *arena = proposal_arena(proposal);
    const char *label = recogniser_decode_token(arena, name, len);
    struct cJSON *tag = proposal_add_tag(proposal, device, label, key->key);
    struct survey_key type;
    const char *type_key = arena_format(arena, NEURON_TAGS_PREFIX "%.*s/type", (int)len, name);
    int ecp = survey_find_key(proposal_survey(proposal), topic, type_key, &type) &&
                      type.kinds == SURVEY_INTEGER && type.smallest == type.largest
                  ? (int)type.largest
                  : 0;
    if (ecp == NEURON_ECP_BOOL)
        proposal_type_switch(tag, NULL, NULL);
    else if (ecp == NEURON_ECP_REAL)
        proposal_type_by_range(tag, 0, 0, 0);
    else
        proposal_type_by_key(proposal, tag, key);
}

/* Notes how tags are written: by a topic beside those of the values, unless it was changed. */
static void neuron_note_commands(struct proposal *proposal, const char *topic)
{
    struct arena *arena = proposal_arena(proposal);
    const char *application = strstr(topic, "neuron/");
    const char *end = application ? strchr(application + strlen("neuron/"), '/') : NULL;
    const char *base =
        end ? arena_strndup(arena, topic, (size_t)(end - topic)) : "/neuron/APPLICATION";
    proposal_note(proposal,
                  "Neuron's messages do not say which tags can be written. For one, set direction "
                  "both, table holding_register or coil, command_topic %s/write/req unless it was "
                  "changed, and command_template {\"uuid\":\"tagferry\",\"node\":\"NODE\","
                  "\"group\":\"GROUP\",\"tag\":\"NAME\",\"value\":{value}}.",
                  base);
}

static bool neuron_is_report(struct proposal *proposal, const struct survey_topic *topic)
{
    struct survey_key key;
    bool has_node = false, has_link = false;
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        const char *tail = recogniser_skip_prefix(key.key, "/states/");
        has_node |=
            tail && (recogniser_skip_prefix(tail, "node=") || recogniser_has_suffix(tail, "/node"));
        has_link |= tail && recogniser_has_suffix(tail, "/link");
    }
    return has_node && has_link;
}

/* Finds the reports of the drivers' states: the numbers of their topics. */
static size_t neuron_list_reports(struct proposal *proposal, uint32_t reports[NEURON_REPORTS_MAX])
{
    struct survey_topic topic;
    size_t count = 0;
    for (uint32_t n = 0;
         count < NEURON_REPORTS_MAX && recogniser_next_topic(proposal, SURVEY_JSON, &n, &topic);) {
        if (!neuron_is_report(proposal, &topic))
            continue;
        reports[count++] = topic.number;
        proposal_claim_topic(proposal, &topic);
    }
    return count;
}

/* Uses the report that has the node, if one was heard, as availability. */
static void neuron_set_availability(struct proposal *proposal, struct proposal_device *device,
                                    const char *node, const uint32_t *reports, size_t count)
{
    struct arena *arena = proposal_arena(proposal);
    const char *state_key =
        arena_format(arena, "/states/node=%s/link", json_pointer_escape(arena, node));
    struct survey_topic topic;
    for (size_t i = 0; i < count; i++) {
        if (!survey_read_topic(proposal_survey(proposal), reports[i], &topic) ||
            !recogniser_has_key(proposal, &topic, state_key))
            continue;
        proposal_set_text(device->body, "mqtt.availability_topic", topic.topic);
        proposal_set_text(device->body, "mqtt.availability_key", state_key);
        proposal_set_text(device->body, "mqtt.payload_available", "1");
        proposal_set_text(device->body, "mqtt.payload_unavailable", "0");
        return;
    }
}

static bool neuron_is_group(struct proposal *proposal, const struct survey_topic *topic)
{
    struct survey_key key;
    size_t len;
    if (!recogniser_has_key(proposal, topic, "node") ||
        !recogniser_has_key(proposal, topic, "group"))
        return false;
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        if (neuron_find_name(key.key, &len))
            return true;
    }
    return false;
}

static void neuron_add_device(struct proposal *proposal, const struct survey_topic *topic,
                              const uint32_t *reports, size_t report_count)
{
    static const char *const node_keys[] = {"node", NULL}, *const group_keys[] = {"group", NULL};
    struct arena *arena = proposal_arena(proposal);
    const char *node = recogniser_find_text(proposal, topic, node_keys);
    const char *group = recogniser_find_text(proposal, topic, group_keys);
    node = node ? arena_strdup(arena, node) : "node";
    group = group ? arena_strdup(arena, group) : "group";
    /* A topic that drivers share has the messages of all groups of a driver. */
    struct survey_key groups;
    bool has_groups = survey_find_key(proposal_survey(proposal), topic, "group", &groups) &&
                      groups.word_count > 1;
    const char *label = has_groups ? node : arena_format(arena, "%s %s", node, group);
    struct proposal_device *device = proposal_add_device(proposal, label, topic->topic);
    proposal_claim_topic(proposal, topic);
    recogniser_set_where(device, topic);
    if (recogniser_has_key(proposal, topic, "timestamp"))
        proposal_set_text(device->body, "mqtt.timestamp_key", "timestamp");
    neuron_set_availability(proposal, device, node, reports, report_count);

    struct survey_key key;
    size_t len;
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        const char *name = neuron_find_name(key.key, &len);
        if (name && key.kinds != SURVEY_EMPTY)
            neuron_add_tag(proposal, device, topic, &key, name, len);
    }
}

void recognise_neuron(struct proposal *proposal)
{
    struct survey_topic topic;
    const char *first = NULL;
    uint32_t reports[NEURON_REPORTS_MAX];
    size_t report_count = neuron_list_reports(proposal, reports);
    for (uint32_t n = 0; recogniser_next_topic(proposal, SURVEY_JSON, &n, &topic);) {
        if (!neuron_is_group(proposal, &topic))
            continue;
        neuron_add_device(proposal, &topic, reports, report_count);
        first = first ? first : topic.topic;
    }
    if (first)
        neuron_note_commands(proposal, first);
}
