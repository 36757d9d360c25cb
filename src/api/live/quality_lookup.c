/* Joins live rows with the settings that decide their quality. */
#include "api/live/quality_lookup.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "common/base/net.h"
#include "common/modbus/pdu.h"

static struct quality_terms terms_of(const struct record *device, const struct place *place)
{
    return (struct quality_terms){.stale_after_s =
                                      (uint32_t)record_integer(device, DEVICE_STALE_AFTER_S),
                                  .is_foreign = !place_is_local(place),
                                  .is_disabled = !record_integer(device, DEVICE_ENABLED)};
}

/* A device whose server takes nothing may be heard as well as ever: its tags know. */
static bool is_target_down(struct worker *worker, const struct record *device)
{
    const struct quality_terms terms = {.is_foreign = true};
    const struct live_row none = {0};
    bool down = false;
    struct query query =
        store_query(worker->store, "SELECT id, slot FROM tag WHERE device_id = ? AND enabled = 1");
    query_bind(&query, device->id);
    while (query_next(&query)) {
        struct live_row tag;
        int64_t id = query_integer(&query), slot = query_integer(&query);
        down |=
            live_view_row(&worker->live, LIVE_TAG, id, slot, &tag) &&
            quality_of_tag(&worker->live.moment, &tag, &none, &terms).reason == REASON_TARGET_DOWN;
    }
    return down;
}

struct verdict judge_device(struct worker *worker, const struct record *device,
                            struct live_row *row)
{
    struct place place = place_of(device, &worker->settings->common);
    struct quality_terms terms = terms_of(device, &place);
    live_view_row(&worker->live, LIVE_DEVICE, device->id, device->slot, row);
    struct verdict verdict = quality_of_device(&worker->live.moment, row, &terms);
    if (verdict.quality == QUALITY_GOOD && terms.is_foreign && is_target_down(worker, device))
        verdict = (struct verdict){QUALITY_STALE, REASON_TARGET_DOWN};
    return verdict;
}

static void look_up_device(struct judge *judge, const struct record *tag)
{
    struct arena arena = {0};
    struct record device;
    if (device_find(judge->worker->store, &arena, tag->device, &device)) {
        judge->device_id = device.id;
        judge->slot = device.slot;
        judge->place = place_of(&device, &judge->worker->settings->common);
        judge->terms = terms_of(&device, &judge->place);
        judge->write_single = record_integer(&device, DEVICE_WRITE_SINGLE) != 0;
        live_view_row(&judge->worker->live, LIVE_DEVICE, device.id, device.slot, &judge->device);
    }
    arena_finish(&arena);
}

void judge_device_of(struct judge *judge, const struct record *tag)
{
    if (judge->device_id != tag->device_id)
        look_up_device(judge, tag);
}

struct verdict judge_tag(struct judge *judge, const struct record *tag, struct live_row *row)
{
    const struct live_view *live = &judge->worker->live;
    judge_device_of(judge, tag);
    live_view_row(live, LIVE_TAG, tag->id, tag->slot, row);
    struct quality_terms terms = judge->terms;
    terms.is_disabled |= !record_integer(tag, TAG_ENABLED);
    return quality_of_tag(&live->moment, row, &judge->device, &terms);
}

void write_verdict(struct verdict verdict, struct text *text)
{
    json_key(text, "quality");
    json_string(text, quality_names[verdict.quality]);
    json_key(text, "reason");
    if (verdict.reason == REASON_NONE)
        json_null(text);
    else
        json_string(text, reason_names[verdict.reason]);
}

void append_verdict(struct verdict verdict, struct text *text)
{
    assert(text->len > 0 && text->data[text->len - 1] == '}');
    text->len--;
    write_verdict(verdict, text);
    json_close(text, '}');
}

/* The bits of the words, which stand among `names` from `first` on; 0 for one that does not. */
static unsigned read_words(struct arena *arena, const char *words, const char *const *names,
                           int first)
{
    unsigned bits = 0;
    for (const char *at = words;; at++) {
        size_t len = strcspn(at, ",");
        int index = name_index(names, arena_copy(arena, at, len));
        if (index < first)
            return 0;
        bits |= 1U << index;
        at += len;
        if (*at == '\0')
            return bits;
    }
}

