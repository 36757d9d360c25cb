/* Connects the stream with what shows it, and connects again after a loss. */
#include "ctl/watch/watch.h"

#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "ctl/base/interrupt.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"
#include "ctl/watch/watch_internal.h"

/* The server sends at least a heartbeat each 3 s. */
enum { SILENCE_MS = 8000, WAKE_MS = 250, TAGS_AGAIN_MS = 2000, ASK_TIMEOUT_MS = 3000 };

int64_t watch_shown_time(const struct watch *watch)
{
    return watch->link == WATCH_LOST ? watch->truth_ms : (int64_t)clock_steady_ms();
}

static void watch_note_truth(struct watch *watch)
{
    time_t now = time(NULL);
    struct tm local;
    watch->truth_ms = (int64_t)clock_steady_ms();
    if (localtime_r(&now, &local))
        strftime(watch->truth, sizeof watch->truth, "%H:%M:%S", &local);
}

/* Gets the tags that are watched. */
static enum ctl_status watch_read_tags(struct watch *watch, struct client *client)
{
    struct pages tags;
    void *mark = keep_mark();
    enum ctl_status status = pages_get(client, "/tags", watch->query, 0, "the tags", &tags);
    if (status == CTL_DONE) {
        watch_rows_take_tags(&watch->rows, &tags, (int64_t)clock_steady_ms());
        watch->needs_tags = false;
    }
    keep_release(mark);
    client_forget_replies(client);
    malloc_trim(0); /* the list was many times larger than what is kept of it */
    watch->tags_ms = (int64_t)clock_steady_ms();
    return status;
}

static void watch_take_event(void *context, const char *name, const char *data, size_t len)
{
    struct watch *watch = context;
    if (strcmp(name, "values") == 0) {
        watch_rows_take_values(&watch->rows, data, len, (int64_t)clock_steady_ms());
    } else if (strcmp(name, "revision") == 0) {
        cJSON *json = cJSON_ParseWithLength(data, len);
        double revision = json_read_number(json, "revision");
        watch->needs_tags =
            watch->needs_tags || (watch->revision >= 0 && revision != watch->revision);
        watch->revision = revision;
        watch->rows.keeps_early = watch->needs_tags;
        cJSON_Delete(json);
    } else if (strcmp(name, "complete") == 0) {
        watch->link = WATCH_LIVE;
        watch->was_live = true;
    }
}

static void watch_take_bytes(void *context, const char *bytes, size_t len)
{
    struct watch *watch = context;
    event_stream_take(&watch->events, bytes, len);
    if (watch->link == WATCH_LIVE)
        watch_note_truth(watch);
}

/* Shows what has changed and takes keys. True until the user ends it. */
static bool watch_show(struct watch *watch)
{
    if (watch->screen) {
        watch_screen_take_keys(watch->screen, watch);
        watch_screen_draw(watch->screen, watch);
    } else {
        /* Without a change it would not notice that the reader of a pipe has gone. */
        struct pollfd output = {.fd = STDOUT_FILENO};
        watch->is_ended = watch->is_ended || fflush(stdout) != 0 ||
                          (poll(&output, 1, 0) > 0 && (output.revents & POLLERR) != 0);
    }
    watch->is_ended = watch->is_ended || interrupt_signal() != 0;
    return !watch->is_ended;
}

static bool watch_wake(void *context, bool has_input)
{
    struct watch *watch = context;
    (void)has_input; /* keys are asked for in any case */
    if (watch->needs_tags && (int64_t)clock_steady_ms() - watch->tags_ms > TAGS_AGAIN_MS)
        watch_read_tags(watch, watch->asker);
    return watch_show(watch);
}

/* Waits before the next attempt, and shows that the values are old. */
static void watch_wait(struct watch *watch, const struct backoff *backoff)
{
    unsigned left;
    while (watch_show(watch) && (left = backoff_remaining_ms(backoff, clock_steady_ms())) > 0) {
        struct pollfd input = {.fd = watch->screen ? STDIN_FILENO : -1, .events = POLLIN};
        poll(&input, 1, left < WAKE_MS ? (int)left : WAKE_MS);
    }
}

static void watch_lose(struct watch *watch, const char *reason)
{
    bool is_news = watch->link != WATCH_LOST;
    watch->link = WATCH_LOST;
    snprintf(watch->reason, sizeof watch->reason, "%s", reason);
    if (!watch->screen && is_news)
        fprintf(stderr, "tagferryctl: the connection to %s is lost: %s\n",
                client_server(watch->ctl->client), watch->reason);
}

