/* The devices of profiles: their settings, the base of their registers, their tags. */
#include "api/resources/profile_apply.h"

#include <string.h>

#include "api/model/profile_use.h"
#include "api/model/resource_rules.h"
#include "api/resources/profile_service.h"
#include "api/store/record_store.h"
#include "common/base/plural.h"
#include "common/base/require.h"

/* Where the errors of an expansion are reported: at the profile in the body of a device, or at the
 * members of the profile. */
struct profile_report {
    struct validation *to;
    const struct profile *profile;
    const char *device;
    bool of_profile;
};

/* Reports errors that were found at `place` of the profile, such as "/tags/3". */
static void profile_report_errors(const struct profile_report *report,
                                  const struct validation *found, const char *place)
{
    struct validation *to = report->to;
    for (size_t i = 0; i < found->count; i++) {
        const struct validation_error *error = &found->items[i];
        const char *pointer = arena_format(to->arena, "%s%s", place, error->pointer);
        if (report->of_profile)
            validation_add_at(to, pointer, error->code, "device %s: %s", report->device,
                              error->detail);
        else
            validation_add(to, NULL, "profile", error->code, "%s of the profile %s: %s", pointer,
                           report->profile->name, error->detail);
    }
}

/* Allocates registers for a table of the profile. */
static int64_t profile_allocate_base(const struct config_service *config_service,
                                     const struct profile *profile, const struct record *device,
                                     int table, struct validation *validation,
                                     struct validation *warnings)
{
    struct modbus_location location = modbus_location_of(device, config_service->common);
    if (!profile->tags_use[table])
        location = modbus_location_of_status(device, config_service->common);
    if (!modbus_location_is_local(&location))
        return 0;
    struct store *store = config_service->store;
    const char *name = table_names[table];
    int64_t width = profile->end[table] - profile->first[table];
    bool reused, alone = record_is_given(device, DEVICE_UNIT_ID) &&
                         register_ranges_is_empty(store, &location, name, device->id);
    int64_t base = register_ranges_allocate_block(store, &location, name, profile->first[table],
                                                  profile->end[table], &reused);
    if (alone)
        return 0;
    if (base < 0)
        validation_add(validation, NULL, "profile", "table_full",
                       "%s of unit %u has no gap of %lld free register%s", name, location.unit,
                       (long long)width, plural_suffix((size_t)width));
    else if (reused && warnings)
        validation_add(warnings, NULL, "profile", "address_reused",
                       "all addresses above the highest one that was ever allocated in %s of unit "
                       "%u are used: the base %lld is the lowest that fits, and earlier tags may "
                       "have had its registers",
                       name, location.unit, (long long)base);
    return base < 0 ? 0 : base;
}

/* Chooses a base for each table of the profile that has none: the old one, or a new one. */
static void profile_choose_base(const struct config_service *config_service,
                                const struct profile *profile, const struct record *old,
                                const struct record *device, struct profile_use *use,
                                struct validation *validation, struct validation *warnings)
{
    struct profile_use before = {0};
    bool had = old && !use->wants_new_base && profile_use_read(old, &before) &&
               strcmp(before.name, use->name) == 0;
    for (int table = 0; table < TABLE_COUNT; table++) {
        if (use->base[table] != BASE_NONE)
            continue;
        if (had && before.base[table] != BASE_NONE)
            use->base[table] = before.base[table];
        else if (profile->end[table] > 0)
            use->base[table] =
                profile_allocate_base(config_service, profile, device, table, validation, warnings);
    }
    use->wants_new_base = false;
    profile_use_finish(&before);
}

/* Replaces the settings that the profile sets. A value of the request that differs is an error. */
static void profile_take_settings(const struct profile *profile, const struct record *shown,
                                  uint64_t set, struct record *device,
                                  struct validation *validation)
{
    for (size_t i = 0; i < device_resource.count; i++) {
        const struct field *field = &device_resource.fields[i];
        if ((set >> i & 1) == 0 || (shown->bad >> i & 1) != 0)
            continue;
        if (validation && record_is_given(device, i) && record_has_value(device, i) &&
            !cell_is_equal(&device->cells[i], &shown->cells[i])) {
            const char *name = validation->row > 0 && field->csv ? field->csv : field->name;
            validation_add(validation, field->group, name, "profile_setting",
                           "is set by the profile %s: change the profile or the parameters of the "
                           "device, or let the device leave it with \"profile\": null",
                           profile->name);
        }
        device->cells[i] = shown->cells[i];
    }
}

