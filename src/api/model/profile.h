/* Profiles: a description of many equal devices. Pure, given the settings of the local server.
 *
 * A profile is kept as JSON: params, room, device, and one object for each tag, in which
 * modbus.address counts from the base of a device. profile_compile checks it without a device;
 * profile_expand_settings and profile_expand_tag make the records of a device. */
#ifndef TAGFERRY_API_MODEL_PROFILE_H
#define TAGFERRY_API_MODEL_PROFILE_H

#include "api/base/text.h"
#include "api/base/validation.h"
#include "api/model/fields.h"
#include "api/model/profile_text.h"
#include "common/base/settings.h"
#include "common/model/tag.h"

struct cJSON;

enum { PROFILE_TAGS_MAX = 1000 };

struct profile_tag {
    int64_t id; /* 0: not in the store yet */
    const char *name;
    struct cJSON *body;   /* the members of the tag */
    const char *text;     /* the same as JSON */
    bool varies;          /* it has placeholders */
    bool affected;        /* a change of the profile changes this tag of each device */
    struct record record; /* the tag of a device with the base 0; of one with sample values if it
                             varies */
    int table;            /* enum modbus_table; -1 when it has errors */
    int64_t first, last;  /* registers, from the base */
    uint16_t mask;        /* the bits of each */
};

struct profile {
    int64_t id; /* 0: not in the store yet */
    int64_t revision, created_ms, updated_ms;
    const char *name, *label, *description;
    struct cJSON *params, *room, *device; /* objects */
    const char *params_text, *room_text, *device_text;
    struct profile_tag *tags;
    size_t count;
    /* Registers that a device needs in each table, from `first` to before `end` from its base;
     * `end` is 0 for a table that it does not use. */
    int64_t first[TABLE_COUNT], end[TABLE_COUNT];
    bool tags_use[TABLE_COUNT]; /* some tag is in this table */
};

/* Reads the members of a body. Members that only the server sets are compared with `old`, or
 * ignored if it is NULL. Tags are recognised as those of `old` by their id, or else by name;
 * with `by_name` by name only. Errors go to `validation`. Free the result with profile_finish. */
struct profile *profile_read(const struct cJSON *body, const struct profile *old, bool by_name,
                             struct validation *validation);
/* Makes the trees from the texts of a profile that the store has. */
void profile_parse(struct profile *profile);
/* Checks the profile, gives tags without an address one, and sets texts and registers. */
void profile_compile(struct profile *profile, const struct profile *old,
                     const struct common_settings *common, struct validation *validation);
/* Frees the trees. NULL is allowed. */
void profile_finish(struct profile *profile);

/* Returns the tag with this name or, when `name` is NULL, with this id. NULL if the profile, which
 * may be NULL, has no such tag. */
const struct profile_tag *profile_find_tag(const struct profile *profile, int64_t id,
                                           const char *name);
/* True when the two have the same content. */
bool profile_is_equal(const struct profile *a, const struct profile *b);
/* Writes the profile as JSON; `devices` is the number of devices that use it, or below 0 to leave
 * out what only the server sets. */
void profile_write(const struct profile *profile, int64_t devices, struct text *text);

/* Checks the parameters of a device: all that have no default are there, and no others. Pointers
 * begin with /profile/params. */
void profile_check_params(const struct profile *profile, const struct cJSON *given,
                          struct validation *validation);
/* Fills the settings of the profile into `shown`, and sets a bit of *set for each field that the
 * profile sets. The address of the status block counts from the base. */
void profile_expand_settings(const struct profile *profile, const struct profile_values *values,
                             struct validation *validation, struct record *shown, uint64_t *set);
/* Makes the record of a tag. `base` is that of its table. */
void profile_expand_tag(const struct profile_tag *tag, const struct record *device, bool local,
                        int64_t base, const struct profile_values *values,
                        struct validation *validation, struct record *record);

#endif
