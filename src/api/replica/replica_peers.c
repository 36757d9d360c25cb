/* A short list, searched from its start. */
#include "api/replica/replica_peers.h"

#include <string.h>

void replica_peers_note(struct replica_peers *peers, const struct replica_ask *ask, bool is_equal,
                        uint64_t steady_ms, uint64_t wall_ms)
{
    struct replica_peer *peer = NULL, *oldest = &peers->item[0];
    for (size_t i = 0; i < peers->count && !peer; i++) {
        struct replica_peer *at = &peers->item[i];
        if (strcmp(at->ask.gateway, ask->gateway) == 0 && strcmp(at->ask.host, ask->host) == 0)
            peer = at;
        if (at->seen_ms < oldest->seen_ms)
            oldest = at;
    }
    if (!peer) {
        peer = peers->count < REPLICA_PEERS_MAX ? &peers->item[peers->count++] : oldest;
        *peer = (struct replica_peer){.equal_ms = steady_ms};
    }
    if (strcmp(peer->ask.error, ask->error) != 0)
        peer->error_wall_ms = wall_ms;
    peer->ask = *ask;
    peer->seen_ms = steady_ms;
    peer->seen_wall_ms = wall_ms;
    if (is_equal)
        peer->equal_ms = steady_ms;
}

void replica_peers_expire(struct replica_peers *peers, uint64_t steady_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < peers->count; i++) {
        if (steady_ms - peers->item[i].seen_ms < REPLICA_KEPT_MS)
            peers->item[kept++] = peers->item[i];
    }
    peers->count = kept;
}
