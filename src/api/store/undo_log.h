/* What is needed to undo the changes of devices and tags: the table undo. It has items for each
 * revision, which are collected during the transaction and stored by its commit. The oldest
 * revisions are deleted beyond a number of bytes.
 *
 * An item is a JSON object:
 *   {"op": "create", "kind": "tag", "id": 7}
 *   {"op": "change", "kind": "tag", "id": 7, "cells": {"modbus_scale": [1, 0.1]}}
 *   {"op": "delete", "kind": "tag", "id": 7, "slot": 3, "created_ms": 1, "device_id": 2,
 *    "cells": {"name": "x"}}
 *   {"op": "change", "kind": "profile", "id": 3, "before": {...}, "after": {...}}
 *   {"op": "change", "kind": "follow", "id": 7, "before": 5, "after": 0}   the tag 7 followed 5
 *   {"op": "return", "to": 40}   after this revision everything is as after revision 40
 * Cells are named by their columns. A change has those that differ, before and after, and device_id
 * when the tag has moved; a deletion has those that differ from the defaults.
 *
 * The items have all that is needed to go back step by step, from the newest change. A change that
 * others came after is undone by itself, and profiles are then applied again to their devices, so
 * that the items of tags that follow a profile, which have `follows`, do not count. Only the
 * creation does when the device leaves the profile: it has device_id. */
#ifndef TAGFERRY_API_STORE_UNDO_LOG_H
#define TAGFERRY_API_STORE_UNDO_LOG_H

#include "api/base/text.h"
#include "api/model/fields.h"
#include "api/store/store.h"

struct cJSON;

/* The items of one transaction. Set keep_bytes and zero the rest before use. It must last until the
 * transaction ends. */
struct undo_log {
    int64_t keep_bytes; /* bytes of all revisions to keep; 0: none */
    struct text item;   /* the newest one */
    struct text part;   /* items that are not stored yet, a line each */
    int64_t parts;      /* stored parts of this revision */
    int64_t bytes;      /* in them */
};

/* Adds a change to the items of the transaction: `before` is NULL for a creation, `after` for a
 * deletion. Does nothing without an undo log. */
void undo_log_add(struct store *store, struct undo_log *undo_log, const struct resource *resource,
                  const struct record *before, const struct record *after);

/* The same for the tag of a profile that a tag follows, 0 for none. */
void undo_log_add_follow(struct store *store, struct undo_log *undo_log, int64_t tag_id,
                         int64_t before, int64_t after);

/* The same for a profile: `before` and `after` are JSON or NULL. */
void undo_log_add_profile(struct store *store, struct undo_log *undo_log, int64_t id,
                          const char *before, const char *after);

/* Adds that the transaction returns to the state after a revision. */
void undo_log_add_return(struct store *store, struct undo_log *undo_log, int64_t to);

/* The changes up to this revision are not kept, or cannot be undone. */
int64_t undo_log_read_start(struct store *store);
/* Calls `take` with the items of the revisions from `first` to `last`, the newest first, until it
 * returns false. It may change the store. The item lasts for the call. False when the store has
 * failed or an item cannot be read. */
bool undo_log_each_item(struct store *store, int64_t first, int64_t last,
                        bool (*take)(void *context, int64_t revision, const struct cJSON *item),
                        void *context);
/* Deletes all items: nothing before this revision can be undone. */
void undo_log_clear(struct store *store);

/* Reads one of the two values of a cell in an item, NULL or a value of a tree, for a field. The
 * text is copied into the arena. */
struct cell undo_log_read_cell(const struct field *field, const struct cJSON *value,
                               struct arena *arena);

#endif
