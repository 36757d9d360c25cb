/* Puts the changes of the leader into the own store. */
#ifndef TAGFERRY_API_REPLICA_REPLICA_COPY_H
#define TAGFERRY_API_REPLICA_REPLICA_COPY_H

#include <limits.h>

#include "api/base/api_options.h"
#include "api/replica/replica_fault.h"
#include "api/store/store_delta.h"

/* An answer of the leader, and what became of it. */
struct replica_copy {
    struct store *store; /* a connection of its own for writing */
    const struct api_settings *settings;
    const char *leader; /* its URL: nothing is applied if the store follows another one by now */
    const void *bytes;  /* the answer */
    size_t len;
    /* The result. */
    struct delta_facts facts;
    char kept[PATH_MAX]; /* the file that the store was copied to before, or "" */
};

/* Applies the answer in one transaction, all of it or nothing. A store with a history of its own is
 * copied to a file first: DATABASE-term-TERM-TIME; the newest ten of these stay. Calls memory_fail.
 * Returns the fault's code. */
enum replica_code replica_copy_apply(struct replica_copy *copy, struct replica_fault *fault);

#endif
