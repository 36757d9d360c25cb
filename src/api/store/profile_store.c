/* SQL for profiles. */
#include "api/store/profile_store.h"

#include <string.h>

#include "common/base/require.h"

static void profile_read_tags(struct store *store, struct arena *arena, struct profile *profile)
{
    struct query count =
        store_prepare_query(store, "SELECT count(*) FROM profile_tag WHERE profile_id = ?");
    query_bind_integer(&count, profile->id);
    size_t room = query_next_row(&count) ? (size_t)query_read_integer(&count) : 0;
    query_finish(&count);
    profile->tags = arena_alloc(arena, room * sizeof *profile->tags + 1);
    struct query query = store_prepare_query(
        store, "SELECT id, name, body FROM profile_tag WHERE profile_id = ? ORDER BY place");
    query_bind_integer(&query, profile->id);
    while (query_next_row(&query)) {
        struct profile_tag *tag = &profile->tags[profile->count++];
        REQUIRE(profile->count <= room);
        tag->id = query_read_integer(&query);
        tag->name = query_read_text(&query, arena);
        tag->text = query_read_text(&query, arena);
        tag->table = -1;
        tag->first = -1;
    }
}

struct profile *profile_store_find(struct store *store, struct arena *arena, const char *name)
{
    struct query query = store_prepare_query(
        store, "SELECT id, revision, created_ms, updated_ms, name, label, description, params,"
               " room, device FROM profile WHERE name = ?");
    query_bind_text(&query, name);
    if (!query_next_row(&query))
        return NULL;
    struct profile *profile = arena_alloc(arena, sizeof *profile);
    profile->id = query_read_integer(&query);
    profile->revision = query_read_integer(&query);
    profile->created_ms = query_read_integer(&query);
    profile->updated_ms = query_read_integer(&query);
    profile->name = query_read_text(&query, arena);
    profile->label = query_read_text(&query, arena);
    profile->description = query_read_text(&query, arena);
    profile->params_text = query_read_text(&query, arena);
    profile->room_text = query_read_text(&query, arena);
    profile->device_text = query_read_text(&query, arena);
    query_finish(&query);
    profile_read_tags(store, arena, profile);
    return store_has_failed(store) ? NULL : profile;
}

const char *profile_store_find_name(struct store *store, struct arena *arena, int64_t id)
{
    struct query query = store_prepare_query(store, "SELECT name FROM profile WHERE id = ?");
    query_bind_integer(&query, id);
    const char *name = query_next_row(&query) ? query_read_text(&query, arena) : NULL;
    query_finish(&query);
    return name;
}

#define FROM_PROFILES                                                                              \
    " FROM profile WHERE (?1 = '' OR instr(fold_case(name), fold_case(?1))"                        \
    " OR instr(fold_case(label), fold_case(?1)) OR instr(fold_case(description), fold_case(?1)))"

void profile_store_each_name(struct store *store, struct arena *arena, const char *after,
                             const char *needle, bool (*take)(void *context, const char *name),
                             void *context)
{
    struct query query =
        store_prepare_query(store, "SELECT name" FROM_PROFILES " AND name > ?2 ORDER BY name");
    query_bind_text(&query, needle);
    query_bind_text(&query, after);
    while (query_next_row(&query) && take(context, query_read_text(&query, arena)))
        continue;
    query_finish(&query);
}

int64_t profile_store_count(struct store *store, const char *needle)
{
    struct query query = store_prepare_query(store, "SELECT count(*)" FROM_PROFILES);
    query_bind_text(&query, needle);
    int64_t count = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return count;
}

static void put_profile_tag(struct store *store, int64_t profile_id, int64_t place, bool is_new,
                            struct profile_tag *tag)
{
    struct query query =
        is_new ? store_prepare_query(store,
                                     "INSERT INTO profile_tag (profile_id, place, name, body, id)"
                                     " VALUES (?, ?, ?, ?, nullif(?, 0))")
               : store_prepare_query(store, "UPDATE profile_tag SET profile_id = ?, place = ?,"
                                            " name = ?, body = ? WHERE id = ?");
    query_bind_integer(&query, profile_id);
    query_bind_integer(&query, place);
    query_bind_text(&query, tag->name);
    query_bind_text(&query, tag->text);
    query_bind_integer(&query, tag->id);
    query_execute(&query);
    if (is_new)
        tag->id = store_last_insert_id(store);
}

void profile_store_put(struct store *store, const struct profile *old, struct profile *profile)
{
    struct query query =
        old ? store_prepare_query(
                  store, "UPDATE profile SET name = ?, label = ?, description = ?, params = ?,"
                         " room = ?, device = ?, revision = ?, created_ms = ?, updated_ms = ?"
                         " WHERE id = ?")
            : store_prepare_query(
                  store, "INSERT INTO profile (name, label, description, params, room, device,"
                         " revision, created_ms, updated_ms, id)"
                         " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0))");
    const char *texts[] = {profile->name,        profile->label,     profile->description,
                           profile->params_text, profile->room_text, profile->device_text};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        query_bind_text(&query, texts[i]);
    query_bind_integer(&query, profile->revision);
    query_bind_integer(&query, profile->created_ms);
    query_bind_integer(&query, profile->updated_ms);
    query_bind_integer(&query, old ? old->id : profile->id);
    query_execute(&query);
    profile->id = old ? old->id : store_last_insert_id(store);

    for (size_t i = 0; old && i < old->count; i++) {
        bool stays = false;
        for (size_t k = 0; k < profile->count && !stays; k++)
            stays = profile->tags[k].id == old->tags[i].id;
        if (!stays)
            store_execute(store, "DELETE FROM profile_tag WHERE id = ?", old->tags[i].id);
    }
    for (size_t i = 0; i < profile->count; i++)
        put_profile_tag(store, profile->id, (int64_t)i,
                        !profile_find_tag(old, profile->tags[i].id, NULL), &profile->tags[i]);
}

void profile_store_delete(struct store *store, int64_t id)
{
    store_execute(store, "DELETE FROM profile WHERE id = ?", id);
}

/* As in the index device_by_profile. */
#define USES_PROFILE " FROM device WHERE profile IS NOT NULL AND json_extract(profile, '$.name') = "

int64_t profile_store_count_devices(struct store *store, const char *name)
{
    struct query query = store_prepare_query(store, "SELECT count(*)" USES_PROFILE "?");
    query_bind_text(&query, name);
    int64_t count = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return count;
}

const char **profile_store_list_devices(struct store *store, struct arena *arena, const char *name,
                                        const char *after, int64_t limit)
{
    int64_t room = profile_store_count_devices(store, name), count = 0;
    const char **names = arena_alloc(arena, (size_t)(room + 1) * sizeof *names);
    struct query query = store_prepare_query(store, "SELECT name" USES_PROFILE
                                                    "?1 AND name > ?2 ORDER BY name LIMIT ?3");
    query_bind_text(&query, name);
    query_bind_text(&query, after);
    query_bind_integer(&query, limit);
    while (count < room && query_next_row(&query))
        names[count++] = query_read_text(&query, arena);
    query_finish(&query);
    return names;
}
