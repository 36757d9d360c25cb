/* The ring of SCADA's writes. The one writer marks a slot as empty, fills it, then stores its
 * sequence number; a reader checks the number before and after it copies a slot. Each word is
 * atomic, stored with release and loaded with acquire: a reader that sees one new word also sees
 * that the slot's number has changed, and so never returns a torn entry. A writer that is killed
 * while it fills a slot leaves it empty; its successor fills it again. */
#include "common/shared/journal.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/require.h"
#include "common/base/unit_set.h"

static const char magic[] = "TFjournl";

enum {
    JOURNAL_LAYOUT = 2,
    VALUE_WORDS = (JOURNAL_VALUES_MAX * 2 + 7) / 8,
    HEAD_WORDS = 2,                            /* time, meta */
    BODY_WORDS = HEAD_WORDS + 2 * VALUE_WORDS, /* head, values, masks */
};

struct journal_slot {
    _Atomic uint64_t sequence; /* 0: empty, or being written */
    _Atomic uint64_t body[BODY_WORDS];
};

struct journal_ring {
    struct shm_header header;
    _Atomic uint64_t next; /* the next sequence number; 0, in a new file, means 1 */
    _Atomic uint32_t wake; /* incremented by each wake-up; readers wait on it */
    uint32_t reserved;
    uint64_t padding[2];
    struct journal_slot slots[JOURNAL_ENTRIES];
};

_Static_assert(sizeof(struct journal_slot) == (size_t)8 * (3 + 2 * 31),
               "the format stays as it is");
_Static_assert(offsetof(struct journal_ring, slots) == 64, "the format stays as it is");
_Static_assert((JOURNAL_ENTRIES & (JOURNAL_ENTRIES - 1)) == 0, "a power of two");
_Static_assert(MODBUS_WRITE_BITS_MAX <= 16 * JOURNAL_VALUES_MAX,
               "an entry holds all coils of a write");
_Static_assert(sizeof(_Atomic uint32_t) == sizeof(uint32_t), "a futex word");

static struct journal_ring *journal_ring_of(const struct journal *journal)
{
    return (struct journal_ring *)journal->shm.base;
}

static struct journal_slot *journal_slot_of(const struct journal *journal, uint64_t sequence)
{
    return &journal_ring_of(journal)->slots[sequence % JOURNAL_ENTRIES];
}

static struct shm_spec journal_file_spec(const char *path)
{
    return (struct shm_spec){.path = path,
                             .magic = magic,
                             .layout = JOURNAL_LAYOUT,
                             .size = sizeof(struct journal_ring)};
}

/* The call whose timeout is the C library's struct timespec: with a time_t of 64 bits, a processor
 * of 32 bits has another one. */
#ifdef SYS_futex_time64
enum { FUTEX_CALL = sizeof(time_t) > sizeof(long) ? SYS_futex_time64 : SYS_futex };
#else
enum { FUTEX_CALL = SYS_futex };
#endif

static long journal_futex(const _Atomic uint32_t *word, int operation, uint32_t value,
                          const struct timespec *timeout)
{
    return syscall(FUTEX_CALL, word, operation, value, timeout, NULL, 0);
}

uint64_t journal_next_sequence(const struct journal *journal)
{
    if (journal->next != 0)
        return journal->next;
    uint64_t next = atomic_load_explicit(&journal_ring_of(journal)->next, memory_order_acquire);
    return next ? next : 1;
}

/* The writer uses its own copy: the number in the file may be lost or overwritten. */
static void journal_set_next(struct journal *journal, uint64_t next)
{
    journal->next = next;
    atomic_store_explicit(&journal_ring_of(journal)->next, next, memory_order_release);
}

