/* The live table: the current state of each device and tag, in files that outlive mqttd and that
 * any process can read.
 *
 * The store assigns a slot to each device and tag: the index of its row. A row stores its owner. It
 * has two copies of its value; the low bit of `changed` selects the valid one, so that neither a
 * reader nor a restart after a crash sees an incomplete value.
 *
 * Threads: one process opens the table as its writer. In it, one thread at a time stores messages,
 * and for each row one thread at a time marks writes. Readers, in any process, map the files
 * read-only and need no lock. */
#ifndef TAGFERRY_COMMON_SHARED_LIVE_TABLE_H
#define TAGFERRY_COMMON_SHARED_LIVE_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/broker_reason.h"
#include "common/model/fault.h"
#include "common/model/tag.h"
#include "common/model/tls_fault.h"
#include "common/shared/shm.h"

/* The address space for all of them is reserved: 1.8 GiB, on 32 bits 448 MiB. */
enum {
    LIVE_ROWS_MAX = sizeof(void *) > 4 ? 1 << 22 : 1 << 20,
    LIVE_STRINGS_MAX = sizeof(void *) > 4 ? 1 << 20 : 1 << 18
};

enum live_table_kind { LIVE_NOBODY, LIVE_DEVICE, LIVE_TAG };

/* Combines kind and store id to the owner of a row. */
uint64_t live_table_make_owner(enum live_table_kind kind, int64_t id);
/* The kind in an owner, which may be invalid if it comes from a file. */
enum live_table_kind live_table_owner_kind(uint64_t owner);

/* The result of the newest message for a tag or device. A device has REFUSED, NOT_JSON or OLD only
 * while that applies to all of its messages. */
enum live_table_outcome {
    LIVE_NONE,
    LIVE_GOOD,
    LIVE_REFUSED,
    LIVE_UNAVAILABLE,
    LIVE_RETAINED,
    LIVE_REPLACED,    /* on_stale has replaced the value of a message in the registers */
    LIVE_CUT_OFF,     /* it was good, but the broker has refused the subscription since */
    LIVE_NOT_JSON,    /* the message was refused as a whole */
    LIVE_OLD,         /* the message was dropped: its time stamp is older than the newest */
    LIVE_NULL,        /* a JSON null: on_stale was stored */
    LIVE_BAD_QUALITY, /* the value was refused: the device says that it is not good */
    LIVE_OUTCOME_COUNT
};

/* A value with its location and coding. A device uses only the times. */
struct live_table_value {
    uint64_t settings; /* digest of target and point: a value with other settings is not written */
    uint64_t place;    /* unit, table, address, width and bit, packed by live_table_pack_location */
    uint64_t coding;   /* type and byte order, packed; the lowest bit is set */
    double scale, offset;
    uint64_t raw;       /* up to four registers, the first in the low 16 bits; unused for strings */
    uint64_t wall_ms;   /* when it was received, since 1970 */
    uint64_t steady_ms; /* the same by the steady clock */
    uint64_t source_ms; /* the source's own time, since 1970, or 0 */
};

/* Packs unit, table, address, width and bit of a point into a `place`. */
uint64_t live_table_pack_location(uint8_t unit, const struct point *point);
/* Sets settings, place, coding, scale and offset of a value. */
void live_table_set_location(struct live_table_value *value, uint64_t settings, uint8_t unit,
                             const struct point *point);
/* The same, and sets `raw` to the registers from codec_encode; to 0 for a string. */
static inline void live_table_set_registers(struct live_table_value *value, uint64_t settings,
                                            uint8_t unit, const struct point *point,
                                            const uint16_t *words)
{
    live_table_set_location(value, settings, unit, point);
    value->raw = 0;
    for (unsigned i = 0; i < type_info[point->type].registers; i++)
        value->raw |= (uint64_t)words[i] << (16 * i);
}
/* Packs registers read from the point into a `raw`; for a bit, words[0] is the whole register. 0
 * for a string. */
uint64_t live_table_pack_raw(const struct point *point, const uint16_t *words);
/* The point at the time the value was stored, to decode its registers. False for a value without a
 * valid point. */
