/* Sparkplug B: a device for each edge node and each of its devices, with the metrics of its birth.
 */
#include <string.h>

#include "api/base/string_map.h"
#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"
#include "common/base/plural.h"
#include "common/model/sparkplug_topic.h"

/* The type of a tag for each data type of Sparkplug; `type` NULL: not a scalar. */
static const struct {
    const char *sparkplug, *type;
} sparkplug_types[] = {
    {"Int8", "int16"},    {"Int16", "int16"},    {"Int32", "int32"},     {"Int64", "int64"},
    {"UInt8", "uint16"},  {"UInt16", "uint16"},  {"UInt32", "uint32"},   {"UInt64", "uint64"},
    {"Float", "float32"}, {"Double", "float64"}, {"DateTime", "uint64"}, {"Boolean", "bool"},
    {"String", "string"}, {"Text", "string"},    {"UUID", "string"},
};

/* Metrics that a host needs to speak with the node, not values of the plant. */
static bool sparkplug_is_control(const char *name)
{
    return strcmp(name, "bdSeq") == 0 || strncmp(name, "Node Control/", 13) == 0 ||
           strncmp(name, "Device Control/", 15) == 0;
}

static void sparkplug_set_type(struct proposal *proposal, struct cJSON *tag,
                               const struct survey_key *key, const char *type)
{
    enum { UUID_CHARACTERS = 36, TEXT_CHARACTERS_MIN = 16 };
    if (!type) {
        proposal_type_by_key(proposal, tag, key);
    } else if (strcmp(type, "bool") == 0) {
        proposal_type_switch(tag, NULL, NULL);
    } else if (strcmp(type, "string") == 0) {
        size_t heard = key->sample ? 2 * strlen(key->sample) : 0;
        bool is_uuid = strcmp(key->type, "UUID") == 0;
        proposal_type_text(tag, is_uuid                       ? UUID_CHARACTERS
                                : heard > TEXT_CHARACTERS_MIN ? heard
                                                              : TEXT_CHARACTERS_MIN);
    } else {
        proposal_type_by_range(tag, 0, 0, 0); /* for the table */
        proposal_set_text(tag, "modbus.type", type);
    }
}

/* Adds a metric. Returns false for one that Tagferry cannot read. */
static bool sparkplug_add_metric(struct proposal *proposal, struct proposal_device *device,
                                 const struct survey_key *key)
{
    const char *type = NULL;
    bool has_type = *key->type && strcmp(key->type, "Unknown") != 0;
    bool is_scalar = !has_type && key->kinds != SURVEY_EMPTY;
    for (size_t i = 0; i < sizeof sparkplug_types / sizeof *sparkplug_types && !is_scalar; i++) {
        if (strcmp(key->type, sparkplug_types[i].sparkplug) == 0) {
            type = sparkplug_types[i].type;
            is_scalar = true;
        }
    }
    if (!is_scalar)
        return false;
    struct cJSON *tag = proposal_add_tag(proposal, device, key->key, key->key);
    proposal_set_text(tag, "mqtt.payload", "sparkplug");
    sparkplug_set_type(proposal, tag, key, type);
    return true;
}

/* The metrics of a node or device, from all of its topics. */
struct sparkplug_family {
    struct proposal_device *device;
    struct string_map metrics; /* added or left out */
    bool has_birth;
};

static struct sparkplug_family *sparkplug_take_family(struct proposal *proposal,
                                                      struct string_map *families,
                                                      const struct sparkplug_topic *parts)
{
    struct arena *arena = proposal_arena(proposal);
    const char *filter =
        parts->device
            ? arena_format(arena, "spBv1.0/%.*s/+/%.*s/%.*s", (int)parts->group_len, parts->group,
                           (int)parts->node_len, parts->node, (int)parts->device_len, parts->device)
            : arena_format(arena, "spBv1.0/%.*s/+/%.*s", (int)parts->group_len, parts->group,
                           (int)parts->node_len, parts->node);
    struct sparkplug_family *family = string_map_find(families, filter);
    if (family)
        return family;
    const char *label = parts->device
                            ? arena_format(arena, "%.*s %.*s", (int)parts->node_len, parts->node,
                                           (int)parts->device_len, parts->device)
                            : arena_strndup(arena, parts->node, parts->node_len);
    family = arena_alloc(arena, sizeof *family);
    family->metrics.arena = arena;
    family->device = proposal_add_device(proposal, label, filter);
    string_map_add(families, filter, family);
    return family;
}

/* Takes the topics of these two types. */
static void sparkplug_take_topics(struct proposal *proposal, struct string_map *families,
                                  enum sparkplug_kind of_node, enum sparkplug_kind of_device)
{
    struct survey_topic topic;
    struct sparkplug_topic parts;
    struct survey_key key;
    for (uint32_t n = 0; survey_read_topic(proposal_survey(proposal), n, &topic); n++) {
        if (proposal_is_claimed(proposal, &topic) || topic.format != SURVEY_SPARKPLUG ||
            !sparkplug_topic_read(topic.topic, &parts) ||
            (parts.kind != of_node && parts.kind != of_device))
            continue;
        struct sparkplug_family *family = sparkplug_take_family(proposal, families, &parts);
        proposal_claim_topic(proposal, &topic);
        size_t unread = 0;
        family->has_birth |= of_node == SPARKPLUG_NBIRTH;
        for (size_t i = 0; survey_read_key(proposal_survey(proposal), &topic, i, &key); i++) {
            if (sparkplug_is_control(key.key) || string_map_find(&family->metrics, key.key))
                continue;
            string_map_add(&family->metrics, key.key, family);
            unread += !sparkplug_add_metric(proposal, family->device, &key);
        }
        if (unread > 0)
            proposal_note(proposal,
                          "%s: %zu metric%s of kinds that Tagferry does not read: data sets, "
                          "templates, bytes, files or arrays.",
                          topic.topic, unread, plural_suffix(unread));
        if (!family->has_birth)
            proposal_note(proposal,
                          "%s: no birth was heard, so that types are guessed and metrics without a "
                          "name are missing. Discover again while the node starts, or has got the "
                          "command Node Control/Rebirth.",
                          topic.topic);
    }
}

void recognise_sparkplug(struct proposal *proposal)
{
    struct string_map families = {.arena = proposal_arena(proposal)};
    struct survey_topic topic;
    struct sparkplug_topic parts;
    sparkplug_take_topics(proposal, &families, SPARKPLUG_NBIRTH, SPARKPLUG_DBIRTH);
    sparkplug_take_topics(proposal, &families, SPARKPLUG_NDATA, SPARKPLUG_DDATA);
    for (uint32_t n = 0; survey_read_topic(proposal_survey(proposal), n, &topic); n++) {
        if (sparkplug_topic_read(topic.topic, &parts))
            proposal_claim_topic(proposal, &topic); /* deaths, commands */
    }
    if (families.count > 0)
        proposal_note(proposal,
                      "Sparkplug: bdSeq, Node Control and Device Control are left out. A birth "
                      "does not say which metrics can be written: for one, set direction both, "
                      "table holding_register or coil, and command_qos 0; Tagferry sends NCMD or "
                      "DCMD.");
}
