/* The rules between the fields of a device, and of a tag. Pure. */
#ifndef TAGFERRY_API_MODEL_RESOURCE_RULES_H
#define TAGFERRY_API_MODEL_RESOURCE_RULES_H

#include "api/base/validation.h"
#include "api/model/fields.h"
#include "common/base/unit_set.h"
#include "common/model/tag.h"

/* Checks a device of a request and fills in defaults that depend on other fields. `local`: its
 * registers are on the local Modbus server, which has these units. Errors go to `validation`. */
void rules_apply_to_device(struct record *device, bool local, const struct unit_set *units,
                           struct validation *validation);

/* Checks a tag and fills in defaults that depend on other fields. `old` is the tag that it
 * replaces, or NULL for a new tag. The address of a new tag on the local server stays null if the
 * request has none: the store allocates one. `warnings` may be NULL. */
void rules_apply_to_tag(struct record *tag, const struct record *old, bool local,
                        struct validation *validation, struct validation *warnings);
/* The numbers of a tag that only a foreign server can have above 0, with their columns; CHOSEN:
 * only while the tag has also this choice. */
#define RULES_FOREIGN_NUMBERS(NUMBER, CHOSEN)                                                      \
    NUMBER(TAG_WRITE_CHANGE, modbus_min_change)                                                    \
    NUMBER(TAG_WRITE_INTERVAL_MS, modbus_min_interval_ms)                                          \
    CHOSEN(TAG_MIN_CHANGE, mqtt_min_change, TAG_COMMAND_ON, mqtt_command_on, "write")

/* True when the tag has one of them. */
bool rules_tag_needs_foreign(const struct record *tag);

/* Adds a warning for settings without effect: an on_stale that nothing would write, and an on_null
 * without on_stale. */
void rules_warn_tag_stale(const struct record *tag, const struct record *device,
                          struct validation *warnings);
/* The same for a device; `tag` is the name of one of its tags whose on_stale is written when the
 * device becomes stale, or NULL. */
void rules_warn_device_stale(const struct record *device, const char *tag,
                             struct validation *warnings);

/* Warns of an expire_value without expires_s. */
void rules_warn_tag_expiry(const struct record *tag, struct validation *warnings);

/* Checks a tag with the payload sparkplug against its topic, which is its own or its device's:
 * warns of a topic that does not tell whose births are meant. `warnings` may be NULL. */
void rules_check_tag_sparkplug(const struct record *tag, const struct record *device,
                               struct validation *validation, struct validation *warnings);
/* Gives the same warning for a device; `tag` is the name of one of its tags with the payload
 * sparkplug and without a topic, or NULL. */
void rules_warn_device_sparkplug(const struct record *device, const char *tag,
                                 struct validation *warnings);

/* Returns the point of a tag. All its fields must have values, except the address, which may be
 * null. */
struct point record_tag_point(const struct record *tag);
/* Returns the value map of a tag, whose texts are in the arena; an empty one if it has none. */
struct value_map record_tag_values(const struct record *tag, struct arena *arena);

#endif
