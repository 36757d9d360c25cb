/* Commands under way, and the journal entries that wait for them. Pure; used by the MQTT thread
 * only.
 *
 * A command is a value of SCADA that is being published. Its states:
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
 *   part       SCADA wrote some of the value's registers: they are read when it has written none of
 *              them for settle_ms. The result of an earlier read is ignored. The same for a whole
 *              value within min_interval_ms after the last command: it is read at the end of that.
 *              One of a foreign server is not read, but published and FREE at the end of that.
 *   overrun    The journal lost entries: the registers of all command tags are read.
 *   published  With QoS 1 or 2: the broker will acknowledge the message.
 *
 * A command becomes FREE again:
 *   SETTLING, READING, READING_AGAIN  when SCADA writes the whole value, or the tag is gone or has
 *                                     moved to other registers;
 *   SETTLING                          also of a foreign server, when its wait ends;
 *   READING                           also when the value is published with QoS 0, cannot be
 *                                     published, or the server refuses the read;
 *   SENT                              when the broker acknowledges or refuses the message.
 *
 * A tag has at most one command that is SETTLING, READING or READING_AGAIN: its unsettled command.
 * Any number of its commands may be SENT.
 *
 * An entry waits for its commands and for its holds. The position in the journal advances past an
 * entry when this entry and all earlier ones wait for nothing, and no command of a recovery is
 * under way: after a crash all entries that the broker has not acknowledged are read again. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_INFLIGHT_H
#define TAGFERRY_MQTTD_WRITEBACK_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum command_state {
    COMMAND_FREE,
    COMMAND_SETTLING,      /* waits until SCADA has not written to the registers for settle_ms */
    COMMAND_READING,       /* the registers are being read */
    COMMAND_READING_AGAIN, /* the same, and another read follows, since entries were lost meanwhile
                            */
    COMMAND_SENT,          /* published, and not acknowledged */
    COMMAND_STATE_COUNT
};

enum {
    INFLIGHT_RING_SIZE = 8192,  /* entries, also those that wait only for earlier ones */
    INFLIGHT_ENTRIES_MAX = 256, /* that wait for something, besides those of delayed commands */
    INFLIGHT_DELAYED_MAX = 1024,
    INFLIGHT_COMMANDS_MAX = 4096,
    INFLIGHT_UNSETTLED_MAX = 128,
    INFLIGHT_COMMANDS_PER_ENTRY = 1968, /* coils, or bits of 123 registers */
    INFLIGHT_PARTS_PER_ENTRY = 2        /* values that an entry can write in part */
};

/* Instead of the number of an entry. */
#define INFLIGHT_NO_ENTRY UINT64_C(0)      /* the command does not come from the journal */
#define INFLIGHT_RECOVERY UINT64_MAX       /* the command replaces entries that were lost */
#define INFLIGHT_EXPIRY   (UINT64_MAX - 1) /* the setpoint has expired */

struct inflight_command {
    enum command_state state;
    struct inflight_command *next, *previous; /* of the same state, the oldest first */
    uint64_t entry; /* number of the entry that waits for the command, or one of the above */
    int64_t tag;
    uint32_t place;   /* of the registers when it began to settle, or of INFLIGHT_EXPIRY when it was
                       * sent: command_index_place_of */
    uint16_t width;   /* number of these registers; 0 for a command that was not unsettled */
    uint64_t due_ms;  /* SETTLING: when the registers have to be read, steady clock */
    bool is_delayed;  /* SETTLING: until min_interval_ms after the tag's last command */
    uint64_t read_id; /* READING: id of the read whose result counts */
    uint64_t changed; /* READING: `changed` of the tag's row when the read was requested */
    int number;       /* SENT: number of the message */
};

struct inflight_list {
    struct inflight_command *first, *last;
    size_t count;
};

struct inflight_entry {
    uint64_t journal;  /* identity of the journal that the entry is from */
    uint64_t sequence; /* number of the entry in that journal */
    unsigned open;     /* commands and holds that the entry waits for */
};

/* The next entry to read of a journal. */
struct inflight_position {
    uint64_t journal, position;
};

/* Zero it before use. */
struct inflight {
    struct inflight_entry ring[INFLIGHT_RING_SIZE]; /* in the order of the journal */
    uint64_t first_number;                          /* number of the first entry, less 1 */
    size_t entry_count;
    size_t open_count; /* entries that wait for something themselves */
    size_t delayed;    /* commands */
    struct inflight_command commands[INFLIGHT_COMMANDS_MAX];
    size_t commands_touched; /* number of them that were ever used */
    struct inflight_list lists[COMMAND_STATE_COUNT];
    size_t recovering; /* commands whose entry is INFLIGHT_RECOVERY */
};

/* True when INFLIGHT_PARTS_PER_ENTRY more commands can settle, besides delayed ones. */
bool inflight_can_settle(const struct inflight *inflight);
/* True when any entry of the journal, with all its commands, can be added. */
bool inflight_has_room(const struct inflight *inflight);

/* Adds an entry with a hold. Returns its number, from 1: unlike the sequences of different
 * journals, numbers never repeat. Requires inflight_has_room. */
uint64_t inflight_add_entry(struct inflight *inflight, uint64_t journal, uint64_t sequence);
/* Ends the hold of inflight_add_entry. */
void inflight_release_entry(struct inflight *inflight, uint64_t number);
/* Removes the first entries as long as they wait for nothing, and sets the position after the last
 * of them. False when there are none. */
bool inflight_pop_completed(struct inflight *inflight, struct inflight_position *position);

/* Moves a free command to a state, for an entry that was not removed or for INFLIGHT_NO_ENTRY or
 * INFLIGHT_RECOVERY. NULL when no command is free. */
struct inflight_command *inflight_start_command(struct inflight *inflight, enum command_state state,
                                                uint64_t entry, int64_t tag);
/* The same for a message that was published with this number. When no command is free, the entry
 * does not wait for the acknowledgement. */
void inflight_start_sent(struct inflight *inflight, int number, uint64_t entry, int64_t tag);
/* Makes a transition of the diagram. The entry of a command that becomes FREE waits for one less.
 */
void inflight_move_command(struct inflight *inflight, struct inflight_command *command,
                           enum command_state next);
/* A command in SETTLING is due at this time, which may be much later than after settle_ms: it does
 * not count among those that settle. Requires fewer than INFLIGHT_DELAYED_MAX delayed ones. */
void inflight_delay_command(struct inflight *inflight, struct inflight_command *command,
                            uint64_t due_ms);
/* If the ring is full, the delayed commands of its first entry become due: they would hold up the
 * commands of all tags. */
void inflight_hurry_first(struct inflight *inflight, uint64_t now_ms);
/* Returns the unsettled command of the tag, or NULL. */
struct inflight_command *inflight_find_unsettled(const struct inflight *inflight, int64_t tag);
/* Returns the command that waits for this read, or NULL when the result does not count any more. */
struct inflight_command *inflight_find_read(const struct inflight *inflight, uint64_t read_id);
/* Returns the command that was sent with this number, or NULL. */
struct inflight_command *inflight_find_sent(const struct inflight *inflight, int number);

#endif
