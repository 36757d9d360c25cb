/* Files on this machine. */
#ifndef TAGFERRY_CTL_FILES_LOCAL_FILE_H
#define TAGFERRY_CTL_FILES_LOCAL_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "ctl/base/ctl_status.h"

/* Reads the whole file, or for "-" standard input, into memory that stays until the program ends,
 * with a NUL behind it. CTL_REFUSED, after a line on standard error, where it cannot be read. */
enum ctl_status local_file_read(const char *path, const char **bytes, size_t *len);
/* Writes the file: under another name beside it, which then takes its place when it is whole and on
 * the disk. A device or a pipe is written as it is. CTL_REFUSED, after a line on standard error, if
 * that fails; the old file is then as it was. */
enum ctl_status local_file_write(const char *path, const char *bytes, size_t len);

#endif
