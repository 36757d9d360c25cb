/* A target that is played without its thread, its server and the time: the Modbus client, the waits
 * of the thread and the clocks are replaced. Each step is a line of text: what the thread waits
 * for, asks the server, logs and counts, and when.
 *
 * Link with --wrap for each __wrap_ function below, and for those of set_clock.h. */
#ifndef TAGFERRY_TESTS_TARGET_PLAY_H
#define TAGFERRY_TESTS_TARGET_PLAY_H

#include "live_fixture.h"
#include "set_clock.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "mqttd/targets/target_internal.h"

enum { PLAY_ROWS = 100, PLAY_DIGEST = 77, PLAY_EVENTS = 100, PLAY_REPLIES = 100 };
enum { PLAY_REQUEST_MS = 2 };

/* The answer of the server to a request. Without one it does what the request asks. */
struct reply {
    enum modbus_result result;
    enum modbus_failure failure;
    enum tls_fault tls_fault;
    uint8_t exception;
    unsigned losses, unmasked; /* so much more are counted */
    unsigned takes_ms;         /* 0: PLAY_REQUEST_MS */
    unsigned backoff_ms;       /* of the connection, after it */
    unsigned late_ms;          /* of the unit, after it */
    size_t answered;           /* of several requests: the first ones have an answer */
    size_t refused;            /* of several requests: the number of the refused one, from 1 */
    const char *reason;
};

struct fake_client {
    char letter; /* of its lines; 0: there is no such client */
    unsigned timeout_ms;
    uint64_t losses, unmasked, backoff_until_ms, late_until_ms[CHANNELS_MAX];
    enum modbus_failure failure;
    enum tls_fault tls_fault;
    uint8_t exception;
    const char *reason;
    bool is_closed, has_connection;
    size_t begun_count;
    bool (*pause)(void *context);
    void *pause_context;
};

/* What happens to the target while its thread waits, or makes a request. */
struct event {
    uint64_t at_ms; /* since the beginning of the scene */
    void (*act)(void);
    bool is_readable; /* a socket, and not a wake-up */
};

static struct {
    struct folder *folder;
    struct target *target;
    struct target_spec spec;
    struct counters counters;
    _Atomic uint64_t counted[MQTTD_COUNTERS];
    struct memory_shortage memory_shortage;
    struct wakeup notify;
    struct fake_client clients[SENDER_LINKS_MAX];
    struct event events[PLAY_EVENTS];
    size_t event, event_count;
    struct reply replies[PLAY_REPLIES];
    size_t reply, reply_count;
    uint16_t registers[CHANNELS_MAX][PLAY_ROWS];
    bool has_no_thread, has_no_client, refuses_begin, has_not_sent, trusts_nobody;
    bool is_quiet;         /* nothing is said with a time */
    bool has_no_memory;    /* arrays do not grow */
    bool leaves_out_waits; /* waits and looks at the connection are not said */
    char *text;
    size_t len, room;
} play;

static inline void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void say_raw(const char *format, va_list list)
{
    if (play.room - play.len < 4096) {
        play.room = play.room ? play.room * 2 : 16384;
        char *text = malloc(play.room);
        assert_non_null(text);
        if (play.text)
            memcpy(text, play.text, play.len);
        free(play.text);
        play.text = text;
    }
    play.len += (size_t)vsnprintf(play.text + play.len, play.room - play.len, format, list);
    assert_true(play.len < play.room);
}

