/* The Modbus edge of the API. */
#include "api/live/tag_io.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/live/quality_lookup.h"
#include "api/model/resource_rules.h"
#include "common/base/clock.h"

struct point_read point_of(const struct record *tag, const struct place *place)
{
    const char *direction = record_text(tag, TAG_DIRECTION);
    return (struct point_read){.device = tag->device,
                               .name = record_text(tag, TAG_NAME),
                               .is_command = strcmp(direction, direction_names[TO_MODBUS]) != 0,
                               .place = *place,
                               .point = tag_point(tag)};
}

static bool note(struct point_read *read, struct arena *arena, struct modbus_link *link,
                 enum link_result result)
{
    read->ok = result == LINK_OK;
    if (!read->ok) {
        read->fault = result == LINK_EXCEPTION ? FAULT_MODBUS_EXCEPTION : FAULT_MODBUS_UNREACHABLE;
        read->reason = arena_text(arena, modbus_link_reason(link));
    }
    return read->ok;
}

static bool same_coding(const struct point *a, const struct point *b)
{
    return a->type == b->type && a->order == b->order && a->scale == b->scale &&
           a->offset == b->offset && a->length == b->length;
}

/* What mqttd wrote or polled last. */
static void recall(const struct live_row *row, struct arena *arena, struct point_read *read)
{
    if (row->changed == 0) {
        read->fault = FAULT_NONE;
        read->reason = arena_text(arena, "nothing was written or polled yet");
        return;
    }
    struct point put = read->point;
    uint16_t words[POINT_REGISTERS_MAX] = {0};
    live_value_point(&row->value, &put);
    if (put.type == TYPE_STRING)
        memcpy(words, row->text, sizeof row->text);
    for (unsigned i = 0; put.type != TYPE_STRING && i < 4; i++)
        words[i] = (uint16_t)(row->value.raw >> (16 * i));
    /* The tag may have other settings by now, which mqttd has not taken over yet. */
    if (same_coding(&put, &read->point)) {
        memcpy(read->registers.words, words, sizeof words);
    } else if (codec_recode(&put, words, &read->point, &read->registers) != FAULT_NONE) {
        read->reason = arena_text(arena, "nothing was written with these settings yet");
        return;
    }
    read->ok = true;
    /* The row of a bit says 0 or 1, and nothing of the register around it. */
    if (read->point.bit != NO_BIT)
        read->registers.words[0] = (uint16_t)(read->registers.words[0] << read->point.bit);
}

void point_fetch(struct worker *worker, struct arena *arena, const struct live_row *row,
                 struct point_read *read)
{
    points_fetch(worker, arena, row, read, 1);
}

static int by_place(const void *a, const void *b)
{
    const struct point_read *left = *(struct point_read *const *)a;
    const struct point_read *right = *(struct point_read *const *)b;
    if (left->place.unit != right->place.unit)
        return left->place.unit - right->place.unit;
    if (left->point.table != right->point.table)
        return left->point.table - right->point.table;
    return left->point.address - right->point.address;
}

static unsigned end_of(const struct point_read *read)
{
    return read->point.address + (unsigned)point_width(&read->point);
}

/* How many of the reads, which are sorted, fit into one request with the first. */
static size_t block_size(struct point_read *const *reads, size_t count, unsigned *words)
{
    const struct point_read *first = reads[0];
    size_t in_block = 1;
    *words = end_of(first) - first->point.address;
    for (; in_block < count; in_block++) {
        const struct point_read *next = reads[in_block];
        unsigned end = end_of(next) - first->point.address;
        if (next->place.unit != first->place.unit || next->point.table != first->point.table ||
            end > LINK_READ_REGISTERS_MAX)
            break;
        if (end > *words)
            *words = end;
    }
    return in_block;
}

static void fetch_block(struct worker *worker, struct arena *arena, struct point_read *const *reads,
                        size_t count, unsigned words)
{
    uint16_t block[LINK_READ_REGISTERS_MAX];
    struct modbus_link *link = worker->links[LINK_SCADA];
    const struct point_read *first = reads[0];
    enum link_result result =
        modbus_link_read(link, first->place.unit, (enum modbus_table)first->point.table,
                         first->point.address, (uint16_t)words, block);
    for (size_t i = 0; i < count; i++) {
        if (note(reads[i], arena, link, result))
            memcpy(reads[i]->registers.words,
                   block + (reads[i]->point.address - first->point.address),
                   point_width(&reads[i]->point) * sizeof block[0]);
    }
}

void points_fetch(struct worker *worker, struct arena *arena, const struct live_row *rows,
                  struct point_read *reads, size_t count)
{
    struct point_read **local = arena_alloc(arena, (count + 1) * sizeof(struct point_read *));
    size_t locals = 0;
    for (size_t i = 0; i < count; i++) {
        if (place_is_local(&reads[i].place))
            local[locals++] = &reads[i];
        else
            recall(&rows[i], arena, &reads[i]);
    }
    qsort(local, locals, sizeof(struct point_read *), by_place);
    while (locals > 0) {
        unsigned words;
        size_t block = block_size(local, locals, &words);
        fetch_block(worker, arena, local, block, words);
        local += block;
        locals -= block;
    }
}

/* Which connection takes the write, and under which name the table is known there: on the port of
 * the inputs the tables change their roles. */
static struct modbus_link *choose_link(struct worker *worker, const struct point_read *read,
                                       enum modbus_table *table)
{
    *table = (enum modbus_table)read->point.table;
    if (read->is_command)
        return worker->links[LINK_SCADA];
    if (table_is_writable(*table))
        return worker->links[LINK_OUTPUTS];
    *table = *table == TABLE_INPUT_REGISTER ? TABLE_HOLDING_REGISTER : TABLE_COIL;
    return worker->links[LINK_INPUTS];
}

