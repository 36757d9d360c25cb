/* SenML (RFC 8428): an array of records, each with a name, a unit and a value. */
#include <string.h>

#include "api/base/validation.h"
#include "api/recognisers/recogniser.h"
#include "api/recognisers/recogniser_tools.h"

/* Units of the registry "SenML Units" (RFC 8428 and RFC 8798) whose usual sign differs. */
static const struct {
    const char *senml, *unit;
} senml_units[] = {
    {"Cel", "°C"},      {"%RH", "%"},
    {"%EL", "%"},       {"EL", "s"},
    {"lm", "lm"},       {"m2", "m²"},
    {"m3", "m³"},       {"m/s2", "m/s²"},
    {"m3/s", "m³/s"},   {"l", "l"},
    {"W/m2", "W/m²"},   {"cd/m2", "cd/m²"},
    {"kg/m3", "kg/m³"}, {"Ohm", "Ω"},
    {"lat", "°"},       {"lon", "°"},
    {"dBW", "dBW"},     {"count", ""},
    {"/", ""},          {"1/s", "1/s"},
    {"1/min", "1/min"}, {"beat/min", "1/min"},
    {"beats", ""},      {"deg", "°"},
    {"pH", "pH"},       {"S/m", "S/m"},
    {"VAh", "VAh"},     {"varh", "varh"},
    {"kvarh", "kvarh"}, {"var", "var"},
    {"us", "µs"},       {"ug/m3", "µg/m³"},
    {"uS/cm", "µS/cm"}, {"degF", "°F"},
    {"m3/h", "m³/h"},   {"l/s", "l/s"},
    {"mm/h", "mm/h"},   {"%", "%"},
};

static const char *senml_unit_sign(const char *unit)
{
    for (size_t i = 0; i < sizeof senml_units / sizeof *senml_units; i++) {
        if (strcmp(unit, senml_units[i].senml) == 0)
            return senml_units[i].unit;
    }
    return unit;
}

/* A key of a record, split: "/n=temperature/v" has the record "n=temperature" and the member "v".
 */
struct senml_key {
    const char *record;
    size_t record_len;
    const char *member;
};

static bool senml_key_split(const char *key, struct senml_key *parts)
{
    const char *slash = *key == '/' ? strchr(key + 1, '/') : NULL;
    if (!slash || strchr(slash + 1, '/'))
        return false;
    *parts = (struct senml_key){key + 1, (size_t)(slash - key - 1), slash + 1};
    return true;
}

static bool senml_is_value(const char *member)
{
    return strcmp(member, "v") == 0 || strcmp(member, "vb") == 0 || strcmp(member, "vs") == 0 ||
           strcmp(member, "s") == 0;
}

/* True when all keys are those of records, and one has a name and one a value. */
static bool senml_is_pack(struct proposal *proposal, const struct survey_topic *topic)
{
    static const char *const members[] = {"bn", "bt", "bu", "bv", "bs", "bver", "n", "u",
                                          "v",  "vs", "vb", "vd", "s",  "t",    "ut"};
    struct survey_key key;
    struct senml_key parts;
    bool has_name = false, has_value = false;
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        if (!senml_key_split(key.key, &parts))
            return false;
        bool is_known = recogniser_has_suffix(parts.member, "_");
        for (size_t n = 0; n < sizeof members / sizeof *members && !is_known; n++)
            is_known = strcmp(parts.member, members[n]) == 0;
        if (!is_known)
            return false;
        has_name |= recogniser_skip_prefix(parts.record, "n=") != NULL ||
                    strcmp(parts.member, "n") == 0 || strcmp(parts.member, "bn") == 0;
        has_value |= senml_is_value(parts.member);
    }
    return has_name && has_value;
}

/* Finds a member of any record. */
static bool senml_find_base(struct proposal *proposal, const struct survey_topic *topic,
                            const char *member, struct survey_key *found)
{
    struct senml_key parts;
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, found); i++) {
        if (senml_key_split(found->key, &parts) && strcmp(parts.member, member) == 0)
            return true;
    }
    return false;
}

/* The unit of a record, or the base unit, in its usual sign. */
static const char *senml_find_unit(struct proposal *proposal, const struct survey_topic *topic,
                                   const struct senml_key *parts, const char *base_unit)
{
    const char *const keys[] = {
        arena_format(proposal_arena(proposal), "/%.*s/u", (int)parts->record_len, parts->record),
        NULL};
    const char *unit = recogniser_find_text(proposal, topic, keys);
    if (!unit && strcmp(parts->member, "v") == 0)
        unit = base_unit;
    return unit ? senml_unit_sign(unit) : "";
}

