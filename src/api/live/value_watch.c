/* A poll reads the registers of all tags in large blocks, and compares the stamp of each live row.
 * Only tags with a difference in one of them are looked at closely. */
#include "api/live/value_watch.h"

#include <stdio.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/store/record_store.h"
#include "common/base/clock.h"
#include "common/base/require.h"

struct watched_device {
    const char *name;
    int64_t id, slot;
    size_t first, count; /* its tags */
    struct modbus_location place;
    struct live_table_stamp stamp;
};

struct watched_tag {
    const char *name;
    int64_t id, slot;
    size_t device;
    struct point point;
    struct quality_terms terms;
    uint32_t expires_s;
    /* The value. */
    uint16_t *words;    /* of the block; of a tag on a foreign server: its own */
    const char *reason; /* when not ok, in words */
    enum fault fault;   /* when not ok */
    bool ok;
    bool has_new_value; /* in this poll */
    /* The live row. */
    struct live_table_stamp stamp;
    struct quality_verdict verdict;
    uint64_t rejects, received_ms;
    uint64_t renewed_ms; /* since when the time of a setpoint that expires counts */
    uint64_t due_ms;     /* the next time that may change the quality, steady */
    uint64_t told_ms;    /* of the newest change, steady */
    bool was_heard;      /* a message has brought the same value since */
    bool is_due;         /* in this poll: the row is to be read */
};

/* A load may take this share of the time. */
enum { LOAD_SHARE = 5, LOAD_PORTION = 1000 };

void value_watch_finish(struct value_watch *watch)
{
    arena_finish(&watch->arena);
    value_watch_reset(watch);
}

void value_watch_reset(struct value_watch *watch)
{
    *watch = (struct value_watch){.store = watch->store,
                                  .live = watch->live,
                                  .links = watch->links,
                                  .common = watch->common,
                                  .tick = watch->tick};
}

/* The context of value_watch_load_tag, which reads the tags of a new revision. */
struct watch_loading {
    struct value_watch *watch;
    struct quality_lookup lookup;
    size_t room, device_room;
    struct register_span *spans;
    size_t span_count;
    const struct value_watch *old;
    size_t old_at;
};

static int value_watch_compare_names(const struct value_watch *watch, const struct watched_tag *tag,
                                     const char *device, const char *name)
{
    int order = strcmp(watch->devices[tag->device].name, device);
    return order != 0 ? order : strcmp(tag->name, name);
}

/* Finds the tag in the old list, or NULL. Both lists are sorted by device and name. */
static const struct watched_tag *value_watch_find_old(struct watch_loading *loading,
                                                      const struct watched_tag *tag)
{
    const struct value_watch *old = loading->old;
    const char *device = loading->watch->devices[tag->device].name;
    for (; loading->old_at < old->count; loading->old_at++) {
        const struct watched_tag *here = &old->tags[loading->old_at];
        int order = value_watch_compare_names(old, here, device, tag->name);
        if (order >= 0)
            return order == 0 && here->id == tag->id ? here : NULL;
    }
    return NULL;
}

static size_t value_watch_load_device(struct watch_loading *loading, const struct record *tag)
{
    struct value_watch *watch = loading->watch;
    quality_lookup_set_device(&loading->lookup, tag);
    if (watch->device_count == 0 || watch->devices[watch->device_count - 1].id != tag->device_id) {
        watch->devices = arena_grow(&watch->arena, watch->devices, watch->device_count,
                                    &loading->device_room, sizeof *watch->devices);
        watch->devices[watch->device_count++] =
            (struct watched_device){.name = arena_strdup(&watch->arena, tag->device),
                                    .id = tag->device_id,
                                    .slot = loading->lookup.slot,
                                    .first = watch->count,
                                    .place = loading->lookup.place};
    }
    watch->devices[watch->device_count - 1].count++;
    return watch->device_count - 1;
}

/* Keeps the last value and its version if the tag still has the same registers. */
static void value_watch_keep_value(struct watch_loading *loading, struct watched_tag *tag)
{
    struct value_watch *watch = loading->watch;
    const struct watched_tag *old = value_watch_find_old(loading, tag);
    if (!old || !point_is_equal(&old->point, &tag->point) ||
        old->terms.is_elsewhere != tag->terms.is_elsewhere ||
        !modbus_location_is_equal(&loading->old->devices[old->device].place,
                                  &watch->devices[tag->device].place))
        return;
    memcpy(tag->words, old->words, point_width(&tag->point) * sizeof tag->words[0]);
    watch->versions[tag - watch->tags] = loading->old->versions[old - loading->old->tags];
    tag->ok = old->ok;
    tag->fault = old->fault;
    tag->verdict = old->verdict;
    tag->rejects = old->rejects;
    tag->received_ms = old->received_ms;
    tag->renewed_ms = old->renewed_ms;
    tag->told_ms = old->told_ms;
    tag->was_heard = old->was_heard;
}

