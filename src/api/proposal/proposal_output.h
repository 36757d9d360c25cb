/* Makes a proposal of a survey, and writes it as the body of an import. Pure. */
#ifndef TAGFERRY_API_PROPOSAL_PROPOSAL_OUTPUT_H
#define TAGFERRY_API_PROPOSAL_PROPOSAL_OUTPUT_H

#include "api/base/text.h"
#include "api/model/fields.h"
#include "api/proposal/proposal.h"
#include "common/base/unit_set.h"
#include "common/model/tag.h"

/* What a tag of the proposal reads. */
struct proposal_reading {
    const char *topic; /* or the filter, of Sparkplug */
    const char *where; /* JSON, or NULL */
    const char *key;
};
/* The device of the store that has a tag like it. */
struct proposal_owner {
    const char *device;
    bool may_grow; /* a new tag of the device would get the same messages */
};
/* A device of the store. */
struct proposal_stored {
    const struct record *device;
    uint8_t unit;
    bool is_local; /* its registers are on the local server */
};
/* What the store has already. */
struct proposal_known {
    bool (*find_reading)(void *context, const struct proposal_reading *reading,
                         struct proposal_owner *owner);
    bool (*find_command)(void *context, const struct proposal_reading *reading, const char *topic,
                         const char *command_template, struct proposal_owner *owner);
    bool (*is_published)(void *context, const char *topic); /* by Tagferry, and not read by it */
    /* The device that new tags with this topic and condition belong to: it has this topic, or most
     * tags with it; or NULL. */
    const char *(*find_device)(void *context, const char *topic, const char *where);
    bool (*read_device)(void *context, const char *name, struct proposal_stored *stored);
    bool (*tag_is_taken)(void *context, const char *device, const char *tag);
    /* The address behind the device's last one in the table, if it is free; else -1. */
    int32_t (*find_beside)(void *context, const struct proposal_stored *stored,
                           enum modbus_table table, int32_t width);
    void *context;
};

/* Which tags are wanted: those of a topic that matches one of the filters, and with one of the
 * keys. An empty list wants all. Tags that are known are not wanted. */
struct proposal_choice {
    const char *const *filters;
    size_t filter_count;
    const char *const *keys;
    size_t key_count;
    const struct proposal_known *known; /* NULL: nothing is */
};

/* Runs all recognisers of the table, whose last row has no name. Leaves out tags that are not
 * wanted, and devices that are then without any; `choice` may be NULL. The table, the survey, the
 * choice and the arena must outlive the proposal. Free it with proposal_finish. */
struct proposal *proposal_make(struct arena *arena, const struct survey *survey,
                               const struct recogniser *recognisers,
                               const struct proposal_choice *choice);
/* Accepts NULL. */
void proposal_finish(struct proposal *proposal);

/* True when the store has a device of this name. */
typedef bool proposal_name_check(void *context, const char *name);
/* Returns the first of `width` free registers or bits of a unit, not below `from`; -1 without such
 * a range. The address of a range of several is even. */
typedef int32_t proposal_find_range(void *context, uint8_t unit, enum modbus_table table,
                                    int32_t from, int32_t width);

/* The gateway that the proposal is for. */
struct proposal_place {
    const struct unit_set *units; /* of the local server */
    uint8_t unit;                 /* that new devices get; 0: the first one with room */
    bool only_holding_registers;  /* for masters that read no other table */
    proposal_name_check *is_taken;
    proposal_find_range *find_range;
    void *context;
};
/* Gives names and addresses, and leaves out what an import would refuse, with a note. Call it once,
 * last. */
void proposal_complete(struct proposal *proposal, const struct proposal_place *place);

/* Describes devices of one kind by one profile, with parameters for what differs in their topics.
 * `is_taken`, or NULL, is about names of profiles. Call it after proposal_complete; the proposal
 * can then be written as JSON only. */
void proposal_make_profiles(struct proposal *proposal, proposal_name_check *is_taken,
                            void *context);

/* Write a complete proposal: {"devices": […], "notes": […]}, or CSV without the notes. POST /import
 * takes both unchanged. */
void proposal_write_json(const struct proposal *proposal, struct text *text);
void proposal_write_csv(const struct proposal *proposal, struct text *text);

#endif
