/* Makes tags of the members that describe an entity. */
#include "api/recognisers/ha_entity.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/recognisers/ha_features.h"
#include "api/recognisers/ha_template.h"
#include "api/recognisers/recogniser_tools.h"

enum { HA_FEATURES = sizeof ha_features / sizeof ha_features[0], HA_OPTIONS_MAX = 256 };

bool ha_component_is_known(const char *component)
{
    for (size_t i = 0; i < HA_FEATURES; i++) {
        if (strcmp(ha_features[i].component, component) == 0)
            return true;
    }
    for (size_t i = 0; i < sizeof ha_other_components / sizeof ha_other_components[0]; i++) {
        if (strcmp(ha_other_components[i], component) == 0)
            return true;
    }
    return false;
}

/* True when the entity's schema, and the member that the feature needs, are there. */
static bool ha_feature_applies(const struct ha_feature *feature, const struct ha_entity *entity)
{
    if (strcmp(feature->component, entity->component) != 0)
        return false;
    if (!feature->needs)
        return true;
    bool is_absent = feature->needs[0] == '!';
    const char *name = feature->needs + is_absent;
    if (strncmp(name, "schema", 6) == 0) {
        const char *schema = ha_config_text(&entity->config, "schema", "default");
        bool is_json = strcmp(schema, "json") == 0,
             is_basic = strcmp(schema, "default") == 0 || strcmp(schema, "basic") == 0;
        if (is_absent || !is_json)
            return is_absent && is_basic;
        /* Brightness is one of the colour modes, or a flag of its own. */
        return strcmp(feature->key, "brightness") != 0 ||
               ha_config_find(&entity->config, "supported_color_modes") ||
               cJSON_IsTrue(ha_config_find(&entity->config, "brightness"));
    }
    const cJSON *item = ha_config_find(&entity->config, name);
    return (item && !cJSON_IsFalse(item)) != is_absent;
}

void ha_entity_visit_topics(const struct ha_entity *entity,
                            void (*visit)(void *context, const char *topic), void *context)
{
    for (size_t i = 0; i < HA_FEATURES; i++) {
        const char *topic = ha_feature_applies(&ha_features[i], entity)
                                ? ha_config_topic(&entity->config, ha_features[i].topic, true)
                                : NULL;
        if (topic)
            visit(context, topic);
    }
}

bool ha_entity_has_values(const struct ha_entity *entity)
{
    for (size_t i = 0; i < HA_FEATURES; i++) {
        if (ha_feature_applies(&ha_features[i], entity) &&
            (ha_config_topic(&entity->config, ha_features[i].topic, true) ||
             ha_config_topic(&entity->config, ha_features[i].command_topic, false)))
            return true;
    }
    return false;
}

/* A value on its way to a tag. */
struct ha_value_plan {
    struct proposal *proposal;
    struct arena *arena;
    const struct ha_entity *entity;
    const struct ha_feature *feature;
    const char *label;
    const char *topic;         /* NULL: no state */
    struct ha_value value;     /* of the state */
    const char *key;           /* mqtt.key */
    const char *command_topic; /* NULL: no command */
    const char *command;     /* the template of the command; NULL: the member of the schema json */
    struct survey_key heard; /* valid if is_heard */
    bool is_heard;
};

static const char *ha_plan_word(const struct ha_value_plan *plan, size_t number)
{
    const struct ha_word *word = &plan->feature->words[number];
    return ha_config_text(&plan->entity->config, word->member, word->fallback);
}

static double ha_plan_number(const struct ha_value_plan *plan, size_t number)
{
    double value = strtod(ha_plan_word(plan, number), NULL);
    return isfinite(value) ? value : 0;
}

/* Writes True and False of Python as JSON does, unless the payload is a text. */
static const char *ha_plan_state_word(const struct ha_value_plan *plan, const char *word)
{
    if (plan->topic && !plan->value.is_text && word && strcmp(word, "True") == 0)
        return "true";
    if (plan->topic && !plan->value.is_text && word && strcmp(word, "False") == 0)
        return "false";
    return word;
}

