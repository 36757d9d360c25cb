/* The values of tags, in Prometheus's text format. Runs in the Modbus queue: values are those of
 * the registers. */
#include <math.h>
#include <string.h>

#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/live/quality_lookup.h"
#include "api/live/tag_io.h"
#include "api/monitor/monitor_routes.h"
#include "api/store/record_store.h"
#include "common/base/require.h"
#include "common/model/value.h"

enum { TAGS_SHOWN = 10000, TAGS_SHOWN_MAX = 100000, TAGS_AT_ONCE = 1000 };

/* A tag whose value was read. */
struct tag_sample {
    const char *unit;
    bool has_quality; /* MQTT brings its values, or SCADA's expire */
    bool is_good;
};

/* The answer while it is built. The lines of each series must be together, so that each has a text.
 * Tags are read in portions, to limit the memory for their rows. */
struct tag_scrape {
    struct text values, good, ages;
    struct quality_lookup lookup;
    uint64_t now_ms;
    const char *after_device, *after; /* the last tag of the portion */
    size_t room;                      /* tags that the limit still allows */
    bool is_cut;                      /* the limit left out tags */
    size_t seen;                      /* rows of the store in this portion */
    size_t count;                     /* tags of the portion, in the arrays */
    struct tag_io *reads;
    struct live_table_row *rows;
    struct tag_sample *samples;
};

static bool tag_scrape_take(void *context, const struct record *tag)
{
    struct tag_scrape *scrape = context;
    const size_t i = scrape->count;
    const char *direction = record_field_text(tag, TAG_DIRECTION);
    REQUIRE(scrape->seen < TAGS_AT_ONCE && i <= scrape->seen);
    scrape->seen++;
    scrape->after_device = tag->device;
    scrape->after = record_field_text(tag, TAG_NAME);
    struct quality_verdict verdict = quality_lookup_tag(&scrape->lookup, tag, &scrape->rows[i]);
    scrape->reads[i] = tag_io_make(tag, &scrape->lookup.place, &scrape->lookup.terms);
    if (scrape->lookup.terms.is_disabled || scrape->lookup.terms.is_elsewhere ||
        !record_field_integer(tag, TAG_ENABLED) || scrape->reads[i].point.type == TYPE_STRING)
        return true;
    scrape->is_cut = i == scrape->room;
    if (scrape->is_cut)
        return false;
    bool is_setpoint = strcmp(direction, direction_names[TO_MQTT]) == 0;
    scrape->samples[i] =
        (struct tag_sample){.unit = record_field_text(tag, TAG_UNIT),
                            .has_quality = !is_setpoint || scrape->reads[i].expires_s > 0,
                            .is_good = is_setpoint ? verdict.reason != REASON_EXPIRED
                                                   : verdict.quality == QUALITY_GOOD};
    scrape->count++;
    return true;
}

/* Writes a label's value: backslashes, quotes and line ends are escaped. */
static void tag_scrape_write_label(const char *name, const char *value, struct text *text)
{
    text_puts(text, name);
    text_puts(text, "=\"");
    while (*value) {
        size_t plain = strcspn(value, "\\\"\n");
        text_append(text, value, plain);
        value += plain;
        if (*value == '\0')
            break;
        text_putc(text, '\\');
        text_append(text, *value == '\n' ? "n" : value, 1);
        value++;
    }
    text_putc(text, '"');
}

/* Writes `{device="…",tag="…"`; the caller closes the brace. */
static void tag_scrape_begin_line(const char *name, const struct tag_io *read, struct text *text)
{
    text_puts(text, name);
    tag_scrape_write_label("{device", read->device, text);
    tag_scrape_write_label(",tag", read->name, text);
}

/* Writes the value unless it is unknown, NaN or infinite: a missing sample is a gap in a graph, NaN
 * would also spoil each sum. */
static void tag_scrape_write_value(const struct tag_scrape *scrape, size_t i, struct text *text)
{
    const struct tag_io *read = &scrape->reads[i];
    /* Until then a register on the local server is 0. */
    const bool was_written = modbus_location_is_local(&read->place)
                                 ? scrape->rows[i].written_wall_ms != 0
                                 : scrape->rows[i].value.wall_ms != 0;
    char bytes[CODEC_TEXT_SIZE], number[VALUE_TEXT_SIZE];
    struct value value;
    if (!read->ok || (!was_written && !read->is_command))
        return;
    codec_decode(&read->point, read->registers.words, bytes, &value);
    if (value.kind == VALUE_NONE || value.kind == VALUE_TEXT ||
        (value.kind == VALUE_REAL && !isfinite(value.real)))
        return;
    tag_scrape_begin_line("tagferry_tag_value", read, text);
    tag_scrape_write_label(",unit", scrape->samples[i].unit, text);
    text_puts(text, "} ");
    value_format_json(&value, number);
    text_puts(text, value.kind != VALUE_BOOL ? number : value.truth ? "1" : "0");
    text_putc(text, '\n');
}

