/* Log lines on stderr: with a journald priority under systemd, else with a time stamp.
 *
 * Thread-safe once log_open has returned. */
#ifndef TAGFERRY_COMMON_BASE_LOG_H
#define TAGFERRY_COMMON_BASE_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Names of the levels for the configuration, in order, ended by NULL. */
extern const char *const log_level_names[];

/* Sets the most verbose level that is logged. Before the first call it is info. */
void log_open(enum log_level level);
/* True when lines of this level are logged. */
bool log_shows_level(enum log_level level);

/* For loops that log a lot: between these two calls, the lines of this thread are collected.
 * log_release_lines writes them at once; a full buffer, a warning or an error writes them earlier.
 */
void log_hold_lines(void);
void log_release_lines(void);

/* Each logs one line, without a line break at the end. Control characters are replaced by "?", and
 * the text is cut at about 2,000 bytes. errno may change. */
__attribute__((format(printf, 1, 2))) void log_error(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_warning(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_info(const char *format, ...);
__attribute__((format(printf, 1, 2))) void log_debug(const char *format, ...);

#endif
