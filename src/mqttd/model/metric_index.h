/* The metrics that the tags of a Sparkplug feed name, found by their names. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_METRIC_INDEX_H
#define TAGFERRY_MQTTD_MODEL_METRIC_INDEX_H

#include <stddef.h>
#include <stdint.h>

enum { METRIC_INDEX_NONE = UINT32_MAX };

struct metric_entry {
    const char *name; /* the tag's key */
    uint32_t len;
    uint32_t owner; /* index of the tag */
    uint32_t next;  /* entry of the same name, or METRIC_INDEX_NONE */
};

struct metric_index {
    struct metric_entry *entries;
    uint32_t *slots; /* hash table of the first entry of each name */
    uint32_t count, slot_mask;
};

/* The bytes that an index of so many tags needs. */
size_t metric_index_size_bytes(size_t tags);
/* Starts an index for up to so many tags in `memory`, which is aligned as malloc's. */
void metric_index_init(struct metric_index *index, size_t tags, void *memory);
/* Adds a tag. The name must outlive the index. */
void metric_index_add(struct metric_index *index, const char *name, uint32_t owner);
/* The first entry of this name, or METRIC_INDEX_NONE. */
uint32_t metric_index_find(const struct metric_index *index, const char *name, size_t len);

#endif
