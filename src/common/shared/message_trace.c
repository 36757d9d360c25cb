/* A ring of entries in atomic words. The sequence number of a slot is 0 while the writer fills it,
 * so that a reader can detect that its copy has changed. The writer stores only the words that a
 * message needs: behind its texts and its payload are remains of older messages. */
#include "common/shared/message_trace.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/fault.h"
#include "common/shared/shared_word.h"

enum { LAYOUT = 2, FACTS_SIZE = offsetof(struct message_trace_entry, topic) };

#define WORDS_OF(bytes) (((bytes) + sizeof(word) - 1) / sizeof(word))

struct trace_slot {
    word sequence;
    word facts[WORDS_OF(FACTS_SIZE)]; /* the members before `topic` */
    word topic[WORDS_OF(TRACE_TOPIC_SIZE)];
    word keys[WORDS_OF(TRACE_KEYS_SIZE)];
    word payload[WORDS_OF(TRACE_PAYLOAD_SIZE)];
};

struct trace_ring {
    struct shm_header header;
    word newest;
    word spare[3];
    struct trace_slot slots[TRACE_ENTRIES];
};

_Static_assert(FACTS_SIZE == 56, "the format stays as it is");
_Static_assert(offsetof(struct trace_ring, slots) == 64, "the format stays as it is");
_Static_assert(sizeof(struct trace_slot) == 1376, "the format stays as it is");

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
    return (struct shm_spec){.path = path,
                             .magic = "TFexplan",
                             .layout = LAYOUT,
                             .size = sizeof(struct trace_ring),
                             .map = sizeof(struct trace_ring)};
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
    /* Counts that entry now. If the next one got its number, the entry would be lost, and a reader
     * that copies it meanwhile would find the number unchanged, with parts of both. */
    struct trace_ring *kept = trace_ring_of(explain);
    explain->sequence = shared_word_load(&kept->newest);
    uint64_t next = explain->sequence + 1;
    if (shared_word_load(&kept->slots[next % TRACE_ENTRIES].sequence) == next)
        shared_word_store(&kept->newest, explain->sequence = next);
    return true;
}

void message_trace_repair_file(struct message_trace *explain)
{
    if (explain->shm.base && shm_repair_file(&explain->shm) == SHM_RENEWED)
        shared_word_store(&trace_ring_of(explain)->newest, explain->sequence);
}

/* Stores bytes in words; the rest of the last word is zero. */
static void trace_store_bytes(word *to, const void *bytes, size_t len)
{
    const unsigned char *from = bytes;
    uint64_t part;
    for (; len >= sizeof part; len -= sizeof part, from += sizeof part) {
        memcpy(&part, from, sizeof part);
        shared_word_store(to++, part);
    }
    if (len > 0) {
        part = 0;
        memcpy(&part, from, len);
        shared_word_store(to, part);
    }
}

static void trace_load_bytes(const word *from, void *bytes, size_t len)
{
    unsigned char *to = bytes;
    for (; len > 0; from++) {
        uint64_t part = shared_word_load(from);
        size_t size = len < sizeof part ? len : sizeof part;
        memcpy(to, &part, size);
        to += size;
        len -= size;
    }
}

void message_trace_add_entry(struct message_trace *explain, struct message_trace_entry *entry,
                             const char *payload)
{
    if (!explain->shm.base)
        return;
    REQUIRE(entry->verdict < TRACE_COUNT && entry->fault < FAULT_COUNT);
    REQUIRE(payload || entry->len == 0);
    entry->sequence = ++explain->sequence;
    entry->kept = (uint16_t)(entry->len < TRACE_PAYLOAD_SIZE ? entry->len : TRACE_PAYLOAD_SIZE - 1);
    struct trace_slot *place = &trace_ring_of(explain)->slots[entry->sequence % TRACE_ENTRIES];
    shared_word_store(&place->sequence, 0);
    trace_store_bytes(place->facts, entry, FACTS_SIZE);
    trace_store_bytes(place->topic, entry->topic, strnlen(entry->topic, TRACE_TOPIC_SIZE - 1) + 1);
    trace_store_bytes(place->keys, entry->keys, strnlen(entry->keys, TRACE_KEYS_SIZE - 1) + 1);
    trace_store_bytes(place->payload, payload, entry->kept);
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

/* Makes a copy safe to use: data from another process is not trusted. */
static void trace_check_facts(struct message_trace_entry *entry)
{
    unsigned char *retained = (unsigned char *)&entry->retained;
    *retained = *retained != 0;
    if (entry->verdict >= TRACE_COUNT)
        entry->verdict = TRACE_NOBODY;
    if (entry->fault >= FAULT_COUNT)
        entry->fault = FAULT_NONE;
    if (entry->kept >= TRACE_PAYLOAD_SIZE)
        entry->kept = TRACE_PAYLOAD_SIZE - 1;
    if (entry->kept > entry->len)
        entry->kept = (uint16_t)entry->len;
}

bool message_trace_read_entry(const struct message_trace *explain, uint64_t sequence,
                              struct message_trace_entry *entry, char payload[TRACE_PAYLOAD_SIZE])
{
    const struct trace_slot *place = &trace_ring_of(explain)->slots[sequence % TRACE_ENTRIES];
    if (sequence == 0 || shared_word_load(&place->sequence) != sequence)
        return false;
    trace_load_bytes(place->facts, entry, FACTS_SIZE);
    entry->sequence = sequence;
    trace_check_facts(entry);
    trace_load_bytes(place->topic, entry->topic, sizeof entry->topic);
    trace_load_bytes(place->keys, entry->keys, sizeof entry->keys);
    trace_load_bytes(place->payload, payload, entry->kept);
    if (shared_word_load(&place->sequence) != sequence)
        return false;
    payload[entry->kept] = '\0';
    utf8_terminate_text(entry->topic, sizeof entry->topic);
    utf8_terminate_text(entry->keys, sizeof entry->keys);
    return true;
}
