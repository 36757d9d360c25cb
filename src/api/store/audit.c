/* Writes and lists the audit table. */
#include "api/store/audit.h"

#include "api/model/record_json.h"

/* What a row says beside who and when. */
struct entry {
    const char *action, *kind, *device, *tag;
    const char *before, *after; /* JSON, or NULL */
};

/* What is too old goes in portions of a thousandth, so that most changes pay for no deletion. */
static void forget(struct store *store, int64_t newest, int64_t keep)
{
    if (newest % (keep / 1000 + 1) == 0)
        store_run(store, "DELETE FROM audit WHERE id <= ?", newest - keep);
}

static void write_entry(struct store *store, struct audit *audit, int64_t revision,
                        const struct entry *entry)
{
    struct query query = store_query(
        store, "INSERT INTO audit (revision, at_ms, who, remote, request_id, action, kind, device,"
               " tag, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    const char *texts[] = {audit->who,    audit->remote, audit->request_id,
                           entry->action, entry->kind,   entry->device,
                           entry->tag,    entry->before, entry->after};
    query_bind(&query, revision);
    query_bind(&query, store_now(store));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        query_bind_text(&query, texts[i]);
    query_run(&query);
    audit->written++;
    forget(store, store_last_id(store), audit->keep);
}

void audit_note(struct store *store, struct audit *audit, const struct resource *resource,
                const struct record *before, const struct record *after)
{
    if (audit->written >= AUDIT_DETAILS_MAX) {
        audit->written++;
        return;
    }
    const struct record *record = after ? after : before;
    bool is_tag = resource == &tag_resource;
    struct text old = {0}, new = {0};
    if (before)
        record_write(resource, before, NULL, &old);
    if (after)
        record_write(resource, after, NULL, &new);
    struct entry entry = {
        .action = !before ? "create"
                  : after ? "change"
                          : "delete",
        .kind = resource->name,
        .device = is_tag ? record->device : record_text(record, DEVICE_NAME),
        .tag = is_tag ? record_text(record, TAG_NAME) : NULL,
        .before = old.data,
        .after = new.data,
    };
    write_entry(store, audit, store_touch(store), &entry);
    text_finish(&old);
    text_finish(&new);
}

void audit_note_whole(struct store *store, struct audit *audit, const char *action,
                      const char *after)
{
    write_entry(store, audit, store_touch(store),
                &(struct entry){.action = action, .kind = "all", .after = after});
}

void audit_note_access(struct store *store, struct audit *audit, const char *after)
{
    write_entry(store, audit, store_revision(store),
                &(struct entry){.action = "change", .kind = "all", .after = after});
}

static void write_text(struct query *query, struct arena *arena, const char *key, struct text *out)
{
    json_key(out, key);
    json_string_or_null(out, query_text(query, arena));
}

static void write_json(struct query *query, struct arena *arena, const char *key, struct text *out)
{
    const char *json = query_text(query, arena);
    json_key(out, key);
    json_raw(out, json ? json : "null");
}

static int64_t write_row(struct query *query, struct arena *arena, struct text *out)
{
    static const char *const texts[] = {"who",  "remote", "request_id", "action",
                                        "kind", "device", "tag"};
    int64_t id = query_integer(query);
    json_open(out, '{');
    json_key(out, "id");
    json_integer(out, id);
    json_key(out, "revision");
    json_integer(out, query_integer(query));
    json_key(out, "at");
    json_time(out, (uint64_t)query_integer(query));
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        write_text(query, arena, texts[i], out);
    write_json(query, arena, "before", out);
    write_json(query, arena, "after", out);
    json_close(out, '}');
    return id;
}

int64_t audit_list(struct store *store, struct arena *arena, int64_t before_id, const char *device,
                   int64_t limit, struct text *items)
{
    struct query query = store_query(
        store, "SELECT id, revision, at_ms, who, remote, request_id, action, kind, device, tag,"
               " before, after FROM audit WHERE id < ?1 AND (?2 = '' OR device = ?2)"
               " ORDER BY id DESC LIMIT ?3");
    query_bind(&query, before_id);
    query_bind_text(&query, device);
    query_bind(&query, limit + 1);
    int64_t last = 0, count = 0;
    while (query_next(&query)) {
        if (count++ == limit) {
            query_end(&query);
            return last;
        }
        last = write_row(&query, arena, items);
    }
    return 0;
}

int64_t audit_count(struct store *store, const char *device)
{
    struct query query =
        store_query(store, "SELECT count(*) FROM audit WHERE ?1 = '' OR device = ?1");
    int64_t count = 0;
    query_bind_text(&query, device);
    if (query_next(&query)) {
        count = query_integer(&query);
        query_end(&query);
    }
    return count;
}
