/* Profiles in the store: find, list, count, insert, update, delete. Within a transaction. */
#ifndef TAGFERRY_API_STORE_PROFILE_STORE_H
#define TAGFERRY_API_STORE_PROFILE_STORE_H

#include "api/model/profile.h"
#include "api/store/store.h"

/* Returns the profile of this name, with texts but without trees, in the arena. NULL when it does
 * not exist, or the store has failed. */
struct profile *profile_store_find(struct store *store, struct arena *arena, const char *name);

/* Returns the name of the profile with this id, or NULL. */
const char *profile_store_find_name(struct store *store, struct arena *arena, int64_t id);

/* Calls `take` with the names of the profiles above `after`, in their order, that have the needle
 * in a name, label or description; "" for any. Ends when `take` returns false. */
void profile_store_each_name(struct store *store, struct arena *arena, const char *after,
                             const char *needle, bool (*take)(void *context, const char *name),
                             void *context);
/* Returns the number of profiles that have the needle. */
int64_t profile_store_count(struct store *store, const char *needle);

/* Inserts or updates the profile and its tags by their ids, and sets the ids of new ones; a new
 * profile that has an id keeps it, and no row may have it. Deletes the rows of the tags of `old`
 * that are gone: no tag of a device may refer to those. */
void profile_store_put(struct store *store, const struct profile *old, struct profile *profile);
void profile_store_delete(struct store *store, int64_t id);

/* Returns the number of devices that use the profile. */
int64_t profile_store_count_devices(struct store *store, const char *name);
/* Returns the names of the first `limit` of them above `after`, in their order; -1 for all. The
 * list ends with NULL. */
const char **profile_store_list_devices(struct store *store, struct arena *arena, const char *name,
                                        const char *after, int64_t limit);

#endif
