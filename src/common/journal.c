/* The ring of SCADA's writes. The one writer marks a slot as empty, fills it, then gives it its
 * sequence number; a reader copies a slot and looks at its number before and after. Every word is
 * an atomic, stored with release and loaded with acquire: a reader that has seen one new word also
 * sees that the slot's number is gone, so that no entry is ever read torn, and a writer that is
 * killed in mid-entry leaves an empty slot, which its successor fills again. */
#include "common/journal.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static const char magic[] = "TFjournl";

enum {
    JOURNAL_LAYOUT = 1,
    VALUE_WORDS = (JOURNAL_VALUES_MAX * 2 + 7) / 8,
    BODY_WORDS = 2 + VALUE_WORDS, /* time, meta, values */
};

struct slot {
    _Atomic uint64_t sequence; /* 0: empty, or being written */
    _Atomic uint64_t body[BODY_WORDS];
};

struct ring {
    struct shm_header header;
    _Atomic uint64_t next; /* the next sequence number; 0 in a new file stands for 1 */
    _Atomic uint32_t wake; /* moves with each wake-up; readers wait on it */
    uint32_t reserved;
    uint64_t padding[2];
    struct slot slots[JOURNAL_ENTRIES];
};

_Static_assert((JOURNAL_ENTRIES & (JOURNAL_ENTRIES - 1)) == 0, "a power of two");
_Static_assert(sizeof(_Atomic uint32_t) == sizeof(uint32_t), "a futex word");

static struct ring *ring_of(const struct journal *journal)
{
    return (struct ring *)journal->shm.base;
}

static struct slot *slot_of(const struct journal *journal, uint64_t sequence)
{
    return &ring_of(journal)->slots[sequence % JOURNAL_ENTRIES];
}

static struct shm_spec describe(const char *path)
{
    return (struct shm_spec){
        .path = path, .magic = magic, .layout = JOURNAL_LAYOUT, .size = sizeof(struct ring)};
}

static long futex(const _Atomic uint32_t *word, int operation, uint32_t value,
                  const struct timespec *timeout)
{
    return syscall(SYS_futex, word, operation, value, timeout, NULL, 0);
}

bool journal_open_writer(struct journal *journal, const char *path, char *why, size_t why_size)
{
    struct shm_spec spec = describe(path);
    if (shm_open_writer(&journal->shm, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    /* A predecessor killed between its last two stores wrote an entry that it did not count. */
    uint64_t next = journal_end(journal);
    if (atomic_load_explicit(&slot_of(journal, next)->sequence, memory_order_relaxed) == next)
        next++;
    atomic_store_explicit(&ring_of(journal)->next, next, memory_order_release);
    journal_wake(journal); /* the predecessor may not have come to it */
    return true;
}

bool journal_open_reader(struct journal *journal, const char *path, char *why, size_t why_size)
{
    struct shm_spec spec = describe(path);
    return shm_open_reader(&journal->shm, &spec, why, why_size);
}

void journal_close(struct journal *journal)
{
    if (journal)
        shm_close(&journal->shm);
}

uint64_t journal_identity(const struct journal *journal)
{
    return journal->shm.base->identity;
}

uint64_t journal_end(const struct journal *journal)
{
    uint64_t next = atomic_load_explicit(&ring_of(journal)->next, memory_order_acquire);
    return next ? next : 1;
}

static size_t value_words(const struct journal_entry *entry)
{
    size_t values = entry->table == JOURNAL_COIL ? (entry->count + 15u) / 16u : entry->count;
    return (values * 2 + 7) / 8;
}

static void pack(const struct journal_entry *entry, uint64_t body[BODY_WORDS])
{
    body[0] = entry->wall_ms;
    body[1] = (uint64_t)entry->unit << 40 | (uint64_t)entry->table << 32 |
              (uint64_t)entry->address << 16 | entry->count;
    body[BODY_WORDS - 1] = 0;
    memcpy(&body[2], entry->values, sizeof entry->values);
}

static void unpack(uint64_t sequence, const uint64_t body[BODY_WORDS], struct journal_entry *entry)
{
    entry->sequence = sequence;
    entry->wall_ms = body[0];
    entry->unit = (uint8_t)(body[1] >> 40);
    entry->table = (uint8_t)(body[1] >> 32);
    entry->address = (uint16_t)(body[1] >> 16);
    entry->count = (uint16_t)body[1];
    memcpy(entry->values, &body[2], sizeof entry->values);
}

void journal_append(struct journal *journal, const struct journal_entry *entry)
{
    struct ring *ring = ring_of(journal);
    uint64_t sequence = journal_end(journal);
    struct slot *slot = slot_of(journal, sequence);
    uint64_t body[BODY_WORDS];
    pack(entry, body);
    atomic_store_explicit(&slot->sequence, 0, memory_order_relaxed);
    for (size_t i = 0; i < 2 + value_words(entry); i++)
        atomic_store_explicit(&slot->body[i], body[i], memory_order_release);
    atomic_store_explicit(&slot->sequence, sequence, memory_order_release);
    atomic_store_explicit(&ring->next, sequence + 1, memory_order_release);
}

void journal_wake(struct journal *journal)
{
    struct ring *ring = ring_of(journal);
    atomic_fetch_add_explicit(&ring->wake, 1, memory_order_release);
    futex(&ring->wake, FUTEX_WAKE, INT32_MAX, NULL);
}

/* The oldest entry that a reader may still hope to copy: the one in the slot that the writer
 * fills next is left out, for it may vanish at any moment. */
static uint64_t oldest(uint64_t end)
{
    return end > JOURNAL_ENTRIES ? end - JOURNAL_ENTRIES + 1 : 1;
}

enum journal_result journal_read(const struct journal *journal, uint64_t *position,
                                 struct journal_entry *entry)
{
    uint64_t end = journal_end(journal);
    if (*position >= end)
        return JOURNAL_EMPTY;
    const struct slot *slot = slot_of(journal, *position);
    uint64_t body[BODY_WORDS];
    bool whole =
        *position > 0 && atomic_load_explicit(&slot->sequence, memory_order_acquire) == *position;
    for (size_t i = 0; whole && i < BODY_WORDS; i++)
        body[i] = atomic_load_explicit(&slot->body[i], memory_order_acquire);
    if (whole && atomic_load_explicit(&slot->sequence, memory_order_relaxed) == *position) {
        unpack(*position, body, entry);
        return JOURNAL_ENTRY;
    }
    uint64_t first = oldest(journal_end(journal));
    *position = first > *position ? first : *position + 1;
    return JOURNAL_OVERRUN;
}

void journal_wait(const struct journal *journal, uint64_t position, int timeout_ms)
{
    const struct ring *ring = ring_of(journal);
    uint32_t seen = atomic_load_explicit(&ring->wake, memory_order_acquire);
    struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    if (journal_end(journal) <= position)
        futex(&ring->wake, FUTEX_WAIT, seen, &timeout);
}
