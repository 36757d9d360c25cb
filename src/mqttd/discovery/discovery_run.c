/* Runs one discovery. */
#include "mqttd/discovery/discovery_run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_limit.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "common/model/topic.h"
#include "common/shared/discovery_file.h"
#include "mqttd/discovery/discovery_sparkplug.h"

enum {
    TICK_MS = 1000,
    SAVE_MS = 1000,
    SAVE_SHARE = 20,     /* saving takes at most this part of the time */
    BUDGET_BURST_S = 10, /* of messages that may come at once, such as retained ones */
    RUN_WHY_SIZE = 512
};

enum filter_state { FILTER_WAITING, FILTER_ASKED, FILTER_ACCEPTED, FILTER_REFUSED };

struct discovery_filter {
    char *text;
    enum filter_state state;
    int number; /* of the SUBSCRIBE packet */
    char reason[80];
};

struct discovery_run {
    struct discovery_run_spec spec;
    struct discovery_filter *filters;
    struct mqtt_session *session; /* NULL: none, or it has ended */
    const struct mqtt_session_options *options;
    void *block; /* of the survey; NULL when it has ended and is saved */
    struct survey *survey;
    struct discovery_status status;
    double tokens; /* messages that the budget has left */
    uint64_t tokens_ms, tick_due_ms, save_due_ms;
    bool is_dirty; /* not all is saved */
    bool has_ended;
    struct log_limit save_failures;
};

static void run_set_state(struct discovery_run *run, enum discovery_state state)
{
    run->is_dirty |= run->status.state != state;
    run->status.state = state;
}

