/* Writes and lists the table audit. */
#include "api/store/audit.h"

#include "api/model/record_diff.h"
#include "api/model/record_json.h"
#include "api/store/store_role.h"
#include "common/base/require.h"

/* The columns of a row, except those that say who changed something and when. */
struct audit_entry {
    const char *action, *kind, *device, *tag;
    const char *before, *after; /* JSON, or NULL */
};

/* Returns the id of the row. */
static int64_t audit_insert_entry(struct store *store, struct audit *audit, int64_t revision,
                                  const struct audit_entry *audit_entry)
{
    REQUIRE(audit->keep >= 0);
    /* The audit of a follower is its leader's: it gets no rows of its own. */
    if (store_follows(store))
        return 0;
    struct query query = store_prepare_query(
        store, "INSERT INTO audit (revision, at_ms, who, remote, request_id, action, kind, device,"
               " tag, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const char *texts[] = {audit->who,          audit->remote,       audit->request_id,
                           audit_entry->action, audit_entry->kind,   audit_entry->device,
                           audit_entry->tag,    audit_entry->before, audit_entry->after};
    query_bind_integer(&query, revision);
    query_bind_integer(&query, store_transaction_ms(store));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        query_bind_text(&query, texts[i]);
    query_execute(&query);
    audit->written++;
    /* The oldest rows are deleted a thousandth at a time, so that most changes delete nothing. */
    int64_t newest = store_last_insert_id(store);
    if (newest % (audit->keep / 1000 + 1) == 0)
        store_execute(store, "DELETE FROM audit WHERE id <= ?", newest - audit->keep);
    return newest;
}

void audit_add_change(struct store *store, struct audit *audit, const struct resource *resource,
                      const struct record *before, const struct record *after)
{
    undo_log_add(store, audit->undo, resource, before, after);
    if (audit->muted)
        return;
    if (audit->written >= AUDIT_DETAILS_MAX) {
        audit->written++;
        return;
    }
    const struct record *record = after ? after : before;
    bool is_tag = resource == &tag_resource;
    struct text old = {0}, new = {0};
    if (before)
        record_json_write(resource, before, NULL, &old);
    if (after)
        record_json_write(resource, after, NULL, &new);
    struct audit_entry audit_entry = {
        .action = !before ? "create"
                  : after ? "change"
                          : "delete",
        .kind = resource->name,
        .device = is_tag ? record->device : record_field_text(record, DEVICE_NAME),
        .tag = is_tag ? record_field_text(record, TAG_NAME) : NULL,
        .before = old.data,
        .after = new.data,
    };
    audit_insert_entry(store, audit, store_raise_revision(store), &audit_entry);
    text_finish(&old);
    text_finish(&new);
}

void audit_add_profile_change(struct store *store, struct audit *audit, int64_t id,
                              const char *before, const char *after)
{
    REQUIRE(before || after);
    undo_log_add_profile(store, audit->undo, id, before, after);
    if (audit->written >= AUDIT_DETAILS_MAX) {
        audit->written++;
        return;
    }
    struct audit_entry audit_entry = {.action = !before ? "create"
                                                : after ? "change"
                                                        : "delete",
                                      .kind = "profile",
                                      .before = before,
                                      .after = after};
    audit_insert_entry(store, audit, store_raise_revision(store), &audit_entry);
}

void audit_add_deletion_with_device(struct store *store, struct audit *audit,
                                    const struct record *tag)
{
    bool is_of_profile = tag->profile_tag != 0; /* it follows from the row of the device */
    if (is_of_profile || audit->written == AUDIT_DETAILS_MAX - 1)
        undo_log_add(store, audit->undo, &tag_resource, tag, NULL);
    else
        audit_add_change(store, audit, &tag_resource, tag, NULL);
}

int64_t audit_add_bulk_change(struct store *store, struct audit *audit, const char *action,
                              struct text *after)
{
    REQUIRE(after->len > 0);
    if (audit->written > 0) {
        json_write_key(after, "details");
        json_write_integer(after,
                           audit->written < AUDIT_DETAILS_MAX ? audit->written : AUDIT_DETAILS_MAX);
    }
    json_close(after, '}');
    int64_t id = audit_insert_entry(
        store, audit, store_raise_revision(store),
        &(struct audit_entry){.action = action, .kind = "all", .after = after->data});
    text_finish(after);
    return id;
}

void audit_add_access_change(struct store *store, struct audit *audit, const char *after)
{
    audit_insert_entry(store, audit, store_read_revision(store),
                       &(struct audit_entry){.action = "change", .kind = "all", .after = after});
}

