/* One thread looks at the values ten times a second and fills a buffer for each client that has
 * taken what it was given. A client that reads slowly gets the newest values when it comes round;
 * what lay between is lost, and nothing piles up. */
#include "api/monitor/stream.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>

#include "api/base/request_memory.h"
#include "api/live/value_watch.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/log_limit.h"

enum { LOOK_MS = 100, HEARTBEAT_MS = 15000, VALUES_AT_ONCE = 500, BLOCK_BYTES = 32768 };

struct client {
    struct client *next;
    struct stream_hub *hub;
    struct MHD_Connection *connection;
    int wake_fd;  /* wakes the thread that serves the connection */
    char *device; /* or NULL */
    struct feed_reader reader;
    struct memory memory; /* the buffer's */
    struct text buffer;   /* what is to be sent, from `sent` on */
    size_t sent;
    bool over;         /* there was no memory for it: it ends, and the client comes again */
    uint64_t spoke_ms; /* when the client was given something last */
    bool suspended;
};

struct stream_hub {
    pthread_t thread;
    pthread_mutex_t mutex; /* of all below, and of all clients */
    pthread_cond_t wake;
    struct feed feed; /* of the thread, without the mutex, and so is its memory */
    struct memory memory;
    struct rate failures; /* log lines about want of memory */
    struct client *clients;
    size_t count, max;
    bool ending, running;
};

static void wake_client(struct client *client)
{
    if (client->suspended) {
        client->suspended = false;
        MHD_resume_connection(client->connection);
        eventfd_write(client->wake_fd, 1);
    }
}

/* Fills the buffer of a client that has sent all. */
static void fill(void *context)
{
    struct client *client = context;
    uint64_t now = clock_steady_ms();
    client->buffer.len = client->sent = 0;
    text_puts(&client->buffer, "event: values\ndata:");
    if (feed_take(&client->hub->feed, &client->reader, client->device, VALUES_AT_ONCE,
                  &client->buffer)) {
        text_puts(&client->buffer, "\n\n");
    } else if (now - client->spoke_ms >= HEARTBEAT_MS) {
        client->buffer.len = 0;
        text_puts(&client->buffer, ": heartbeat\n\n");
    } else {
        client->buffer.len = 0;
        return;
    }
    client->spoke_ms = now;
    wake_client(client);
}

static void note_no_memory(struct stream_hub *hub)
{
    uint64_t now = clock_steady_ms();
    if (!rate_due(&hub->failures, now))
        return;
    log_error("stream: no memory; values are late, or a stream ends and its client has to connect "
              "again");
    rate_said(&hub->failures, now);
}

static void give_up(struct client *client)
{
    memory_finish(&client->memory);
    client->buffer = (struct text){0};
    client->sent = 0;
    client->over = true;
    note_no_memory(client->hub);
    wake_client(client);
}

static void serve(struct client *client)
{
    if (client->sent < client->buffer.len || client->over)
        return;
    if (!memory_run(&client->memory, fill, client))
        give_up(client);
}

static void serve_all(struct stream_hub *hub)
{
    for (struct client *client = hub->clients; client; client = client->next)
        serve(client);
}

static void wait_ms(struct stream_hub *hub, unsigned ms)
{
    struct timespec until = clock_deadline(ms);
    pthread_cond_clockwait(&hub->wake, &hub->mutex, CLOCK_MONOTONIC, &until);
}

static void look(void *context)
{
    struct stream_hub *hub = context;
    if (!feed_look(&hub->feed))
        log_debug("stream: the store cannot be read now");
}

/* Without memory the next look begins with nothing. */
static void look_at_all(struct stream_hub *hub)
{
    struct worker *worker = hub->feed.worker;
    worker_begins(worker);
    if (!memory_run(&hub->memory, look, hub)) {
        store_abandon(worker->store);
        memory_finish(&hub->memory);
        feed_forget(&hub->feed);
        note_no_memory(hub);
    }
    worker_ends(worker);
}