/* Adds the base to the address of the status block. */
static void profile_move_status(const struct profile_use *use, struct record *shown, uint64_t set,
                                struct validation *found)
{
    const char *table = record_field_text(shown, DEVICE_STATUS_TABLE);
    if ((set >> DEVICE_STATUS_ADDRESS & 1) == 0 || !table ||
        record_field_is_null(shown, DEVICE_STATUS_ADDRESS))
        return;
    int64_t base = use->base[name_list_find(table_names, table)];
    int64_t address = record_field_integer(shown, DEVICE_STATUS_ADDRESS) + (base > 0 ? base : 0);
    if (address > FIELD_STATUS_ADDRESS_MAX)
        validation_add(found, "status", "address", "out_of_range",
                       "%lld, with the base, goes beyond the last register", (long long)address);
    else
        shown->cells[DEVICE_STATUS_ADDRESS] =
            (struct cell){.kind = CELL_INTEGER, .as.integer = address};
}

void config_service_fill_device(const struct config_service *config_service,
                                const struct record *old, struct record *device,
                                struct validation *validation, struct validation *warnings)
{
    struct profile_use use;
    struct validation found = validation_make(config_service->arena);
    const uint64_t place = UINT64_C(1) << DEVICE_STATUS_TABLE | UINT64_C(1)
                                                                    << DEVICE_STATUS_ADDRESS;
    const char *name = record_field_text(device, DEVICE_NAME);
    size_t before = validation->found;
    if ((device->bad >> DEVICE_PROFILE & 1) != 0)
        device->bad |= UINT64_C(1) << DEVICE_TOPIC; /* it may be the profile that sets it */
    if (record_has_value(device, DEVICE_PROFILE) && !record_has_value(device, DEVICE_NAME))
        device->bad |= UINT64_C(1) << DEVICE_TOPIC; /* the same */
    if (!record_has_value(device, DEVICE_PROFILE) || !record_has_value(device, DEVICE_NAME))
        return;
    const struct profile *profile = NULL;
    if (profile_use_read(device, &use))
        profile = profile_service_find(config_service, use.name);
    if (!profile)
        validation_add(validation, NULL, validation->row > 0 ? "profile" : "profile/name",
                       "unknown_profile",
                       "there is no profile %s: create it, or take it from the library", use.name);
    else
        profile_check_params(profile, use.params, validation);
    if (validation->found > before) {
        device->bad |= UINT64_C(1) << DEVICE_TOPIC;
    } else {
        const struct profile_values values = {
            .device = name, .declared = profile->params, .given = use.params};
        const struct profile_report report = {validation, profile, name, false};
        struct record shown = *device;
        uint64_t set;
        profile_expand_settings(profile, &values, &found, &shown, &set);
        profile_take_settings(profile, &shown, set & ~place, device, validation);
        if (found.found == 0 &&
            !((device->bad >> DEVICE_UNIT_ID | device->bad >> DEVICE_MODBUS_HOST |
               device->bad >> DEVICE_MODBUS_PORT | device->bad >> DEVICE_GATEWAY) &
              1))
            profile_choose_base(config_service, profile, old, device, &use, validation, warnings);
        profile_move_status(&use, &shown, set, &found);
        profile_take_settings(profile, &shown, set & place, device, validation);
        profile_use_set(&use, config_service->arena, device);
        profile_report_errors(&report, &found, "/device");
    }
    profile_use_finish(&use);
}

/* The tags of one device. */
struct tag_expansion {
    struct config_service inner; /* no audit, no checks of overlaps */
    struct audit muted;
    const struct profile *profile;
    const struct record *device;
    struct profile_use use;
    struct profile_report report;
    bool local;
    bool fresh; /* the device is new: it has no tags */
};

static void expansion_init(struct tag_expansion *expansion,
                           const struct config_service *config_service,
                           const struct profile *profile, const struct record *device)
{
    expansion->inner = *config_service;
    expansion->muted = *config_service->audit;
    expansion->muted.muted = true;
    expansion->inner.audit = &expansion->muted;
    expansion->inner.check_late = expansion->inner.by_profile = true;
    expansion->profile = profile;
    expansion->device = device;
    struct modbus_location location = modbus_location_of(device, config_service->common);
    expansion->local = modbus_location_is_local(&location);
}

/* Names the members in which two tags differ. */
static const char *describe_differences(struct arena *arena, const struct record *a,
                                        const struct record *b)
{
    const char *list = "";
    for (size_t i = 0; i < tag_resource.count; i++) {
        const struct field *field = &tag_resource.fields[i];
        if (!cell_is_equal(&a->cells[i], &b->cells[i]))
            list = arena_format(arena, "%s%s%s%s%s", list, *list ? ", " : "",
                                field->group ? field->group : "", field->group ? "." : "",
                                field->name);
    }
    return list;
}

