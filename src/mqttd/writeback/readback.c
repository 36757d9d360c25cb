/* A thread with a Modbus client takes requests from one queue and puts results into another. */
#include "mqttd/writeback/readback.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "common/base/require.h"
#include "common/modbus/modbus_client.h"

enum { READBACKS_MAX = 256 };

struct read_queue {
    struct register_read item[READBACKS_MAX];
    size_t first, count;
};

struct readback {
    struct modbus_client *link;
    struct wakeup *notify;
    struct thread thread;
    pthread_mutex_t lock; /* protects the next line */
    struct read_queue requests, results;
};

static bool read_queue_put(struct read_queue *read_queue, const struct register_read *register_read)
{
    if (read_queue->count == READBACKS_MAX)
        return false;
    read_queue->item[(read_queue->first + read_queue->count++) % READBACKS_MAX] = *register_read;
    return true;
}

static bool read_queue_take(struct read_queue *read_queue, struct register_read *register_read)
{
    if (read_queue->count == 0)
        return false;
    *register_read = read_queue->item[read_queue->first];
    read_queue->first = (read_queue->first + 1) % READBACKS_MAX;
    read_queue->count--;
    return true;
}

static void readback_run_thread(void *context)
{
    struct readback *readback = context;
    struct register_read register_read;
    while (!thread_is_stopping(&readback->thread)) {
        pthread_mutex_lock(&readback->lock);
        bool found = read_queue_take(&readback->requests, &register_read);
        pthread_mutex_unlock(&readback->lock);
        if (!found) {
            thread_wait(&readback->thread, THREAD_FOREVER);
            continue;
        }
        register_read.result = modbus_client_read(
            readback->link, register_read.unit, (enum modbus_table)register_read.table,
            register_read.address, register_read.count, register_read.words);
        pthread_mutex_lock(&readback->lock);
        bool is_put = read_queue_put(&readback->results, &register_read);
        REQUIRE(is_put); /* readback_request has reserved a place for it */
        pthread_mutex_unlock(&readback->lock);
        wakeup_raise(readback->notify);
    }
}

struct readback *readback_create(const struct net_addr *server, unsigned timeout_ms,
                                 struct wakeup *notify)
{
    struct readback *readback = calloc(1, sizeof *readback);
    if (!readback)
        return NULL;
    readback->notify = notify;
    readback->link = modbus_client_create(server, timeout_ms);
    pthread_mutex_init(&readback->lock, NULL);
    errno = ENOMEM;
    if (readback->link && modbus_client_trust_server(readback->link) &&
        thread_start(&readback->thread, "readback", readback_run_thread, readback))
        return readback;
    int saved = errno;
    readback_destroy(readback);
    errno = saved;
    return NULL;
}

void readback_destroy(struct readback *readback)
{
    if (!readback)
        return;
    thread_join(&readback->thread);
    modbus_client_destroy(readback->link);
    pthread_mutex_destroy(&readback->lock);
    free(readback);
}

/* Accepts a request only when there will be a place for its result: both queues together, and the
 * read under way, have no more items than one queue can hold. */
bool readback_request(struct readback *readback, const struct register_read *register_read)
{
    REQUIRE(register_read->count > 0 && register_read->count <= POINT_REGISTERS_MAX);
    REQUIRE(register_read->table < TABLE_COUNT);
    pthread_mutex_lock(&readback->lock);
    bool ok = readback->requests.count + readback->results.count < READBACKS_MAX - 1 &&
              read_queue_put(&readback->requests, register_read);
    pthread_mutex_unlock(&readback->lock);
    if (ok)
        thread_wake(&readback->thread);
    return ok;
}

bool readback_take_result(struct readback *readback, struct register_read *register_read)
{
    pthread_mutex_lock(&readback->lock);
    bool found = read_queue_take(&readback->results, register_read);
    pthread_mutex_unlock(&readback->lock);
    return found;
}
