/* One import: sends a file, and prints what became of it. */
#ifndef TAGFERRY_CTL_FILES_IMPORT_REQUEST_H
#define TAGFERRY_CTL_FILES_IMPORT_REQUEST_H

#include "ctl/command/command.h"

struct import_file {
    const char *name; /* for people */
    const char *bytes;
    size_t len;
    const char *type;  /* Content-Type */
    const char *query; /* the options but dry_run and changes; or NULL */
};

/* Sends the file, and asks before it deletes much. Prints what has changed, or with `is_dry_run`
 * would change, to standard output, or the faults, each with its row, column and cell, to standard
 * error. */
enum ctl_status import_send(const struct ctl *ctl, const struct import_file *file, bool is_dry_run);

#endif
