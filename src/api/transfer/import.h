/* Imports a whole configuration into the store: one transaction, all of it or nothing.
 *
 * The reader of a format calls import_find_device for each device that the file names and
 * import_read_tag for each of its tags, hands the filled records back with import_store_device and
 * import_store_tag, and ends with import_finish. Errors go to import->validation; the reader sets
 * its place in the file before each call. */
#ifndef TAGFERRY_API_TRANSFER_IMPORT_H
#define TAGFERRY_API_TRANSFER_IMPORT_H

#include "api/base/string_map.h"
#include "api/base/validation.h"
#include "api/resources/config_service.h"

/* What a record starts with, before the file's values replace fields. */
enum import_base {
    IMPORT_BASE_STORED,   /* the values in the store; the defaults for new records */
    IMPORT_BASE_DEFAULTS, /* the defaults */
};

/* A device that the file names. */
struct import_device {
    const char *name; /* as in the file, valid or not; "" without one */
    struct record record;
    bool bad;   /* it has errors: its tags are checked, but not stored */
    bool local; /* on the local Modbus server */
    bool fresh; /* created by this import: it had no tags */
};

struct import {
    struct config_service config_service;
    bool replace;           /* delete the devices and tags that the file does not name */
    bool keep_bare_devices; /* keep devices without tags, which this format cannot name */
    enum import_base base;
    struct validation validation;                  /* 422 */
    struct validation conflicts;                   /* 409 */
    struct validation warnings;                    /* of tags that are new */
    struct string_map devices;                     /* name: struct import_device */
    struct string_map tags;                        /* device/tag: struct import_place */
    struct import_waiting *waiting, **waiting_end; /* tags whose address is allocated at the end */
    int64_t created, changed, deleted;
    struct text *changes; /* JSON objects of the changes, in order; or NULL */
};

/* An import that has read nothing yet. It copies *config_service and checks late. */
struct import import_make_ctx(const struct config_service *config_service);
/* The device of this name, created at its first call: the reader fills its record and hands it to
 * import_store_device. *again: it was found by an earlier call. */
struct import_device *import_find_device(struct import *import, const char *name, bool *again);
/* Checks the device, and stores it when it has no errors. */
void import_store_device(struct import *import, struct import_device *device);
/* Fills `tag` with the values that the reader's replace, and `old` with the stored tag, whose id is
 * 0 without one. False when the file has named the tag before. */
bool import_read_tag(struct import *import, const struct import_device *device, const char *name,
                     struct record *tag, struct record *old);
/* Checks the tag, and stores it when neither it nor its device has errors. */
void import_store_tag(struct import *import, struct import_device *device, const struct record *old,
                      struct record *tag);
/* Deletes, allocates, checks overlaps. The transaction may be committed when there are neither
 * errors in `validation` nor in `conflicts`. */
void import_finish(struct import *import);

/* The readers of the formats. Each reads a whole body, and ends the import with import_finish. */
void import_read_csv(struct import *import, const char *body, size_t len);
/* {"devices": [a device as the API shows it, with "tags": [...]]}. False, with a sentence in `why`,
 * when the body is not JSON. */
bool import_read_json(struct import *import, const char *body, size_t len, char *why,
                      size_t why_size);

#endif
