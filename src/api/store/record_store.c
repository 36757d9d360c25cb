/* SQL for devices and tags. The statements are constants: their column lists are made from
 * common/model/resource_fields.h, in the order of the field tables. */
#include "api/store/record_store.h"

#include <string.h>

#include "common/base/require.h"

/* One piece of SQL for each field of a device, or of a tag. */
#define READ_DEVICE_COLUMN(id, group, member, column, ...) ", d." #column
#define READ_TAG_COLUMN(id, group, member, column, ...)    ", t." #column
#define READ_POINT_COLUMN(id, member, ...)                 ", t.modbus_" #member
#define NAME_COLUMN(id, group, member, column, ...)        ", " #column
#define NAME_POINT_COLUMN(id, member, ...)                 ", modbus_" #member
#define SET_COLUMN(id, group, member, column, ...)         ", " #column " = ?"
#define SET_POINT_COLUMN(id, member, ...)                  ", modbus_" #member " = ?"
#define PARAMETER(...)                                     ", ?"

#define DEVICE_COLUMNS    DEVICE_FIELD_LIST(READ_DEVICE_COLUMN, READ_DEVICE_COLUMN)
#define DEVICE_NAMES      DEVICE_FIELD_LIST(NAME_COLUMN, NAME_COLUMN)
#define DEVICE_PARAMETERS DEVICE_FIELD_LIST(PARAMETER, PARAMETER)
#define DEVICE_SETTERS    DEVICE_FIELD_LIST(SET_COLUMN, SET_COLUMN)
#define TAG_COLUMNS       TAG_FIELD_LIST(READ_TAG_COLUMN, READ_TAG_COLUMN, READ_POINT_COLUMN)
#define TAG_NAMES         TAG_FIELD_LIST(NAME_COLUMN, NAME_COLUMN, NAME_POINT_COLUMN)
#define TAG_PARAMETERS    TAG_FIELD_LIST(PARAMETER, PARAMETER, PARAMETER)
#define TAG_SETTERS       TAG_FIELD_LIST(SET_COLUMN, SET_COLUMN, SET_POINT_COLUMN)

/* The columns that query_next_record reads, in its order. */
#define SELECT_DEVICE                                                                              \
    "SELECT d.id, d.revision, d.slot, d.created_ms, d.updated_ms, 0, NULL, 0" DEVICE_COLUMNS
#define SELECT_TAG                                                                                 \
    "SELECT t.id, t.revision, t.slot, t.created_ms, t.updated_ms, t.device_id, d.name,"            \
    " coalesce(t.profile_tag_id, 0)" TAG_COLUMNS

/* The parameters: the needle; of tags also the device and the table. '' means any. Among the tags
 * of all devices the words of the needle are looked for in what they have of their device, too.
 * CROSS keeps the order of the loops, so that the tags need no sorting. */
#define FROM_DEVICES                                                                               \
    " FROM device d WHERE (?1 = '' OR instr(fold_case(d.name), fold_case(?1))"                     \
    " OR instr(fold_case(d.label), fold_case(?1))"                                                 \
    " OR instr(fold_case(d.description), fold_case(?1)))"
#define FROM_TAGS                                                                                  \
    " FROM device d CROSS JOIN tag t ON t.device_id = d.id"                                        \
    " WHERE (?1 = '' OR has_words(fold_case(?1),"                                                  \
    " fold_case(printf('%s\n%s\n%s\n%s\n%s', t.name, t.label, t.description, t.mqtt_key,"          \
    " t.mqtt_topic) || CASE ?2 WHEN '' THEN printf('\n%s\n%s\n%s', d.name, d.label,"               \
    " iif(t.mqtt_topic IS NULL, d.mqtt_topic, NULL)) ELSE '' END), t.modbus_address,"              \
    " printf('%d%05d', CASE t.modbus_table WHEN 'coil' THEN 0 WHEN 'discrete_input' THEN 1"        \
    " WHEN 'input_register' THEN 3 ELSE 4 END, t.modbus_address + 1)))"                            \
    " AND (?2 = '' OR d.name = ?2) AND (?3 = '' OR t.modbus_table = ?3)"

