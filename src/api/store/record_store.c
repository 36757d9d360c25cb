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

/* The statements of one resource. */
struct statements {
    const char *find, *list, *list_one, *insert, *update; /* list_one: the tags of one device */
};

static struct statements device_sql, tag_sql;

static void add_columns(struct text *text, const struct resource *resource, const char *format)
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

static const char *make_select(const struct resource *resource, const char *alias,
                               const char *owner, const char *rest)
{
    struct text text = {0};
    char column[8];
    text_printf(&text, "SELECT %s.id, %s.revision, %s.slot, %s.created_ms, %s.updated_ms, %s",
                alias, alias, alias, alias, alias, owner);
    snprintf(column, sizeof column, "%s.*", alias);
    add_columns(&text, resource, column);
    text_puts(&text, rest);
    return text.data;
}

static const char *make_insert(const struct resource *resource)
{
    struct text text = {0};
    text_printf(&text, "INSERT INTO %s (slot, revision, created_ms, updated_ms%s", resource->name,
                resource == &tag_resource ? ", device_id" : "");
    add_columns(&text, resource, "*");
    text_printf(&text, ") VALUES (?, ?, ?, ?%s", resource == &tag_resource ? ", ?" : "");
    add_columns(&text, resource, "?");
    text_putc(&text, ')');
    return text.data;
}

static const char *make_update(const struct resource *resource)
{
    struct text text = {0};
    text_printf(&text, "UPDATE %s SET revision = ?, updated_ms = ?", resource->name);
    add_columns(&text, resource, "* = ?");
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

static void make_statements(void)
{
    device_sql.find =
        make_select(&device_resource, "d", "0, NULL", " FROM device d WHERE d.name = ?");
    device_sql.list = make_select(&device_resource, "d", "0, NULL",
                                  DEVICE_FILTER " AND d.name > ?2 ORDER BY d.name LIMIT ?3");
    device_sql.insert = make_insert(&device_resource);
    device_sql.update = make_update(&device_resource);
    tag_sql.find = make_select(&tag_resource, "t", "t.device_id, d.name",
                               " FROM device d JOIN tag t ON t.device_id = d.id"
                               " WHERE d.name = ? AND t.name = ?");
    /* CROSS keeps the order of the loops, so that rows come sorted. */
    tag_sql.list = make_select(&tag_resource, "t", "t.device_id, d.name",
                               TAG_FILTER " AND d.name >= ?4 AND (d.name > ?4 OR t.name > ?5)"
                                          " ORDER BY d.name, t.name LIMIT ?6");
    tag_sql.list_one = make_select(&tag_resource, "t", "t.device_id, d.name",
                                   TAG_FILTER " AND d.name = ?4 AND t.name > ?5"
                                              " ORDER BY t.name LIMIT ?6");
    tag_sql.insert = make_insert(&tag_resource);
    tag_sql.update = make_update(&tag_resource);
}

void records_open(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_statements);
}

static void read_record(struct query *query, const struct resource *resource, struct arena *arena,
                        struct record *record)
{
    *record = (struct record){.id = query_integer(query)};
    record->revision = query_integer(query);
    record->slot = query_integer(query);
    record->created_ms = query_integer(query);
    record->updated_ms = query_integer(query);
    record->device_id = query_integer(query);
    record->device = query_text(query, arena);
    for (size_t i = 0; i < resource->count; i++)
        record->cells[i] = query_cell(query, arena);
}

static bool read_one(struct query *query, const struct resource *resource, struct arena *arena,
                     struct record *record)
{
    if (!query_next(query))
        return false;
    read_record(query, resource, arena, record);
    query_end(query);
    return true;
}

bool device_find(struct store *store, struct arena *arena, const char *name, struct record *record)
{
    records_open();
    struct query query = store_query(store, device_sql.find);
    query_bind_text(&query, name);
    return read_one(&query, &device_resource, arena, record);
}

bool tag_find(struct store *store, struct arena *arena, const char *device, const char *name,
              struct record *record)
{
    records_open();
    struct query query = store_query(store, tag_sql.find);
    query_bind_text(&query, device);
    query_bind_text(&query, name);
    return read_one(&query, &tag_resource, arena, record);
}

