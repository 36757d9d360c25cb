/* Placeholders in the texts of a profile: {serial} stands for the parameter `serial` of a device,
 * {device} for its name. Pure. */
#ifndef TAGFERRY_API_MODEL_PROFILE_TEXT_H
#define TAGFERRY_API_MODEL_PROFILE_TEXT_H

#include <stdbool.h>

#include "api/base/validation.h"
#include "api/model/fields.h"

struct cJSON;

enum {
    PROFILE_PARAMS_MAX = 32,
    PROFILE_PARAM_NAME_MAX = 32,
    PROFILE_PARAM_TEXT_MAX = FIELD_TEXT_MAX, /* characters */
};

/* What the placeholders stand for. */
struct profile_values {
    const char *device;           /* the name of the device */
    const struct cJSON *declared; /* the member `params` of the profile */
    const struct cJSON *given;    /* the parameters of the device, or NULL */
    bool sample; /* for a check of the profile without a device: a parameter without a value has one
                    that suits its place, or its member is left out */
};

/* True when a parameter may have this name. */
bool profile_param_name_is_valid(const char *name);
/* True when the tree has a placeholder in a text, whether it is a parameter or not. */
bool profile_has_placeholder(const struct cJSON *tree);
/* Returns a copy of the members of a device or tag, or of a part of them, in which the placeholders
 * are filled. Errors go to `validation`, with the place in the template. Free it with
 * cJSON_Delete. */
struct cJSON *profile_fill(const struct resource *resource, const struct cJSON *members,
                           const struct profile_values *values, struct validation *validation);

#endif
