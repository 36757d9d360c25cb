/* The parts of a proposal. Private to the folder. */
#ifndef TAGFERRY_API_PROPOSAL_PROPOSAL_INTERNAL_H
#define TAGFERRY_API_PROPOSAL_PROPOSAL_INTERNAL_H

#include <cjson/cJSON.h>

#include "api/base/string_map.h"
#include "api/proposal/proposal_output.h"

/* More are counted and left out: one unit has no more registers. */
enum {
    PROPOSAL_DEVICES_MAX = 10000,
    PROPOSAL_TAGS_MAX = 30000,
    PROPOSAL_EXTRA_TAGS_KEPT = 1000,
    PROPOSAL_NOTES_MAX = 500 /* of recognisers, and of faults */
};

/* What the store has already, and is left out. */
struct known_count {
    size_t values, published;
    struct string_map owners;  /* the names of their devices */
    const char *named;         /* the first ones, in words */
    struct string_map parents; /* devices that have tags of topics, by the level above */
};

struct proposal_remark {
    struct proposal_remark *next;
    const char *text;
};

struct proposal {
    const struct survey *survey;
    const struct proposal_choice *choice; /* or NULL */
    const struct recogniser *recognisers;
    struct arena *arena;
    const char *recogniser; /* that runs, or NULL */
    bool *claimed;          /* by the number of the topic */
    uint32_t topics;
    struct proposal_device **devices;
    size_t device_count, device_room, tag_count;
    size_t lost_devices, lost_tags;
    struct known_count known;
    cJSON *profiles;                   /* an array, or NULL */
    cJSON *extra_devices, *extra_tags; /* do not fit, but a recogniser still writes to them */
    struct proposal_remark *remarks, **remarks_end;
    struct string_map noted; /* the texts of the remarks */
};

/* Frees a device; its place is empty until the gaps are closed. */
void proposal_drop_device(struct proposal *proposal, size_t at);
void proposal_close_gaps(struct proposal *proposal);
/* Leaves out the tags that are not wanted, and devices without tags, of the devices from this
 * one on. Returns how many devices. */
size_t proposal_drop_unwanted(struct proposal *proposal, size_t from);
/* Returns the text of a member of a group, or NULL. */
const char *proposal_member_text(const struct cJSON *resource, const char *group, const char *name);
/* True, and counted, when the store has a tag like it: it reads the same, or, with a topic for
 * commands, publishes the same. */
bool proposal_is_known(struct proposal *proposal, const struct proposal_reading *reading,
                       const char *command_topic, const char *command_template);
/* Notes how much is left out. */
void proposal_note_known(struct proposal *proposal);
/* Makes new tags for devices of the store theirs. Call it when all have names. */
void proposal_join_stored(struct proposal *proposal);
/* Gives each device and tag its name. */
void proposal_name_all(struct proposal *proposal, proposal_name_check *is_taken, void *context);

#endif