bool journal_open_writer(struct journal *journal, const char *path, char *why, size_t why_size)
{
    struct shm_spec spec = journal_file_spec(path);
    char fault[SHM_WHY_SIZE];
    struct shm old;
    bool faulty = false; /* a journal exists, but has the fault in `fault` */
    if (access(path, F_OK) == 0) {
        faulty = !shm_open_reader(&old, &spec, fault, sizeof fault);
        if (!faulty)
            shm_close(&old);
    }
    enum shm_opened opened = shm_open_writer(&journal->shm, &spec, true, why, why_size);
    if (opened == SHM_FAILED)
        return false;
    if (opened == SHM_CREATED && faulty)
        log_warning("%s: replaced by a new journal; commands of SCADA that were not published yet "
                    "are lost",
                    fault);
    journal->next = 0; /* use the number in the file */
    uint64_t next = journal_next_sequence(journal);
    /* The slots must contain the newest sequence numbers. One more is possible: a predecessor that
     * was killed between its last two stores wrote an entry, but did not count it. */
    bool sound = next < UINT64_MAX / 2;
    for (uint64_t i = 0; sound && i < JOURNAL_ENTRIES; i++) {
        uint64_t sequence = atomic_load_explicit(&journal_ring_of(journal)->slots[i].sequence,
                                                 memory_order_relaxed);
        sound = sequence == 0 || (sequence % JOURNAL_ENTRIES == i && sequence <= next &&
                                  sequence + JOURNAL_ENTRIES >= next);
    }
    if (!sound &&
        !shm_begin_again(&journal->shm, "its entries are damaged, and commands of SCADA that were "
                                        "not published yet are lost")) {
        snprintf(why, why_size, "%s: its entries are damaged", path);
        journal_close(journal);
        return false;
    }
    next = journal_next_sequence(journal);
    if (atomic_load_explicit(&journal_slot_of(journal, next)->sequence, memory_order_relaxed) ==
        next)
        next++;
    journal_set_next(journal, next);
    journal_wake_readers(journal); /* a predecessor may have been killed before it did */
    return true;
}

void journal_repair_file(struct journal *journal)
{
    if (shm_repair_file(&journal->shm) != SHM_RENEWED)
        return;
    journal_set_next(journal, journal->next);
    journal_wake_readers(journal);
}

bool journal_open_reader(struct journal *journal, const char *path, char *why, size_t why_size)
{
    struct shm_spec spec = journal_file_spec(path);
    journal->next = 0;
    return shm_open_reader(&journal->shm, &spec, why, why_size);
}

void journal_close(struct journal *journal)
{
    if (journal)
        shm_close(&journal->shm);
}

uint64_t journal_identity(const struct journal *journal)
{
    return journal->shm.header.identity;
}

static bool journal_entry_is_sound(const struct journal_entry *entry)
{
    unsigned most = entry->table == JOURNAL_COIL ? MODBUS_WRITE_BITS_MAX : JOURNAL_VALUES_MAX;
    return entry->unit >= 1 && entry->unit <= UNIT_MAX &&
           entry->table <= JOURNAL_HOLDING_REGISTER && entry->count >= 1 && entry->count <= most &&
           (unsigned)entry->address + entry->count <= TABLE_SIZE;
}

/* Words of the body for the values; the masks have the same number. */
static size_t journal_value_words(const struct journal_entry *entry)
{
    size_t values = entry->table == JOURNAL_COIL ? (entry->count + 15u) / 16u : entry->count;
    return (values * 2 + 7) / 8;
}

static void journal_store_values(_Atomic uint64_t *to, const uint16_t values[JOURNAL_VALUES_MAX],
                                 size_t words)
{
    uint64_t packed[VALUE_WORDS] = {0};
    memcpy(packed, values, JOURNAL_VALUES_MAX * sizeof *values);
    for (size_t i = 0; i < words; i++)
        atomic_store_explicit(&to[i], packed[i], memory_order_release);
}

static void journal_load_values(const _Atomic uint64_t *from, uint16_t values[JOURNAL_VALUES_MAX],
                                size_t words)
{
    uint64_t packed[VALUE_WORDS] = {0};
    for (size_t i = 0; i < words; i++)
        packed[i] = atomic_load_explicit(&from[i], memory_order_acquire);
    memcpy(values, packed, JOURNAL_VALUES_MAX * sizeof *values);
}

