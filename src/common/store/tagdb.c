/* Reads rows of the store into structs. */
#include "common/store/tagdb.h"

#include <cjson/cJSON.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/require.h"

/* The columns, in the order in which the readers below read them: both come from the field list. */
#define DEVICE_COLUMN(id, group, member, column, ...) ", d." #column
#define TAG_COLUMN(id, group, member, column, ...)    ", t." #column
#define POINT_COLUMN(id, member, ...)                 ", t.modbus_" #member
#define NO_COLUMN(...)
#define DEVICE_COLUMNS                                                                             \
    "d.id, d.revision, d.created_ms, d.slot" DEVICE_FIELD_LIST(DEVICE_COLUMN, NO_COLUMN)
#define TAG_COLUMNS                                                                                \
    "t.id, t.device_id, t.revision, t.created_ms, t.slot" TAG_FIELD_LIST(TAG_COLUMN, NO_COLUMN,    \
                                                                         POINT_COLUMN)

/* Reads the columns of a row from left to right. */
struct column_cursor {
    sqlite3_stmt *statement;
    int column;
    const char *unknown; /* the text of a choice that is not one of its names, or NULL */
    bool failed;         /* out of memory, or the value map is not JSON */
    cJSON *tree;         /* the row's value map, and its entries, whose texts belong to the tree */
    struct value_map_entry *entries;
};

static int64_t tagdb_next_integer(struct column_cursor *cursor)
{
    return sqlite3_column_int64(cursor->statement, cursor->column++);
}

static int64_t tagdb_next_integer_or(struct column_cursor *cursor, int64_t fallback)
{
    bool is_null = sqlite3_column_type(cursor->statement, cursor->column) == SQLITE_NULL;
    int64_t number = tagdb_next_integer(cursor);
    return is_null ? fallback : number;
}

/* The bits that the next two columns name: the number of the first and how many, or NULL for all.
 */
static uint16_t tagdb_next_mask(struct column_cursor *cursor)
{
    int64_t bit = tagdb_next_integer_or(cursor, NO_BIT), bits = tagdb_next_integer(cursor);
    if (bit < 0 || bit > 15 || bits < 1 || bits > 16 - bit)
        return UINT16_MAX;
    return (uint16_t)(((1U << bits) - 1) << bit);
}

static const char *tagdb_next_text(struct column_cursor *cursor)
{
    return (const char *)sqlite3_column_text(cursor->statement, cursor->column++);
}

/* The index of the next text in `names`. If it is not a name, 0, with cursor->unknown set. */
static uint8_t tagdb_next_choice(struct column_cursor *cursor, const char *const *names)
{
    const char *text = tagdb_next_text(cursor);
    int index = text ? name_list_find(names, text) : -1;
    if (index < 0)
        cursor->unknown = text ? text : "NULL";
    return index < 0 ? 0 : (uint8_t)index;
}

/* The byte of a register; the low one for NULL. */
static uint8_t tagdb_next_byte(struct column_cursor *cursor)
{
    if (sqlite3_column_type(cursor->statement, cursor->column) != SQLITE_NULL)
        return tagdb_next_choice(cursor, byte_names);
    cursor->column++;
    return BYTE_LOW;
}

/* The table of the status block, or -1 for none. */
static int tagdb_next_status_table(struct column_cursor *cursor)
{
    const char *text = tagdb_next_text(cursor);
    return text ? name_list_find(table_names, text) : -1;
}

static uint8_t tagdb_next_stale(struct column_cursor *cursor, double *raw)
{
    const char *text = tagdb_next_text(cursor);
    if (!text)
        return STALE_HOLD;
    if (strcmp(text, "nan") == 0)
        return STALE_NAN;
    *raw = strtod(text, NULL);
    return STALE_RAW;
}

static struct value_map tagdb_next_values(struct column_cursor *cursor)
{
    struct value_map map = {0};
    const char *json = tagdb_next_text(cursor);
    REQUIRE(!cursor->tree && !cursor->entries); /* a row has one value map */
    if (!json)
        return map;
    cursor->tree = cJSON_Parse(json);
    size_t count = cursor->tree ? (size_t)cJSON_GetArraySize(cursor->tree) : 0;
    cursor->entries = calloc(count + 1, sizeof *cursor->entries);
    if (!cursor->tree || !cursor->entries) {
        cursor->failed = true;
        return map;
    }
    const cJSON *item;
    cJSON_ArrayForEach(item, cursor->tree)
    {
        cursor->entries[map.count++] =
            (struct value_map_entry){.text = item->string, .number = item->valuedouble};
    }
    value_map_sort(cursor->entries, map.count);
    map.entries = cursor->entries;
    return map;
}

