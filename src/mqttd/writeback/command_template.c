/* Replaces the placeholders of templates. */
#include "mqttd/writeback/command_template.h"

#include <string.h>

#include "common/base/require.h"
#include "common/message/translate.h"

struct template_output {
    char *text;
    size_t size, len;
    bool full;
};

static void template_put_text(struct template_output *template_output, const char *text, size_t len)
{
    if (len > template_output->size - template_output->len) {
        template_output->full = true;
        return;
    }
    memcpy(template_output->text + template_output->len, text, len);
    template_output->len += len;
}

static void template_put_escaped(struct template_output *template_output, const char *text)
{
    char piece[8];
    for (; *text; text++)
        template_put_text(template_output, piece, translate_escape_json(text, 1, piece));
}

/* Writes the member's name of the default message: the key, or the last token of a JSON Pointer. */
static void template_put_name(struct template_output *template_output, const char *key)
{
    char piece[8];
    const char *at = key[0] == '/' ? strrchr(key, '/') + 1 : key;
    for (; *at; at++) {
        bool is_escape = key[0] == '/' && at[0] == '~' && (at[1] == '0' || at[1] == '1');
        const char *character = !is_escape ? at : at[1] == '0' ? "~" : "/";
        template_put_text(template_output, piece, translate_escape_json(character, 1, piece));
        at += is_escape;
    }
}

static void template_put_default(struct template_output *template_output,
                                 const struct template_values *values)
{
    if (values->key[0] == '\0') {
        const char *value = values->text ? values->bare : values->json;
        template_put_text(template_output, value, strlen(value));
        return;
    }
    template_put_text(template_output, "{\"", 2);
    template_put_name(template_output, values->key);
    template_put_text(template_output, "\": ", 3);
    template_put_text(template_output, values->json, strlen(values->json));
    template_put_text(template_output, "}", 1);
}

enum placeholder { PLACEHOLDER_NONE, PLACEHOLDER_VALUE, PLACEHOLDER_TAG, PLACEHOLDER_DEVICE };

static enum placeholder template_placeholder_at(const char *text, size_t *len)
{
    static const struct {
        const char *text;
        enum placeholder is;
    } all[] = {{"{value}", PLACEHOLDER_VALUE},
               {"{tag}", PLACEHOLDER_TAG},
               {"{device}", PLACEHOLDER_DEVICE}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        *len = strlen(all[i].text);
        if (strncmp(text, all[i].text, *len) == 0)
            return all[i].is;
    }
    return PLACEHOLDER_NONE;
}

static bool template_begins_as_json(const char *text)
{
    size_t len;
    text += strspn(text, " \t\r\n");
    return (*text == '{' && template_placeholder_at(text, &len) == PLACEHOLDER_NONE) ||
           *text == '[' || *text == '"';
}

bool command_template_render(const char *template_text, const struct template_values *values,
                             char *out, size_t size, size_t *len)
{
    REQUIRE(values->device && values->tag && values->key && values->json && values->bare);
    struct template_output template_output = {.text = out, .size = size};
    bool is_json = template_text && template_begins_as_json(template_text), in_string = false;
    size_t skip;
    if (!template_text)
        template_put_default(&template_output, values);
    for (const char *at = template_text; at && *at; at += skip) {
        const char *text = values->bare;
        switch (template_placeholder_at(at, &skip)) {
        case PLACEHOLDER_NONE: /* one character, or an escape of a JSON string */
            skip = is_json && in_string && at[0] == '\\' && at[1] ? 2 : 1;
            in_string = in_string != (skip == 1 && *at == '"');
            template_put_text(&template_output, at, skip);
            continue;
        case PLACEHOLDER_TAG:
            text = values->tag;
            break;
        case PLACEHOLDER_DEVICE:
            text = values->device;
            break;
        case PLACEHOLDER_VALUE:
            if (is_json && !in_string) {
                template_put_text(&template_output, values->json, strlen(values->json));
                continue;
            }
            break;
        }
        if (is_json)
            template_put_escaped(&template_output, text);
        else
            template_put_text(&template_output, text, strlen(text));
    }
    *len = template_output.len;
    return !template_output.full;
}
