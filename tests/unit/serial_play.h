/* The thread of a serial line that is played: without a thread, a line and the time. All that it
 * waits for, passes to the loop, sends, logs and counts is a line of the trace. Link with --wrap
 * for each
 * __wrap_ function below. */
#ifndef TAGFERRY_TESTS_SERIAL_PLAY_H
#define TAGFERRY_TESTS_SERIAL_PLAY_H

#include "check.h"
#include "golden.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/thread.h"
#include "common/modbus/pdu.h"
#include "common/modbus/rtu_frame.h"
#include "modbusd/net/serial_server.h"

enum { PORT = 100000, EVENTS = 100, START_US = 5000000, UNIT = 1 };

/* What comes at this time. */
struct event {
    uint64_t at_us; /* since the beginning of the scene */
    void (*act)(void);
    bool is_port, is_loop, is_woken; /* which descriptors are ready */
};

static struct {
    struct serial_server *server;
    struct thread *thread;
    void (*run)(void *context);
    void *context;
    struct unit_set units;
    struct counters counters;
    _Atomic uint64_t counted[MODBUSD_COUNTERS];
    uint64_t now_us;
    struct event events[EVENTS];
    size_t event, event_count;
    uint8_t in[2000]; /* for the next read of the port */
    ssize_t in_len;   /* below 0: fails with this error */
    ssize_t writes;   /* the next write takes so many bytes; below 0: fails; 0: all */
    int send_error;   /* of the next send to the loop */
    int recv_error;   /* of the next recv from it */
    int loop;         /* the loop's end, or -1 */
    bool is_missing;  /* the line cannot be opened */
    bool has_no_thread;
    bool is_quiet;
} play;

static char trace[100000];
static size_t trace_len;

static inline void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static inline void say(const char *format, ...)
{
    va_list list;
    if (play.is_quiet)
        return;
    trace_len += (size_t)snprintf(trace + trace_len, sizeof trace - trace_len, "%8llu ",
                                  (unsigned long long)(play.now_us - START_US));
    va_start(list, format);
    trace_len += (size_t)vsnprintf(trace + trace_len, sizeof trace - trace_len, format, list);
    va_end(list);
    assert_true(trace_len + 1 < sizeof trace);
    trace[trace_len++] = '\n';
    trace[trace_len] = '\0';
}

static inline void say_bytes(const char *what, const uint8_t *bytes, size_t len)
{
    char text[800] = "";
    for (size_t i = 0; i < len && i < 40; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), " %02x", bytes[i]);
    say("%s%s%s", what, text, len > 40 ? " ..." : "");
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

LOG_FAKE(log_warning, "warning")
LOG_FAKE(log_info, "info")

uint64_t __wrap_clock_steady_us(void);
uint64_t __wrap_clock_steady_us(void)
{
    return play.now_us;
}

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context);
bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context)
{
    assert_string_equal(name, "serial");
    play.thread = thread;
    play.run = run;
    play.context = context;
    if (play.has_no_thread)
        return false;
    assert_true(wakeup_init(&thread->wakeup));
    return true;
}

int __wrap_serial_port_open(const struct serial_line *line, char *why, size_t why_size);
int __wrap_serial_port_open(const struct serial_line *line, char *why, size_t why_size)
{
    say("open %s%s", line->path, play.is_missing ? ": missing" : "");
    snprintf(why, why_size, "%s is missing", line->path);
    return play.is_missing ? -1 : PORT;
}

int __real_close(int fd);
int __wrap_close(int fd);
int __wrap_close(int fd)
{
    if (fd != PORT)
        return __real_close(fd);
    say("close");
    return 0;
}

ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size)
{
    if (fd != PORT)
        return __real_read(fd, bytes, size);
    ssize_t len = play.in_len;
    if (len < 0) {
        say("read fails: %d", (int)-len);
        errno = (int)-len;
        return -1;
    }
    assert_true((size_t)len <= size);
    memcpy(bytes, play.in, (size_t)len);
    say_bytes("read", play.in, (size_t)len);
    return len;
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len)
{
    if (fd != PORT)
        return __real_write(fd, bytes, len);
    ssize_t takes = play.writes;
    say_bytes(takes < 0 ? "write fails" : takes > 0 ? "write a part" : "write", bytes, len);
    play.writes = 0;
    if (takes < 0)
        errno = (int)-takes;
    return takes < 0 ? -1 : takes > 0 ? takes : (ssize_t)len;
}

