/* One thread polls the values ten times a second and fills the buffer of each client that has
 * received the last one. A client that reads slowly skips intermediate values: its next buffer
 * holds the newest values, and no data accumulates. */
#include "api/monitor/stream.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/handler/thread_ctx.h"
#include "api/live/value_watch.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_limit.h"
#include "common/base/require.h"
#include "common/base/thread.h"

enum { LOOK_MS = 100, HEARTBEAT_MS = 15000, VALUES_AT_ONCE = 500, STREAM_BLOCK_BYTES = 32768 };

struct stream_client {
    struct stream_client *next;
    struct stream_hub *hub;
    struct MHD_Connection *connection;
    struct thread *server; /* of the connection */
    char *device;          /* or NULL */
    struct value_watch_reader reader;
    struct memory memory; /* the buffer's */
    struct text buffer;   /* to be sent, from `sent` on */
    size_t sent;
    bool over;          /* the stream ends, for lack of memory */
    uint64_t filled_ms; /* when the buffer was filled last, steady */
    bool suspended;     /* the connection */
};

struct stream_hub {
    struct thread thread;
    pthread_mutex_t mutex;         /* protects `clients` to `ending`, and all clients */
    struct thread_ctx *thread_ctx; /* of the thread */
    struct value_watch watch;      /* used by the thread without the mutex */
    struct memory memory;          /* of `watch` */
    struct log_limit failures;     /* log lines about lack of memory */
    struct stream_client *clients;
    size_t count, max;
    bool ending;
};

static void stream_wake_client(struct stream_client *client)
{
    if (client->suspended) {
        client->suspended = false;
        MHD_resume_connection(client->connection);
        thread_wake(client->server);
    }
}

/* Fills the buffer of a client that has received the last one. */
static void stream_fill_buffer(void *context)
{
    struct stream_client *client = context;
    uint64_t now = clock_steady_ms();
    client->buffer.len = client->sent = 0;
    text_puts(&client->buffer, "event: values\ndata:");
    if (value_watch_take_changes(&client->hub->watch, &client->reader, client->device,
                                 VALUES_AT_ONCE, &client->buffer)) {
        text_puts(&client->buffer, "\n\n");
    } else if (now - client->filled_ms >= HEARTBEAT_MS) {
        client->buffer.len = 0;
        text_puts(&client->buffer, ": heartbeat\n\n");
    } else {
        client->buffer.len = 0;
        return;
    }
    client->filled_ms = now;
    stream_wake_client(client);
}

static void stream_log_no_memory(struct stream_hub *hub)
{
    uint64_t now = clock_steady_ms();
    if (!log_limit_count_event(&hub->failures, now))
        return;
    log_error(
        "stream: no memory; values are delayed, or a stream ends and its client must reconnect");
    log_limit_mark_logged(&hub->failures, now);
}

/* When out of memory, ends the stream; the client reconnects. */
static void stream_serve_client(struct stream_client *client)
{
    if (client->sent < client->buffer.len || client->over)
        return;
    if (memory_run(&client->memory, stream_fill_buffer, client))
        return;
    memory_finish(&client->memory);
    client->buffer = (struct text){0};
    client->sent = 0;
    client->over = true;
    stream_log_no_memory(client->hub);
    stream_wake_client(client);
}

static void stream_poll_values(void *context)
{
    struct stream_hub *hub = context;
    if (!value_watch_poll(&hub->watch))
        log_debug("stream: the store cannot be read now");
}

/* When out of memory, empties the watch; the next poll loads the tags again. */
static void stream_look_at_values(struct stream_hub *hub)
{
    struct thread_ctx *thread_ctx = hub->thread_ctx;
    thread_ctx_begin_work(thread_ctx);
    if (!memory_run(&hub->memory, stream_poll_values, hub)) {
        store_abort_request(thread_ctx->store);
        memory_finish(&hub->memory);
        value_watch_reset(&hub->watch);
        stream_log_no_memory(hub);
    }
    thread_ctx_end_work(thread_ctx);
}

static void stream_run_thread(void *context)
{
    struct stream_hub *hub = context;
    uint64_t looked_ms = 0;
    while (!thread_is_stopping(&hub->thread)) {
        pthread_mutex_lock(&hub->mutex);
        bool idle = hub->count == 0;
        pthread_mutex_unlock(&hub->mutex);
        if (idle) {
            value_watch_finish(&hub->watch);
            thread_wait(&hub->thread, THREAD_FOREVER);
            continue;
        }
        if (clock_steady_ms() - looked_ms >= LOOK_MS) {
            looked_ms = clock_steady_ms();
            stream_look_at_values(hub);
        }
        pthread_mutex_lock(&hub->mutex);
        for (struct stream_client *client = hub->clients; client; client = client->next)
            stream_serve_client(client);
        pthread_mutex_unlock(&hub->mutex);
        thread_wait(&hub->thread, LOOK_MS);
    }
}

