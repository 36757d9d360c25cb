/* Two hash tables over one array of metrics. The hashes are seeded by the address of the birth,
 * which a device cannot choose: names that collide in one birth do not in another. */
#include "mqttd/sparkplug/sparkplug_birth.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/require.h"

enum { SLOT_FREE = 0 }; /* others are the place of the metric, plus 1 */

struct sparkplug_birth {
    size_t count;
    uint32_t seed, slot_mask;
    uint32_t *by_alias, *by_name;
    struct sparkplug_birth_metric metrics[];
};

static size_t birth_slot_count(size_t count)
{
    size_t slots = 4;
    while (slots < 2 * count)
        slots *= 2;
    return slots;
}

/* The last multiplication spreads each bit: the mask takes the lowest ones. */
static uint32_t birth_mix(uint32_t hash)
{
    hash = (hash ^ hash >> 16) * UINT32_C(0x85ebca6b);
    return hash ^ hash >> 13;
}

static uint32_t *birth_alias_slot(const struct sparkplug_birth *birth, uint64_t alias)
{
    uint32_t at = birth_mix(hash32_add(birth->seed, &alias, sizeof alias));
    for (;; at++) {
        uint32_t *slot = &birth->by_alias[at & birth->slot_mask];
        if (*slot == SLOT_FREE || birth->metrics[*slot - 1].alias == alias)
            return slot;
    }
}

static uint32_t *birth_name_slot(const struct sparkplug_birth *birth, const char *name, size_t len)
{
    uint32_t at = birth_mix(hash32_add(birth->seed, name, len));
    for (;; at++) {
        uint32_t *slot = &birth->by_name[at & birth->slot_mask];
        if (*slot == SLOT_FREE)
            return slot;
        const struct sparkplug_birth_metric *metric = &birth->metrics[*slot - 1];
        if (metric->name_len == len && memcmp(metric->name, name, len) == 0)
            return slot;
    }
}

/* Adds the alias of the newest metric. One that several metrics have is the alias of none. */
static void birth_add_alias(struct sparkplug_birth *birth)
{
    struct sparkplug_birth_metric *metric = &birth->metrics[birth->count - 1];
    uint32_t *slot = birth_alias_slot(birth, metric->alias);
    struct sparkplug_birth_metric *other = *slot == SLOT_FREE ? NULL : &birth->metrics[*slot - 1];
    if (other && !(other->has_alias && other->name_len == metric->name_len &&
                   memcmp(other->name, metric->name, metric->name_len) == 0))
        other->has_alias = metric->has_alias = false;
    *slot = (uint32_t)birth->count;
}

struct sparkplug_birth *sparkplug_birth_create(const struct sparkplug_payload *payload)
{
    struct sparkplug_metric metric;
    size_t count = 0, text = 0;
    for (size_t i = 0; i < payload->metric_count; i++) {
        sparkplug_payload_read_metric(payload, i, &metric);
        count += metric.name != NULL;
        text += metric.name_len;
    }
    size_t slots = birth_slot_count(count);
    struct sparkplug_birth *birth = calloc(1, sizeof *birth + count * sizeof *birth->metrics +
                                                  2 * slots * sizeof(uint32_t) + text);
    if (!birth)
        return NULL;
    birth->seed = HASH32_START ^ (uint32_t)((uintptr_t)birth >> 4);
    birth->slot_mask = (uint32_t)slots - 1;
    birth->by_alias = (uint32_t *)(birth->metrics + count);
    birth->by_name = birth->by_alias + slots;
    char *at = (char *)(birth->by_name + slots);
    for (size_t i = 0; i < payload->metric_count; i++) {
        sparkplug_payload_read_metric(payload, i, &metric);
        if (!metric.name)
            continue;
        REQUIRE(birth->count < count);
        memcpy(at, metric.name, metric.name_len);
        birth->metrics[birth->count++] =
            (struct sparkplug_birth_metric){.name = at,
                                            .name_len = metric.name_len,
                                            .has_alias = metric.has_alias,
                                            .alias = metric.alias,
                                            .field = metric.field,
                                            .type = metric.type};
        *birth_name_slot(birth, at, metric.name_len) = (uint32_t)birth->count;
        if (metric.has_alias)
            birth_add_alias(birth);
        at += metric.name_len;
    }
    return birth;
}

void sparkplug_birth_destroy(struct sparkplug_birth *birth)
{
    free(birth);
}

const struct sparkplug_birth_metric *sparkplug_birth_find_alias(const struct sparkplug_birth *birth,
                                                                uint64_t alias)
{
    uint32_t slot = birth ? *birth_alias_slot(birth, alias) : SLOT_FREE;
    return slot == SLOT_FREE || !birth->metrics[slot - 1].has_alias ? NULL
                                                                    : &birth->metrics[slot - 1];
}

const struct sparkplug_birth_metric *sparkplug_birth_find_name(const struct sparkplug_birth *birth,
                                                               const char *name, size_t len)
{
    uint32_t slot = birth ? *birth_name_slot(birth, name, len) : SLOT_FREE;
    return slot == SLOT_FREE ? NULL : &birth->metrics[slot - 1];
}
