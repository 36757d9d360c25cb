/* The writeback from the inside. writeback.c takes the journal's entries and moves the position,
 * writeback_publish.c publishes values, writeback_debounce.c reads values that were written in
 * part, writeback_recover.c makes up for lost entries, writeback_polls.c takes the changes of
 * foreign servers. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_INTERNAL_H
#define TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_INTERNAL_H

#include "common/base/log_limit.h"
#include "common/shared/journal.h"
#include "mqttd/model/translate.h"
#include "mqttd/writeback/command_index.h"
#include "mqttd/writeback/inflight.h"
#include "mqttd/writeback/writeback.h"

enum {
    WRITEBACK_RETRY_MS = 200, /* until a failed step is tried again */
    WRITEBACK_MESSAGE_SIZE = 16384
};

/* Whether lost entries of the journal are being made up for. The position in the journal stays in
 * front of them until that is done: a process that comes after a crash finds the loss again.
 *
 *             overrun                 all tags visited             no command of it under way
 *      IDLE ----------> VISITING_TAGS -----------------> FINISHING ----------> IDLE
 *                         ^      ^  |                        |
 *                         |      +--+ overrun, reload        |
 *                         +----------------------------------+ overrun
 */
enum recover_state {
    RECOVER_IDLE,
    RECOVER_VISITING_TAGS, /* the registers of each tag are to be read, a number of tags at once */
    RECOVER_FINISHING,     /* the last of them are read and published */
    RECOVER_STATE_COUNT
};

struct recovery {
    enum recover_state state;
    size_t next; /* the tag to visit next, by its place in the index, modulo their number */
    size_t left; /* VISITING_TAGS: so many tags are to be visited yet */
};

struct writeback {
    struct writeback_spec spec;
    struct command_index command_index; /* as of the last writeback_refresh_index */
    struct inflight inflight;
    struct recovery recovery;
    struct inflight_position completed; /* to be saved; position 0: nothing is to be saved */
    uint64_t last_read_id;
    /* The newest entry of the journal, until all its commands are published or settle. All that is
     * newer waits behind it. */
    struct {
        bool is_waiting;
        uint64_t due_ms; /* later than now: there was no memory for it, or too much settles */
        uint64_t number; /* in `inflight`, which holds it */
        struct journal_entry entry;
    } newest;
    /* A change that a poll has found and that there was no memory to publish. */
    struct {
        bool is_waiting;
        uint64_t due_ms;
        struct poll poll;
    } held_poll;
    struct log_limit refused;             /* lines about messages that the broker refused */
    struct log_limit too_long;            /* lines about messages that do not fit */
    char message[WRITEBACK_MESSAGE_SIZE]; /* the newest one */
    struct translated translated;         /* its value */
};

/* Makes the index of the device table that is in service now. Every use of the index begins here,
 * for a reload frees devices and tags. False without memory: the index is empty. */
bool writeback_refresh_index(struct writeback *writeback);
/* Saves the position in the journal when it can move on. */
void writeback_save_position(struct writeback *writeback);

/* Publishes the value that the tag's registers hold. REFUSED: no message can carry the value; it is
 * counted and shown in last_error. NO_MEMORY: try again later. SENT also when the message is too
 * long or the library refuses it, for another attempt would end in the same way. *number is that of
 * the message whose acknowledgement will come, or 0. */
enum publish_result writeback_publish_value(struct writeback *writeback,
                                            const struct command_tag *command_tag,
                                            const uint16_t *words, int *number, uint64_t now_ms);
/* Publishes the whole value that the newest entry wrote, and makes it the tag's newest. False
 * without memory: try again later. */
bool writeback_publish_whole(struct writeback *writeback, const struct command_tag *command_tag,
                             const uint16_t *words, uint64_t now_ms);
/* Publishes the value that was read for a command in READING or READING_AGAIN, and moves it. */
void writeback_publish_read(struct writeback *writeback, struct inflight_command *command,
                            const struct command_tag *command_tag, const uint16_t *words,
                            uint64_t now_ms);

/* The entry of this number wrote a part of the tag's value: it is read and published when it has
 * settled. Or INFLIGHT_RECOVERY: entries were lost, and what the registers hold is published. The
 * tag is one of the local server. False when too many commands settle: try again later. */
bool writeback_debounce_tag(struct writeback *writeback, const struct command_tag *command_tag,
                            uint64_t entry, uint64_t now_ms);
/* Asks for the registers of all commands that have settled. */
void writeback_request_reads(struct writeback *writeback, uint64_t now_ms);
/* Takes the result of a read. One that no command waits for is ignored. */
void writeback_take_read(struct writeback *writeback, const struct register_read *register_read,
                         uint64_t now_ms);

/* Entries of the journal were lost. */
void writeback_recover_begin(struct writeback *writeback);
/* The tags have moved in the index: visits that are not complete begin again. */
void writeback_recover_restart(struct writeback *writeback);
/* Visits as many tags as can settle now. */
void writeback_recover_continue(struct writeback *writeback, uint64_t now_ms);
/* True when no recovery is under way. Ends one whose last command is done. */
bool writeback_recover_is_over(struct writeback *writeback);

/* Takes what the polls of foreign servers have found. */
void writeback_take_polls(struct writeback *writeback, uint64_t now_ms);

#endif
