/* The inner parts of the writeback. writeback.c takes the journal's entries and advances the
 * position, writeback_publish.c publishes values, writeback_debounce.c reads values that were
 * written in part, writeback_recover.c recovers from lost entries, writeback_polls.c takes the
 * changes of foreign servers, writeback_expiry.c lets setpoints expire, writeback_change.c tells
 * which commands are not needed, or have to wait.
 */
#ifndef TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_INTERNAL_H
#define TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_INTERNAL_H

#include "common/base/array.h"
#include "common/base/log_limit.h"
#include "common/message/translate.h"
#include "common/shared/journal.h"
#include "mqttd/writeback/command_index.h"
#include "mqttd/writeback/expiry_queue.h"
#include "mqttd/writeback/inflight.h"
#include "mqttd/writeback/writeback.h"

enum {
    WRITEBACK_RETRY_MS = 200, /* the pause before a failed step is tried again */
    WRITEBACK_MESSAGE_SIZE = 16384
};

/* The state of the recovery from lost entries of the journal. The position in the journal stays
 * before them until the recovery is done: after a crash the next process finds the loss again.
 *
 *             overrun                 all tags visited             no command of it under way
 *      IDLE ----------> VISITING_TAGS -----------------> FINISHING ----------> IDLE
 *                         ^      ^  |                        |
 *                         |      +--+ overrun, reload        |
 *                         +----------------------------------+ overrun
 */
enum recover_state {
    RECOVER_IDLE,
    RECOVER_VISITING_TAGS, /* the registers of each tag are read, some tags at a time */
    RECOVER_FINISHING,     /* all tags were visited; the last reads and messages are under way */
    RECOVER_STATE_COUNT
};

struct recovery {
    enum recover_state state;
    size_t next; /* the tag to visit next: its position in the index, modulo the number of tags */
    size_t left; /* VISITING_TAGS: the number of tags that still have to be visited */
    /* The visits wait until the entries before it are taken: these are older than what is read.
     * Position 0: they do not wait. */
    struct inflight_position behind;
};

/* The tags with expires_s. Numbers of tags are their positions in the index. */
struct expiry {
    uint64_t generation;       /* of the index that the rest is made from; 0: none yet */
    size_t timed;              /* tags with expires_s */
    uint64_t not_before_ms;    /* in a pair nothing expires before it, steady clock */
    struct expiry_queue queue; /* those that have not expired; a time may be earlier than theirs */
    ARRAY_OF(uint32_t) owed;   /* expired ones whose command is to be published */
    size_t owed_first;         /* the next of them */
    size_t sent;               /* commands of expired ones that are not acknowledged */
    uint64_t retry_ms;         /* after a lack of memory */
    struct log_limit expired;  /* lines about setpoints that expired */
};