static void *run(void *context)
{
    struct stream_hub *hub = context;
    uint64_t looked_ms = 0;
    pthread_mutex_lock(&hub->mutex);
    while (!hub->ending) {
        if (hub->count == 0) {
            feed_finish(&hub->feed);
            pthread_cond_wait(&hub->wake, &hub->mutex);
            continue;
        }
        if (clock_steady_ms() - looked_ms >= LOOK_MS) {
            pthread_mutex_unlock(&hub->mutex);
            looked_ms = clock_steady_ms();
            look_at_all(hub);
            pthread_mutex_lock(&hub->mutex);
        }
        serve_all(hub);
        wait_ms(hub, LOOK_MS);
    }
    pthread_mutex_unlock(&hub->mutex);
    return NULL;
}

struct stream_hub *stream_start(struct worker *worker, size_t max_clients)
{
    struct stream_hub *hub = calloc(1, sizeof *hub);
    if (!hub)
        return NULL;
    hub->feed.worker = worker;
    hub->max = max_clients;
    pthread_mutex_init(&hub->mutex, NULL);
    pthread_cond_init(&hub->wake, NULL);
    hub->running = pthread_create(&hub->thread, NULL, run, hub) == 0;
    if (!hub->running) {
        stream_stop(hub);
        return NULL;
    }
    pthread_setname_np(hub->thread, "stream");
    return hub;
}

void stream_end_all(struct stream_hub *hub)
{
    pthread_mutex_lock(&hub->mutex);
    hub->ending = true;
    for (struct client *client = hub->clients; client; client = client->next)
        wake_client(client);
    pthread_cond_signal(&hub->wake);
    pthread_mutex_unlock(&hub->mutex);
    if (hub->running)
        pthread_join(hub->thread, NULL);
    hub->running = false;
}

void stream_stop(struct stream_hub *hub)
{
    if (!hub)
        return;
    if (hub->running)
        stream_end_all(hub);
    feed_finish(&hub->feed);
    pthread_cond_destroy(&hub->wake);
    pthread_mutex_destroy(&hub->mutex);
    free(hub);
}

/* MHD asks for bytes. Without any the connection sleeps until the thread has some. */
static ssize_t read_stream(void *context, uint64_t position, char *buffer, size_t size)
{
    struct client *client = context;
    struct stream_hub *hub = client->hub;
    ssize_t count = 0;
    (void)position;
    pthread_mutex_lock(&hub->mutex);
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
            pthread_cond_signal(&hub->wake);
    }
    pthread_mutex_unlock(&hub->mutex);
    return count;
}

static void free_client(struct client *client)
{
    memory_finish(&client->memory);
    free(client->device);
    free(client);
}

static void close_stream(void *context)
{
    struct client *client = context;
    struct stream_hub *hub = client->hub;
    pthread_mutex_lock(&hub->mutex);
    struct client **at = &hub->clients;
    while (*at != client)
        at = &(*at)->next;
    *at = client->next;
    hub->count--;
    pthread_mutex_unlock(&hub->mutex);
    free_client(client);
}

static bool enter(struct stream_hub *hub, struct client *client)
{
    pthread_mutex_lock(&hub->mutex);
    bool room = hub->count < hub->max && !hub->ending;
    if (room) {
        client->next = hub->clients;
        hub->clients = client;
        hub->count++;
        pthread_cond_signal(&hub->wake);
    }
    pthread_mutex_unlock(&hub->mutex);
    return room;
}

static void greet(void *context)
{
    struct client *client = context;
    text_puts(&client->buffer, "retry: 2000\n\n");
}

/* NULL when there is no memory. */
static struct client *make_client(const char *device)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return NULL;
    if ((!device || (client->device = strdup(device))) &&
        memory_run(&client->memory, greet, client))
        return client;
    free_client(client);
    return NULL;
}

struct MHD_Response *stream_open(struct stream_hub *hub, struct MHD_Connection *connection,
                                 int wake_fd, const char *device)
{
    struct client *client = make_client(device);
    if (!client)
        memory_fail();
    client->hub = hub;
    client->connection = connection;
    client->wake_fd = wake_fd;
    client->spoke_ms = clock_steady_ms();
    if (!enter(hub, client)) {
        free_client(client);
        return NULL;
    }
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_stream, client, close_stream);
    if (!response) {
        close_stream(client);
        memory_fail();
    }
    return response;
}
