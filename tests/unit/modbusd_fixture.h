/* An image, a journal and a bank in a temporary folder, for the tests of tagferry-modbusd. */
#ifndef TAGFERRY_TESTS_MODBUSD_FIXTURE_H
#define TAGFERRY_TESTS_MODBUSD_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/shared/journal.h"
#include "modbusd/registers/bank.h"
#include "modbusd/registers/image.h"

struct fixture {
    char folder[40];
    char image_path[64], journal_path[64];
    struct unit_set units;
    struct image image;
    struct journal journal;
    struct write_times write_times;
    struct bank *bank;
};

static inline void fixture_open(struct fixture *f, const char *units)
{
    char why[SHM_WHY_SIZE * 2] = "";
    assert_true(unit_set_parse(units, &f->units, why, sizeof why));
    if (!image_open(&f->image, f->image_path, &f->units, why, sizeof why) ||
        !journal_open_writer(&f->journal, f->journal_path, why, sizeof why) ||
        !write_times_open_writer(&f->write_times, f->folder, why, sizeof why))
        fail_msg("%s", why);
    f->bank = bank_create(&f->image, &f->journal, &f->write_times, &f->units);
    assert_non_null(f->bank);
}

static inline void fixture_close(struct fixture *f)
{
    bank_destroy(f->bank);
    f->bank = NULL;
    journal_close(&f->journal);
    write_times_close(&f->write_times);
    image_close(&f->image);
}

/* Set-up: an empty folder, nothing open. */
static inline int fixture_make(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    strcpy(f->folder, "/tmp/test_modbusd.XXXXXX");
    f->image.shm.fd = f->journal.shm.fd = f->write_times.shm.fd = -1;
    *state = f;
    if (!mkdtemp(f->folder))
        return -1;
    snprintf(f->image_path, sizeof f->image_path, "%s/image", f->folder);
    snprintf(f->journal_path, sizeof f->journal_path, "%s/journal", f->folder);
    return 0;
}

/* Set-up: everything open, with the units 1, 2 and 20. */
static inline int fixture_start(void **state)
{
    int rc = fixture_make(state);
    if (rc == 0)
        fixture_open(*state, "1-2,20");
    return rc;
}

static inline int fixture_remove(void **state)
{
    struct fixture *f = *state;
    if (f->bank)
        fixture_close(f);
    unlink(f->image_path);
    unlink(f->journal_path);
    snprintf(f->journal_path, sizeof f->journal_path, "%s/write-times", f->folder);
    unlink(f->journal_path);
    int rc = rmdir(f->folder);
    free(f);
    return rc;
}

#endif
