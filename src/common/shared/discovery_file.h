/* The file with what a discovery has heard: a header, then the used bytes of its survey.
 * About once a second tagferry-mqttd writes a new one and renames it over the old one.
 *
 * It is not mapped, as the other shared files are: a survey changes in many places with each
 * message, so that a reader would need a lock that a stopped reader could keep. A renamed file is a
 * consistent snapshot, however long a reader takes, and lets mqttd go on after a restart. */
#ifndef TAGFERRY_COMMON_SHARED_DISCOVERY_FILE_H
#define TAGFERRY_COMMON_SHARED_DISCOVERY_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/survey.h"

/* tagferry-api refuses more, tagferry-mqttd serves no more. */
enum {
    DISCOVERY_RUNNING_MAX = 4, /* at once */
    DISCOVERY_FILTERS_MAX = 8, /* of one discovery */
};

enum discovery_state {
    DISCOVERY_WAITING, /* for the broker; `error` says why, once an attempt has failed */
    DISCOVERY_RUNNING, /* subscribed; `error` names filters that the broker refuses */
    DISCOVERY_DONE,    /* its time is over */
    DISCOVERY_REFUSED, /* the broker refuses all filters: it has ended early */
    DISCOVERY_STATE_COUNT
};

/* "waiting" and so on, in the order of the enum, ended by NULL. */
extern const char *const discovery_state_names[];

enum { DISCOVERY_ERROR_SIZE = 512, DISCOVERY_WHY_SIZE = 512 };

struct discovery_status {
    int64_t id; /* of the row in the store */
    enum discovery_state state;
    int64_t saved_ms;     /* since 1970; set by discovery_file_write */
    int64_t connected_ms; /* of the present connection to the broker; 0: not connected */
    uint64_t dropped;     /* messages over the budget, which were not looked at */
    uint64_t budget;      /* messages per second */
    uint64_t memory;      /* bytes that the survey may use */
    char error[DISCOVERY_ERROR_SIZE];
};

/* Writes the file of status->id. False with the reason in `why`: the old file remains. */
bool discovery_file_write(const char *runtime_dir, struct discovery_status *status,
                          const struct survey *survey, char *why, size_t why_size);

struct discovery_file {
    struct discovery_status status;
    const struct survey *survey; /* checked */
    void *memory;
};

enum discovery_file_result { DISCOVERY_FILE_READ, DISCOVERY_FILE_MISSING, DISCOVERY_FILE_FAILED };

/* Reads and checks the file of a discovery. MISSING: mqttd has not begun it yet. FAILED with the
 * reason in `why`: damaged, of another version, out of memory. Call discovery_file_finish in any
 * case. */
enum discovery_file_result discovery_file_read(const char *runtime_dir, int64_t id,
                                               struct discovery_file *file, char *why,
                                               size_t why_size);
void discovery_file_finish(struct discovery_file *file);

/* Removes the file of a discovery, if there is one. */
void discovery_file_remove(const char *runtime_dir, int64_t id);
/* Removes the files of all ids for which `is_used` returns false. */
void discovery_file_remove_unused(const char *runtime_dir,
                                  bool (*is_used)(void *context, int64_t id), void *context);

#endif