/* A tag of the device's own has the name of one of the profile: the profile takes it over when it
 * is equal. */
static void expansion_adopt_tag(const struct tag_expansion *expansion, const struct record *own,
                                const struct record *tag, bool exists, struct validation *found)
{
    if (!exists && own->profile_tag == 0 && record_is_equal(&tag_resource, own, tag))
        config_service_follow_tag(&expansion->inner, own, tag->profile_tag);
    else
        validation_add(found, NULL, "name", "name_taken",
                       "the device %s has a tag %s of its own%s%s",
                       record_field_text(expansion->device, DEVICE_NAME),
                       record_field_text(own, TAG_NAME), exists ? "" : ", which differs in ",
                       exists ? "" : describe_differences(found->arena, own, tag));
}

static void expansion_put_tag(const struct tag_expansion *expansion, size_t index)
{
    const struct config_service *inner = &expansion->inner;
    const struct profile_tag *tag = &expansion->profile->tags[index];
    const struct record *device = expansion->device;
    struct arena *arena = inner->arena;
    struct validation found = validation_make(arena), ignored = validation_make(arena);
    const struct profile_values values = {.device = record_field_text(device, DEVICE_NAME),
                                          .declared = expansion->profile->params,
                                          .given = expansion->use.params};
    struct record record, old, other;
    if (tag->table < 0)
        return;
    int64_t base = expansion->use.base[tag->table];
    profile_expand_tag(tag, device, expansion->local, base > 0 ? base : 0, &values, &found,
                       &record);
    expansion->report.to->invalid |= found.found > 0;
    record.profile_tag = tag->id;
    if (found.found == 0) {
        bool exists = !expansion->fresh &&
                      record_store_find_profile_tag(inner->store, arena, device->id, tag->id, &old);
        bool renames = !exists || strcmp(record_field_text(&old, TAG_NAME), tag->name) != 0;
        if (renames && !expansion->fresh &&
            record_store_find_tag(inner->store, arena, values.device, tag->name, &other))
            expansion_adopt_tag(expansion, &other, &record, exists, &found);
        else if (exists)
            config_service_change_tag(inner, device, &old, &record, &found);
        else
            config_service_create_tag(inner, device, &record, &found, &ignored);
    }
    if (found.found > 0)
        profile_report_errors(&expansion->report, &found, arena_format(arena, "/tags/%zu", index));
}

/* The profile has the tag no longer. */
static void expansion_drop_tag(const struct tag_expansion *expansion, const struct record *tag)
{
    config_service_delete_tag(&expansion->inner, tag);
    ++*expansion->inner.dropped;
}

/* The device used another profile before: of the tags that follow it, those whose names this
 * profile has too follow it from now on, and the others are deleted. */
static void expansion_replace_tags(const struct tag_expansion *expansion)
{
    const struct config_service *inner = &expansion->inner;
    const struct profile *profile = expansion->profile;
    const char *device = record_field_text(expansion->device, DEVICE_NAME), *after = "";
    while (after) {
        struct query query = store_prepare_query(
            inner->store,
            "SELECT name FROM tag WHERE device_id = ? AND profile_tag_id IS NOT NULL"
            " AND profile_tag_id NOT IN (SELECT id FROM profile_tag WHERE profile_id = ?)"
            " AND name > ? ORDER BY name LIMIT 1");
        query_bind_integer(&query, expansion->device->id);
        query_bind_integer(&query, profile->id);
        query_bind_text(&query, after);
        after = query_next_row(&query) ? query_read_text(&query, inner->arena) : NULL;
        query_finish(&query);
        int64_t follows = 0;
        for (size_t i = 0; after && i < profile->count; i++) {
            if (strcmp(profile->tags[i].name, after) == 0)
                follows = profile->tags[i].id;
        }
        struct record tag;
        if (!after || !record_store_find_tag(inner->store, inner->arena, device, after, &tag))
            continue;
        if (follows)
            config_service_follow_tag(inner, &tag, follows);
        else
            expansion_drop_tag(expansion, &tag);
    }
}

