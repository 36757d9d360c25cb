/* Commands under way, and the journal entries that wait for them. Pure; the MQTT thread's alone.
 *
 * A command is one value of SCADA's on its way to the broker. Its states:
 *
 *             part, overrun            settle_ms passed            published
 *      FREE ----------------> SETTLING ----------------> READING ------------> SENT
 *       |                      ^  ^  ^                    |   |                  ^
 *       |               part --+  |  +--------------------+   | overrun          |
 *       |                         |     part, read failed     v                  |
 *       |                         +---------------------- READING_AGAIN          |
 *       |                           part, read done or failed                    |
 *       +------------------------------------------------------------------------+
 *                                whole value published
 *
 *   part       SCADA wrote some of the value's registers: they are read when it has written no
 *              more of them for settle_ms. The result of an older read no longer counts.
 *   overrun    The journal lost entries: the registers of all command tags are read.
 *   published  with QoS 1 or 2: the broker will acknowledge it.
 *
 * Each state goes back to FREE:
 *   SETTLING, READING, READING_AGAIN  when SCADA writes the whole value, or the tag is gone or has
 *                                     moved to other registers;
 *   READING                           also when the value is published with QoS 0, no message can
 *                                     carry it, or the server refuses the read;
 *   SENT                              when the broker acknowledges or refuses the message.
 *
 * A tag has at most one command that is SETTLING, READING or READING_AGAIN: its unsettled command.
 * Any number of its commands may be SENT.
 *
 * An entry waits for its commands and for its holds. The position in the journal moves behind an
 * entry when it and all entries before it wait for nothing, and no command of a recovery is under
 * way: after a crash all that the broker has not acknowledged is then read once more. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_INFLIGHT_H
#define TAGFERRY_MQTTD_WRITEBACK_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command_state {
    COMMAND_FREE,
    COMMAND_SETTLING,      /* waits until nobody has written a part of the value for settle_ms */
    COMMAND_READING,       /* the registers are read */
    COMMAND_READING_AGAIN, /* the same, and one more read follows: entries were lost since */
    COMMAND_SENT,          /* published, and not acknowledged */
    COMMAND_STATE_COUNT
};

enum {
    INFLIGHT_ENTRIES_MAX = 256,
    INFLIGHT_COMMANDS_MAX = 4096,
    INFLIGHT_UNSETTLED_MAX = 128,
    INFLIGHT_COMMANDS_PER_ENTRY = 1968, /* coils, or bits of 123 registers */
    INFLIGHT_PARTS_PER_ENTRY = 2        /* values that an entry can have written in part */
};

/* In place of an entry's number. */
#define INFLIGHT_NO_ENTRY UINT64_C(0) /* the command is of no journal */
#define INFLIGHT_RECOVERY UINT64_MAX  /* the command makes up for entries that were lost */

struct inflight_command {
    enum command_state state;
    struct inflight_command *next, *previous; /* of the same state, the oldest first */
    uint64_t entry; /* number of the entry that waits for it, or one of the above */
    int64_t device, tag;
    uint32_t place;   /* of the registers when it began to settle: command_index_place_of */
    uint16_t width;   /* so many registers; 0 for a command that was not unsettled */
    uint64_t due_ms;  /* SETTLING: when the registers are to be read, steady clock */
    uint64_t read_id; /* READING: of the read whose result counts */
    int number;       /* SENT: of the message */
};

struct inflight_list {
    struct inflight_command *first, *last;
    size_t count;
};

struct inflight_entry {
    uint64_t journal;  /* identity of the journal that the entry is from */
    uint64_t sequence; /* its number there */
    unsigned open;     /* commands and holds that it waits for */
};

/* Where a journal is to be read on. */
struct inflight_position {
    uint64_t journal, position;
};

/* Zero it before use. */
struct inflight {
    struct inflight_entry ring[INFLIGHT_ENTRIES_MAX]; /* in the order of the journal */
    uint64_t first_number;                            /* of the first one, less 1 */
    size_t entry_count;
    struct inflight_command commands[INFLIGHT_COMMANDS_MAX];
    size_t commands_touched; /* so many of them have been used */
    struct inflight_list lists[COMMAND_STATE_COUNT];
    size_t recovering; /* commands of INFLIGHT_RECOVERY */
};

/* True when some more commands can settle: for each entry INFLIGHT_PARTS_PER_ENTRY. */
bool inflight_can_settle(const struct inflight *inflight);
/* True when any entry of the journal, with all its commands, can be added. */
bool inflight_has_room(const struct inflight *inflight);

/* Adds an entry and holds it. Returns its number, from 1: numbers never repeat, where the sequences
 * of a journal that takes the place of another one do. There must be room for an entry. */
uint64_t inflight_add_entry(struct inflight *inflight, uint64_t journal, uint64_t sequence);
/* Ends the hold of inflight_add_entry. */
void inflight_release_entry(struct inflight *inflight, uint64_t number);
/* Removes the entries in front that wait for nothing. False when there are none, else with the
 * position behind the last of them. */
bool inflight_pop_completed(struct inflight *inflight, struct inflight_position *position);

/* Takes a free command to a state, for an entry that has not been removed or for one of the two
 * numbers above. NULL when no command is free. */
struct inflight_command *inflight_start_command(struct inflight *inflight, enum command_state state,
                                                uint64_t entry, int64_t device, int64_t tag);
/* The same for a message that was published with this number. When no command is free, its
 * acknowledgement is not waited for. */
void inflight_start_sent(struct inflight *inflight, int number, uint64_t entry, int64_t device,
                         int64_t tag);
/* Makes a transition of the diagram. A command that becomes FREE lets go of its entry. */
void inflight_move_command(struct inflight *inflight, struct inflight_command *command,
                           enum command_state next);
/* The tag's command that settles or is read, or NULL. */
struct inflight_command *inflight_find_unsettled(const struct inflight *inflight, int64_t tag);
/* The command whose registers this read was asked for, or NULL when its result no longer counts. */
struct inflight_command *inflight_find_read(const struct inflight *inflight, uint64_t read_id);
/* The command that was sent with this number, or NULL. */
struct inflight_command *inflight_find_sent(const struct inflight *inflight, int number);

#endif
