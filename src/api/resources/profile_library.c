/* Reads the files of the library. */
#include "api/resources/profile_library.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/model/fields.h"
#include "api/model/record_json.h"

enum { LIBRARY_FILES_MAX = 256, LIBRARY_FILE_BYTES_MAX = 1024 * 1024 };

static const char suffix[] = ".json";

static int compare_file_names(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;
    return strcmp(*a, *b);
}

const char **profile_library_list(const char *folder, struct arena *arena)
{
    const char **names = arena_alloc(arena, (LIBRARY_FILES_MAX + 1) * sizeof *names);
    size_t count = 0;
    DIR *dir = opendir(folder);
    struct dirent *entry;
    char name[LIBRARY_FILES_MAX][65]; /* nothing may be allocated while the folder is open */
    while (dir && count < LIBRARY_FILES_MAX && (entry = readdir(dir))) {
        size_t len = strlen(entry->d_name);
        if (len < sizeof suffix || len - (sizeof suffix - 1) >= sizeof name[0] ||
            strcmp(entry->d_name + len - (sizeof suffix - 1), suffix) != 0)
            continue;
        memcpy(name[count], entry->d_name, len - (sizeof suffix - 1));
        name[count][len - (sizeof suffix - 1)] = '\0';
        count += resource_name_is_valid(name[count]);
    }
    if (dir)
        closedir(dir);
    for (size_t i = 0; i < count; i++)
        names[i] = arena_strdup(arena, name[i]);
    qsort(names, count, sizeof *names, compare_file_names);
    return names;
}

struct cJSON *profile_library_read(const char *folder, const char *name, struct arena *arena,
                                   const char **why)
{
    char reason[128];
    if (!resource_name_is_valid(name)) {
        *why = "This cannot be the name of a profile.";
        return NULL;
    }
    const char *path = arena_format(arena, "%s/%s%s", folder, name, suffix);
    struct stat status;
    size_t size = stat(path, &status) == 0 && status.st_size < LIBRARY_FILE_BYTES_MAX
                      ? (size_t)status.st_size
                      : LIBRARY_FILE_BYTES_MAX;
    char *body = arena_alloc(arena, size + 1); /* before the file is open */
    FILE *file = fopen(path, "re");
    if (!file) {
        *why = errno == ENOENT
                   ? arena_format(arena, "The library %s has no profile %s.", folder, name)
                   : arena_format(arena, "%s: %s.", path, strerror(errno));
        return NULL;
    }
    size_t len = fread(body, 1, size + 1, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed || len > size) {
        *why = arena_format(arena, "%s %s.", path, failed ? "cannot be read" : "is too large");
        return NULL;
    }
    struct cJSON *tree = json_body_parse(body, len, reason, sizeof reason);
    if (!tree)
        *why = arena_format(arena, "%s: %s", path, reason);
    return tree;
}
