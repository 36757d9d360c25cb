/* Collects the ids of changed devices, reads their rows and builds devices from them. */
#include "mqttd/config/changeset.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/chunks.h"
#include "common/base/require.h"

enum { CHANGESET_CHUNK_BYTES = 16384 };

/* Returns NULL, and sets `failed`, when out of memory. */
static void *changeset_alloc_bytes(struct changeset *changeset, size_t size)
{
    void *piece = chunk_alloc(&changeset->chunks, size, CHANGESET_CHUNK_BYTES);
    changeset->failed |= !piece;
    return piece;
}

/* The members of a row that borrow memory, by their type: each is replaced by a copy. */

static void changeset_keep_text(struct changeset *changeset, const char **text)
{
    if (!*text)
        return;
    size_t size = strlen(*text) + 1;
    char *copy = changeset_alloc_bytes(changeset, size);
    *text = copy ? memcpy(copy, *text, size) : "";
}

static void changeset_keep_map(struct changeset *changeset, struct value_map *map)
{
    struct value_map_entry *entries =
        changeset_alloc_bytes(changeset, map->count * sizeof *entries + 1);
    if (!entries) {
        map->count = 0;
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        entries[i] = map->entries[i];
        changeset_keep_text(changeset, &entries[i].text);
    }
    map->entries = entries;
}

static void changeset_keep_value(struct changeset *changeset, const void *value)
{
    (void)changeset, (void)value;
}

#define KEEP_MEMBER(id, group, member, column, ...)                                                \
    _Generic(tag->column, const char *                                                             \
             : changeset_keep_text, struct value_map                                               \
             : changeset_keep_map, default                                                         \
             : changeset_keep_value)(changeset, &tag->column);
#define KEEP_NOTHING(...)

