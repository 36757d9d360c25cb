/* Changes of profiles: the rows, the devices, the audit, the check of overlaps. */
#include "api/resources/profile_service.h"

#include <string.h>

#include "api/base/string_map.h"
#include "api/resources/profile_apply.h"
#include "api/store/profile_store.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

/* A profile that this request has read; NULL after a change of it. */
struct known_profile {
    struct profile *profile;
};

static struct known_profile *known_profile_of(const struct config_service *config_service,
                                              const char *name)
{
    struct known_profile *known = string_map_find(config_service->profiles, name);
    if (!known) {
        struct arena *arena = config_service->profiles->arena;
        known = arena_alloc(arena, sizeof *known);
        string_map_add(config_service->profiles, arena_strdup(arena, name), known);
    }
    return known;
}

struct profile *profile_service_find(const struct config_service *config_service, const char *name)
{
    struct known_profile *known = known_profile_of(config_service, name);
    if (known->profile)
        return known->profile;
    /* It has been checked before it was stored; what a newer version refuses, is refused for each
     * device. */
    struct arena *arena = config_service->profiles->arena;
    struct validation ignored = validation_make(arena);
    known->profile = profile_store_find(config_service->store, arena, name);
    if (known->profile) {
        profile_parse(known->profile);
        profile_compile(known->profile, NULL, config_service->common, &ignored);
    }
    return known->profile;
}

struct profile *profile_service_read(const struct config_service *config_service,
                                     const struct cJSON *body, const struct profile *old,
                                     bool by_name, struct validation *validation)
{
    struct profile *profile = profile_read(body, old, by_name, validation);
    profile_compile(profile, old, config_service->common, validation);
    return profile;
}

/* Marks the tags that differ from those of the old profile. */
static void mark_affected_tags(const struct profile *old, struct profile *profile)
{
    for (size_t i = 0; i < profile->count; i++) {
        struct profile_tag *tag = &profile->tags[i];
        tag->affected = true;
        for (size_t k = 0; k < old->count && tag->id != 0; k++) {
            if (old->tags[k].id == tag->id)
                tag->affected = strcmp(old->tags[k].text, tag->text) != 0;
        }
    }
}

/* Frees the name of each tag that follows one of a profile, so that two can exchange theirs. No tag
 * can have such a name, because of its first character. */
static void release_tag_name(const struct config_service *config_service, int64_t profile_tag)
{
    struct store *store = config_service->store;
    struct audit audit = *config_service->audit;
    audit.muted = true;
    struct query query = store_prepare_query(store, "SELECT id FROM tag WHERE profile_tag_id = ?");
    query_bind_integer(&query, profile_tag);
    while (query_next_row(&query)) {
        struct record old, tag;
        int64_t id = query_read_integer(&query);
        if (!record_store_find_by_id(store, config_service->arena, &tag_resource, id, &old))
            continue;
        tag = old;
        tag.cells[TAG_NAME] =
            (struct cell){.kind = CELL_TEXT,
                          .as.text = arena_format(config_service->arena, "~%lld", (long long)id)};
        audit_add_change(store, &audit, &tag_resource, &old, &tag);
    }
    store_execute(store, "UPDATE tag SET name = '~' || id WHERE profile_tag_id = ?", profile_tag);
}

static void release_tag_names(const struct config_service *config_service,
                              const struct profile *old, const struct profile *profile)
{
    for (size_t i = 0; i < profile->count; i++) {
        const struct profile_tag *tag = &profile->tags[i];
        for (size_t k = 0; k < old->count; k++) {
            if (old->tags[k].id == tag->id && strcmp(old->tags[k].name, tag->name) != 0)
                release_tag_name(config_service, tag->id);
        }
    }
}

static void rename_in_devices(struct store *store, const char *from, const char *to)
{
    struct query query = store_prepare_query(
        store, "UPDATE device SET profile = json_set(profile, '$.name', ?), revision = ?,"
               " updated_ms = ? WHERE profile IS NOT NULL AND json_extract(profile, '$.name') = ?");
    query_bind_text(&query, to);
    query_bind_integer(&query, store_raise_revision(store));
    query_bind_integer(&query, store_transaction_ms(store));
    query_bind_text(&query, from);
    query_execute(&query);
}

/* Reports overlaps that a change of a profile causes. */
struct overlap_report {
    const struct profile *profile;
    struct string_map devices; /* names of the devices that use it */
    struct validation *validation;
};

/* Returns the index of the profile's tag that an owner of registers follows, its count for another
 * tag of such a device or its status block, -1 for another device. */
static int overlap_find_owner(const struct overlap_report *report, const char *owner,
                              bool owner_is_status)
{
    static const char status[] = "the status block of ";
    const struct profile *profile = report->profile;
    const char *slash = strchr(owner, '/');
    if (strncmp(owner, status, sizeof status - 1) == 0)
        return string_map_find(&report->devices, owner + sizeof status - 1) ? (int)profile->count
                                                                            : -1;
    REQUIRE(slash && !owner_is_status);
    const char *device = arena_strndup(report->validation->arena, owner, (size_t)(slash - owner));
    if (!string_map_find(&report->devices, device))
        return -1;
    for (size_t i = 0; i < profile->count; i++) {
        if (strcmp(profile->tags[i].name, slash + 1) == 0)
            return (int)i;
    }
    return (int)profile->count;
}

