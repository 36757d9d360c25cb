/* A queue of questions and one of answers around a Modbus link. */
#include "mqttd/writeback/readback.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/modbus/modbus_client.h"

enum { READINGS_MAX = 256 };

struct ring {
    struct reading item[READINGS_MAX];
    size_t first, count;
};

struct reader {
    struct modbus_link *link;
    int notify_fd;
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t asked;
    struct ring questions, answers;
    bool stop;
};

static bool put(struct ring *ring, const struct reading *reading)
{
    if (ring->count == READINGS_MAX)
        return false;
    ring->item[(ring->first + ring->count++) % READINGS_MAX] = *reading;
    return true;
}

static bool take(struct ring *ring, struct reading *reading)
{
    if (ring->count == 0)
        return false;
    *reading = ring->item[ring->first];
    ring->first = (ring->first + 1) % READINGS_MAX;
    ring->count--;
    return true;
}

static bool wait_for_question(struct reader *reader, struct reading *reading)
{
    pthread_mutex_lock(&reader->lock);
    while (!reader->stop && reader->questions.count == 0)
        pthread_cond_wait(&reader->asked, &reader->lock);
    bool found = !reader->stop && take(&reader->questions, reading);
    pthread_mutex_unlock(&reader->lock);
    return found;
}

static void *run(void *context)
{
    static const uint64_t one = 1;
    struct reader *reader = context;
    struct reading reading;
    while (wait_for_question(reader, &reading)) {
        reading.result =
            modbus_link_read(reader->link, reading.unit, (enum modbus_table)reading.table,
                             reading.address, reading.count, reading.words);
        pthread_mutex_lock(&reader->lock);
        put(&reader->answers, &reading);
        pthread_mutex_unlock(&reader->lock);
        if (write(reader->notify_fd, &one, sizeof one) < 0)
            log_debug("the event counter is full");
    }
    return NULL;
}

struct reader *reader_create(const struct net_addr *server, unsigned timeout_ms, int notify_fd)
{
    struct reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->notify_fd = notify_fd;
    reader->link = modbus_link_create(server, timeout_ms);
    pthread_mutex_init(&reader->lock, NULL);
    pthread_cond_init(&reader->asked, NULL);
    errno = reader->link ? pthread_create(&reader->thread, NULL, run, reader) : ENOMEM;
    if (errno == 0)
        return reader;
    int saved = errno;
    modbus_link_destroy(reader->link);
    free(reader);
    errno = saved;
    return NULL;
}

void reader_destroy(struct reader *reader)
{
    if (!reader)
        return;
    pthread_mutex_lock(&reader->lock);
    reader->stop = true;
    pthread_cond_signal(&reader->asked);
    pthread_mutex_unlock(&reader->lock);
    pthread_join(reader->thread, NULL);
    modbus_link_destroy(reader->link);
    pthread_cond_destroy(&reader->asked);
    pthread_mutex_destroy(&reader->lock);
    free(reader);
}

/* A question that is accepted has room for its answer, since both queues count. */
bool reader_ask(struct reader *reader, const struct reading *reading)
{
    pthread_mutex_lock(&reader->lock);
    bool ok = reader->questions.count + reader->answers.count < READINGS_MAX - 1 &&
              put(&reader->questions, reading);
    pthread_cond_signal(&reader->asked);
    pthread_mutex_unlock(&reader->lock);
    return ok;
}

bool reader_next(struct reader *reader, struct reading *reading)
{
    pthread_mutex_lock(&reader->lock);
    bool found = take(&reader->answers, reading);
    pthread_mutex_unlock(&reader->lock);
    return found;
}
