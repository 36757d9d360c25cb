/* A ring of entries in atomic words. The sequence number of a place is 0 while it is being filled,
 * so that a reader knows a copy that was changed under its hands. */
#include "common/shared/message_trace.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/model/fault.h"

typedef _Atomic uint64_t word;

enum { LAYOUT = 1, ENTRY_WORDS = (sizeof(struct explain_entry) + 7) / 8 };

struct place {
    word sequence;
    word words[ENTRY_WORDS];
};

struct ring {
    struct shm_header header;
    word newest;
    word spare[3];
    struct place places[EXPLAIN_ENTRIES];
};

const char *const explain_verdict_names[] = {
    "taken", "not_json", "too_large", "old", "nobody", "unknown_availability", NULL};

static struct ring *ring_of(const struct explain *explain)
{
    return (struct ring *)explain->shm.base;
}

static uint64_t get(const word *at)
{
    return atomic_load_explicit(at, memory_order_acquire);
}

static void set(word *at, uint64_t number)
{
    atomic_store_explicit(at, number, memory_order_release);
}

static void path_of(const char *runtime_dir, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/messages", runtime_dir);
}

static struct shm_spec spec_of(const char *path)
{
    return (struct shm_spec){path, "TFexplan", LAYOUT, sizeof(struct ring), sizeof(struct ring)};
}

/* True when the places hold what a writer can have left: the newest sequence numbers, one of which
 * it may not have counted before it was killed. */
static bool is_sound(const struct ring *ring)
{
    uint64_t newest = get(&ring->newest);
    bool sound = newest < UINT64_MAX / 2;
    for (uint64_t i = 0; sound && i < EXPLAIN_ENTRIES; i++) {
        uint64_t sequence = get(&ring->places[i].sequence);
        sound = sequence == 0 || (sequence % EXPLAIN_ENTRIES == i && sequence <= newest + 1 &&
                                  sequence + EXPLAIN_ENTRIES > newest);
    }
    return sound;
}

bool explain_open_writer(struct explain *explain, const char *runtime_dir, char *why,
                         size_t why_size)
{
    char path[PATH_MAX];
    path_of(runtime_dir, path);
    struct shm_spec spec = spec_of(path);
    *explain = (struct explain){.shm.fd = -1};
    if (shm_open_writer(&explain->shm, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    if (!is_sound(ring_of(explain)) && !shm_begin_again(&explain->shm, "its entries are damaged")) {
        snprintf(why, why_size, "%s: its entries are damaged", path);
        shm_close(&explain->shm);
        return false;
    }
    explain->sequence = get(&ring_of(explain)->newest);
    return true;
}

void explain_keep(struct explain *explain)
{
    if (explain->shm.base && shm_keep(&explain->shm) == SHM_RENEWED)
        set(&ring_of(explain)->newest, explain->sequence);
}

void explain_add(struct explain *explain, struct explain_entry *entry)
{
    uint64_t words[ENTRY_WORDS] = {0};
    if (!explain->shm.base)
        return;
    entry->sequence = ++explain->sequence;
    memcpy(words, entry, sizeof *entry);
    struct place *place = &ring_of(explain)->places[entry->sequence % EXPLAIN_ENTRIES];
    set(&place->sequence, 0);
    for (size_t i = 0; i < ENTRY_WORDS; i++)
        set(&place->words[i], words[i]);
    set(&place->sequence, entry->sequence);
    set(&ring_of(explain)->newest, entry->sequence);
}

bool explain_open_reader(struct explain *explain, const char *runtime_dir, char *why,
                         size_t why_size)
{
    char path[PATH_MAX];
    path_of(runtime_dir, path);
    struct shm_spec spec = spec_of(path);
    *explain = (struct explain){.shm.fd = -1};
    return shm_open_reader(&explain->shm, &spec, why, why_size);
}

bool explain_was_replaced(const struct explain *explain, const char *runtime_dir)
{
    char path[PATH_MAX];
    path_of(runtime_dir, path);
    return shm_was_replaced(&explain->shm, path);
}

void explain_close(struct explain *explain)
{
    if (explain)
        shm_close(&explain->shm);
}

uint64_t explain_newest(const struct explain *explain)
{
    return get(&ring_of(explain)->newest);
}

static void terminate(char *text, size_t size)
{
    text[size - 1] = '\0';
    if (!utf8_is_valid(text, strlen(text)))
        text[0] = '\0';
}

/* Entries of another process are not trusted, as the file is not. */
static void make_sound(struct explain_entry *entry)
{
    if (entry->verdict >= EXPLAIN_COUNT)
        entry->verdict = EXPLAIN_NOBODY;
    if (entry->fault >= FAULT_COUNT)
        entry->fault = FAULT_NONE;
    terminate(entry->topic, sizeof entry->topic);
    terminate(entry->payload, sizeof entry->payload);
    terminate(entry->keys, sizeof entry->keys);
}

bool explain_read(const struct explain *explain, uint64_t sequence, struct explain_entry *entry)
{
    uint64_t words[ENTRY_WORDS];
    const struct place *place = &ring_of(explain)->places[sequence % EXPLAIN_ENTRIES];
    if (sequence == 0 || get(&place->sequence) != sequence)
        return false;
    for (size_t i = 0; i < ENTRY_WORDS; i++)
        words[i] = get(&place->words[i]);
    if (get(&place->sequence) != sequence)
        return false;
    unsigned char *retained = (unsigned char *)words + offsetof(struct explain_entry, retained);
    *retained = *retained != 0;
    memcpy(entry, words, sizeof *entry);
    make_sound(entry);
    return true;
}