/* Reads where the state is. False when it has a template that is not simple. */
static bool ha_plan_read_state(struct ha_value_plan *plan)
{
    const struct ha_config *config = &plan->entity->config;
    plan->value = (struct ha_value){.pointer = "", .is_text = true, .factor = 1};
    const char *text = ha_config_text(config, plan->feature->template_name, NULL);
    if (plan->feature->key)
        plan->value =
            (struct ha_value){maker_pointer_join(plan->arena, "", plan->feature->key), false, 1};
    else if (text && !ha_template_read_value(plan->arena, text, &plan->value)) {
        proposal_note(plan->proposal,
                      "%s of %s: its %s is more than a key, and was not translated: %.200s",
                      plan->label, plan->topic, plan->feature->template_name, text);
        return false;
    }
    plan->key = maker_pointer_key(plan->arena, plan->value.pointer);
    struct survey_topic topic;
    plan->is_heard =
        maker_find_topic(plan->proposal, plan->topic, &topic) &&
        survey_find_key(proposal_survey(plan->proposal), &topic, plan->key, &plan->heard);
    return true;
}

/* Reads how a command is written. False when it has a template that is not simple. */
static bool ha_plan_read_command(struct ha_value_plan *plan)
{
    const struct ha_config *config = &plan->entity->config;
    const char *text = ha_config_text(config, plan->feature->command_template, NULL);
    if (plan->feature->key) {
        plan->command = NULL;
        return true;
    }
    plan->command = text ? ha_template_read_command(plan->arena, text) : "{value}";
    if (!plan->command)
        proposal_note(plan->proposal,
                      "%s: no command, because its %s is more than a value in a text: %.200s",
                      plan->label, plan->feature->command_template, text);
    return plan->command != NULL;
}

static cJSON *ha_plan_add_tag(const struct ha_value_plan *plan, struct proposal_device *device,
                              const char *device_topic)
{
    cJSON *tag =
        proposal_add_tag(plan->proposal, device, plan->label, plan->topic ? plan->key : "");
    if (plan->topic && strcmp(plan->topic, device_topic) != 0)
        proposal_set_text(tag, "mqtt.topic", plan->topic);
    if (!plan->topic || plan->value.is_text)
        proposal_set_text(tag, "mqtt.payload", "text");
    const char *unit = ha_config_text(&plan->entity->config, "unit_of_measurement", NULL);
    const char *degrees = ha_config_text(&plan->entity->config, "temperature_unit", NULL);
    if (plan->feature->label && strstr(plan->feature->label, "temperature"))
        unit = degrees && strcmp(degrees, "F") == 0 ? "\xc2\xb0"
                                                      "F"
                                                    : "\xc2\xb0"
                                                      "C";
    else if (plan->feature->label && strstr(plan->feature->label, "humidity"))
        unit = "%";
    if (unit)
        proposal_set_text(tag, "unit", unit);
    return tag;
}

static void ha_plan_set_command(const struct ha_value_plan *plan, cJSON *tag)
{
    const struct ha_config *config = &plan->entity->config;
    if (!plan->command_topic)
        return;
    proposal_set_command(tag, plan->topic != NULL, plan->command_topic, plan->command);
    double qos = ha_config_number(config, "qos", -1);
    if (qos == 0 || qos == 1 || qos == 2)
        proposal_set_number(tag, "mqtt.command_qos", qos);
    if (cJSON_IsTrue(ha_config_find(config, "retain")))
        proposal_set_flag(tag, "mqtt.command_retain", true);
}

/* Collects different words: of a list, or with commas. Returns their number. */
static size_t ha_plan_collect_options(const struct ha_value_plan *plan,
                                      const char *words[HA_OPTIONS_MAX])
{
    const struct ha_word *name = &plan->feature->words[0];
    const cJSON *list = name->member ? ha_config_find(&plan->entity->config, name->member) : NULL;
    size_t count = 0;
    struct string_map seen = {.arena = plan->arena};
    if (cJSON_IsArray(list)) {
        const cJSON *item;
        cJSON_ArrayForEach(item, list)
        {
            const char *word = json_scalar_print(plan->arena, item);
            if (word && count < HA_OPTIONS_MAX && !string_map_find(&seen, word)) {
                string_map_add(&seen, word, &seen);
                words[count++] = word;
            }
        }
    } else if (name->fallback) {
        for (const char *at = name->fallback; *at && count < HA_OPTIONS_MAX;) {
            size_t len = strcspn(at, ",");
            words[count++] = arena_strndup(plan->arena, at, len);
            at += len + (at[len] == ',');
        }
    }
    return count;
}

static size_t ha_plan_collect_states(const struct ha_value_plan *plan,
                                     const char *words[HA_OPTIONS_MAX])
{
    size_t count = 0;
    for (size_t i = 0; i < HA_WORDS_MAX; i++) {
        const char *word =
            plan->feature->words[i].member ? ha_plan_state_word(plan, ha_plan_word(plan, i)) : NULL;
        bool is_new = word != NULL;
        for (size_t k = 0; k < count; k++)
            is_new = is_new && strcmp(words[k], word) != 0;
        if (is_new)
            words[count++] = word;
    }
    return count;
}

