/* The live table: what mqttd knows of each device and tag, in files that outlive it and that any
 * process can read.
 *
 * A row is named by a slot, which the store gives to a device or tag, and says whose it is. Its
 * value lies in two copies; the low bit of `changed` names the valid one, so that a reader never
 * sees half of a put, and neither does a restart after a crash in the middle of one.
 *
 * Who may call what: one process opens the table as writer. There one thread at a time puts
 * messages, and one thread at a time, for each row, marks what was written. Readers map the files
 * read-only, in any process, and need no lock. */
#ifndef TAGFERRY_COMMON_SHARED_LIVE_TABLE_H
#define TAGFERRY_COMMON_SHARED_LIVE_TABLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/broker_reason.h"
#include "common/model/fault.h"
#include "common/model/tag.h"
#include "common/shared/shm.h"

enum { LIVE_ROWS_MAX = 1 << 22, LIVE_STRINGS_MAX = 1 << 20 };

enum live_table_kind { LIVE_NOBODY, LIVE_DEVICE, LIVE_TAG };

/* Names the owner of a row: what it is, and its id in the store. */
uint64_t live_table_make_owner(enum live_table_kind kind, int64_t id);
enum live_table_kind live_table_owner_kind(uint64_t owner);

/* How the newest message went for a tag or device. For a device REFUSED, NOT_JSON and OLD hold only
 * while they do for all that it has said. */
enum live_table_outcome {
    LIVE_NONE,
    LIVE_GOOD,
    LIVE_REFUSED,
    LIVE_UNAVAILABLE,
    LIVE_RETAINED,
    LIVE_REPLACED, /* on_stale stands in the registers, in place of what a message brought */
    LIVE_CUT_OFF,  /* it was good, and since then the broker refuses to send more */
    LIVE_NOT_JSON, /* the message was refused as a whole */
    LIVE_OLD,      /* the message was dropped: its time stamp is older than the newest */
    LIVE_NULL,     /* a JSON null, for which on_stale was put in */
    LIVE_OUTCOME_COUNT
};

/* A value as a message put it. For a device only the times count. */
struct live_table_value {
    uint64_t settings; /* digest of target and point: a row of other settings is not written */
    uint64_t place;    /* unit, table, address, width and bit, packed by live_table_pack_location */
    uint64_t coding;   /* type and byte order, packed by live_table_pack_coding */
    double scale, offset;
    uint64_t raw;       /* up to four registers, the first in the low 16 bits; unused for strings */
    uint64_t wall_ms;   /* when it was received, since 1970 */
    uint64_t steady_ms; /* the same by the steady clock */
    uint64_t source_ms; /* the source's own time, since 1970, or 0 */
};

uint64_t live_table_pack_location(uint8_t unit, const struct point *point);
uint64_t live_table_pack_coding(const struct point *point);
/* Sets what says where and how the registers lie; the rest of the value stays. */
void live_table_set_location(struct live_table_value *value, uint64_t settings, uint8_t unit,
                             const struct point *point);
/* The same, and sets `raw` to the registers as codec_encode made them; to 0 for a string. */
static inline void live_table_set_registers(struct live_table_value *value, uint64_t settings,
                                            uint8_t unit, const struct point *point,
                                            const uint16_t *words)
{
    live_table_set_location(value, settings, unit, point);
    value->raw = 0;
    for (unsigned i = 0; i < type_info[point->type].registers; i++)
        value->raw |= (uint64_t)words[i] << (16 * i);
}
/* Registers of the point as a value's `raw`; words[0] is the whole register of a bit. 0 for a
 * string. */
uint64_t live_table_pack_raw(const struct point *point, const uint16_t *words);
/* The point as it was when the value was put: how its registers are to be decoded. False for a
 * value that was put without a point. */
bool live_table_value_point(const struct live_table_value *value, struct point *point);
uint8_t live_table_location_unit(uint64_t place);
/* True when the registers are a string's, which lie in the row's text. */
bool live_table_location_is_text(uint64_t place);
/* Table, address, type-independent width (as `length`) and bit. */
struct point live_table_location_point(uint64_t place);

/* Bytes of the refused text that are kept, terminated. */
enum { LIVE_EXCERPT_SIZE = 32 };

/* Why a row's registers could not be written, or polled. */
struct live_table_write_fault {
    enum fault fault;
    uint8_t exception; /* that the server or its gateway answered; 0: none */
    bool is_of_unit;   /* the unit gave no answer, and the server is there */
    bool is_of_poll;   /* the registers were to be read */
};

