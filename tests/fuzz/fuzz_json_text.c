/* cJSON must be able to parse completely each text that the recogniser accepts. */
#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* cJSON truncates numbers at 63 characters, so it may refuse longer valid texts. */
enum { CJSON_NUMBER_MAX = 63 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at;
    const char *text = (const char *)data;
    bool valid = json_text_is_valid(text, size, &at);
    if (at > size)
        abort();
    if (!valid || size > CJSON_NUMBER_MAX)
        return 0;
    const char *end = NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(text, size, &end, 0);
    if (!tree)
        abort();
    for (; end < text + size; end++) {
        if (*end != ' ' && *end != '\t' && *end != '\r' && *end != '\n')
            abort();
    }
    cJSON_Delete(tree);
    return 0;
}
