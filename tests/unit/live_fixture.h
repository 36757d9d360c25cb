/* A live table in a temporary folder, open for writing and for reading. */
#ifndef TAGFERRY_TESTS_LIVE_FIXTURE_H
#define TAGFERRY_TESTS_LIVE_FIXTURE_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/shared/live_table_layout.h"

struct folder {
    char path[64];
    struct live_table writer, reader;
    char why[SHM_WHY_SIZE];
};

static inline int open_folder(void **state)
{
    struct folder *f = calloc(1, sizeof *f);
    snprintf(f->path, sizeof f->path, "/tmp/tagferry-live-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    assert_true(live_table_open_writer(&f->writer, f->path, f->why, sizeof f->why));
    assert_true(live_table_open_reader(&f->reader, f->path, f->why, sizeof f->why));
    *state = f;
    return 0;
}

static inline int close_folder(void **state)
{
    struct folder *f = *state;
    char path[128];
    live_table_close(&f->reader);
    live_table_close(&f->writer);
    static const char *const names[] = {"live",         "live-strings",
                                        "live.damaged", "live-strings.damaged",
                                        "live.old",     "live-strings.old"};
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", f->path, names[i]);
        unlink(path);
    }
    rmdir(f->path);
    free(f);
    return 0;
}

static inline void reopen(struct folder *f)
{
    live_table_close(&f->writer);
    if (!live_table_open_writer(&f->writer, f->path, f->why, sizeof f->why))
        fail_msg("%s", f->why);
}

#endif
