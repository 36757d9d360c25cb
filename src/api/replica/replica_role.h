/* Changes of the role, on command. */
#ifndef TAGFERRY_API_REPLICA_REPLICA_ROLE_H
#define TAGFERRY_API_REPLICA_REPLICA_ROLE_H

#include "api/replica/replica_ask.h"
#include "api/replica/replica_fetch.h"
#include "api/store/audit.h"

/* What another gateway says of itself. */
struct replica_state {
    bool leads;
    int64_t term, revision;
    char branch[STORE_BRANCH_SIZE], instance[STORE_BRANCH_SIZE];
    char leader[STORE_URL_SIZE]; /* whom it follows, or "" */
};

/* Asks a gateway for its role and term. `ask` says who asks. False with the fault. Calls
 * memory_fail. */
bool replica_role_probe(struct replica_fetch *fetch, const struct api_settings *settings,
                        const char *url, const struct replica_ask *ask, struct replica_state *state,
                        struct replica_fault *fault);
/* Reads a problem document for the fault that it is. */
void replica_role_read_problem(const struct replica_answer *answer, const char *url,
                               struct replica_fault *fault);

enum { REPLICA_SAID_SIZE = 2048 };

enum replica_outcome {
    REPLICA_DONE,
    REPLICA_NOTHING, /* nothing to do */
    REPLICA_DENIED,  /* not possible: `said` has the reason */
    REPLICA_FAILED   /* the store has failed */
};

/* A command. */
struct replica_command {
    char follow[STORE_URL_SIZE]; /* the leader to follow; "": lead */
    bool if_leaderless;          /* lead only if the leader does not answer */
    const char *user;            /* for the audit, or NULL */
    struct audit *audit;
};

/* Runs a command on a connection for writing, outside a transaction. Writes what has happened, in
 * sentences, to `said`. Calls memory_fail. */
enum replica_outcome replica_role_change(struct store *store, struct replica_fetch *fetch,
                                         const struct api_settings *settings,
                                         const struct replica_command *command, char *said);

#endif
