/* Makes a proposal ready for the import: names, the rules of the REST API, addresses. */
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/string_map.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/proposal/proposal_internal.h"
#include "api/transfer/tag_table.h"
#include "common/base/json_text.h"

enum { UNITS = 256, UNIT_OF_NEW_DEVICES = 1 };

/* The tags of a device in one table, as a block of registers. */
struct proposal_block {
    int32_t width, base;
    bool is_beside; /* behind other registers of the device */
};

/* A tag that the rules accept. */
struct proposal_slot {
    cJSON *tag;
    enum modbus_table table;
    int32_t width, offset;
};

/* Registers beside those of a device of the store, which its new tags get. */
struct proposal_reserve {
    struct proposal_reserve *more;
    uint8_t unit;
    enum modbus_table table;
    int32_t first, end;
};

struct proposal_completion {
    struct proposal *proposal;
    const struct proposal_place *place;
    struct arena arena; /* for one device */
    int32_t next[UNITS][TABLE_COUNT];
    size_t homeless_devices, homeless_tags; /* no unit has registers for them */
    const char *homeless;                   /* the first one */
    size_t faults;                          /* devices and tags that the rules refuse */
    struct proposal_reserve *reserves;
};

/* Cuts a label to what the API takes. */
static void proposal_cut_label(cJSON *resource)
{
    const char *label = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(resource, "label"));
    if (!label || strlen(label) <= FIELD_LABEL_MAX)
        return;
    char cut[FIELD_LABEL_MAX + 1];
    size_t len = utf8_prefix_len(label, strlen(label), FIELD_LABEL_MAX);
    memcpy(cut, label, len);
    cut[len] = '\0';
    proposal_set_text(resource, "label", cut);
}

/* Reads a resource by the rules of the API. False, after a note, when they refuse it. */
static bool completion_check(struct proposal_completion *completion,
                             const struct resource *resource, const cJSON *body, const char *device,
                             struct record *record)
{
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(body, "name"));
    struct validation validation = validation_make(&completion->arena);
    const struct read_only_values set = {.device = device};
    validation.prefix = "";
    *record = (struct record){0};
    record_set_defaults(resource, NULL, record);
    record_json_read(resource, body, false, &set, &validation, record);
    if (resource == &tag_resource)
        rules_apply_to_tag(record, NULL, true, &validation, NULL);
    else
        rules_apply_to_device(record, true, completion->place->units, &validation);
    if (validation.found == 0)
        return true;
    if (completion->faults++ == PROPOSAL_NOTES_MAX)
        proposal_note(completion->proposal, "Others are left out for such reasons, too.");
    if (completion->faults > PROPOSAL_NOTES_MAX)
        return false;
    proposal_note(completion->proposal, "%s%s%s is left out: %s %s.", device ? device : "",
                  device ? "/" : "", name ? name : "", validation.items[0].pointer,
                  validation.items[0].detail);
    return false;
}

/* Lists the tags that the rules accept, and removes the others. */
static size_t completion_check_tags(struct proposal_completion *completion, const char *device,
                                    cJSON *tags, struct proposal_slot *slots)
{
    size_t count = 0;
    cJSON *next;
    for (cJSON *tag = tags->child; tag; tag = next) {
        struct record record;
        next = tag->next;
        proposal_cut_label(tag);
        if (completion->place->only_holding_registers)
            proposal_set_text(tag, "modbus.table", table_names[TABLE_HOLDING_REGISTER]);
        if (!completion_check(completion, &tag_resource, tag, device, &record)) {
            cJSON_Delete(cJSON_DetachItemViaPointer(tags, tag));
            continue;
        }
        struct point point = record_tag_point(&record);
        slots[count++] =
            (struct proposal_slot){.tag = tag, .table = point.table, .width = point_width(&point)};
    }
    return count;
}

/* True when a range overlaps with a reserve, which ends at *end. */
static bool completion_is_reserved(const struct proposal_completion *completion, uint8_t unit,
                                   enum modbus_table table, int32_t first, int32_t width,
                                   int32_t *end)
{
    for (const struct proposal_reserve *at = completion->reserves; at; at = at->more) {
        if (at->unit == unit && at->table == table && first < at->end &&
            at->first < first + width) {
            *end = at->end;
            return true;
        }
    }
    return false;
}

/* Finds a block for each table in one unit. False when one does not fit. */
static bool completion_find_blocks(struct proposal_completion *completion, uint8_t unit,
                                   struct proposal_block *blocks)
{
    const struct proposal_place *place = completion->place;
    for (int i = 0; i < TABLE_COUNT; i++) {
        enum modbus_table table = (enum modbus_table)i;
        int32_t from = completion->next[unit][table];
        if (blocks[i].width == 0 || blocks[i].is_beside)
            continue;
        do
            blocks[i].base = place->find_range(place->context, unit, table, from, blocks[i].width);
        while (blocks[i].base >= 0 &&
               completion_is_reserved(completion, unit, table, blocks[i].base, blocks[i].width,
                                      &from));
        if (blocks[i].base < 0)
            return false;
    }
    for (int table = 0; table < TABLE_COUNT; table++) {
        if (blocks[table].width > 0 && !blocks[table].is_beside)
            completion->next[unit][table] = blocks[table].base + blocks[table].width;
    }
    return true;
}