static enum link_result write_singly(struct modbus_link *link, const struct point_read *read,
                                     enum modbus_table table, const uint16_t *words)
{
    enum link_result result = LINK_OK;
    for (uint16_t i = 0; result == LINK_OK && i < point_width(&read->point); i++)
        result = modbus_link_write_one(link, read->place.unit, table,
                                       (uint16_t)(read->point.address + i), words[i]);
    return result;
}

static enum link_result write_point(struct modbus_link *link, const struct point_read *read,
                                    enum modbus_table table, const uint16_t *words)
{
    const struct point *point = &read->point;
    if (point->bit != NO_BIT) {
        uint16_t mask = (uint16_t)(1U << point->bit);
        return modbus_link_write_masked(link, read->place.unit, point->address, mask,
                                        words[0] ? mask : 0);
    }
    if (read->write_single)
        return write_singly(link, read, table, words);
    return modbus_link_write(link, read->place.unit, table, point->address, point_width(point),
                             words);
}

static void destroy_link(void *link)
{
    modbus_link_destroy(link);
}

/* The registers of a value, as a read would bring them: those of a bit are encoded as 0 or 1. */
static void take_written(struct point_read *read, const struct registers *registers)
{
    read->registers = *registers;
    if (read->point.bit != NO_BIT)
        read->registers.words[0] = (uint16_t)(registers->words[0] << read->point.bit);
}

/* On a connection of its own. */
static bool write_foreign(struct worker *worker, struct arena *arena,
                          const struct registers *registers, struct point_read *read)
{
    struct net_addr server;
    struct memory_block guard;
    char why[NET_WHY_SIZE];
    if (!net_addr_parse(read->place.server, &server, why, sizeof why)) {
        read->fault = FAULT_MODBUS_UNREACHABLE;
        read->reason = arena_text(arena, why);
        return read->ok = false;
    }
    struct modbus_link *link =
        modbus_link_create(&server, (unsigned)worker->settings->modbus_timeout_ms);
    if (!link)
        memory_fail();
    memory_guard(&guard, destroy_link, link);
    bool ok = note(read, arena, link,
                   write_point(link, read, (enum modbus_table)read->point.table, registers->words));
    memory_unguard(&guard);
    modbus_link_destroy(link);
    if (ok)
        take_written(read, registers);
    return ok;
}

bool point_write(struct worker *worker, struct arena *arena, const struct registers *registers,
                 struct point_read *read)
{
    enum modbus_table table;
    if (place_is_local(&read->place)) {
        struct modbus_link *link = choose_link(worker, read, &table);
        return note(read, arena, link, write_point(link, read, table, registers->words));
    }
    return write_foreign(worker, arena, registers, read);
}

static void show_value(const struct point_read *read, struct text *text)
{
    char bytes[CODEC_TEXT_SIZE], number[VALUE_TEXT_SIZE];
    struct value value;
    codec_decode(&read->point, read->registers.words, bytes, &value);
    if (value.kind == VALUE_TEXT) {
        json_string_len(text, value.text, value.len);
        return;
    }
    value_format(&value, number);
    if (value_needs_quotes(&value))
        json_string(text, number);
    else
        json_raw(text, number);
}

static void show_raw(const struct point_read *read, struct text *text)
{
    json_open(text, '[');
    for (unsigned i = 0; i < point_width(&read->point); i++)
        json_integer(text, read->registers.words[i]);
    json_close(text, ']');
}

/* The failure to read it now, else what mqttd noted. */
static void show_error(const struct point_read *read, const struct live_row *row, struct text *text)
{
    if (read->ok || read->fault == FAULT_NONE) {
        write_last_error(row, read->point.type, &read->place, text);
        return;
    }
    json_open(text, '{');
    json_key(text, "code");
    json_string(text, fault_names[read->fault]);
    json_key(text, "detail");
    json_string(text, read->reason);
    json_key(text, "at");
    json_time(text, clock_wall_ms());
    json_close(text, '}');
}

static bool cannot_be_read(const struct point_read *read)
{
    return !read->ok && read->fault == FAULT_MODBUS_UNREACHABLE && place_is_local(&read->place);
}

void point_show(const struct point_read *read, const struct live_row *row, struct verdict verdict,
                uint64_t now_ms, struct text *text)
{
    json_open(text, '{');
    json_key(text, "device");
    json_string(text, read->device);
    json_key(text, "tag");
    json_string(text, read->name);
    json_key(text, "value");
    if (read->ok)
        show_value(read, text);
    else
        json_null(text);
    json_key(text, "raw");
    if (read->ok)
        show_raw(read, text);
    else
        json_null(text);
    if (cannot_be_read(read) && verdict.quality == QUALITY_GOOD)
        verdict = (struct verdict){QUALITY_STALE, REASON_MODBUSD_DOWN};
    write_verdict(verdict, text);
    json_key(text, "received_at");
    json_time(text, row->value.wall_ms);
    json_key(text, "written_at");
    json_time(text, row->written_wall_ms);
    json_key(text, "age_ms");
    if (row->value.wall_ms == 0)
        json_null(text);
    else
        json_integer(text,
                     now_ms > row->value.steady_ms ? (int64_t)(now_ms - row->value.steady_ms) : 0);
    json_key(text, "messages");
    json_integer(text, (int64_t)row->messages);
    json_key(text, "rejects");
    json_integer(text, (int64_t)row->rejects);
    json_key(text, "last_error");
    show_error(read, row, text);
    json_close(text, '}');
}
