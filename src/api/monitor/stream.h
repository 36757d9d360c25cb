/* Server-sent events: sends changed values to many clients. */
#ifndef TAGFERRY_API_MONITOR_STREAM_H
#define TAGFERRY_API_MONITOR_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct stream_hub;
struct thread_ctx;
struct MHD_Response;
struct thread;
struct MHD_Connection;

/* Starts the thread that watches values while there are clients. Only this thread may use the
 * thread_ctx. NULL when out of memory or the thread cannot start. */
struct stream_hub *stream_hub_start(struct thread_ctx *thread_ctx, size_t max_clients);
/* Ends all streams and so their connections, and refuses new ones. */
void stream_hub_end_all(struct stream_hub *hub);
/* Frees the hub. All streams must have ended. Accepts NULL. */
void stream_hub_stop(struct stream_hub *hub);

/* A stream_opener (request.h); the context is the hub. */
struct MHD_Response *stream_hub_open_stream(void *context, const char *device,
                                            struct MHD_Connection *connection,
                                            struct thread *server);

#endif
