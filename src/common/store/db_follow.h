/* Follows the store with a connection of its own for reading: opens it, notices changes, and opens
 * it again when another file is at its path. For one thread. */
#ifndef TAGFERRY_COMMON_STORE_DB_FOLLOW_H
#define TAGFERRY_COMMON_STORE_DB_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct sqlite3;
struct sqlite3_stmt;

/* Set the path, which is borrowed, and zero the rest before use. */
struct db_follow {
    const char *path;
    struct sqlite3 *db; /* NULL while it is not open */
    struct sqlite3_stmt *data_version;
    int64_t seen;   /* PRAGMA data_version of what was read; -1: nothing */
    int64_t newest; /* the same of the last check */
    uint64_t file_checked_ms;
    dev_t device;
    ino_t inode;
};

enum db_follow_result {
    DB_FOLLOW_SAME,
    DB_FOLLOW_CHANGED, /* since db_follow_mark_read */
    DB_FOLLOW_OPENED,  /* by this call: it may be another store than before */
    DB_FOLLOW_CLOSED   /* it cannot be opened, or has another schema: see `why` */
};

/* Opens the store if it is not open, and looks for changes. */
enum db_follow_result db_follow_check(struct db_follow *follow, uint64_t now_ms, char *why,
                                      size_t why_size);
/* Lets the next db_follow_check look for another file at the path, as it does once a second. */
void db_follow_expect_file(struct db_follow *follow);
/* Call it when the changes that the last db_follow_check found are read. */
void db_follow_mark_read(struct db_follow *follow);
/* Accepts a closed one. */
void db_follow_close(struct db_follow *follow);

#endif
