/* Compares the stamp of each tag's row; only tags of which it differs, whose device's quality has
 * changed or whose value may have become stale are looked at in full. */
#include "api/history/history_watch.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/model/codec.h"
#include "common/model/modbus_location.h"

/* SCADA systems that write the same value again and again make one entry within this time. */
enum { SAME_WRITE_MS = 60000 };

struct recorded_device {
    int64_t id;
    uint32_t slot;
    struct quality_terms terms;
    struct quality_verdict verdict;
    struct live_table_stamp stamp;
    uint64_t due_ms;      /* steady clock: from when on its value is stale; UINT64_MAX: no time */
    bool looked, changed; /* `changed`: the verdict, in this look */
};

struct recorded_tag {
    int64_t id;
    uint32_t slot;
    uint32_t device; /* its index */
    bool is_disabled, is_own;
    bool looked; /* by history_watch_look_at_tags */
    bool seen;   /* the members of the row below are known */
    struct live_table_stamp stamp;
    uint64_t due_ms;
    uint64_t changed, settings, rejects; /* of the row */
    struct history_tag *history;         /* NULL: no memory for it yet */
    const struct history_note *note;     /* of this look, or NULL */
};

void history_watch_reset(struct history_watch *watch)
{
    watch->devices = NULL;
    watch->tags = NULL;
    watch->device_count = watch->tag_count = 0;
    watch->version = 0;
}

static int recorded_compare_device(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = ((const struct recorded_device *)b)->id;
    return (left > right) - (left < right);
}

static int recorded_compare_tag(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = ((const struct recorded_tag *)b)->id;
    return (left > right) - (left < right);
}

static void history_watch_load_devices(struct history_watch *watch, size_t room)
{
    struct arena arena = {0};
    watch->devices = memory_alloc((room + 1) * sizeof *watch->devices);
    struct query query = store_prepare_query(
        watch->store, "SELECT id, slot, enabled, mqtt_stale_after_s, network_modbus_port, "
                      "network_modbus_host, network_gateway FROM device ORDER BY id");
    while (query_next_row(&query) && watch->device_count < room) {
        struct recorded_device *device = &watch->devices[watch->device_count++];
        *device = (struct recorded_device){.id = query_read_integer(&query),
                                           .slot = (uint32_t)query_read_integer(&query)};
        device->terms.is_disabled = !query_read_integer(&query);
        device->terms.stale_after_s = (uint32_t)query_read_integer(&query);
        uint16_t port = (uint16_t)query_read_integer(&query);
        device->terms.is_foreign =
            !modbus_server_is_local(query_read_text(&query, &arena), port, &watch->common->modbus);
        device->terms.is_elsewhere =
            !gateway_holds_device(watch->common->gateway, query_read_text(&query, &arena));
    }
    query_finish(&query);
    arena_finish(&arena);
}

/* Reads the tags. Those of `old` keep what was seen of them. */
static void history_watch_load_tags(struct history_watch *watch, const struct history_watch *old,
                                    size_t room)
{
    size_t old_at = 0;
    watch->tags = memory_alloc((room + 1) * sizeof *watch->tags);
    struct query query =
        store_prepare_query(watch->store, "SELECT id, slot, device_id, enabled, direction IN "
                                          "('constant', 'companion') FROM tag ORDER BY id");
    while (query_next_row(&query) && watch->tag_count < room) {
        struct recorded_tag tag = {.id = query_read_integer(&query),
                                   .slot = (uint32_t)query_read_integer(&query)};
        int64_t device_id = query_read_integer(&query);
        bool is_disabled = !query_read_integer(&query);
        bool is_own = query_read_integer(&query) != 0;
        while (old_at < old->tag_count && old->tags[old_at].id < tag.id)
            old_at++;
        if (old_at < old->tag_count && old->tags[old_at].id == tag.id &&
            old->tags[old_at].slot == tag.slot)
            tag = old->tags[old_at];
        else
            tag.seen = old->tags != NULL; /* a new tag has had no row before */
        const struct recorded_device *device =
            bsearch(&device_id, watch->devices, watch->device_count, sizeof *watch->devices,
                    recorded_compare_device);
        if (!device)
            continue;
        tag.device = (uint32_t)(device - watch->devices);
        tag.is_disabled = is_disabled;
        tag.is_own = is_own;
        tag.looked = false;
        watch->tags[watch->tag_count++] = tag;
    }
    query_finish(&query);
}

