/* Reads neighbours in one request; writes like a SCADA client or like the process side; writes
 * JSON. */
#include "api/live/tag_io.h"

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
    links->units = &common->units;
    for (size_t i = 0; i < LINK_COUNT; i++) {
        links->client[i] = modbus_client_create(addrs[i], timeout_ms);
        if (!links->client[i] || !modbus_client_trust_server(links->client[i]))
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

struct tag_io tag_io_make(const struct record *tag, const struct modbus_location *place,
                          const struct quality_terms *terms)
{
    int direction = record_field_choice(&tag_resource, tag, TAG_DIRECTION);
    return (struct tag_io){.device = tag->device,
                           .name = record_field_text(tag, TAG_NAME),
                           .is_command = direction_has_commands(direction),
                           .is_elsewhere = terms->is_elsewhere,
                           .place = *place,
                           .point = record_tag_point(tag),
                           .expires_s = (uint32_t)record_field_integer(tag, TAG_EXPIRES_S)};
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

void tag_io_recall_value(const struct live_table_row *row, struct tag_io *read)
{
    read->ok = false;
    read->fault = FAULT_NONE;
    read->reason = "no value has been written or polled yet";
    if (row->changed == 0)
        return;
    struct point put = read->point;
    uint16_t words[POINT_REGISTERS_MAX];
    live_table_value_point(&row->value, &put);
    live_table_unpack_words(row, words);
    /* The tag's settings may be newer than those that tagferry-mqttd used. */
    if (tag_io_same_coding(&put, &read->point)) {
        memcpy(read->registers.words, words, sizeof words);
    } else if (codec_recode(&put, words, &read->point, &read->registers) != FAULT_NONE) {
        read->reason = "no value has been written with these settings yet";
        return;
    }
    read->ok = true;
    /* The row of a bit or byte holds only its content, not the rest of the register. */
    if (point_is_part(&read->point))
        read->registers.words[0] = point_place_part(&read->point, read->registers.words[0]);
}

bool tag_io_check_unit(const struct unit_set *units, struct tag_io *read)
{
    if (!modbus_location_is_local(&read->place) || unit_set_contains(units, read->place.unit))
        return true;
    read->ok = false;
    read->fault = FAULT_MODBUS_EXCEPTION;
    read->reason =
        "the local server does not serve the device's unit: [common] units lists its units";
    return false;
}

struct register_span tag_io_span(const struct tag_io *read, size_t owner)
{
    return (struct register_span){.unit = read->place.unit,
                                  .table = read->point.table,
                                  .address = read->point.address,
                                  .count = point_width(&read->point),
                                  .owner = owner};
}

void tag_io_take_block(const struct register_block *block, const struct register_span *span,
                       struct tag_io *read)
{
    read->ok = register_span_is_ok(block, span);
    read->fault = read->ok ? FAULT_NONE : block->fault;
    read->reason = block->reason;
    if (read->ok)
        memcpy(read->registers.words, block->words + register_span_offset(block, span),
               span->count * sizeof block->words[0]);
}

void tag_io_fetch(const struct modbus_links *links, struct arena *arena,
                  const struct live_table_row *rows, struct tag_io *reads, size_t count)
{
    struct register_blocks local;
    struct register_span *spans = arena_alloc(arena, (count + 1) * sizeof *spans);
    size_t span_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (reads[i].is_elsewhere || !tag_io_check_unit(links->units, &reads[i]))
            continue;
        if (modbus_location_is_local(&reads[i].place))
            spans[span_count++] = tag_io_span(&reads[i], i);
        else
            tag_io_recall_value(&rows[i], &reads[i]);
    }
    register_blocks_make(&local, arena, spans, span_count);
    register_blocks_read(&local, links->client[LINK_SCADA]);
    for (size_t i = 0; i < local.count; i++) {
        const struct register_block *block = &local.blocks[i];
        const struct register_span *span = spans + block->first_span;
        for (size_t k = 0; k < block->span_count; k++, span++)
            tag_io_take_block(block, span, &reads[span->owner]);
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
    if (point_is_part(point))
        return modbus_client_mask_write(link, read->place.unit, point->address, point_mask(point),
                                        point_place_part(point, words[0]));
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
    REQUIRE(!read->place.is_exclusive);
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
    if (ok) { /* as a read returns them */
        read->registers = *registers;
        if (point_is_part(&read->point))
            read->registers.words[0] = point_place_part(&read->point, registers->words[0]);
    }
    return ok;
}

bool tag_io_write(const struct modbus_links *links, struct arena *arena,
                  const struct codec_registers *registers, struct tag_io *read)
{
    enum modbus_table table;
    REQUIRE(!read->is_elsewhere);
    if (!tag_io_check_unit(links->units, read))
        return false;
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
    if (!codec_is_valid(&read->point, read->registers.words)) {
        json_write_null(text);
        return;
    }
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
    bool is_valid = !read->ok || codec_is_valid(&read->point, read->registers.words);
    if (is_valid && (read->ok || read->fault == FAULT_NONE)) {
        quality_lookup_write_error(row, read->point.type, &read->place, text);
        return;
    }
    char hex[CODEC_HEX_SIZE];
    codec_format_hex(&read->point, read->registers.words, hex);
    json_open(text, '{');
    json_write_key(text, "code");
    json_write_string(text, fault_names[is_valid ? read->fault : FAULT_NOT_BCD]);
    json_write_key(text, "detail");
    json_write_string(text, is_valid ? read->reason : hex);
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
    row_write_age(row, now_ms, text);
    json_write_key(text, "expires_at");
    json_write_time(text, read->expires_s > 0 && row->expiry.wall_ms > 0
                              ? row->expiry.wall_ms + (uint64_t)read->expires_s * 1000
                              : 0);
    json_write_key(text, "messages");
    json_write_integer(text, (int64_t)row->messages);
    json_write_key(text, "rejects");
    json_write_integer(text, (int64_t)row->rejects);
    json_write_key(text, "last_error");
    tag_io_write_error(read, row, text);
    json_close(text, '}');
}
