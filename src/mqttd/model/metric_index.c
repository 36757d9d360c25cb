/* A hash table with open addressing. */
#include "mqttd/model/metric_index.h"

#include <string.h>

#include "common/base/hash.h"

static size_t metric_slot_count(size_t tags)
{
    size_t slots = 4;
    while (slots < 2 * tags)
        slots *= 2;
    return slots;
}

size_t metric_index_size_bytes(size_t tags)
{
    return tags * sizeof(struct metric_entry) + metric_slot_count(tags) * sizeof(uint32_t);
}

void metric_index_init(struct metric_index *index, size_t tags, void *memory)
{
    size_t slots = metric_slot_count(tags);
    *index = (struct metric_index){.entries = memory, .slot_mask = (uint32_t)slots - 1};
    index->slots = (uint32_t *)(index->entries + tags);
    memset(index->slots, 0xff, slots * sizeof *index->slots);
}

/* The slot of the name, or the free slot for it. */
static uint32_t *metric_find_slot(const struct metric_index *index, const char *name, size_t len)
{
    for (uint32_t at = hash32_add(HASH32_START, name, len);; at++) {
        uint32_t *slot = &index->slots[at & index->slot_mask];
        if (*slot == METRIC_INDEX_NONE)
            return slot;
        const struct metric_entry *entry = &index->entries[*slot];
        if (entry->len == len && memcmp(entry->name, name, len) == 0)
            return slot;
    }
}

void metric_index_add(struct metric_index *index, const char *name, uint32_t owner)
{
    size_t len = strlen(name);
    uint32_t *slot = metric_find_slot(index, name, len);
    index->entries[index->count] =
        (struct metric_entry){.name = name, .len = (uint32_t)len, .owner = owner, .next = *slot};
    *slot = index->count++;
}

uint32_t metric_index_find(const struct metric_index *index, const char *name, size_t len)
{
    return *metric_find_slot(index, name, len);
}
