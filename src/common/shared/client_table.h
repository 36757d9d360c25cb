/* The clients of tagferry-modbusd: the connected ones with what they have asked for, and those that
 * it refused or closed lately. A mapped file that modbusd writes; the API shows it.
 *
 * The writer keeps its own copy of each entry and never reads the file back, so that damage to the
 * file costs nothing but the view. One thread per struct client_table. */
#ifndef TAGFERRY_COMMON_SHARED_CLIENT_TABLE_H
#define TAGFERRY_COMMON_SHARED_CLIENT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/modbus/pdu.h"
#include "common/shared/shared_word.h"
#include "common/shared/shm.h"

enum {
    CLIENT_SLOTS_FIRST = 128,    /* of a new file; it grows with the number of connections */
    CLIENT_SLOTS_MAX = 939 * 64, /* more than max_connections and the process side */
    CLIENT_REFUSALS = 64,        /* the newest ones, one for each address and reason */
    CLIENT_DETAIL_SIZE = 160,
    CLIENT_ADDRESS_SIZE = 16, /* an IPv6 address, or an IPv4 one mapped into IPv6 */
    CLIENT_UNIT_WORDS = 256 / 64,
    CLIENT_ROLE_SIZE = 72,  /* of a TLS certificate: 64 bytes and a NUL, in whole words */
    CLIENT_RATE_BEATS = 10, /* rates are over the last 10 s */
};

enum client_side { CLIENT_SCADA, CLIENT_INPUTS, CLIENT_OUTPUTS, CLIENT_SIDES };
/* "scada", "inputs", "outputs". */
extern const char *const client_side_names[];

/* How a client speaks Modbus. */
enum client_protocol {
    CLIENT_TCP,
    CLIENT_RTU,
    CLIENT_UDP,
    CLIENT_SERIAL,
    CLIENT_TLS,
    CLIENT_PROTOCOLS
};
/* "tcp", "rtu", "udp", "serial", "tls". */
extern const char *const client_protocol_names[];

/* The functions that are counted: the rows of PDU_FUNCTIONS, then one for all others. */
#define CLIENT_FUNCTION_ROW(code, ...) CLIENT_FUNCTION_##code,
enum client_function { PDU_FUNCTIONS(CLIENT_FUNCTION_ROW) CLIENT_FUNCTION_OTHER, CLIENT_FUNCTIONS };
#undef CLIENT_FUNCTION_ROW
/* Their codes; 0 for CLIENT_FUNCTION_OTHER. */
extern const uint8_t client_function_codes[CLIENT_FUNCTIONS];

/* One request, as it came. */
struct client_last_request {
    enum client_function function;
    uint8_t code; /* of the function */
    uint8_t unit;
    uint8_t exception; /* enum pdu_exception; PDU_OK: it was answered */
    bool has_range;    /* `start` and `count` are known */
    uint16_t start, count;
};

/* What is known of one connection. Times are ms since 1970. */
struct client_facts {
    uint8_t address[CLIENT_ADDRESS_SIZE];
    uint16_t port;
    enum client_side side;
    enum client_protocol protocol;
    char role[CLIENT_ROLE_SIZE]; /* in its certificate; "": none */
    uint64_t since_ms;
    uint64_t functions[CLIENT_FUNCTIONS]; /* requests by function */
    uint64_t requests, exceptions;
    uint64_t units[CLIENT_UNIT_WORDS]; /* a bit for each unit that was asked for */
    uint64_t rate_milli;               /* requests in 1000 s, at the rate of the last 10 s */
    uint64_t last_ms;                  /* 0: no request yet */
    struct client_last_request last;
};

enum client_refusal_reason {
    CLIENT_NO_RULE,
    CLIENT_LIMIT,
    CLIENT_IP_LIMIT,
    CLIENT_PROCESS_FULL,
    CLIENT_NO_MEMORY,
    CLIENT_NO_DESCRIPTORS,
    CLIENT_NOT_MODBUS,
    CLIENT_FRAME_TIMEOUT,
    CLIENT_WRITE_TIMEOUT,
    CLIENT_IDLE_TIMEOUT,
    CLIENT_RULE_CHANGED,
    CLIENT_NOT_STORED,      /* its write could not be stored on the disk */
    CLIENT_NO_PROXY_HEADER, /* a proxy that sends no header of the PROXY protocol */
    CLIENT_TLS_HANDSHAKE,   /* it failed */
    CLIENT_TLS_TIMEOUT,     /* it took too long */
    CLIENT_TLS_TOO_MANY,    /* handshakes of one address at the same time */
    CLIENT_TLS_NO_CERTIFICATE,
    CLIENT_TLS_UNTRUSTED, /* not signed by a CA of the clients, or not fit */
    CLIENT_TLS_EXPIRED,   /* or not valid yet */
    CLIENT_TLS_REVOKED,
    CLIENT_TLS_BAD_ROLE, /* the extension with the role is wrong */
    CLIENT_REASON_COUNT
};
/* "no_allow_rule" and so on, in the order of the enum. */
extern const char *const client_refusal_names[];

/* A client that was refused or closed. */
struct client_refusal {
    uint64_t number; /* of the newest one, ascending; set by the table */
    uint8_t address[CLIENT_ADDRESS_SIZE];
    uint16_t port; /* of the newest one */
    enum client_side side;
    enum client_refusal_reason reason;
    uint64_t at_ms, first_ms; /* the newest one, and the first one; the latter set by the table */
    uint64_t count;           /* with this address, side and reason; set by the table */
    char detail[CLIENT_DETAIL_SIZE];
};

