/* Registers become JSON, and that JSON becomes the same registers again; and a template takes any
 * value, and puts no broken JSON around it.
 *
 * Input: type, byte order, length, 16 bytes of registers, then a template. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/message/payload.h"
#include "common/message/translate.h"
#include "mqttd/writeback/command_template.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { HEAD = 3, WORDS = 8, MAX = 65536 };

/* An incomplete or invalid text does not convert back; nor does a value that is not a number. */
static bool comes_back(const struct point *point, const uint16_t *words,
                       const struct translated *translated)
{
    char text[CODEC_TEXT_SIZE];
    struct value value;
    codec_decode(point, words, text, &value);
    if (value.kind == VALUE_REAL)
        return isfinite(value.real) && !(value.real == 0 && signbit(value.real));
    if (value.kind != VALUE_TEXT)
        return (point->type != TYPE_BOOL || words[0] <= 1) &&
               (!type_info[point->type].is_byte || words[0] <= UINT8_MAX);
    for (size_t i = value.len; i < 2U * point->length; i++) {
        if (text[i] != '\0')
            return false;
    }
    return translated->bare[0] != '\0';
}

static void check_round_trip(const struct point *point, const uint16_t *words,
                             const struct translated *translated)
{
    struct payload payload;
    struct scalar scalar;
    struct codec_registers registers;
    size_t at;
    if (payload_parse(&payload, translated->json, strlen(translated->json), MAX, &at) != FAULT_NONE)
        abort();
    payload_read_scalar(&payload, payload.root, &scalar);
    enum fault fault = translate_to_registers(point, NULL, &scalar, &registers);
    if (comes_back(point, words, translated) &&
        (fault != FAULT_NONE || memcmp(registers.words, words, 2U * point_width(point)) != 0))
        abort();
    payload_finish(&payload);
}

static bool renders_json(const char *template_text, const char *json, const char *bare)
{
    static char out[MAX];
    const struct template_values values = {"d", "t", "k", json, bare, false};
    size_t len, at;
    return command_template_render(template_text, &values, out, sizeof out, &len) &&
           json_text_is_valid(out, len, &at);
}

/* If a number and a string both fit, any value fits. */
static void check_template(const char *template_text, const struct translated *translated)
{
    const char *first = template_text + strspn(template_text, " \t\r\n");
    bool begins_as_json = *first == '[' || *first == '"' || strncmp(first, "{\"", 2) == 0;
    if (begins_as_json && renders_json(template_text, "1", "1") &&
        renders_json(template_text, "\"x\"", "x") &&
        !renders_json(template_text, translated->json, translated->bare))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    payload_install_pool();
    static struct translated translated;
    uint16_t words[WORDS];
    if (size < HEAD + sizeof words)
        return 0;
    struct point point = {.type = (uint8_t)(data[0] % TYPE_COUNT),
                          .order = (uint8_t)(data[1] % ORDER_COUNT),
                          .bit = NO_BIT,
                          .table = TABLE_HOLDING_REGISTER,
                          .scale = 1};
    if (point.type == TYPE_STRING)
        point.length = (uint16_t)(data[2] % WORDS + 1);
    memcpy(words, data + HEAD, sizeof words);
    if (translate_to_json(&point, NULL, words, &translated) != FAULT_NONE)
        return 0;
    check_round_trip(&point, words, &translated);
    size_t rest = size - HEAD - sizeof words;
    char *text = malloc(rest + 1);
    memcpy(text, data + HEAD + sizeof words, rest);
    text[rest] = '\0';
    check_template(text, &translated);
    free(text);
    return 0;
}