static inline void say_more(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void say_more(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    say_raw(format, list);
    va_end(list);
}

static inline uint64_t play_now(void)
{
    return set_clock_ms - SET_CLOCK_START;
}

/* A line, with the time since the beginning of the scene. */
static inline void say(const char *format, ...)
{
    va_list list;
    if (play.is_quiet)
        return;
    say_more("%6llu ", (unsigned long long)play_now());
    va_start(list, format);
    say_raw(format, list);
    va_end(list);
    say_more("\n");
}

#define LOG_FAKE(name, word)                                                                       \
    void __wrap_##name(const char *format, ...);                                                   \
    void __wrap_##name(const char *format, ...)                                                    \
    {                                                                                              \
        char line[1024];                                                                           \
        va_list list;                                                                              \
        va_start(list, format);                                                                    \
        vsnprintf(line, sizeof line, format, list);                                                \
        va_end(list);                                                                              \
        say(word " %s", line);                                                                     \
    }

LOG_FAKE(log_error, "error")
LOG_FAKE(log_warning, "warning")
LOG_FAKE(log_info, "info")

uint64_t __wrap_clock_steady_us(void);
uint64_t __wrap_clock_steady_us(void)
{
    return set_clock_ms * 1000 - set_clock_ms * 1000 % 1000000; /* back-offs are not shortened */
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
    if (!play.has_no_memory)
        return __real_realloc(old, size);
    errno = ENOMEM;
    return NULL;
}

/* The thread. */

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context);
bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context)
{
    (void)thread, (void)run, (void)context;
    say("thread \"%s\"", name);
    errno = EAGAIN;
    return !play.has_no_thread;
}

void __wrap_thread_wake(struct thread *thread);
void __wrap_thread_wake(struct thread *thread)
{
    (void)thread;
    say("wake");
}

void __wrap_thread_stop(struct thread *thread);
void __wrap_thread_stop(struct thread *thread)
{
    atomic_store(&thread->stopping, true);
}

void __wrap_wakeup_raise(struct wakeup *wakeup);
void __wrap_wakeup_raise(struct wakeup *wakeup)
{
    assert_ptr_equal(wakeup, &play.notify);
    say("notify");
}

/* Lets the time pass to the next event, or to the end of the wait. */
static inline bool play_wait(const char *what, int timeout_ms)
{
    assert_true(timeout_ms >= 0);
    uint64_t until = play_now() + (uint64_t)timeout_ms;
    if (!play.leaves_out_waits)
        say("%s %d", what, timeout_ms);
    assert_true(play.event < play.event_count); /* the last one stops the thread */
    const struct event *event = &play.events[play.event];
    if (event->at_ms > until) {
        set_clock_ms = SET_CLOCK_START + until;
        return false;
    }
    if (event->at_ms > play_now())
        set_clock_ms = SET_CLOCK_START + event->at_ms;
    play.event++;
    if (event->act)
        event->act();
    return event->is_readable;
}

bool __wrap_thread_wait_fds(struct thread *thread, const int *fds, size_t count, int timeout_ms);
bool __wrap_thread_wait_fds(struct thread *thread, const int *fds, size_t count, int timeout_ms)
{
    char what[64] = "wait";
    assert_ptr_equal(thread, &play.target->thread);
    assert_int_equal(count, SENDER_LINKS_MAX);
    if (play.spec.local)
        snprintf(what, sizeof what, "wait for %d %d", fds[0], fds[1]);
    return play_wait(what, timeout_ms);
}

void __wrap_thread_wait(struct thread *thread, int timeout_ms);
void __wrap_thread_wait(struct thread *thread, int timeout_ms)
{
    assert_ptr_equal(thread, &play.target->thread);
    play_wait("rest", timeout_ms);
}

/* The Modbus client. */

static inline struct fake_client *fake_of(const struct modbus_client *link)
{
    struct fake_client *fake = (struct fake_client *)(uintptr_t)link;
    assert_true(fake >= play.clients && fake < play.clients + SENDER_LINKS_MAX && fake->letter);
    return fake;
}

static inline struct modbus_client *make_client(unsigned timeout_ms)
{
    for (size_t i = 0; i < SENDER_LINKS_MAX && !play.has_no_client; i++) {
        if (play.clients[i].letter)
            continue;
        play.clients[i] =
            (struct fake_client){.letter = (char)('A' + i), .timeout_ms = timeout_ms, .reason = ""};
        return (struct modbus_client *)&play.clients[i];
    }
    return NULL;
}

