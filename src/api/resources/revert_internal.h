/* What the two files of revert share. */
#ifndef TAGFERRY_API_RESOURCES_REVERT_INTERNAL_H
#define TAGFERRY_API_RESOURCES_REVERT_INTERNAL_H

#include "api/resources/revert.h"

struct cJSON;

/* Returns an integer of an undo item, 0 when it has none. */
int64_t undo_item_integer(const struct cJSON *item, const char *name);
/* Counts the change of an object of this kind, which may be one of several. */
void revert_count_object(struct revert *revert, const char *kind, int64_t id, bool existed,
                         bool exists);
/* Undoes an item of a profile. */
void revert_profile(struct revert *revert, const struct cJSON *item);

#endif
