/* Writes, reads and removes the files of discoveries. */
#include "common/shared/discovery_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/base/require.h"

enum { FILE_MODE = 0640, FILE_ALIGN = 16, SURVEY_BYTES_MAX = 1 << 30 };

static const char file_magic[8] = "TFdiscov";
static const char file_prefix[] = "discovery-";

const char *const discovery_state_names[] = {[DISCOVERY_WAITING] = "waiting",
                                             [DISCOVERY_RUNNING] = "running",
                                             [DISCOVERY_DONE] = "done",
                                             [DISCOVERY_REFUSED] = "refused",
                                             [DISCOVERY_STATE_COUNT] = NULL};

/* The beginning of the file. The survey follows. */
struct discovery_header {
    char magic[8];
    uint64_t hash; /* of all that follows, survey included */
    uint32_t version, state;
    uint64_t survey_bytes;
    int64_t id, saved_ms, connected_ms;
    uint64_t dropped, budget, memory;
    char error[DISCOVERY_ERROR_SIZE];
};

enum { DISCOVERY_FILE_VERSION = 1 };

_Static_assert(sizeof(struct discovery_header) % FILE_ALIGN == 0,
               "the survey is aligned in memory");
_Static_assert(sizeof(struct discovery_header) == 80 + DISCOVERY_ERROR_SIZE, "as on 64 bits");

static uint64_t discovery_file_hash(const struct discovery_header *header, const void *survey)
{
    const char *from = (const char *)&header->version;
    uint64_t hash = hash64_add(HASH64_START, from, (size_t)((const char *)(header + 1) - from));
    /* By words: a block of many MiB is written each second. */
    for (size_t at = 0; at + sizeof hash <= header->survey_bytes; at += sizeof hash) {
        uint64_t word;
        memcpy(&word, (const char *)survey + at, sizeof word);
        hash = (hash ^ word) * UINT64_C(1099511628211);
        hash ^= hash >> 29;
    }
    size_t rest = header->survey_bytes % sizeof hash;
    return hash64_add(hash, (const char *)survey + header->survey_bytes - rest, rest);
}

static bool discovery_file_path(const char *runtime_dir, int64_t id, const char *suffix,
                                char path[PATH_MAX])
{
    return snprintf(path, PATH_MAX, "%s/%s%" PRId64 "%s", runtime_dir, file_prefix, id, suffix) <
           PATH_MAX;
}

static bool file_write_bytes(int fd, const void *bytes, size_t len)
{
    const char *at = bytes;
    while (len > 0) {
        ssize_t written = write(fd, at, len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        at += written;
        len -= (size_t)written;
    }
    return true;
}

bool discovery_file_write(const char *runtime_dir, struct discovery_status *status,
                          const struct survey *survey, char *why, size_t why_size)
{
    char path[PATH_MAX], draft[PATH_MAX];
    REQUIRE(runtime_dir && status && survey && status->state < DISCOVERY_STATE_COUNT);
    status->saved_ms = (int64_t)clock_wall_ms();
    struct discovery_header header = {.version = DISCOVERY_FILE_VERSION,
                                      .state = status->state,
                                      .survey_bytes = survey_used_size(survey),
                                      .id = status->id,
                                      .saved_ms = status->saved_ms,
                                      .connected_ms = status->connected_ms,
                                      .dropped = status->dropped,
                                      .budget = status->budget,
                                      .memory = status->memory};
    memcpy(header.magic, file_magic, sizeof header.magic);
    snprintf(header.error, sizeof header.error, "%s", status->error);
    header.hash = discovery_file_hash(&header, survey);
    if (!discovery_file_path(runtime_dir, status->id, "", path) ||
        !discovery_file_path(runtime_dir, status->id, ".new", draft)) {
        snprintf(why, why_size, "%s: the path is too long", runtime_dir);
        return false;
    }
    int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, FILE_MODE);
    bool ok = fd >= 0 && file_write_bytes(fd, &header, sizeof header) &&
              file_write_bytes(fd, survey, (size_t)header.survey_bytes);
    int error = errno;
    if (fd >= 0)
        close(fd);
    if (ok && rename(draft, path) == 0)
        return true;
    snprintf(why, why_size, "%.400s: %s", path, strerror(ok ? errno : error));
    unlink(draft);
    return false;
}

