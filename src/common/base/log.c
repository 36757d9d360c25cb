/* The logger. The level is the one piece of process-wide state: every module logs, and passing a
 * logger through each of them would say nothing. */
#include "common/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/utc.h"

enum { LINE_MAX_BYTES = 2048, HELD_MAX_BYTES = 8192, LEVEL_WORD_SIZE = 8 };

static const struct {
    const char *journal; /* syslog's priority as the journal takes it in front of a line */
    char word[LEVEL_WORD_SIZE + 1]; /* with blanks, so that what follows stands in one column */
} levels[] = {
    [LOG_LEVEL_ERROR] = {"<3>", "error   "},
    [LOG_LEVEL_WARNING] = {"<4>", "warning "},
    [LOG_LEVEL_INFO] = {"<6>", "info    "},
    [LOG_LEVEL_DEBUG] = {"<7>", "debug   "},
};

const char *const log_level_names[] = {"error", "warning", "info", "debug", NULL};

static atomic_int shown_level = LOG_LEVEL_INFO;
static atomic_bool to_journal;

void log_open(enum log_level level)
{
    atomic_store(&to_journal, getenv("JOURNAL_STREAM") != NULL);
    atomic_store(&shown_level, (int)level);
}

bool log_shows_level(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&shown_level, memory_order_relaxed);
}

/* "2026-01-02T03:04:05.678Z info    ". */
static size_t log_put_timestamp(char *text, enum log_level level)
{
    size_t len = utc_format(clock_wall_ms(), text);
    text[len++] = ' ';
    memcpy(text + len, levels[level].word, LEVEL_WORD_SIZE);
    return len + LEVEL_WORD_SIZE;
}

static size_t log_put_priority(char *text, enum log_level level)
{
    return (size_t)(stpcpy(text, levels[level].journal) - text);
}

/* A line break inside a message would forge a second line. */
static void log_flatten_text(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
    }
}

/* In one piece, so that lines of several threads do not mix. */
static void log_write_text(const char *text, size_t len)
{
    ssize_t sent;
    do {
        sent = write(STDERR_FILENO, text, len);
    } while (sent < 0 && errno == EINTR);
}

/* Lines of this thread that are not written yet. */
static _Thread_local struct {
    bool on;
    size_t len;
    char text[HELD_MAX_BYTES];
} held;

static void log_write_held(void)
{
    if (held.len > 0)
        log_write_text(held.text, held.len);
    held.len = 0;
}

void log_hold_lines(void)
{
    held.on = true;
}

void log_release_lines(void)
{
    log_write_held();
    held.on = false;
}

static void log_put_line(enum log_level level, const char *line, size_t len)
{
    bool hold = held.on && level > LOG_LEVEL_WARNING;
    if (!hold || held.len + len > sizeof held.text)
        log_write_held();
    if (!hold) {
        log_write_text(line, len);
        return;
    }
    memcpy(held.text + held.len, line, len);
    held.len += len;
}

__attribute__((format(printf, 2, 0))) static void log_put_message(enum log_level level,
                                                                  const char *format, va_list args)
{
    if (!log_shows_level(level))
        return;
    char line[LINE_MAX_BYTES];
    bool journal = atomic_load_explicit(&to_journal, memory_order_relaxed);
    size_t head = (journal ? log_put_priority : log_put_timestamp)(line, level);
    vsnprintf(line + head, sizeof line - head - 1, format, args);
    log_flatten_text(line + head);
    size_t len = head + strlen(line + head);
    line[len] = '\n';
    log_put_line(level, line, len + 1);
}

#define DEFINE_LOG(name, level)                                                                    \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        log_put_message(level, format, args);                                                      \
        va_end(args);                                                                              \
    }

DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warning, LOG_LEVEL_WARNING)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
