/* The member `profile` of a device: which profile it uses, with which parameters, and where its
 * registers begin. Pure. */
#ifndef TAGFERRY_API_MODEL_PROFILE_USE_H
#define TAGFERRY_API_MODEL_PROFILE_USE_H

#include "api/model/fields.h"
#include "common/model/tag.h"

struct cJSON;

extern const struct field_type field_type_profile;

enum { BASE_NONE = -1 };

struct profile_use {
    const char *name;
    const struct cJSON *params; /* or NULL */
    int64_t base[TABLE_COUNT];  /* or BASE_NONE */
    bool wants_new_base;        /* the request has "base": "new" */
    struct cJSON *tree;         /* owns the texts */
};

/* Reads the field of a device. False when the device has no profile. Free the use with
 * profile_use_finish, also then. */
bool profile_use_read(const struct record *device, struct profile_use *use);
void profile_use_finish(struct profile_use *use);
/* Sets the field of a device to these values. */
void profile_use_set(const struct profile_use *use, struct arena *arena, struct record *device);
/* Returns the name of the device's profile, or NULL. */
const char *profile_use_name(const struct record *device, struct arena *arena);

#endif