/* Reads the whole file. NULL with errno; 0 for one that is no regular file or too small. */
static char *file_read_bytes(int fd, size_t *len)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return NULL;
    errno = 0;
    if (!S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(struct discovery_header) ||
        st.st_size > (off_t)SURVEY_BYTES_MAX + (off_t)sizeof(struct discovery_header))
        return NULL;
    char *bytes = calloc(1, (size_t)st.st_size);
    *len = 0;
    while (bytes && *len < (size_t)st.st_size) {
        ssize_t got = read(fd, bytes + *len, (size_t)st.st_size - *len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            free(bytes);
            return NULL;
        }
        *len += (size_t)got;
    }
    return bytes;
}

/* Reads the header and checks the survey. Returns what is wrong, or NULL. */
static const char *discovery_file_take(struct discovery_file *file, int64_t id, const char *bytes,
                                       size_t len)
{
    const struct discovery_header *header = (const void *)bytes;
    if (memcmp(header->magic, file_magic, sizeof header->magic) != 0)
        return "the file is no discovery";
    if (header->version == __builtin_bswap32(DISCOVERY_FILE_VERSION))
        return "the file is of a machine with the other byte order";
    if (header->version != DISCOVERY_FILE_VERSION)
        return "the file is of another version of Tagferry";
    if (header->id != id || header->state >= DISCOVERY_STATE_COUNT ||
        header->survey_bytes != len - sizeof *header ||
        header->hash != discovery_file_hash(header, header + 1))
        return "the file is damaged";
    file->survey = survey_check(header + 1, (size_t)header->survey_bytes);
    if (!file->survey)
        return "the file is damaged, or of another version of Tagferry";
    file->status = (struct discovery_status){.id = id,
                                             .state = (enum discovery_state)header->state,
                                             .saved_ms = header->saved_ms,
                                             .connected_ms = header->connected_ms,
                                             .dropped = header->dropped,
                                             .budget = header->budget,
                                             .memory = header->memory};
    memcpy(file->status.error, header->error, sizeof file->status.error);
    utf8_terminate_text(file->status.error, sizeof file->status.error);
    return NULL;
}

enum discovery_file_result discovery_file_read(const char *runtime_dir, int64_t id,
                                               struct discovery_file *file, char *why,
                                               size_t why_size)
{
    char path[PATH_MAX];
    size_t len;
    *file = (struct discovery_file){0};
    if (!discovery_file_path(runtime_dir, id, "", path)) {
        snprintf(why, why_size, "%s: the path is too long", runtime_dir);
        return DISCOVERY_FILE_FAILED;
    }
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        snprintf(why, why_size, "%.400s: %s", path, strerror(errno));
        return errno == ENOENT ? DISCOVERY_FILE_MISSING : DISCOVERY_FILE_FAILED;
    }
    file->memory = file_read_bytes(fd, &len);
    const char *fault = file->memory ? discovery_file_take(file, id, file->memory, len)
                        : errno      ? strerror(errno)
                                     : "the file is damaged";
    close(fd);
    if (fault)
        snprintf(why, why_size, "%.400s: %s", path, fault);
    return fault ? DISCOVERY_FILE_FAILED : DISCOVERY_FILE_READ;
}

void discovery_file_finish(struct discovery_file *file)
{
    free(file->memory);
    *file = (struct discovery_file){0};
}

void discovery_file_remove(const char *runtime_dir, int64_t id)
{
    char path[PATH_MAX];
    if (discovery_file_path(runtime_dir, id, "", path))
        unlink(path);
    if (discovery_file_path(runtime_dir, id, ".new", path))
        unlink(path);
}

void discovery_file_remove_unused(const char *runtime_dir,
                                  bool (*is_used)(void *context, int64_t id), void *context)
{
    DIR *folder = opendir(runtime_dir);
    size_t prefix = sizeof file_prefix - 1;
    for (const struct dirent *entry; folder && (entry = readdir(folder));) {
        const char *digits = entry->d_name + prefix;
        char *end;
        if (strncmp(entry->d_name, file_prefix, prefix) != 0 || *digits < '0' || *digits > '9')
            continue;
        errno = 0;
        int64_t id = strtoll(digits, &end, 10);
        if (errno == 0 && (*end == '\0' || strcmp(end, ".new") == 0) && !is_used(context, id))
            discovery_file_remove(runtime_dir, id);
    }
    if (folder)
        closedir(folder);
}