static bool ha_text_is_any(const char *text, const char *const *list)
{
    for (; text && *list; list++) {
        if (strcmp(text, *list) == 0)
            return true;
    }
    return false;
}

/* Chooses the type of a sensor: by its options and classes, else by what was heard. */
static void ha_plan_type_sensor(struct ha_value_plan *plan, cJSON *tag)
{
    static const char *const counters[] = {"total", "total_increasing", NULL};
    static const char *const texts[] = {"timestamp", "date", "enum", NULL};
    const struct ha_config *config = &plan->entity->config;
    const char *state_class = ha_config_text(config, "state_class", NULL);
    const char *class = ha_config_text(config, "device_class", NULL);
    const char *words[HA_OPTIONS_MAX];
    size_t count = 0;
    const cJSON *options = plan->feature->label ? NULL : ha_config_find(config, "options");
    if (cJSON_IsArray(options)) {
        struct ha_value_plan with = *plan;
        struct ha_feature feature = *plan->feature;
        feature.words[0] = (struct ha_word){"options", NULL};
        with.feature = &feature;
        count = ha_plan_collect_options(&with, words);
    }
    struct survey_key heard = plan->heard;
    if (plan->value.factor != 1 && (heard.kinds & SURVEY_INTEGER))
        heard.kinds |= SURVEY_DECIMAL; /* the value in the register has them */
    unsigned kinds = plan->is_heard ? heard.kinds & ~(unsigned)SURVEY_NULL : 0;
    bool is_number = state_class || plan->feature->label ||
                     ha_config_find(config, "unit_of_measurement") ||
                     (class && !ha_text_is_any(class, texts));
    if (count > 0)
        proposal_type_words(tag, words, count);
    else if (ha_text_is_any(state_class, counters) && kinds == SURVEY_INTEGER)
        proposal_type_by_range(tag, 0, UINT32_MAX, 1);
    else if (is_number && !(kinds & SURVEY_TEXT))
        recogniser_type_measurement(plan->proposal, tag, plan->is_heard ? &heard : NULL);
    else if (kinds)
        proposal_type_by_key(plan->proposal, tag, &heard);
    else
        proposal_type_text(tag, 32);
    if (plan->value.factor != 1)
        proposal_set_number(tag, "modbus.scale", 1 / plan->value.factor);
}

static void ha_plan_type_number(struct ha_value_plan *plan, cJSON *tag)
{
    double smallest = ha_plan_number(plan, 0), largest = ha_plan_number(plan, 1);
    double step = ha_plan_number(plan, 2);
    if (plan->is_heard && plan->heard.decimals > 0 && step >= 1)
        step = 0;
    proposal_type_by_range(tag, fmin(smallest, largest), fmax(smallest, largest),
                           step > 0 ? step : 0);
}

/* Finds the template that both payloads are, each with its word in the place of the value. NULL
 * without one. */
static const char *ha_plan_common_template(const struct ha_value_plan *plan, const char *payload_on,
                                           const char *on, const char *payload_off, const char *off)
{
    const char *at_on = strstr(payload_on, on), *at_off = strstr(payload_off, off);
    if (!at_on || !at_off || strstr(at_on + 1, on) || strstr(at_off + 1, off))
        return NULL;
    const char *one = arena_format(plan->arena, "%.*s{value}%s", (int)(at_on - payload_on),
                                   payload_on, at_on + strlen(on));
    const char *other = arena_format(plan->arena, "%.*s{value}%s", (int)(at_off - payload_off),
                                     payload_off, at_off + strlen(off));
    return strcmp(one, other) == 0 ? one : NULL;
}

/* Adds the tags of a switch: one, or one for its state and one for its command when their words
 * differ. */
