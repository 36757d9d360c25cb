/* From rows to devices. */
#include "mqttd/config/changeset.h"

#include <stdlib.h>
#include <string.h>

/* Texts of one device's rows, freed together. */
struct draft_chunk {
    struct draft_chunk *next;
    size_t used, size;
    char bytes[];
};

enum { CHUNK_BYTES = 16384 };

static void *take_bytes(struct drafts *drafts, size_t size)
{
    struct draft_chunk *chunk = drafts->chunks;
    size = (size + 7) / 8 * 8;
    if (!chunk || chunk->size - chunk->used < size) {
        size_t room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
        chunk = malloc(sizeof *chunk + room);
        if (!chunk) {
            drafts->failed = true;
            return NULL;
        }
        *chunk = (struct draft_chunk){.next = drafts->chunks, .size = room};
        drafts->chunks = chunk;
    }
    void *piece = chunk->bytes + chunk->used;
    chunk->used += size;
    return piece;
}

/* Keeps the first chunk for the next device. */
static void reset_texts(struct drafts *drafts)
{
    while (drafts->chunks && drafts->chunks->next) {
        struct draft_chunk *next = drafts->chunks->next;
        free(drafts->chunks);
        drafts->chunks = next;
    }
    if (drafts->chunks)
        drafts->chunks->used = 0;
}

static const char *keep(struct drafts *drafts, const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    char *copy = take_bytes(drafts, size);
    return copy ? memcpy(copy, text, size) : "";
}

static bool grow(void **items, size_t *room, size_t count, size_t size)
{
    if (count < *room)
        return true;
    size_t bigger = *room ? *room * 2 : 64;
    void *moved = realloc(*items, bigger * size);
    if (!moved)
        return false;
    *items = moved;
    *room = bigger;
    return true;
}

static void keep_map(struct drafts *drafts, struct value_map *map)
{
    struct value_map_entry *entries = take_bytes(drafts, map->count * sizeof *entries + 1);
    if (!entries) {
        map->count = 0;
        return;
    }
    for (size_t i = 0; i < map->count; i++)
        entries[i] = (struct value_map_entry){.text = keep(drafts, map->entries[i].text),
                                              .number = map->entries[i].number};
    map->entries = entries;
}

