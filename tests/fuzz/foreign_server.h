/* A Modbus server inside a fuzz target. It answers as a program says: rightly, wrongly in many
 * ways, late, or not at all. It acts whenever the client waits, and time passes only then, so that
 * nobody sleeps. Beside it stands a reference that says which requests were answered, by the bytes
 * alone. */
#ifndef TAGFERRY_TESTS_FUZZ_FOREIGN_SERVER_H
#define TAGFERRY_TESTS_FUZZ_FOREIGN_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/modbus/modbus_pipeline.h"
#include "common/modbus/pdu.h"
#include "common/modbus/pipeline_request.h"

enum { SERVER_LINKS = 2, SERVER_UNITS = 4, SERVER_CELLS = 128, SERVER_FRAME_MAX = 300 };

/* What the registers of a link have, of units 0 to 3. */
struct server_unit {
    uint16_t words[SERVER_CELLS], bits[SERVER_CELLS];
};

/* What the client was told of its writes: bits that are known, and their values. */
struct accepted_unit {
    uint16_t words[SERVER_CELLS], known[SERVER_CELLS];
    uint16_t bits[SERVER_CELLS];
    bool knows_bit[SERVER_CELLS];
};

/* A request as it came on the wire. */
struct received {
    uint16_t transaction;
    uint8_t unit, pdu[PDU_MAX];
    size_t len;
    bool answered; /* by the reference */
};

struct connection {
    int fd, client_fd; /* -1: none. The client closes its own end */
    uint8_t in[PIPELINE_MAX * SERVER_FRAME_MAX];
    size_t in_len;
    /* Bytes that the client had not read when its request began, and all later ones. */
    uint8_t stream[1 << 13];
    size_t stream_len;
    struct received requests[PIPELINE_MAX]; /* that came since then */
    size_t count;
    bool is_spent; /* a request had no answer: the next one needs another connection */
};

/* The newest requests on an open connection, and their end. */
struct attempt {
    unsigned number; /* of the attempts of this run, from 1 */
    int error;       /* as the client found it */
    bool answered;   /* all of them, by the reference */
    /* Of the last one: */
    uint8_t exception, unit, function;
    uint16_t address, count, mask;
    uint16_t words[2000]; /* that it wrote or has read */
};

struct server_state {
    uint64_t now_us;
    const uint8_t *program, *program_end;
    bool is_rtu;
    bool is_honest; /* whatever the program says */
    struct server_unit units[SERVER_LINKS][SERVER_UNITS];
    struct accepted_unit accepted[SERVER_LINKS][SERVER_UNITS];
    uint64_t late_us[256]; /* by RTU, of each unit: until then a late answer may come */
    uint64_t unmasked;     /* reads and writes in place of FC22 */
    uint64_t connects_fail_until_us;
    struct attempt attempt;
    struct connection connections[SERVER_LINKS]; /* last: large, and not cleared */
};

extern struct server_state server;

/* Ends the run with the text if the condition is false. */
void check(bool holds, const char *what);
/* The next byte of the program; 0 at its end. */
uint8_t program_next(void);
/* Forgets connections and registers. */
void server_start(void);
/* The registers of unit and link, by the program, change. */
void server_change_registers(void);
/* Bytes that nobody asked for, or the end of a connection. */
void server_misbehave_idle(void);
/* Drops what is to be sent later, and behaves from now on. */
void server_become_honest(void);
/* Lets time pass, and sends what is due; earlier if a descriptor, unless it is -1, is readable.
 * True then. */
bool server_pass_time(uint64_t until_us, const int *fds, size_t count);
/* The connection with this end of the client's. */
struct connection *server_find_connection(int client_fd);
/* The same, when a request begins on it. */
struct connection *server_begin_attempt(int client_fd);
/* The client has closed all connections. */
void server_check_closed(void);

#endif