/* The value of the next column, for each kind of field. `at` is the cursor. */
#define NEXT_TEXT(check)   tagdb_next_text(at)
#define NEXT_OBJECT(check) tagdb_next_text(at)
#define NEXT_SCALAR        tagdb_next_text(at)
#define NEXT_REAL(check)   sqlite3_column_double(at->statement, at->column++)
#define NEXT_FLAG          tagdb_next_integer(at) != 0
#define NEXT_U8            (uint8_t) tagdb_next_integer(at)
#define NEXT_U16           (uint16_t) tagdb_next_integer(at)
#define NEXT_U32           (uint32_t) tagdb_next_integer(at)
#define NEXT_BIT           (int8_t) tagdb_next_integer_or(at, NO_BIT)
#define NEXT_BYTE          tagdb_next_byte(at)
#define NEXT_ADDRESS       (uint16_t) tagdb_next_integer(at)
#define NEXT_CHOICE(names) tagdb_next_choice(at, names)
#define NEXT_STATUS_TABLE  tagdb_next_status_table(at)
#define NEXT_VALUES        tagdb_next_values(at)
#define NEXT_ON_STALE      tagdb_next_stale(at, &row->point.stale_raw)

#define READ_FIELD(id, group, member, column, kind, ...) row->column = NEXT_##kind;
#define READ_POINT(id, member, place, kind, ...)         row->point.place = NEXT_##kind;
#define READ_NOTHING(...)

static const char *const deletion_names[] = {"device", "tag", "registers", NULL};

/* Passes the current row of the statement to a callback. False ends the reading; it failed if
 * cursor->failed is set. */
struct row_reader {
    void *context;
    bool (*take_device)(void *context, const struct tagdb_device *device);
    bool (*take_tag)(void *context, const struct tagdb_tag *tag);
    bool (*take_gone)(void *context, const struct tagdb_deletion *gone);
    bool (*take_span)(void *context, const struct tagdb_range *span);
};

static bool tagdb_take_device_row(struct column_cursor *at, const struct row_reader *reader)
{
    struct tagdb_device device = {0}, *row = &device;
    row->id = tagdb_next_integer(at);
    row->revision = tagdb_next_integer(at);
    row->created_ms = tagdb_next_integer(at);
    row->slot = (uint32_t)tagdb_next_integer(at);
    DEVICE_FIELD_LIST(READ_FIELD, READ_NOTHING)
    REQUIRE(at->column == sqlite3_column_count(at->statement));
    return reader->take_device(reader->context, row);
}

/* A choice that this version does not know makes only its own tag unusable. */
static bool tagdb_take_tag_row(struct column_cursor *at, const struct row_reader *reader)
{
    struct tagdb_tag tag = {0}, *row = &tag;
    row->id = tagdb_next_integer(at);
    row->device_id = tagdb_next_integer(at);
    row->revision = tagdb_next_integer(at);
    row->created_ms = tagdb_next_integer(at);
    row->slot = (uint32_t)tagdb_next_integer(at);
    TAG_FIELD_LIST(READ_FIELD, READ_NOTHING, READ_POINT)
    REQUIRE(at->column == sqlite3_column_count(at->statement));
    bool go_on = !at->failed;
    if (at->unknown)
        log_warning("store: the tag %s (id %lld) is not served: it has the unknown setting '%.64s'",
                    row->name, (long long)row->id, at->unknown);
    else if (go_on)
        go_on = reader->take_tag(reader->context, row);
    cJSON_Delete(at->tree);
    free(at->entries);
    return go_on;
}