bool live_table_value_point(const struct live_table_value *value, struct point *point);
/* The unit id in a `place`. */
uint8_t live_table_location_unit(uint64_t place);
/* True when the registers are a string, which is in the row's text. */
bool live_table_location_is_text(uint64_t place);
/* Table, address, width in registers (as `length`) and bit of a `place`; the type is TYPE_STRING.
 */
struct point live_table_location_point(uint64_t place);

/* Size of the excerpt of a refused text, with its NUL. */
enum { LIVE_EXCERPT_SIZE = 32 };

/* The reason why a row's registers could not be written or polled. */
struct live_table_write_fault {
    enum fault fault;
    uint8_t exception; /* code that the server or its gateway returned; 0: none */
    bool is_of_unit;   /* the server is reachable, but not the unit */
    bool is_of_poll;   /* from reading, not from writing */
    /* Of FAULT_MODBUS_UNREACHABLE. */
    bool wrong_crc;           /* the unit's answers were damaged */
    enum tls_fault tls_fault; /* of the connection */
};

/* mqtt.expires_s of a setpoint: since when its time counts, and whether it has passed. All zeros:
 * its time has not begun. */
struct live_table_expiry {
    uint64_t steady_ms; /* SCADA's last write, or when mqttd began to count; clock_steady_ms */
    uint64_t wall_ms;   /* the same, since 1970 */
    bool is_expired;
    bool is_owed; /* with is_expired: the command with expire_value is not published yet */
};

/* A copy of a row. */
struct live_table_row {
    uint64_t owner;
    uint64_t changed; /* a new number for each value; 0: no value yet */
    uint64_t written; /* the `changed` of the value in the target; lower: a value is pending */
    uint64_t written_wall_ms; /* 0: never */
    uint64_t messages, rejects;
    uint64_t session; /* live_table_state.session when `outcome` was set */
    enum live_table_outcome outcome;
    bool is_setpoint; /* SCADA has written the register since the newest value */
    bool is_settled;  /* of a setpoint: so old that a retained value of the device may be newer */
    struct live_table_expiry expiry;
    struct live_table_write_fault write_fault; /* of the latest write; a success clears it */
    uint64_t write_fault_wall_ms;
    enum fault fault; /* the latest refusal; kept after a good value */
    uint64_t fault_wall_ms;
    char excerpt[LIVE_EXCERPT_SIZE];
    struct live_table_value value;
    uint16_t text[STRING_REGISTERS_MAX]; /* registers of the string, if the row has one */
};

/* The condition of mqttd. It writes values only in LIVE_SERVING. */
enum live_table_condition {
    LIVE_STARTING,
    LIVE_WAITING_FOR_STORE,
    LIVE_READING_STORE,
    LIVE_WITHOUT_ROOM, /* the table cannot grow for the devices and tags of the store */
    LIVE_SERVING
};

/* The state of mqttd as a whole. */
struct live_table_state {
    uint64_t session;             /* of the writing mqttd: increased at each start */
    uint64_t started_wall_ms;     /* start of that session */
    uint64_t heartbeat_steady_ms; /* the latest heartbeat, once a second */
    uint64_t revision;            /* of the store: registers released up to it are zeroed */
    uint64_t connected;           /* 1 while the broker is connected, else 0 */
    uint64_t broker_steady_ms;    /* when `connected` changed last */
    uint64_t capacity;            /* rows that the file holds */
    /* Odd, or another number than before: a stamp of a row may have changed since then. 0: not
     * known, as of an older mqttd. */
    uint64_t changes;
    enum live_table_condition condition;
    bool modbusd_down; /* mqttd cannot reach the local Modbus server */
};

enum { LIVE_BROKER_WORDS_SIZE = 48 };

/* The state of mqttd's connection to the broker. */
struct live_table_broker {
    enum broker_reason reason;          /* BROKER_CONNECTED, or the reason of the loss */
    uint64_t wall_ms;                   /* start of this state, since 1970 */
    uint64_t steady_ms;                 /* the same by the steady clock */
    char words[LIVE_BROKER_WORDS_SIZE]; /* of several brokers the connected one, or the
                                         * reason from the broker or the system; may be empty */
};

