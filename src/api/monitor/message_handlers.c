/* The newest MQTT messages, with the outcome of each and its reason. */

#include "api/base/request_memory.h"
#include "api/handler/paging.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/monitor/monitor_routes.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/payload_format.h"
#include "common/shared/message_trace.h"

/* Finds the name of a device or tag by its id, since the trace holds ids. NULL if it was deleted.
 */
static const char *message_find_name(struct thread_ctx *thread_ctx, struct arena *arena,
                                     const char *sql, int64_t id)
{
    const char *name = NULL;
    struct query query = store_prepare_query(thread_ctx->store, sql);
    query_bind_integer(&query, id);
    if (query_next_row(&query)) {
        name = query_read_text(&query, arena);
        query_finish(&query);
    }
    return name;
}

static void message_write_error(struct thread_ctx *thread_ctx, struct arena *arena,
                                const struct message_trace_entry *entry, struct text *text)
{
    enum fault fault = entry->fault < FAULT_COUNT ? (enum fault)entry->fault : FAULT_NONE;
    if (entry->verdict == TRACE_NOT_JSON) /* a verdict on the whole message */
        fault = FAULT_INVALID_JSON;
    else if (entry->verdict == TRACE_TOO_LARGE)
        fault = FAULT_TOO_LARGE;
    if (fault == FAULT_NONE) {
        json_write_null(text);
        return;
    }
    json_open(text, '{');
    json_write_key(text, "code");
    json_write_string(text, fault_names[fault]);
    json_write_key(text, "tag");
    json_write_string_or_null(text, message_find_name(thread_ctx, arena,
                                                      "SELECT name FROM tag WHERE id = ?",
                                                      entry->fault_tag));
    json_write_key(text, "byte");
    if (entry->verdict == TRACE_NOT_JSON)
        json_write_integer(text, entry->fault_at);
    else
        json_write_null(text);
    json_close(text, '}');
}

/* Writes the beginning of the payload: as text if it is one, else in hex, with the likely format.
 */
static void message_write_payload(const struct message_trace_entry *entry, const char *payload,
                                  struct text *text)
{
    const struct payload_sample sample = {
        .topic = entry->topic, .bytes = payload, .len = entry->kept, .total = entry->len};
    bool is_text = payload_format_is_text(&sample);
    json_write_key(text, "payload");
    if (is_text)
        json_write_string_len(text, payload, utf8_prefix_len(payload, sample.len, sample.len));
    else
        json_write_hex(text, payload, sample.len);
    json_write_key(text, "encoding");
    json_write_string(text, is_text ? "text" : "hex");
    json_write_key(text, "looks_like");
    json_write_string_or_null(text, payload_format_names[payload_format_guess(&sample)]);
}

static void message_write_entry(struct thread_ctx *thread_ctx, struct arena *arena,
                                const struct message_trace_entry *entry, const char *payload,
                                struct text *text)
{
    const char *verdict =
        entry->verdict < TRACE_COUNT ? message_trace_verdict_names[entry->verdict] : NULL;
    json_open(text, '{');
    json_write_key(text, "sequence");
    json_write_integer(text, (int64_t)entry->sequence);
    json_write_key(text, "at");
    json_write_time(text, entry->wall_ms);
    json_write_key(text, "device");
    json_write_string_or_null(text, message_find_name(thread_ctx, arena,
                                                      "SELECT name FROM device WHERE id = ?",
                                                      entry->device));
    json_write_key(text, "topic");
    json_write_string(text, entry->topic);
    message_write_payload(entry, payload, text);
    json_write_key(text, "bytes");
    json_write_integer(text, entry->len);
    json_write_key(text, "retained");
    json_write_bool(text, entry->retained);
    json_write_key(text, "outcome");
    json_write_string_or_null(text, verdict);
    json_write_key(text, "tags");
    json_write_integer(text, entry->tags);
    json_write_key(text, "written");
    json_write_integer(text, entry->written);
    json_write_key(text, "rejected");
    json_write_integer(text, entry->rejected);
    json_write_key(text, "held");
    json_write_integer(text, entry->held);
    json_write_key(text, "error");
    message_write_error(thread_ctx, arena, entry, text);
    json_write_key(text, "keys");
    json_write_string_or_null(text, entry->keys[0] ? entry->keys : NULL);
    json_close(text, '}');
}

static void message_close_trace(void *explain)
{
    message_trace_close(explain);
}

/* Writes the messages of `device`, or of all devices if 0, that are newer than the message with
 * the sequence number `known`, newest first. Returns their total number. */
static int64_t message_write_page(struct thread_ctx *thread_ctx, struct arena *arena,
                                  int64_t device, uint64_t known, struct list_page *page)
{
    struct message_trace explain;
    struct memory_block guard;
    char why[SHM_WHY_SIZE];
    int64_t total = 0;
    REQUIRE(page->count == 0);
    if (!message_trace_open_reader(&explain, thread_ctx->settings->common.runtime_dir, why,
                                   sizeof why))
        return 0;
    memory_guard(&guard, message_close_trace, &explain);
    uint64_t newest = message_trace_newest_sequence(&explain);
    if (known > newest) /* of a ring that was there before this one */
        known = 0;
    for (uint64_t back = 0; back < TRACE_ENTRIES && back < newest - known; back++) {
        struct message_trace_entry entry;
        char payload[TRACE_PAYLOAD_SIZE];
        if (!message_trace_read_entry(&explain, newest - back, &entry, payload) ||
            (device != 0 && entry.device != device))
            continue;
        total++;
        if (paging_count_item(page, ""))
            message_write_entry(thread_ctx, arena, &entry, payload, &page->items);
    }
    memory_unguard(&guard);
    message_trace_close(&explain);
    return total;
}

static void messages_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    const char *why, *name = query_param(&request->query_params, "device", NULL);
    int64_t limit = 100, known = 0;
    struct record device = {0};
    if (!query_param_number(&request->query_params, "limit", 1, 1000, request->arena, &limit,
                            &why) ||
        !query_param_number(&request->query_params, "newer_than", 0, INT64_MAX, request->arena,
                            &known, &why)) {
        problem_respond(response, 400, "%s", why);
        return;
    }
    if (!transaction_begin(thread_ctx, response))
        return;
    if (name && !record_store_find_device(thread_ctx->store, request->arena, name, &device)) {
        problem_respond(response, 404, "No device has the name \"%.64s\".", name);
    } else {
        struct list_page page = {.limit = limit};
        int64_t total =
            message_write_page(thread_ctx, request->arena, device.id, (uint64_t)known, &page);
        page.more = false;
        paging_answer(&page, total, response);
    }
    transaction_commit(thread_ctx, response);
}

static const struct route message_rows[] = {
    {METHOD_GET, API_PREFIX "/messages", QUEUE_REPORT, .handle = messages_handle_get,
     .query_params = "device limit newer_than"},
};

const struct route_table message_routes = ROUTE_TABLE(message_rows);