/* Finds the blocks that fit behind the registers which a device of the store has. */
static void completion_find_beside(struct proposal_completion *completion,
                                   const struct proposal_stored *stored,
                                   struct proposal_block *blocks)
{
    const struct proposal_known *known = completion->proposal->choice->known;
    int32_t end;
    for (int i = 0; i < TABLE_COUNT; i++) {
        enum modbus_table table = (enum modbus_table)i;
        if (blocks[i].width == 0)
            continue;
        int32_t base = known->find_beside(known->context, stored, table, blocks[i].width);
        if (base < 0 ||
            completion_is_reserved(completion, stored->unit, table, base, blocks[i].width, &end))
            continue;
        blocks[i].base = base;
        blocks[i].is_beside = true;
        struct proposal_reserve *reserve =
            arena_alloc(completion->proposal->arena, sizeof *reserve);
        *reserve = (struct proposal_reserve){completion->reserves, stored->unit, table, base,
                                             base + blocks[i].width};
        completion->reserves = reserve;
    }
}

/* Gives the tags addresses, side by side: beside the device's others, or in the first unit where
 * all fit. */
static bool completion_give_addresses(struct proposal_completion *completion,
                                      const struct proposal_device *device,
                                      struct proposal_slot *slots, size_t count)
{
    struct proposal_block blocks[TABLE_COUNT] = {0};
    const struct unit_set *units = completion->place->units;
    uint8_t unit = 0, wanted = completion->place->unit;
    bool fits = false;
    for (size_t i = 0; i < count; i++) {
        struct proposal_block *block = &blocks[slots[i].table];
        block->width += slots[i].width > 1 ? block->width % 2 : 0;
        slots[i].offset = block->width;
        block->width += slots[i].width;
    }
    if (device->stored) {
        unit = device->stored->unit;
        completion_find_beside(completion, device->stored, blocks);
        fits = completion_find_blocks(completion, unit, blocks);
    }
    for (size_t at = 0; !device->stored && !fits && at < units->count; at++) {
        unit = units->id[at];
        fits = (wanted == 0 || unit == wanted) && completion_find_blocks(completion, unit, blocks);
    }
    if (!fits)
        return false;
    if (!device->stored && unit != UNIT_OF_NEW_DEVICES)
        proposal_set_number(device->body, "network.unit_id", unit);
    for (size_t i = 0; i < count; i++)
        proposal_set_number(slots[i].tag, "modbus.address",
                            blocks[slots[i].table].base + slots[i].offset);
    return true;
}

/* Checks the settings of a new device. */
static bool completion_check_device(struct proposal_completion *completion, cJSON *body)
{
    struct record record;
    /* The rules want a unit that exists; its addresses follow later. */
    if (!unit_set_contains(completion->place->units, UNIT_OF_NEW_DEVICES))
        proposal_set_number(body, "network.unit_id", completion->place->units->id[0]);
    proposal_cut_label(body);
    cJSON *tags = cJSON_DetachItemFromObjectCaseSensitive(body, "tags");
    bool good = completion_check(completion, &device_resource, body, NULL, &record);
    cJSON_AddItemToObject(body, "tags", tags);
    return good;
}

/* True when the device goes into the proposal. */
static bool completion_take_device(struct proposal_completion *completion,
                                   struct proposal_device *device)
{
    const struct proposal_stored *stored = device->stored;
    if (!stored && !completion_check_device(completion, device->body))
        return false;
    cJSON *tags = cJSON_GetObjectItemCaseSensitive(device->body, "tags");
    struct proposal_slot *slots =
        arena_alloc(&completion->arena, (size_t)(cJSON_GetArraySize(tags) + 1) * sizeof *slots);
    const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(device->body, "name"));
    size_t count = completion_check_tags(completion, name, tags, slots);
    if (count == 0)
        return false; /* nothing of it is proposed: the notes say why */
    if (stored && !stored->is_local) {
        proposal_note(completion->proposal,
                      "%zu new %s of %s %s left out: its registers are on another Modbus server, "
                      "where you choose the addresses.",
                      count, count == 1 ? "value" : "values", name, count == 1 ? "is" : "are");
        return false;
    }
    if (completion_give_addresses(completion, device, slots, count))
        return true;
    if (completion->homeless_devices++ == 0)
        completion->homeless = arena_strdup(completion->proposal->arena, name);
    completion->homeless_tags += count;
    return false;
}

