/* The logger. The level is the one piece of process-wide state: every module logs, and passing a
 * logger through each of them would say nothing. */
#include "common/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { LINE_MAX_BYTES = 2048 };

static const struct {
    const char *journal; /* syslog's priority as the journal takes it in front of a line */
    const char *word;
} levels[] = {
    [LOG_LEVEL_ERROR] = {"<3>", "error"},
    [LOG_LEVEL_WARNING] = {"<4>", "warning"},
    [LOG_LEVEL_INFO] = {"<6>", "info"},
    [LOG_LEVEL_DEBUG] = {"<7>", "debug"},
};

const char *const log_level_names[] = {"error", "warning", "info", "debug", NULL};

static atomic_int shown_level = LOG_LEVEL_INFO;
static atomic_bool to_journal;

void log_open(enum log_level level)
{
    atomic_store(&to_journal, getenv("JOURNAL_STREAM") != NULL);
    atomic_store(&shown_level, (int)level);
}

bool log_shows(enum log_level level)
{
    return (int)level <= atomic_load_explicit(&shown_level, memory_order_relaxed);
}

static void stamp(char *text, size_t size)
{
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t used = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + used, size - used, ".%03ldZ ", now.tv_nsec / 1000000);
}

/* A line break inside a message would forge a second line. */
static void flatten(char *text)
{
    for (; *text; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '?';
    }
}

__attribute__((format(printf, 2, 0))) static void put(enum log_level level, const char *format,
                                                      va_list args)
{
    if (!log_shows(level))
        return;
    char message[LINE_MAX_BYTES];
    vsnprintf(message, sizeof message, format, args);
    flatten(message);
    if (atomic_load_explicit(&to_journal, memory_order_relaxed)) {
        fprintf(stderr, "%s%s\n", levels[level].journal, message);
    } else {
        char when[40];
        stamp(when, sizeof when);
        fprintf(stderr, "%s%-7s %s\n", when, levels[level].word, message);
    }
}

#define DEFINE_LOG(name, level)                                                                    \
    void name(const char *format, ...)                                                             \
    {                                                                                              \
        va_list args;                                                                              \
        va_start(args, format);                                                                    \
        put(level, format, args);                                                                  \
        va_end(args);                                                                              \
    }

DEFINE_LOG(log_error, LOG_LEVEL_ERROR)
DEFINE_LOG(log_warning, LOG_LEVEL_WARNING)
DEFINE_LOG(log_info, LOG_LEVEL_INFO)
DEFINE_LOG(log_debug, LOG_LEVEL_DEBUG)
