/* The messages of each location, and the views of threads. */
#include "memory.h"

#include <string.h>

#include "common/base/require.h"

struct message {
    uint64_t number;
    struct view view; /* what a thread knows that reads the message with acquire */
};

struct location {
    volatile void *at;
    size_t size;
    unsigned count;
    struct message messages[MESSAGES_MAX];
};

enum { BUCKETS = 1024 };

static struct {
    unsigned count;
    struct location locations[LOCATIONS_MAX];
    uint16_t buckets[BUCKETS]; /* the index of a location, plus one */
} memory;

static unsigned memory_bucket_of(const volatile void *at)
{
    return (unsigned)(((uintptr_t)at >> 2) * UINT64_C(0x9e3779b97f4a7c15) >> 40) % BUCKETS;
}

/* The location, or NULL if nobody has stored there since the reset. */
static struct location *memory_find(const volatile void *at)
{
    for (unsigned i = memory_bucket_of(at); memory.buckets[i] != 0; i = (i + 1) % BUCKETS)
        if (memory.locations[memory.buckets[i] - 1].at == at)
            return &memory.locations[memory.buckets[i] - 1];
    return NULL;
}

static unsigned memory_index_of(const struct location *location)
{
    return (unsigned)(location - memory.locations);
}

static struct location *memory_find_or_add(volatile void *at, size_t size)
{
    struct location *found = memory_find(at);
    if (found) {
        REQUIRE(found->size == size);
        return found;
    }
    REQUIRE(memory.count < LOCATIONS_MAX);
    found = &memory.locations[memory.count++];
    found->at = at;
    found->size = size;
    found->count = 1;
    found->messages[0].number = memory_plain_load(at, size);
    memset(&found->messages[0].view, 0, sizeof found->messages[0].view);
    unsigned bucket = memory_bucket_of(at);
    while (memory.buckets[bucket] != 0)
        bucket = (bucket + 1) % BUCKETS;
    memory.buckets[bucket] = (uint16_t)memory.count;
    return found;
}

void memory_reset(void)
{
    for (unsigned i = 0; i < memory.count; i++)
        memory_plain_store(memory.locations[i].at, memory.locations[i].size,
                           memory.locations[i].messages[0].number);
    memory.count = 0;
    memset(memory.buckets, 0, sizeof memory.buckets);
}

uint64_t memory_plain_load(const volatile void *at, size_t size)
{
    REQUIRE(size == 8 || size == 4);
    return size == 8 ? *(const volatile uint64_t *)at : *(const volatile uint32_t *)at;
}

void memory_plain_store(volatile void *at, size_t size, uint64_t number)
{
    REQUIRE(size == 8 || size == 4);
    if (size == 8)
        *(volatile uint64_t *)at = number;
    else
        *(volatile uint32_t *)at = (uint32_t)number;
}

static bool memory_is_acquire(memory_order order)
{
    return order == memory_order_acquire || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

static bool memory_is_release(memory_order order)
{
    return order == memory_order_release || order == memory_order_acq_rel ||
           order == memory_order_seq_cst;
}

/* True when a thread that reads `newer` learns all that it learns from `older`, but for the place
 * of the messages in the list of their own location. */
static bool memory_tells_as_much(const struct message *newer, const struct message *older,
                                 unsigned own)
{
    for (unsigned i = 0; i < memory.count; i++)
        if (i != own && older->view.oldest[i] > newer->view.oldest[i])
            return false;
    return true;
}

unsigned memory_choices(const struct view *view, const volatile void *at,
                        uint8_t messages[MESSAGES_MAX])
{
    const struct location *location = memory_find(at);
    unsigned count = 0;
    if (!location)
        return 0;
    unsigned own = memory_index_of(location);
    for (uint8_t i = view->oldest[own]; i < location->count; i++) {
        const struct message *newer = &location->messages[i];
        bool is_needed = true;
        for (unsigned k = 0; k < count && is_needed; k++) {
            const struct message *older = &location->messages[messages[k]];
            is_needed = older->number != newer->number || !memory_tells_as_much(newer, older, own);
        }
        if (is_needed)
            messages[count++] = i;
    }
    return count;
}

uint64_t memory_load(struct view *view, const volatile void *at, size_t size, memory_order order,
                     uint8_t message)
{
    const struct location *location = memory_find(at);
    if (!location)
        return memory_plain_load(at, size);
    unsigned own = memory_index_of(location);
    REQUIRE(message >= view->oldest[own] && message < location->count);
    const struct message *read = &location->messages[message];
    view->oldest[own] = message;
    if (memory_is_acquire(order))
        memory_join(view, &read->view);
    return read->number;
}

/* Appends a message, whose view begins empty. */
static struct message *memory_append(struct view *view, struct location *location, uint64_t number)
{
    REQUIRE(location->count < MESSAGES_MAX);
    struct message *message = &location->messages[location->count];
    view->oldest[memory_index_of(location)] = (uint8_t)location->count++;
    message->number = location->size == 8 ? number : (uint32_t)number;
    memset(&message->view, 0, sizeof message->view);
    message->view.oldest[memory_index_of(location)] = (uint8_t)(location->count - 1);
    memory_plain_store(location->at, location->size, number);
    return message;
}

void memory_store(struct view *view, volatile void *at, size_t size, memory_order order,
                  uint64_t number)
{
    struct message *message = memory_append(view, memory_find_or_add(at, size), number);
    if (memory_is_release(order))
        message->view = *view;
}

uint64_t memory_rmw(struct view *view, volatile void *at, size_t size, memory_order order,
                    bool is_addition, uint64_t number)
{
    struct location *location = memory_find_or_add(at, size);
    const struct message *read = &location->messages[location->count - 1];
    uint64_t before = read->number;
    if (memory_is_acquire(order))
        memory_join(view, &read->view);
    struct message *message =
        memory_append(view, location, is_addition ? before + number : before | number);
    if (memory_is_release(order))
        message->view = *view;
    memory_join(&message->view, &read->view); /* a release sequence goes on */
    return before;
}

void memory_join(struct view *to, const struct view *from)
{
    for (unsigned i = 0; i < memory.count; i++)
        if (to->oldest[i] < from->oldest[i])
            to->oldest[i] = from->oldest[i];
}

void memory_see_all(struct view *view)
{
    for (unsigned i = 0; i < memory.count; i++)
        view->oldest[i] = (uint8_t)(memory.locations[i].count - 1);
}

uint64_t memory_newest(const volatile void *at, size_t size)
{
    return memory_plain_load(at, size);
}

uint64_t memory_hash_view(const struct view *view, uint64_t hash)
{
    for (unsigned i = 0; i < memory.count; i++)
        hash = (hash ^ view->oldest[i]) * UINT64_C(0x100000001b3);
    return hash;
}
