/* Joins live rows with the settings that decide their quality. */
#include "api/live/quality_lookup.h"

#include <stdio.h>
#include <string.h>

#include "api/store/record_store.h"
#include "common/base/net.h"
#include "common/base/require.h"
#include "common/modbus/pdu.h"

static struct quality_terms quality_lookup_get_terms(const struct quality_lookup *lookup,
                                                     const struct record *device,
                                                     const struct modbus_location *place)
{
    return (struct quality_terms){.stale_after_s =
                                      (uint32_t)record_field_integer(device, DEVICE_STALE_AFTER_S),
                                  .is_foreign = !modbus_location_is_local(place),
                                  .is_disabled = !record_field_integer(device, DEVICE_ENABLED),
                                  .is_elsewhere = !record_is_held_here(device, lookup->common)};
}

/* A device of another gateway has no row here, except for a moment after it has moved there. */
static void quality_lookup_read_row(const struct live_view *live, const struct quality_terms *terms,
                                    enum live_table_kind kind, const struct record *record,
                                    struct live_table_row *row)
{
    if (terms->is_elsewhere)
        *row = (struct live_table_row){0};
    else
        live_view_read_row(live, kind, record->id, record->slot, row);
}

/* True when the Modbus server of an enabled tag does not answer. The device's own row does not show
 * that: the device may still send messages. */
static bool quality_lookup_target_down(const struct quality_lookup *lookup,
                                       const struct record *device)
{
    const struct quality_terms terms = {.is_foreign = true};
    const struct live_table_row none = {0};
    bool down = false;
    struct query query = store_prepare_query(
        lookup->store, "SELECT id, slot FROM tag WHERE device_id = ? AND enabled = 1");
    query_bind_integer(&query, device->id);
    while (query_next_row(&query)) {
        struct live_table_row tag;
        int64_t id = query_read_integer(&query), slot = query_read_integer(&query);
        down |=
            live_view_read_row(lookup->live, LIVE_TAG, id, slot, &tag) &&
            quality_of_tag(&lookup->live->moment, &tag, &none, &terms).reason == REASON_TARGET_DOWN;
    }
    return down;
}

struct quality_verdict quality_lookup_device(const struct quality_lookup *lookup,
                                             const struct record *device,
                                             struct live_table_row *row)
{
    struct modbus_location place = modbus_location_of(device, lookup->common);
    struct quality_terms terms = quality_lookup_get_terms(lookup, device, &place);
    quality_lookup_read_row(lookup->live, &terms, LIVE_DEVICE, device, row);
    struct quality_verdict verdict = quality_of_device(&lookup->live->moment, row, &terms);
    if (verdict.quality == QUALITY_GOOD && terms.is_foreign &&
        quality_lookup_target_down(lookup, device))
        verdict = (struct quality_verdict){QUALITY_STALE, REASON_TARGET_DOWN};
    return verdict;
}

void quality_lookup_set_device(struct quality_lookup *lookup, const struct record *tag)
{
    struct arena arena = {0};
    struct record device;
    REQUIRE(lookup->store && lookup->live && lookup->common);
    REQUIRE(tag->device_id != 0 && tag->device);
    if (lookup->device_id == tag->device_id)
        return;
    if (record_store_find_device(lookup->store, &arena, tag->device, &device)) {
        lookup->device_id = device.id;
        lookup->slot = device.slot;
        lookup->place = modbus_location_of(&device, lookup->common);
        const char *gateway = record_field_text(&device, DEVICE_GATEWAY);
        snprintf(lookup->gateway, sizeof lookup->gateway, "%s", gateway ? gateway : "");
        lookup->terms = quality_lookup_get_terms(lookup, &device, &lookup->place);
        lookup->write_single = record_field_integer(&device, DEVICE_WRITE_SINGLE) != 0;
        quality_lookup_read_row(lookup->live, &lookup->terms, LIVE_DEVICE, &device,
                                &lookup->device);
    }
    arena_finish(&arena);
}

struct quality_verdict quality_lookup_tag(struct quality_lookup *lookup, const struct record *tag,
                                          struct live_table_row *row)
{
    const struct live_view *live = lookup->live;
    quality_lookup_set_device(lookup, tag);
    struct quality_terms terms = lookup->terms;
    quality_lookup_read_row(live, &terms, LIVE_TAG, tag, row);
    terms.is_disabled |= !record_field_integer(tag, TAG_ENABLED);
    terms.is_own = direction_is_own(record_field_choice(&tag_resource, tag, TAG_DIRECTION));
    return quality_of_tag(&live->moment, row, &lookup->device, &terms);
}

