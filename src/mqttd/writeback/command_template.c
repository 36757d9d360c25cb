/* Renders templates. */
#include "mqttd/writeback/command_template.h"

#include <string.h>

#include "mqttd/model/translate.h"

struct output {
    char *text;
    size_t size, len;
    bool full;
};

static void put(struct output *output, const char *text, size_t len)
{
    if (len > output->size - output->len) {
        output->full = true;
        return;
    }
    memcpy(output->text + output->len, text, len);
    output->len += len;
}

static void put_escaped(struct output *output, const char *text)
{
    char piece[8];
    for (; *text; text++)
        put(output, piece, translate_escape(text, 1, piece));
}

/* The name that a reader of the default message looks for: of a JSON Pointer the last token. */
static void put_name(struct output *output, const char *key)
{
    char piece[8];
    const char *at = key[0] == '/' ? strrchr(key, '/') + 1 : key;
    for (; *at; at++) {
        bool is_escape = key[0] == '/' && at[0] == '~' && (at[1] == '0' || at[1] == '1');
        const char *character = !is_escape ? at : at[1] == '0' ? "~" : "/";
        put(output, piece, translate_escape(character, 1, piece));
        at += is_escape;
    }
}

static void put_default(struct output *output, const struct template_values *values)
{
    if (values->key[0] == '\0') {
        const char *value = values->text ? values->bare : values->json;
        put(output, value, strlen(value));
        return;
    }
    put(output, "{\"", 2);
    put_name(output, values->key);
    put(output, "\": ", 3);
    put(output, values->json, strlen(values->json));
    put(output, "}", 1);
}

enum placeholder { NO_PLACEHOLDER, VALUE, TAG, DEVICE };

static enum placeholder placeholder_at(const char *text, size_t *len)
{
    static const struct {
        const char *text;
        enum placeholder is;
    } all[] = {{"{value}", VALUE}, {"{tag}", TAG}, {"{device}", DEVICE}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        *len = strlen(all[i].text);
        if (strncmp(text, all[i].text, *len) == 0)
            return all[i].is;
    }
    return NO_PLACEHOLDER;
}

static bool begins_as_json(const char *text)
{
    size_t len;
    text += strspn(text, " \t\r\n");
    return (*text == '{' && placeholder_at(text, &len) == NO_PLACEHOLDER) || *text == '[' ||
           *text == '"';
}

static void put_placeholder(struct output *output, enum placeholder placeholder,
                            const struct template_values *values, bool json, bool in_string)
{
    const char *text = placeholder == TAG      ? values->tag
                       : placeholder == DEVICE ? values->device
                                               : values->bare;
    if (placeholder == VALUE && json && !in_string)
        put(output, values->json, strlen(values->json));
    else if (json)
        put_escaped(output, text);
    else
        put(output, text, strlen(text));
}

bool template_render(const char *template_text, const struct template_values *values, char *out,
                     size_t size, size_t *len)
{
    struct output output = {.text = out, .size = size};
    bool json = template_text && begins_as_json(template_text), in_string = false;
    size_t skip;
    if (!template_text)
        put_default(&output, values);
    for (const char *at = template_text; at && *at; at += skip) {
        enum placeholder placeholder = placeholder_at(at, &skip);
        if (placeholder != NO_PLACEHOLDER) {
            put_placeholder(&output, placeholder, values, json, in_string);
            continue;
        }
        skip = json && in_string && at[0] == '\\' && at[1] ? 2 : 1;
        in_string = in_string != (skip == 1 && *at == '"');
        put(&output, at, skip);
    }
    *len = output.len;
    return !output.full;
}
