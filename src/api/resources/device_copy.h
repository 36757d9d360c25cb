/* Copies of a device with its tags. Within a transaction of the writing connection. */
#ifndef TAGFERRY_API_RESOURCES_DEVICE_COPY_H
#define TAGFERRY_API_RESOURCES_DEVICE_COPY_H

#include "api/base/string_map.h"
#include "api/resources/config_service.h"
#include "common/model/tag.h"

struct cJSON;
struct text;

enum { COPIES_MAX = 1000 };

/* What is copied, and how. */
struct device_copy {
    struct config_service config_service;
    struct validation validation, conflicts; /* 422 and 409; with errors, roll back */
    struct validation warnings;
    struct text *devices; /* the copies with their tags as JSON objects; or NULL */
    int64_t created;      /* devices and tags */
    /* Used by device_copy_make. */
    struct record source, *tags;
    size_t tag_count;
    bool has_profile;            /* its tags that are not its own come from the profile */
    bool is_local;               /* the source's registers are on the local server */
    int64_t stride[TABLE_COUNT]; /* 0: none */
    /* The registers of the source in each table, with its status block if that is on the same
     * server; `end` is 0 for a table that it does not use. */
    int64_t first[TABLE_COUNT], end[TABLE_COUNT];
    struct string_map owners; /* names of owners of registers: a pointer to the copy's number */
};

/* Copies a device as the body says: {"copies": [{"name", "topic", "unit_id", "where", "label",
 * "params"}], "stride": {table: n}}. Returns false when the store has failed; otherwise see
 * `validation` and `conflicts`. */
bool device_copy_make(struct device_copy *device_copy, const struct record *source,
                      const struct cJSON *body);

#endif
