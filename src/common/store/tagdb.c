/* Reads rows of the store into structs. */
#include "common/store/tagdb.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE_COLUMNS                                                                             \
    "d.id, d.revision, d.slot, d.name, d.enabled, d.network_modbus_host, d.network_modbus_port,"   \
    " d.network_unit_id, d.network_max_write_registers, d.network_write_single,"                   \
    " d.network_min_interval_ms, d.network_poll_interval_ms,"                                      \
    " d.network_rewrite_on_reconnect, d.mqtt_topic, d.mqtt_qos,"                                   \
    " d.mqtt_availability_topic, d.mqtt_payload_available, d.mqtt_payload_unavailable,"            \
    " d.mqtt_stale_after_s, d.mqtt_timestamp_key, d.status_table, d.status_address"

#define TAG_COLUMNS                                                                                \
    "t.id, t.device_id, t.revision, t.slot, t.name, t.enabled, t.direction, t.mqtt_key,"           \
    " t.mqtt_topic, t.mqtt_payload, t.mqtt_values, t.mqtt_command_topic,"                          \
    " t.mqtt_command_template, t.mqtt_command_qos, t.mqtt_command_retain, t.mqtt_settle_ms,"       \
    " t.mqtt_hold_off_ms, t.modbus_table, t.modbus_address, t.modbus_type, t.modbus_byte_order,"   \
    " t.modbus_bit, t.modbus_length, t.modbus_scale, t.modbus_offset, t.modbus_on_overflow,"       \
    " t.modbus_on_stale, t.modbus_on_null"

/* Reads a row's columns from left to right. */
struct column_cursor {
    sqlite3_stmt *statement;
    int column;
};

static int64_t tagdb_next_integer(struct column_cursor *cursor)
{
    return sqlite3_column_int64(cursor->statement, cursor->column++);
}

static double tagdb_next_real(struct column_cursor *cursor)
{
    return sqlite3_column_double(cursor->statement, cursor->column++);
}

static const char *tagdb_next_text(struct column_cursor *cursor)
{
    return (const char *)sqlite3_column_text(cursor->statement, cursor->column++);
}

/* The place of the next text among `names`, or `fallback` for NULL. */
static int tagdb_next_choice(struct column_cursor *cursor, const char *const *names, int fallback)
{
    const char *text = tagdb_next_text(cursor);
    return text ? name_list_find(names, text) : fallback;
}

static int64_t tagdb_next_integer_or(struct column_cursor *cursor, int64_t fallback)
{
    bool is_null = sqlite3_column_type(cursor->statement, cursor->column) == SQLITE_NULL;
    int64_t number = tagdb_next_integer(cursor);
    return is_null ? fallback : number;
}

static void tagdb_read_device(struct column_cursor *at, struct tagdb_device *device)
{
    device->id = tagdb_next_integer(at);
    device->revision = tagdb_next_integer(at);
    device->slot = (uint32_t)tagdb_next_integer(at);
    device->name = tagdb_next_text(at);
    device->enabled = tagdb_next_integer(at) != 0;
    device->network.modbus_host = tagdb_next_text(at);
    device->network.modbus_port = (uint16_t)tagdb_next_integer(at);
    device->network.unit_id = (uint8_t)tagdb_next_integer(at);
    device->network.max_write_registers = (uint8_t)tagdb_next_integer(at);
    device->network.write_single = tagdb_next_integer(at) != 0;
    device->network.min_interval_ms = (uint32_t)tagdb_next_integer(at);
    device->network.poll_interval_ms = (uint32_t)tagdb_next_integer(at);
    device->network.rewrite_on_reconnect = tagdb_next_integer(at) != 0;
    device->mqtt.topic = tagdb_next_text(at);
    device->mqtt.qos = (int)tagdb_next_integer(at);
    device->mqtt.availability_topic = tagdb_next_text(at);
    device->mqtt.payload_available = tagdb_next_text(at);
    device->mqtt.payload_unavailable = tagdb_next_text(at);
    device->mqtt.stale_after_s = (uint32_t)tagdb_next_integer(at);
    device->mqtt.timestamp_key = tagdb_next_text(at);
    device->status_table = tagdb_next_choice(at, table_names, -1);
    device->status_address = (uint16_t)tagdb_next_integer(at);
}

