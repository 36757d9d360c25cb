/* Stores items in parts of about a megabyte, compressed. The id of a part is the revision and the
 * number of the part, so that parts are in the order of the changes. */
#include "api/store/undo_log.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/gzip.h"
#include "common/base/require.h"

enum { PART_BYTES = 1 << 20, PARTS_MAX = 1 << 20, SMALL_BYTES = 256, ROW_BYTES = 32 };

static void undo_write_cell(const struct cell *cell, struct text *text)
{
    switch (cell->kind) {
    case CELL_NULL:
        json_write_null(text);
        break;
    case CELL_INTEGER:
        json_write_integer(text, cell->as.integer);
        break;
    case CELL_REAL:
        json_write_real(text, cell->as.real);
        break;
    case CELL_TEXT:
        json_write_string(text, cell->as.text);
        break;
    }
}

struct cell undo_log_read_cell(const struct field *field, const struct cJSON *value,
                               struct arena *arena)
{
    struct cell cell = {.kind = CELL_NULL};
    if (cJSON_IsString(value)) {
        cell.kind = CELL_TEXT;
        cell.as.text = arena_strdup(arena, value->valuestring);
    } else if (cJSON_IsNumber(value) && field->type->shape == SHAPE_REAL) {
        cell.kind = CELL_REAL;
        cell.as.real = value->valuedouble;
    } else if (cJSON_IsNumber(value)) {
        cell.kind = CELL_INTEGER;
        cell.as.integer = (int64_t)value->valuedouble;
    }
    return cell;
}

/* Writes [before, after] of each cell that has changed. */
static void undo_write_change(const struct resource *resource, const struct record *before,
                              const struct record *after, struct text *text)
{
    if (before->device_id != after->device_id) {
        json_write_key(text, "device_id");
        json_open(text, '[');
        json_write_integer(text, before->device_id);
        json_write_integer(text, after->device_id);
        json_close(text, ']');
    }
    json_write_key(text, "cells");
    json_open(text, '{');
    for (size_t i = 0; i < resource->count; i++) {
        if (cell_is_equal(&before->cells[i], &after->cells[i]))
            continue;
        json_write_key(text, resource->fields[i].column);
        json_open(text, '[');
        undo_write_cell(&before->cells[i], text);
        undo_write_cell(&after->cells[i], text);
        json_close(text, ']');
    }
    json_close(text, '}');
}

static void undo_write_deletion(const struct resource *resource, const struct record *record,
                                struct text *text)
{
    struct record defaults = {0};
    record_set_defaults(resource, NULL, &defaults);
    json_write_key(text, "slot");
    json_write_integer(text, record->slot);
    json_write_key(text, "created_ms");
    json_write_integer(text, record->created_ms);
    json_write_key(text, "device_id");
    json_write_integer(text, record->device_id);
    json_write_key(text, "cells");
    json_open(text, '{');
    for (size_t i = 0; i < resource->count; i++) {
        if (cell_is_equal(&record->cells[i], &defaults.cells[i]))
            continue;
        json_write_key(text, resource->fields[i].column);
        undo_write_cell(&record->cells[i], text);
    }
    json_close(text, '}');
}

static void undo_log_delete_oldest(struct store *store, int64_t revision)
{
    struct query query = store_prepare_query(
        store, "SELECT sum(length(data) + ?1) FROM undo WHERE id < (?2 + 1) * ?3");
    query_bind_integer(&query, ROW_BYTES);
    query_bind_integer(&query, revision);
    query_bind_integer(&query, PARTS_MAX);
    int64_t bytes = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    store_execute(store, "DELETE FROM undo WHERE id < (? + 1) * ?", revision, PARTS_MAX);
    store_execute(store, "UPDATE store SET undo_bytes = max(0, undo_bytes - ?), undo_from = ?",
                  bytes, revision);
}

static void undo_log_store_part(struct store *store, struct undo_log *undo_log)
{
    struct text *part = &undo_log->part;
    int64_t size = (int64_t)part->len, revision = store_raise_revision(store);
    if (part->len == 0 || undo_log->parts >= PARTS_MAX)
        return;
    if (part->len > SMALL_BYTES)
        gzip_compress_text(part);
    struct query query =
        store_prepare_query(store, "INSERT INTO undo (id, size, data) VALUES (?, ?, ?)");
    query_bind_integer(&query, revision * PARTS_MAX + undo_log->parts);
    query_bind_integer(&query, size);
    query_bind_blob(&query, part->data, part->len);
    query_execute(&query);
    undo_log->parts++;
    undo_log->bytes += (int64_t)part->len + ROW_BYTES;
    text_finish(part);
}

/* Stores the last part, and deletes the oldest revisions if there are too many bytes. */
static void undo_log_finish(struct store *store, void *context)
{
    struct undo_log *undo_log = context;
    int64_t revision = store_raise_revision(store);
    undo_log_store_part(store, undo_log);
    store_execute(store, "UPDATE store SET undo_bytes = undo_bytes + ?", undo_log->bytes);
    bool has_more = true;
    while (has_more && !store_has_failed(store) &&
           store_query_integer(store, "SELECT undo_bytes FROM store") > undo_log->keep_bytes) {
        int64_t oldest = store_query_integer(store, "SELECT min(id) FROM undo") / PARTS_MAX;
        has_more = oldest > 0 && oldest < revision;
        if (has_more)
            undo_log_delete_oldest(store, oldest);
        else
            undo_log_clear(store);
    }
    text_finish(&undo_log->item);
    *undo_log = (struct undo_log){.keep_bytes = undo_log->keep_bytes};
}

