/* Log lines on stderr: with journald priorities under systemd, with a time stamp elsewhere.
 *
 * One line a fact. May be called from any thread once log_open has returned. */
#ifndef TAGFERRY_COMMON_BASE_LOG_H
#define TAGFERRY_COMMON_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Names of the levels for the configuration, in order, ended by NULL. */
extern const char *const log_level_names[];

/* Sets the most verbose level that is shown. Until then it is info. */
void log_open(enum log_level level);
bool log_shows_level(enum log_level level);

/* Between these two calls this thread's lines are collected, and written in one piece at the
 * second, or before when they are many, or when one is a warning or worse. For loops that log a
 * lot. */
void log_hold_lines(void);
void log_release_lines(void);

__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);

#endif
