/* Templates of Home Assistant (Jinja) of a simple form, which mqtt.key and command_template can
 * say. Pure. */
#ifndef TAGFERRY_API_RECOGNISERS_HA_TEMPLATE_H
#define TAGFERRY_API_RECOGNISERS_HA_TEMPLATE_H

#include <stdbool.h>

struct arena;

/* What a value_template takes. */
struct ha_value {
    const char *pointer; /* a JSON Pointer, "" for the whole payload */
    bool is_text;        /* the payload as a text, not as JSON */
    double factor;       /* the value times this; 1 in most cases */
};

/* Reads a template such as {{ value_json.a['b'] | float }}. False when it is not simple: a
 * condition, a filter that changes the value, a statement. */
bool ha_template_read_value(struct arena *arena, const char *text, struct ha_value *value);

/* Converts a template such as {"x": {{ value }}} to a command_template. NULL when it is not simple.
 */
const char *ha_template_read_command(struct arena *arena, const char *text);

#endif