static bool value_watch_load_tag(void *context, const struct record *record)
{
    struct watch_loading *loading = context;
    struct value_watch *watch = loading->watch;
    if (watch->count == loading->room)
        return false;
    size_t device = value_watch_load_device(loading, record);
    struct watched_tag *tag = &watch->tags[watch->count];
    struct tag_io read = tag_io_make(record, &watch->devices[device].place, &loading->lookup.terms);
    *tag = (struct watched_tag){.name = arena_strdup(&watch->arena, read.name),
                                .id = record->id,
                                .slot = record->slot,
                                .device = device,
                                .point = read.point,
                                .expires_s = read.expires_s,
                                .terms = loading->lookup.terms,
                                .reason = ""};
    tag->terms.is_disabled |= !record_field_integer(record, TAG_ENABLED);
    tag->terms.is_own = direction_is_own(record_field_choice(&tag_resource, record, TAG_DIRECTION));
    /* A block replaces these words by its own. */
    tag->words = arena_alloc(&watch->arena, point_width(&tag->point) * sizeof tag->words[0]);
    if (!tag_io_check_unit(&watch->common->units, &read)) {
        tag->fault = read.fault;
        tag->reason = read.reason;
    } else if (modbus_location_is_local(&read.place) && !read.is_elsewhere) {
        loading->spans[loading->span_count++] = tag_io_span(&read, watch->count);
    }
    value_watch_keep_value(loading, tag);
    watch->count++;
    return true;
}

/* Makes the blocks. The tags on the local server then use the blocks' words. */
static void value_watch_load_blocks(struct watch_loading *loading)
{
    struct value_watch *watch = loading->watch;
    register_blocks_make(&watch->blocks, &watch->arena, loading->spans, loading->span_count);
    for (size_t i = 0; i < watch->blocks.count; i++) {
        struct register_block *block = &watch->blocks.blocks[i];
        const struct register_span *span = watch->blocks.spans + block->first_span;
        for (size_t k = 0; k < block->span_count; k++, span++) {
            struct watched_tag *tag = &watch->tags[span->owner];
            uint16_t *words = block->words + register_span_offset(block, span);
            memcpy(words, tag->words, span->count * sizeof *words);
            tag->words = words;
        }
    }
}

/* Loads the tags in portions, to limit the memory for their records. */
static void value_watch_load(struct value_watch *watch, const struct value_watch *old)
{
    struct record_filter list = {.after = "",
                                 .after_device = "",
                                 .needle = "",
                                 .device = "",
                                 .table = "",
                                 .limit = LOAD_PORTION};
    struct watch_loading loading = {
        .watch = watch,
        .lookup = {.store = watch->store, .live = watch->live, .common = watch->common},
        .old = old};
    size_t before;
    loading.room = (size_t)record_store_count_tags(watch->store, &list);
    watch->tags = arena_alloc(&watch->arena, (loading.room + 1) * sizeof *watch->tags);
    watch->versions = arena_alloc(&watch->arena, (loading.room + 1) * sizeof *watch->versions);
    loading.spans = arena_alloc(&watch->arena, (loading.room + 1) * sizeof *loading.spans);
    do {
        struct arena arena = {0}; /* of the records */
        before = watch->count;
        record_store_each_tag(watch->store, &arena, &list, value_watch_load_tag, &loading);
        arena_finish(&arena);
        if (watch->count > before) {
            const struct watched_tag *last = &watch->tags[watch->count - 1];
            list.after_device = watch->devices[last->device].name;
            list.after = last->name;
        }
    } while (watch->count == before + LOAD_PORTION);
    value_watch_load_blocks(&loading);
}

/* Reads the tags again if the store has changed. */
static bool value_watch_follow_store(struct value_watch *watch)
{
    struct store *store = watch->store;
    uint64_t began = clock_steady_ms();
    if (!store_begin(store))
        return false;
    int64_t edition = store_read_edition(store);
    if (watch->tags && (edition == watch->edition || began < watch->load_again_ms))
        return store_commit(store);
    struct value_watch fresh = *watch;
    value_watch_reset(&fresh);
    fresh.revision = store_read_revision(store);
    fresh.edition = edition;
    fresh.is_new = true;
    value_watch_load(&fresh, watch);
    bool ok = store_commit(store);
    if (ok) {
        value_watch_finish(watch);
        *watch = fresh;
        uint64_t now = clock_steady_ms();
        watch->load_again_ms = now + (now - began) * (LOAD_SHARE - 1);
    } else {
        value_watch_finish(&fresh);
    }
    return ok;
}

