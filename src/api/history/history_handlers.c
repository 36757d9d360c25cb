/* The history of a tag over HTTP. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/history/history.h"
#include "api/history/history_ring.h"
#include "api/history/history_routes.h"
#include "api/http/problem.h"
#include "api/live/quality_lookup.h"
#include "api/model/resource_rules.h"
#include "common/base/clock.h"
#include "common/base/utc.h"
#include "common/model/value.h"

enum { POINTS_DEFAULT = 300, POINTS_MAX = 5000, EVENTS_MAX = 500, DEFAULT_SPAN_MS = 3600000 };

/* The live row has the text of the newest refused value, if it was refused this close to the entry.
 */
enum { EXCERPT_WITHIN_MS = 2000 };

/* Reads a time, RFC 3339 or milliseconds since 1970. */
static bool history_read_time(const char *text, uint64_t *wall_ms)
{
    if (!text)
        return true;
    if (*text && text[strspn(text, "0123456789")] == '\0' && strlen(text) <= 15)
        *wall_ms = strtoull(text, NULL, 10);
    else if (!utc_parse(text, wall_ms))
        return false;
    return *wall_ms < UINT64_C(1) << 44;
}

/* False when it has answered 400. */
static bool history_read_query(const struct request *request, struct history_query *query,
                               struct response *response)
{
    const struct query_params *params = &request->query_params;
    const char *why, *from = query_param(params, "from", NULL);
    int64_t points = POINTS_DEFAULT;
    query->to_ms = clock_wall_ms();
    if (!history_read_time(query_param(params, "to", NULL), &query->to_ms) ||
        !history_read_time(from, &query->from_ms)) {
        problem_respond(response, 400,
                        "from and to must be times, such as 2026-01-02T03:04:05Z, or milliseconds "
                        "since 1970.");
        return false;
    }
    if (!from)
        query->from_ms = query->to_ms > DEFAULT_SPAN_MS ? query->to_ms - DEFAULT_SPAN_MS : 0;
    if (query->from_ms > query->to_ms) {
        problem_respond(response, 400,
                        "from must not be after to, which is now unless it is given.");
        return false;
    }
    if (!query_param_number(params, "points", 2, POINTS_MAX, request->arena, &points, &why)) {
        problem_respond(response, 400, "%s", why);
        return false;
    }
    query->points_max = (size_t)points;
    query->events_max = EVENTS_MAX;
    query->points = arena_alloc(request->arena, query->points_max * sizeof *query->points);
    query->events = arena_alloc(request->arena, query->events_max * sizeof *query->events);
    return true;
}

static void history_write_points(const struct history_query *query, struct text *text)
{
    json_write_key(text, "points");
    json_open(text, '[');
    for (size_t i = 0; i < query->point_count; i++) {
        const struct history_point *point = &query->points[i];
        json_open(text, '[');
        json_write_integer(text, (int64_t)point->wall_ms);
        json_write_real(text, point->min);
        json_write_real(text, point->max);
        json_write_real(text, point->last);
        json_close(text, ']');
    }
    json_close(text, ']');
}

static void history_write_event(uint64_t wall_ms, const char *kind, const char *code,
                                const char *detail, struct text *text)
{
    json_open(text, '{');
    json_write_key(text, "at");
    json_write_integer(text, (int64_t)wall_ms);
    json_write_key(text, "kind");
    json_write_string(text, kind);
    json_write_key(text, "code");
    json_write_string(text, code);
    json_write_key(text, "detail");
    json_write_string_or_null(text, detail);
    json_close(text, '}');
}

/* Writes the one to three events of an entry. `row` is the live row if it has the text of the value
 * that this entry refused, else NULL. */
