/* cJSON must be able to parse completely each text that the recogniser accepts, and the numbers
 * that it finds there are those of strtod. */
#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* cJSON truncates numbers at 63 characters, so it may refuse longer valid texts. */
enum { CJSON_NUMBER_MAX = 63, FINDINGS_MAX = 8 };

static void check_finding(const char *text, const struct json_finding *finding)
{
    char copy[UINT8_MAX + 1] = "", *end = NULL;
    memcpy(copy, text + finding->at, finding->len);
    double number = strtod(copy, &end);
    if (finding->is_null ? strcmp(copy, "null") != 0 : end != copy + finding->len)
        abort();
    if (memcmp(&number, &finding->number, sizeof number) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t at;
    const char *text = (const char *)data;
    struct json_finding found[FINDINGS_MAX];
    struct json_findings findings = {.item = found, .max = FINDINGS_MAX};
    bool valid = json_text_check(text, size, &at, &findings);
    for (size_t i = 0; i < findings.count; i++)
        check_finding(text, &found[i]);
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