static void tagdb_read_stale(const char *text, struct point *point)
{
    point->stale = STALE_HOLD;
    if (text && strcmp(text, "nan") == 0) {
        point->stale = STALE_NAN;
    } else if (text) {
        point->stale = STALE_RAW;
        point->stale_raw = strtod(text, NULL);
    }
}

static void tagdb_read_point(struct column_cursor *at, struct point *point)
{
    point->table = (uint8_t)tagdb_next_choice(at, table_names, 0);
    point->address = (uint16_t)tagdb_next_integer(at);
    point->type = (uint8_t)tagdb_next_choice(at, type_names, 0);
    point->order = (uint8_t)tagdb_next_choice(at, order_names, 0);
    point->bit = (int8_t)tagdb_next_integer_or(at, NO_BIT);
    point->length = (uint16_t)tagdb_next_integer(at);
    point->scale = tagdb_next_real(at);
    point->offset = tagdb_next_real(at);
    point->overflow = (uint8_t)tagdb_next_choice(at, overflow_names, 0);
    tagdb_read_stale(tagdb_next_text(at), point);
    point->on_null = (uint8_t)tagdb_next_choice(at, on_null_names, NULL_HOLD);
}

/* The entries of a value map, which borrow the texts of the JSON tree. */
struct parsed_map {
    cJSON *tree;
    struct value_map_entry *entries;
};

static void tagdb_free_map(struct parsed_map *parsed)
{
    cJSON_Delete(parsed->tree);
    free(parsed->entries);
}

static bool tagdb_read_map(const char *json, struct parsed_map *parsed, struct value_map *map)
{
    *parsed = (struct parsed_map){0};
    *map = (struct value_map){0};
    if (!json)
        return true;
    parsed->tree = cJSON_Parse(json);
    size_t count = parsed->tree ? (size_t)cJSON_GetArraySize(parsed->tree) : 0;
    parsed->entries = calloc(count + 1, sizeof *parsed->entries);
    if (!parsed->tree || !parsed->entries)
        return false;
    const cJSON *item;
    cJSON_ArrayForEach(item, parsed->tree)
    {
        parsed->entries[map->count++] =
            (struct value_map_entry){.text = item->string, .number = item->valuedouble};
    }
    map->entries = parsed->entries;
    return true;
}

/* Everything but the value map, whose JSON is returned. */
static const char *tagdb_read_tag(struct column_cursor *at, struct tagdb_tag *tag)
{
    tag->id = tagdb_next_integer(at);
    tag->device_id = tagdb_next_integer(at);
    tag->revision = tagdb_next_integer(at);
    tag->slot = (uint32_t)tagdb_next_integer(at);
    tag->name = tagdb_next_text(at);
    tag->enabled = tagdb_next_integer(at) != 0;
    tag->direction = (enum direction)tagdb_next_choice(at, direction_names, 0);
    tag->mqtt.key = tagdb_next_text(at);
    tag->mqtt.topic = tagdb_next_text(at);
    tag->mqtt.payload = (enum payload_kind)tagdb_next_choice(at, payload_names, 0);
    const char *values = tagdb_next_text(at);
    tag->mqtt.command_topic = tagdb_next_text(at);
    tag->mqtt.command_template = tagdb_next_text(at);
    tag->mqtt.command_qos = (int)tagdb_next_integer(at);
    tag->mqtt.command_retain = tagdb_next_integer(at) != 0;
    tag->mqtt.settle_ms = (uint32_t)tagdb_next_integer(at);
    tag->mqtt.hold_off_ms = (uint32_t)tagdb_next_integer(at);
    tagdb_read_point(at, &tag->point);
    return values;
}

static const char *const deletion_names[] = {"device", "tag", "registers", NULL};

static void tagdb_read_deletion(struct column_cursor *at, struct tagdb_deletion *gone)
{
    gone->kind = (enum tagdb_deletion_kind)tagdb_next_choice(at, deletion_names, 0);
    gone->id = tagdb_next_integer(at);
    gone->unit = (uint8_t)tagdb_next_integer(at);
    gone->table = (uint8_t)tagdb_next_choice(at, table_names, 0);
    gone->first = (uint16_t)tagdb_next_integer(at);
    gone->last = (uint16_t)tagdb_next_integer(at);
    gone->bit = (int8_t)tagdb_next_integer_or(at, NO_BIT);
}

