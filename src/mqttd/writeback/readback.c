/* A queue of questions and one of answers around a Modbus link. */
#include "mqttd/writeback/readback.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/modbus/modbus_client.h"

enum { READBACKS_MAX = 256 };

struct read_queue {
    struct register_read item[READBACKS_MAX];
    size_t first, count;
};

struct readback {
    struct modbus_client *link;
    int notify_fd;
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t asked;
    struct read_queue questions, answers;
    bool stop;
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

static bool readback_wait_request(struct readback *readback, struct register_read *register_read)
{
    pthread_mutex_lock(&readback->lock);
    while (!readback->stop && readback->questions.count == 0)
        pthread_cond_wait(&readback->asked, &readback->lock);
    bool found = !readback->stop && read_queue_take(&readback->questions, register_read);
    pthread_mutex_unlock(&readback->lock);
    return found;
}

static void *readback_thread_run(void *context)
{
    static const uint64_t one = 1;
    struct readback *readback = context;
    struct register_read register_read;
    while (readback_wait_request(readback, &register_read)) {
        register_read.result = modbus_client_read(
            readback->link, register_read.unit, (enum modbus_table)register_read.table,
            register_read.address, register_read.count, register_read.words);
        pthread_mutex_lock(&readback->lock);
        read_queue_put(&readback->answers, &register_read);
        pthread_mutex_unlock(&readback->lock);
        if (write(readback->notify_fd, &one, sizeof one) < 0)
            log_debug("the event counter is full");
    }
    return NULL;
}

struct readback *readback_create(const struct net_addr *server, unsigned timeout_ms, int notify_fd)
{
    struct readback *readback = calloc(1, sizeof *readback);
    if (!readback)
        return NULL;
    readback->notify_fd = notify_fd;
    readback->link = modbus_client_create(server, timeout_ms);
    pthread_mutex_init(&readback->lock, NULL);
    pthread_cond_init(&readback->asked, NULL);
    errno = readback->link ? pthread_create(&readback->thread, NULL, readback_thread_run, readback)
                           : ENOMEM;
    if (errno == 0)
        return readback;
    int saved = errno;
    modbus_client_destroy(readback->link);
    free(readback);
    errno = saved;
    return NULL;
}

void readback_destroy(struct readback *readback)
{
    if (!readback)
        return;
    pthread_mutex_lock(&readback->lock);
    readback->stop = true;
    pthread_cond_signal(&readback->asked);
    pthread_mutex_unlock(&readback->lock);
    pthread_join(readback->thread, NULL);
    modbus_client_destroy(readback->link);
    pthread_cond_destroy(&readback->asked);
    pthread_mutex_destroy(&readback->lock);
    free(readback);
}

/* A question that is accepted has room for its answer, since both queues count. */
bool readback_request(struct readback *readback, const struct register_read *register_read)
{
    pthread_mutex_lock(&readback->lock);
    bool ok = readback->questions.count + readback->answers.count < READBACKS_MAX - 1 &&
              read_queue_put(&readback->questions, register_read);
    pthread_cond_signal(&readback->asked);
    pthread_mutex_unlock(&readback->lock);
    return ok;
}

bool readback_take_result(struct readback *readback, struct register_read *register_read)
{
    pthread_mutex_lock(&readback->lock);
    bool found = read_queue_take(&readback->answers, register_read);
    pthread_mutex_unlock(&readback->lock);
    return found;
}
