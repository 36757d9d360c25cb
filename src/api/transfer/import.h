/* Bringing a whole configuration into the store: one transaction, all of it or nothing.
 *
 * A format's reader calls import_find_device for each device that the file names, import_read_tag
 * for each of its tags, and import_finish. Faults go to import->validation, whose place the reader
 * sets before. */
#ifndef TAGFERRY_API_TRANSFER_IMPORT_H
#define TAGFERRY_API_TRANSFER_IMPORT_H

#include "api/base/string_map.h"
#include "api/base/validation.h"
#include "api/resources/config_service.h"

/* What a record starts from, before the file's values are put into it. */
enum import_base {
    IMPORT_BASE_STORED,   /* what the store has, or the defaults */
    IMPORT_BASE_DEFAULTS, /* the defaults */
};

/* A device that the file names. */
struct import_device {
    const char *name; /* as the file has it, valid or not; "" for none */
    struct record record;
    bool bad;   /* it has faults: its tags are checked, but not stored */
    bool local; /* on the local Modbus server */
    bool fresh; /* created by this import: it had no tags */
};

struct import {
    struct config_service config_service;
    bool replace;           /* delete what the file does not name */
    bool keep_bare_devices; /* the file cannot name devices without tags: do not delete them */
    enum import_base base;
    struct validation validation;                  /* 422 */
    struct validation conflicts;                   /* 409 */
    struct validation warnings;                    /* of tags that are new */
    struct string_map devices;                     /* name: struct import_device */
    struct string_map tags;                        /* device/tag: struct import_place */
    struct import_waiting *waiting, **waiting_end; /* tags that get an address at the end */
    int64_t created, changed, deleted;
    struct text *changes; /* JSON objects of what was done, in order; or NULL */
};

struct import import_make_ctx(const struct config_service *config_service);
/* The device of this name as it is to be changed: its record is to be filled by the reader, then
 * handed to import_store_device. NULL when it was there already: *again. */
struct import_device *import_find_device(struct import *import, const char *name, bool *again);
void import_store_device(struct import *import, struct import_device *device);
/* The same for a tag. `old` receives what the store has; false when the file names it twice. */
bool import_read_tag(struct import *import, const struct import_device *device, const char *name,
                     struct record *tag, struct record *old);
void import_store_tag(struct import *import, struct import_device *device, const struct record *old,
                      struct record *tag);
/* Deletes, allocates, looks for overlaps. The transaction may be committed when there are neither
 * validation nor conflicts. */
void import_finish(struct import *import);

#endif