void proposal_complete(struct proposal *proposal, const struct proposal_place *place)
{
    struct proposal_completion *completion = arena_alloc(proposal->arena, sizeof *completion);
    *completion = (struct proposal_completion){.proposal = proposal, .place = place};
    proposal_name_all(proposal, place->is_taken, place->context);
    proposal_join_stored(proposal);
    for (int pass = 0; pass < 2; pass++) { /* first those that want registers beside others */
        for (size_t i = 0; i < proposal->device_count; i++) {
            struct proposal_device *device = proposal->devices[i];
            if (!device || (pass == 0) == !device->stored)
                continue;
            if (!completion_take_device(completion, device))
                proposal_drop_device(proposal, i);
            arena_finish(&completion->arena);
        }
    }
    if (completion->homeless_devices > 0)
        proposal_note(
            proposal,
            "%zu %s left out, such as %s: %s has registers left for %s %zu tags. Choose "
            "topics with topic=FILTER, or add a unit to [common] units.",
            completion->homeless_devices,
            completion->homeless_devices == 1 ? "device is" : "devices are", completion->homeless,
            place->unit > 0 ? "the unit no longer" : "no unit of the local server",
            completion->homeless_devices == 1 ? "its" : "their", completion->homeless_tags);
    proposal_close_gaps(proposal);
}

/* Reads a resource that the rules accept. */
static void proposal_read_record(const struct resource *resource, const cJSON *body,
                                 struct arena *arena, struct record *record)
{
    struct validation validation = validation_make(arena);
    const struct read_only_values set = {0};
    validation.prefix = "";
    *record = (struct record){0};
    record_set_defaults(resource, NULL, record);
    record_json_read(resource, body, false, &set, &validation, record);
    if (resource == &tag_resource)
        rules_apply_to_tag(record, NULL, true, &validation, NULL);
}

/* A pass over all devices and tags: the first one notes the columns, the second one writes. */
static void proposal_pass_csv(const struct proposal *proposal, struct tag_table_columns *columns,
                              struct text *text)
{
    for (size_t i = 0; i < proposal->device_count; i++) {
        struct arena arena = {0};
        struct record device, record;
        cJSON *body = proposal->devices[i]->body, *tag;
        cJSON *tags = cJSON_DetachItemFromObjectCaseSensitive(body, "tags");
        if (proposal->devices[i]->stored)
            device = *proposal->devices[i]->stored->device;
        else
            proposal_read_record(&device_resource, body, &arena, &device);
        if (!text)
            tag_table_note_fields(columns, &device_resource, &device);
        cJSON_ArrayForEach(tag, tags)
        {
            proposal_read_record(&tag_resource, tag, &arena, &record);
            if (text)
                tag_table_write_row(columns, ',', &device, &record, text);
            else
                tag_table_note_fields(columns, &tag_resource, &record);
        }
        cJSON_AddItemToObject(body, "tags", tags);
        arena_finish(&arena);
    }
}

void proposal_write_csv(const struct proposal *proposal, struct text *text)
{
    struct tag_table_columns columns = {0};
    proposal_pass_csv(proposal, &columns, NULL);
    tag_table_list_columns(&columns);
    tag_table_write_header(&columns, ',', text);
    proposal_pass_csv(proposal, &columns, text);
}

/* Writes which devices this recogniser has proposed, unless it has none. */
static void proposal_write_recogniser(const struct proposal *proposal,
                                      const struct recogniser *recogniser, struct text *text)
{
    size_t count = 0;
    for (size_t i = 0; i < proposal->device_count; i++) {
        const struct proposal_device *device = proposal->devices[i];
        if (strcmp(device->recogniser, recogniser->name) != 0)
            continue;
        if (count++ == 0) {
            json_open(text, '{');
            json_write_key(text, "recogniser");
            json_write_string(text, recogniser->name);
            json_write_key(text, "devices");
            json_open(text, '[');
        }
        json_write_string(text,
                          cJSON_GetObjectItemCaseSensitive(device->body, "name")->valuestring);
    }
    if (count > 0) {
        json_close(text, ']');
        json_write_key(text, "text");
        json_write_string(text, recogniser->label);
        json_close(text, '}');
    }
}

void proposal_write_json(const struct proposal *proposal, struct text *text)
{
    json_open(text, '{');
    if (proposal->profiles) {
        json_write_key(text, "profiles");
        json_write_tree(text, proposal->profiles);
    }
    json_write_key(text, "devices");
    json_open(text, '[');
    for (size_t i = 0; i < proposal->device_count; i++) {
        json_write_tree(text, proposal->devices[i]->body);
    }
    json_close(text, ']');
    json_write_key(text, "notes");
    json_open(text, '[');
    for (const struct recogniser *row = proposal->recognisers; row->name; row++)
        proposal_write_recogniser(proposal, row, text);
    for (const struct proposal_remark *at = proposal->remarks; at; at = at->next) {
        json_open(text, '{');
        json_write_key(text, "text");
        json_write_string(text, at->text);
        json_close(text, '}');
    }
    json_close(text, ']');
    json_close(text, '}');
}
