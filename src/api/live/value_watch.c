/* Polls registers and live rows, and notes which tags have changed. */
#include "api/live/value_watch.h"

#include <string.h>

#include "api/base/request_memory.h"
#include "api/live/quality_lookup.h"

struct feed_tag {
    struct point_read read;
    int64_t id, slot, device_id, device_slot;
    struct quality_terms terms;
    uint64_t version;
    struct verdict verdict;
    uint64_t rejects;
};

void feed_finish(struct feed *feed)
{
    memory_free(feed->tags);
    arena_finish(&feed->arena);
    feed->tags = NULL;
    feed->count = 0;
    feed->revision = 0;
}

void feed_forget(struct feed *feed)
{
    feed->arena = (struct arena){0};
    feed->tags = NULL;
    feed->count = 0;
    feed->revision = 0;
}

/* Reads the tags of a new revision. */
struct loading {
    struct feed *feed;
    struct judge judge;
    size_t room;
    const struct feed *old;
    size_t old_at;
};

/* What was known of the tag already. Both lists are in order of device and name. */
static const struct feed_tag *find_old(struct loading *loading, const struct feed_tag *tag)
{
    for (; loading->old_at < loading->old->count; loading->old_at++) {
        const struct feed_tag *old = &loading->old->tags[loading->old_at];
        int order = strcmp(old->read.device, tag->read.device);
        if (order == 0)
            order = strcmp(old->read.name, tag->read.name);
        if (order >= 0)
            return order == 0 && old->id == tag->id ? old : NULL;
    }
    return NULL;
}

/* The tag goes on as it was seen, unless its registers are others now. */
static void keep_old(struct feed_tag *tag, const struct feed_tag *old)
{
    if (!old || !point_same(&old->read.point, &tag->read.point) ||
        !place_same(&old->read.place, &tag->read.place))
        return;
    tag->version = old->version;
    tag->verdict = old->verdict;
    tag->rejects = old->rejects;
    tag->read.ok = old->read.ok;
    tag->read.fault = old->read.fault;
    tag->read.registers = old->read.registers;
}

static bool load_tag(void *context, const struct record *tag)
{
    struct loading *loading = context;
    struct feed *feed = loading->feed;
    judge_device_of(&loading->judge, tag);
    if (feed->count == loading->room)
        return false;
    struct feed_tag *here = &feed->tags[feed->count++];
    *here = (struct feed_tag){
        .read = point_of(tag, &loading->judge.place),
        .id = tag->id,
        .slot = tag->slot,
        .device_id = tag->device_id,
        .device_slot = loading->judge.slot,
        .terms = loading->judge.terms,
    };
    here->terms.is_disabled |= !record_integer(tag, TAG_ENABLED);
    keep_old(here, find_old(loading, here));
    return true;
}

static void load(struct feed *feed, int64_t revision)
{
    struct list all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    struct feed old = *feed;
    struct loading loading = {.feed = feed, .judge = {.worker = feed->worker}, .old = &old};
    loading.room = (size_t)tags_count(feed->worker->store, &all);
    feed->arena = (struct arena){0};
    feed->count = 0;
    feed->revision = revision;
    feed->tags = memory_alloc((loading.room + 1) * sizeof *feed->tags);
    tags_each(feed->worker->store, &feed->arena, &all, load_tag, &loading);
    feed_finish(&old);
}

static void read_rows(const struct feed *feed, const struct feed_tag *tag, struct live_row *row,
                      struct live_row *device)
{
    const struct live_view *live = &feed->worker->live;
    live_view_row(live, LIVE_TAG, tag->id, tag->slot, row);
    live_view_row(live, LIVE_DEVICE, tag->device_id, tag->device_slot, device);
}

static bool same_read(const struct point_read *a, const struct point_read *b)
{
    return a->ok == b->ok && a->fault == b->fault &&
           (!a->ok || memcmp(a->registers.words, b->registers.words,
                             point_width(&a->point) * sizeof a->registers.words[0]) == 0);
}

static void compare(struct feed *feed, struct feed_tag *tag, const struct point_read *read)
{
    struct live_row row, device;
    read_rows(feed, tag, &row, &device);
    struct verdict verdict = quality_of_tag(&feed->worker->live.moment, &row, &device, &tag->terms);
    bool same = tag->version != 0 && same_read(&tag->read, read) &&
                tag->verdict.quality == verdict.quality && tag->verdict.reason == verdict.reason &&
                tag->rejects == row.rejects;
    tag->read = *read;
    tag->read.reason = "";
    tag->verdict = verdict;
    tag->rejects = row.rejects;
    if (!same)
        tag->version = feed->tick;
}

/* Tags are looked at in portions, so that the memory for it stays small. */
enum { PORTION = 4096 };

static void look_at_portion(struct feed *feed, size_t first, size_t count)
{
    struct arena arena = {0};
    struct point_read *reads = arena_alloc(&arena, count * sizeof *reads);
    struct live_row *rows = arena_alloc(&arena, count * sizeof *rows), device;
    for (size_t i = 0; i < count; i++) {
        reads[i] = feed->tags[first + i].read;
        reads[i].ok = false;
        reads[i].fault = FAULT_NONE;
        read_rows(feed, &feed->tags[first + i], &rows[i], &device);
    }
    points_fetch(feed->worker, &arena, rows, reads, count);
    for (size_t i = 0; i < count; i++)
        compare(feed, &feed->tags[first + i], &reads[i]);
    arena_finish(&arena);
}

bool feed_look(struct feed *feed)
{
    struct store *store = feed->worker->store;
    if (!store_begin(store))
        return false;
    int64_t revision = store_revision(store);
    if (!feed->tags || revision != feed->revision)
        load(feed, revision);
    if (!store_commit(store))
        return false;
    live_view_refresh(&feed->worker->live);
    feed->tick++;
    for (size_t first = 0; first < feed->count; first += PORTION)
        look_at_portion(feed, first, feed->count - first < PORTION ? feed->count - first : PORTION);
    return true;
}

static void show(struct feed *feed, const struct feed_tag *tag, struct text *text)
{
    struct live_row row, device;
    read_rows(feed, tag, &row, &device);
    point_show(&tag->read, &row, tag->verdict, feed->worker->live.now_ms, text);
}

/* A scan goes on where the last portion ended; with other tags it begins again. */
static void begin_scan(const struct feed *feed, struct feed_reader *reader)
{
    if (reader->at > 0 && reader->revision == feed->revision)
        return;
    reader->at = 0;
    reader->revision = feed->revision;
    reader->scanning = feed->tick;
}

bool feed_take(struct feed *feed, struct feed_reader *reader, const char *device, size_t limit,
               struct text *text)
{
    size_t taken = 0;
    begin_scan(feed, reader);
    for (; reader->at < feed->count && taken < limit; reader->at++) {
        const struct feed_tag *tag = &feed->tags[reader->at];
        if (tag->version <= reader->seen || (device && strcmp(device, tag->read.device) != 0))
            continue;
        if (taken++ == 0)
            json_open(text, '[');
        show(feed, tag, text);
    }
    if (reader->at == feed->count) {
        reader->at = 0;
        reader->seen = reader->scanning;
    }
    if (taken > 0)
        json_close(text, ']');
    return taken > 0;
}
