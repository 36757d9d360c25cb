#include "ctl/files/local_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/folder.h"
#include "ctl/base/keep.h"

enum { READ_BYTES = 65536 };

static enum ctl_status file_print_error(const char *path)
{
    fprintf(stderr, "tagferryctl: %s: %s\n", path, strerror(errno));
    return CTL_REFUSED;
}

enum ctl_status local_file_read(const char *path, const char **bytes, size_t *len)
{
    bool is_input = strcmp(path, "-") == 0;
    FILE *file = is_input ? stdin : fopen(path, "re");
    char *data = NULL;
    size_t room = 0, got = 1;
    *len = 0;
    while (file && got > 0) {
        if (room - *len <= READ_BYTES) {
            room = (*len + READ_BYTES) * 2;
            data = keep_resize(data, room);
        }
        got = fread(data + *len, 1, READ_BYTES, file);
        *len += got;
    }
    bool is_read = file && !ferror(file);
    if (!is_read)
        file_print_error(is_input ? "the standard input" : path);
    if (file && !is_input)
        fclose(file);
    if (!is_read)
        return CTL_REFUSED;
    data[*len] = '\0';
    *bytes = data;
    return CTL_DONE;
}

static bool file_write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return false;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return true;
}

enum ctl_status local_file_write(const char *path, const char *bytes, size_t len)
{
    struct stat status;
    char *real = realpath(path, NULL); /* of a link, the file that it leads to */
    const char *place = real ? keep_text(real) : path;
    free(real);
    bool is_there = stat(place, &status) == 0;
    bool is_special = is_there && !S_ISREG(status.st_mode);
    char *fresh = keep_format("%s.XXXXXX", place);
    int fd = is_special ? open(place, O_WRONLY | O_CLOEXEC) : mkostemp(fresh, O_CLOEXEC);
    if (fd < 0)
        return file_print_error(path);
    mode_t mask = umask(0);
    umask(mask);
    bool ok = file_write_all(fd, bytes, len);
    if (!is_special)
        ok = ok && fchmod(fd, is_there ? status.st_mode & 0777 : 0666 & ~mask) == 0 &&
             fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (!is_special)
        ok = ok && rename(fresh, place) == 0;
    if (ok) {
        if (!is_special)
            folder_sync_parent(place);
        return CTL_DONE;
    }
    int error = errno;
    if (!is_special)
        unlink(fresh);
    errno = error;
    return file_print_error(path);
}