static bool read_filter(const struct request *request, const char *name, const char *const *names,
                        int first, unsigned *bits, struct response *response)
{
    const char *words = argument(&request->arguments, name, NULL);
    *bits = words ? read_words(request->arena, words, names, first) : 0;
    if (!words || *bits != 0)
        return true;
    const char *all = names[first];
    for (int i = first + 1; names[i]; i++)
        all = arena_format(request->arena, "%s, %s", all, names[i]);
    problem(response, 400, "%s must be one of %s.", name, all);
    return false;
}

bool read_verdict_filter(const struct request *request, struct verdict_filter *filter,
                         struct response *response)
{
    return read_filter(request, "quality", quality_names, 0, &filter->qualities, response) &&
           read_filter(request, "reason", reason_names, REASON_NONE + 1, &filter->reasons,
                       response);
}

bool verdict_filter_is_any(const struct verdict_filter *filter)
{
    return filter->qualities == 0 && filter->reasons == 0;
}

bool verdict_filter_takes(const struct verdict_filter *filter, struct verdict verdict)
{
    return (filter->qualities == 0 || (filter->qualities >> verdict.quality & 1) != 0) &&
           (filter->reasons == 0 || (filter->reasons >> verdict.reason & 1) != 0);
}

static const char *server_of(const struct place *place)
{
    return place_is_local(place) ? "the local Modbus server" : place->server;
}

const char *refusal_hint(enum fault fault, int type)
{
    if (fault != FAULT_NOT_A_NUMBER || type != TYPE_BOOL)
        return "";
    return "; a bool takes numbers and on, off, true, false, yes, no, open, closed; mqtt.values "
           "gives "
           "other words a meaning";
}

/* Names the refused value and the change that would make it accepted. */
static void write_refusal(const struct live_row *row, int type, struct text *text)
{
    char detail[LIVE_EXCERPT_SIZE + 160];
    snprintf(detail, sizeof detail, "%s%s", row->excerpt,
             refusal_hint((enum fault)row->fault, type));
    json_string(text, detail);
}

/* The server, and whatever more is known: the unit, and what it answered. */
static void write_write_fault(const struct live_write_fault *fault, const struct place *place,
                              struct text *text)
{
    char detail[NET_TEXT_SIZE + 96];
    int len = snprintf(detail, sizeof detail, "%.*s", NET_TEXT_SIZE, server_of(place));
    size_t room = sizeof detail - (size_t)len;
    if (fault->exception)
        len += snprintf(detail + len, room, ", unit %u: exception %u, %s", place->unit,
                        fault->exception, pdu_exception_name(fault->exception));
    else if (fault->is_of_unit)
        len += snprintf(detail + len, room, ", unit %u: no answer", place->unit);
    room = sizeof detail - (size_t)len;
    if (fault->is_of_poll && (fault->exception || fault->is_of_unit))
        snprintf(detail + len, room, " to a poll");
    json_string(text, detail);
}

void write_last_error(const struct live_row *row, int type, const struct place *place,
                      struct text *text)
{
    bool write_is_newer =
        row->write_fault.fault != FAULT_NONE &&
        (row->fault == FAULT_NONE || row->write_fault_wall_ms >= row->fault_wall_ms);
    enum fault fault = write_is_newer ? row->write_fault.fault : row->fault;
    if (fault == FAULT_NONE || fault >= FAULT_COUNT) {
        json_null(text);
        return;
    }
    json_open(text, '{');
    json_key(text, "code");
    json_string(text, fault_names[fault]);
    json_key(text, "detail");
    if (write_is_newer)
        write_write_fault(&row->write_fault, place, text);
    else
        write_refusal(row, type, text);
    json_key(text, "at");
    json_time(text, write_is_newer ? row->write_fault_wall_ms : row->fault_wall_ms);
    json_close(text, '}');
}
