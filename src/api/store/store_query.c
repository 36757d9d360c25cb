/* Statements: each is prepared once for a connection, then bound, stepped and read. */
#include <stdio.h>

#include "api/base/request_memory.h"
#include "api/base/text.h"
#include "api/store/store_internal.h"
#include "common/base/require.h"
#include "common/model/tag.h"

void store_set_failed(struct store *store)
{
    if (store->failed)
        return;
    store->failed = true;
    snprintf(store->reason, sizeof store->reason, "%s", sqlite3_errmsg(store->db));
}

sqlite3_stmt *store_prepare_statement(struct store *store, const char *sql)
{
    for (size_t i = 0; i < store->count; i++) {
        if (store->prepared[i].sql == sql)
            return store->prepared[i].statement;
    }
    REQUIRE(store->db && store->count < STATEMENTS_MAX);
    sqlite3_stmt *statement = db_prepare(store->db, sql);
    if (!statement) {
        store_set_failed(store);
        return NULL;
    }
    store->prepared[store->count].sql = sql;
    store->prepared[store->count++].statement = statement;
    return statement;
}

struct query store_prepare_query(struct store *store, const char *sql)
{
    struct query query = {.store = store};
    if (!store->failed)
        query.statement = store_prepare_statement(store, sql);
    return query;
}

static void query_check_bind(const struct query *query, int rc)
{
    REQUIRE(rc != SQLITE_RANGE); /* the statement has fewer parameters */
    if (rc != SQLITE_OK)
        store_set_failed(query->store);
}

void query_bind_integer(struct query *query, int64_t number)
{
    if (query->statement)
        query_check_bind(query, sqlite3_bind_int64(query->statement, ++query->parameter, number));
}

void query_bind_text(struct query *query, const char *text)
{
    if (query->statement)
        query_check_bind(query, sqlite3_bind_text(query->statement, ++query->parameter, text, -1,
                                                  SQLITE_STATIC));
}

void query_bind_cell(struct query *query, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NULL:
        if (query->statement)
            query_check_bind(query, sqlite3_bind_null(query->statement, ++query->parameter));
        break;
    case CELL_INTEGER:
        query_bind_integer(query, cell->as.integer);
        break;
    case CELL_REAL:
        if (query->statement)
            query_check_bind(
                query, sqlite3_bind_double(query->statement, ++query->parameter, cell->as.real));
        break;
    case CELL_TEXT:
        query_bind_text(query, cell->as.text);
        break;
    }
}

void query_bind_blob(struct query *query, const void *bytes, size_t len)
{
    if (query->statement)
        query_check_bind(query, sqlite3_bind_blob64(query->statement, ++query->parameter, bytes,
                                                    len, SQLITE_STATIC));
}

void query_finish(struct query *query)
{
    if (query->statement)
        sqlite3_reset(query->statement);
    query->statement = NULL;
}

bool query_next_row(struct query *query)
{
    if (!query->statement)
        return false;
    REQUIRE(query->parameter == sqlite3_bind_parameter_count(query->statement));
    int rc = sqlite3_step(query->statement);
    query->column = 0;
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        store_set_failed(query->store);
    query_finish(query);
    return false;
}

void query_execute(struct query *query)
{
    while (query_next_row(query)) {
    }
}

int64_t query_read_integer(struct query *query)
{
    REQUIRE(query->statement);
    return sqlite3_column_int64(query->statement, query->column++);
}

/* The values of sqlite3_column_value may be read because only this thread uses the connection. */
static const char *query_copy_text(sqlite3_value *value, struct arena *arena)
{
    const char *text = (const char *)sqlite3_value_text(value);
    if (!text && sqlite3_value_type(value) != SQLITE_NULL)
        memory_fail();
    return text ? arena_strndup(arena, text, (size_t)sqlite3_value_bytes(value)) : NULL;
}

const char *query_read_text(struct query *query, struct arena *arena)
{
    REQUIRE(query->statement);
    return query_copy_text(sqlite3_column_value(query->statement, query->column++), arena);
}

struct cell query_read_cell(struct query *query, struct arena *arena)
{
    struct cell cell = {.kind = CELL_NULL};
    REQUIRE(query->statement);
    sqlite3_value *value = sqlite3_column_value(query->statement, query->column++);
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        cell.kind = CELL_INTEGER;
        cell.as.integer = sqlite3_value_int64(value);
        break;
    case SQLITE_FLOAT:
        cell.kind = CELL_REAL;
        cell.as.real = sqlite3_value_double(value);
        break;
    case SQLITE_TEXT:
        cell.kind = CELL_TEXT;
        cell.as.text = query_copy_text(value, arena);
        break;
    default:
        break;
    }
    return cell;
}

void query_read_blob(struct query *query, struct text *text)
{
    REQUIRE(query->statement);
    sqlite3_value *value = sqlite3_column_value(query->statement, query->column++);
    const void *bytes = sqlite3_value_blob(value);
    size_t len = (size_t)sqlite3_value_bytes(value);
    if (!bytes && len > 0)
        memory_fail();
    if (len > 0)
        text_append(text, bytes, len);
}

struct cell query_read_choice(struct query *query, const char *const *names)
{
    struct store *store = query->store;
    REQUIRE(query->statement);
    int column = query->column++;
    sqlite3_value *value = sqlite3_column_value(query->statement, column);
    const char *text = (const char *)sqlite3_value_text(value);
    if (!text && sqlite3_value_type(value) != SQLITE_NULL)
        memory_fail();
    int place = text ? name_list_find(names, text) : -1;
    if (place >= 0)
        return (struct cell){.kind = CELL_TEXT, .as.text = names[place]};
    if (text && !store->failed) {
        store->failed = true;
        snprintf(store->reason, sizeof store->reason, "%s has the unknown value '%.64s'",
                 sqlite3_column_name(query->statement, column), text);
    }
    return (struct cell){.kind = CELL_NULL};
}

void store_execute_integers(struct store *store, const char *sql, const int64_t *numbers,
                            size_t count)
{
    struct query query = store_prepare_query(store, sql);
    for (size_t i = 0; i < count; i++)
        query_bind_integer(&query, numbers[i]);
    query_execute(&query);
}

int64_t store_query_integer(struct store *store, const char *sql)
{
    struct query query = store_prepare_query(store, sql);
    int64_t number = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return number;
}

int64_t store_last_insert_id(struct store *store)
{
    return sqlite3_last_insert_rowid(store->db);
}