static void report_overlap(void *context, const struct overlap *overlap)
{
    struct overlap_report *report = context;
    struct arena *arena = report->validation->arena;
    int count = (int)report->profile->count;
    int owner = overlap_find_owner(report, overlap->owner, overlap->owner_is_status),
        other = overlap_find_owner(report, overlap->other, false);
    bool is_affected = owner >= 0 && owner < count && report->profile->tags[owner].affected;
    bool other_is_affected = other >= 0 && other < count && report->profile->tags[other].affected;
    /* Each overlap comes twice: it is reported once, at the tag that has changed. */
    if (owner < 0 || (!is_affected && other_is_affected) ||
        (is_affected == other_is_affected && other >= 0 &&
         strcmp(overlap->owner, overlap->other) > 0))
        return;
    const char *pointer = owner < count ? arena_format(arena, "/tags/%d/modbus/address", owner)
                                        : "/device/status/address";
    validation_add_at(report->validation, pointer, "overlap", "%s would overlap: %s",
                      overlap->owner, register_overlap_describe(arena, overlap));
}

static void change_devices(const struct config_service *config_service,
                           const struct profile_change *change, const char **devices,
                           struct validation *validation)
{
    struct overlap_report report = {.profile = change->profile,
                                    .devices = {.arena = config_service->arena},
                                    .validation = validation};
    for (const char **device = devices; *device; device++) {
        profile_apply_change(config_service, change, *device, validation);
        string_map_add(&report.devices, *device, &report);
    }
    if (*devices && !config_service->check_late && validation->found == 0)
        register_ranges_each_overlap(config_service->store, config_service->arena, OVERLAPS_OF_ALL,
                                     0, report_overlap, &report);
}

static void audit_profile(const struct config_service *config_service, const struct profile *old,
                          const struct profile *profile)
{
    struct text before = {0}, after = {0};
    if (old)
        profile_write(old, 0, &before);
    if (profile)
        profile_write(profile, 0, &after);
    audit_add_profile_change(config_service->store, config_service->audit,
                             profile ? profile->id : old->id, before.data, after.data);
    text_finish(&before);
    text_finish(&after);
}

void profile_service_put(const struct config_service *config_service, const struct profile *old,
                         struct profile *profile, struct validation *validation)
{
    struct store *store = config_service->store;
    struct arena *arena = config_service->arena;
    bool renames = !old || strcmp(old->name, profile->name) != 0;
    if (old) {
        profile->revision = old->revision;
        profile->updated_ms = old->updated_ms;
    }
    if (old && profile_is_equal(old, profile))
        return;
    if (renames && profile_store_find(store, arena, profile->name)) {
        validation_add(validation, NULL, "name", "name_taken", "a profile named %s already exists",
                       profile->name);
        return;
    }
    profile->revision = store_raise_revision(store);
    profile->updated_ms = store_transaction_ms(store);
    if (!old)
        profile->created_ms = profile->updated_ms;
    const char **devices = old ? profile_store_list_devices(store, arena, old->name, "", -1) : NULL;
    struct profile_change change = {.old = old, .profile = profile};
    for (size_t i = 0; devices && devices[i]; i++)
        profile_apply_removals(config_service, &change, devices[i]);
    if (old) {
        mark_affected_tags(old, profile);
        release_tag_names(config_service, old, profile);
        change.settings = strcmp(old->device_text, profile->device_text) != 0 ||
                          strcmp(old->params_text, profile->params_text) != 0;
        known_profile_of(config_service, old->name)->profile = NULL;
    }
    profile_store_put(store, old, profile);
    if (old && renames)
        rename_in_devices(store, old->name, profile->name);
    known_profile_of(config_service, profile->name)->profile = NULL; /* read again when needed */
    audit_profile(config_service, old, profile);
    if (devices)
        change_devices(config_service, &change, devices, validation);
}

void profile_service_restore(const struct config_service *config_service, const struct profile *old,
                             struct profile *profile)
{
    struct store *store = config_service->store;
    profile->revision = store_raise_revision(store);
    profile->updated_ms = store_transaction_ms(store);
    profile_store_put(store, old, profile);
    if (old && strcmp(old->name, profile->name) != 0)
        rename_in_devices(store, old->name, profile->name);
    if (old)
        known_profile_of(config_service, old->name)->profile = NULL;
    known_profile_of(config_service, profile->name)->profile = NULL;
    audit_profile(config_service, old, profile);
}

void profile_service_delete(const struct config_service *config_service,
                            const struct profile *profile, struct validation *validation)
{
    struct store *store = config_service->store;
    int64_t count = profile_store_count_devices(store, profile->name);
    if (count > 0) {
        const char **names =
            profile_store_list_devices(store, config_service->arena, profile->name, "", 10);
        const char *list = names[0];
        for (size_t i = 1; names[i]; i++)
            list = arena_format(config_service->arena, "%s, %s", list, names[i]);
        validation_add_at(validation, "", "in_use",
                          "%lld %s the profile: %s%s; delete them first, or let them leave it "
                          "with \"profile\": null",
                          (long long)count, count == 1 ? "device uses" : "devices use", list,
                          count > 10 ? ", …" : "");
        return;
    }
    store_raise_revision(store);
    audit_profile(config_service, profile, NULL);
    profile_store_delete(store, profile->id);
    known_profile_of(config_service, profile->name)->profile = NULL;
}
