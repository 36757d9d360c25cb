/* Reads neighbours in one request; writes like a SCADA client or like the process side; writes
 * JSON. */
#include "api/live/tag_io.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/model/resource_rules.h"
#include "common/base/clock.h"
#include "common/base/require.h"

_Static_assert((int)POINT_REGISTERS_MAX <= (int)MODBUS_READ_REGISTERS_MAX,
               "one request reads any tag");

bool modbus_links_open(struct modbus_links *links, const struct common_settings *common,
                       unsigned timeout_ms)
{
    const struct net_addr *addrs[LINK_COUNT] = {[LINK_SCADA] = &common->modbus,
                                                [LINK_INPUTS] = &common->modbus_inputs,
                                                [LINK_OUTPUTS] = &common->modbus_outputs};
    REQUIRE(!links->client[LINK_SCADA] && timeout_ms > 0);
    links->timeout_ms = timeout_ms;
    for (size_t i = 0; i < LINK_COUNT; i++) {
        links->client[i] = modbus_client_create(addrs[i], timeout_ms);
        if (!links->client[i])
            return false;
        /* A write on the SCADA side is a command: a repetition would publish it twice. On the
         * process side a repetition is harmless. */
        modbus_client_set_repeat(links->client[i],
                                 i == LINK_SCADA ? MODBUS_REPEAT_READS : MODBUS_REPEAT_ALL);
    }
    return true;
}

void modbus_links_close(struct modbus_links *links)
{
    for (size_t i = 0; i < LINK_COUNT; i++)
        modbus_client_destroy(links->client[i]);
    *links = (struct modbus_links){0};
}

struct tag_io tag_io_make(const struct record *tag, const struct modbus_location *place)
{
    const char *direction = record_field_text(tag, TAG_DIRECTION);
    return (struct tag_io){.device = tag->device,
                           .name = record_field_text(tag, TAG_NAME),
                           .is_command = strcmp(direction, direction_names[TO_MODBUS]) != 0,
                           .place = *place,
                           .point = record_tag_point(tag)};
}

static bool tag_io_note_result(struct tag_io *read, struct arena *arena, struct modbus_client *link,
                               enum modbus_result result)
{
    read->ok = result == MODBUS_OK;
    if (!read->ok) {
        read->fault =
            result == MODBUS_EXCEPTION ? FAULT_MODBUS_EXCEPTION : FAULT_MODBUS_UNREACHABLE;
        read->reason = arena_strdup(arena, modbus_client_reason(link));
    }
    return read->ok;
}

static bool tag_io_same_coding(const struct point *a, const struct point *b)
{
    return a->type == b->type && a->order == b->order && a->scale == b->scale &&
           a->offset == b->offset && a->length == b->length;
}

/* Takes the value that tagferry-mqttd wrote or polled last from the live row. */
static void tag_io_recall_value(const struct live_table_row *row, struct arena *arena,
                                struct tag_io *read)
{
    if (row->changed == 0) {
        read->fault = FAULT_NONE;
        read->reason = arena_strdup(arena, "no value has been written or polled yet");
        return;
    }
    struct point put = read->point;
    uint16_t words[POINT_REGISTERS_MAX] = {0};
    live_table_value_point(&row->value, &put);
    if (put.type == TYPE_STRING)
        memcpy(words, row->text, sizeof row->text);
    for (unsigned i = 0; put.type != TYPE_STRING && i < 4; i++)
        words[i] = (uint16_t)(row->value.raw >> (16 * i));
    /* The tag's settings may be newer than those that tagferry-mqttd used. */
    if (tag_io_same_coding(&put, &read->point)) {
        memcpy(read->registers.words, words, sizeof words);
    } else if (codec_recode(&put, words, &read->point, &read->registers) != FAULT_NONE) {
        read->reason = arena_strdup(arena, "no value has been written with these settings yet");
        return;
    }
    read->ok = true;
    /* The row of a bit holds 0 or 1, not the rest of the register. */
    if (read->point.bit != NO_BIT)
        read->registers.words[0] = (uint16_t)(read->registers.words[0] << read->point.bit);
}

static int tag_io_compare_place(const void *a, const void *b)
{
    const struct tag_io *left = *(struct tag_io *const *)a;
    const struct tag_io *right = *(struct tag_io *const *)b;
    if (left->place.unit != right->place.unit)
        return left->place.unit - right->place.unit;
    if (left->point.table != right->point.table)
        return left->point.table - right->point.table;
    return left->point.address - right->point.address;
}