/* Hands the row that the statement stands on to a callback; false ends the reading. */
struct row_reader {
    void *context;
    bool (*take_device)(void *context, const struct tagdb_device *device);
    bool (*take_tag)(void *context, const struct tagdb_tag *tag);
    bool (*take_gone)(void *context, const struct tagdb_deletion *gone);
    bool (*take_span)(void *context, const struct tagdb_range *span);
};

static bool take_device_row(sqlite3_stmt *statement, const struct row_reader *reader)
{
    struct tagdb_device device = {0};
    tagdb_read_device(&(struct column_cursor){.statement = statement}, &device);
    return reader->take_device(reader->context, &device);
}

static bool take_tag_row(sqlite3_stmt *statement, const struct row_reader *reader)
{
    struct tagdb_tag tag = {0};
    struct parsed_map parsed;
    const char *values = tagdb_read_tag(&(struct column_cursor){.statement = statement}, &tag);
    bool ok = tagdb_read_map(values, &parsed, &tag.mqtt.values) &&
              reader->take_tag(reader->context, &tag);
    tagdb_free_map(&parsed);
    return ok;
}

static bool take_deletion_row(sqlite3_stmt *statement, const struct row_reader *reader)
{
    struct tagdb_deletion gone = {0};
    tagdb_read_deletion(&(struct column_cursor){.statement = statement}, &gone);
    return reader->take_gone(reader->context, &gone);
}

static bool take_range_row(sqlite3_stmt *statement, const struct row_reader *reader)
{
    struct column_cursor at = {.statement = statement};
    struct tagdb_range span;
    span.first = (uint16_t)tagdb_next_integer(&at);
    span.last = (uint16_t)tagdb_next_integer(&at);
    span.bit = (int8_t)tagdb_next_integer_or(&at, NO_BIT);
    return reader->take_span(reader->context, &span);
}

static bool tagdb_step_rows(sqlite3_stmt *statement,
                            bool (*take)(sqlite3_stmt *statement, const struct row_reader *reader),
                            const struct row_reader *reader)
{
    int rc = SQLITE_ERROR;
    while (statement && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!take(statement, reader)) {
            rc = SQLITE_DONE;
            break;
        }
    }
    return rc == SQLITE_DONE;
}

static bool tagdb_walk_rows(sqlite3_stmt *statement,
                            bool (*take)(sqlite3_stmt *statement, const struct row_reader *reader),
                            const struct row_reader *reader)
{
    bool ok = tagdb_step_rows(statement, take, reader);
    sqlite3_finalize(statement);
    return ok;
}

/* Reading all goes straight through the table; reading what is new must go through the index on
 * revision, which SQLite takes only when the order asked for is the index's. */
#define ALL   " ORDER BY id"
#define NEWER " WHERE revision > ? ORDER BY revision, rowid"

static sqlite3_stmt *tagdb_prepare_since(sqlite3 *db, const char *all, const char *newer,
                                         int64_t since)
{
    const char *sql = since < 0 ? all : newer;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK)
        sqlite3_bind_int64(statement, 1, since);
    return statement;
}