/* Marks the tags of a block whose value has changed. */
static void value_watch_compare_block(struct value_watch *watch, struct register_block *block)
{
    const struct register_span *span = watch->blocks.spans + block->first_span;
    for (size_t i = 0; i < block->span_count; i++, span++) {
        struct watched_tag *tag = &watch->tags[span->owner];
        size_t at = register_span_offset(block, span);
        bool ok = register_span_is_ok(block, span);
        enum fault fault = ok ? FAULT_NONE : block->fault;
        tag->has_new_value = tag->ok != ok || tag->fault != fault ||
                             (ok && memcmp(block->words + at, block->previous + at,
                                           span->count * sizeof block->words[0]) != 0);
        tag->ok = ok;
        tag->fault = fault;
        tag->reason = block->reason;
    }
}

static void value_watch_read_rows(const struct value_watch *watch, const struct watched_tag *tag,
                                  struct live_table_row *row, struct live_table_row *of_device)
{
    const struct live_view *live = watch->live;
    const struct watched_device *device = &watch->devices[tag->device];
    if (tag->terms.is_elsewhere) {
        *row = *of_device = (struct live_table_row){0};
        return;
    }
    live_view_read_row(live, LIVE_TAG, tag->id, tag->slot, row);
    live_view_read_row(live, LIVE_DEVICE, device->id, device->slot, of_device);
}

/* Makes what tag_io_write_json writes, without the registers. */
static struct tag_io value_watch_make_io(const struct value_watch *watch,
                                         const struct watched_tag *tag)
{
    const struct watched_device *device = &watch->devices[tag->device];
    return (struct tag_io){.device = device->name,
                           .name = tag->name,
                           .place = device->place,
                           .point = tag->point,
                           .expires_s = tag->expires_s,
                           .ok = tag->ok,
                           .fault = tag->fault,
                           .reason = tag->reason};
}

/* The live row of a tag on a foreign server has its value. */
static void value_watch_recall_value(const struct value_watch *watch, struct watched_tag *tag,
                                     const struct live_table_row *row)
{
    struct tag_io read = value_watch_make_io(watch, tag);
    size_t size = point_width(&tag->point) * sizeof tag->words[0];
    tag_io_recall_value(row, &read);
    tag->has_new_value = tag->ok != read.ok || tag->fault != read.fault ||
                         (read.ok && memcmp(tag->words, read.registers.words, size) != 0);
    tag->ok = read.ok;
    tag->fault = read.fault;
    tag->reason = read.reason;
    if (read.ok)
        memcpy(tag->words, read.registers.words, size);
}

/* Reads the rows of a tag. True when its quality or its rejects have changed. */
static bool value_watch_judge_tag(const struct value_watch *watch, struct watched_tag *tag)
{
    const struct quality_moment *moment = &watch->live->moment;
    struct live_table_row row, device;
    value_watch_read_rows(watch, tag, &row, &device);
    struct quality_verdict verdict = quality_of_tag(moment, &row, &device, &tag->terms);
    bool same = tag->verdict.quality == verdict.quality && tag->verdict.reason == verdict.reason &&
                tag->rejects == row.rejects;
    tag->was_heard |=
        tag->received_ms != row.value.wall_ms || tag->renewed_ms != row.expiry.wall_ms;
    tag->received_ms = row.value.wall_ms;
    tag->renewed_ms = row.expiry.wall_ms;
    tag->verdict = verdict;
    tag->rejects = row.rejects;
    uint64_t own_ms = quality_stale_from_ms(moment, &row, tag->terms.stale_after_s);
    uint64_t device_ms = quality_stale_from_ms(moment, &device, tag->terms.stale_after_s);
    tag->due_ms = own_ms < device_ms ? own_ms : device_ms;
    if (tag->terms.is_foreign && !tag->terms.is_elsewhere)
        value_watch_recall_value(watch, tag, &row);
    return !same;
}

/* Finds the tags whose rows, or the rows of whose devices, have changed. */
static void value_watch_find_due_tags(struct value_watch *watch)
{
    struct live_table_stamp stamp;
    bool all = watch->is_new || !quality_moment_is_same(&watch->moment, &watch->live->moment);
    watch->moment = watch->live->moment;
    watch->is_new = false;
    for (size_t i = 0; i < watch->device_count; i++) {
        struct watched_device *device = &watch->devices[i];
        live_view_read_stamp(watch->live, LIVE_DEVICE, device->id, device->slot, &stamp);
        bool changed = !live_table_stamp_is_equal(&stamp, &device->stamp);
        device->stamp = stamp;
        for (size_t k = device->first; k < device->first + device->count; k++) {
            struct watched_tag *tag = &watch->tags[k];
            live_view_read_stamp(watch->live, LIVE_TAG, tag->id, tag->slot, &stamp);
            tag->is_due = all || changed || watch->live->now_ms >= tag->due_ms ||
                          !live_table_stamp_is_equal(&stamp, &tag->stamp);
            tag->stamp = stamp;
        }
    }
}

