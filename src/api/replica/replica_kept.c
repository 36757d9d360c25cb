/* Names, lists and limits the files of kept stores. */
#include "api/replica/replica_kept.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"

#define KEPT_INFIX "-term-"
/* The time at the end of a name, 20260102T030405678Z. */
enum { DAY_DIGITS = 8, TIME_DIGITS = 9, KEPT_TIME_SIZE = DAY_DIGITS + TIME_DIGITS + 3 };

int replica_kept_format(const char *database, int64_t term, char *path, size_t size)
{
    char time[UTC_TEXT_SIZE], plain[UTC_TEXT_SIZE];
    size_t len = 0;
    utc_format(clock_wall_ms(), time);
    for (const char *c = time; *c; c++) {
        if (*c != '-' && *c != ':' && *c != '.')
            plain[len++] = *c;
    }
    plain[len] = '\0';
    return snprintf(path, size, "%s" KEPT_INFIX "%lld-%s", database, (long long)term, plain);
}

/* The newest first. */
static int kept_compare_times(const struct dirent **a, const struct dirent **b)
{
    return strcmp(strrchr((*b)->d_name, '-'), strrchr((*a)->d_name, '-'));
}

static int kept_has_name(const struct dirent *entry)
{
    static const char digits[] = "0123456789";
    const char *at = strstr(entry->d_name, KEPT_INFIX);
    if (!at)
        return 0;
    at += strlen(KEPT_INFIX);
    size_t term = strspn(at, digits), day = 0, time = 0;
    if (term > 0 && at[term] == '-') {
        at += term + 1;
        day = strspn(at, digits);
        time = at[day] == 'T' ? strspn(at + day + 1, digits) : 0;
    }
    return day == DAY_DIGITS && time == TIME_DIGITS && strcmp(at + day + 1 + time, "Z") == 0;
}

/* The folder of the database, with a slash, and its name there. */
static const char *kept_find_folder(const char *database, char folder[PATH_MAX])
{
    const char *slash = strrchr(database, '/');
    snprintf(folder, PATH_MAX, "%.*s", slash ? (int)(slash - database + 1) : 2,
             slash ? database : "./");
    return slash ? slash + 1 : database;
}

/* Calls `take` for each file of this database, with its number from 0 on, the newest first. */
static void kept_each(const char *database,
                      void (*take)(void *context, size_t number, const char *folder,
                                   const char *name),
                      void *context)
{
    char folder[PATH_MAX];
    struct dirent **names = NULL;
    size_t number = 0;
    const char *base = kept_find_folder(database, folder);
    size_t len = strlen(base);
    int count = scandir(folder, &names, kept_has_name, kept_compare_times);
    for (int i = 0; i < count; i++) {
        const char *name = names[i]->d_name;
        if (strncmp(name, base, len) == 0 && strstr(name, KEPT_INFIX) == name + len)
            take(context, number++, folder, name);
        free(names[i]);
    }
    free(names);
}

static void kept_delete_older(void *context, size_t number, const char *folder, const char *name)
{
    char path[PATH_MAX];
    (void)context;
    if (number >= REPLICA_KEPT_FILES &&
        (size_t)snprintf(path, sizeof path, "%s%s", folder, name) < sizeof path &&
        unlink(path) == 0)
        log_warning("gateways: %s is deleted: the newest %d kept stores stay", path,
                    REPLICA_KEPT_FILES);
}

void replica_kept_limit(const char *database)
{
    kept_each(database, kept_delete_older, NULL);
}

/* The context of kept_take_file. */
struct kept_list {
    struct replica_kept_file *files;
    size_t count;
};

static void kept_take_file(void *context, size_t number, const char *folder, const char *name)
{
    struct kept_list *list = context;
    const char *time = strrchr(name, '-') + 1;
    (void)folder;
    if (number >= REPLICA_KEPT_FILES)
        return;
    struct replica_kept_file *file = &list->files[list->count++];
    snprintf(file->name, sizeof file->name, "%s", name);
    file->term = strtoll(strstr(name, KEPT_INFIX) + strlen(KEPT_INFIX), NULL, 10);
    snprintf(file->at, sizeof file->at, "%.4s-%.2s-%.2sT%.2s:%.2s:%.2s.%.3sZ", time, time + 4,
             time + 6, time + 9, time + 11, time + 13, time + 15);
}

size_t replica_kept_list(const char *database, struct replica_kept_file list[REPLICA_KEPT_FILES])
{
    struct kept_list taken = {.files = list};
    kept_each(database, kept_take_file, &taken);
    return taken.count;
}