int64_t audit_find_newest(struct store *store)
{
    return store_query_integer(store,
                               "SELECT id FROM audit WHERE kind IN ('device', 'tag', 'profile')"
                               " OR (kind = 'all' AND action <> 'change')"
                               " ORDER BY id DESC LIMIT 1");
}

int64_t audit_count_revision(struct store *store, int64_t revision)
{
    struct query query =
        store_prepare_query(store, "SELECT count(*) FROM audit WHERE revision = ?");
    query_bind_integer(&query, revision);
    int64_t count = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return count;
}

bool audit_find_subject(struct store *store, struct arena *arena, int64_t id,
                        struct audit_subject *subject)
{
    struct query query =
        store_prepare_query(store, "SELECT revision, action, kind,"
                                   " coalesce(json_extract(coalesce(before, after), '$.id'), 0)"
                                   " FROM audit WHERE id = ?");
    query_bind_integer(&query, id);
    bool found = query_next_row(&query);
    if (found) {
        subject->revision = query_read_integer(&query);
        subject->action = query_read_text(&query, arena);
        subject->kind = query_read_text(&query, arena);
        subject->record = query_read_integer(&query);
    }
    query_finish(&query);
    return found;
}

void audit_add_discovery(struct store *store, struct audit *audit, const char *action,
                         const char *before, const char *after)
{
    store_note_change(store);
    audit_insert_entry(
        store, audit, store_read_revision(store),
        &(struct audit_entry){
            .action = action, .kind = "discovery", .before = before, .after = after});
}

/* The profile of a row: the one that was changed, or the one of the devices that were created. */
#define PROFILE_NAME                                                                               \
    "CASE WHEN kind = 'profile' THEN json_extract(coalesce(after, before), '$.name')"              \
    " WHEN kind = 'all' AND action = 'create' THEN json_extract(after, '$.profile') END"
#define FROM_AUDIT                                                                                 \
    " FROM audit WHERE (?1 = '' OR device = ?1) AND (?2 = '' OR tag = ?2)"                         \
    " AND (?3 IS NULL OR who = ?3) AND revision > ?4 AND at_ms >= ?5"                              \
    " AND (?6 = '' OR " PROFILE_NAME " = ?6)"

static struct query audit_prepare_query(struct store *store, const char *sql,
                                        const struct audit_filter *filter)
{
    struct query query = store_prepare_query(store, sql);
    query_bind_text(&query, filter->device);
    query_bind_text(&query, filter->tag);
    query_bind_text(&query, filter->who);
    query_bind_integer(&query, filter->after_revision);
    query_bind_integer(&query, filter->since_ms);
    query_bind_text(&query, filter->profile);
    return query;
}

/* Writes the next row as a JSON object. Returns its id. */
static int64_t audit_write_row(struct query *query, struct arena *arena, struct text *items)
{
    static const char *const texts[] = {"who",  "remote", "request_id", "action",
                                        "kind", "device", "tag",        "profile"};
    int64_t id = query_read_integer(query);
    json_open(items, '{');
    json_write_key(items, "id");
    json_write_integer(items, id);
    json_write_key(items, "revision");
    json_write_integer(items, query_read_integer(query));
    json_write_key(items, "at");
    json_write_time(items, (uint64_t)query_read_integer(query));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_write_key(items, texts[i]);
        json_write_string_or_null(items, query_read_text(query, arena));
    }
    const char *before = query_read_text(query, arena), *after = query_read_text(query, arena);
    json_write_key(items, "before");
    json_write_raw(items, before ? before : "null");
    json_write_key(items, "after");
    json_write_raw(items, after ? after : "null");
    json_write_key(items, "diff");
    record_diff_write_json(before, after, arena, items);
    json_close(items, '}');
    return id;
}

int64_t audit_write_page(struct store *store, struct arena *arena,
                         const struct audit_filter *filter, struct text *items)
{
    REQUIRE(filter->limit > 0);
    struct query query = audit_prepare_query(
        store,
        "SELECT id, revision, at_ms, who, remote, request_id, action, kind, device, tag,"
        " " PROFILE_NAME ", before, after" FROM_AUDIT " AND id < ?7 ORDER BY id DESC LIMIT ?8",
        filter);
    query_bind_integer(&query, filter->before_id);
    query_bind_integer(&query, filter->limit + 1);
    int64_t last = 0;
    for (int64_t count = 0; query_next_row(&query); count++) {
        if (count == filter->limit) {
            query_finish(&query);
            return last;
        }
        last = audit_write_row(&query, arena, items);
    }
    return 0;
}

int64_t audit_count_rows(struct store *store, const struct audit_filter *filter)
{
    struct query query = audit_prepare_query(store, "SELECT count(*)" FROM_AUDIT, filter);
    int64_t count = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return count;
}