/* Reads devices and tags again if the store has changed. */
static bool history_watch_load(struct history_watch *watch)
{
    struct store *store = watch->store;
    uint64_t version = store_read_version(store);
    if (version != 0 && version == watch->version)
        return true;
    if (!store_begin(store))
        return false;
    int64_t edition = store_read_edition(store);
    if (watch->tags && edition == watch->edition) {
        watch->version = version;
        return store_commit(store);
    }
    struct history_watch old = *watch;
    watch->device_count = watch->tag_count = 0;
    history_watch_load_devices(watch,
                               (size_t)store_query_integer(store, "SELECT count(*) FROM device"));
    history_watch_load_tags(watch, &old,
                            (size_t)store_query_integer(store, "SELECT count(*) FROM tag"));
    if (!store_commit(store)) {
        memory_free(watch->devices);
        memory_free(watch->tags);
        *watch = old;
        return false;
    }
    memory_free(old.devices);
    memory_free(old.tags);
    watch->version = version;
    watch->edition = edition;
    pthread_mutex_lock(watch->mutex);
    history_ring_begin_tags(watch->ring);
    for (size_t i = 0; i < watch->tag_count; i++)
        watch->tags[i].history = history_ring_add_tag(watch->ring, (uint64_t)watch->tags[i].id);
    history_ring_end_tags(watch->ring);
    pthread_mutex_unlock(watch->mutex);
    return true;
}

static void history_watch_expect(struct history_watch *watch, uint64_t due_ms)
{
    watch->due_ms = due_ms < watch->due_ms ? due_ms : watch->due_ms;
}

static void history_watch_look_at_devices(struct history_watch *watch, bool all)
{
    for (size_t i = 0; i < watch->device_count; i++) {
        struct recorded_device *device = &watch->devices[i];
        struct live_table_row row;
        struct live_table_stamp stamp;
        live_view_read_stamp(watch->live, LIVE_DEVICE, device->id, device->slot, &stamp);
        device->changed = false;
        if (device->looked && !all && live_table_stamp_is_equal(&stamp, &device->stamp) &&
            watch->live->now_ms < device->due_ms) {
            history_watch_expect(watch, device->due_ms);
            continue;
        }
        live_view_read_row(watch->live, LIVE_DEVICE, device->id, device->slot, &row);
        struct quality_verdict verdict = quality_of_device(&watch->moment, &row, &device->terms);
        device->changed = !device->looked || verdict.quality != device->verdict.quality ||
                          verdict.reason != device->verdict.reason;
        device->verdict = verdict;
        device->stamp = stamp;
        device->due_ms = quality_stale_from_ms(&watch->moment, &row, device->terms.stale_after_s);
        history_watch_expect(watch, device->due_ms);
        device->looked = true;
    }
}

/* True for a time between the look before and this one, so that it orders this tag's entries. */
static bool history_watch_is_recent(const struct history_watch *watch, uint64_t wall_ms)
{
    return wall_ms >= watch->since_ms && wall_ms <= watch->now_ms;
}

/* Decodes the number in the row. False for a string and for a row that is damaged. */
static bool history_read_number(const struct live_table_row *row, double *number)
{
    struct point point = {0};
    struct value value;
    char text[CODEC_TEXT_SIZE];
    uint16_t words[POINT_REGISTERS_MAX];
    if (!live_table_value_point(&row->value, &point) || point.type == TYPE_STRING)
        return false;
    live_table_unpack_words(row, words);
    point = point_of_content(&point); /* the row holds only the content of a bit or byte */
    codec_decode(&point, words, text, &value);
    *number = value_to_double(&value);
    return true;
}

/* Takes a value that is new in the row. */
static void history_watch_take_value(const struct history_watch *watch,
                                     const struct recorded_tag *tag,
                                     const struct live_table_row *row, struct history_entry *entry)
{
    const struct history_entry *known = &tag->history->value;
    double value = 0;
    bool is_number = history_read_number(row, &value);
    bool is_same = is_number && known->has_value &&
                   (known->value == value || (isnan(known->value) && isnan(value)));
    /* A change of the tag's settings converts the value: nobody has written it. */
    bool is_converted =
        tag->settings != 0 && row->value.settings != 0 && row->value.settings != tag->settings;
    bool is_write = row->is_setpoint && !is_converted && !row->expiry.is_expired;
    bool is_repeated = is_same && known->writer != WRITER_NONE && watch->now_ms >= known->wall_ms &&
                       watch->now_ms - known->wall_ms < SAME_WRITE_MS;
    if (!tag->seen) {
        /* Something may have been missed before, but a value that is there already is no write. */
        is_write = is_write && is_number && known->has_value && !is_same;
        /* The API has written another value since this message. */
        if (known->writer == WRITER_API && !row->is_setpoint &&
            row->value.wall_ms <= known->wall_ms)
            return;
    }
    if (is_write && !is_repeated)
        entry->writer = WRITER_SCADA;
    if (!is_number || (is_same && entry->writer == WRITER_NONE))
        return;
    entry->has_value = true;
    entry->value = value;
    if (!is_write && history_watch_is_recent(watch, row->value.wall_ms))
        entry->wall_ms = row->value.wall_ms;
}

/* Adds what the API has written. A row that shows the same as SCADA's write shows the API's. */
static void history_watch_take_note(const struct history_watch *watch,
                                    const struct history_note *note, struct history_entry *entry)
{
    bool is_seen = entry->has_value && note->has_value && entry->value == note->value;
    if (entry->writer == WRITER_SCADA && !is_seen && note->has_value && entry->has_value)
        return;
    entry->writer = WRITER_API;
    if (entry->has_value && !is_seen)
        return;
    entry->has_value = note->has_value;
    entry->value = note->value;
    if (history_watch_is_recent(watch, note->wall_ms))
        entry->wall_ms = note->wall_ms;
}