struct writeback {
    struct writeback_spec spec;
    struct command_index command_index; /* as of the last writeback_refresh_index */
    struct inflight inflight;
    struct recovery recovery;
    struct expiry expiry;
    struct inflight_position completed; /* still to be saved; position 0: saved */
    uint64_t last_read_id;
    /* The newest entry of the journal, until all its commands are published or settle. Newer
     * entries wait for it. */
    struct {
        bool is_waiting;
        uint64_t
            due_ms; /* in the future after a lack of memory, or when too many commands settle */
        uint64_t number;  /* of the entry in `inflight`, which has a hold on it */
        uint64_t journal; /* identity of the entry's journal */
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
    struct log_limit repeated;            /* lines about commands that were published again */
    char message[WRITEBACK_MESSAGE_SIZE]; /* the newest message */
    struct translated translated;         /* the value in it */
};

/* Updates the index to the present devices. Call it before each use of the index, since an update
 * of the configuration frees devices and tags. False when out of memory: then the index is empty.
 */
bool writeback_refresh_index(struct writeback *writeback);
/* Saves the position in the journal, if it can advance. */
void writeback_save_position(struct writeback *writeback);

/* Publishes the value of the tag's registers. PUBLISH_REFUSED: the value cannot be published; it is
 * counted and shown in last_error. PUBLISH_NO_MEMORY: try again later. PUBLISH_SENT also when the
 * message is too long or the library refuses it, since another attempt would fail, too. Sets
 * *number to that of the message if its acknowledgement will follow, else to 0. */
enum publish_result writeback_publish_value(struct writeback *writeback,
                                            const struct command_tag *command_tag,
                                            const uint16_t *words, int *number, uint64_t now_ms);
/* Publishes a value that the newest entry wrote as a whole, and puts it into the tag's row. False
 * when out of memory: try again later. */
bool writeback_publish_whole(struct writeback *writeback, const struct command_tag *command_tag,
                             const uint16_t *words, uint64_t now_ms);
/* Publishes the value that was read for a command in READING or READING_AGAIN, and moves the
 * command to its next state. */
void writeback_publish_read(struct writeback *writeback, struct inflight_command *command,
                            const struct command_tag *command_tag, const uint16_t *words,
                            uint64_t now_ms);

/* mqtt.command_on, min_change: true when the device has this value of the tag's registers, or one
 * that differs by less than min_change, as far as is known: there is nothing to publish. Call it
 * before the row gets the value. */
bool writeback_is_unchanged(const struct writeback *writeback,
                            const struct command_tag *command_tag, const uint16_t *words);
/* Counts such a value, and shows it as SCADA's. */
void writeback_skip_unchanged(const struct writeback *writeback,
                              const struct command_tag *command_tag, uint64_t now_ms);
/* The value of the tag's registers was published. */
void writeback_note_sent(const struct tag *tag, const uint16_t *words, uint64_t now_ms);
/* When the next command of the tag may be published: mqtt.min_interval_ms after the last one. 0:
 * at once. */
uint64_t writeback_interval_end(const struct tag_command *command);
/* A value that SCADA wrote waits until then: values of the device do not replace it. */
void writeback_hold_device(const struct writeback *writeback, const struct tag *tag,
                           uint64_t end_ms);
/* Delays the value that the newest entry wrote as a whole until then: it is read from the registers
 * and published like one that was written in part. False when it does not have to wait, or too many
 * commands are delayed: publish it now. */
bool writeback_delay_whole(struct writeback *writeback, const struct command_tag *command_tag,
                           uint64_t now_ms);
/* Ends the waits earlier of tags whose min_interval_ms is shorter now. Call it with a fresh index.
 */
void writeback_shorten_waits(struct writeback *writeback);

/* Returns the unsettled command of a tag, or NULL. Ends one that is left from before the tag moved
 * from the local server to a foreign one, or back: other entries wait for it, or none. */
struct inflight_command *writeback_find_unsettled(struct writeback *writeback,
                                                  const struct command_tag *command_tag);
/* Starts or prolongs the command of a tag whose value the entry of this number wrote in part: it is
 * read and published when it has settled. INFLIGHT_RECOVERY for `entry`: entries were lost, and the
 * content of the registers is published. The tag must be on the local server. False when too many
 * commands settle: try again later. */
bool writeback_debounce_tag(struct writeback *writeback, const struct command_tag *command_tag,
                            uint64_t entry, uint64_t now_ms);
/* Requests the registers of all commands that have settled, and publishes what is known of foreign
 * servers. */
void writeback_request_reads(struct writeback *writeback, uint64_t now_ms);
/* Takes the result of a read. Ignores a result that no command waits for. */
void writeback_take_read(struct writeback *writeback, const struct register_read *register_read,
                         uint64_t now_ms);

/* Starts the recovery after a loss of entries; if one is under way, all tags are visited once more.
 * Takes the position from journal_tail_next. */
void writeback_recover_begin(struct writeback *writeback, struct inflight_position behind);
/* Call it when an entry was taken: the visits may have waited for it. */
void writeback_recover_note_entry(struct writeback *writeback, uint64_t journal, uint64_t sequence,
                                  uint64_t now_ms);
/* Call it when the index was made again: visits under way begin again. */
void writeback_recover_restart(struct writeback *writeback);
/* Visits as many tags as can settle now. */
void writeback_recover_continue(struct writeback *writeback, uint64_t now_ms);
/* Ends a recovery whose last command is done. True when no recovery is under way. */
bool writeback_recover_is_over(struct writeback *writeback);

/* Puts a value that SCADA wrote at `steady_ms` into its register again if an older value may have
 * been written there since, and shows it as the tag's value. */
void writeback_restore_setpoint(const struct writeback *writeback,
                                const struct command_tag *command_tag, const uint16_t *words,
                                uint64_t steady_ms);

/* The newest entry of the journal has written registers of the tag at this position of the index:
 * its time begins again. */
void writeback_note_write(struct writeback *writeback, size_t index, uint64_t now_ms);
/* True when the newest entry of the journal wrote a value of the tag that has expired since, so
 * that expire_value is published in its place. */
bool writeback_is_outdated(const struct writeback *writeback, const struct tag *tag);
/* Publishes commands of setpoints that have expired, as many as the broker may be sent now. */
void writeback_publish_expired(struct writeback *writeback, uint64_t now_ms);
/* True when writeback_publish_expired can publish more. */
bool writeback_has_expired_to_publish(const struct writeback *writeback);
/* The broker has acknowledged, or refused, a command of INFLIGHT_EXPIRY. */
void writeback_note_expire_published(struct writeback *writeback,
                                     const struct inflight_command *command);

/* Takes the changes that the polls of foreign servers have found. */
void writeback_take_polls(struct writeback *writeback, uint64_t now_ms);
/* Publishes the value of a tag on a foreign server that has waited for the end of min_interval_ms,
 * unless the device has it by now or mqttd has put a newer one, and ends the command, which is in
 * SETTLING. Without memory the command waits for another attempt. */
void writeback_publish_waiting(struct writeback *writeback, struct inflight_command *command,
                               uint64_t now_ms);

#endif