struct stream_hub *stream_hub_start(struct thread_ctx *thread_ctx, size_t max_clients)
{
    struct stream_hub *hub = calloc(1, sizeof *hub);
    if (!hub)
        return NULL;
    hub->thread_ctx = thread_ctx;
    hub->watch = (struct value_watch){.store = thread_ctx->store,
                                      .live = &thread_ctx->live,
                                      .links = &thread_ctx->links,
                                      .common = &thread_ctx->settings->common};
    hub->max = max_clients;
    pthread_mutex_init(&hub->mutex, NULL);
    if (thread_start(&hub->thread, "stream", stream_run_thread, hub))
        return hub;
    stream_hub_stop(hub);
    return NULL;
}

void stream_hub_end_all(struct stream_hub *hub)
{
    pthread_mutex_lock(&hub->mutex);
    hub->ending = true;
    for (struct stream_client *client = hub->clients; client; client = client->next)
        stream_wake_client(client);
    pthread_mutex_unlock(&hub->mutex);
    thread_join(&hub->thread);
}

void stream_hub_stop(struct stream_hub *hub)
{
    if (!hub)
        return;
    thread_join(&hub->thread);
    REQUIRE(!hub->clients && hub->count == 0);
    value_watch_finish(&hub->watch);
    pthread_mutex_destroy(&hub->mutex);
    free(hub);
}

/* The library requests bytes. If there are none, suspends the connection until the thread has some.
 */
static ssize_t stream_read_block(void *context, uint64_t position, char *buffer, size_t size)
{
    struct stream_client *client = context;
    struct stream_hub *hub = client->hub;
    ssize_t count = 0;
    (void)position;
    pthread_mutex_lock(&hub->mutex);
    REQUIRE(client->sent <= client->buffer.len);
    size_t left = client->buffer.len - client->sent;
    if (hub->ending || client->over) {
        count = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (left > 0) {
        count = (ssize_t)(left < size ? left : size);
        memcpy(buffer, client->buffer.data + client->sent, (size_t)count);
        client->sent += (size_t)count;
    } else {
        client->suspended = true;
        MHD_suspend_connection(client->connection);
        if (client->reader.at > 0)
            thread_wake(&hub->thread);
    }
    pthread_mutex_unlock(&hub->mutex);
    return count;
}

static void stream_free_client(struct stream_client *client)
{
    memory_finish(&client->memory);
    free(client->device);
    free(client);
}

static void stream_close_client(void *context)
{
    struct stream_client *client = context;
    struct stream_hub *hub = client->hub;
    pthread_mutex_lock(&hub->mutex);
    struct stream_client **at = &hub->clients;
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    REQUIRE(hub->count > 0);
    hub->count--;
    pthread_mutex_unlock(&hub->mutex);
    stream_free_client(client);
}

static bool stream_add_client(struct stream_hub *hub, struct stream_client *client)
{
    pthread_mutex_lock(&hub->mutex);
    bool room = hub->count < hub->max && !hub->ending;
    if (room) {
        client->next = hub->clients;
        hub->clients = client;
        hub->count++;
    }
    pthread_mutex_unlock(&hub->mutex);
    thread_wake(&hub->thread);
    return room;
}

static void stream_greet_client(void *context)
{
    struct stream_client *client = context;
    text_puts(&client->buffer, "retry: 2000\n\n");
}

/* NULL when out of memory. */
static struct stream_client *stream_make_client(const char *device)
{
    struct stream_client *client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    if ((!device || (client->device = strdup(device))) &&
        memory_run(&client->memory, stream_greet_client, client))
        return client;
    stream_free_client(client);
    return NULL;
}

struct MHD_Response *stream_hub_open_stream(void *context, const char *device,
                                            struct MHD_Connection *connection,
                                            struct thread *server)
{
    struct stream_hub *hub = context;
    REQUIRE(hub && connection && server);
    struct stream_client *client = stream_make_client(device);
    if (!client)
        memory_fail();
    client->hub = hub;
    client->connection = connection;
    client->server = server;
    client->filled_ms = clock_steady_ms();
    if (!stream_add_client(hub, client)) {
        stream_free_client(client);
        return NULL;
    }
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_read_block, client, stream_close_client);
    if (!response) {
        stream_close_client(client);
        memory_fail();
    }
    return response;
}
