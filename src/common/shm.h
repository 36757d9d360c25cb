/* Files that several processes map: created whole, locked by their one writer, replaced by rename.
 *
 * Every such file begins with a struct shm_header. A file of another layout is never changed: its
 * writer makes a new one beside it and renames it over. */
#ifndef TAGFERRY_COMMON_SHM_H
#define TAGFERRY_COMMON_SHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SHM_MAGIC_SIZE = 8, SHM_WHY_SIZE = 512 };

struct shm_header {
    char magic[SHM_MAGIC_SIZE]; /* what the file is, such as "TFjournl" */
    uint64_t layout;            /* version of the layout that follows */
    uint64_t size;              /* bytes of the file when it was created */
    uint64_t identity;          /* random; another file of the same name has another */
};

struct shm {
    int fd;
    struct shm_header *base; /* NULL when closed */
    size_t mapped;           /* bytes of address space; the file may be shorter */
    dev_t device;
    ino_t inode;
};

/* A file to create or to open. */
struct shm_spec {
    const char *path;
    const char *magic; /* SHM_MAGIC_SIZE characters */
    uint64_t layout;
    size_t size; /* bytes allocated on creation */
    size_t map;  /* bytes to map, at least size; the rest is for shm_grow */
};

enum shm_opened { SHM_FAILED = -1, SHM_CREATED, SHM_EXISTING };

/* Opens the file for its one writer, which holds a lock on it until shm_close or its death.
 * Creates it, preallocated and zeroed behind its header, when there is none. One of another magic,
 * layout or size, or cut short, is replaced when `replace` is set, else refused. SHM_FAILED with
 * the reason in `why`. */
enum shm_opened shm_open_writer(struct shm *shm, const struct shm_spec *spec, bool replace,
                                char *why, size_t why_size);
/* Opens an existing file for reading only; spec->size is the least size that is accepted. */
bool shm_open_reader(struct shm *shm, const struct shm_spec *spec, char *why, size_t why_size);
void shm_close(struct shm *shm);

/* True when the path now names another file than the one open here, or none. */
bool shm_was_replaced(const struct shm *shm, const char *path);
/* Bytes that the file has now; 0 when it cannot be asked. */
size_t shm_file_size(const struct shm *shm);
/* Allocates the file's bytes up to `size`, within what is mapped. False with errno. */
bool shm_grow(struct shm *shm, size_t size);

#endif
