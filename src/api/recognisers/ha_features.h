/* The values that each component of Home Assistant has, and the members that describe them, as its
 * documents say. Data for ha_entity.c. */
#ifndef TAGFERRY_API_RECOGNISERS_HA_FEATURES_H
#define TAGFERRY_API_RECOGNISERS_HA_FEATURES_H

enum ha_kind {
    HA_SENSOR,  /* by unit, class, options, and what was heard */
    HA_NUMBER,  /* from words[0] to words[1] in steps of words[2] */
    HA_SWITCH,  /* words[0] is on, words[1] off; words[2] and [3] the same in the state's topic */
    HA_OPTIONS, /* words[0] names the list; its fallback is a list with commas */
    HA_STATES,  /* each of words is one */
    HA_PRESS,   /* words[0] is the only command */
    HA_TEXT,
};

enum { HA_WORDS_MAX = 5 };

/* A member and what it is when left out. */
struct ha_word {
    const char *member, *fallback;
};

struct ha_feature {
    const char *component;
    const char *label; /* added to the entity's name; NULL for its main value */
    enum ha_kind kind;
    const char *topic, *template_name;            /* members; NULL: no state */
    const char *command_topic, *command_template; /* members; NULL: no command */
    struct ha_word words[HA_WORDS_MAX];
    const char *needs; /* a member that must be there and not false; with '!' must not */
    const char *key;   /* the key in state and command of the schema json; else NULL */
};

#define HA_MODES(component, mode, template_end, list)                                              \
    {                                                                                              \
        component, mode, HA_OPTIONS, mode "_state_topic", mode template_end,                       \
            mode "_command_topic", mode "_command_template", {{mode "s", list}}, NULL, NULL        \
    }
#define HA_TEMPERATURE(component, which)                                                           \
    {                                                                                              \
        component, which, HA_NUMBER, which "_state_topic", which "_state_template",                \
            which "_command_topic", which "_command_template",                                     \
            {{"min_temp", "7"}, {"max_temp", "35"}, {"temp_step", "1"}}, NULL, NULL                \
    }
#define HA_ON_OFF(component, template_name, schema)                                                \
    {                                                                                              \
        component, NULL, HA_SWITCH, "state_topic", template_name, "command_topic",                 \
            "command_template",                                                                    \
            {{"payload_on", "ON"},                                                                 \
             {"payload_off", "OFF"},                                                               \
             {"state_on", NULL},                                                                   \
             {"state_off", NULL}},                                                                 \
            schema, NULL                                                                           \
    }
#define HA_READING(component, label, topic, template_name)                                         \
    {                                                                                              \
        component, label, HA_SENSOR, topic, template_name, NULL, NULL, {{NULL, NULL}}, NULL, NULL  \
    }

