/* Profiles: {"profile": BODY, "params": {...}}. An accepted profile reads back the same, and
 * expands for a device with these parameters into records that are valid JSON. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/model/profile.h"
#include "api/model/record_json.h"
#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_record(const struct resource *resource, const struct record *record)
{
    struct text text = {0};
    size_t at;
    record_json_write(resource, record, NULL, &text);
    if (!json_text_is_valid(text.data, text.len, &at))
        abort();
    text_finish(&text);
}

static void expand(const struct profile *profile, const cJSON *params, struct arena *arena)
{
    struct validation validation = validation_make(arena);
    const struct profile_values values = {.device = "d",
                                          .declared = profile->params,
                                          .given = cJSON_IsObject(params) ? params : NULL};
    struct record device = {0}, tag;
    uint64_t set;
    profile_check_params(profile, values.given, &validation);
    record_set_defaults(&device_resource, NULL, &device);
    profile_expand_settings(profile, &values, &validation, &device, &set);
    device.created_ms = device.updated_ms = 1;
    if (validation.found == 0)
        check_record(&device_resource, &device);
    for (size_t i = 0; i < profile->count; i++) {
        struct validation own = validation_make(arena);
        profile_expand_tag(&profile->tags[i], &device, true, 8, &values, &own, &tag);
        tag.device = "d";
        tag.created_ms = tag.updated_ms = 1;
        if (own.found == 0)
            check_record(&tag_resource, &tag);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct common_settings common;
    struct arena arena = {0};
    char why[128];
    if (common.units.count == 0)
        unit_set_parse("1-247", &common.units, why, sizeof why);
    struct cJSON *tree = json_body_parse((const char *)data, size, why, sizeof why);
    struct validation validation = validation_make(&arena), again = validation_make(&arena);
    const cJSON *body = cJSON_GetObjectItemCaseSensitive(tree, "profile");
    struct profile *profile = body ? profile_read(body, NULL, true, &validation) : NULL;
    if (profile)
        profile_compile(profile, NULL, &common, &validation);
    if (profile && validation.found == 0) {
        struct text text = {0};
        profile_write(profile, -1, &text);
        struct cJSON *copy = json_body_parse(text.data, text.len, why, sizeof why);
        if (!copy)
            abort();
        struct profile *second = profile_read(copy, NULL, true, &again);
        profile_compile(second, NULL, &common, &again);
        if (again.found > 0 || !profile_is_equal(profile, second))
            abort();
        expand(profile, cJSON_GetObjectItemCaseSensitive(tree, "params"), &arena);
        profile_finish(second);
        json_body_free(copy);
        text_finish(&text);
    }
    profile_finish(profile);
    json_body_free(tree);
    arena_finish(&arena);
    return 0;
}
