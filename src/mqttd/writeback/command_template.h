/* The message that a command publishes. Pure. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_COMMAND_TEMPLATE_H
#define TAGFERRY_MQTTD_WRITEBACK_COMMAND_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

/* What may be put into a template. */
struct template_values {
    const char *device, *tag;
    const char *key;  /* of the tag, for the default template */
    const char *json; /* the value as JSON, a string with its quotes */
    const char *bare; /* the same without quotes */
    bool text;        /* the tag's payload is text, not JSON */
};

/* Writes the message, not terminated, into `out`, and its length into *len. NULL for the template
 * is {"<key>": <value>}, for a pointer its last token, for the key "" the bare value.
 *
 * In a template that begins as JSON, {value} is JSON: inside a string it is escaped, elsewhere it
 * brings its own quotes. In any other it is bare. False when `size` is too small. */
bool command_template_render(const char *template_text, const struct template_values *values,
                             char *out, size_t size, size_t *len);

#endif
