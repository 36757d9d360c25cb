/* SQL for devices and tags.
 *
 * The column lists come from the field tables. They are put together once, when the first
 * connection is opened, and never change afterwards. */
#include "api/store/record_store.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/text.h"
#include "common/base/require.h"

/* The statements of one resource. */
struct record_sql {
    const char *find, *list, *list_one, *insert, *update; /* list_one: the tags of one device */
};

static struct record_sql device_sql, tag_sql;

static void sql_add_columns(struct text *text, const struct resource *resource, const char *format)
{
    for (size_t i = 0; i < resource->count; i++) {
        text_puts(text, ", ");
        for (const char *at = format; *at; at++) {
            if (*at == '*')
                text_puts(text, resource->fields[i].column);
            else
                text_putc(text, *at);
        }
    }
}

static const char *sql_make_select(const struct resource *resource, const char *alias,
                                   const char *owner, const char *rest)
{
    struct text text = {0};
    char column[8];
    text_printf(&text, "SELECT %s.id, %s.revision, %s.slot, %s.created_ms, %s.updated_ms, %s",
                alias, alias, alias, alias, alias, owner);
    snprintf(column, sizeof column, "%s.*", alias);
    sql_add_columns(&text, resource, column);
    text_puts(&text, rest);
    return text.data;
}

static const char *sql_make_insert(const struct resource *resource)
{
    struct text text = {0};
    text_printf(&text, "INSERT INTO %s (slot, revision, created_ms, updated_ms%s", resource->name,
                resource == &tag_resource ? ", device_id" : "");
    sql_add_columns(&text, resource, "*");
    text_printf(&text, ") VALUES (?, ?, ?, ?%s", resource == &tag_resource ? ", ?" : "");
    sql_add_columns(&text, resource, "?");
    text_putc(&text, ')');
    return text.data;
}

static const char *sql_make_update(const struct resource *resource)
{
    struct text text = {0};
    text_printf(&text, "UPDATE %s SET revision = ?, updated_ms = ?", resource->name);
    sql_add_columns(&text, resource, "* = ?");
    text_puts(&text, " WHERE id = ?");
    return text.data;
}

#define DEVICE_FILTER                                                                              \
    " FROM device d WHERE (?1 = '' OR instr(fold_case(d.name), ?1)"                                \
    " OR instr(fold_case(d.description), ?1))"
#define TAG_FILTER                                                                                 \
    " FROM device d CROSS JOIN tag t ON t.device_id = d.id"                                        \
    " WHERE (?1 = '' OR instr(fold_case(t.name), ?1)"                                              \
    " OR instr(fold_case(t.description), ?1))"                                                     \
    " AND (?2 = '' OR d.name = ?2) AND (?3 = '' OR t.modbus_table = ?3)"

static void sql_make_statements(void)
{
    device_sql.find =
        sql_make_select(&device_resource, "d", "0, NULL", " FROM device d WHERE d.name = ?");
    device_sql.list = sql_make_select(&device_resource, "d", "0, NULL",
                                      DEVICE_FILTER " AND d.name > ?2 ORDER BY d.name LIMIT ?3");
    device_sql.insert = sql_make_insert(&device_resource);
    device_sql.update = sql_make_update(&device_resource);
    tag_sql.find = sql_make_select(&tag_resource, "t", "t.device_id, d.name",
                                   " FROM device d JOIN tag t ON t.device_id = d.id"
                                   " WHERE d.name = ? AND t.name = ?");
    /* CROSS keeps the order of the loops, so that rows come sorted. */
    tag_sql.list = sql_make_select(&tag_resource, "t", "t.device_id, d.name",
                                   TAG_FILTER " AND d.name >= ?4 AND (d.name > ?4 OR t.name > ?5)"
                                              " ORDER BY d.name, t.name LIMIT ?6");
    tag_sql.list_one = sql_make_select(&tag_resource, "t", "t.device_id, d.name",
                                       TAG_FILTER " AND d.name = ?4 AND t.name > ?5"
                                                  " ORDER BY t.name LIMIT ?6");
    tag_sql.insert = sql_make_insert(&tag_resource);
    tag_sql.update = sql_make_update(&tag_resource);
}

void record_store_init(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, sql_make_statements);
}

/* The next row as a record. False at the end, or when the store has failed. */
static bool query_next_record(struct query *query, const struct resource *resource,
                              struct arena *arena, struct record *record)
{
    if (!query_next_row(query))
        return false;
    *record = (struct record){.id = query_read_integer(query)};
    record->revision = query_read_integer(query);
    record->slot = query_read_integer(query);
    record->created_ms = query_read_integer(query);
    record->updated_ms = query_read_integer(query);
    record->device_id = query_read_integer(query);
    record->device = query_read_text(query, arena);
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        record->cells[i] =
            field->names ? query_read_choice(query, field->names) : query_read_cell(query, arena);
    }
    if (!store_has_failed(query->store))
        return true;
    query_finish(query);
    return false;
}

static bool query_read_one_record(struct query *query, const struct resource *resource,
                                  struct arena *arena, struct record *record)
{
    bool found = query_next_record(query, resource, arena, record);
    if (found)
        query_finish(query);
    return found;
}