static void value_watch_update_tag(struct value_watch *watch, size_t at)
{
    struct watched_tag *tag = &watch->tags[at];
    uint64_t now = watch->live->now_ms;
    bool changed = watch->versions[at] == 0;
    /* The row of a new value may have changed since it was found the same. */
    if (tag->is_due || tag->has_new_value)
        changed |= value_watch_judge_tag(watch, tag);
    changed |=
        tag->has_new_value || (tag->was_heard && now >= tag->told_ms + VALUE_WATCH_REPEAT_MS);
    tag->has_new_value = false;
    if (changed) {
        watch->versions[at] = watch->tick;
        tag->told_ms = now;
        tag->was_heard = false;
    }
}

bool value_watch_poll(struct value_watch *watch)
{
    REQUIRE(watch->store && watch->live && watch->links && watch->common);
    bool ok = value_watch_follow_store(watch);
    if (!watch->tags)
        return ok;
    live_view_refresh(watch->live);
    watch->tick++;
    /* tagferry-mqttd changes a row first and its registers a little later: in this order, most
     * changes of both are found together. */
    value_watch_find_due_tags(watch);
    register_blocks_read(&watch->blocks, watch->links->client[LINK_SCADA]);
    for (size_t i = 0; i < watch->blocks.count; i++) {
        if (watch->blocks.blocks[i].has_changed)
            value_watch_compare_block(watch, &watch->blocks.blocks[i]);
    }
    for (size_t i = 0; i < watch->count; i++)
        value_watch_update_tag(watch, i);
    return ok;
}

bool value_watch_reader_is_equal(const struct value_watch_reader *a,
                                 const struct value_watch_reader *b)
{
    return a->seen == b->seen && a->is_scanning == b->is_scanning && a->scanning == b->scanning &&
           a->edition == b->edition && a->at == b->at;
}

/* Returns the first tag after this one, which need not exist. */
static size_t value_watch_find_after(const struct value_watch *watch, const char *device,
                                     const char *name)
{
    size_t low = 0, high = watch->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (value_watch_compare_names(watch, &watch->tags[middle], device, name) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Sets the tags of a device, none if it has none, or all tags for "". */
static void value_watch_find_range(const struct value_watch *watch, const char *device,
                                   size_t *first, size_t *end)
{
    *first = 0;
    *end = watch->count;
    if (!*device)
        return;
    *first = value_watch_find_after(watch, device, "");
    *end = *first;
    if (*first < watch->count) {
        const struct watched_device *found = &watch->devices[watch->tags[*first].device];
        if (strcmp(found->name, device) == 0)
            *end = found->first + found->count;
    }
}

static void value_watch_write_tag(const struct value_watch *watch, const struct watched_tag *tag,
                                  struct text *text)
{
    struct live_table_row row, device;
    struct tag_io read = value_watch_make_io(watch, tag);
    value_watch_read_rows(watch, tag, &row, &device);
    if (tag->ok)
        memcpy(read.registers.words, tag->words, point_width(&tag->point) * sizeof tag->words[0]);
    tag_io_write_json(&read, &row, tag->verdict, watch->live->now_ms, text);
}

size_t value_watch_take_changes(const struct value_watch *watch, struct value_watch_reader *reader,
                                const char *device, size_t limit, struct text *text)
{
    size_t first, end, taken = 0;
    REQUIRE(limit > 0);
    value_watch_find_range(watch, device, &first, &end);
    /* A scan continues after the last portion, also when the tags have been read again since. */
    size_t at = first;
    if (!reader->is_scanning)
        reader->scanning = watch->tick;
    else if (reader->edition == watch->edition)
        at = reader->at;
    else
        at = value_watch_find_after(watch, reader->device, reader->tag);
    if (at < first)
        at = first;
    for (; at < end && taken < limit; at++) {
        if (watch->versions[at] <= reader->seen)
            continue;
        if (taken++ == 0)
            json_open(text, '[');
        value_watch_write_tag(watch, &watch->tags[at], text);
    }
    if (taken > 0)
        json_close(text, ']');
    if (at >= end) {
        *reader = (struct value_watch_reader){.seen = reader->scanning};
        return taken;
    }
    const struct watched_tag *last = &watch->tags[at - 1];
    reader->is_scanning = true;
    reader->edition = watch->edition;
    reader->at = at;
    snprintf(reader->device, sizeof reader->device, "%s", watch->devices[last->device].name);
    snprintf(reader->tag, sizeof reader->tag, "%s", last->name);
    return taken;
}