static unsigned tag_io_end_address(const struct tag_io *read)
{
    return read->point.address + (unsigned)point_width(&read->point);
}

/* Reads the first tag and those after it that fit into the same request. The reads are sorted by
 * place. Returns the number of tags that were read, at least 1. */
static size_t tag_io_fetch_block(const struct modbus_links *links, struct arena *arena,
                                 struct tag_io *const *reads, size_t count)
{
    REQUIRE(count > 0);
    struct modbus_client *link = links->client[LINK_SCADA];
    const struct tag_io *first = reads[0];
    unsigned words = tag_io_end_address(first) - first->point.address;
    size_t in_block = 1;
    for (; in_block < count; in_block++) {
        const struct tag_io *next = reads[in_block];
        unsigned end = tag_io_end_address(next) - first->point.address;
        if (next->place.unit != first->place.unit || next->point.table != first->point.table ||
            end > MODBUS_READ_REGISTERS_MAX)
            break;
        if (end > words)
            words = end;
    }
    uint16_t block[MODBUS_READ_REGISTERS_MAX];
    REQUIRE(words <= MODBUS_READ_REGISTERS_MAX);
    enum modbus_result result =
        modbus_client_read(link, first->place.unit, (enum modbus_table)first->point.table,
                           first->point.address, (uint16_t)words, block);
    for (size_t i = 0; i < in_block; i++) {
        if (tag_io_note_result(reads[i], arena, link, result))
            memcpy(reads[i]->registers.words,
                   block + (reads[i]->point.address - first->point.address),
                   point_width(&reads[i]->point) * sizeof block[0]);
    }
    return in_block;
}

void tag_io_fetch(const struct modbus_links *links, struct arena *arena,
                  const struct live_table_row *rows, struct tag_io *reads, size_t count)
{
    struct tag_io **local = arena_alloc(arena, (count + 1) * sizeof(struct tag_io *));
    size_t locals = 0;
    for (size_t i = 0; i < count; i++) {
        if (modbus_location_is_local(&reads[i].place))
            local[locals++] = &reads[i];
        else
            tag_io_recall_value(&rows[i], arena, &reads[i]);
    }
    qsort(local, locals, sizeof(struct tag_io *), tag_io_compare_place);
    while (locals > 0) {
        size_t fetched = tag_io_fetch_block(links, arena, local, locals);
        local += fetched;
        locals -= fetched;
    }
}

/* Returns the connection for a write and sets *table to the table to write there: on the inputs
 * port, input tables are written as their writable counterparts. */
static struct modbus_client *tag_io_choose_link(const struct modbus_links *links,
                                                const struct tag_io *read, enum modbus_table *table)
{
    *table = (enum modbus_table)read->point.table;
    if (read->is_command)
        return links->client[LINK_SCADA];
    if (table_is_writable(*table))
        return links->client[LINK_OUTPUTS];
    *table = *table == TABLE_INPUT_REGISTER ? TABLE_HOLDING_REGISTER : TABLE_COIL;
    return links->client[LINK_INPUTS];
}

static enum modbus_result tag_io_write_point(struct modbus_client *link, const struct tag_io *read,
                                             enum modbus_table table, const uint16_t *words)
{
    const struct point *point = &read->point;
    if (point->bit != NO_BIT) {
        uint16_t mask = (uint16_t)(1U << point->bit);
        return modbus_client_mask_write(link, read->place.unit, point->address, mask,
                                        words[0] ? mask : 0);
    }
    if (read->write_single) {
        enum modbus_result result = MODBUS_OK;
        for (uint16_t i = 0; result == MODBUS_OK && i < point_width(point); i++)
            result = modbus_client_write_single(link, read->place.unit, table,
                                                (uint16_t)(point->address + i), words[i]);
        return result;
    }
    return modbus_client_write(link, read->place.unit, table, point->address, point_width(point),
                               words);
}

static void tag_io_destroy_link(void *link)
{
    modbus_client_destroy(link);
}

