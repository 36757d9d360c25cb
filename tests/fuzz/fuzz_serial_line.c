/* Texts of serial lines: what is accepted is written and read again as the same line. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/serial_line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct serial_line line, again;
    char why[256] = "", normal[SERIAL_TEXT_SIZE];
    char *text = calloc(1, size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    bool ok = serial_line_parse(text, &line, why, sizeof why);
    if (!ok && !why[0])
        abort();
    if (ok) {
        serial_line_format(&line, normal);
        if (line.path[0] != '/' || strstr(line.path, "//") ||
            strlen(normal) >= SERIAL_TEXT_SIZE - 1)
            abort();
        if (!serial_line_parse(normal, &again, why, sizeof why) ||
            !serial_line_is_equal(&line, &again) || serial_line_character_us(&line) == 0)
            abort();
    }
    free(text);
    return 0;
}