/* Connects until the user ends it, or the server refuses from the first. */
static enum ctl_status watch_run_streams(struct watch *watch)
{
    const struct client_stream stream = {.on_bytes = watch_take_bytes,
                                         .on_wake = watch_wake,
                                         .context = watch,
                                         .input_fd = watch->screen ? STDIN_FILENO : -1,
                                         .wake_ms = WAKE_MS,
                                         .silence_ms = SILENCE_MS};
    const struct client_request request = {.path = "/values/stream",
                                           .query = query_add(NULL, "device", watch->device),
                                           .accept = "text/event-stream"};
    struct backoff backoff = {0};
    struct client_reply reply;
    while (!watch->is_ended) {
        void *mark = keep_mark();
        event_stream_reset(&watch->events);
        enum ctl_status status = client_run_stream(watch->ctl->client, &request, &stream, &reply);
        if (watch->is_ended)
            break;
        if (!watch->was_live) { /* the terminal has to be as before first */
            watch_screen_close(watch->screen);
            watch->screen = NULL;
            if (status == CTL_DONE)
                return problem_print(&reply, "the stream of values");
            fprintf(stderr, "tagferryctl: %s: %s\n", client_server(watch->ctl->client),
                    client_reason(watch->ctl->client));
            return CTL_UNREACHABLE;
        }
        if (watch->link == WATCH_LIVE)
            backoff = (struct backoff){0};
        watch_lose(watch, status == CTL_DONE ? json_read_text(reply.json, "detail")
                                             : client_reason(watch->ctl->client));
        client_forget_replies(watch->ctl->client);
        keep_release(mark);
        backoff_add_failure(&backoff, clock_steady_us());
        watch_wait(watch, &backoff);
        if (!watch->is_ended && watch_read_tags(watch, watch->asker) == CTL_DONE)
            watch->link = WATCH_CONNECTING;
    }
    return CTL_DONE;
}

static void watch_read_flags(struct watch *watch)
{
    const struct ctl *ctl = watch->ctl;
    const char *sort = ctl_flag_value(ctl, FLAG_SORT);
    const char *devices = ctl_flag_list(ctl, FLAG_DEVICE);
    /* The server takes one device. */
    watch->rows.only_wrong = ctl_has_flag(ctl, FLAG_WRONG);
    watch->device = devices && !strchr(devices, ',') ? devices : NULL;
    watch->query = query_add(NULL, "q", ctl_flag_value(ctl, FLAG_SEARCH));
    watch->query = query_add(watch->query, "device", watch->device);
    watch->rows.devices = watch->device ? NULL : devices;
    watch->query = query_add(watch->query, "table", ctl_flag_value(ctl, FLAG_TABLE));
    for (int i = 0; sort && i < WATCH_SORT_COUNT; i++) {
        if (strcmp(watch_sort_names[i], sort) == 0)
            watch->rows.sort = (enum watch_sort)i;
    }
}

static enum ctl_status watch_run(struct ctl *ctl)
{
    struct watch watch = {.ctl = ctl, .revision = -1};
    struct client_settings quiet = ctl->settings;
    const char *term = getenv("TERM");
    watch.events = (struct event_stream){.on_event = watch_take_event, .context = &watch};
    watch_read_flags(&watch);
    quiet.is_quiet = true;
    quiet.timeout_ms = quiet.timeout_ms < ASK_TIMEOUT_MS ? quiet.timeout_ms : ASK_TIMEOUT_MS;
    watch.asker = client_create(&quiet);
    enum ctl_status status = watch.asker ? watch_read_tags(&watch, ctl->client) : CTL_REFUSED;
    if (status != CTL_DONE) {
        client_destroy(watch.asker);
        return status;
    }
    interrupt_begin();
    if (ctl->terminal.format == OUTPUT_TABLE && ctl->terminal.is_terminal && isatty(STDIN_FILENO) &&
        term && strcmp(term, "dumb") != 0)
        watch.screen = watch_screen_open(&ctl->terminal);
    if (!watch.screen)
        watch_lines_begin(&watch);
    status = watch_run_streams(&watch);
    watch_screen_close(watch.screen);
    interrupt_end();
    event_stream_finish(&watch.events);
    watch_rows_finish(&watch.rows);
    client_destroy(watch.asker);
    return status;
}

const struct command watch_command = {
    .name = "watch",
    .most = 0,
    .summary = "Show values as they change",
    .details =
        "On a terminal a live table, like top: arrows and PgUp, PgDn scroll, s and r choose the "
        "order, w shows only what is wrong, / searches, q quits. While the connection is lost, the "
        "values are grey, and the last line has the time when they were true.\n\n"
        "In a pipe, on a dumb terminal and with --output json or csv, it prints all values and "
        "then a line for each change of a value, quality or reason. Ctrl-C ends it.",
    .flags = {FLAG_SEARCH, FLAG_DEVICE, FLAG_TABLE, FLAG_WRONG, FLAG_SORT},
    .examples = {"tagferryctl watch --wrong", "tagferryctl watch -d boiler-7 -o json | jq .value"},
    .run = watch_run,
};
