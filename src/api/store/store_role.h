/* Whether the store leads or follows another gateway's, and which of two stores is the newer one.
 */
#ifndef TAGFERRY_API_STORE_STORE_ROLE_H
#define TAGFERRY_API_STORE_STORE_ROLE_H

#include "api/store/store.h"

enum { STORE_BRANCH_SIZE = 33, STORE_URL_SIZE = 513, STORE_POSITION_SIZE = 160 };

/* What a store holds. Stores of the same branch have the same history: the one with the lower
 * numbers is an older state of the other. Equal positions mean equal configuration, audit and undo.
 */
struct store_position {
    int64_t term, revision;
    int64_t audit, undo; /* the newest ids, or 0 */
    int64_t audit_ms;    /* when the newest entry of the audit was made: see store_delta_write */
    char branch[STORE_BRANCH_SIZE];
};

/* A position and what it follows from: see sql/007_gateways.sql. */
struct store_lineage {
    struct store_position position;
    int64_t gone_from;
    char parent[STORE_BRANCH_SIZE];
    int64_t parent_revision, parent_audit;
};

/* The role. */
struct store_role {
    bool decided;                     /* by a command or a request; false: by [api] follow */
    char leader[STORE_URL_SIZE];      /* URL of the leader that it follows; "": it leads */
    char former[STORE_URL_SIZE];      /* the leader that it followed last, or "" */
    char instance[STORE_BRANCH_SIZE]; /* a random name of this service since its start */
};

/* All of these: within a transaction, or alone on a connection outside of one. */

/* False when the store has failed. */
bool store_lineage_read(struct store *store, struct store_lineage *lineage);
bool store_role_read(struct store *store, struct store_role *role);
/* True when the store follows another: it takes no change of the configuration but that one's. */
bool store_follows(struct store *store);

/* True when a store at `have` is an older state of the other store, or equal to it. */
bool store_lineage_continues(const struct store_lineage *lineage,
                             const struct store_position *have);
/* True when both have the same. */
bool store_position_is_equal(const struct store_position *a, const struct store_position *b);
/* Writes the entity tag of a position, with its quotes. */
void store_position_format(const struct store_position *position, char text[STORE_POSITION_SIZE]);

/* Within a transaction: makes the store the leader of a new term. */
void store_role_promote(struct store *store);
/* Within a transaction: the store follows this leader from here on. */
void store_role_follow(struct store *store, const char *leader);
/* Within a transaction: what [api] follow says, "" to lead. Does nothing once the role is decided.
 */
void store_role_configure(struct store *store, const char *leader);
/* Within a transaction: gives the store a new `instance`. A copy of the store, made by copying its
 * file or the whole machine, has another one once its service has started. */
void store_role_renew_instance(struct store *store);
/* False, with the reason in `why`, unless the text is a URL, http or https, without a path, user or
 * query. A slash at its end is removed. */
bool store_role_read_url(const char *text, char url[STORE_URL_SIZE], const char **why);

#endif