/* An older heartbeat means that mqttd is down. */
enum { LIVE_HEARTBEAT_LIMIT_MS = 3000 };

struct live_table {
    struct shm rows, strings;
    char rows_path[256], strings_path[256];
    /* The writer's own copies, because the data in a file may be lost or overwritten. */
    bool is_writer;
    uint32_t strings_used;
    _Atomic uint64_t capacity, strings_capacity; /* rows and string entries */
    uint64_t generation;                         /* for the next row that gets its first value */
    bool changes_settle;                         /* rows have changed before the newest heartbeat */
    struct live_table_state state;               /* as written to the head */
    struct live_table_broker broker;
};

/* Opens the table for its one writer. `directory` is runtime_dir; the files are "live" and
 * "live-strings" in it. Keeps the data of existing files and increases the session. Replaces
 * damaged files, and logs that. False with the reason in `why`, also when another process is the
 * writer. */
bool live_table_open_writer(struct live_table *live, const char *directory, char *why,
                            size_t why_size);
/* Call it once a second: repairs the files if they were cut short or removed. True after a repair:
 * rows may have lost data, so call live_table_restore_row for each. */
bool live_table_repair_files(struct live_table *live);
/* Sets the owner of a row again, and keeps the data in it. False as for live_table_claim_row. */
bool live_table_restore_row(struct live_table *live, uint32_t slot, uint64_t owner, bool text);
/* Extends the file to at least `rows` rows. False with errno. */
bool live_table_reserve_rows(struct live_table *live, uint32_t rows);
/* True when the row has a string entry. */
bool live_table_has_text(const struct live_table *live, uint32_t slot);
/* Extends the file by `texts` unused string entries, as needed. False with errno. */
bool live_table_reserve_texts(struct live_table *live, uint32_t texts);
/* Sets the owner of the row, after emptying a row of another owner. With `text`, the row gets a
 * string entry.
 *
 * False with errno if a file cannot grow. If the row does not fit, the functions below ignore the
 * slot, and those that read return false. If the string entry does not fit, the row exists, but
 * keeps its owner (if it was this one) or has none: the functions below change it, reads of a row
 * without an owner fail, a string in it is not stored, and the next claim empties it. */
bool live_table_claim_row(struct live_table *live, uint32_t slot, uint64_t owner, bool text);
/* Empties and frees the row if it still has this owner. */
void live_table_release_row(struct live_table *live, uint32_t slot, uint64_t owner);
/* Stores a value; `text` is NULL or the registers of a string. Returns the new `changed`, which is
 * new for this slot; 0 if the slot has no row. */
uint64_t live_table_put_value(struct live_table *live, uint32_t slot,
                              const struct live_table_value *value, const uint16_t *text,
                              uint16_t text_words);
/* Stores a value that the target already has, unless a value is pending. Keeps the times of the
 * newest message. With settings of 0, the value is never written to a target, even after a crash;
 * with those of the tag, a crash during the call may cause it to be written once more. */
void live_table_put_target_value(struct live_table *live, uint32_t slot,
                                 const struct live_table_value *value, const uint16_t *text,
                                 uint16_t text_words);
/* Counts a message and sets its outcome. */
void live_table_add_message(struct live_table *live, uint32_t slot,
                            enum live_table_outcome outcome);
/* Counts a message without changing the outcome. */
void live_table_count_message(struct live_table *live, uint32_t slot);
/* Sets the outcome without counting a message. */
void live_table_set_outcome(struct live_table *live, uint32_t slot,
                            enum live_table_outcome outcome);
/* Records whether SCADA wrote the register last. Kept over restarts and updates of the row. */
void live_table_set_setpoint(struct live_table *live, uint32_t slot, bool is_setpoint);
/* The same for a setpoint that is settled. */
void live_table_set_settled_setpoint(struct live_table *live, uint32_t slot);
/* Stores the state of a setpoint that expires. Kept over restarts and updates of the row. */
void live_table_set_expiry(struct live_table *live, uint32_t slot,
                           const struct live_table_expiry *expiry);