/* clang-format off */
static const char find_device_sql[] = SELECT_DEVICE " FROM device d WHERE d.name = ?";
static const char find_device_by_id_sql[] = SELECT_DEVICE " FROM device d WHERE d.id = ?";
static const char list_devices_sql[] =
    SELECT_DEVICE FROM_DEVICES " AND d.name > ?2 ORDER BY d.name LIMIT ?3";
static const char insert_device_sql[] =
    "INSERT INTO device (id, slot, revision, created_ms, updated_ms" DEVICE_NAMES ")"
    " VALUES (nullif(?, 0), ?, ?, ?, ?" DEVICE_PARAMETERS ")";
static const char update_device_sql[] =
    "UPDATE device SET revision = ?, updated_ms = ?" DEVICE_SETTERS " WHERE id = ?";

static const char find_tag_sql[] =
    SELECT_TAG " FROM device d JOIN tag t ON t.device_id = d.id WHERE d.name = ? AND t.name = ?";
static const char find_tag_by_id_sql[] =
    SELECT_TAG " FROM tag t JOIN device d ON d.id = t.device_id WHERE t.id = ?";
static const char find_profile_tag_sql[] =
    SELECT_TAG " FROM tag t JOIN device d ON d.id = t.device_id"
    " WHERE t.profile_tag_id = ? AND t.device_id = ?";
static const char list_tags_sql[] =
    SELECT_TAG FROM_TAGS " AND d.name >= ?4 AND (d.name > ?4 OR t.name > ?5)"
    " ORDER BY d.name, t.name LIMIT ?6";
static const char list_tags_of_device_sql[] =
    SELECT_TAG FROM_TAGS " AND d.name = ?4 AND t.name > ?5 ORDER BY t.name LIMIT ?6";
static const char insert_tag_sql[] =
    "INSERT INTO tag (id, slot, revision, created_ms, updated_ms, device_id, profile_tag_id" TAG_NAMES ")"
    " VALUES (nullif(?, 0), ?, ?, ?, ?, ?, nullif(?, 0)" TAG_PARAMETERS ")";
static const char update_tag_sql[] =
    "UPDATE tag SET revision = ?, updated_ms = ?" TAG_SETTERS " WHERE id = ?";
/* clang-format on */

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
    record->profile_tag = query_read_integer(query);
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

bool record_store_find_device(struct store *store, struct arena *arena, const char *name,
                              struct record *record)
{
    struct query query = store_prepare_query(store, find_device_sql);
    query_bind_text(&query, name);
    bool found = query_next_record(&query, &device_resource, arena, record);
    query_finish(&query);
    return found;
}

bool record_store_find_tag(struct store *store, struct arena *arena, const char *device,
                           const char *name, struct record *record)
{
    struct query query = store_prepare_query(store, find_tag_sql);
    query_bind_text(&query, device);
    query_bind_text(&query, name);
    bool found = query_next_record(&query, &tag_resource, arena, record);
    query_finish(&query);
    return found;
}

bool record_store_find_by_id(struct store *store, struct arena *arena,
                             const struct resource *resource, int64_t id, struct record *record)
{
    struct query query = store_prepare_query(
        store, resource == &tag_resource ? find_tag_by_id_sql : find_device_by_id_sql);
    query_bind_integer(&query, id);
    bool found = query_next_record(&query, resource, arena, record);
    query_finish(&query);
    return found;
}

bool record_store_find_profile_tag(struct store *store, struct arena *arena, int64_t device_id,
                                   int64_t profile_tag, struct record *record)
{
    struct query query = store_prepare_query(store, find_profile_tag_sql);
    query_bind_integer(&query, profile_tag);
    query_bind_integer(&query, device_id);
    bool found = query_next_record(&query, &tag_resource, arena, record);
    query_finish(&query);
    return found;
}

