/* Undoes changes of devices and tags, from the undo log. Within a transaction of the writing
 * connection; the changes that undo others are audited and can be undone like any others. */
#ifndef TAGFERRY_API_RESOURCES_REVERT_H
#define TAGFERRY_API_RESOURCES_REVERT_H

#include "api/base/string_map.h"
#include "api/resources/config_service.h"

struct revert {
    struct config_service config_service;
    struct validation conflicts; /* why changes cannot be undone: then roll back */
    /* Objects, by their state before all that is undone and after it. */
    int64_t created, changed, deleted;
    struct string_map objects; /* "tag 7": struct revert_object */
    struct text *changes;      /* JSON objects of the changes, in order; or NULL */
    struct taken_tag *taken;   /* tags that devices got with profiles */
    struct arena scratch;      /* of the item that is being undone */
    /* The items to undo: all, or those of one device or tag. */
    const struct resource *only; /* or NULL */
    bool only_profile;           /* those of one profile, in place of `only` */
    int64_t only_id;
    bool is_exact; /* everything newer is undone already: no object can have changed since */
    int64_t first, jump_to; /* of revert_apply: its argument, and a revision to go on with, or 0 */
};

/* Returns a revert that has undone nothing. It copies *config_service. */
struct revert revert_make(const struct config_service *config_service);
/* Undoes what the revisions from `first` to `last` changed, the newest first. With `only`, undoes
 * what they changed in this device or tag, a deletion or creation of a device with its tags. False
 * when the store has failed, or its record of a change is damaged, which adds a conflict. */
bool revert_apply(struct revert *revert, int64_t first, int64_t last);
/* Checks what revert_apply leaves to the end: overlaps, tables that cannot be written. */
void revert_finish(struct revert *revert);

#endif