ssize_t __real_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *bytes, size_t len, int flags)
{
    say_bytes(play.send_error ? "to the loop fails" : "to the loop", bytes, len);
    assert_int_equal(flags, MSG_NOSIGNAL);
    if (play.send_error == 0)
        return __real_send(fd, bytes, len, flags);
    errno = play.send_error;
    play.send_error = 0;
    return -1;
}

ssize_t __real_recv(int fd, void *bytes, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags);
ssize_t __wrap_recv(int fd, void *bytes, size_t size, int flags)
{
    if (play.recv_error == 0)
        return __real_recv(fd, bytes, size, flags);
    say("from the loop: error %d", play.recv_error);
    errno = play.recv_error;
    play.recv_error = 0;
    return -1;
}

/* Lets the time pass to the next event, or to the end of the wait. */
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *wait,
                 const sigset_t *signals);
int __wrap_ppoll(struct pollfd *fds, nfds_t count, const struct timespec *wait,
                 const sigset_t *signals)
{
    uint64_t until_us = UINT64_MAX;
    assert_int_equal(count, 3);
    assert_null(signals);
    if (wait) {
        const uint64_t us = (uint64_t)wait->tv_sec * 1000000 + (uint64_t)wait->tv_nsec / 1000;
        until_us = play.now_us - START_US + us;
        say("wait %llu%s%s", (unsigned long long)us, fds[1].fd == PORT ? " port" : "",
            fds[2].fd >= 0 ? " loop" : "");
    } else {
        say("wait%s%s", fds[1].fd == PORT ? " port" : "", fds[2].fd >= 0 ? " loop" : "");
    }
    for (nfds_t i = 0; i < count; i++) {
        assert_int_equal(fds[i].events, POLLIN);
        fds[i].revents = POLLIN; /* not to be looked at after a time-out */
    }
    if (play.event == play.event_count) {
        thread_stop(play.thread);
        return 0;
    }
    const struct event *event = &play.events[play.event];
    if (event->at_us >= until_us) {
        play.now_us = START_US + until_us;
        return 0;
    }
    if (START_US + event->at_us > play.now_us)
        play.now_us = START_US + event->at_us;
    play.event++;
    if (event->act)
        event->act();
    fds[0].revents = event->is_woken ? POLLIN : 0;
    fds[1].revents = event->is_port ? POLLIN : 0;
    fds[2].revents = event->is_loop ? POLLIN : 0;
    return 1;
}

/* The script of a scene. */

static inline struct event *at(uint64_t at_us, void (*act)(void))
{
    assert_true(play.event_count < EVENTS);
    struct event *event = &play.events[play.event_count++];
    *event = (struct event){.at_us = at_us, .act = act};
    return event;
}

static inline void port_at(uint64_t at_us, void (*act)(void))
{
    at(at_us, act)->is_port = true;
}

static inline void loop_at(uint64_t at_us, void (*act)(void))
{
    at(at_us, act)->is_loop = true;
}

static inline void connect_loop(void)
{
    int end = serial_server_connect(play.server);
    if (end >= 0)
        play.loop = end;
    say("connect%s", end < 0 ? " not" : "");
}

static inline void woken_at(uint64_t at_us, void (*act)(void))
{
    at(at_us, act)->is_woken = true;
}

static inline bool begin(unsigned baud)
{
    char why[128];
    memset(&play, 0, sizeof play);
    play.now_us = START_US;
    play.loop = -1;
    assert_true(unit_set_parse("1-2,20", &play.units, why, sizeof why));
    play.counters = (struct counters){
        .rows = modbusd_counters.rows, .count = modbusd_counters.count, .values = play.counted};
    struct serial_line line = {.path = "/dev/serial/by-id/usb-7", .baud = baud};
    play.server = serial_server_create(&line, &play.units, &play.counters);
    return play.server != NULL;
}

static inline void say_counters(void)
{
    for (size_t i = 0; i < MODBUSD_COUNTERS; i++) {
        const struct counter_row *row = &modbusd_counters.rows[i];
        if (play.counted[i] != 0)
            say("count %s %s%lld", row->name + strlen("tagferry_modbusd_"),
                row->labels ? row->labels : "", (long long)play.counted[i]);
    }
}

#endif