bool tagdb_read_revision(struct sqlite3 *db, int64_t *revision, int64_t *gone_from)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(db, "SELECT revision, gone_from FROM store", -1, &statement,
                                 NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    if (ok) {
        *revision = sqlite3_column_int64(statement, 0);
        *gone_from = sqlite3_column_int64(statement, 1);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool tagdb_each_device(struct sqlite3 *db, int64_t since,
                       bool (*take)(void *context, const struct tagdb_device *), void *context)
{
    static const char all[] = "SELECT " DEVICE_COLUMNS " FROM device d" ALL;
    static const char newer[] = "SELECT " DEVICE_COLUMNS " FROM device d" NEWER;
    struct row_reader reader = {.context = context, .take_device = take};
    return tagdb_walk_rows(tagdb_prepare_since(db, all, newer, since), take_device_row, &reader);
}

bool tagdb_each_tag(struct sqlite3 *db, int64_t since,
                    bool (*take)(void *context, const struct tagdb_tag *), void *context)
{
    static const char all[] = "SELECT " TAG_COLUMNS " FROM tag t" ALL;
    static const char newer[] = "SELECT " TAG_COLUMNS " FROM tag t" NEWER;
    struct row_reader reader = {.context = context, .take_tag = take};
    return tagdb_walk_rows(tagdb_prepare_since(db, all, newer, since), take_tag_row, &reader);
}

#define GONE_COLUMNS "kind, id, unit, \"table\", first, last, bit"

bool tagdb_each_deletion(struct sqlite3 *db, int64_t since,
                         bool (*take)(void *context, const struct tagdb_deletion *), void *context)
{
    static const char all[] = "SELECT " GONE_COLUMNS " FROM gone ORDER BY rowid";
    static const char newer[] = "SELECT " GONE_COLUMNS " FROM gone" NEWER;
    struct row_reader reader = {.context = context, .take_gone = take};
    return tagdb_walk_rows(tagdb_prepare_since(db, all, newer, since), take_deletion_row, &reader);
}

/* A resting statement of the connection, or a new one: reading all devices asks for the tags of
 * each, and preparing took three times as long as running. db_close releases them. */
static sqlite3_stmt *tagdb_prepare_kept(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    while ((statement = sqlite3_next_stmt(db, statement))) {
        if (!sqlite3_stmt_busy(statement) && strcmp(sqlite3_sql(statement), sql) == 0)
            return statement;
    }
    sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    return statement;
}

static bool tagdb_walk_rows_of(sqlite3 *db, const char *sql, int64_t id,
                               bool (*take)(sqlite3_stmt *statement,
                                            const struct row_reader *reader),
                               const struct row_reader *reader)
{
    sqlite3_stmt *statement = tagdb_prepare_kept(db, sql);
    if (!statement)
        return false;
    sqlite3_bind_int64(statement, 1, id);
    bool ok = tagdb_step_rows(statement, take, reader);
    sqlite3_reset(statement);
    return ok;
}

bool tagdb_find_device(struct sqlite3 *db, int64_t id,
                       bool (*take)(void *context, const struct tagdb_device *), void *context)
{
    struct row_reader reader = {.context = context, .take_device = take};
    return tagdb_walk_rows_of(db, "SELECT " DEVICE_COLUMNS " FROM device d WHERE d.id = ?", id,
                              take_device_row, &reader);
}

bool tagdb_each_tag_of(struct sqlite3 *db, int64_t device_id,
                       bool (*take)(void *context, const struct tagdb_tag *), void *context)
{
    struct row_reader reader = {.context = context, .take_tag = take};
    const char *sql = device_id < 0 ? "SELECT " TAG_COLUMNS " FROM tag t WHERE t.device_id > ?"
                                      " ORDER BY t.device_id, t.id"
                                    : "SELECT " TAG_COLUMNS " FROM tag t WHERE t.device_id = ?"
                                      " ORDER BY t.id";
    return tagdb_walk_rows_of(db, sql, device_id, take_tag_row, &reader);
}

bool tagdb_each_range(struct sqlite3 *db, uint8_t unit, enum modbus_table table, uint16_t first,
                      uint16_t last, bool (*take)(void *context, const struct tagdb_range *),
                      void *context)
{
    struct row_reader reader = {.context = context, .take_span = take};
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db,
                           "SELECT first, last, bit FROM span WHERE server = '' AND unit = ?"
                           " AND \"table\" = ? AND first BETWEEN ? AND ? AND last >= ?",
                           -1, &statement, NULL) == SQLITE_OK) {
        int lowest = first < STRING_REGISTERS_MAX ? 0 : first - STRING_REGISTERS_MAX + 1;
        sqlite3_bind_int(statement, 1, unit);
        sqlite3_bind_text(statement, 2, table_names[table], -1, SQLITE_STATIC);
        sqlite3_bind_int(statement, 3, lowest);
        sqlite3_bind_int(statement, 4, last);
        sqlite3_bind_int(statement, 5, first);
    }
    return tagdb_walk_rows(statement, take_range_row, &reader);
}