bool record_store_find_device(struct store *store, struct arena *arena, const char *name,
                              struct record *record)
{
    record_store_init();
    struct query query = store_prepare_query(store, device_sql.find);
    query_bind_text(&query, name);
    return query_read_one_record(&query, &device_resource, arena, record);
}

bool record_store_find_tag(struct store *store, struct arena *arena, const char *device,
                           const char *name, struct record *record)
{
    record_store_init();
    struct query query = store_prepare_query(store, tag_sql.find);
    query_bind_text(&query, device);
    query_bind_text(&query, name);
    return query_read_one_record(&query, &tag_resource, arena, record);
}

static void query_each_record(struct query *query, const struct resource *resource,
                              struct arena *arena,
                              bool (*take)(void *context, const struct record *), void *context)
{
    struct record record;
    while (query_next_record(query, resource, arena, &record)) {
        if (!take(context, &record)) {
            query_finish(query);
            return;
        }
    }
}

void record_store_each_device(struct store *store, struct arena *arena,
                              const struct record_filter *list,
                              bool (*take)(void *context, const struct record *), void *context)
{
    record_store_init();
    struct query query = store_prepare_query(store, device_sql.list);
    query_bind_text(&query, list->needle);
    query_bind_text(&query, list->after);
    query_bind_integer(&query, list->limit);
    query_each_record(&query, &device_resource, arena, take, context);
}

static void query_bind_tag_filter(struct query *query, const struct record_filter *list)
{
    query_bind_text(query, list->needle);
    query_bind_text(query, list->device);
    query_bind_text(query, list->table);
}

void record_store_each_tag(struct store *store, struct arena *arena,
                           const struct record_filter *list,
                           bool (*take)(void *context, const struct record *), void *context)
{
    record_store_init();
    bool one = *list->device != '\0';
    struct query query = store_prepare_query(store, one ? tag_sql.list_one : tag_sql.list);
    int order = one ? strcmp(list->after_device, list->device) : 0;
    query_bind_tag_filter(&query, list);
    query_bind_text(&query, one ? list->device : list->after_device);
    /* '~' comes behind every name. */
    query_bind_text(&query, order < 0 ? "" : order > 0 ? "~" : list->after);
    query_bind_integer(&query, list->limit);
    query_each_record(&query, &tag_resource, arena, take, context);
}

static int64_t query_count_rows(struct query *query)
{
    int64_t number = 0;
    if (query_next_row(query)) {
        number = query_read_integer(query);
        query_finish(query);
    }
    return number;
}

/* Without a filter the number of rows is a matter of an index, which no row has to be read for. */
int64_t record_store_count_devices(struct store *store, const struct record_filter *list)
{
    if (*list->needle == '\0') {
        struct query all = store_prepare_query(store, "SELECT count(*) FROM device");
        return query_count_rows(&all);
    }
    struct query query = store_prepare_query(store, "SELECT count(*)" DEVICE_FILTER);
    query_bind_text(&query, list->needle);
    return query_count_rows(&query);
}

int64_t record_store_count_tags(struct store *store, const struct record_filter *list)
{
    if (*list->needle == '\0' && *list->device == '\0' && *list->table == '\0') {
        struct query all = store_prepare_query(store, "SELECT count(*) FROM tag");
        return query_count_rows(&all);
    }
    struct query query = store_prepare_query(
        store, *list->device == '\0' ? "SELECT count(*)" TAG_FILTER
                                     : "SELECT count(*)" TAG_FILTER " AND d.name = ?2");
    query_bind_tag_filter(&query, list);
    return query_count_rows(&query);
}

static void query_bind_record(struct query *query, const struct resource *resource,
                              const struct record *record)
{
    for (size_t i = 0; i < resource->count; i++)
        query_bind_cell(query, &record->cells[i]);
}

static void query_insert_record(struct store *store, const struct resource *resource,
                                const char *sql, struct record *record)
{
    REQUIRE(resource != &tag_resource || record->device_id > 0);
    struct query query = store_prepare_query(store, sql);
    query_bind_integer(&query, record->slot);
    query_bind_integer(&query, record->revision);
    query_bind_integer(&query, record->created_ms);
    query_bind_integer(&query, record->updated_ms);
    if (resource == &tag_resource)
        query_bind_integer(&query, record->device_id);
    query_bind_record(&query, resource, record);
    query_execute(&query);
    record->id = store_last_insert_id(store);
}

void record_store_insert_device(struct store *store, struct record *record)
{
    record_store_init();
    query_insert_record(store, &device_resource, device_sql.insert, record);
}

void record_store_insert_tag(struct store *store, struct record *record)
{
    record_store_init();
    query_insert_record(store, &tag_resource, tag_sql.insert, record);
}

static void query_update_record(struct store *store, const struct resource *resource,
                                const char *sql, const struct record *record)
{
    REQUIRE(record->id > 0);
    struct query query = store_prepare_query(store, sql);
    query_bind_integer(&query, record->revision);
    query_bind_integer(&query, record->updated_ms);
    query_bind_record(&query, resource, record);
    query_bind_integer(&query, record->id);
    query_execute(&query);
}

void record_store_update_device(struct store *store, const struct record *record)
{
    record_store_init();
    query_update_record(store, &device_resource, device_sql.update, record);
}

void record_store_update_tag(struct store *store, const struct record *record)
{
    record_store_init();
    query_update_record(store, &tag_resource, tag_sql.update, record);
}
