/* Expands a profile into the settings and tags of a device. */
#ifndef TAGFERRY_API_RESOURCES_PROFILE_APPLY_H
#define TAGFERRY_API_RESOURCES_PROFILE_APPLY_H

#include "api/model/profile.h"
#include "api/resources/config_service.h"

/* Stores the tags of a device that was created, or changed from `old`: those that follow its
 * profile, if it has one. A device that has left its profile keeps them. */
void profile_apply_device(const struct config_service *config_service, const struct record *old,
                          const struct record *device, struct validation *validation);

/* A change of a profile, for the devices that use it. */
struct profile_change {
    const struct profile *old, *profile;
    bool settings; /* the settings of devices change: each is expanded again with all its tags */
};
/* Deletes the tags of a device that the profile has no longer. */
void profile_apply_removals(const struct config_service *config_service,
                            const struct profile_change *change, const char *device);
/* Changes settings and tags of a device. Pointers of errors are those of the profile. */
void profile_apply_change(const struct config_service *config_service,
                          const struct profile_change *change, const char *device,
                          struct validation *validation);

#endif
