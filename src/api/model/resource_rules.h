/* What must hold between the attributes of a device, and of a tag. Pure. */
#ifndef TAGFERRY_API_MODEL_RESOURCE_RULES_H
#define TAGFERRY_API_MODEL_RESOURCE_RULES_H

#include "api/base/validation.h"
#include "api/model/fields.h"
#include "common/base/unit_set.h"
#include "common/model/tag.h"

/* Checks a device as read from a request and fills in what has a default of its own. `local` says
 * whether its registers are on the local Modbus server. */
void device_rules(struct record *device, bool local, const struct unit_set *units,
                  struct flaws *flaws);

/* Checks a tag and fills in what depends on other attributes. `old` is the tag that it replaces, or
 * NULL; without one, and without an address in the request, the address is left null on the local
 * server for the store to allocate. `warnings` may be NULL. */
void tag_rules(struct record *tag, const struct record *old, bool local, struct flaws *flaws,
               struct flaws *warnings);

/* Warns of settings that have no effect: on_stale without anything that puts it in, on_null without
 * on_stale. */
void tag_warn_of_stale(const struct record *tag, const struct record *device,
                       struct flaws *warnings);
/* The same for a device; `tag` is the name of one of its tags that waits for it to grow stale, or
 * NULL. */
void device_warn_of_stale(const struct record *device, const char *tag, struct flaws *warnings);

/* The tag's point. All its attributes are there, except the address, which may be null. */
struct point tag_point(const struct record *tag);

#endif
