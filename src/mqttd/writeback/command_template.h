/* Makes the message of a command. Pure. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_COMMAND_TEMPLATE_H
#define TAGFERRY_MQTTD_WRITEBACK_COMMAND_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

/* The values of placeholders. */
struct template_values {
    const char *device, *tag;
    const char *key;  /* of the tag, for the default template */
    const char *json; /* the value as JSON, a string with its quotes */
    const char *bare; /* the same without quotes */
    bool text;        /* the tag's payload is text, not JSON */
};

/* Writes the message to `out`, without a NUL, and sets *len. The default template, NULL, is
 * {"<key>": <value>}, with the last token of a key that is a JSON Pointer; for the key "" it is the
 * bare value.
 *
 * In a template that begins as JSON, {value} becomes JSON: escaped inside a string, elsewhere with
 * its own quotes. In any other template it is bare. False when `size` is too small. */
bool command_template_render(const char *template_text, const struct template_values *values,
                             char *out, size_t size, size_t *len);

#endif
