/* Keeps a process alive when a mapped file is cut short or cannot be read: what it touches there is
 * then memory of its own, zeros, in the place of SIGBUS. */
#ifndef TAGFERRY_COMMON_SHARED_SHM_GUARD_H
#define TAGFERRY_COMMON_SHARED_SHM_GUARD_H

#include <stdbool.h>
#include <stddef.h>

struct shm_guard;

enum { SHM_GUARDS_MAX = 256 };

/* Guards the mapping of `fd` until shm_guard_drop. NULL when there are SHM_GUARDS_MAX. All but the
 * handler's own work may be called from any thread, with NULL for no guard. */
struct shm_guard *shm_guard_add(void *base, size_t size, int fd);
/* From now on a loss ends the process, with a line on stderr that names `path`: zeros would be
 * taken for values. The path must outlive the guard. */
void shm_guard_end_process(struct shm_guard *guard, const char *path);
void shm_guard_drop(struct shm_guard *guard);

/* True once something of the mapping has been replaced by zeros, or shm_guard_mark_lost was called.
 */
bool shm_guard_is_lost(const struct shm_guard *guard);
void shm_guard_mark_lost(struct shm_guard *guard);
/* The mapping is whole again, of another descriptor. */
void shm_guard_renew(struct shm_guard *guard, int fd);

#endif
