/* One thread polls the values ten times a second, composes what has changed, and gives it to each
 * client that has sent the last frame. A client that reads slowly skips intermediate values: its
 * next frame holds the newest values, and no data accumulates. */
#include "api/monitor/stream.h"

#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/handler/thread_ctx.h"
#include "api/live/value_watch.h"
#include "api/monitor/stream_frames.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_limit.h"
#include "common/base/require.h"
#include "common/base/thread.h"

enum { LOOK_MS = 100, LOOK_MS_MAX = 2000, SWEEP_MS = 1000, HEARTBEAT_MS = 3000 };
enum { STREAM_BLOCK_BYTES = 65536 };

/* A look may take this share of the time: with very many tags, looks are rarer. */
enum { LOOK_SHARE = 5 };

struct stream_client {
    struct stream_client *next;
    struct stream_hub *hub;
    struct MHD_Connection *connection;
    struct thread *server; /* of the connection */
    int fd;                /* the same */
    struct stream_position position;
    struct stream_frame *frame; /* to be sent, from `sent` on; NULL: none */
    size_t sent;
    bool over;          /* the stream ends: memory was short, or the client has closed it */
    uint64_t filled_ms; /* when it got its newest frame, steady */
    bool suspended;     /* the connection */
};

struct stream_hub {
    struct thread thread;
    pthread_mutex_t mutex;         /* protects `clients` to `ending`, all clients and all frames */
    struct thread_ctx *thread_ctx; /* of the thread */
    /* Used by the thread without the mutex. */
    struct value_watch watch;
    struct memory memory;       /* of `watch` */
    struct memory draft_memory; /* of `frames` */
    struct stream_frames frames;
    struct stream_position wanted[STREAM_STEPS_MAX]; /* positions whose step is to be composed */
    size_t wanted_count;
    struct log_limit failures; /* log lines about lack of memory */
    /* Protected by the mutex. */
    struct stream_frame *greeting, *heartbeat;
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

/* Ends the streams that their clients have closed, which would be noticed only with the next frame.
 * Returns the number of streams that stay. */
static size_t stream_sweep_clients(struct stream_hub *hub)
{
    size_t staying = 0;
    for (struct stream_client *client = hub->clients; client; client = client->next) {
        struct pollfd peer = {.fd = client->fd, .events = POLLRDHUP};
        if (!client->over && poll(&peer, 1, 0) == 1) {
            client->over = true;
            stream_wake_client(client);
        }
        staying += !client->over;
    }
    return staying;
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

/* Notes that a step is to be composed, unless it is noted already. */
static void stream_want_step(struct stream_hub *hub, const struct stream_position *position)
{
    for (size_t i = 0; i < hub->wanted_count; i++) {
        if (stream_position_is_equal(&hub->wanted[i], position))
            return;
    }
    if (hub->wanted_count < STREAM_STEPS_MAX)
        hub->wanted[hub->wanted_count++] = *position;
}

static void stream_give_frame(struct stream_client *client, struct stream_frame *frame,
                              uint64_t now)
{
    client->frame = stream_frame_share(frame);
    client->sent = 0;
    client->filled_ms = now;
    stream_wake_client(client);
}

/* Gives the next frame to a client that has sent the last one. When out of memory, ends the stream;
 * the client reconnects. */
static void stream_serve_client(struct stream_client *client, uint64_t now)
{
    struct stream_hub *hub = client->hub;
    if (client->frame || client->over)
        return;
    if (stream_frames_are_sent(&hub->frames, &client->position)) {
        if (now - client->filled_ms >= HEARTBEAT_MS)
            stream_give_frame(client, hub->heartbeat, now);
        return;
    }
    const struct stream_step *step = stream_frames_find(&hub->frames, &client->position);
    if (!step) {
        stream_want_step(hub, &client->position);
    } else if (step->no_memory) {
        client->over = true;
        stream_wake_client(client);
    } else {
        client->position = step->after;
        if (step->frame)
            stream_give_frame(client, step->frame, now);
        else if (now - client->filled_ms >= HEARTBEAT_MS)
            stream_give_frame(client, hub->heartbeat, now);
    }
}

/* Gives each client its next frame. Composes what is missing, without the mutex, so that the
 * threads of HTTP need not wait. */
static void stream_serve_clients(struct stream_hub *hub)
{
    struct stream_frame *oldest[STREAM_STEPS_MAX] = {NULL};
    do {
        uint64_t now = clock_steady_ms();
        pthread_mutex_lock(&hub->mutex);
        for (size_t i = 0; i < hub->wanted_count; i++)
            stream_frame_release(oldest[i]);
        hub->wanted_count = 0;
        for (struct stream_client *client = hub->clients; client; client = client->next)
            stream_serve_client(client, now);
        pthread_mutex_unlock(&hub->mutex);
        for (size_t i = 0; i < hub->wanted_count; i++)
            oldest[i] = stream_frames_compose(&hub->frames, &hub->wanted[i]);
    } while (hub->wanted_count > 0);
}

static void stream_forget_steps(struct stream_hub *hub)
{
    pthread_mutex_lock(&hub->mutex);
    for (size_t i = 0; i < hub->frames.count; i++)
        stream_frame_release(hub->frames.steps[i].frame);
    pthread_mutex_unlock(&hub->mutex);
    hub->frames.count = hub->frames.next = 0;
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
    stream_forget_steps(hub);
    thread_ctx_begin_work(thread_ctx);
    if (!memory_run(&hub->memory, stream_poll_values, hub)) {
        store_abort_request(thread_ctx->store);
        memory_finish(&hub->memory);
        value_watch_reset(&hub->watch);
        stream_log_no_memory(hub);
    }
    thread_ctx_end_work(thread_ctx);
}

/* Returns the time from the beginning of a look to the next one. */
static uint64_t stream_look_gap_ms(uint64_t took_ms)
{
    uint64_t gap = took_ms * LOOK_SHARE;
    return gap < LOOK_MS ? LOOK_MS : gap < LOOK_MS_MAX ? gap : LOOK_MS_MAX;
}

static void stream_run_thread(void *context)
{
    struct stream_hub *hub = context;
    uint64_t look_ms = 0, sweep_ms = 0;
    while (!thread_is_stopping(&hub->thread)) {
        uint64_t now = clock_steady_ms();
        pthread_mutex_lock(&hub->mutex);
        bool idle = hub->count == 0;
        if (now >= sweep_ms) {
            stream_sweep_clients(hub);
            sweep_ms = now + SWEEP_MS;
        }
        pthread_mutex_unlock(&hub->mutex);
        if (idle) {
            stream_forget_steps(hub);
            value_watch_finish(&hub->watch);
            thread_wait(&hub->thread, THREAD_FOREVER);
            continue;
        }
        if (now >= look_ms) {
            stream_look_at_values(hub);
            look_ms = now + stream_look_gap_ms(clock_steady_ms() - now);
        }
        stream_serve_clients(hub);
        now = clock_steady_ms();
        if (now < look_ms)
            thread_wait(&hub->thread, (int)(look_ms - now));
    }
}

/* False when out of memory. */
static bool stream_make_constant_frames(struct stream_hub *hub)
{
    static const char greeting[] = "retry: 2000\n\n", heartbeat[] = ": heartbeat\n\n";
    hub->greeting = stream_frame_create(greeting, sizeof greeting - 1);
    hub->heartbeat = stream_frame_create(heartbeat, sizeof heartbeat - 1);
    return hub->greeting && hub->heartbeat;
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
    hub->frames.watch = &hub->watch;
    hub->frames.memory = &hub->draft_memory;
    hub->max = max_clients;
    pthread_mutex_init(&hub->mutex, NULL);
    if (stream_make_constant_frames(hub) &&
        thread_start(&hub->thread, "stream", stream_run_thread, hub))
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
    stream_forget_steps(hub);
    value_watch_finish(&hub->watch);
    memory_finish(&hub->draft_memory);
    stream_frame_release(hub->greeting);
    stream_frame_release(hub->heartbeat);
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
    struct stream_frame *frame = client->frame;
    if (hub->ending || client->over) {
        count = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (frame) {
        size_t left = frame->len - client->sent;
        count = (ssize_t)(left < size ? left : size);
        memcpy(buffer, frame->bytes + client->sent, (size_t)count);
        client->sent += (size_t)count;
    } else {
        client->suspended = true;
        MHD_suspend_connection(client->connection);
    }
    if (frame && client->sent == frame->len) {
        client->frame = NULL;
        stream_frame_release(frame);
        if (!client->position.has_all || client->position.reader.is_scanning)
            thread_wake(&hub->thread);
    }
    pthread_mutex_unlock(&hub->mutex);
    return count;
}

static void stream_free_client(struct stream_client *client)
{
    stream_frame_release(client->frame);
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
    stream_free_client(client);
    pthread_mutex_unlock(&hub->mutex);
}

/* A page that is loaded again must not be refused because of its own old stream. */
static bool stream_add_client(struct stream_hub *hub, struct stream_client *client)
{
    pthread_mutex_lock(&hub->mutex);
    bool room = !hub->ending && (hub->count < hub->max || stream_sweep_clients(hub) < hub->max);
    if (room) {
        client->frame = stream_frame_share(hub->greeting);
        client->next = hub->clients;
        hub->clients = client;
        hub->count++;
    }
    pthread_mutex_unlock(&hub->mutex);
    thread_wake(&hub->thread);
    return room;
}

struct MHD_Response *stream_hub_open_stream(void *context, const char *device,
                                            struct MHD_Connection *connection,
                                            struct thread *server)
{
    struct stream_hub *hub = context;
    REQUIRE(hub && connection && server);
    struct stream_client *client = malloc(sizeof *client);
    if (!client)
        memory_fail();
    *client = (struct stream_client){
        .hub = hub,
        .connection = connection,
        .server = server,
        .fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd,
        .position.edition = STREAM_NO_EDITION,
        .filled_ms = clock_steady_ms()};
    if (device)
        snprintf(client->position.device, sizeof client->position.device, "%s", device);
    if (!stream_add_client(hub, client)) {
        free(client);
        return NULL;
    }
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream_read_block, client, stream_close_client);
    if (!response) {
        stream_close_client(client);
        memory_fail();
    }
    /* Without chunks, a frame needs one call of the kernel. */
    MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
    return response;
}
