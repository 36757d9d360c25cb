/* Makes a profile of a device. */
#ifndef TAGFERRY_API_RESOURCES_PROFILE_CAPTURE_H
#define TAGFERRY_API_RESOURCES_PROFILE_CAPTURE_H

#include "api/resources/config_service.h"

struct cJSON;
struct profile_use;

/* Returns the body of a profile with the settings and tags of the device, as far as they differ
 * from the defaults; each occurrence of a parameter's text in a text of the device is replaced by
 * its placeholder, and so is a level of a topic that is the device's name. use->base is set to the
 * registers at which the device's begin; use->name and use->params are given. Free the result with
 * cJSON_Delete. */
struct cJSON *profile_capture(const struct config_service *config_service,
                              const struct record *device, struct profile_use *use);

#endif