void journal_append_entry(struct journal *journal, const struct journal_entry *entry)
{
    uint64_t sequence = journal_next_sequence(journal);
    struct journal_slot *slot = journal_slot_of(journal, sequence);
    size_t words = journal_value_words(entry);
    uint64_t meta = (uint64_t)entry->unit << 40 | (uint64_t)entry->table << 32 |
                    (uint64_t)entry->address << 16 | entry->count;
    REQUIRE(journal->next != 0 && journal_entry_is_sound(entry));
    atomic_store_explicit(&slot->sequence, 0, memory_order_relaxed);
    atomic_store_explicit(&slot->body[0], entry->steady_ms, memory_order_release);
    atomic_store_explicit(&slot->body[1], meta, memory_order_release);
    journal_store_values(&slot->body[HEAD_WORDS], entry->values, words);
    if (entry->table == JOURNAL_HOLDING_REGISTER)
        journal_store_values(&slot->body[HEAD_WORDS + VALUE_WORDS], entry->masks, words);
    atomic_store_explicit(&slot->sequence, sequence, memory_order_release);
    journal_set_next(journal, sequence + 1);
}

void journal_wake_readers(struct journal *journal)
{
    struct journal_ring *ring = journal_ring_of(journal);
    atomic_fetch_add_explicit(&ring->wake, 1, memory_order_release);
    journal_futex(&ring->wake, FUTEX_WAKE, INT32_MAX, NULL);
}

enum journal_result journal_read_entry(const struct journal *journal, uint64_t *position,
                                       struct journal_entry *entry)
{
    uint64_t end = journal_next_sequence(journal);
    if (*position > end) {
        *position = end; /* the count fell: the entries before it may have been read already */
        return JOURNAL_DAMAGED;
    }
    if (*position == end)
        return JOURNAL_EMPTY;

    const struct journal_slot *slot = journal_slot_of(journal, *position);
    if (*position > 0 && atomic_load_explicit(&slot->sequence, memory_order_acquire) == *position) {
        uint64_t meta = atomic_load_explicit(&slot->body[1], memory_order_acquire);
        entry->sequence = *position;
        entry->steady_ms = atomic_load_explicit(&slot->body[0], memory_order_acquire);
        entry->unit = (uint8_t)(meta >> 40);
        entry->table = (uint8_t)(meta >> 32);
        entry->address = (uint16_t)(meta >> 16);
        entry->count = (uint16_t)meta;
        bool sound = journal_entry_is_sound(entry);
        size_t words = sound ? journal_value_words(entry) : 0;
        journal_load_values(&slot->body[HEAD_WORDS], entry->values, words);
        journal_load_values(&slot->body[HEAD_WORDS + VALUE_WORDS], entry->masks,
                            entry->table == JOURNAL_COIL ? 0 : words);
        /* Ignore the copy if the writer has begun to overwrite the slot. */
        if (atomic_load_explicit(&slot->sequence, memory_order_relaxed) == *position) {
            *position += !sound;
            return sound ? JOURNAL_ENTRY : JOURNAL_DAMAGED;
        }
    }
    /* Skips to the oldest entry that can still be copied, but not the one in the slot that the
     * writer fills next, which may disappear at any moment. */
    end = journal_next_sequence(journal);
    uint64_t first = end > JOURNAL_ENTRIES ? end - JOURNAL_ENTRIES + 1 : 1;
    *position = first > *position ? first : *position + 1;
    return JOURNAL_OVERRUN;
}

void journal_wait_entry(const struct journal *journal, uint64_t position, int timeout_ms)
{
    const struct journal_ring *ring = journal_ring_of(journal);
    uint32_t seen = atomic_load_explicit(&ring->wake, memory_order_acquire);
    REQUIRE(timeout_ms >= 0);
    struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    if (journal_next_sequence(journal) <= position)
        journal_futex(&ring->wake, FUTEX_WAIT, seen, &timeout);
}

void journal_end_waits(const struct journal *journal)
{
    journal_futex(&journal_ring_of(journal)->wake, FUTEX_WAKE, INT32_MAX, NULL);
}