struct modbus_client *__wrap_modbus_client_create(const struct net_addr *server,
                                                  unsigned timeout_ms);
struct modbus_client *__wrap_modbus_client_create(const struct net_addr *server,
                                                  unsigned timeout_ms)
{
    say("client of %s port %u, %u ms", server->host, server->port, timeout_ms);
    return make_client(timeout_ms);
}

struct modbus_client *__wrap_modbus_client_create_for(const struct modbus_endpoint *endpoint,
                                                      unsigned timeout_ms);
struct modbus_client *__wrap_modbus_client_create_for(const struct modbus_endpoint *endpoint,
                                                      unsigned timeout_ms)
{
    return __wrap_modbus_client_create(&endpoint->addr, timeout_ms);
}

void __wrap_modbus_client_destroy(struct modbus_client *link);
void __wrap_modbus_client_destroy(struct modbus_client *link)
{
    if (link)
        fake_of(link)->letter = 0;
}

void __wrap_modbus_client_use_tls(struct modbus_client *link, struct modbus_tls_keeper *keeper);
void __wrap_modbus_client_use_tls(struct modbus_client *link, struct modbus_tls_keeper *keeper)
{
    say("%c has %s", fake_of(link)->letter, keeper == play.spec.tls ? "the keeper" : "another");
}

void __wrap_modbus_client_serve_units(struct modbus_client *link, bool (*pause)(void *),
                                      void *context);
void __wrap_modbus_client_serve_units(struct modbus_client *link, bool (*pause)(void *),
                                      void *context)
{
    fake_of(link)->pause = pause;
    fake_of(link)->pause_context = context;
    say("%c serves units", fake_of(link)->letter);
}

bool __wrap_modbus_client_trust_server(struct modbus_client *link);
bool __wrap_modbus_client_trust_server(struct modbus_client *link)
{
    say("%c is trusted", fake_of(link)->letter);
    return !play.trusts_nobody;
}

void __wrap_modbus_client_interrupt(struct modbus_client *link);
void __wrap_modbus_client_interrupt(struct modbus_client *link)
{
    say("interrupt %c", fake_of(link)->letter);
}

int __wrap_modbus_client_socket(const struct modbus_client *link);
int __wrap_modbus_client_socket(const struct modbus_client *link)
{
    struct fake_client *fake = fake_of(link);
    return fake->has_connection ? 10 + fake->letter - 'A' : -1;
}

bool __wrap_modbus_client_check_closed(struct modbus_client *link);
bool __wrap_modbus_client_check_closed(struct modbus_client *link)
{
    struct fake_client *fake = fake_of(link);
    bool is_closed = fake->is_closed;
    if (!play.leaves_out_waits)
        say("%c check%s", fake->letter, is_closed ? ": closed" : "");
    fake->is_closed = false;
    fake->losses += is_closed;
    fake->has_connection &= !is_closed;
    return is_closed;
}

static inline unsigned ms_until(uint64_t at_ms)
{
    return at_ms > set_clock_ms ? (unsigned)(at_ms - set_clock_ms) : 0;
}

unsigned __wrap_modbus_client_backoff_ms(const struct modbus_client *link);
unsigned __wrap_modbus_client_backoff_ms(const struct modbus_client *link)
{
    return ms_until(fake_of(link)->backoff_until_ms);
}

unsigned __wrap_modbus_client_unit_wait_ms(const struct modbus_client *link, uint8_t unit);
unsigned __wrap_modbus_client_unit_wait_ms(const struct modbus_client *link, uint8_t unit)
{
    return ms_until(fake_of(link)->late_until_ms[unit]);
}

const char *__wrap_modbus_client_reason(const struct modbus_client *link);
const char *__wrap_modbus_client_reason(const struct modbus_client *link)
{
    return fake_of(link)->reason;
}

enum modbus_failure __wrap_modbus_client_failure(const struct modbus_client *link);
enum modbus_failure __wrap_modbus_client_failure(const struct modbus_client *link)
{
    return fake_of(link)->failure;
}