void verdict_write(struct quality_verdict verdict, struct text *text)
{
    json_write_key(text, "quality");
    json_write_string(text, quality_names[verdict.quality]);
    json_write_key(text, "reason");
    if (verdict.reason == REASON_NONE)
        json_write_null(text);
    else
        json_write_string(text, quality_reason_names[verdict.reason]);
}

void verdict_append(struct quality_verdict verdict, struct text *text)
{
    REQUIRE(text->len > 0 && text->data[text->len - 1] == '}');
    text->len--;
    verdict_write(verdict, text);
    json_close(text, '}');
}

uint64_t row_age_ms(const struct live_table_row *row, uint64_t now_ms)
{
    return now_ms > row->value.steady_ms ? now_ms - row->value.steady_ms : 0;
}

void row_write_age(const struct live_table_row *row, uint64_t now_ms, struct text *text)
{
    json_write_key(text, "age_ms");
    if (row->value.wall_ms == 0)
        json_write_null(text);
    else
        json_write_integer(text, (int64_t)row_age_ms(row, now_ms));
}

const char *quality_lookup_refusal_hint(enum fault fault, int type)
{
    if (fault == FAULT_INEXACT_INTEGER)
        return "; an integer of 2^53 or more is exact only as a string";
    if (fault != FAULT_NOT_A_NUMBER || type != TYPE_BOOL)
        return "";
    return "; a bool accepts numbers and on, off, true, false, yes, no, open, closed; mqtt.values "
           "defines other words";
}

/* Writes the server and, if known, the unit and its answer. */
static void quality_lookup_write_fault(const struct live_table_write_fault *fault,
                                       const struct modbus_location *place, struct text *text)
{
    char detail[NET_TEXT_SIZE + 160];
    int len = snprintf(detail, sizeof detail, "%.*s", NET_TEXT_SIZE,
                       modbus_location_is_local(place) ? "the local Modbus server" : place->server);
    size_t room = sizeof detail - (size_t)len;
    if (fault->exception)
        len += snprintf(detail + len, room, ", unit %u: exception %u, %s", place->unit,
                        fault->exception, pdu_exception_name(fault->exception));
    else if (fault->wrong_crc)
        len += snprintf(detail + len, room, ", unit %u: the answer has a wrong CRC", place->unit);
    else if (fault->tls_fault != TLS_FAULT_NONE)
        len += snprintf(detail + len, room, ", %s", tls_fault_words(fault->tls_fault));
    else if (fault->is_of_unit)
        len += snprintf(detail + len, room, ", unit %u: no answer", place->unit);
    room = sizeof detail - (size_t)len;
    if (fault->is_of_poll && (fault->exception || fault->is_of_unit))
        snprintf(detail + len, room, " to a poll");
    json_write_string(text, detail);
}

void quality_lookup_write_error(const struct live_table_row *row, int type,
                                const struct modbus_location *place, struct text *text)
{
    bool write_is_newer =
        row->write_fault.fault != FAULT_NONE &&
        (row->fault == FAULT_NONE || row->write_fault_wall_ms >= row->fault_wall_ms);
    enum fault fault = write_is_newer ? row->write_fault.fault : row->fault;
    if (fault == FAULT_NONE || fault >= FAULT_COUNT) {
        json_write_null(text);
        return;
    }
    json_open(text, '{');
    json_write_key(text, "code");
    json_write_string(text, fault_names[fault]);
    json_write_key(text, "detail");
    if (write_is_newer) {
        quality_lookup_write_fault(&row->write_fault, place, text);
    } else { /* the refused value, and how to have it accepted */
        char detail[LIVE_EXCERPT_SIZE + 160];
        snprintf(detail, sizeof detail, "%s%s", row->excerpt,
                 quality_lookup_refusal_hint(fault, type));
        json_write_string(text, detail);
    }
    json_write_key(text, "at");
    json_write_time(text, write_is_newer ? row->write_fault_wall_ms : row->fault_wall_ms);
    json_close(text, '}');
}