/* Stores a fault; FAULT_NONE clears it. Cuts the excerpt at a character. */
void live_table_set_fault(struct live_table *live, uint32_t slot, enum fault fault,
                          const char *excerpt, size_t len, uint64_t wall_ms);
/* The same, and counts a refused value. */
void live_table_reject_value(struct live_table *live, uint32_t slot, enum fault fault,
                             const char *excerpt, size_t len, uint64_t wall_ms);

/* A value to write to the target. */
struct live_table_pending_value {
    uint64_t owner, changed, written;
    struct live_table_value value;
    uint16_t words[STRING_REGISTERS_MAX]; /* the registers; value.place has their number */
};

/* For the thread that writes to the target. False when the row has no owner, is damaged, or
 * contains a string that was not stored or was lost. */
bool live_table_read_pending_value(const struct live_table *live, uint32_t slot,
                                   struct live_table_pending_value *pending);
/* Record the result of writing the value `changed`. Both do nothing when the row has had another
 * owner since the value was stored. */
void live_table_mark_written(struct live_table *live, uint32_t slot, uint64_t changed,
                             uint64_t wall_ms);
/* Records that the value `changed` need not be written: the target has it already, or a newer one
 * that is not in the row yet. False when the row has a newer value. No other thread may put one
 * meanwhile. */
bool live_table_skip_write(struct live_table *live, uint32_t slot, uint64_t changed);
/* FAULT_NONE clears the fault. `changed` is 0 for the fault of a poll. */
void live_table_mark_write_failed(struct live_table *live, uint32_t slot, uint64_t changed,
                                  const struct live_table_write_fault *fault, uint64_t wall_ms);
/* True when the server refused the latest write with an exception. */
bool live_table_write_is_refused(const struct live_table *live, uint32_t slot);
/* Set members of live_table_state, and the state of the broker connection. */
void live_table_set_heartbeat(struct live_table *live, uint64_t steady_ms);
void live_table_set_broker(struct live_table *live, const struct live_table_broker *broker);
void live_table_set_condition(struct live_table *live, enum live_table_condition condition);
void live_table_set_modbusd_down(struct live_table *live, bool down);
void live_table_set_revision(struct live_table *live, uint64_t revision);

/* Opens the table for a reader, in any process. False with the reason in `why`, for example while
 * there are no files yet: try again later. */
bool live_table_open_reader(struct live_table *live, const char *directory, char *why,
                            size_t why_size);
/* True when the files were replaced: close the table and open it again. Call it once a second. */
bool live_table_was_replaced(const struct live_table *live);
/* True while a mqttd has the table open as its writer. */
bool live_table_has_writer(const struct live_table *live);
/* Accepts NULL and a closed table. */
void live_table_close(struct live_table *live);
/* Read the head. Values that are out of range are replaced. */
struct live_table_state live_table_read_state(const struct live_table *live);
struct live_table_broker live_table_read_broker(const struct live_table *live);
/* While a row has the same stamp, all of it is the same but `messages` and `written_wall_ms`. */
struct live_table_stamp {
    uint64_t changed, written, write_fault, rejects, outcome, faults;
};
/* Reads the stamp of a row that has this owner; else false, and zeros. To follow a row, read its
 * stamp before the row. Ten times as fast as reading the row. */
bool live_table_read_stamp(const struct live_table *live, uint32_t slot, uint64_t owner,
                           struct live_table_stamp *stamp);
bool live_table_stamp_is_equal(const struct live_table_stamp *a, const struct live_table_stamp *b);
/* Copies the row if it has this owner (0: any). False, with a zeroed `row`, when it has not. */
bool live_table_read_row(const struct live_table *live, uint32_t slot, uint64_t owner,
                         struct live_table_row *row);
/* Unpacks the registers of the row's value, with zeros behind them; of a bit, words[0] is 0 or 1.
 */
void live_table_unpack_words(const struct live_table_row *row, uint16_t words[POINT_REGISTERS_MAX]);

#endif