uint8_t __wrap_modbus_client_exception(const struct modbus_client *link);
uint8_t __wrap_modbus_client_exception(const struct modbus_client *link)
{
    return fake_of(link)->exception;
}

enum tls_fault __wrap_modbus_client_tls_fault(const struct modbus_client *link);
enum tls_fault __wrap_modbus_client_tls_fault(const struct modbus_client *link)
{
    return fake_of(link)->tls_fault;
}

uint64_t __wrap_modbus_client_unmasked_count(const struct modbus_client *link);
uint64_t __wrap_modbus_client_unmasked_count(const struct modbus_client *link)
{
    return fake_of(link)->unmasked;
}

uint64_t __wrap_modbus_client_loss_count(const struct modbus_client *link);
uint64_t __wrap_modbus_client_loss_count(const struct modbus_client *link)
{
    return fake_of(link)->losses;
}

/* Takes the next reply, and lets its time pass. */
static inline struct reply take_reply(struct fake_client *fake, uint8_t unit)
{
    struct reply reply = {.answered = PIPELINE_MAX};
    if (play.reply < play.reply_count)
        reply = play.replies[play.reply++];
    static const char *const words[] = {"ok", "unreachable", "exception"};
    if (!play.is_quiet) {
        say_more(" -> %s", words[reply.result]);
        say_more(reply.result == MODBUS_EXCEPTION ? " %u\n" : "\n", reply.exception);
    }
    set_clock_ms += reply.takes_ms ? reply.takes_ms : PLAY_REQUEST_MS;
    fake->failure = reply.failure;
    fake->exception = reply.exception;
    fake->tls_fault = reply.tls_fault;
    fake->reason = reply.reason ? reply.reason : "no reason";
    fake->losses += reply.losses;
    fake->unmasked += reply.unmasked;
    fake->has_connection = reply.result != MODBUS_UNREACHABLE;
    fake->backoff_until_ms = reply.backoff_ms ? set_clock_ms + reply.backoff_ms : 0;
    fake->late_until_ms[unit] = reply.late_ms ? set_clock_ms + reply.late_ms : 0;
    return reply;
}

/* The line that was said last goes on. */
static inline void join_line(void)
{
    if (!play.is_quiet)
        play.len--;
}

static inline void say_request(const struct fake_client *fake, const char *what, uint8_t unit,
                               uint16_t address, uint16_t count)
{
    say("%c %s %u:%u+%u", fake->letter, what, unit, address, count);
    join_line();
}

/* As one word for many that are equal. */
static inline void say_words(const uint16_t *words, uint16_t count)
{
    for (uint16_t i = 0; i < count; i++) {
        uint16_t same = 1;
        while (i + same < count && words[i + same] == words[i])
            same++;
        say_more(same > 2 ? " %u*%u" : " %u", words[i], same);
        i = (uint16_t)(i + (same > 2 ? same - 1 : 0));
    }
}

static inline void store_words(uint8_t unit, uint16_t address, uint16_t count,
                               const uint16_t *words)
{
    for (uint16_t i = 0; i < count; i++)
        play.registers[unit][(address + i) % PLAY_ROWS] = words[i];
}

enum modbus_result __wrap_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words);
enum modbus_result __wrap_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words)
{
    char what[40];
    snprintf(what, sizeof what, "read %s", table_names[table]);
    say_request(fake_of(link), what, unit, address, count);
    struct reply reply = take_reply(fake_of(link), unit);
    for (uint16_t i = 0; reply.result == MODBUS_OK && i < count; i++)
        words[i] = play.registers[unit][(address + i) % PLAY_ROWS];
    return reply.result;
}

