/* Shared by the files of rules. */
#ifndef TAGFERRY_API_MODEL_RESOURCE_RULES_INTERNAL_H
#define TAGFERRY_API_MODEL_RESOURCE_RULES_INTERNAL_H

#include "api/model/resource_rules.h"

/* Adds an error at the field, by the name that the body or the table has for it. */
__attribute__((format(printf, 5, 6))) void rules_add_error(struct validation *validation,
                                                           const struct resource *resource,
                                                           size_t field, const char *code,
                                                           const char *format, ...);

/* True when the value of the field was refused already. */
static inline bool field_was_refused(const struct record *record, size_t field)
{
    return (record->bad >> field & 1) != 0;
}

/* Returns the index of a choice of the tag; -1 when it has no value or its value was refused. */
static inline int record_tag_choice(const struct record *tag, size_t field)
{
    return record_has_value(tag, field) ? record_field_choice(&tag_resource, tag, field) : -1;
}

/* Checks the fields of setpoints that expire. `local`: the registers are on the local server. */
void rules_check_expiry(const struct record *tag, bool local, struct validation *validation);
/* Checks command_on, min_interval_ms and min_change. */
void rules_check_change(const struct record *tag, bool local, struct validation *validation);
/* Checks modbus.min_change and min_interval_ms. */
void rules_check_write_limits(const struct record *tag, bool local, struct validation *validation);
/* Checks the fields of constants and companions. */
void rules_check_own_value(const struct record *tag, struct validation *validation);

#endif