/* A copy of a row. */
struct live_table_row {
    uint64_t owner;
    uint64_t changed;         /* moves with each put; 0: no value yet */
    uint64_t written;         /* the `changed` that its target has; below `changed`: one waits */
    uint64_t written_wall_ms; /* 0: never */
    uint64_t messages, rejects;
    uint64_t session; /* the header's session when `outcome` was set */
    enum live_table_outcome outcome;
    bool is_setpoint; /* SCADA has written the register since the newest value came */
    struct live_table_write_fault write_fault; /* of the newest write, none once one succeeds */
    uint64_t write_fault_wall_ms;
    enum fault fault; /* the newest refusal, kept when values are good again */
    uint64_t fault_wall_ms;
    char excerpt[LIVE_EXCERPT_SIZE];
    struct live_table_value value;
    uint16_t text[STRING_REGISTERS_MAX]; /* registers of a string, when the row has one */
};

/* The condition of mqttd. Values move only while it serves. */
enum live_table_condition {
    LIVE_STARTING,
    LIVE_WAITING_FOR_STORE,
    LIVE_READING_STORE,
    LIVE_WITHOUT_ROOM, /* for what the store says now: the table cannot grow */
    LIVE_SERVING
};

/* The state of mqttd as a whole. */
struct live_table_state {
    uint64_t session;             /* of the mqttd that writes: raised at each start */
    uint64_t started_wall_ms;     /* of that session */
    uint64_t heartbeat_steady_ms; /* the newest beat, one a second */
    uint64_t revision;            /* of the store: what was given up until then is zeroed */
    uint64_t connected;           /* 1 while the broker is connected, and that counts */
    uint64_t broker_steady_ms;    /* when `connected` changed last */
    uint64_t capacity;            /* rows that the file holds */
    enum live_table_condition condition;
    bool modbusd_down; /* the local Modbus server is out of mqttd's reach */
};

enum { LIVE_BROKER_WORDS_SIZE = 48 };

/* How mqttd's connection to the broker stands. */
struct live_table_broker {
    enum broker_reason reason;          /* BROKER_CONNECTED, or why it is lost */
    uint64_t wall_ms;                   /* since when it is connected, or lost, since 1970 */
    uint64_t steady_ms;                 /* the same by the steady clock */
    char words[LIVE_BROKER_WORDS_SIZE]; /* what the broker or the system said; may be empty */
};

/* A heartbeat older than this means that mqttd is gone. */
enum { LIVE_HEARTBEAT_LIMIT_MS = 3000 };

struct live_table {
    struct shm rows, strings;
    char rows_path[256], strings_path[256];
    /* The writer's own, for what lies in a file may be lost or overwritten. */
    bool is_writer;
    uint32_t strings_used;
    _Atomic uint64_t capacity, strings_capacity; /* rows, and entries for strings */
    uint64_t generation;                         /* of the next row that gets its first value */
    struct live_table_state state;               /* as they were written */
    struct live_table_broker broker;
};

/* The writer. `directory` is runtime_dir; the files are "live" and "live-strings" there. Goes on in
 * existing files, which another mqttd may not hold open, and raises the session. Files that are
 * damaged are set aside, with a line in the log, and begun again. */
bool live_table_open_writer(struct live_table *live, const char *directory, char *why,
                            size_t why_size);
/* To be called once a second: makes the files whole again when they were cut short or removed. True
 * when they were: rows may have lost what they held, and live_table_restore_row is to be called for
 * each. */
bool live_table_repair_files(struct live_table *live);
/* Gives a row back to its owner, with what the row still holds or has got since. */
bool live_table_restore_row(struct live_table *live, uint32_t slot, uint64_t owner, bool text);
/* Makes room for slots below `rows`. False with errno. */
bool live_table_reserve_rows(struct live_table *live, uint32_t rows);
/* True when the row has an entry for a string. */
bool live_table_has_text(const struct live_table *live, uint32_t slot);
/* Makes room for so many more entries for strings. False with errno. */
bool live_table_reserve_texts(struct live_table *live, uint32_t texts);
/* Gives the row to an owner. A row that was another's is emptied first. With `text` it gets an
 * entry for a string.
 *
 * False with errno if the files cannot grow. For want of a row, the slot has none: all functions
 * below leave it alone, and those that read answer false. For want of an entry, the row is there
 * but stays its owner's, or nobody's if it was another's: the functions below change it, nobody
 * reads a row without an owner, a string in it is not kept, and the next claim empties it. */