static size_t ha_plan_add_switch(struct ha_value_plan *plan, struct proposal_device *device,
                                 const char *device_topic)
{
    const char *payload_on = ha_plan_word(plan, 0), *payload_off = ha_plan_word(plan, 1);
    const char *on = ha_plan_state_word(plan, ha_plan_word(plan, 2));
    const char *off = ha_plan_state_word(plan, ha_plan_word(plan, 3));
    on = on && on[0] ? on : ha_plan_state_word(plan, payload_on);
    off = off && off[0] ? off : ha_plan_state_word(plan, payload_off);
    bool is_split = plan->topic && plan->command_topic &&
                    (strcmp(on, payload_on) != 0 || strcmp(off, payload_off) != 0);
    if (is_split && strcmp(plan->command, "{value}") == 0 && on[0] && off[0]) {
        const char *common = ha_plan_common_template(plan, payload_on, on, payload_off, off);
        is_split = common == NULL;
        plan->command = common ? common : plan->command;
    }
    struct ha_value_plan command = *plan;
    if (is_split)
        plan->command_topic = NULL;
    bool is_json = plan->topic && strcmp(on, "true") == 0 && strcmp(off, "false") == 0;
    if (strcmp(on, off) == 0) {
        proposal_note(plan->proposal, "%s: its payloads for on and off are equal", plan->label);
        return 0;
    }
    cJSON *tag = ha_plan_add_tag(plan, device, device_topic);
    proposal_type_switch(tag, is_json && !plan->value.is_text ? NULL : on,
                         is_json && !plan->value.is_text ? NULL : off);
    ha_plan_set_command(plan, tag);
    if (!is_split || strcmp(payload_on, payload_off) == 0)
        return 1;
    command.topic = NULL;
    command.label = arena_format(plan->arena, "%s command", plan->label);
    tag = ha_plan_add_tag(&command, device, device_topic);
    proposal_type_switch(tag, payload_on, payload_off);
    ha_plan_set_command(&command, tag);
    return 2;
}

static size_t ha_plan_add_value(struct ha_value_plan *plan, struct proposal_device *device,
                                const char *device_topic)
{
    const char *words[HA_OPTIONS_MAX];
    size_t count = 0;
    enum ha_kind kind = plan->feature->kind;
    if (kind == HA_SWITCH)
        return ha_plan_add_switch(plan, device, device_topic);
    if (kind == HA_OPTIONS)
        count = ha_plan_collect_options(plan, words);
    else if (kind == HA_STATES)
        count = ha_plan_collect_states(plan, words);
    if (kind == HA_OPTIONS && count == 0 && !plan->is_heard) {
        proposal_note(plan->proposal, "%s: its words are not listed and were not heard",
                      plan->label);
        return 0;
    }
    cJSON *tag = ha_plan_add_tag(plan, device, device_topic);
    if (count > 0) {
        proposal_type_words(tag, words, count);
    } else if (kind == HA_SENSOR) {
        ha_plan_type_sensor(plan, tag);
    } else if (kind == HA_NUMBER) {
        ha_plan_type_number(plan, tag);
    } else if (kind == HA_PRESS) {
        cJSON *values = cJSON_CreateObject();
        cJSON_AddNumberToObject(values, ha_plan_word(plan, 0), 1);
        proposal_type_switch(tag, NULL, NULL);
        proposal_set_object(tag, "mqtt.values", values);
    } else if (kind == HA_TEXT) {
        proposal_type_text(tag, 64);
    } else {
        proposal_type_by_key(plan->proposal, tag, &plan->heard);
    }
    ha_plan_set_command(plan, tag);
    return 1;
}

/* The name of the entity, or what it is: an entity may have the device's name. */
static const char *ha_entity_label(const struct ha_entity *entity)
{
    const char *label = ha_config_text(&entity->config, "name", NULL);
    if (!label || label[0] == '\0')
        label = ha_config_text(&entity->config, "device_class", NULL);
    return label && label[0] ? label : entity->object;
}

size_t ha_entity_add_tags(struct proposal *proposal, struct proposal_device *device,
                          const struct ha_entity *entity, const char *device_topic)
{
    struct arena *arena = proposal_arena(proposal);
    const char *label = ha_entity_label(entity);
    size_t count = 0;
    for (size_t i = 0; i < HA_FEATURES; i++) {
        const struct ha_feature *feature = &ha_features[i];
        if (!ha_feature_applies(feature, entity))
            continue;
        struct ha_value_plan plan = {
            .proposal = proposal, .arena = arena, .entity = entity, .feature = feature};
        plan.label = feature->label ? arena_format(arena, "%s %s", label, feature->label) : label;
        plan.topic = ha_config_topic(&entity->config, feature->topic, true);
        plan.command_topic = ha_config_topic(&entity->config, feature->command_topic, false);
        if (plan.topic && !ha_plan_read_state(&plan))
            continue;
        /* A computed value has no command: it would need the inverse. */
        bool is_computed = plan.topic && plan.value.factor != 1;
        if (plan.command_topic && (is_computed || !ha_plan_read_command(&plan)))
            plan.command_topic = NULL;
        if (plan.topic || plan.command_topic)
            count += ha_plan_add_value(&plan, device, device_topic);
    }
    return count;
}