static bool tagdb_take_deletion_row(struct column_cursor *at, const struct row_reader *reader)
{
    struct tagdb_deletion gone = {0};
    gone.kind = (enum tagdb_deletion_kind)tagdb_next_choice(at, deletion_names);
    gone.id = tagdb_next_integer(at);
    gone.unit = (uint8_t)tagdb_next_integer(at);
    gone.table = tagdb_next_choice(at, table_names);
    gone.first = (uint16_t)tagdb_next_integer(at);
    gone.last = (uint16_t)tagdb_next_integer(at);
    gone.mask = tagdb_next_mask(at);
    gone.gateway = tagdb_next_text(at);
    at->failed |= !gone.gateway;
    if (at->failed)
        return false;
    return reader->take_gone(reader->context, &gone);
}

static bool tagdb_take_range_row(struct column_cursor *at, const struct row_reader *reader)
{
    struct tagdb_range span;
    span.first = (uint16_t)tagdb_next_integer(at);
    span.last = (uint16_t)tagdb_next_integer(at);
    span.mask = tagdb_next_mask(at);
    return reader->take_span(reader->context, &span);
}

/* Steps through the rows of the statement (NULL: an error), then resets it: it may be a cached one.
 */
static bool tagdb_walk_rows(sqlite3_stmt *statement,
                            bool (*take)(struct column_cursor *, const struct row_reader *),
                            const struct row_reader *reader)
{
    bool go_on = true, ok = true;
    int rc = SQLITE_ERROR;
    while (go_on && statement && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        struct column_cursor cursor = {.statement = statement};
        go_on = take(&cursor, reader);
        ok = !cursor.failed;
    }
    sqlite3_reset(statement);
    return go_on ? rc == SQLITE_DONE : ok;
}

/* Reading all rows uses the table; reading changed rows must use the index on revision, which
 * SQLite chooses only if the order is that of the index. */
#define ALL   " ORDER BY id"
#define NEWER " WHERE revision > ? ORDER BY revision, rowid"

/* Prepares a statement and binds its one parameter, if it has one. With `cached`, uses an idle
 * statement of the connection: reading all devices queries the tags of each, and preparing the
 * query took three times as long as running it. db_close finalizes those. NULL on error. */
static sqlite3_stmt *tagdb_prepare(sqlite3 *db, const char *sql, bool cached, int64_t parameter)
{
    sqlite3_stmt *statement = NULL;
    REQUIRE(db && sql);
    while (cached && (statement = sqlite3_next_stmt(db, statement))) {
        if (!sqlite3_stmt_busy(statement) && strcmp(sqlite3_sql(statement), sql) == 0)
            break;
    }
    if (!statement)
        sqlite3_prepare_v3(db, sql, -1, cached ? SQLITE_PREPARE_PERSISTENT : 0, &statement, NULL);
    if (statement)
        sqlite3_bind_int64(statement, 1, parameter);
    return statement;
}

bool tagdb_read_state(struct sqlite3 *db, struct tagdb_state *state)
{
    sqlite3_stmt *statement = NULL;
    bool ok = sqlite3_prepare_v2(db, "SELECT revision, gone_from, generation FROM store", -1,
                                 &statement, NULL) == SQLITE_OK &&
              sqlite3_step(statement) == SQLITE_ROW;
    if (ok) {
        state->revision = sqlite3_column_int64(statement, 0);
        state->gone_from = sqlite3_column_int64(statement, 1);
        state->generation = sqlite3_column_int64(statement, 2);
    }
    sqlite3_finalize(statement);
    return ok;
}

bool tagdb_has_gateway(struct sqlite3 *db, const char *gateway)
{
    sqlite3_stmt *statement = NULL;
    bool is_other = sqlite3_prepare_v2(db, "SELECT 1 FROM leadership WHERE gateway <> ?", -1,
                                       &statement, NULL) == SQLITE_OK &&
                    sqlite3_bind_text(statement, 1, gateway, -1, SQLITE_STATIC) == SQLITE_OK &&
                    sqlite3_step(statement) == SQLITE_ROW;
    sqlite3_finalize(statement);
    return !is_other;
}

bool tagdb_each_device(struct sqlite3 *db, int64_t since,
                       bool (*take)(void *context, const struct tagdb_device *), void *context)
{
    const char *sql = since < 0 ? "SELECT " DEVICE_COLUMNS " FROM device d" ALL
                                : "SELECT " DEVICE_COLUMNS " FROM device d" NEWER;
    struct row_reader reader = {.context = context, .take_device = take};
    sqlite3_stmt *statement = tagdb_prepare(db, sql, false, since);
    bool ok = tagdb_walk_rows(statement, tagdb_take_device_row, &reader);
    sqlite3_finalize(statement);
    return ok;
}

