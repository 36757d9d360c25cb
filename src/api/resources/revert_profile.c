/* Makes the opposite change of a profile. */
#include <cjson/cJSON.h>
#include <string.h>

#include "api/model/record_diff.h"
#include "api/resources/profile_service.h"
#include "api/resources/revert_internal.h"
#include "api/store/profile_store.h"
#include "common/base/require.h"
#include "common/base/utc.h"

/* Tells the change of a profile; `before` or `after` may be NULL. */
static void revert_add_profile_change(struct revert *revert, const struct profile *before,
                                      const struct profile *after, int64_t id)
{
    const struct profile *profile = after ? after : before;
    struct text *changes = revert->changes, old = {0}, new = {0};
    REQUIRE(profile);
    revert_count_object(revert, "profile", id, before, after);
    if (!changes)
        return;
    if (before)
        profile_write(before, -1, &old);
    if (after)
        profile_write(after, -1, &new);
    json_open(changes, '{');
    json_write_key(changes, "action");
    json_write_string(changes, !before ? "create" : after ? "change" : "delete");
    json_write_key(changes, "profile");
    json_write_string(changes, profile->name);
    json_write_key(changes, "diff");
    record_diff_write_json(old.data, new.data, &revert->scratch, changes);
    json_close(changes, '}');
    text_finish(&old);
    text_finish(&new);
}

static void revert_add_profile_conflicts(struct revert *revert, const char *name,
                                         const struct validation *validation)
{
    for (size_t i = 0; i < validation->count; i++)
        validation_add_at(&revert->conflicts, "", validation->items[i].code,
                          "the profile %s: %s %s", name, validation->items[i].pointer,
                          validation->items[i].detail);
}

/* True when the profile is as this body of an undo item has it. */
static bool revert_profile_is(const struct profile *now, const cJSON *body)
{
    struct text text = {0};
    profile_write(now, -1, &text);
    cJSON *tree = cJSON_Parse(text.data), *wanted = cJSON_Duplicate(body, 1);
    static const char *const server[] = {"devices", "id", "revision", "created_at", "updated_at"};
    for (size_t i = 0; i < sizeof server / sizeof server[0]; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(wanted, server[i]);
    bool same = cJSON_Compare(tree, wanted, true);
    cJSON_Delete(tree);
    cJSON_Delete(wanted);
    text_finish(&text);
    return same;
}

/* Brings a profile back, deletes it or creates it again; its devices follow. */
static void revert_profile_with_devices(struct revert *revert, const cJSON *item, int64_t id)
{
    const struct config_service *config_service = &revert->config_service;
    struct arena *arena = config_service->profiles->arena; /* a profile outlives the item */
    struct validation validation = validation_make(arena);
    cJSON *before = cJSON_GetObjectItemCaseSensitive(item, "before");
    const cJSON *after = cJSON_GetObjectItemCaseSensitive(item, "after");
    const char *name = profile_store_find_name(config_service->store, arena, id);
    struct profile *now = name ? profile_service_find(config_service, name) : NULL;
    if (!cJSON_IsNull(after) && (!now || !revert_profile_is(now, after))) {
        validation_add_at(&revert->conflicts, "", "changed_since",
                          "the profile %s was changed or deleted since",
                          name ? name : "with this id");
        return;
    }
    if (cJSON_IsNull(after) && now)
        return; /* it is there again */
    if (cJSON_IsNull(before) && now) {
        profile_service_delete(config_service, now, &validation);
        revert_add_profile_change(revert, now, NULL, id);
    } else {
        cJSON_DeleteItemFromObjectCaseSensitive(before, "revision");
        cJSON_DeleteItemFromObjectCaseSensitive(before, "id");
        struct profile *profile =
            profile_service_read(config_service, before, now, false, &validation);
        profile->id = id;
        if (validation.found == 0)
            profile_service_put(config_service, now, profile, &validation);
        revert_add_profile_change(revert, now, profile, id);
        name = name ? name : profile->name;
    }
    revert_add_profile_conflicts(revert, name ? name : "", &validation);
}

/* Brings a profile back, deletes it or creates it again. Other items set its devices back. */
static void revert_profile_alone(struct revert *revert, const cJSON *item, int64_t id)
{
    const struct config_service *config_service = &revert->config_service;
    struct arena *arena = config_service->profiles->arena; /* a profile outlives the item */
    struct validation validation = validation_make(arena);
    const cJSON *before = cJSON_GetObjectItemCaseSensitive(item, "before"), *tag;
    const char *name = profile_store_find_name(config_service->store, arena, id);
    struct profile *now = name ? profile_service_find(config_service, name) : NULL;
    uint64_t created_ms;
    size_t at = 0;
    if (cJSON_IsNull(before)) {
        if (now) {
            profile_service_delete(config_service, now, &validation);
            revert_add_profile_change(revert, now, NULL, id);
            revert_add_profile_conflicts(revert, now->name, &validation);
        }
        return;
    }
    const char *created =
        cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(before, "created_at"));
    struct profile *profile = profile_service_read(config_service, before, NULL, true, &validation);
    cJSON_ArrayForEach(tag, cJSON_GetObjectItemCaseSensitive(before, "tags"))
    {
        if (at < profile->count)
            profile->tags[at++].id = undo_item_integer(tag, "id");
    }
    profile->id = id;
    if (created && utc_parse(created, &created_ms))
        profile->created_ms = (int64_t)created_ms;
    if (validation.found == 0)
        profile_service_restore(config_service, now, profile);
    revert_add_profile_change(revert, now, profile, id);
    revert_add_profile_conflicts(revert, profile->name, &validation);
}

void revert_profile(struct revert *revert, const struct cJSON *item)
{
    int64_t id = undo_item_integer(item, "id");
    if (revert->is_exact)
        revert_profile_alone(revert, item, id);
    else if (!revert->only && (!revert->only_profile || id == revert->only_id))
        revert_profile_with_devices(revert, item, id);
}
