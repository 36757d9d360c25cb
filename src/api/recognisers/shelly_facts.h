/* Topics of Shelly's first generation and status members of the later ones, as its documents say.
 * Data for shelly.c and shelly_rpc.c. */
#ifndef TAGFERRY_API_RECOGNISERS_SHELLY_FACTS_H
#define TAGFERRY_API_RECOGNISERS_SHELLY_FACTS_H

enum shelly_kind {
    SHELLY_MEASURED, /* float32 */
    SHELLY_PERCENT,  /* 0 to 100 in an integer */
    SHELLY_BYTE,     /* 0 to 255 */
    SHELLY_SIGNED,   /* an integer in 16 bits */
    SHELLY_COUNTER,  /* 32 bits */
    SHELLY_SWITCH,   /* words: on,off; NULL: JSON booleans */
    SHELLY_WORDS,    /* words, from 0 */
    SHELLY_SILENT,   /* no value: described by others, or the same in another unit */
};

/* The first generation: a topic for each value, below shellies/ID/. `+` stands for a number. */
static const struct shelly_value {
    const char *topic;
    const char *key;   /* NULL: the whole payload */
    const char *label; /* NULL: from the topic */
    enum shelly_kind kind;
    const char *unit, *words;
    const char *command, *command_template; /* a topic; NULL: no command */
    double scale;                           /* 0: 1 */
} shelly_values[] = {
    {"relay/+", NULL, NULL, SHELLY_SWITCH, NULL, "on,off", "relay/+/command", NULL, 0},
    {"relay/+/power", NULL, NULL, SHELLY_MEASURED, "W", NULL, NULL, NULL, 0},
    /* With a scale of 60 the register counts watt-hours. */
    {"relay/+/energy", NULL, NULL, SHELLY_COUNTER, "Wmin", NULL, NULL, NULL, 60},
    {"relay/+/overpower_value", NULL, NULL, SHELLY_MEASURED, "W", NULL, NULL, NULL, 0},
    {"roller/+", NULL, NULL, SHELLY_WORDS, NULL, "stop,open,close", "roller/+/command", NULL, 0},
    {"roller/+/pos", NULL, NULL, SHELLY_SIGNED, "%", NULL, "roller/+/command/pos", NULL, 0},
    {"roller/+/power", NULL, NULL, SHELLY_MEASURED, "W", NULL, NULL, NULL, 0},
    {"roller/+/energy", NULL, NULL, SHELLY_COUNTER, "Wmin", NULL, NULL, NULL, 60},
    {"roller/+/stop_reason", NULL, NULL, SHELLY_WORDS, NULL,
     "normal,safety_switch,obstacle,overpower", NULL, NULL, 0},
    {"emeter/+/power", NULL, NULL, SHELLY_MEASURED, "W", NULL, NULL, NULL, 0},
    {"emeter/+/reactive_power", NULL, NULL, SHELLY_MEASURED, "var", NULL, NULL, NULL, 0},
    {"emeter/+/voltage", NULL, NULL, SHELLY_MEASURED, "V", NULL, NULL, NULL, 0},
    {"emeter/+/current", NULL, NULL, SHELLY_MEASURED, "A", NULL, NULL, NULL, 0},
    {"emeter/+/pf", NULL, NULL, SHELLY_MEASURED, NULL, NULL, NULL, NULL, 0},
    {"emeter/+/energy", NULL, NULL, SHELLY_COUNTER, "Wmin", NULL, NULL, NULL, 60},
    {"emeter/+/returned_energy", NULL, NULL, SHELLY_COUNTER, "Wmin", NULL, NULL, NULL, 60},
    {"emeter/+/total", NULL, NULL, SHELLY_COUNTER, "Wh", NULL, NULL, NULL, 0},
    {"emeter/+/total_returned", NULL, NULL, SHELLY_COUNTER, "Wh", NULL, NULL, NULL, 0},
    {"light/+", NULL, NULL, SHELLY_SWITCH, NULL, "on,off", "light/+/command", NULL, 0},
    {"light/+/power", NULL, NULL, SHELLY_MEASURED, "W", NULL, NULL, NULL, 0},
    {"light/+/energy", NULL, NULL, SHELLY_COUNTER, "Wmin", NULL, NULL, NULL, 60},
    {"light/+/status", "brightness", "light + brightness", SHELLY_PERCENT, "%", NULL, "light/+/set",
     "{\"brightness\": {value}}", 0},
    {"white/+", NULL, NULL, SHELLY_SWITCH, NULL, "on,off", "white/+/command", NULL, 0},
    {"white/+/status", "brightness", "white + brightness", SHELLY_PERCENT, "%", NULL, "white/+/set",
     "{\"brightness\": {value}}", 0},
    {"color/+", NULL, NULL, SHELLY_SWITCH, NULL, "on,off", "color/+/command", NULL, 0},
    {"color/+/status", "gain", "color + gain", SHELLY_PERCENT, "%", NULL, "color/+/set",
     "{\"gain\": {value}}", 0},
    {"color/+/status", "red", "color + red", SHELLY_BYTE, NULL, NULL, "color/+/set",
     "{\"red\": {value}}", 0},
    {"color/+/status", "green", "color + green", SHELLY_BYTE, NULL, NULL, "color/+/set",
     "{\"green\": {value}}", 0},
    {"color/+/status", "blue", "color + blue", SHELLY_BYTE, NULL, NULL, "color/+/set",
     "{\"blue\": {value}}", 0},
    {"color/+/status", "white", "color + white", SHELLY_BYTE, NULL, NULL, "color/+/set",
     "{\"white\": {value}}", 0},
    {"input/+", NULL, NULL, SHELLY_SWITCH, NULL, "1,0", NULL, NULL, 0},
    {"longpush/+", NULL, NULL, SHELLY_SWITCH, NULL, "1,0", NULL, NULL, 0},
    {"input_event/+", "event_cnt", "input + events", SHELLY_COUNTER, NULL, NULL, NULL, NULL, 0},
    {"input_event/+", "event", "input + event", SHELLY_WORDS, NULL, ",S,L,SS,SSS,SL,LS", NULL, NULL,
     0},
    {"temperature", NULL, NULL, SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, NULL, NULL, 0},
    {"temperature_f", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"overtemperature", NULL, NULL, SHELLY_SWITCH, NULL, "1,0", NULL, NULL, 0},
    {"temperature_status", NULL, NULL, SHELLY_WORDS, NULL, "Normal,High,Very High", NULL, NULL, 0},
    {"overload", NULL, NULL, SHELLY_SWITCH, NULL, "1,0", NULL, NULL, 0},
    {"loaderror", NULL, NULL, SHELLY_SWITCH, NULL, "1,0", NULL, NULL, 0},
    {"voltage", NULL, NULL, SHELLY_MEASURED, "V", NULL, NULL, NULL, 0},
    {"ext_temperature/+", NULL, NULL, SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, NULL, NULL, 0},
    {"ext_temperature_f/+", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"ext_temperatures", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"ext_temperatures_f", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"ext_humidity/+", NULL, NULL, SHELLY_MEASURED, "%", NULL, NULL, NULL, 0},
    {"ext_humidities", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"ext_switch/+", NULL, NULL, SHELLY_SWITCH, NULL, "1,0", NULL, NULL, 0},
    {"adc/+", NULL, NULL, SHELLY_MEASURED, "V", NULL, NULL, NULL, 0},
    {"sensor/temperature", NULL, NULL, SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, NULL, NULL, 0},
    {"sensor/humidity", NULL, NULL, SHELLY_MEASURED, "%", NULL, NULL, NULL, 0},
    {"sensor/battery", NULL, NULL, SHELLY_PERCENT, "%", NULL, NULL, NULL, 0},
    {"sensor/lux", NULL, NULL, SHELLY_COUNTER, "lx", NULL, NULL, NULL, 0},
    {"sensor/tilt", NULL, NULL, SHELLY_SIGNED, "\xc2\xb0", NULL, NULL, NULL, 0},
    {"sensor/vibration", NULL, NULL, SHELLY_SWITCH, NULL, "1,0", NULL, NULL, 0},
    {"sensor/illumination", NULL, NULL, SHELLY_WORDS, NULL, "dark,twilight,bright", NULL, NULL, 0},
    {"sensor/state", NULL, NULL, SHELLY_SWITCH, NULL, "open,close", NULL, NULL, 0},
    {"sensor/flood", NULL, NULL, SHELLY_SWITCH, NULL, "true,false", NULL, NULL, 0},
    {"sensor/smoke", NULL, NULL, SHELLY_SWITCH, NULL, "true,false", NULL, NULL, 0},
    {"sensor/motion", NULL, NULL, SHELLY_SWITCH, NULL, "true,false", NULL, NULL, 0},
    {"sensor/charger", NULL, NULL, SHELLY_SWITCH, NULL, "true,false", NULL, NULL, 0},
    {"sensor/ext_power", NULL, NULL, SHELLY_SWITCH, NULL, "true,false", NULL, NULL, 0},
    {"sensor/concentration", NULL, NULL, SHELLY_COUNTER, "ppm", NULL, NULL, NULL, 0},
    {"sensor/gas", NULL, NULL, SHELLY_WORDS, NULL, "none,mild,heavy,unknown", NULL, NULL, 0},
    {"sensor/alarm_state", NULL, NULL, SHELLY_WORDS, NULL, "none,mild,heavy,test,unknown", NULL,
     NULL, 0},
    {"sensor/act_reasons", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"sensor/error", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"online", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"announce", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"info", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
    {"command", NULL, NULL, SHELLY_SILENT, NULL, NULL, NULL, NULL, 0},
};

/* The later generations: the members of ID/status/COMPONENT:NUMBER. */
static const struct shelly_member {
    const char *component, *key;
    enum shelly_kind kind;
    const char *unit, *words;
    const char *method, *parameter; /* of the RPC that sets it; NULL: it cannot be set */
} shelly_members[] = {
    {"switch", "output", SHELLY_SWITCH, NULL, NULL, "Switch.Set", "on"},
    {"switch", "apower", SHELLY_MEASURED, "W", NULL, NULL, NULL},
    {"switch", "voltage", SHELLY_MEASURED, "V", NULL, NULL, NULL},
    {"switch", "current", SHELLY_MEASURED, "A", NULL, NULL, NULL},
    {"switch", "pf", SHELLY_MEASURED, NULL, NULL, NULL, NULL},
    {"switch", "freq", SHELLY_MEASURED, "Hz", NULL, NULL, NULL},
    {"switch", "/aenergy/total", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"switch", "/ret_aenergy/total", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"switch", "/temperature/tC", SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, NULL, NULL},
    {"light", "output", SHELLY_SWITCH, NULL, NULL, "Light.Set", "on"},
    {"light", "brightness", SHELLY_PERCENT, "%", NULL, "Light.Set", "brightness"},
    {"light", "apower", SHELLY_MEASURED, "W", NULL, NULL, NULL},
    {"light", "voltage", SHELLY_MEASURED, "V", NULL, NULL, NULL},
    {"light", "current", SHELLY_MEASURED, "A", NULL, NULL, NULL},
    {"light", "/aenergy/total", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"light", "/temperature/tC", SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, NULL, NULL},
    {"rgb", "output", SHELLY_SWITCH, NULL, NULL, "RGB.Set", "on"},
    {"rgb", "brightness", SHELLY_PERCENT, "%", NULL, "RGB.Set", "brightness"},
    {"rgbw", "output", SHELLY_SWITCH, NULL, NULL, "RGBW.Set", "on"},
    {"rgbw", "brightness", SHELLY_PERCENT, "%", NULL, "RGBW.Set", "brightness"},
    {"rgbw", "white", SHELLY_BYTE, NULL, NULL, "RGBW.Set", "white"},
    {"cct", "output", SHELLY_SWITCH, NULL, NULL, "CCT.Set", "on"},
    {"cct", "brightness", SHELLY_PERCENT, "%", NULL, "CCT.Set", "brightness"},
    {"cct", "ct", SHELLY_SIGNED, "K", NULL, "CCT.Set", "ct"},
    {"cover", "state", SHELLY_WORDS, NULL, "stopped,open,closed,opening,closing,calibrating", NULL,
     NULL},
    {"cover", "current_pos", SHELLY_PERCENT, "%", NULL, "Cover.GoToPosition", "pos"},
    {"cover", "apower", SHELLY_MEASURED, "W", NULL, NULL, NULL},
    {"cover", "voltage", SHELLY_MEASURED, "V", NULL, NULL, NULL},
    {"cover", "current", SHELLY_MEASURED, "A", NULL, NULL, NULL},
    {"cover", "pf", SHELLY_MEASURED, NULL, NULL, NULL, NULL},
    {"cover", "/aenergy/total", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"cover", "/temperature/tC", SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, NULL, NULL},
    {"input", "state", SHELLY_SWITCH, NULL, NULL, NULL, NULL},
    {"input", "percent", SHELLY_MEASURED, "%", NULL, NULL, NULL},
    {"input", "/counts/total", SHELLY_COUNTER, NULL, NULL, NULL, NULL},
    {"pm1", "apower", SHELLY_MEASURED, "W", NULL, NULL, NULL},
    {"pm1", "voltage", SHELLY_MEASURED, "V", NULL, NULL, NULL},
    {"pm1", "current", SHELLY_MEASURED, "A", NULL, NULL, NULL},
    {"pm1", "pf", SHELLY_MEASURED, NULL, NULL, NULL, NULL},
    {"pm1", "freq", SHELLY_MEASURED, "Hz", NULL, NULL, NULL},
    {"pm1", "/aenergy/total", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"pm1", "/ret_aenergy/total", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"em1", "act_power", SHELLY_MEASURED, "W", NULL, NULL, NULL},
    {"em1", "aprt_power", SHELLY_MEASURED, "VA", NULL, NULL, NULL},
    {"em1", "voltage", SHELLY_MEASURED, "V", NULL, NULL, NULL},
    {"em1", "current", SHELLY_MEASURED, "A", NULL, NULL, NULL},
    {"em1", "pf", SHELLY_MEASURED, NULL, NULL, NULL, NULL},
    {"em1", "freq", SHELLY_MEASURED, "Hz", NULL, NULL, NULL},
    {"em1data", "total_act_energy", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"em1data", "total_act_ret_energy", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
#define SHELLY_PHASE(phase)                                                                        \
    {"em", phase "_current", SHELLY_MEASURED, "A", NULL, NULL, NULL},                              \
        {"em", phase "_voltage", SHELLY_MEASURED, "V", NULL, NULL, NULL},                          \
        {"em", phase "_act_power", SHELLY_MEASURED, "W", NULL, NULL, NULL},                        \
        {"em", phase "_aprt_power", SHELLY_MEASURED, "VA", NULL, NULL, NULL},                      \
        {"em", phase "_pf", SHELLY_MEASURED, NULL, NULL, NULL, NULL},                              \
        {"em", phase "_freq", SHELLY_MEASURED, "Hz", NULL, NULL, NULL},                            \
        {"emdata", phase "_total_act_energy", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},            \
        {"emdata", phase "_total_act_ret_energy", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    SHELLY_PHASE("a") SHELLY_PHASE("b")
        SHELLY_PHASE("c"){"em", "n_current", SHELLY_MEASURED, "A", NULL, NULL, NULL},
    {"em", "total_current", SHELLY_MEASURED, "A", NULL, NULL, NULL},
    {"em", "total_act_power", SHELLY_MEASURED, "W", NULL, NULL, NULL},
    {"em", "total_aprt_power", SHELLY_MEASURED, "VA", NULL, NULL, NULL},
    {"emdata", "total_act", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"emdata", "total_act_ret", SHELLY_MEASURED, "Wh", NULL, NULL, NULL},
    {"temperature", "tC", SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, NULL, NULL},
    {"humidity", "rh", SHELLY_MEASURED, "%", NULL, NULL, NULL},
    {"voltmeter", "voltage", SHELLY_MEASURED, "V", NULL, NULL, NULL},
    {"voltmeter", "xvoltage", SHELLY_MEASURED, NULL, NULL, NULL, NULL},
    {"illuminance", "lux", SHELLY_COUNTER, "lx", NULL, NULL, NULL},
    {"smoke", "alarm", SHELLY_SWITCH, NULL, NULL, NULL, NULL},
    {"flood", "alarm", SHELLY_SWITCH, NULL, NULL, NULL, NULL},
    {"devicepower", "/battery/percent", SHELLY_PERCENT, "%", NULL, NULL, NULL},
    {"devicepower", "/battery/V", SHELLY_MEASURED, "V", NULL, NULL, NULL},
    {"devicepower", "/external/present", SHELLY_SWITCH, NULL, NULL, NULL, NULL},
    {"thermostat", "target_C", SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, "Thermostat.SetConfig", "target_C"},
    {"thermostat", "current_C", SHELLY_MEASURED,
     "\xc2\xb0"
     "C",
     NULL, NULL, NULL},
    {"thermostat", "output", SHELLY_SWITCH, NULL, NULL, NULL, NULL},
    {"thermostat", "enable", SHELLY_SWITCH, NULL, NULL, "Thermostat.SetConfig", "enable"},
    {"sys", "uptime", SHELLY_COUNTER, "s", NULL, NULL, NULL},
    {"wifi", "rssi", SHELLY_SIGNED, "dBm", NULL, NULL, NULL},
};

#endif