void record_store_each_device(struct store *store, struct arena *arena,
                              const struct record_filter *list,
                              bool (*take)(void *context, const struct record *), void *context)
{
    struct record device;
    struct query query = store_prepare_query(store, list_devices_sql);
    query_bind_text(&query, list->needle);
    query_bind_text(&query, list->after);
    query_bind_integer(&query, list->limit);
    while (query_next_record(&query, &device_resource, arena, &device) && take(context, &device))
        continue;
    query_finish(&query);
}

void record_store_each_tag(struct store *store, struct arena *arena,
                           const struct record_filter *list,
                           bool (*take)(void *context, const struct record *), void *context)
{
    struct record tag;
    bool one = *list->device != '\0';
    struct query query = store_prepare_query(store, one ? list_tags_of_device_sql : list_tags_sql);
    int order = one ? strcmp(list->after_device, list->device) : 0;
    query_bind_text(&query, list->needle);
    query_bind_text(&query, list->device);
    query_bind_text(&query, list->table);
    query_bind_text(&query, one ? list->device : list->after_device);
    /* '~' sorts after every name. */
    query_bind_text(&query, order < 0 ? "" : order > 0 ? "~" : list->after);
    query_bind_integer(&query, list->limit);
    while (query_next_record(&query, &tag_resource, arena, &tag) && take(context, &tag))
        continue;
    query_finish(&query);
}

/* Without a filter SQLite counts the entries of an index and reads no rows. */
int64_t record_store_count_devices(struct store *store, const struct record_filter *list)
{
    if (*list->needle == '\0')
        return store_query_integer(store, "SELECT count(*) FROM device");
    struct query query = store_prepare_query(store, "SELECT count(*)" FROM_DEVICES);
    query_bind_text(&query, list->needle);
    int64_t count = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return count;
}

int64_t record_store_count_tags(struct store *store, const struct record_filter *list)
{
    if (*list->needle == '\0' && *list->device == '\0' && *list->table == '\0')
        return store_query_integer(store, "SELECT count(*) FROM tag");
    struct query query = store_prepare_query(
        store, *list->device == '\0' ? "SELECT count(*)" FROM_TAGS
                                     : "SELECT count(*)" FROM_TAGS " AND d.name = ?2");
    query_bind_text(&query, list->needle);
    query_bind_text(&query, list->device);
    query_bind_text(&query, list->table);
    int64_t count = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return count;
}

void record_store_insert(struct store *store, const struct resource *resource,
                         struct record *record)
{
    bool is_tag = resource == &tag_resource;
    REQUIRE(!is_tag || record->device_id > 0);
    struct query query = store_prepare_query(store, is_tag ? insert_tag_sql : insert_device_sql);
    query_bind_integer(&query, record->id);
    query_bind_integer(&query, record->slot);
    query_bind_integer(&query, record->revision);
    query_bind_integer(&query, record->created_ms);
    query_bind_integer(&query, record->updated_ms);
    if (is_tag) {
        query_bind_integer(&query, record->device_id);
        query_bind_integer(&query, record->profile_tag);
    }
    for (size_t i = 0; i < resource->count; i++)
        query_bind_cell(&query, &record->cells[i]);
    query_execute(&query);
    record->id = store_last_insert_id(store);
}

void record_store_update(struct store *store, const struct resource *resource,
                         const struct record *record)
{
    REQUIRE(record->id > 0);
    struct query query =
        store_prepare_query(store, resource == &tag_resource ? update_tag_sql : update_device_sql);
    query_bind_integer(&query, record->revision);
    query_bind_integer(&query, record->updated_ms);
    for (size_t i = 0; i < resource->count; i++)
        query_bind_cell(&query, &record->cells[i]);
    query_bind_integer(&query, record->id);
    query_execute(&query);
}

void record_store_move_tag(struct store *store, const struct record *tag)
{
    struct query query =
        store_prepare_query(store, "UPDATE tag SET device_id = ?, name = ? WHERE id = ?");
    query_bind_integer(&query, tag->device_id);
    query_bind_text(&query, record_field_text(tag, TAG_NAME));
    query_bind_integer(&query, tag->id);
    query_execute(&query);
}