static void undo_log_take_item(struct store *store, struct undo_log *undo_log)
{
    text_append(&undo_log->part, undo_log->item.data, undo_log->item.len);
    text_putc(&undo_log->part, '\n');
    undo_log->item.len = 0;
    if (undo_log->part.len >= PART_BYTES)
        undo_log_store_part(store, undo_log);
}

/* Begins the item of a creation, change or deletion. False when none is kept. */
static bool undo_log_begin_item(struct store *store, struct undo_log *undo_log, const void *before,
                                const void *after, const char *kind, int64_t id)
{
    struct text *text = &undo_log->item;
    REQUIRE(before || after);
    store_set_finisher(store, undo_log_finish, undo_log);
    if (undo_log->keep_bytes == 0) {
        undo_log->bytes = 1; /* the revision is not kept */
        return false;
    }
    json_open(text, '{');
    json_write_key(text, "op");
    json_write_string(text, !before ? "create" : after ? "change" : "delete");
    json_write_key(text, "kind");
    json_write_string(text, kind);
    json_write_key(text, "id");
    json_write_integer(text, id);
    return true;
}

void undo_log_add(struct store *store, struct undo_log *undo_log, const struct resource *resource,
                  const struct record *before, const struct record *after)
{
    const struct record *record = before ? before : after;
    REQUIRE(record);
    if (!undo_log ||
        !undo_log_begin_item(store, undo_log, before, after, resource->name, record->id))
        return;
    struct text *text = &undo_log->item;
    if (record->profile_tag != 0) {
        json_write_key(text, "follows");
        json_write_integer(text, record->profile_tag);
    }
    if (before && after)
        undo_write_change(resource, before, after, text);
    else if (before)
        undo_write_deletion(resource, before, text);
    else if (after->profile_tag != 0) {
        json_write_key(text, "device_id");
        json_write_integer(text, after->device_id);
    }
    json_close(text, '}');
    undo_log_take_item(store, undo_log);
}

void undo_log_add_follow(struct store *store, struct undo_log *undo_log, int64_t tag_id,
                         int64_t before, int64_t after)
{
    static const char kept[] = "";
    if (!undo_log || !undo_log_begin_item(store, undo_log, kept, kept, "follow", tag_id))
        return;
    struct text *text = &undo_log->item;
    json_write_key(text, "before");
    json_write_integer(text, before);
    json_write_key(text, "after");
    json_write_integer(text, after);
    json_close(text, '}');
    undo_log_take_item(store, undo_log);
}

void undo_log_add_profile(struct store *store, struct undo_log *undo_log, int64_t id,
                          const char *before, const char *after)
{
    if (!undo_log || !undo_log_begin_item(store, undo_log, before, after, "profile", id))
        return;
    struct text *text = &undo_log->item;
    json_write_key(text, "before");
    json_write_raw(text, before ? before : "null");
    json_write_key(text, "after");
    json_write_raw(text, after ? after : "null");
    json_close(text, '}');
    undo_log_take_item(store, undo_log);
}

void undo_log_add_return(struct store *store, struct undo_log *undo_log, int64_t to)
{
    if (!undo_log || undo_log->keep_bytes == 0)
        return;
    struct text *text = &undo_log->item;
    json_open(text, '{');
    json_write_key(text, "op");
    json_write_string(text, "return");
    json_write_key(text, "to");
    json_write_integer(text, to);
    json_close(text, '}');
    undo_log_take_item(store, undo_log);
}

int64_t undo_log_read_start(struct store *store)
{
    return store_query_integer(store, "SELECT undo_from FROM store");
}

/* Reads the newest part with an id from `first` to below *before, and sets *before to its id. False
 * if the log has no such part. */
static bool undo_log_read_part(struct store *store, int64_t first, int64_t *before,
                               struct text *part)
{
    struct query query = store_prepare_query(
        store, "SELECT id, size, data FROM undo WHERE id >= ? AND id < ? ORDER BY id DESC LIMIT 1");
    query_bind_integer(&query, first);
    query_bind_integer(&query, *before);
    bool found = query_next_row(&query);
    if (found) {
        *before = query_read_integer(&query);
        size_t size = (size_t)query_read_integer(&query);
        query_read_blob(&query, part);
        if (part->len != size && !gzip_expand_text(part, size))
            text_finish(part);
    }
    query_finish(&query);
    return found;
}

bool undo_log_each_item(struct store *store, int64_t first, int64_t last,
                        bool (*take)(void *context, int64_t revision, const struct cJSON *item),
                        void *context)
{
    int64_t before = (last + 1) * PARTS_MAX;
    struct text part = {0};
    bool ok = true, go_on = true;
    while (go_on && undo_log_read_part(store, first * PARTS_MAX, &before, &part)) {
        /* The lines, from the last one to the first; each ends with a newline. */
        ok = part.len > 0;
        for (size_t end = part.len; go_on && end > 0;) {
            size_t start = --end;
            while (start > 0 && part.data[start - 1] != '\n')
                start--;
            cJSON *item = cJSON_ParseWithLength(part.data + start, end - start);
            ok = cJSON_IsObject(item);
            go_on = ok && take(context, before / PARTS_MAX, item);
            cJSON_Delete(item);
            end = start;
        }
        text_finish(&part);
        go_on = go_on && ok;
    }
    return ok && !store_has_failed(store);
}

void undo_log_clear(struct store *store)
{
    store_execute_integers(store, "DELETE FROM undo", NULL, 0);
    store_execute_integers(store, "UPDATE store SET undo_bytes = 0, undo_from = revision", NULL, 0);
}