void profile_apply_device(const struct config_service *config_service, const struct record *old,
                          const struct record *device, struct validation *validation)
{
    struct tag_expansion expansion = {0};
    bool had = old && !record_field_is_null(old, DEVICE_PROFILE);
    if (record_field_is_null(device, DEVICE_PROFILE)) {
        if (had)
            config_service_leave_profile(config_service, device);
        return;
    }
    const struct profile *profile = NULL;
    if (profile_use_read(device, &expansion.use))
        profile = profile_service_find(config_service, expansion.use.name);
    if (profile) { /* config_service_fill_device has found it before */
        expansion_init(&expansion, config_service, profile, device);
        expansion.fresh = !old;
        if (!old)
            expansion.muted.undo = NULL; /* its tags are deleted with it */
        expansion.report = (struct profile_report){validation, profile,
                                                   record_field_text(device, DEVICE_NAME), false};
        if (had)
            expansion_replace_tags(&expansion);
        for (size_t i = 0; i < profile->count; i++)
            expansion_put_tag(&expansion, i);
    }
    profile_use_finish(&expansion.use);
}

void profile_apply_removals(const struct config_service *config_service,
                            const struct profile_change *change, const char *device)
{
    struct tag_expansion expansion = {0};
    struct store *store = config_service->store;
    struct record record, tag;
    if (!record_store_find_device(store, config_service->arena, device, &record))
        return;
    expansion_init(&expansion, config_service, change->profile, &record);
    for (size_t i = 0; i < change->old->count; i++) {
        int64_t id = change->old->tags[i].id;
        bool stays = false;
        for (size_t k = 0; k < change->profile->count && !stays; k++)
            stays = change->profile->tags[k].id == id;
        if (!stays &&
            record_store_find_profile_tag(store, config_service->arena, record.id, id, &tag))
            expansion_drop_tag(&expansion, &tag);
    }
}

/* Changes the settings of a device with its profile. */
static void change_device_settings(const struct tag_expansion *expansion,
                                   const struct profile_change *change, const struct record *old,
                                   struct record *device, struct profile_use *use)
{
    const struct config_service *inner = &expansion->inner;
    struct validation found = validation_make(inner->arena);
    struct record shown = *device;
    uint64_t set = 0;
    const struct profile_values values = {.device = record_field_text(device, DEVICE_NAME),
                                          .declared = change->profile->params,
                                          .given = use->params};
    if (change->settings) {
        profile_check_params(change->profile, use->params, &found);
        profile_report_errors(&expansion->report, &found, "");
        expansion->report.to->invalid |= found.found > 0;
        found = validation_make(inner->arena);
        profile_expand_settings(change->profile, &values, &found, &shown, &set);
    }
    const uint64_t place = UINT64_C(1) << DEVICE_STATUS_TABLE | UINT64_C(1)
                                                                    << DEVICE_STATUS_ADDRESS;
    profile_take_settings(change->profile, &shown, set & ~place, device, NULL);
    struct validation full = validation_make(inner->arena);
    profile_choose_base(inner, change->profile, old, device, use, &full, NULL);
    for (size_t i = 0; i < full.count; i++)
        validation_add_at(expansion->report.to, "/tags", full.items[i].code, "device %s: %s",
                          expansion->report.device, full.items[i].detail);
    profile_move_status(use, &shown, set, &found);
    profile_take_settings(change->profile, &shown, set & place, device, NULL);
    profile_use_set(use, inner->arena, device);
    if (record_is_equal(&device_resource, old, device) && found.found == 0)
        return;
    struct modbus_location location = modbus_location_of(device, inner->common);
    rules_apply_to_device(device, modbus_location_is_local(&location), &inner->common->units,
                          &found);
    expansion->report.to->invalid |= found.found > 0;
    if (found.found == 0)
        config_service_change_device(inner, NULL, old, device, &found);
    profile_report_errors(&expansion->report, &found, "/device");
}

void profile_apply_change(const struct config_service *config_service,
                          const struct profile_change *change, const char *name,
                          struct validation *validation)
{
    struct tag_expansion expansion = {0};
    struct record old;
    if (!record_store_find_device(config_service->store, config_service->arena, name, &old))
        return;
    struct record device = old;
    if (!profile_use_read(&device, &expansion.use))
        return;
    expansion_init(&expansion, config_service, change->profile, &device);
    expansion.report = (struct profile_report){validation, change->profile, name, true};
    change_device_settings(&expansion, change, &old, &device, &expansion.use);
    struct modbus_location location = modbus_location_of(&device, config_service->common);
    expansion.local = modbus_location_is_local(&location);
    for (size_t i = 0; i < change->profile->count; i++) {
        if (change->settings || change->profile->tags[i].affected)
            expansion_put_tag(&expansion, i);
    }
    profile_use_finish(&expansion.use);
}
