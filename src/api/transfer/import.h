/* Imports a whole configuration into the store, in one transaction.
 *
 * The reader of a format calls import_find_device and import_store_device for each device of the
 * file, import_read_tag and import_store_tag for each of its tags, and at the end import_finish.
 * Errors go to import->validation, in which the reader sets the place in the file before each call.
 */
#ifndef TAGFERRY_API_TRANSFER_IMPORT_H
#define TAGFERRY_API_TRANSFER_IMPORT_H

#include "api/base/string_map.h"
#include "api/base/validation.h"
#include "api/model/profile.h"
#include "api/resources/config_service.h"
#include "api/transfer/import_report.h"

/* The values of a record before the values of the file replace them. */
enum import_base {
    IMPORT_BASE_STORED,   /* those in the store; the defaults for a new record */
    IMPORT_BASE_DEFAULTS, /* the defaults */
};

/* A device of the file. */
struct import_device {
    const char *name; /* as in the file, valid or not; "" without one */
    struct record record;
    struct record given; /* before the profile and the rules changed it */
    bool bad;            /* it has errors: its tags are checked, but not stored */
    bool local;          /* on the local Modbus server */
    bool fresh;          /* created by this import: it has no tags in the store */
};

struct import {
    struct config_service config_service;
    bool replace;              /* delete the devices and tags that are not in the file */
    struct string_map *within; /* only these devices and their tags, by name; NULL: any */
    bool keep_bare_devices;    /* keep devices without tags, which this format cannot express */
    enum import_base base;
    struct validation validation; /* 422 */
    struct validation conflicts;  /* 409 */
    struct validation warnings;
    struct string_map devices;  /* name: struct import_device */
    struct string_map tags;     /* device/tag: struct import_place */
    struct string_map profiles; /* names of those in the file */
    bool has_profiles; /* the file lists them: with `replace`, others are deleted unless used */
    bool is_proposal;  /* of a discovery: it has notes */
    bool keep_devices; /* the file says nothing of devices */
    struct import_waiting *waiting, **waiting_end; /* tags that get an address at the end */
    int64_t created, changed, deleted;             /* devices and tags */
    int64_t deleted_devices, deleted_profiles;     /* of those deleted */
    const char *sheet;                             /* of a workbook: read this one; or NULL */
    /* What a table does not say; NULL: not given. {device} and {tag} stand for the names. */
    const char *device;                /* of all rows of a table without the column */
    const char *topic, *command_topic; /* of devices; of tags that the SCADA system writes */
    bool show_unchanged;               /* report tags that stay as they are, too */
    struct import_report report;
};

/* Returns an import that has read nothing yet. It copies *config_service and sets check_late. */
struct import import_make_ctx(const struct config_service *config_service);
/* Returns the device of this name. At its first call for a name the reader fills the record of the
 * device and calls import_store_device; at further calls *again is true. */
struct import_device *import_find_device(struct import *import, const char *name, bool *again);
/* Checks the device, and stores it when it has no errors. */
void import_store_device(struct import *import, struct import_device *device);
/* Fills `tag` with the values before those of the file, and `old` with the stored tag, or with id 0
 * if the store has none. False when the tag has appeared in the file before. */
bool import_read_tag(struct import *import, const struct import_device *device, const char *name,
                     struct record *tag, struct record *old);
/* Checks the tag, and stores it when neither it nor its device has errors. */
void import_store_tag(struct import *import, struct import_device *device, const struct record *old,
                      struct record *tag);
/* Stores a profile that replaces `old`, or is new when `old` is NULL. */
void import_store_profile(struct import *import, const struct profile *old,
                          struct profile *profile);
/* Deletes, allocates addresses, checks overlaps. The caller may commit the transaction if there are
 * errors neither in `validation` nor in `conflicts`. */
void import_finish(struct import *import);

/* True when a tag of this device and name has appeared in the file. */
bool import_has_tag(const struct import *import, const char *device, const char *name);

/* The readers of the formats. Each reads a whole body and calls import_finish. False, with a
 * sentence in `why`, when the body is not of the format. */
typedef bool import_reader(struct import *import, const char *body, size_t len, char *why,
                           size_t why_size);
import_reader import_read_csv, import_read_xlsx;
/* {"profiles": [...], "devices": [a device as the API shows it, with "tags": [...]]}, each of the
 * two may be missing. */
import_reader import_read_json;

#endif
