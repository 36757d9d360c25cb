/* What the tested code logs, without dates. */
#ifndef TAGFERRY_TESTS_SAID_LOG_H
#define TAGFERRY_TESTS_SAID_LOG_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"

struct said_log {
    FILE *file;
    int before;
    char text[20000];
};

/* From now on the log goes to said_log_end. */
static inline void said_log_begin(struct said_log *said)
{
    unsetenv("JOURNAL_STREAM");
    log_open(LOG_LEVEL_INFO);
    said->file = tmpfile();
    assert_non_null(said->file);
    fflush(stderr);
    said->before = dup(STDERR_FILENO);
    dup2(fileno(said->file), STDERR_FILENO);
}

/* Returns the lines since said_log_begin, without those of the thread of a server that is away:
 * it may log them at any time. */
static inline const char *said_log_end(struct said_log *said)
{
    enum { DATE_SIZE = sizeof "2026-01-02T03:04:05.678Z " - 1 };
    fflush(stderr);
    dup2(said->before, STDERR_FILENO);
    close(said->before);
    rewind(said->file);
    size_t len = fread(said->text, 1, sizeof said->text - 1, said->file);
    said->text[len] = '\0';
    fclose(said->file);
    char *to = said->text;
    for (const char *line = said->text, *end; (end = strchr(line, '\n')); line = end + 1) {
        size_t size = (size_t)(end - line) + 1 - DATE_SIZE;
        assert_true(end - line > DATE_SIZE);
        if (strncmp(line + DATE_SIZE, "warning Modbus server out of reach", 34) == 0)
            continue;
        memmove(to, line + DATE_SIZE, size);
        to += size;
    }
    *to = '\0';
    return said->text;
}

#endif