/* Returns the index of the tag among the owners, or where to insert it. */
static size_t changeset_owner_index(const struct changeset *changeset, int64_t tag)
{
    size_t low = 0, high = changeset->owners.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (changeset->owners.item[middle].tag < tag)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool changeset_read_tag(void *context, const struct tagdb_tag *row)
{
    struct changeset *changeset = context;

    /* When all devices are read, the owners are appended in any order and sorted at the end. */
    size_t at =
        changeset->whole ? changeset->owners.count : changeset_owner_index(changeset, row->id);
    if (at == changeset->owners.count || changeset->owners.item[at].tag != row->id) {
        if (!ARRAY_RESERVE(&changeset->owners, 1)) {
            changeset->failed = true;
            return false;
        }
        memmove(changeset->owners.item + at + 1, changeset->owners.item + at,
                (changeset->owners.count - at) * sizeof *changeset->owners.item);
        changeset->owners.item[at] = (struct tag_owner){row->id, row->device_id};
        changeset->owners.count++;
    }
    changeset->owners.item[at].device = row->device_id;

    if (!row->enabled)
        return true;
    if (!ARRAY_PUSH(&changeset->tags, *row)) {
        changeset->failed = true;
        return false;
    }
    struct tagdb_tag *tag = &changeset->tags.item[changeset->tags.count - 1];
    TAG_FIELD_LIST(KEEP_MEMBER, KEEP_NOTHING, KEEP_NOTHING)
    return true;
}

/* Takes the device over. False when out of memory. */
static bool changeset_add_change(struct changeset *changeset, int64_t id, struct device *device,
                                 const char *gateway)
{
    struct device_change change = {id, device, gateway};
    if (ARRAY_PUSH(&changeset->changes, change))
        return true;
    device_free(device);
    changeset->failed = true;
    return false;
}

/* Returns the name among those that are kept; NULL when out of memory: then nothing is handed over
 * to that gateway. */
static const char *changeset_keep_gateway(struct changeset *changeset, const char *name)
{
    for (size_t i = 0; i < changeset->gateways.count; i++) {
        if (strcmp(changeset->gateways.item[i], name) == 0)
            return changeset->gateways.item[i];
    }
    char *copy = strdup(name);
    if (copy && !ARRAY_PUSH(&changeset->gateways, copy)) {
        free(copy);
        return NULL;
    }
    return copy;
}

/* True when this gateway holds the device. */
static bool changeset_holds_device(struct changeset *changeset, const struct tagdb_device *row)
{
    struct elsewhere *elsewhere = &changeset->elsewhere;
    if (gateway_holds_device(changeset->place->gateway, row->network_gateway))
        return true;
    if (elsewhere->count++ == 0) {
        snprintf(elsewhere->device, sizeof elsewhere->device, "%s", row->name);
        snprintf(elsewhere->gateway, sizeof elsewhere->gateway, "%s", row->network_gateway);
    }
    return false;
}

static bool changeset_read_device(void *context, const struct tagdb_device *row)
{
    struct changeset *changeset = context;
    struct device *device = NULL;
    REQUIRE(changeset->place);
    /* The tags of other gateways' devices are not read: there may be many. */
    if (!changeset_holds_device(changeset, row))
        return changeset_add_change(
            changeset, row->id, NULL,
            row->enabled ? changeset_keep_gateway(changeset, row->network_gateway) : NULL);
    changeset->tags.count = 0;
    chunk_reset_all(&changeset->chunks);
    bool ok = tagdb_each_tag_of(changeset->db, row->id, changeset_read_tag, changeset) &&
              !changeset->failed;
    if (ok && row->enabled) {
        device = device_build(changeset->place, row, changeset->tags.item,
                              (uint32_t)changeset->tags.count);
        ok = device != NULL;
        changeset->change_tags += changeset->tags.count;
    }
    if (ok)
        return changeset_add_change(changeset, row->id, device, NULL);
    changeset->failed = true;
    return false;
}

static void changeset_note_id(struct changeset *changeset, int64_t id)
{
    if (!ARRAY_PUSH(&changeset->ids, id))
        changeset->failed = true;
}

static bool changeset_note_device(void *context, const struct tagdb_device *row)
{
    changeset_note_id(context, row->id);
    return true;
}

/* A tag that moves changes two devices. */
static bool changeset_note_tag(void *context, const struct tagdb_tag *row)
{
    struct changeset *changeset = context;
    size_t at = changeset_owner_index(changeset, row->id);
    changeset_note_id(changeset, row->device_id);
    if (at < changeset->owners.count && changeset->owners.item[at].tag == row->id &&
        changeset->owners.item[at].device != row->device_id)
        changeset_note_id(changeset, changeset->owners.item[at].device);
    return true;
}

static bool changeset_note_gone(void *context, const struct tagdb_deletion *gone)
{
    struct changeset *changeset = context;
    if (gone->kind == DELETED_DEVICE)
        changeset_note_id(changeset, gone->id);
    if (gone->kind != DELETED_TAG)
        return true;
    size_t at = changeset_owner_index(changeset, gone->id);
    if (at == changeset->owners.count || changeset->owners.item[at].tag != gone->id)
        return true;
    changeset_note_id(changeset, changeset->owners.item[at].device);
    if (changeset->failed)
        return false;
    memmove(changeset->owners.item + at, changeset->owners.item + at + 1,
            (changeset->owners.count - at - 1) * sizeof *changeset->owners.item);
    changeset->owners.count--;
    return true;
}

_Static_assert(offsetof(struct tag_owner, tag) == 0, "compare_leading_ids reads the tag");

/* Orders ids, and structs that begin with one. */
static int compare_leading_ids(const void *left, const void *right)
{
    int64_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return a < b ? -1 : a > b;
}

static void changeset_drop_changes(struct changeset *changeset)
{
    for (size_t i = 0; i < changeset->changes.count; i++)
        device_free(changeset->changes.item[i].device);
    changeset->changes.count = changeset->change_tags = 0;
}

bool changeset_read(struct changeset *changeset, struct sqlite3 *db, int64_t since)
{
    changeset_drop_changes(changeset);
    changeset->db = db;
    changeset->failed = false;
    changeset->elsewhere.count = 0;
    changeset->whole = since < 0;
    if (changeset->whole) {
        changeset->ids.count = 0;
        changeset->owners.count = 0;
        bool ok = tagdb_each_device(db, -1, changeset_read_device, changeset);
        if (changeset->owners.count > 0)
            qsort(changeset->owners.item, changeset->owners.count, sizeof *changeset->owners.item,
                  compare_leading_ids);
        return ok && !changeset->failed;
    }

    /* Collect the devices whose row, or whose tag's row, is new, changed or deleted. */
    if (!tagdb_each_device(db, since, changeset_note_device, changeset) ||
        !tagdb_each_tag(db, since, changeset_note_tag, changeset) ||
        !tagdb_each_deletion(db, since, changeset_note_gone, changeset) || changeset->failed)
        return false;
    if (changeset->ids.count > 0)
        qsort(changeset->ids.item, changeset->ids.count, sizeof *changeset->ids.item,
              compare_leading_ids);

    /* Read each of them once, in order of id. A device without a row is gone. */
    for (size_t i = 0; i < changeset->ids.count; i++) {
        int64_t id = changeset->ids.item[i];
        size_t before = changeset->changes.count;
        if (i > 0 && id == changeset->ids.item[i - 1])
            continue;
        if (!tagdb_find_device(db, id, changeset_read_device, changeset) || changeset->failed)
            return false;
        if (changeset->changes.count == before && !changeset_add_change(changeset, id, NULL, NULL))
            return false;
    }
    changeset->ids.count = 0;
    return true;
}

void changeset_take(struct changeset *changeset, struct device_change **changes, size_t *count,
                    size_t *tags)
{
    *changes = changeset->changes.item;
    *count = changeset->changes.count;
    *tags = changeset->change_tags;
    changeset->changes.item = NULL;
    changeset->changes.count = changeset->changes.room = changeset->change_tags = 0;
}

void changeset_finish(struct changeset *changeset)
{
    changeset_drop_changes(changeset);
    chunk_free_all(&changeset->chunks);
    for (size_t i = 0; i < changeset->gateways.count; i++)
        free(changeset->gateways.item[i]);
    free(changeset->gateways.item);
    free(changeset->owners.item);
    free(changeset->ids.item);
    free(changeset->changes.item);
    free(changeset->tags.item);
}
