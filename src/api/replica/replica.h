/* Follows the store of the leader, or serves followers: the thread, and what the service knows of
 * other gateways. */
#ifndef TAGFERRY_API_REPLICA_REPLICA_H
#define TAGFERRY_API_REPLICA_REPLICA_H

#include "api/handler/thread_ctx.h"
#include "api/replica/replica_peers.h"
#include "api/replica/replica_role.h"

struct replica;

struct replica_spec {
    struct thread_ctx *thread_ctx; /* of the thread, to read the store */
    struct store_shared *shared;   /* for the connection that writes */
    const struct api_settings *_Atomic *settings;
};

/* True when [api] follow can be served. Logs the reason. */
bool replica_check_settings(const struct api_settings *settings);
/* Starts the thread. NULL after logging the reason. The spec is copied. */
struct replica *replica_start(const struct replica_spec *spec);
/* Accepts NULL. */
void replica_stop(struct replica *replica);

/* All functions from here on may be called from any thread. */

/* Call it after a reload, and when the store may have another role: without another gateway the
 * thread looks at them only then. */
void replica_look(struct replica *replica);
/* Notes that a gateway asks. `own`: what this store has. */
void replica_note_ask(struct replica *replica, const struct replica_ask *ask,
                      const struct store_position *own);
/* Runs a command in the thread and waits for it, at most some seconds: REPLICA_FAILED then. */
enum replica_outcome replica_run_command(struct replica *replica,
                                         const struct replica_command *command, char *said);

/* How this gateway follows. */
struct replica_status {
    bool follows;
    double lag_s;               /* seconds since it had all changes of the leader; < 0: it leads */
    struct replica_fault fault; /* the last error, if it still holds */
};
void replica_read_status(struct replica *replica, struct replica_status *status);
/* Calls `take` with each gateway that has asked, and how long ago it had all changes, in seconds.
 */
void replica_each_peer(struct replica *replica,
                       void (*take)(void *context, const struct replica_peer *, double lag_s),
                       void *context);
/* Appends the leader's list of gateways, a JSON array, if it is known. Calls
 * memory_fail. */
void replica_append_leader_list(struct replica *replica, struct text *list);

/* The name of this gateway and of its machine, "" for none. */
void replica_name_self(const struct api_settings *settings, char gateway[REPLICA_NAME_SIZE],
                       char host[REPLICA_HOST_SIZE]);

#endif
