/* Makes a proposal of a survey, and writes it as the body of an import. Pure. */
#ifndef TAGFERRY_API_PROPOSAL_PROPOSAL_OUTPUT_H
#define TAGFERRY_API_PROPOSAL_PROPOSAL_OUTPUT_H

#include "api/base/text.h"
#include "api/proposal/proposal.h"
#include "common/base/unit_set.h"
#include "common/model/tag.h"

/* Which tags are wanted: those of a topic that matches one of the filters, and with one of the
 * keys. An empty list wants all. Tags that are known are not wanted. */
struct proposal_choice {
    const char *const *filters;
    size_t filter_count;
    const char *const *keys;
    size_t key_count;
    /* True when a tag of the store has this value already: it is left out, with a note. `where` is
     * the condition of the device as JSON, or NULL; `topic` is that of the command for a tag that
     * only has commands. NULL: none has. */
    bool (*is_known)(void *context, const char *topic, const char *where, const char *key,
                     bool is_command);
    void *context;
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
