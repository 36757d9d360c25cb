/* Creates, changes and deletes devices and tags, with all that a change entails for slots,
 * registers, deletions, the audit and revisions. All within a transaction of the writing
 * connection.
 *
 * A change that is refused adds an error to `validation`; the caller then rolls the transaction
 * back. */
#ifndef TAGFERRY_API_RESOURCES_CONFIG_SERVICE_H
#define TAGFERRY_API_RESOURCES_CONFIG_SERVICE_H

#include "api/base/validation.h"
#include "api/model/fields.h"
#include "api/resources/register_ranges.h"
#include "api/store/audit.h"
#include "api/store/store.h"

struct config_service {
    struct store *store;
    const struct common_settings *common;
    struct arena *arena;
    struct audit *audit;
    /* For an import: the caller has made sure that names are free, and checks overlaps and tables
     * once, at the end. */
    bool check_late;
};

/* Creates the device or tag that `record` describes, after rules were applied, and sets its id,
 * slot, revision and times, and the address of a tag that has none. For a tag the second
 * argument is its device; for a device it is not used. A name that is taken, registers of another
 * owner and a full table are errors; an allocated address that an earlier tag may have had is a
 * warning. */
void config_service_create_device(const struct config_service *config_service,
                                  const struct record *parent, struct record *device,
                                  struct validation *validation, struct validation *warnings);
void config_service_create_tag(const struct config_service *config_service,
                               const struct record *device, struct record *tag,
                               struct validation *validation, struct validation *warnings);
/* Changes `old` to what `record` describes, and sets the members that only the server sets. Does
 * nothing else when they are equal. */
void config_service_change_device(const struct config_service *config_service,
                                  const struct record *parent, const struct record *old,
                                  struct record *device, struct validation *validation);
void config_service_change_tag(const struct config_service *config_service,
                               const struct record *device, const struct record *old,
                               struct record *tag, struct validation *validation);
/* Deletes it; a device with all its tags. */
void config_service_delete_device(const struct config_service *config_service,
                                  const struct record *device);
void config_service_delete_tag(const struct config_service *config_service,
                               const struct record *tag);
/* Adds an error for each tag on a foreign server in a table that Tagferry cannot write there. */
void config_service_check_tables(const struct config_service *config_service,
                                 struct validation *validation);

/* Deletes the oldest records of deletions when there are very many. A reader that is so far behind
 * loads everything. */
void config_service_trim_deletions(struct store *store);

struct request;
struct thread_ctx;

/* A service that writes in the name of the request's client. */
struct config_service config_service_for_request(struct thread_ctx *thread_ctx,
                                                 const struct request *request);

#endif
