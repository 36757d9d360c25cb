/* Why a follower cannot follow, or what a leader has to say about another gateway. */
#ifndef TAGFERRY_API_REPLICA_REPLICA_FAULT_H
#define TAGFERRY_API_REPLICA_REPLICA_FAULT_H

#include <stdint.h>

enum replica_code {
    REPLICA_OK,
    REPLICA_UNREACHABLE,   /* no connection, or no answer in time */
    REPLICA_TLS_REFUSED,   /* its certificate is not accepted, or it speaks no TLS */
    REPLICA_NO_TOKEN,      /* the token file cannot be read */
    REPLICA_UNAUTHORIZED,  /* it refuses the token */
    REPLICA_NOT_TAGFERRY,  /* another program answers */
    REPLICA_REFUSED,       /* it answers with an error */
    REPLICA_NOT_LEADER,    /* it follows another gateway */
    REPLICA_OLDER_TERM,    /* its store is of an older term than this one */
    REPLICA_OTHER_VERSION, /* its store has another schema */
    REPLICA_TRUNCATED,     /* the answer has ended too early */
    REPLICA_TOO_LARGE,     /* the answer is larger than any store */
    REPLICA_DAMAGED,       /* the answer is no store, or its rows do not fit */
    REPLICA_CANNOT_KEEP,   /* the own store cannot be copied to a file before it is replaced */
    REPLICA_STORE_FAILED,  /* the own store cannot be written */
    REPLICA_SUPERSEDED,    /* this leader: another one has a newer term */
    REPLICA_TWO_LEADERS,   /* this leader: another one has the same term */
    REPLICA_CODES
};

extern const char *const replica_code_names[REPLICA_CODES]; /* of REPLICA_OK: NULL */

enum { REPLICA_DETAIL_SIZE = 512 };

struct replica_fault {
    enum replica_code code;
    char detail[REPLICA_DETAIL_SIZE]; /* a sentence without its full stop */
    uint64_t at_ms;                   /* when it began, ms since 1970 */
};

/* Sets the code and the detail. Returns the code. */
__attribute__((format(printf, 3, 4))) enum replica_code
replica_fault_set(struct replica_fault *fault, enum replica_code code, const char *detail, ...);

#endif