static void history_watch_take_tag(struct history_watch *watch, struct recorded_tag *tag,
                                   const struct live_table_row *row,
                                   const struct history_note *note, struct quality_verdict verdict)
{
    struct history_tag *history = tag->history;
    struct history_entry entry = {.wall_ms = watch->now_ms};
    if (row->changed != 0 && row->changed != tag->changed)
        history_watch_take_value(watch, tag, row, &entry);
    if (note)
        history_watch_take_note(watch, note, &entry);
    bool is_refused = tag->seen
                          ? row->rejects > tag->rejects
                          : row->rejects > 0 && history_watch_is_recent(watch, row->fault_wall_ms);
    if (is_refused && row->fault != FAULT_NONE) {
        entry.fault = row->fault;
        if (!entry.has_value && entry.writer == WRITER_NONE &&
            history_watch_is_recent(watch, row->fault_wall_ms))
            entry.wall_ms = row->fault_wall_ms;
    }
    entry.has_quality = !history->has_verdict ||
                        verdict.quality != history->newest_verdict.quality ||
                        verdict.reason != history->newest_verdict.reason;
    entry.verdict = verdict;
    tag->seen = true;
    tag->changed = row->changed;
    tag->settings = row->value.settings;
    tag->rejects = row->rejects;
    if (!entry.has_value && !history_entry_is_event(&entry))
        return;
    pthread_mutex_lock(watch->mutex);
    history_ring_append(watch->ring, history, &entry);
    pthread_mutex_unlock(watch->mutex);
}

static void history_watch_look_at_tags(struct history_watch *watch, bool all)
{
    const struct recorded_device *of_row = NULL;
    struct live_table_row row, device_row;
    for (size_t i = 0; i < watch->tag_count; i++) {
        struct recorded_tag *tag = &watch->tags[i];
        const struct recorded_device *device = &watch->devices[tag->device];
        struct live_table_stamp stamp;
        live_view_read_stamp(watch->live, LIVE_TAG, tag->id, tag->slot, &stamp);
        if (tag->looked && !all && !tag->note && live_table_stamp_is_equal(&stamp, &tag->stamp) &&
            !device->changed && watch->live->now_ms < tag->due_ms) {
            history_watch_expect(watch, tag->due_ms);
            continue;
        }
        if (!tag->history) {
            pthread_mutex_lock(watch->mutex);
            tag->history = history_ring_add_tag(watch->ring, (uint64_t)tag->id);
            pthread_mutex_unlock(watch->mutex);
        }
        const struct history_note *note = tag->note;
        tag->note = NULL;
        /* A device that this gateway has never held has no history here. */
        if (!tag->history || (device->terms.is_elsewhere && !tag->history->has_verdict))
            continue;
        if (device != of_row)
            live_view_read_row(watch->live, LIVE_DEVICE, device->id, device->slot, &device_row);
        of_row = device;
        live_view_read_row(watch->live, LIVE_TAG, tag->id, tag->slot, &row);
        if (device->terms.is_elsewhere)
            row = (struct live_table_row){0};
        struct quality_terms terms = device->terms;
        terms.is_disabled |= tag->is_disabled;
        terms.is_own = tag->is_own;
        history_watch_take_tag(watch, tag, &row, note,
                               quality_of_tag(&watch->moment, &row, &device_row, &terms));
        tag->looked = true;
        tag->stamp = stamp;
        tag->due_ms = quality_stale_from_ms(&watch->moment, &row, terms.stale_after_s);
        history_watch_expect(watch, tag->due_ms);
    }
}

bool history_watch_look(struct history_watch *watch, const struct history_note *notes,
                        size_t note_count)
{
    REQUIRE(watch->store && watch->live && watch->common && watch->ring && watch->mutex);
    struct quality_moment before = watch->moment;
    if (!history_watch_load(watch))
        return false;
    watch->live->looked_ms = 0; /* look for its files now: the next look is a second away */
    live_view_refresh(watch->live);
    watch->now_ms = clock_wall_ms();
    watch->moment = watch->live->moment;
    bool all =
        !quality_moment_is_same(&before, &watch->moment) || watch->saw_live != watch->live->open;
    watch->saw_live = watch->live->open;
    for (size_t i = 0; i < note_count; i++) {
        struct recorded_tag *tag = bsearch(&notes[i].tag, watch->tags, watch->tag_count,
                                           sizeof *watch->tags, recorded_compare_tag);
        if (tag)
            tag->note = &notes[i];
    }
    watch->due_ms = UINT64_MAX;
    history_watch_look_at_devices(watch, all);
    history_watch_look_at_tags(watch, all);
    watch->since_ms = watch->now_ms;
    return true;
}
