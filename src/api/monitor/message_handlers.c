/* The newest MQTT messages, with what became of them and why. */
#include <string.h>

#include "api/base/request_memory.h"
#include "api/handler/handler.h"
#include "api/routes.h"
#include "common/shared/message_trace.h"

/* Names by id, for entries that the ring gives ids of. NULL for what is deleted. */
static const char *name_of(struct worker *worker, struct arena *arena, const char *sql, int64_t id)
{
    const char *name = NULL;
    struct query query = store_query(worker->store, sql);
    query_bind(&query, id);
    if (query_next(&query)) {
        name = query_text(&query, arena);
        query_end(&query);
    }
    return name;
}

/* The fault of a message that was refused whole lies in the verdict. */
static enum fault fault_of(const struct explain_entry *entry)
{
    if (entry->verdict == EXPLAIN_NOT_JSON)
        return FAULT_INVALID_JSON;
    if (entry->verdict == EXPLAIN_TOO_LARGE)
        return FAULT_TOO_LARGE;
    return entry->fault < FAULT_COUNT ? (enum fault)entry->fault : FAULT_NONE;
}

static void write_error(struct worker *worker, struct arena *arena,
                        const struct explain_entry *entry, struct text *text)
{
    enum fault fault = fault_of(entry);
    if (fault == FAULT_NONE) {
        json_null(text);
        return;
    }
    json_open(text, '{');
    json_key(text, "code");
    json_string(text, fault_names[fault]);
    json_key(text, "tag");
    json_string_or_null(
        text, name_of(worker, arena, "SELECT name FROM tag WHERE id = ?", entry->fault_tag));
    json_key(text, "byte");
    if (entry->verdict == EXPLAIN_NOT_JSON)
        json_integer(text, entry->fault_at);
    else
        json_null(text);
    json_close(text, '}');
}

static void write_message(struct worker *worker, struct arena *arena,
                          const struct explain_entry *entry, struct text *text)
{
    const char *verdict =
        entry->verdict < EXPLAIN_COUNT ? explain_verdict_names[entry->verdict] : NULL;
    json_open(text, '{');
    json_key(text, "sequence");
    json_integer(text, (int64_t)entry->sequence);
    json_key(text, "at");
    json_time(text, entry->wall_ms);
    json_key(text, "device");
    json_string_or_null(
        text, name_of(worker, arena, "SELECT name FROM device WHERE id = ?", entry->device));
    json_key(text, "topic");
    json_string(text, entry->topic);
    json_key(text, "payload");
    json_string(text, entry->payload);
    json_key(text, "bytes");
    json_integer(text, entry->len);
    json_key(text, "retained");
    json_bool(text, entry->retained);
    json_key(text, "outcome");
    json_string_or_null(text, verdict);
    json_key(text, "tags");
    json_integer(text, entry->tags);
    json_key(text, "written");
    json_integer(text, entry->written);
    json_key(text, "rejected");
    json_integer(text, entry->rejected);
    json_key(text, "held");
    json_integer(text, entry->held);
    json_key(text, "error");
    write_error(worker, arena, entry, text);
    json_key(text, "keys");
    json_string_or_null(text, entry->keys[0] ? entry->keys : NULL);
    json_close(text, '}');
}

static void close_explain(void *explain)
{
    explain_close(explain);
}

/* The newest first, of one device, or of all for 0. Returns how many there are of it. */
static int64_t write_messages(struct worker *worker, struct arena *arena, int64_t device,
                              struct page *page)
{
    struct explain explain;
    struct memory_block guard;
    char why[SHM_WHY_SIZE];
    int64_t total = 0;
    if (!explain_open_reader(&explain, worker->settings->common.runtime_dir, why, sizeof why))
        return 0;
    memory_guard(&guard, close_explain, &explain);
    uint64_t newest = explain_newest(&explain);
    for (uint64_t back = 0; back < EXPLAIN_ENTRIES && back < newest; back++) {
        struct explain_entry entry;
        if (!explain_read(&explain, newest - back, &entry) ||
            (device != 0 && entry.device != device))
            continue;
        total++;
        if (page_takes(page, ""))
            write_message(worker, arena, &entry, &page->items);
    }
    memory_unguard(&guard);
    explain_close(&explain);
    return total;
}

void get_messages(struct worker *worker, const struct request *request, struct response *response)
{
    const char *why, *name = argument(&request->arguments, "device", NULL);
    long limit = 100;
    struct record device = {0};
    if (!argument_number(&request->arguments, "limit", 1, 1000, request->arena, &limit, &why)) {
        problem(response, 400, "%s", why);
        return;
    }
    if (!begin(worker, response))
        return;
    if (name && !device_find(worker->store, request->arena, name, &device)) {
        problem(response, 404, "There is no device \"%.64s\".", name);
    } else {
        struct page page = {.limit = limit};
        int64_t total = write_messages(worker, request->arena, device.id, &page);
        page.more = false;
        answer_page(&page, total, response);
    }
    end_read(worker, response);
}