static void tag_scrape_write_tag(struct tag_scrape *scrape, size_t i)
{
    const struct tag_io *read = &scrape->reads[i];
    const struct live_table_row *row = &scrape->rows[i];
    tag_scrape_write_value(scrape, i, &scrape->values);
    if (!scrape->samples[i].has_quality)
        return;
    bool is_lost = !read->ok && read->fault != FAULT_NONE; /* its server does not answer now */
    tag_scrape_begin_line("tagferry_tag_good", read, &scrape->good);
    text_puts(&scrape->good, scrape->samples[i].is_good && !is_lost ? "} 1\n" : "} 0\n");
    if (row->value.wall_ms == 0)
        return;
    uint64_t age_ms = row_age_ms(row, scrape->now_ms);
    tag_scrape_begin_line("tagferry_tag_age_seconds", read, &scrape->ages);
    text_printf(&scrape->ages, "} %llu.%03u\n", (unsigned long long)(age_ms / 1000),
                (unsigned)(age_ms % 1000));
}

/* Reads and writes the next TAGS_AT_ONCE tags of the list. False when it has answered. */
static bool tag_scrape_run_portion(struct thread_ctx *thread_ctx, struct arena *arena,
                                   struct record_filter *list, struct tag_scrape *scrape,
                                   struct response *response)
{
    list->limit = TAGS_AT_ONCE;
    list->after_device = scrape->after_device;
    list->after = scrape->after;
    scrape->seen = scrape->count = 0;
    scrape->reads = arena_alloc(arena, TAGS_AT_ONCE * sizeof *scrape->reads);
    scrape->rows = arena_alloc(arena, TAGS_AT_ONCE * sizeof *scrape->rows);
    scrape->samples = arena_alloc(arena, TAGS_AT_ONCE * sizeof *scrape->samples);
    if (!transaction_begin(thread_ctx, response))
        return false;
    record_store_each_tag(thread_ctx->store, arena, list, tag_scrape_take, scrape);
    if (!transaction_commit(thread_ctx, response))
        return false;
    tag_io_fetch(&thread_ctx->links, arena, scrape->rows, scrape->reads, scrape->count);
    for (size_t i = 0; i < scrape->count; i++)
        tag_scrape_write_tag(scrape, i);
    scrape->room -= scrape->count;
    return true;
}

static bool tag_scrape_run(struct thread_ctx *thread_ctx, const struct request *request,
                           struct record_filter *list, struct tag_scrape *scrape,
                           struct response *response)
{
    bool ok = true;
    do {
        struct arena arena = {0};
        ok = tag_scrape_run_portion(thread_ctx, &arena, list, scrape, response);
        scrape->after_device = arena_strdup(request->arena, scrape->after_device);
        scrape->after = arena_strdup(request->arena, scrape->after);
        arena_finish(&arena);
    } while (ok && scrape->seen == TAGS_AT_ONCE && !scrape->is_cut);
    return ok;
}

static void tag_scrape_write_series(const char *name, const char *help, struct text *lines,
                                    struct text *text)
{
    text_printf(text, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    text_append(text, lines->data, lines->len);
    text_finish(lines);
}

/* True when the parameter `device` is missing or names a device; else it has answered. */
static bool tag_metrics_check_device(struct thread_ctx *thread_ctx, const struct request *request,
                                     const char *device, struct response *response)
{
    struct record found;
    if (*device == '\0')
        return true;
    if (!transaction_begin(thread_ctx, response))
        return false;
    bool exists = record_store_find_device(thread_ctx->store, request->arena, device, &found);
    if (!transaction_commit(thread_ctx, response))
        return false;
    if (!exists)
        problem_respond(response, 404, "No device has the name \"%.64s\".", device);
    return exists;
}

static void tag_metrics_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                   struct response *response)
{
    const struct query_params *query = &request->query_params;
    const char *why;
    int64_t limit = TAGS_SHOWN;
    struct record_filter list = {.needle = query_param(query, "q", ""),
                                 .device = query_param(query, "device", ""),
                                 .table = ""};
    struct tag_scrape scrape = {.lookup = thread_ctx_make_lookup(thread_ctx),
                                .now_ms = thread_ctx->live.now_ms,
                                .after_device = "",
                                .after = ""};
    struct text *text = &response->body;
    if (!query_param_number(query, "limit", 1, TAGS_SHOWN_MAX, request->arena, &limit, &why)) {
        problem_respond(response, 400, "%s", why);
        return;
    }
    scrape.room = (size_t)limit;
    if (!tag_metrics_check_device(thread_ctx, request, list.device, response) ||
        !tag_scrape_run(thread_ctx, request, &list, &scrape, response))
        return;
    tag_scrape_write_series(
        "tagferry_tag_value",
        "Value of the tag in its unit; a bool is 0 or 1. Missing while unknown.", &scrape.values,
        text);
    tag_scrape_write_series("tagferry_tag_good", "1 while the quality of the tag is good, else 0.",
                            &scrape.good, text);
    tag_scrape_write_series("tagferry_tag_age_seconds",
                            "Age of the newest value. Missing before the first one.", &scrape.ages,
                            text);
    text_printf(&scrape.good, "tagferry_tag_values_cut %d\n", scrape.is_cut);
    tag_scrape_write_series("tagferry_tag_values_cut", "1 if `limit` left out tags, else 0.",
                            &scrape.good, text);
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    response->status = 200;
}

static const struct route tag_metrics_rows[] = {
    {METHOD_GET, "/metrics/values", QUEUE_MODBUS, .handle = tag_metrics_handle_get,
     .query_params = "device q limit"},
};

const struct route_table tag_metrics_routes = ROUTE_TABLE(tag_metrics_rows);