bool live_table_claim_row(struct live_table *live, uint32_t slot, uint64_t owner, bool text);
/* Empties a row and frees it, if it is still this owner's. */
void live_table_release_row(struct live_table *live, uint32_t slot, uint64_t owner);
/* Puts a value; `text` is NULL, or the registers of a string. Returns the new `changed`, which the
 * slot has never had; 0 for a slot that has no row. */
uint64_t live_table_put_value(struct live_table *live, uint32_t slot,
                              const struct live_table_value *value, const uint16_t *text,
                              uint16_t text_words);
/* Puts what the target holds already, unless a value waits to be written there. The times stay
 * those of the newest message. With settings of 0 it is never written to a target, not after a
 * crash either; with those of the tag a crash in the middle may have it written where it stands. */
void live_table_put_target_value(struct live_table *live, uint32_t slot,
                                 const struct live_table_value *value, const uint16_t *text,
                                 uint16_t text_words);
/* Counts a message and sets its outcome. */
void live_table_add_message(struct live_table *live, uint32_t slot,
                            enum live_table_outcome outcome);
/* Counts a message that came to nothing. */
void live_table_count_message(struct live_table *live, uint32_t slot);
/* Sets the outcome without counting. */
void live_table_set_outcome(struct live_table *live, uint32_t slot,
                            enum live_table_outcome outcome);
/* Records whether SCADA wrote the register last. Kept over restarts and updates of the row. */
void live_table_set_setpoint(struct live_table *live, uint32_t slot, bool is_setpoint);
/* Keeps a fault, FAULT_NONE to forget the one that is kept. The excerpt is cut at a character. */
void live_table_set_fault(struct live_table *live, uint32_t slot, enum fault fault,
                          const char *excerpt, size_t len, uint64_t wall_ms);
/* The same, counted as a refusal. */
void live_table_reject_value(struct live_table *live, uint32_t slot, enum fault fault,
                             const char *excerpt, size_t len, uint64_t wall_ms);

/* The value to be written to the row's target. */
struct live_table_pending_value {
    uint64_t owner, changed, written;
    struct live_table_value value;
    uint16_t words[STRING_REGISTERS_MAX]; /* the registers, as many as value.place says */
};

/* For the thread that writes to the row's target. False when the row is nobody's, or a string's
 * that had no room or was lost, or when it is damaged. */
bool live_table_read_pending_value(const struct live_table *live, uint32_t slot,
                                   struct live_table_pending_value *pending);
/* Record the result of the write of the value `changed`. They do nothing when the row has changed
 * hands since the value was put. */
void live_table_mark_written(struct live_table *live, uint32_t slot, uint64_t changed,
                             uint64_t wall_ms);
/* FAULT_NONE forgets the one that is kept. `changed` is 0 for the fault of a poll. */
void live_table_mark_write_failed(struct live_table *live, uint32_t slot, uint64_t changed,
                                  const struct live_table_write_fault *fault, uint64_t wall_ms);
/* True when the newest write was refused by an exception of the server. */
bool live_table_write_is_refused(const struct live_table *live, uint32_t slot);
void live_table_set_heartbeat(struct live_table *live, uint64_t steady_ms);
void live_table_set_broker(struct live_table *live, const struct live_table_broker *broker);
void live_table_set_condition(struct live_table *live, enum live_table_condition condition);
void live_table_set_modbusd_down(struct live_table *live, bool down);
void live_table_set_revision(struct live_table *live, uint64_t revision);

/* A reader. False when there are no files yet: try again later. */
bool live_table_open_reader(struct live_table *live, const char *directory, char *why,
                            size_t why_size);
/* True when the files were replaced by others: close and open again. Ask once a second. */
bool live_table_was_replaced(const struct live_table *live);
/* True while there is a mqttd that writes. */
bool live_table_has_writer(const struct live_table *live);
void live_table_close(struct live_table *live);
struct live_table_state live_table_read_state(const struct live_table *live);
struct live_table_broker live_table_read_broker(const struct live_table *live);
/* Copies the row if it is `owner`'s (any row's when 0). False when it is not: never heard. */
bool live_table_read_row(const struct live_table *live, uint32_t slot, uint64_t owner,
                         struct live_table_row *row);

#endif