/* The place of the tag among the owners, or where it belongs. */
static size_t owner_place(const struct drafts *drafts, int64_t tag)
{
    size_t low = 0, high = drafts->owner_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (drafts->owners[middle].tag < tag)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* While everything is read the owners come in any order, and are sorted at the end. */
static void remember_owner(struct drafts *drafts, int64_t tag, int64_t device)
{
    size_t at = drafts->whole ? drafts->owner_count : owner_place(drafts, tag);
    if (at < drafts->owner_count && drafts->owners[at].tag == tag)
        return;
    if (!grow((void **)&drafts->owners, &drafts->owner_room, drafts->owner_count,
              sizeof *drafts->owners)) {
        drafts->failed = true;
        return;
    }
    memmove(drafts->owners + at + 1, drafts->owners + at,
            (drafts->owner_count - at) * sizeof *drafts->owners);
    drafts->owners[at] = (struct tag_owner){tag, device};
    drafts->owner_count++;
}

static bool take_tag(void *context, const struct tagdb_tag *row)
{
    struct drafts *drafts = context;
    size_t room = drafts->tag_room;
    remember_owner(drafts, row->id, row->device_id);
    if (!row->enabled)
        return true;
    if (!grow((void **)&drafts->tags, &room, drafts->tag_count, sizeof *drafts->tags)) {
        drafts->failed = true;
        return false;
    }
    drafts->tag_room = (uint32_t)room;
    struct tagdb_tag *tag = &drafts->tags[drafts->tag_count++];
    *tag = *row;
    tag->name = keep(drafts, row->name);
    tag->mqtt.key = keep(drafts, row->mqtt.key);
    tag->mqtt.topic = keep(drafts, row->mqtt.topic);
    tag->mqtt.command_topic = keep(drafts, row->mqtt.command_topic);
    tag->mqtt.command_template = keep(drafts, row->mqtt.command_template);
    keep_map(drafts, &tag->mqtt.values);
    return true;
}

static bool add_change(struct drafts *drafts, int64_t id, struct device *device)
{
    if (!grow((void **)&drafts->changes, &drafts->change_room, drafts->change_count,
              sizeof *drafts->changes)) {
        device_free(device);
        drafts->failed = true;
        return false;
    }
    drafts->changes[drafts->change_count++] = (struct change){id, device};
    return true;
}

static bool take_device(void *context, const struct tagdb_device *row)
{
    struct drafts *drafts = context;
    struct device *device = NULL;
    drafts->tag_count = 0;
    reset_texts(drafts);
    bool ok = tagdb_each_tag_of(drafts->db, row->id, take_tag, drafts) && !drafts->failed;
    if (ok && row->enabled) {
        device = device_build(drafts->place, row, drafts->tags, drafts->tag_count);
        ok = device != NULL;
        drafts->change_tags += drafts->tag_count;
    }
    if (ok)
        return add_change(drafts, row->id, device);
    drafts->failed = true;
    return false;
}

static void note_id(struct drafts *drafts, int64_t id)
{
    if (!grow((void **)&drafts->ids, &drafts->id_room, drafts->id_count, sizeof *drafts->ids)) {
        drafts->failed = true;
        return;
    }
    drafts->ids[drafts->id_count++] = id;
}

static bool note_device(void *context, const struct tagdb_device *row)
{
    note_id(context, row->id);
    return true;
}

static bool note_tag(void *context, const struct tagdb_tag *row)
{
    note_id(context, row->device_id);
    return true;
}

static bool note_gone(void *context, const struct tagdb_gone *gone)
{
    struct drafts *drafts = context;
    if (gone->kind == GONE_DEVICE)
        note_id(drafts, gone->id);
    if (gone->kind != GONE_TAG)
        return true;
    size_t at = owner_place(drafts, gone->id);
    if (at == drafts->owner_count || drafts->owners[at].tag != gone->id)
        return true;
    note_id(drafts, drafts->owners[at].device);
    memmove(drafts->owners + at, drafts->owners + at + 1,
            (drafts->owner_count - at - 1) * sizeof *drafts->owners);
    drafts->owner_count--;
    return true;
}

static int compare_ids(const void *left, const void *right)
{
    int64_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return a < b ? -1 : a > b;
}

static int compare_owners(const void *left, const void *right)
{
    const struct tag_owner *a = left, *b = right;
    return a->tag < b->tag ? -1 : a->tag > b->tag;
}

static bool build_noted(struct drafts *drafts)
{
    if (drafts->id_count > 0)
        qsort(drafts->ids, drafts->id_count, sizeof *drafts->ids, compare_ids);
    for (size_t i = 0; i < drafts->id_count; i++) {
        size_t before = drafts->change_count;
        if (i > 0 && drafts->ids[i] == drafts->ids[i - 1])
            continue;
        if (!tagdb_device_of_id(drafts->db, drafts->ids[i], take_device, drafts) || drafts->failed)
            return false;
        if (drafts->change_count == before && !add_change(drafts, drafts->ids[i], NULL))
            return false;
    }
    return true;
}

static void drop_changes(struct drafts *drafts)
{
    for (size_t i = 0; i < drafts->change_count; i++)
        device_free(drafts->changes[i].device);
    drafts->change_count = drafts->change_tags = 0;
}

bool drafts_read(struct drafts *drafts, struct sqlite3 *db, int64_t since)
{
    bool ok;
    drop_changes(drafts);
    drafts->db = db;
    drafts->failed = false;
    drafts->id_count = 0;
    drafts->whole = since < 0;
    if (since < 0) {
        drafts->owner_count = 0;
        ok = tagdb_each_device(db, -1, take_device, drafts);
        if (drafts->owner_count > 0)
            qsort(drafts->owners, drafts->owner_count, sizeof *drafts->owners, compare_owners);
    } else {
        ok = tagdb_each_device(db, since, note_device, drafts) &&
             tagdb_each_tag(db, since, note_tag, drafts) &&
             tagdb_each_gone(db, since, note_gone, drafts) && build_noted(drafts);
    }
    return ok && !drafts->failed;
}

void drafts_take(struct drafts *drafts, struct change **changes, size_t *count, size_t *tags)
{
    *changes = drafts->changes;
    *count = drafts->change_count;
    *tags = drafts->change_tags;
    drafts->changes = NULL;
    drafts->change_count = drafts->change_room = drafts->change_tags = 0;
}

void drafts_finish(struct drafts *drafts)
{
    drop_changes(drafts);
    reset_texts(drafts);
    free(drafts->chunks);
    free(drafts->owners);
    free(drafts->ids);
    free(drafts->changes);
    free(drafts->tags);
}
