/* Creates, changes and deletes devices and tags, and updates slots, registers, records of
 * deletions, the audit and revisions with them. Within a transaction of the writing connection.
 *
 * A change that is refused adds an error to `validation`: the caller must then roll back the
 * transaction. If validation->invalid is set, the request itself has an error, which the answer 422
 * tells; otherwise it conflicts with the store, 409.
 *
 * A device that uses a profile gets the profile's tags with it. */
#ifndef TAGFERRY_API_RESOURCES_CONFIG_SERVICE_H
#define TAGFERRY_API_RESOURCES_CONFIG_SERVICE_H

#include "api/base/validation.h"
#include "api/model/fields.h"
#include "api/resources/register_ranges.h"
#include "api/store/audit.h"
#include "api/store/store.h"

struct string_map;

struct config_service {
    struct store *store;
    const struct common_settings *common;
    struct arena *arena;
    struct audit *audit;
    /* For an import: the caller has checked that names are free, and checks overlaps and tables
     * once, at the end. */
    bool check_late;
    /* A change of a profile, or going back step by step: tags that follow a profile may be changed,
     * and a change of a device does not apply its profile. */
    bool by_profile;
    struct string_map *profiles; /* by name, see profile_service_find */
    int64_t
        *dropped; /* tags of devices that a change of a profile, or of a device's, has deleted */
};

/* Fills in what the device's profile says, before the rules are applied; `old` is the stored device
 * or NULL. Does nothing without a profile. Errors go to `validation`. */
void config_service_fill_device(const struct config_service *config_service,
                                const struct record *old, struct record *device,
                                struct validation *validation, struct validation *warnings);

/* Create a device or a tag, to which the rules were applied, and set its id, slot, revision and
 * times; a tag without an address gets one. The second argument is the device of a tag; for a
 * device it is not used. Errors: the name is taken, registers belong to another owner, the table is
 * full. Warning: an earlier tag may have had the allocated address. A record with an id was deleted
 * and is restored: it keeps the id, its created_ms and, if that is free, its slot. */
void config_service_create_device(const struct config_service *config_service,
                                  const struct record *parent, struct record *device,
                                  struct validation *validation, struct validation *warnings);
void config_service_create_tag(const struct config_service *config_service,
                               const struct record *device, struct record *tag,
                               struct validation *validation, struct validation *warnings);
/* Change a device or a tag from `old` to the new record, and set the members that only the server
 * sets. Nothing is stored when the two are equal. `device` is the one that the tag has afterwards:
 * with another one than before the tag moves. Errors: the new name is taken, registers belong to
 * another owner. */
void config_service_change_device(const struct config_service *config_service,
                                  const struct record *parent, const struct record *old,
                                  struct record *device, struct validation *validation);
void config_service_change_tag(const struct config_service *config_service,
                               const struct record *device, const struct record *old,
                               struct record *tag, struct validation *validation);
/* Delete a device with all its tags, or a tag. */
void config_service_delete_device(const struct config_service *config_service,
                                  const struct record *device);
void config_service_delete_tag(const struct config_service *config_service,
                               const struct record *tag);
/* Lets a tag follow a tag of a profile, or none with 0. */
void config_service_follow_tag(const struct config_service *config_service,
                               const struct record *tag, int64_t profile_tag);
/* Lets all tags of a device follow none. */
void config_service_leave_profile(const struct config_service *config_service,
                                  const struct record *device);
/* Returns the number of tags of a device. */
int64_t config_service_count_tags(const struct config_service *config_service,
                                  const struct record *device);
/* Adds an error for each tag on a foreign server in a table that Tagferry cannot write there, and
 * for devices that reach the same foreign server in different ways (server_ways.h). */
void config_service_check_tables(const struct config_service *config_service,
                                 struct validation *validation);

/* Deletes the oldest records of deletions beyond the newest 100,000. A reader whose revision is
 * older then loads everything. */
void config_service_trim_deletions(struct store *store);

struct request;
struct thread_ctx;

/* Returns a service whose changes the audit attributes to the client of the request. */
struct config_service config_service_for_request(struct thread_ctx *thread_ctx,
                                                 const struct request *request);

#endif
