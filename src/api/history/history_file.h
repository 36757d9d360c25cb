/* The file of the history, beside the store: opens it, gives it another size, repairs it. One
 * thread at a time. */
#ifndef TAGFERRY_API_HISTORY_HISTORY_FILE_H
#define TAGFERRY_API_HISTORY_HISTORY_FILE_H

#include "api/history/history_ring.h"
#include "common/shared/shm.h"

/* Zero it before use. */
struct history_file {
    struct shm shm;
    struct history_ring ring;
    bool open;
};

/* Opens the file for its one writer, with all its room allocated. Keeps the entries of an existing
 * file; of a file of another size the newest that fit. A damaged file becomes empty. Logs
 * what it finds. False with the reason in `why`, also when another process has the file open. */
bool history_file_open(struct history_file *file, const char *path, size_t size, char *why,
                       size_t why_size);
/* Call it once a second: repairs a file that was cut short, removed or overwritten. */
void history_file_repair(struct history_file *file);
/* Accepts a closed file. */
void history_file_close(struct history_file *file);

#endif
