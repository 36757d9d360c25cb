/* Writes, names, lists and limits the copies of the store beside the database. */
#include "api/store/kept_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/base/file_owner.h"
#include "api/store/backup.h"
#include "common/base/clock.h"
#include "common/base/folder.h"
#include "common/base/log.h"

static const struct {
    const char *infix;
    size_t most; /* newest files that stay */
} kept_kinds[] = {[KEPT_TERM] = {"-term-", KEPT_FILES}, [KEPT_SCHEMA] = {"-schema-", 5}};

/* The time at the end of a name, 20260102T030405678Z. */
enum { DAY_DIGITS = 8, TIME_DIGITS = 9, PART_SIZE = PATH_MAX + 16 };

static const char digits[] = "0123456789";

static bool kept_format_path(const char *database, enum kept_kind kind, int64_t number,
                             char path[PATH_MAX])
{
    char time[UTC_TEXT_SIZE], plain[UTC_TEXT_SIZE];
    size_t len = 0;
    utc_format(clock_wall_ms(), time);
    for (const char *c = time; *c; c++) {
        if (*c != '-' && *c != ':' && *c != '.')
            plain[len++] = *c;
    }
    plain[len] = '\0';
    return snprintf(path, PATH_MAX, "%s%s%lld-%s", database, kept_kinds[kind].infix,
                    (long long)number, plain) < PATH_MAX;
}

/* Gives the file to the owner of the database, if root makes it. */
static bool kept_give_to_owner(const char *database, const char *part)
{
    struct stat st;
    int fd = geteuid() == 0 ? open(part, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) : -1;
    if (fd < 0)
        return geteuid() != 0;
    bool ok = stat(database, &st) == 0;
    if (ok) {
        const struct file_owner owner = {st.st_uid, st.st_gid};
        ok = file_owner_give(&owner, fd);
    }
    int saved = errno;
    close(fd);
    errno = saved;
    return ok;
}

bool kept_store_create(const char *database, enum kept_kind kind, int64_t number,
                       char path[PATH_MAX], char *why, size_t why_size)
{
    static const char *const suffixes[] = {"", "-journal", "-wal", "-shm"};
    char part[PART_SIZE], old[PART_SIZE + 16];
    struct backup_content content;
    if (!kept_format_path(database, kind, number, path)) {
        snprintf(why, why_size, "the path of the copy is too long");
        return false;
    }
    snprintf(part, sizeof part, "%s.keeping", database);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(old, sizeof old, "%s%s", part, suffixes[i]);
        unlink(old); /* of a service that was killed */
    }
    if (!backup_create(database, part, &content, why, why_size))
        return false;
    if (kept_give_to_owner(database, part) && rename(part, path) == 0 && folder_sync_parent(path))
        return true;
    snprintf(why, why_size, "%.200s: %s", path, strerror(errno));
    unlink(part);
    unlink(path);
    return false;
}

/* The newest first. */
static int kept_compare_times(const struct dirent **a, const struct dirent **b)
{
    return strcmp(strrchr((*b)->d_name, '-'), strrchr((*a)->d_name, '-'));
}

static int kept_has_time(const struct dirent *entry)
{
    const char *at = strrchr(entry->d_name, '-');
    if (!at)
        return 0;
    size_t day = strspn(++at, digits);
    size_t time = at[day] == 'T' ? strspn(at + day + 1, digits) : 0;
    return day == DAY_DIGITS && time == TIME_DIGITS && strcmp(at + day + 1 + time, "Z") == 0;
}

/* Returns the number in the name, which begins with `base`, the name of the database; or NULL. */
static const char *kept_find_number(const char *name, const char *base, enum kept_kind kind)
{
    const char *infix = kept_kinds[kind].infix;
    const size_t base_len = strlen(base), infix_len = strlen(infix);
    if (strncmp(name, base, base_len) != 0 || strncmp(name + base_len, infix, infix_len) != 0)
        return NULL;
    const char *number = name + base_len + infix_len;
    size_t len = strspn(number, digits);
    return len > 0 && number + len == strrchr(name, '-') ? number : NULL;
}

/* The folder of the database, with a slash, and its name there. */
static const char *kept_find_folder(const char *database, char folder[PATH_MAX])
{
    const char *slash = strrchr(database, '/');
    snprintf(folder, PATH_MAX, "%.*s", slash ? (int)(slash - database + 1) : 2,
             slash ? database : "./");
    return slash ? slash + 1 : database;
}

/* Calls `take` for each file of this database, with its place from 0 on, the newest first. */
static void kept_each(const char *database, enum kept_kind kind,
                      void (*take)(void *context, size_t place, const char *folder,
                                   const char *name, const char *number),
                      void *context)
{
    char folder[PATH_MAX];
    struct dirent **names = NULL;
    size_t place = 0;
    const char *base = kept_find_folder(database, folder);
    int count = scandir(folder, &names, kept_has_time, kept_compare_times);
    for (int i = 0; i < count; i++) {
        const char *name = names[i]->d_name, *number = kept_find_number(name, base, kind);
        if (number)
            take(context, place++, folder, name, number);
        free(names[i]);
    }
    free(names);
}

static void kept_delete_older(void *context, size_t place, const char *folder, const char *name,
                              const char *number)
{
    char path[PATH_MAX];
    const size_t *most = context;
    (void)number;
    if (place >= *most && (size_t)snprintf(path, sizeof path, "%s%s", folder, name) < sizeof path &&
        unlink(path) == 0)
        log_warning("store: %s is deleted: the newest %zu of these copies stay", path, *most);
}

void kept_store_limit(const char *database, enum kept_kind kind)
{
    size_t most = kept_kinds[kind].most;
    kept_each(database, kind, kept_delete_older, &most);
}

/* The context of kept_take_file. */
struct kept_list {
    struct kept_store_file *files;
    size_t count;
};

static void kept_take_file(void *context, size_t place, const char *folder, const char *name,
                           const char *number)
{
    struct kept_list *list = context;
    const char *time = strrchr(name, '-') + 1;
    (void)folder;
    if (place >= KEPT_FILES)
        return;
    struct kept_store_file *file = &list->files[list->count++];
    snprintf(file->name, sizeof file->name, "%s", name);
    file->number = strtoll(number, NULL, 10);
    snprintf(file->at, sizeof file->at, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.%.3sZ", time, time + 4,
             time + 6, time + 9, time + 11, time + 13, time + 15);
}

size_t kept_store_list(const char *database, enum kept_kind kind,
                       struct kept_store_file list[KEPT_FILES])
{
    struct kept_list taken = {.files = list};
    kept_each(database, kind, kept_take_file, &taken);
    return taken.count;
}
