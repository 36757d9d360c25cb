/* The logger. Its settings are global because every module logs: a logger passed through all of
 * them would carry no information. */
#include "common/base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/base/utc.h"

enum { LINE_MAX_BYTES = 2048, HELD_MAX_BYTES = 8192, LEVEL_WORD_SIZE = 8 };

static const struct {
    const char *journal;            /* the priority that journald reads at the start of a line */
    char word[LEVEL_WORD_SIZE + 1]; /* padded, so that the messages align */
} levels[] = {
    [LOG_LEVEL_ERROR] = {"<3>", "error   "},
    [LOG_LEVEL_WARNING] = {"<4>", "warning "},
    [LOG_LEVEL_INFO] = {"<6>", "info    "},
    [LOG_LEVEL_DEBUG] = {"<7>", "debug   "},
};

const char *const log_level_names[] = {"error", "warning", "info", "debug", NULL};

_Static_assert(sizeof levels / sizeof levels[0] + 1 ==
                   sizeof log_level_names / sizeof log_level_names[0],
               "a name for each level, and NULL");
/* Line head, message and line break: the head is a time stamp, a blank and the level's word. */
_Static_assert(UTC_TEXT_SIZE + LEVEL_WORD_SIZE + 2 < LINE_MAX_BYTES,
               "a message fits after the head");
_Static_assert(LINE_MAX_BYTES <= HELD_MAX_BYTES, "the longest line can be held");

static struct {
    atomic_int max_level;
    atomic_bool to_journal;
} log_settings = {.max_level = LOG_LEVEL_INFO};

/* Lines of this thread that are not yet written. */
static _Thread_local struct {
    bool on;
    size_t len;
    char text[HELD_MAX_BYTES];
} held;

void log_open(enum log_level level)
{
    REQUIRE(level >= LOG_LEVEL_ERROR && level <= LOG_LEVEL_DEBUG);
    atomic_store(&log_settings.to_journal, getenv("JOURNAL_STREAM") != NULL);
    atomic_store(&log_settings.max_level, (int)level);
}

bool log_shows_level(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&log_settings.max_level, memory_order_relaxed);
}

/* Uses one write, so that the lines of several threads do not mix. */
static void log_write_text(const char *text, size_t len)
{
    ssize_t sent;
    do {
        sent = write(STDERR_FILENO, text, len);
    } while (sent < 0 && errno == EINTR);
}

void log_hold_lines(void)
{
    held.on = true;
}

static void log_write_held(void)
{
    if (held.len > 0)
        log_write_text(held.text, held.len);
    held.len = 0;
}

void log_release_lines(void)
{
    log_write_held();
    held.on = false;
}

__attribute__((format(printf, 2, 0))) static void log_put_message(enum log_level level,
                                                                  const char *format, va_list args)
{
    if (!log_shows_level(level))
        return;
    char line[LINE_MAX_BYTES];
    size_t len;
    if (atomic_load_explicit(&log_settings.to_journal, memory_order_relaxed)) {
        len = (size_t)(stpcpy(line, levels[level].journal) - line);
    } else {
        /* "2026-01-02T03:04:05.678Z info    " */
        len = utc_format(clock_wall_ms(), line);
        line[len++] = ' ';
        memcpy(line + len, levels[level].word, LEVEL_WORD_SIZE);
        len += LEVEL_WORD_SIZE;
    }
    vsnprintf(line + len, sizeof line - len - 1, format, args);
    for (; line[len]; len++) {
        if ((unsigned char)line[len] < 0x20 || line[len] == 0x7f)
            line[len] = '?'; /* a line break in a message would forge a second line */
    }
    line[len++] = '\n';

    bool hold = held.on && level > LOG_LEVEL_WARNING;
    if (!hold || held.len + len > sizeof held.text)
        log_write_held();
    if (hold) {
        memcpy(held.text + held.len, line, len);
        held.len += len;
    } else {
        log_write_text(line, len);
    }
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
