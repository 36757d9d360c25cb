/* A ring of entries in atomic words. The sequence number of a slot is 0 while the writer fills it,
 * so that a reader can detect that its copy has changed. */
#include "common/shared/message_trace.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/fault.h"
#include "common/shared/shared_word.h"

enum { LAYOUT = 1, ENTRY_WORDS = (sizeof(struct message_trace_entry) + 7) / 8 };

struct trace_slot {
    word sequence;
    word words[ENTRY_WORDS];
};

struct trace_ring {
    struct shm_header header;
    word newest;
    word spare[3];
    struct trace_slot slots[TRACE_ENTRIES];
};

_Static_assert(sizeof(struct message_trace_entry) == 504, "the format stays as it is");
_Static_assert(offsetof(struct trace_ring, slots) == 64, "the format stays as it is");
_Static_assert(sizeof(struct trace_slot) == 512, "the format stays as it is");

const char *const message_trace_verdict_names[] = {
    "taken",        "not_json",      "too_large", "old", "nobody", "unknown_availability",
    "not_selected", "not_sparkplug", "no_birth",  NULL};

static struct trace_ring *trace_ring_of(const struct message_trace *explain)
{
    return (struct trace_ring *)explain->shm.base;
}

/* Describes the file; `path` receives its path. */
static struct shm_spec trace_file_spec(const char *runtime_dir, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/messages", runtime_dir);
    return (struct shm_spec){path, "TFexplan", LAYOUT, sizeof(struct trace_ring),
                             sizeof(struct trace_ring)};
}

bool message_trace_open_writer(struct message_trace *explain, const char *runtime_dir, char *why,
                               size_t why_size)
{
    char path[PATH_MAX];
    struct shm_spec spec = trace_file_spec(runtime_dir, path);
    *explain = (struct message_trace){.shm.fd = -1};
    if (shm_open_writer(&explain->shm, &spec, true, why, why_size) == SHM_FAILED)
        return false;
    /* The slots must contain the newest sequence numbers. One more is possible: an earlier writer
     * that was killed between its last two stores wrote an entry, but did not count it. */
    const struct trace_ring *ring = trace_ring_of(explain);
    uint64_t newest = shared_word_load(&ring->newest);
    bool sound = newest < UINT64_MAX / 2;
    for (uint64_t i = 0; sound && i < TRACE_ENTRIES; i++) {
        uint64_t sequence = shared_word_load(&ring->slots[i].sequence);
        sound = sequence == 0 || (sequence % TRACE_ENTRIES == i && sequence <= newest + 1 &&
                                  sequence + TRACE_ENTRIES > newest);
    }
    if (!sound && !shm_begin_again(&explain->shm, "its entries are damaged")) {
        snprintf(why, why_size, "%s: its entries are damaged", path);
        shm_close(&explain->shm);
        return false;
    }
    explain->sequence = shared_word_load(&trace_ring_of(explain)->newest);
    return true;
}

void message_trace_repair_file(struct message_trace *explain)
{
    if (explain->shm.base && shm_repair_file(&explain->shm) == SHM_RENEWED)
        shared_word_store(&trace_ring_of(explain)->newest, explain->sequence);
}

void message_trace_add_entry(struct message_trace *explain, struct message_trace_entry *entry)
{
    uint64_t words[ENTRY_WORDS] = {0};
    if (!explain->shm.base)
        return;
    REQUIRE(entry->verdict < TRACE_COUNT && entry->fault < FAULT_COUNT);
    entry->sequence = ++explain->sequence;
    memcpy(words, entry, sizeof *entry);
    struct trace_slot *place = &trace_ring_of(explain)->slots[entry->sequence % TRACE_ENTRIES];
    shared_word_store(&place->sequence, 0);
    for (size_t i = 0; i < ENTRY_WORDS; i++)
        shared_word_store(&place->words[i], words[i]);
    shared_word_store(&place->sequence, entry->sequence);
    shared_word_store(&trace_ring_of(explain)->newest, entry->sequence);
}

bool message_trace_open_reader(struct message_trace *explain, const char *runtime_dir, char *why,
                               size_t why_size)
{
    char path[PATH_MAX];
    struct shm_spec spec = trace_file_spec(runtime_dir, path);
    *explain = (struct message_trace){.shm.fd = -1};
    return shm_open_reader(&explain->shm, &spec, why, why_size);
}

bool message_trace_was_replaced(const struct message_trace *explain, const char *runtime_dir)
{
    char path[PATH_MAX];
    struct shm_spec spec = trace_file_spec(runtime_dir, path);
    return shm_was_replaced(&explain->shm, spec.path);
}

void message_trace_close(struct message_trace *explain)
{
    if (explain)
        shm_close(&explain->shm);
}

uint64_t message_trace_newest_sequence(const struct message_trace *explain)
{
    return shared_word_load(&trace_ring_of(explain)->newest);
}

bool message_trace_read_entry(const struct message_trace *explain, uint64_t sequence,
                              struct message_trace_entry *entry)
{
    uint64_t words[ENTRY_WORDS];
    const struct trace_slot *place = &trace_ring_of(explain)->slots[sequence % TRACE_ENTRIES];
    if (sequence == 0 || shared_word_load(&place->sequence) != sequence)
        return false;
    for (size_t i = 0; i < ENTRY_WORDS; i++)
        words[i] = shared_word_load(&place->words[i]);
    if (shared_word_load(&place->sequence) != sequence)
        return false;
    unsigned char *retained =
        (unsigned char *)words + offsetof(struct message_trace_entry, retained);
    *retained = *retained != 0;
    memcpy(entry, words, sizeof *entry);

    /* Data from another process is not trusted. */
    if (entry->verdict >= TRACE_COUNT)
        entry->verdict = TRACE_NOBODY;
    if (entry->fault >= FAULT_COUNT)
        entry->fault = FAULT_NONE;
    utf8_terminate_text(entry->topic, sizeof entry->topic);
    entry->payload[sizeof entry->payload - 1] = '\0';
    if (entry->payload_len >= sizeof entry->payload)
        entry->payload_len = sizeof entry->payload - 1;
    if (entry->payload_len > entry->len)
        entry->payload_len = (uint8_t)entry->len;
    utf8_terminate_text(entry->keys, sizeof entry->keys);
    return true;
}