bool tagdb_each_tag(struct sqlite3 *db, int64_t since,
                    bool (*take)(void *context, const struct tagdb_tag *), void *context)
{
    const char *sql = since < 0 ? "SELECT " TAG_COLUMNS " FROM tag t" ALL
                                : "SELECT " TAG_COLUMNS " FROM tag t" NEWER;
    struct row_reader reader = {.context = context, .take_tag = take};
    sqlite3_stmt *statement = tagdb_prepare(db, sql, false, since);
    bool ok = tagdb_walk_rows(statement, tagdb_take_tag_row, &reader);
    sqlite3_finalize(statement);
    return ok;
}

#define GONE_COLUMNS "kind, id, unit, \"table\", first, last, bit, bits, gateway"

bool tagdb_each_deletion(struct sqlite3 *db, int64_t since,
                         bool (*take)(void *context, const struct tagdb_deletion *), void *context)
{
    const char *sql = since < 0 ? "SELECT " GONE_COLUMNS " FROM gone ORDER BY rowid"
                                : "SELECT " GONE_COLUMNS " FROM gone" NEWER;
    struct row_reader reader = {.context = context, .take_gone = take};
    sqlite3_stmt *statement = tagdb_prepare(db, sql, false, since);
    bool ok = tagdb_walk_rows(statement, tagdb_take_deletion_row, &reader);
    sqlite3_finalize(statement);
    return ok;
}

bool tagdb_find_device(struct sqlite3 *db, int64_t id,
                       bool (*take)(void *context, const struct tagdb_device *), void *context)
{
    static const char sql[] = "SELECT " DEVICE_COLUMNS " FROM device d WHERE d.id = ?";
    struct row_reader reader = {.context = context, .take_device = take};
    return tagdb_walk_rows(tagdb_prepare(db, sql, true, id), tagdb_take_device_row, &reader);
}

bool tagdb_each_tag_of(struct sqlite3 *db, int64_t device_id,
                       bool (*take)(void *context, const struct tagdb_tag *), void *context)
{
    struct row_reader reader = {.context = context, .take_tag = take};
    const char *sql = device_id < 0 ? "SELECT " TAG_COLUMNS " FROM tag t WHERE t.device_id > ?"
                                      " ORDER BY t.device_id, t.id"
                                    : "SELECT " TAG_COLUMNS " FROM tag t WHERE t.device_id = ?"
                                      " ORDER BY t.id";
    return tagdb_walk_rows(tagdb_prepare(db, sql, true, device_id), tagdb_take_tag_row, &reader);
}

bool tagdb_each_range(struct sqlite3 *db, const char *gateway, uint8_t unit,
                      enum modbus_table table, uint16_t first, uint16_t last,
                      bool (*take)(void *context, const struct tagdb_range *), void *context)
{
    struct row_reader reader = {.context = context, .take_span = take};
    sqlite3_stmt *statement = NULL;
    REQUIRE(table < TABLE_COUNT);
    if (sqlite3_prepare_v2(db,
                           "SELECT first, last, bit, bits FROM span WHERE server = ''"
                           " AND gateway IN ('', ?6) AND unit = ?1 AND \"table\" = ?2"
                           " AND first BETWEEN ?3 AND ?4 AND last >= ?5",
                           -1, &statement, NULL) == SQLITE_OK) {
        int lowest = first < STRING_REGISTERS_MAX ? 0 : first - STRING_REGISTERS_MAX + 1;
        sqlite3_bind_int(statement, 1, unit);
        sqlite3_bind_text(statement, 2, table_names[table], -1, SQLITE_STATIC);
        sqlite3_bind_int(statement, 3, lowest);
        sqlite3_bind_int(statement, 4, last);
        sqlite3_bind_int(statement, 5, first);
        sqlite3_bind_text(statement, 6, gateway, -1, SQLITE_STATIC);
    }
    bool ok = tagdb_walk_rows(statement, tagdb_take_range_row, &reader);
    sqlite3_finalize(statement);
    return ok;
}