/* Writes on a new connection, and closes it. */
static bool tag_io_write_foreign(const struct modbus_links *links, struct arena *arena,
                                 const struct codec_registers *registers, struct tag_io *read)
{
    struct net_addr server;
    struct memory_block guard;
    char why[NET_WHY_SIZE];
    if (!net_addr_parse(read->place.server, &server, why, sizeof why)) {
        read->fault = FAULT_MODBUS_UNREACHABLE;
        read->reason = arena_strdup(arena, why);
        return read->ok = false;
    }
    struct modbus_client *link = modbus_client_create(&server, links->timeout_ms);
    if (!link)
        memory_fail();
    memory_guard(&guard, tag_io_destroy_link, link);
    bool ok = tag_io_note_result(
        read, arena, link,
        tag_io_write_point(link, read, (enum modbus_table)read->point.table, registers->words));
    memory_unguard(&guard);
    modbus_client_destroy(link);
    if (ok) { /* as a read returns them: an encoded bit is 0 or 1 */
        read->registers = *registers;
        if (read->point.bit != NO_BIT)
            read->registers.words[0] = (uint16_t)(registers->words[0] << read->point.bit);
    }
    return ok;
}

bool tag_io_write(const struct modbus_links *links, struct arena *arena,
                  const struct codec_registers *registers, struct tag_io *read)
{
    enum modbus_table table;
    if (modbus_location_is_local(&read->place)) {
        struct modbus_client *link = tag_io_choose_link(links, read, &table);
        return tag_io_note_result(read, arena, link,
                                  tag_io_write_point(link, read, table, registers->words));
    }
    return tag_io_write_foreign(links, arena, registers, read);
}

static void tag_io_write_value(const struct tag_io *read, struct text *text)
{
    char bytes[CODEC_TEXT_SIZE], number[VALUE_TEXT_SIZE];
    struct value value;
    codec_decode(&read->point, read->registers.words, bytes, &value);
    if (value.kind == VALUE_TEXT) {
        json_write_string_len(text, value.text, value.len);
        return;
    }
    value_format_json(&value, number);
    if (value_needs_quotes(&value))
        json_write_string(text, number);
    else
        json_write_raw(text, number);
}

/* Writes the failure of this read or write, else the newest error that tagferry-mqttd recorded. */
static void tag_io_write_error(const struct tag_io *read, const struct live_table_row *row,
                               struct text *text)
{
    if (read->ok || read->fault == FAULT_NONE) {
        quality_lookup_write_error(row, read->point.type, &read->place, text);
        return;
    }
    json_open(text, '{');
    json_write_key(text, "code");
    json_write_string(text, fault_names[read->fault]);
    json_write_key(text, "detail");
    json_write_string(text, read->reason);
    json_write_key(text, "at");
    json_write_time(text, clock_wall_ms());
    json_close(text, '}');
}

void tag_io_write_json(const struct tag_io *read, const struct live_table_row *row,
                       struct quality_verdict verdict, uint64_t now_ms, struct text *text)
{
    json_open(text, '{');
    json_write_key(text, "device");
    json_write_string(text, read->device);
    json_write_key(text, "tag");
    json_write_string(text, read->name);
    json_write_key(text, "value");
    if (read->ok)
        tag_io_write_value(read, text);
    else
        json_write_null(text);
    json_write_key(text, "raw");
    if (read->ok) {
        json_open(text, '[');
        for (unsigned i = 0; i < point_width(&read->point); i++)
            json_write_integer(text, read->registers.words[i]);
        json_close(text, ']');
    } else {
        json_write_null(text);
    }
    if (!read->ok && read->fault == FAULT_MODBUS_UNREACHABLE &&
        modbus_location_is_local(&read->place) && verdict.quality == QUALITY_GOOD)
        verdict = (struct quality_verdict){QUALITY_STALE, REASON_MODBUSD_DOWN};
    verdict_write(verdict, text);
    json_write_key(text, "received_at");
    json_write_time(text, row->value.wall_ms);
    json_write_key(text, "written_at");
    json_write_time(text, row->written_wall_ms);
    json_write_key(text, "age_ms");
    if (row->value.wall_ms == 0)
        json_write_null(text);
    else
        json_write_integer(
            text, now_ms > row->value.steady_ms ? (int64_t)(now_ms - row->value.steady_ms) : 0);
    json_write_key(text, "messages");
    json_write_integer(text, (int64_t)row->messages);
    json_write_key(text, "rejects");
    json_write_integer(text, (int64_t)row->rejects);
    json_write_key(text, "last_error");
    tag_io_write_error(read, row, text);
    json_close(text, '}');
}
