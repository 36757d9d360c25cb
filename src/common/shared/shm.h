/* Files that several processes map: created whole, locked by their one writer, replaced by rename.
 *
 * Every such file begins with a struct shm_header. A file of another layout is never changed: its
 * writer makes a new one beside it and renames it over. A file that is damaged is set aside, as
 * PATH.damaged, one of another version as PATH.old, with a line in the log.
 *
 * A file that is cut short while it is mapped does no harm: this process reads zeros instead until
 * the writer repairs the file with shm_repair_file. */
#ifndef TAGFERRY_COMMON_SHARED_SHM_H
#define TAGFERRY_COMMON_SHARED_SHM_H

#include <limits.h>
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

struct shm_guard;

struct shm {
    int fd;
    struct shm_header *base; /* NULL when closed */
    size_t mapped;           /* bytes of address space; the file may be shorter */
    size_t size;             /* bytes that the file has to have */
    dev_t device;
    ino_t inode;
    struct shm_header header; /* as it was when the file was opened */
    struct shm_guard *guard;
    bool failing; /* the newest shm_repair_file has failed */
    char path[PATH_MAX];
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
 * layout or size, cut short or longer than what is mapped, is set aside and replaced when `replace`
 * is set, else refused. A symbolic link is refused in any case. SHM_FAILED with the reason in
 * `why`.
 */
enum shm_opened shm_open_writer(struct shm *shm, const struct shm_spec *spec, bool replace,
                                char *why, size_t why_size);
/* True while a process has the file open as its writer. Its death shows at once: the kernel takes
 * the lock back. For readers; asking never stands in a writer's way. */
bool shm_has_writer(const struct shm *shm);
/* Opens an existing file for reading only; spec->size is the least size that is accepted. */
bool shm_open_reader(struct shm *shm, const struct shm_spec *spec, char *why, size_t why_size);
void shm_close(struct shm *shm);

/* For a writer that found its file damaged: sets it aside and maps a new one, of zeros and with
 * another identity, at the same address. `fault` is for the log. False, with a line in the log. */
bool shm_begin_again(struct shm *shm, const char *fault);

enum shm_repair_result { SHM_SOUND, SHM_RENEWED, SHM_LOST };

/* For the writer, once a second: a file that was cut short, overwritten at its beginning, removed
 * or that cannot be read is set aside, and one of the same identity put in its place. That has what
 * is mapped, and zeros for what was lost; the mapping stays where it is. Other threads may go on in
 * it: what they write at that moment may be lost. LOST: it cannot be done yet, as a line in the log
 * has said. */
enum shm_repair_result shm_repair_file(struct shm *shm);
/* True when zeros replace a part of the file. */
bool shm_is_lost(const struct shm *shm);
/* From now on the process ends when a part of the file is lost: its zeros must not pass for values.
 */
void shm_end_process_when_lost(struct shm *shm);

/* True when the path now names another file than the one open here, or none, or when some of the
 * file was lost. */
bool shm_was_replaced(const struct shm *shm, const char *path);
/* Bytes that the file has now; 0 when it cannot be asked. */
size_t shm_file_size(const struct shm *shm);
/* Allocates the file's bytes up to `size`, within what is mapped. False with errno. */
bool shm_grow(struct shm *shm, size_t size);

#endif