/* clang-format off */
static const struct ha_feature ha_features[] = {
    HA_READING("sensor", NULL, "state_topic", "value_template"),
    {"binary_sensor", NULL, HA_SWITCH, "state_topic", "value_template", NULL, NULL,
     {{"payload_on", "ON"}, {"payload_off", "OFF"}}, NULL, NULL},
    HA_ON_OFF("switch", "value_template", NULL),
    HA_ON_OFF("siren", "state_value_template", NULL),
    {"number", NULL, HA_NUMBER, "state_topic", "value_template", "command_topic",
     "command_template", {{"min", "1"}, {"max", "100"}, {"step", "1"}}, NULL, NULL},
    {"select", NULL, HA_OPTIONS, "state_topic", "value_template", "command_topic",
     "command_template", {{"options", NULL}}, NULL, NULL},
    {"button", NULL, HA_PRESS, NULL, NULL, "command_topic", "command_template",
     {{"payload_press", "PRESS"}}, NULL, NULL},
    {"text", NULL, HA_TEXT, "state_topic", "value_template", "command_topic", "command_template",
     {{NULL, NULL}}, NULL, NULL},

    HA_TEMPERATURE("climate", "temperature"),
    HA_TEMPERATURE("climate", "temperature_low"),
    HA_TEMPERATURE("climate", "temperature_high"),
    HA_READING("climate", "current_temperature", "current_temperature_topic",
               "current_temperature_template"),
    {"climate", "target_humidity", HA_NUMBER, "target_humidity_state_topic",
     "target_humidity_state_template", "target_humidity_command_topic",
     "target_humidity_command_template",
     {{"min_humidity", "30"}, {"max_humidity", "99"}, {NULL, "1"}}, NULL, NULL},
    HA_READING("climate", "current_humidity", "current_humidity_topic",
               "current_humidity_template"),
    HA_MODES("climate", "mode", "_state_template", "off,heat,cool,auto,dry,fan_only"),
    HA_MODES("climate", "fan_mode", "_state_template", "auto,low,medium,high"),
    HA_MODES("climate", "preset_mode", "_value_template", NULL),
    HA_MODES("climate", "swing_mode", "_state_template", "on,off"),
    {"climate", "action", HA_OPTIONS, "action_topic", "action_template", NULL, NULL,
     {{NULL, "off,heating,cooling,drying,idle,fan,preheating,defrosting"}}, NULL, NULL},
    {"climate", "power", HA_SWITCH, NULL, NULL, "power_command_topic", "power_command_template",
     {{"payload_on", "ON"}, {"payload_off", "OFF"}}, NULL, NULL},
    HA_TEMPERATURE("water_heater", "temperature"),
    HA_READING("water_heater", "current_temperature", "current_temperature_topic",
               "current_temperature_template"),
    HA_MODES("water_heater", "mode", "_state_template",
             "off,eco,electric,gas,heat_pump,high_demand,performance"),

    {"cover", NULL, HA_STATES, "state_topic", "value_template", NULL, NULL,
     {{"state_closed", "closed"}, {"state_open", "open"}, {"state_closing", "closing"},
      {"state_opening", "opening"}, {"state_stopped", "stopped"}}, NULL, NULL},
    {"cover", "command", HA_STATES, NULL, NULL, "command_topic", NULL,
     {{"payload_close", "CLOSE"}, {"payload_open", "OPEN"}, {"payload_stop", "STOP"}}, NULL, NULL},
    {"cover", "position", HA_NUMBER, "position_topic", "position_template", "set_position_topic",
     "set_position_template", {{"position_closed", "0"}, {"position_open", "100"}, {NULL, "1"}},
     NULL, NULL},
    {"cover", "tilt", HA_NUMBER, "tilt_status_topic", "tilt_status_template",
     "tilt_command_topic", "tilt_command_template",
     {{"tilt_min", "0"}, {"tilt_max", "100"}, {NULL, "1"}}, NULL, NULL},
    {"valve", NULL, HA_STATES, "state_topic", "value_template", NULL, NULL,
     {{"state_closed", "closed"}, {"state_open", "open"}, {"state_closing", "closing"},
      {"state_opening", "opening"}}, "!reports_position", NULL},
    {"valve", "command", HA_STATES, NULL, NULL, "command_topic", "command_template",
     {{"payload_close", "CLOSE"}, {"payload_open", "OPEN"}, {"payload_stop", NULL}},
     "!reports_position", NULL},
    {"valve", "position", HA_NUMBER, "state_topic", "value_template", "command_topic",
     "command_template", {{"position_closed", "0"}, {"position_open", "100"}, {NULL, "1"}},
     "reports_position", NULL},
    {"lock", NULL, HA_STATES, "state_topic", "value_template", NULL, NULL,
     {{"state_unlocked", "UNLOCKED"}, {"state_locked", "LOCKED"}, {"state_locking", "LOCKING"},
      {"state_unlocking", "UNLOCKING"}, {"state_jammed", "JAMMED"}}, NULL, NULL},
    {"lock", "command", HA_STATES, NULL, NULL, "command_topic", "command_template",
     {{"payload_unlock", "UNLOCK"}, {"payload_lock", "LOCK"}, {"payload_open", NULL}}, NULL, NULL},

    HA_ON_OFF("light", "state_value_template", "!schema"),
    {"light", "brightness", HA_NUMBER, "brightness_state_topic", "brightness_value_template",
     "brightness_command_topic", "brightness_command_template",
     {{NULL, "0"}, {"brightness_scale", "255"}, {NULL, "1"}}, "!schema", NULL},
    {"light", "color_temp", HA_NUMBER, "color_temp_state_topic", "color_temp_value_template",
     "color_temp_command_topic", "color_temp_command_template",
     {{"min_mireds", "153"}, {"max_mireds", "500"}, {NULL, "1"}}, "!schema", NULL},
    {"light", "effect", HA_OPTIONS, "effect_state_topic", "effect_value_template",
     "effect_command_topic", "effect_command_template", {{"effect_list", NULL}}, "!schema", NULL},
    {"light", NULL, HA_SWITCH, "state_topic", NULL, "command_topic", NULL,
     {{NULL, "ON"}, {NULL, "OFF"}}, "schema=json", "state"},
    {"light", "brightness", HA_NUMBER, "state_topic", NULL, "command_topic", NULL,
     {{NULL, "0"}, {"brightness_scale", "255"}, {NULL, "1"}}, "schema=json", "brightness"},

    HA_ON_OFF("fan", "state_value_template", NULL),
    {"fan", "percentage", HA_NUMBER, "percentage_state_topic", "percentage_value_template",
     "percentage_command_topic", "percentage_command_template",
     {{NULL, "0"}, {"speed_range_max", "100"}, {NULL, "1"}}, NULL, NULL},
    HA_MODES("fan", "preset_mode", "_value_template", NULL),
    {"fan", "oscillation", HA_SWITCH, "oscillation_state_topic", "oscillation_value_template",
     "oscillation_command_topic", "oscillation_command_template",
     {{"payload_oscillation_on", "oscillate_on"}, {"payload_oscillation_off", "oscillate_off"}},
     NULL, NULL},
    {"fan", "direction", HA_OPTIONS, "direction_state_topic", "direction_value_template",
     "direction_command_topic", "direction_command_template", {{NULL, "forward,reverse"}},
     NULL, NULL},
    HA_ON_OFF("humidifier", "state_value_template", NULL),
    {"humidifier", "target_humidity", HA_NUMBER, "target_humidity_state_topic",
     "target_humidity_state_template", "target_humidity_command_topic",
     "target_humidity_command_template",
     {{"min_humidity", "0"}, {"max_humidity", "100"}, {NULL, "1"}}, NULL, NULL},
    HA_READING("humidifier", "current_humidity", "current_humidity_topic",
               "current_humidity_template"),
    HA_MODES("humidifier", "mode", "_state_template", NULL),
};
/* clang-format on */

/* Components without values for registers. */
static const char *const ha_other_components[] = {
    "alarm_control_panel",
    "camera",
    "device_automation",
    "device_tracker",
    "event",
    "image",
    "lawn_mower",
    "notify",
    "scene",
    "tag",
    "update",
    "vacuum",
};

#endif
