/* Polls registers and live rows, and records which tags have changed. */
#include "api/live/value_watch.h"

#include <string.h>

#include "api/base/request_memory.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

struct watched_tag {
    struct tag_io read;
    int64_t id, slot, device_id, device_slot;
    struct quality_terms terms;
    uint64_t version;
    struct quality_verdict verdict;
    uint64_t rejects;
};

void value_watch_finish(struct value_watch *watch)
{
    memory_free(watch->tags);
    arena_finish(&watch->arena);
    watch->tags = NULL;
    watch->count = 0;
    watch->revision = 0;
}

void value_watch_reset(struct value_watch *watch)
{
    watch->arena = (struct arena){0};
    watch->tags = NULL;
    watch->count = 0;
    watch->revision = 0;
}

/* The context of value_watch_load_tag, which reads the tags of a new revision. */
struct watch_loading {
    struct value_watch *watch;
    struct quality_lookup lookup;
    size_t room;
    const struct value_watch *old;
    size_t old_at;
};

/* Finds the tag in the old list, or NULL. Both lists are sorted by device and name. */
static const struct watched_tag *value_watch_find_old(struct watch_loading *loading,
                                                      const struct watched_tag *tag)
{
    for (; loading->old_at < loading->old->count; loading->old_at++) {
        const struct watched_tag *old = &loading->old->tags[loading->old_at];
        int order = strcmp(old->read.device, tag->read.device);
        if (order == 0)
            order = strcmp(old->read.name, tag->read.name);
        if (order >= 0)
            return order == 0 && old->id == tag->id ? old : NULL;
    }
    return NULL;
}

static bool value_watch_load_tag(void *context, const struct record *tag)
{
    struct watch_loading *loading = context;
    struct value_watch *watch = loading->watch;
    quality_lookup_set_device(&loading->lookup, tag);
    if (watch->count == loading->room)
        return false;
    struct watched_tag *here = &watch->tags[watch->count++];
    *here = (struct watched_tag){
        .read = tag_io_make(tag, &loading->lookup.place),
        .id = tag->id,
        .slot = tag->slot,
        .device_id = tag->device_id,
        .device_slot = loading->lookup.slot,
        .terms = loading->lookup.terms,
    };
    here->terms.is_disabled |= !record_field_integer(tag, TAG_ENABLED);

    /* Keep the last value if the tag still has the same registers. */
    const struct watched_tag *old = value_watch_find_old(loading, here);
    if (!old || !point_is_equal(&old->read.point, &here->read.point) ||
        !modbus_location_is_equal(&old->read.place, &here->read.place))
        return true;
    here->version = old->version;
    here->verdict = old->verdict;
    here->rejects = old->rejects;
    here->read.ok = old->read.ok;
    here->read.fault = old->read.fault;
    here->read.registers = old->read.registers;
    return true;
}

static void value_watch_load(struct value_watch *watch, int64_t revision)
{
    struct record_filter all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    struct value_watch old = *watch;
    struct watch_loading loading = {
        .watch = watch,
        .lookup = {.store = watch->store, .live = watch->live, .common = watch->common},
        .old = &old};
    loading.room = (size_t)record_store_count_tags(watch->store, &all);
    watch->arena = (struct arena){0};
    watch->count = 0;
    watch->revision = revision;
    watch->tags = memory_alloc((loading.room + 1) * sizeof *watch->tags);
    record_store_each_tag(watch->store, &watch->arena, &all, value_watch_load_tag, &loading);
    value_watch_finish(&old);
}

static void value_watch_read_rows(const struct value_watch *watch, const struct watched_tag *tag,
                                  struct live_table_row *row, struct live_table_row *device)
{
    const struct live_view *live = watch->live;
    live_view_read_row(live, LIVE_TAG, tag->id, tag->slot, row);
    live_view_read_row(live, LIVE_DEVICE, tag->device_id, tag->device_slot, device);
}

static void value_watch_compare(struct value_watch *watch, struct watched_tag *tag,
                                const struct tag_io *read)
{
    struct live_table_row row, device;
    value_watch_read_rows(watch, tag, &row, &device);
    struct quality_verdict verdict =
        quality_of_tag(&watch->live->moment, &row, &device, &tag->terms);
    const struct tag_io *old = &tag->read;
    bool same_value =
        old->ok == read->ok && old->fault == read->fault &&
        (!old->ok || memcmp(old->registers.words, read->registers.words,
                            point_width(&old->point) * sizeof old->registers.words[0]) == 0);
    bool same = tag->version != 0 && same_value && tag->verdict.quality == verdict.quality &&
                tag->verdict.reason == verdict.reason && tag->rejects == row.rejects;
    tag->read = *read;
    tag->read.reason = "";
    tag->verdict = verdict;
    tag->rejects = row.rejects;
    if (!same)
        tag->version = watch->tick;
}

/* Tags are read in portions, to limit the memory for their rows. */
enum { WATCH_PORTION = 4096 };

static void value_watch_poll_portion(struct value_watch *watch, size_t first, size_t count)
{
    struct arena arena = {0};
    struct tag_io *reads = arena_alloc(&arena, count * sizeof *reads);
    struct live_table_row *rows = arena_alloc(&arena, count * sizeof *rows), device;
    for (size_t i = 0; i < count; i++) {
        reads[i] = watch->tags[first + i].read;
        reads[i].ok = false;
        reads[i].fault = FAULT_NONE;
        value_watch_read_rows(watch, &watch->tags[first + i], &rows[i], &device);
    }
    tag_io_fetch(watch->links, &arena, rows, reads, count);
    for (size_t i = 0; i < count; i++)
        value_watch_compare(watch, &watch->tags[first + i], &reads[i]);
    arena_finish(&arena);
}

bool value_watch_poll(struct value_watch *watch)
{
    struct store *store = watch->store;
    REQUIRE(store && watch->live && watch->links && watch->common);
    if (!store_begin(store))
        return false;
    int64_t revision = store_read_revision(store);
    if (!watch->tags || revision != watch->revision)
        value_watch_load(watch, revision);
    if (!store_commit(store))
        return false;
    live_view_refresh(watch->live);
    watch->tick++;
    for (size_t first = 0; first < watch->count; first += WATCH_PORTION)
        value_watch_poll_portion(watch, first,
                                 watch->count - first < WATCH_PORTION ? watch->count - first
                                                                      : WATCH_PORTION);
    return true;
}

bool value_watch_take_changes(struct value_watch *watch, struct value_watch_reader *reader,
                              const char *device, size_t limit, struct text *text)
{
    size_t taken = 0;
    REQUIRE(limit > 0);
    /* A scan continues after the last portion; with tags of another revision it starts again. */
    if (reader->at == 0 || reader->revision != watch->revision) {
        reader->at = 0;
        reader->revision = watch->revision;
        reader->scanning = watch->tick;
    }
    for (; reader->at < watch->count && taken < limit; reader->at++) {
        const struct watched_tag *tag = &watch->tags[reader->at];
        if (tag->version <= reader->seen || (device && strcmp(device, tag->read.device) != 0))
            continue;
        if (taken++ == 0)
            json_open(text, '[');
        struct live_table_row row, of_device;
        value_watch_read_rows(watch, tag, &row, &of_device);
        tag_io_write_json(&tag->read, &row, tag->verdict, watch->live->now_ms, text);
    }
    if (reader->at == watch->count) {
        reader->at = 0;
        reader->seen = reader->scanning;
    }
    if (taken > 0)
        json_close(text, ']');
    return taken > 0;
}