/* The name of a record, decoded; of one that is counted, its "n". NULL: it has none. */
static const char *senml_find_name(struct proposal *proposal, const struct survey_topic *topic,
                                   const struct senml_key *parts)
{
    struct arena *arena = proposal_arena(proposal);
    const char *equals = memchr(parts->record, '=', parts->record_len);
    if (equals)
        return recogniser_decode_token(arena, equals + 1,
                                       parts->record_len - (size_t)(equals + 1 - parts->record));
    const char *const keys[] = {
        arena_format(arena, "/%.*s/n", (int)parts->record_len, parts->record), NULL};
    const char *name = recogniser_find_text(proposal, topic, keys);
    return name ? arena_strdup(arena, name) : NULL;
}

/* Adds the values of the records. Those that the survey has counted, because one of them has no
 * name or two have the same, are selected by their names all the same. */
static void senml_add_tags(struct proposal *proposal, struct proposal_device *device,
                           const struct survey_topic *topic)
{
    struct arena *arena = proposal_arena(proposal);
    struct string_map added = {.arena = arena};
    struct survey_key key;
    struct senml_key parts;
    bool has_base_unit = senml_find_base(proposal, topic, "bu", &key);
    const char *base_unit = has_base_unit ? arena_strdup(arena, key.sample) : NULL;
    for (size_t i = 0; survey_read_key(proposal_survey(proposal), topic, i, &key); i++) {
        if (!senml_key_split(key.key, &parts) || !senml_is_value(parts.member))
            continue;
        const char *name = senml_find_name(proposal, topic, &parts);
        const char *tag_key = key.key;
        if (name && !memchr(parts.record, '=', parts.record_len))
            tag_key =
                arena_format(arena, "/n=%s/%s", json_pointer_escape(arena, name), parts.member);
        if (string_map_find(&added, tag_key))
            continue;
        string_map_add(&added, tag_key, device);
        const char *label =
            name ? name : recogniser_decode_token(arena, parts.record, parts.record_len);
        bool is_sum = strcmp(parts.member, "s") == 0;
        if (is_sum)
            label = arena_format(arena, "%s sum", label);
        const char *unit = senml_find_unit(proposal, topic, &parts, base_unit);
        struct cJSON *tag = proposal_add_tag(proposal, device, label, tag_key);
        if (strcmp(parts.member, "vb") == 0)
            proposal_type_switch(tag, NULL, NULL);
        else if (is_sum || *unit)
            recogniser_type_measurement(proposal, tag, &key);
        else
            proposal_type_by_key(proposal, tag, &key);
        if (*unit)
            proposal_set_text(tag, "unit", unit);
        if (!name)
            proposal_note(proposal,
                          "%s: record %s has no name of its own and is found by its place in the "
                          "array, which must not change.",
                          topic->topic, label);
    }
}

static void senml_add_device(struct proposal *proposal, const struct survey_topic *topic)
{
    /* Smaller times count from the time of the message (RFC 8428, 4.5.3). */
    const double relative_time_max = 1 << 28;
    struct arena *arena = proposal_arena(proposal);
    struct topic_levels levels = topic_levels_split(arena, topic->topic);
    struct survey_key base;
    bool has_base = senml_find_base(proposal, topic, "bn", &base) && *base.sample;
    char *label = arena_strdup(arena, has_base ? base.sample : levels.at[levels.count - 1]);
    for (size_t len = strlen(label); len > 1 && strchr(":/.-_", label[len - 1]); len--)
        label[len - 1] = '\0';
    struct proposal_device *device = proposal_add_device(proposal, label, topic->topic);
    proposal_claim_topic(proposal, topic);
    recogniser_set_where(device, topic);
    if (senml_find_base(proposal, topic, "bt", &base) && base.smallest >= relative_time_max)
        proposal_set_text(device->body, "mqtt.timestamp_key", "/0/bt");
    senml_add_tags(proposal, device, topic);
    if (senml_find_base(proposal, topic, "bv", &base))
        proposal_note(proposal,
                      "%s: the base value \"bv\" is not added to the values: set \"offset\" of "
                      "its tags, if it is always the same.",
                      topic->topic);
}

void recognise_senml(struct proposal *proposal)
{
    struct survey_topic topic;
    for (uint32_t n = 0; recogniser_next_topic(proposal, SURVEY_JSON, &n, &topic);) {
        if (senml_is_pack(proposal, &topic))
            senml_add_device(proposal, &topic);
    }
}