static void history_write_entry(const struct history_entry *entry, const struct live_table_row *row,
                                struct text *text)
{
    static const char *const writers[WRITER_COUNT] = {
        [WRITER_SCADA] = "scada", [WRITER_API] = "api"};
    char number[VALUE_TEXT_SIZE];
    enum quality_reason reason = entry->verdict.reason;
    if (entry->writer != WRITER_NONE) {
        struct value value = {.kind = VALUE_REAL, .real = entry->value};
        value_format_json(&value, number);
        history_write_event(entry->wall_ms, "write", writers[entry->writer],
                            entry->has_value ? number : NULL, text);
    }
    if (entry->fault != FAULT_NONE)
        history_write_event(entry->wall_ms, "reject", fault_names[entry->fault],
                            row ? row->excerpt : NULL, text);
    if (entry->has_quality)
        history_write_event(entry->wall_ms, "quality", quality_names[entry->verdict.quality],
                            reason == REASON_NONE ? NULL : quality_reason_names[reason], text);
}

static void history_write_events(const struct history_query *query,
                                 const struct live_table_row *row, struct text *text)
{
    size_t newest = query->event_count; /* the newest reject */
    for (size_t i = 0; i < query->event_count; i++) {
        if (query->events[i].fault != FAULT_NONE)
            newest = i;
    }
    json_write_key(text, "events");
    json_open(text, '[');
    for (size_t i = 0; i < query->event_count; i++) {
        const struct history_entry *entry = &query->events[i];
        bool is_of_row = i == newest && row->fault == entry->fault &&
                         row->fault_wall_ms + EXCERPT_WITHIN_MS >= entry->wall_ms &&
                         entry->wall_ms + EXCERPT_WITHIN_MS >= row->fault_wall_ms;
        history_write_entry(entry, is_of_row ? row : NULL, text);
    }
    json_close(text, ']');
    json_write_key(text, "events_left_out");
    json_write_integer(text, (int64_t)query->events_left_out);
}

static void history_write_warning(const char *code, const char *detail, struct text *text)
{
    json_write_key(text, "warnings");
    json_open(text, '[');
    json_open(text, '{');
    json_write_key(text, "code");
    json_write_string(text, code);
    json_write_key(text, "detail");
    json_write_string(text, detail);
    json_close(text, '}');
    json_close(text, ']');
}

static void history_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    struct history_query query = {0};
    struct record tag;
    struct live_table_row row;
    char why[SHM_WHY_SIZE + 32];
    uint64_t kept_from_ms = 0;
    struct text *text = &response->body;
    if (!history_read_query(request, &query, response) || !transaction_begin(thread_ctx, response))
        return;
    if (!request_find_tag(thread_ctx, request, &tag, response)) {
        store_rollback(thread_ctx->store);
        return;
    }
    live_view_read_row(&thread_ctx->live, LIVE_TAG, tag.id, tag.slot, &row);
    if (!transaction_commit(thread_ctx, response))
        return;
    bool is_on =
        history_read_tag(thread_ctx->history, tag.id, &query, &kept_from_ms, why, sizeof why);
    response->status = 200;
    json_open(text, '{');
    json_write_key(text, "device");
    json_write_string(text, tag.device);
    json_write_key(text, "tag");
    json_write_string(text, record_field_text(&tag, TAG_NAME));
    json_write_key(text, "from");
    json_write_integer(text, (int64_t)query.from_ms);
    json_write_key(text, "to");
    json_write_integer(text, (int64_t)query.to_ms);
    json_write_key(text, "kept_from");
    if (is_on)
        json_write_integer(text, (int64_t)kept_from_ms);
    else
        json_write_null(text);
    history_write_points(&query, text);
    history_write_events(&query, &row, text);
    if (!is_on)
        history_write_warning("history_off", why, text);
    else if (record_tag_point(&tag).type == TYPE_STRING)
        history_write_warning("no_points", "A string has no points: only its events are recorded.",
                              text);
    json_close(text, '}');
}

static const struct route history_rows[] = {
    {METHOD_GET, API_PREFIX "/devices/{device}/tags/{tag}/history", QUEUE_REPORT,
     .handle = history_handle_get, .query_params = "from to points"},
};

const struct route_table history_routes = ROUTE_TABLE(history_rows);
