/* Devices and tags as a whole: what a change to one entails for slots, registers, deletions and
 * revisions. All within a transaction of the writing connection.
 *
 * A change that is refused adds a fault to `validation`; the caller then rolls the transaction
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
    /* For an import: the caller knows that names are free, and looks at overlaps and tables once,
     * at the end. */
    bool check_late;
};

/* Creates what `record` says, after rules were applied, and sets id, slot, revision and times, and
 * the address of a tag that has none. A name that is taken, registers that are another's, and a
 * full table are faults; an address that an earlier tag may have had is a warning. */
void config_service_create_device(const struct config_service *config_service,
                                  struct record *device, struct validation *validation);
void config_service_create_tag(const struct config_service *config_service,
                               const struct record *device, struct record *tag,
                               struct validation *validation, struct validation *warnings);
/* Changes `old` to what `record` says; nothing happens when they are equal. */
void config_service_change_device(const struct config_service *config_service,
                                  const struct record *old, struct record *device,
                                  struct validation *validation);
void config_service_change_tag(const struct config_service *config_service,
                               const struct record *device, const struct record *old,
                               struct record *tag, struct validation *validation);
void config_service_delete_device(const struct config_service *config_service,
                                  const struct record *device);
void config_service_delete_tag(const struct config_service *config_service,
                               const struct record *tag);
/* Adds a fault for each tag on a foreign server in a table that it cannot have there. */
void config_service_check_tables(const struct config_service *config_service,
                                 struct validation *validation);

/* Drops the oldest notes of deletions when there are very many; readers that are that far behind
 * load everything. */
void config_service_trim_deletions(struct store *store);

struct request;
struct thread_ctx;

/* A service that writes in the name of the request's client. */
struct config_service config_service_for_request(struct thread_ctx *thread_ctx,
                                                 const struct request *request);

#endif
