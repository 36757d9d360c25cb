/* The gateways that have asked for the configuration. Pure: the caller has the clock and the lock.
 */
#ifndef TAGFERRY_API_REPLICA_REPLICA_PEERS_H
#define TAGFERRY_API_REPLICA_REPLICA_PEERS_H

#include "api/replica/replica_ask.h"

/* KEPT_MS: how long a gateway that asks no more is listed. */
enum { REPLICA_PEERS_MAX = 256, REPLICA_KEPT_MS = 300000 };

struct replica_peer {
    struct replica_ask ask;         /* the newest */
    uint64_t seen_ms, seen_wall_ms; /* of the newest request: steady, and since 1970 */
    uint64_t equal_ms;              /* when it had all changes last, steady */
    uint64_t error_wall_ms;         /* when its error began, since 1970 */
};

/* Zero it before use. */
struct replica_peers {
    size_t count;
    struct replica_peer item[REPLICA_PEERS_MAX];
};

/* Notes a request. `is_equal`: the gateway has all changes. The one that was not heard of longest
 * makes room for a new one. */
void replica_peers_note(struct replica_peers *peers, const struct replica_ask *ask, bool is_equal,
                        uint64_t steady_ms, uint64_t wall_ms);
/* Removes those that were not heard of for REPLICA_KEPT_MS. */
void replica_peers_expire(struct replica_peers *peers, uint64_t steady_ms);

#endif