/* The words of an entry in the file and in the writer's copy. */
enum client_word {
    CLIENT_WORD_NUMBER, /* of the connection; 0: the slot is free, or is being filled */
    CLIENT_WORD_ADDRESS,
    CLIENT_WORD_PORT = CLIENT_WORD_ADDRESS + 2, /* and the side, and the protocol */
    CLIENT_WORD_SINCE,
    CLIENT_WORD_ROLE,
    CLIENT_WORD_RATE = CLIENT_WORD_ROLE + CLIENT_ROLE_SIZE / 8,
    CLIENT_WORD_EXCEPTIONS, /* from here on, the words that requests change */
    CLIENT_WORD_LAST_AT,
    CLIENT_WORD_LAST, /* the whole request, so that readers never see parts of two */
    CLIENT_WORD_UNITS,
    CLIENT_WORD_FUNCTIONS = CLIENT_WORD_UNITS + CLIENT_UNIT_WORDS,
    CLIENT_WORDS = CLIENT_WORD_FUNCTIONS + CLIENT_FUNCTIONS
};

/* A connection, for the writer. Zero it before client_table_add_client; then it must not move. */
struct client_entry {
    word *shared; /* its words in the file; or `unseen` when the table has no room for it */
    size_t slot;
    uint64_t words[CLIENT_WORDS];
    word unseen[CLIENT_WORDS];
    uint32_t changed; /* a bit for each function with a request that is not published */
    uint64_t beats;   /* calls of client_entry_take_beat */
    uint64_t past_requests[CLIENT_RATE_BEATS], past_ms[CLIENT_RATE_BEATS];
};

/* Zero it before use. A closed table keeps no entries. */
struct client_table {
    struct shm shm;
    uint64_t numbers, refusals;           /* connections and refusals so far */
    size_t slots;                         /* in the file */
    uint64_t used[CLIENT_SLOTS_MAX / 64]; /* a bit for each slot */
    struct client_refusal refused[CLIENT_REFUSALS];
};

/* Opens the table for its one writer, empty. False with the reason in `why`. */
bool client_table_open_writer(struct client_table *table, const char *runtime_dir, char *why,
                              size_t why_size);
/* Adds a connection: `facts` has its address, port, side, protocol, role and since. */
void client_table_add_client(struct client_table *table, const struct client_facts *facts,
                             struct client_entry *entry);
/* Removes a connection. Accepts an entry that was never added. */
void client_table_remove_client(struct client_table *table, struct client_entry *entry);
/* Adds a refused client, to the entry with the same address, side and reason if there is one. */
void client_table_note_refusal(struct client_table *table, const struct client_refusal *refusal);
/* Call it once a second: repairs the file. True when it was damaged: call client_table_write_entry
 * for each connection. */
bool client_table_repair_file(struct client_table *table);
void client_table_write_entry(struct client_entry *entry);

/* Counts a request and keeps it as the newest; client_entry_publish shows it. Inline and short,
 * because it runs for each request: readers take the request apart. `exception`: enum
 * pdu_exception. */
static inline void client_entry_note_request(struct client_entry *entry,
                                             enum client_function function, uint8_t unit,
                                             uint8_t exception, const uint8_t *pdu, size_t pdu_len)
{
    uint64_t last = (uint64_t)pdu[0] << 32 | (uint64_t)unit << 40 | (uint64_t)exception << 48;
    if (pdu_len >= 5)
        last |= (uint64_t)1 << 56 | (uint32_t)pdu_get_u16(pdu + 1) << 16 | pdu_get_u16(pdu + 3);
    entry->words[CLIENT_WORD_LAST] = last;
    entry->words[CLIENT_WORD_FUNCTIONS + function]++;
    entry->words[CLIENT_WORD_UNITS + unit / 64U] |= UINT64_C(1) << unit % 64U;
    entry->words[CLIENT_WORD_EXCEPTIONS] += exception != PDU_OK;
    entry->changed |= UINT32_C(1) << function;
}
/* Shows the requests that were noted since the last call; does nothing if there are none. */
void client_entry_publish(struct client_entry *entry, uint64_t wall_ms);
/* Call it once a second for each connection: computes the rate. */
void client_entry_take_beat(struct client_entry *entry, uint64_t wall_ms);

/* Opens the table for a reader, in any process. False with the reason in `why`. */
bool client_table_open_reader(struct client_table *table, const char *runtime_dir, char *why,
                              size_t why_size);
/* True while the writer runs; without one the entries are outdated. */
bool client_table_has_writer(const struct client_table *table);
/* The number of slots to read. */
size_t client_table_count_slots(const struct client_table *table);
/* Copies an entry; `slot` is below client_table_count_slots. False if no connection has the slot.
 */
bool client_table_read_client(const struct client_table *table, size_t slot,
                              struct client_facts *facts);
/* Copies a refusal; `place` is below CLIENT_REFUSALS. False if there is none. */
bool client_table_read_refusal(const struct client_table *table, size_t place,
                               struct client_refusal *refusal);

/* Accepts NULL and a closed table. */
void client_table_close(struct client_table *table);

#endif