static void each(struct query *query, const struct resource *resource, struct arena *arena,
                 bool (*take)(void *context, const struct record *), void *context)
{
    while (query_next(query)) {
        struct record record;
        read_record(query, resource, arena, &record);
        if (!take(context, &record)) {
            query_end(query);
            return;
        }
    }
}

void devices_each(struct store *store, struct arena *arena, const struct list *list,
                  bool (*take)(void *context, const struct record *), void *context)
{
    records_open();
    struct query query = store_query(store, device_sql.list);
    query_bind_text(&query, list->needle);
    query_bind_text(&query, list->after);
    query_bind(&query, list->limit);
    each(&query, &device_resource, arena, take, context);
}

static void bind_tag_filter(struct query *query, const struct list *list)
{
    query_bind_text(query, list->needle);
    query_bind_text(query, list->device);
    query_bind_text(query, list->table);
}

void tags_each(struct store *store, struct arena *arena, const struct list *list,
               bool (*take)(void *context, const struct record *), void *context)
{
    records_open();
    bool one = *list->device != '\0';
    struct query query = store_query(store, one ? tag_sql.list_one : tag_sql.list);
    int order = one ? strcmp(list->after_device, list->device) : 0;
    bind_tag_filter(&query, list);
    query_bind_text(&query, one ? list->device : list->after_device);
    /* '~' comes behind every name. */
    query_bind_text(&query, order < 0 ? "" : order > 0 ? "~" : list->after);
    query_bind(&query, list->limit);
    each(&query, &tag_resource, arena, take, context);
}

static int64_t count(struct query *query)
{
    int64_t number = 0;
    if (query_next(query)) {
        number = query_integer(query);
        query_end(query);
    }
    return number;
}

/* Without a filter the number of rows is a matter of an index, which no row has to be read for. */
int64_t devices_count(struct store *store, const struct list *list)
{
    if (*list->needle == '\0') {
        struct query all = store_query(store, "SELECT count(*) FROM device");
        return count(&all);
    }
    struct query query = store_query(store, "SELECT count(*)" DEVICE_FILTER);
    query_bind_text(&query, list->needle);
    return count(&query);
}

int64_t tags_count(struct store *store, const struct list *list)
{
    if (*list->needle == '\0' && *list->device == '\0' && *list->table == '\0') {
        struct query all = store_query(store, "SELECT count(*) FROM tag");
        return count(&all);
    }
    struct query query =
        store_query(store, *list->device == '\0' ? "SELECT count(*)" TAG_FILTER
                                                 : "SELECT count(*)" TAG_FILTER " AND d.name = ?2");
    bind_tag_filter(&query, list);
    return count(&query);
}

static void bind_cells(struct query *query, const struct resource *resource,
                       const struct record *record)
{
    for (size_t i = 0; i < resource->count; i++)
        query_bind_cell(query, &record->cells[i]);
}

static void insert(struct store *store, const struct resource *resource, const char *sql,
                   struct record *record)
{
    struct query query = store_query(store, sql);
    query_bind(&query, record->slot);
    query_bind(&query, record->revision);
    query_bind(&query, record->created_ms);
    query_bind(&query, record->updated_ms);
    if (resource == &tag_resource)
        query_bind(&query, record->device_id);
    bind_cells(&query, resource, record);
    query_run(&query);
    record->id = store_last_id(store);
}

void device_insert(struct store *store, struct record *record)
{
    records_open();
    insert(store, &device_resource, device_sql.insert, record);
}

void tag_insert(struct store *store, struct record *record)
{
    records_open();
    insert(store, &tag_resource, tag_sql.insert, record);
}

static void update(struct store *store, const struct resource *resource, const char *sql,
                   const struct record *record)
{
    struct query query = store_query(store, sql);
    query_bind(&query, record->revision);
    query_bind(&query, record->updated_ms);
    bind_cells(&query, resource, record);
    query_bind(&query, record->id);
    query_run(&query);
}

void device_update(struct store *store, const struct record *record)
{
    records_open();
    update(store, &device_resource, device_sql.update, record);
}

void tag_update(struct store *store, const struct record *record)
{
    records_open();
    update(store, &tag_resource, tag_sql.update, record);
}