static inline enum modbus_result fake_write(const char *verb, struct modbus_client *link,
                                            uint8_t unit, enum modbus_table table, uint16_t address,
                                            uint16_t count, const uint16_t *words)
{
    char what[40];
    snprintf(what, sizeof what, "%s %s", verb, table_names[table]);
    say_request(fake_of(link), what, unit, address, count);
    say_words(words, count);
    struct reply reply = take_reply(fake_of(link), unit);
    if (reply.result == MODBUS_OK)
        store_words(unit, address, count, words);
    return reply.result;
}

enum modbus_result __wrap_modbus_client_write(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t count, const uint16_t *words);
enum modbus_result __wrap_modbus_client_write(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t count, const uint16_t *words)
{
    return fake_write("write", link, unit, table, address, count, words);
}

enum modbus_result __wrap_modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                                     enum modbus_table table, uint16_t address,
                                                     uint16_t number);
enum modbus_result __wrap_modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                                     enum modbus_table table, uint16_t address,
                                                     uint16_t number)
{
    return fake_write("single", link, unit, table, address, 1, &number);
}

enum modbus_result __wrap_modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                                   uint16_t address, uint16_t mask, uint16_t bits);
enum modbus_result __wrap_modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                                   uint16_t address, uint16_t mask, uint16_t bits)
{
    say_request(fake_of(link), "mask", unit, address, 1);
    say_more(" %04x of %04x", bits, mask);
    struct reply reply = take_reply(fake_of(link), unit);
    uint16_t *at = &play.registers[unit][address % PLAY_ROWS];
    if (reply.result == MODBUS_OK)
        *at = (uint16_t)((*at & ~mask) | (bits & mask));
    return reply.result;
}

/* The answers to several requests. */
static inline enum modbus_result fake_many(struct fake_client *fake, const char *verb,
                                           struct pipeline_request *requests, size_t count)
{
    say("%c %s", fake->letter, verb);
    for (size_t i = 0; i < count; i++) {
        const struct pipeline_request *request = &requests[i];
        join_line();
        say_more(" [%u %u:%u+%u", request->function, request->unit, request->address,
                 request->count);
        if (request->mask)
            say_more(" of %04x", request->mask);
        say_words(request->words, request->count);
        say_more("]\n");
    }
    join_line();
    struct reply reply = take_reply(fake, requests[0].unit);
    for (size_t i = 0; i < count; i++) {
        requests[i].answered = reply.result == MODBUS_OK || i < reply.answered;
        requests[i].exception = reply.refused == i + 1 ? PDU_ILLEGAL_ADDRESS : 0;
    }
    return reply.result;
}

enum modbus_result __wrap_modbus_client_request_many(struct modbus_client *link,
                                                     struct pipeline_request *requests,
                                                     size_t count);
enum modbus_result __wrap_modbus_client_request_many(struct modbus_client *link,
                                                     struct pipeline_request *requests,
                                                     size_t count)
{
    return fake_many(fake_of(link), "many", requests, count);
}

bool __wrap_modbus_client_begin_requests(struct modbus_client *link,
                                         struct pipeline_request *requests, size_t count);
bool __wrap_modbus_client_begin_requests(struct modbus_client *link,
                                         struct pipeline_request *requests, size_t count)
{
    struct fake_client *fake = fake_of(link);
    bool has_begun = fake->has_connection && !play.refuses_begin;
    (void)requests;
    fake->begun_count = count;
    say("%c begin %zu%s", fake->letter, count, has_begun ? "" : ": no");
    return has_begun;
}

bool __wrap_modbus_client_has_sent(const struct modbus_client *link);
bool __wrap_modbus_client_has_sent(const struct modbus_client *link)
{
    assert_true(fake_of(link)->begun_count > 0);
    return !play.has_not_sent;
}

enum modbus_result __wrap_modbus_client_end_requests(struct modbus_client *link,
                                                     struct pipeline_request *requests);
enum modbus_result __wrap_modbus_client_end_requests(struct modbus_client *link,
                                                     struct pipeline_request *requests)
{
    struct fake_client *fake = fake_of(link);
    assert_true(fake->begun_count > 0);
    return fake_many(fake, "end", requests, fake->begun_count);
}

#endif
