/* Files that several processes map: created complete, locked by their one writer, replaced by
 * rename.
 *
 * Each file begins with a struct shm_header. The writer never changes a file that is damaged or has
 * another layout or byte order: it creates a new one and renames it over. A damaged file is kept as
 * PATH.damaged, one of another version as PATH.old; the log says so.
 *
 * If a file is cut short while it is mapped, this process reads zeros there until the writer
 * repairs the file with shm_repair_file.
 *
 * A struct shm is not thread-safe; the mapping may be used by any thread. */
#ifndef TAGFERRY_COMMON_SHARED_SHM_H
#define TAGFERRY_COMMON_SHARED_SHM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { SHM_MAGIC_SIZE = 8, SHM_WHY_SIZE = 512 };

struct shm_header {
    char magic[SHM_MAGIC_SIZE]; /* the kind of file, such as "TFjournl" */
    uint64_t layout;   /* version of the layout after the header; says the byte order, too */
    uint64_t size;     /* bytes of the file when it was created */
    uint64_t identity; /* random; a new file of the same name gets a new one */
};

struct shm_guard;

struct shm {
    int fd;
    struct shm_header *base; /* NULL when closed */
    size_t mapped;           /* bytes of address space; the file may be shorter */
    size_t size;             /* bytes that the file must have */
    dev_t device;
    ino_t inode;
    struct shm_header header; /* as it was when the file was opened */
    struct shm_guard *guard;
    bool failing; /* the last shm_repair_file failed */
    char path[PATH_MAX];
};

/* A file to create or to open. */
struct shm_spec {
    const char *path;
    const char *magic; /* SHM_MAGIC_SIZE characters */
    uint64_t layout;
    size_t size;     /* bytes allocated on creation */
    size_t map;      /* bytes to map, at least size; the rest is for shm_grow */
    uint64_t oldest; /* the oldest layout that the caller takes over; 0: only `layout` */
};

enum shm_opened { SHM_FAILED = -1, SHM_CREATED, SHM_EXISTING };

/* Opens the file for its one writer, which holds a lock on it until shm_close or until it dies. If
 * the file does not exist, creates it, preallocated, and zeroed after its header. If it has another
 * magic, layout or size, or a length outside spec->size to spec->map, it is set aside and replaced
 * (with `replace`) or refused. A symbolic link is always refused. SHM_FAILED with the reason in
 * `why`; the shm is then closed. */
enum shm_opened shm_open_writer(struct shm *shm, const struct shm_spec *spec, bool replace,
                                char *why, size_t why_size);
/* True while a process has the file open as its writer; false at once when that process dies,
 * because the kernel releases its lock. For readers. Never locks out a writer. */
bool shm_has_writer(const struct shm *shm);
/* Opens an existing file read-only; spec->size is the minimum size. False with the reason in `why`;
 * the shm is then closed. */
bool shm_open_reader(struct shm *shm, const struct shm_spec *spec, char *why, size_t why_size);
/* Unmaps and closes the file. Accepts NULL, and a closed or zeroed shm. */
void shm_close(struct shm *shm);

/* For a writer that found its file damaged: sets it aside and maps a new file, zeroed and with a
 * new identity, at the same address. `fault` is for the log. On error false, after logging it. */
bool shm_begin_again(struct shm *shm, const char *fault);

enum shm_repair_result { SHM_SOUND, SHM_RENEWED, SHM_LOST };

/* For the writer, once a second: repairs a file that was cut short, removed or overwritten at its
 * beginning, or that cannot be read. Sets it aside and replaces it with a file of the same
 * identity, which contains the mapped data, and zeros for the lost parts. The mapping keeps its
 * address. Other threads may use it meanwhile; data that they write at that moment may be lost.
 * Returns SHM_SOUND if the file is intact, SHM_RENEWED after a repair, SHM_LOST, after logging it
 * once, if the repair failed. */
enum shm_repair_result shm_repair_file(struct shm *shm);
/* True while zeros replace a lost part of the file. */
bool shm_is_lost(const struct shm *shm);
/* From now on the process ends when a part of the file is lost, because the zeros must not be shown
 * as values. */
void shm_end_process_when_lost(struct shm *shm);

/* True when the path refers to another file than this one, or to none, or when a part of this file
 * was lost: close it and open the new one. */
bool shm_was_replaced(const struct shm *shm, const char *path);
/* The current size of the file in bytes; 0 on error. */
size_t shm_file_size(const struct shm *shm);
/* Writes the file to the disk, and its name, and waits for completion. False with errno. */
bool shm_sync(const struct shm *shm);
/* For a writer that has brought a file of an older layout to this one. */
void shm_set_layout(struct shm *shm, uint64_t layout);
/* Extends the file to `size` bytes, at most `mapped`. False with errno; ENOMEM beyond `mapped`. */
bool shm_grow(struct shm *shm, size_t size);

#endif
