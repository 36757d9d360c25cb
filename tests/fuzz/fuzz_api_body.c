/* Bodies: the JSON of an accepted body reads back the same. The first byte selects device or tag,
 * local or foreign server. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* True when the body was accepted, for a new resource or in place of an old one. */
static bool read_body(const struct resource *resource, bool local, const char *body, size_t len,
                      const struct record *old, struct arena *arena, struct record *record)
{
    static struct unit_set units;
    char why[128];
    struct validation validation = validation_make(arena), warnings = validation_make(arena);
    struct cJSON *tree = json_body_parse(body, len, why, sizeof why);
    if (!tree)
        return false;
    if (units.count == 0)
        unit_set_parse("1-247", &units, why, sizeof why);
    *record = (struct record){0};
    record_set_defaults(resource, NULL, record);
    struct read_only_values set = {.old = old, .device = "d"};
    record_json_read(resource, tree, false, &set, &validation, record);
    json_body_free(tree);
    if (resource == &tag_resource)
        rules_apply_to_tag(record, old, local, &validation, &warnings);
    else
        rules_apply_to_device(record, local, &units, &validation);
    return validation.found == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct record first, second;
    struct text text = {0};
    size_t at;
    if (size == 0)
        return 0;
    const struct resource *resource = data[0] & 1 ? &tag_resource : &device_resource;
    bool local = (data[0] & 2) != 0;
    if (read_body(resource, local, (const char *)data + 1, size - 1, NULL, &arena, &first)) {
        if (resource == &tag_resource && record_field_is_null(&first, TAG_ADDRESS))
            first.cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = 0};
        first.device = resource == &tag_resource ? "d" : NULL;
        first.created_ms = first.updated_ms = 1;
        record_json_write(resource, &first, NULL, &text);
        if (!json_text_is_valid(text.data, text.len, &at) ||
            !read_body(resource, local, text.data, text.len, &first, &arena, &second) ||
            !record_is_equal(resource, &first, &second))
            abort();
    }
    text_finish(&text);
    arena_finish(&arena);
    return 0;
}
