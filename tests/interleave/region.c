/* The functions of shm.h for files that are parts of the memory. */
#include "region.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "common/base/require.h"
#include "common/shared/shm.h"
#include "explore.h"

enum { REGIONS_MAX = 2 };

static struct {
    char path[64];
    void *base;
    size_t size;
} regions[REGIONS_MAX];

void region_remove_files(void)
{
    for (int i = 0; i < REGIONS_MAX; i++) {
        if (regions[i].base)
            munmap(regions[i].base, regions[i].size);
        regions[i].base = NULL;
    }
}

/* Finds the file, or the place for a new one. */
static int region_find(const char *path)
{
    int i = 0;
    while (i < REGIONS_MAX && regions[i].base && strcmp(regions[i].path, path) != 0)
        i++;
    REQUIRE(i < REGIONS_MAX);
    return i;
}

enum shm_opened shm_open_writer(struct shm *shm, const struct shm_spec *spec, bool replace,
                                char *why, size_t why_size)
{
    (void)replace;
    int i = region_find(spec->path);
    bool exists = regions[i].base != NULL;
    if (!exists) {
        snprintf(regions[i].path, sizeof regions[i].path, "%s", spec->path);
        regions[i].size = spec->size;
        /* Shared, so that madvise keeps its content, as that of a file. */
        regions[i].base =
            mmap(NULL, spec->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        REQUIRE(regions[i].base != MAP_FAILED);
    }
    REQUIRE(shm_open_reader(shm, spec, why, why_size));
    return exists ? SHM_EXISTING : SHM_CREATED;
}

bool shm_open_reader(struct shm *shm, const struct shm_spec *spec, char *why, size_t why_size)
{
    int i = region_find(spec->path);
    (void)why, (void)why_size;
    shm->fd = i + 1;
    shm->base = regions[i].base;
    shm->mapped = shm->size = regions[i].size;
    return shm->base != NULL;
}

void shm_close(struct shm *shm)
{
    shm->base = NULL;
}

bool shm_has_writer(const struct shm *shm)
{
    return shm->base != NULL;
}

bool shm_begin_again(struct shm *shm, const char *fault)
{
    (void)shm, (void)fault;
    explore_check(false, "the file that a killed process leaves is sound");
    return false;
}

enum shm_repair_result shm_repair_file(struct shm *shm)
{
    (void)shm;
    return SHM_SOUND;
}

bool shm_was_replaced(const struct shm *shm, const char *path)
{
    (void)shm, (void)path;
    return false;
}

size_t shm_file_size(const struct shm *shm)
{
    return shm->size;
}

bool shm_grow(struct shm *shm, size_t size)
{
    (void)shm, (void)size;
    errno = ENOSPC;
    return false;
}