__attribute__((format(printf, 2, 3))) static void run_set_error(struct discovery_run *run,
                                                                const char *format, ...)
{
    char text[DISCOVERY_ERROR_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (strcmp(text, run->status.error) == 0)
        return;
    memcpy(run->status.error, text, sizeof text);
    run->is_dirty = true;
    if (text[0])
        log_warning("discovery %lld: %s", (long long)run->spec.id, text);
}

/* Ends it; what it heard is saved by the next steps. */
static void run_end(struct discovery_run *run, enum discovery_state state)
{
    struct survey_totals totals = survey_read_totals(run->survey);
    mqtt_session_destroy(run->session);
    run->session = NULL;
    run->has_ended = run->is_dirty = true;
    run->save_due_ms = 0;
    run->status.state = state;
    run->status.connected_ms = 0;
    log_info("discovery %lld is %s: %llu message%s of %llu topic%s, %llu over the budget",
             (long long)run->spec.id, discovery_state_names[state],
             (unsigned long long)totals.messages, plural_suffix(totals.messages),
             (unsigned long long)totals.topics, plural_suffix(totals.topics),
             (unsigned long long)run->status.dropped);
}

/* Subscriptions. */

static void run_refuse_filter(struct discovery_filter *filter, const char *reason)
{
    filter->state = FILTER_REFUSED;
    snprintf(filter->reason, sizeof filter->reason, "%s", reason);
}

/* Derives the state from those of the filters. */
static void run_note_answers(struct discovery_run *run)
{
    size_t count[FILTER_REFUSED + 1] = {0};
    const struct discovery_filter *refused = NULL;
    for (size_t i = 0; i < run->spec.filter_count; i++) {
        count[run->filters[i].state]++;
        if (run->filters[i].state == FILTER_REFUSED && !refused)
            refused = &run->filters[i];
    }
    if (count[FILTER_ACCEPTED] > 0)
        run_set_state(run, DISCOVERY_RUNNING);
    if (!refused) {
        run_set_error(run, "%s", "");
    } else {
        size_t others = count[FILTER_REFUSED] - 1;
        char more[40] = "";
        if (others > 0)
            snprintf(more, sizeof more, ", and %zu other%s", others, plural_suffix(others));
        run_set_error(run, "the broker refuses the filter \"%.200s\"%s: %s", refused->text, more,
                      refused->reason);
    }
}

static void run_subscribe(struct discovery_run *run)
{
    for (size_t i = 0; i < run->spec.filter_count; i++) {
        struct discovery_filter *filter = &run->filters[i];
        const char *text = filter->text;
        if (filter->state != FILTER_WAITING)
            continue;
        enum subscribe_result result =
            mqtt_session_subscribe(run->session, &text, 1, 0, true, &filter->number);
        if (result == SUBSCRIBE_LATER)
            return;
        if (result == SUBSCRIBE_SENT)
            filter->state = FILTER_ASKED;
        else
            run_refuse_filter(filter, "the filter cannot be sent");
    }
    run_note_answers(run);
}

static void run_on_connected(void *context, bool kept, const struct subscription_limits *limits)
{
    struct discovery_run *run = context;
    (void)kept;
    run->status.connected_ms = (int64_t)clock_wall_ms();
    run->is_dirty = true;
    for (size_t i = 0; i < run->spec.filter_count; i++) {
        struct discovery_filter *filter = &run->filters[i];
        bool is_shared = topic_filter_body(filter->text) != filter->text;
        filter->state = FILTER_WAITING;
        if (limits->no_wildcards && topic_has_wildcard(filter->text))
            run_refuse_filter(filter, "it has no subscriptions with wildcards");
        else if (limits->no_shared && is_shared)
            run_refuse_filter(filter, "it has no shared subscriptions");
    }
    run_subscribe(run);
}

static bool run_on_lost(void *context, bool by_broker)
{
    struct discovery_run *run = context;
    (void)by_broker;
    run->status.connected_ms = 0;
    run->is_dirty = true;
    return false;
}

static void run_on_suback(void *context, int number, const int *codes, size_t count)
{
    struct discovery_run *run = context;
    for (size_t i = 0; i < run->spec.filter_count; i++) {
        struct discovery_filter *filter = &run->filters[i];
        if (filter->state != FILTER_ASKED || filter->number != number)
            continue;
        if (count == 1 && codes[0] < 0x80)
            filter->state = FILTER_ACCEPTED;
        else
            run_refuse_filter(filter, mqtt_session_suback_reason(count == 1 ? codes[0] : 0x80));
    }
    run_note_answers(run);
}

static void run_on_published(void *context, int number, const char *refusal)
{
    (void)context, (void)number, (void)refusal;
}

/* Messages. */

/* Takes one message out of the budget. */
static bool run_take_token(struct discovery_run *run)
{
    uint64_t now = clock_steady_ms();
    double rate = run->spec.limits.messages_per_s, most = rate * BUDGET_BURST_S;
    run->tokens += (double)(now - run->tokens_ms) * rate / 1000;
    run->tokens_ms = now;
    if (run->tokens > most)
        run->tokens = most;
    if (run->tokens < 1)
        return false;
    run->tokens -= 1;
    return true;
}

static void run_on_message(void *context, const struct mqtt_message *message)
{
    struct discovery_run *run = context;
    run->is_dirty = true;
    counters_add(run->spec.counters, MQTTD_DISCOVERY_MESSAGES, 1);
    if (!run_take_token(run)) {
        run->status.dropped++;
        counters_add(run->spec.counters, MQTTD_DISCOVERY_DROPPED, 1);
        return;
    }
    int64_t now = (int64_t)clock_wall_ms();
    if (!discovery_add_sparkplug(run->survey, message, now))
        survey_add_message(run->survey, message->topic, message->payload, message->len,
                           message->retained, now);
}

void discovery_run_read(struct discovery_run *run)
{
    if (run->session)
        mqtt_session_read(run->session);
}

/* The file. */

static void run_save(struct discovery_run *run)
{
    char why[DISCOVERY_WHY_SIZE];
    uint64_t begin = clock_steady_ms();
    if (!run->block || !run->is_dirty || begin < run->save_due_ms)
        return;
    bool saved =
        discovery_file_write(run->spec.runtime_dir, &run->status, run->survey, why, sizeof why);
    uint64_t now = clock_steady_ms(), pause = (now - begin) * SAVE_SHARE;
    run->save_due_ms = now + (pause > SAVE_MS ? pause : SAVE_MS);
    if (!saved) {
        if (log_limit_count_event(&run->save_failures, now)) {
            log_warning("discovery %lld cannot save what it heard, retrying: %s",
                        (long long)run->spec.id, why);
            log_limit_mark_logged(&run->save_failures, now);
        }
        return;
    }
    run->is_dirty = false;
    if (run->has_ended) {
        munmap(run->block, run->spec.limits.memory_bytes);
        run->block = NULL;
        run->survey = NULL;
    }
}

/* Continues from the file, if there is one that can be read. */
static void run_make_survey(struct discovery_run *run)
{
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_file file;
    size_t size = run->spec.limits.memory_bytes;
    enum discovery_file_result result =
        discovery_file_read(run->spec.runtime_dir, run->spec.id, &file, why, sizeof why);
    if (result == DISCOVERY_FILE_FAILED)
        log_warning("discovery %lld begins again without what it had heard: %s",
                    (long long)run->spec.id, why);
    run->survey = result == DISCOVERY_FILE_READ ? survey_copy(run->block, size, file.survey)
                                                : survey_make(run->block, size);
    if (result == DISCOVERY_FILE_READ) {
        run->status.dropped = file.status.dropped;
        run->status.state = file.status.state;
        run->has_ended =
            run->status.state == DISCOVERY_DONE || run->status.state == DISCOVERY_REFUSED;
        if (run->has_ended)
            memcpy(run->status.error, file.status.error, sizeof run->status.error);
        else
            run->status.state = DISCOVERY_WAITING;
    }
    discovery_file_finish(&file);
}

struct discovery_run *discovery_run_create(const struct discovery_run_spec *spec)
{
    REQUIRE(spec->runtime_dir && spec->filter_count <= DISCOVERY_FILTERS_MAX);
    struct discovery_run *run = calloc(1, sizeof *run);
    struct discovery_filter *filters = calloc(spec->filter_count + 1, sizeof *filters);
    void *block = mmap(NULL, spec->limits.memory_bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        block = NULL;
    for (size_t i = 0; filters && i < spec->filter_count; i++)
        filters[i].text = spec->filters[i];
    if (!run || !filters || !block) {
        for (size_t i = 0; i < spec->filter_count; i++)
            free(spec->filters[i]);
        free(spec->filters);
        free(filters);
        free(run);
        if (block)
            munmap(block, spec->limits.memory_bytes);
        return NULL;
    }
    free(spec->filters);
    *run = (struct discovery_run){.spec = *spec, .filters = filters, .block = block};
    run->spec.filters = NULL;
    run->tokens = (double)spec->limits.messages_per_s * BUDGET_BURST_S;
    run->tokens_ms = clock_steady_ms();
    run->is_dirty = true;
    run->status.id = spec->id;
    run_make_survey(run);
    run->status.budget = spec->limits.messages_per_s;
    run->status.memory = spec->limits.memory_bytes;
    if (spec->filter_count == 0 && !run->has_ended) {
        run_set_error(run, "it has no filters");
        run_end(run, DISCOVERY_REFUSED);
    }
    return run;
}

void discovery_run_destroy(struct discovery_run *run)
{
    if (!run)
        return;
    mqtt_session_destroy(run->session);
    if (!run->has_ended) {
        run_set_state(run, DISCOVERY_WAITING);
        run->status.connected_ms = 0;
    }
    run->save_due_ms = 0;
    run_save(run);
    for (size_t i = 0; i < run->spec.filter_count; i++)
        free(run->filters[i].text);
    free(run->filters);
    if (run->block)
        munmap(run->block, run->spec.limits.memory_bytes);
    free(run);
}

int64_t discovery_run_id(const struct discovery_run *run)
{
    return run->spec.id;
}

bool discovery_run_has_ended(const struct discovery_run *run)
{
    return run->has_ended;
}

bool discovery_run_is_saved(const struct discovery_run *run)
{
    return run->has_ended && !run->block;
}

void discovery_run_connect(struct discovery_run *run, const struct mqtt_session_options *options)
{
    char why[RUN_WHY_SIZE];
    const struct mqtt_session_hooks hooks = {.context = run,
                                             .message = run_on_message,
                                             .connected = run_on_connected,
                                             .lost = run_on_lost,
                                             .suback = run_on_suback,
                                             .published = run_on_published};
    if (run->has_ended)
        return;
    mqtt_session_destroy(run->session);
    run->options = options;
    run->status.connected_ms = 0;
    run->session = mqtt_session_create(options, &hooks, why, sizeof why);
    run->tick_due_ms = 0;
    if (!run->session) {
        run->tick_due_ms = clock_steady_ms() + TICK_MS;
        run_set_error(run, "%s", why);
    }
}

/* Says why there is no connection, once an attempt has failed. */
static void run_note_link(struct discovery_run *run)
{
    const struct broker_link *link = mqtt_session_link(run->session);
    if (mqtt_session_is_connected(run->session))
        return;
    run_set_state(run, DISCOVERY_WAITING);
    if (!mqtt_session_has_failed(run->session))
        return;
    run_set_error(run, "no connection to the broker (%s): %s", broker_reason_names[link->down],
                  link->words);
    if (link->on_subscribe >= BROKER_LINK_SHORT_MAX)
        run_end(run, DISCOVERY_REFUSED);
}

static bool run_is_refused(const struct discovery_run *run)
{
    for (size_t i = 0; i < run->spec.filter_count; i++) {
        if (run->filters[i].state != FILTER_REFUSED)
            return false;
    }
    return true;
}

void discovery_run_step(struct discovery_run *run, int epoll_fd, uint64_t number)
{
    uint64_t now = clock_steady_ms();
    if (!run->has_ended && (int64_t)clock_wall_ms() >= run->spec.ends_ms)
        run_end(run, DISCOVERY_DONE);
    if (!run->has_ended && !run->session && run->options && now >= run->tick_due_ms)
        discovery_run_connect(run, run->options);
    if (run->session) {
        mqtt_session_tick(run->session);
        if (mqtt_session_is_connected(run->session) && now >= run->tick_due_ms) {
            run->tick_due_ms = now + TICK_MS;
            run_subscribe(run);
        }
        mqtt_session_flush(run->session);
        if (run_is_refused(run))
            run_end(run, DISCOVERY_REFUSED);
        else
            run_note_link(run);
    }
    if (run->session)
        mqtt_session_watch_socket(run->session, epoll_fd, number);
    run_save(run);
}

int discovery_run_due_ms(const struct discovery_run *run, int wait)
{
    int due = run->session ? mqtt_session_due_ms(run->session) : -1;
    int64_t left = run->spec.ends_ms - (int64_t)clock_wall_ms();
    if (due >= 0 && due < wait)
        wait = due;
    if (!run->has_ended && left < wait)
        wait = left > 0 ? (int)left : 0;
    return wait;
}
