/* Profiles in the store. A change of a profile changes each device that uses it, in the transaction
 * of the caller. Within a transaction of the writing connection.
 *
 * A change that is refused adds an error to `validation`: the caller must then roll back. With
 * validation->invalid it is an error of the request, otherwise a conflict with the store. */
#ifndef TAGFERRY_API_RESOURCES_PROFILE_SERVICE_H
#define TAGFERRY_API_RESOURCES_PROFILE_SERVICE_H

#include "api/model/profile.h"
#include "api/resources/config_service.h"

/* Returns the profile of this name, compiled, or NULL. It is read once in a request. */
struct profile *profile_service_find(const struct config_service *config_service, const char *name);

/* Reads and checks the body of a profile that replaces `old`, or is new when `old` is NULL. Errors
 * go to `validation`; the result is only good for profile_service_put without any. `by_name`: see
 * profile_read. */
struct profile *profile_service_read(const struct config_service *config_service,
                                     const struct cJSON *body, const struct profile *old,
                                     bool by_name, struct validation *validation);
/* Stores the profile, and changes all devices that use `old`. Nothing is stored when the two are
 * equal. */
void profile_service_put(const struct config_service *config_service, const struct profile *old,
                         struct profile *profile, struct validation *validation);
/* Stores the profile as it was, with the ids that it and its tags had, and leaves the devices as
 * they are: the caller sets them back, too. */
void profile_service_restore(const struct config_service *config_service, const struct profile *old,
                             struct profile *profile);
/* Deletes a profile that no device uses. */
void profile_service_delete(const struct config_service *config_service,
                            const struct profile *profile, struct validation *validation);

#endif
