/* Answers requests: checks, access rights, then the bank or the identification. No I/O on client
 * sockets. Not thread-safe. */
#ifndef TAGFERRY_MODBUSD_REQUESTS_SERVICE_H
#define TAGFERRY_MODBUSD_REQUESTS_SERVICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/log_limit.h"
#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"
#include "common/shared/client_table.h"
#include "common/shared/counters.h"
#include "modbusd/registers/bank.h"
#include "modbusd/requests/access.h"
#include "modbusd/requests/gaps.h"
#include "modbusd/requests/ident.h"
#include "modbusd/requests/protocol_guess.h"

struct service {
    const struct unit_set *units;
    struct bank *bank;
    struct counters *counters;
    struct client_table *client_table; /* needed for sessions with an entry */
    struct ident ident;
    bool
        unknown_is_first; /* the first unit answers SCADA's requests to units that are not served */
    const struct gaps *gaps; /* judge the requests of SCADA; NULL: none does */
    /* Reads of SCADA are refused after no request on the inputs side for this long, in ms; 0:
     * never. Set by service_set_process_timeout. */
    uint64_t process_timeout_ms;
    uint64_t now;         /* clock_steady_ms; from service_set_time */
    uint64_t wall_offset; /* `now` and this are the ms since 1970; set it once a second */
    /* Time of the last request on the inputs side; later, while mqttd may not know of a new
     * time-out yet. */
    uint64_t process_seen;
    bool process_lost;
    struct log_limit refusals;  /* lines about refused requests */
    struct log_limit ownerless; /* lines about refused writes that touch no tag */
    struct log_limit protocols; /* lines about clients that use another protocol */
    struct log_limit headers;   /* lines about proxies that send no header */
};

/* The properties of a client that its requests need. */
struct client_session {
    enum side side;
    struct access_rights rights;
    char peer[INET6_ADDRSTRLEN]; /* its address, for the log */
    /* On a serial line: a unit without rights is not answered, since it may be another device. */
    bool is_serial;
    struct client_entry *entry; /* counts its requests; NULL: nobody does */
};

/* The buffer for answers. */
struct answers {
    uint8_t *bytes;
    size_t len, size;
};

/* Sets the time at the start of the loop; process_timeout_ms counts from it. */
void service_start_clock(struct service *service, uint64_t now);
/* Sets the time-out, 0: never. mqttd learns of it within some seconds, and is not missed before. */
void service_set_process_timeout(struct service *service, uint64_t timeout_ms);
/* Sets the time at each turn of the loop; logs when the process is lost or back. */
void service_set_time(struct service *service, uint64_t now);
/* The time, by the same clock, at which the process will be lost if it stays silent; UINT64_MAX if
 * it is lost already, or never. */
uint64_t service_process_due_ms(const struct service *service);

/* True when there is space for one more answer of any length. */
bool answers_have_room(const struct answers *out);
/* Answers one frame; answers_have_room must be true. */
void service_answer_frame(struct service *service, const struct client_session *client_session,
                          const struct pdu_frame *frame, struct answers *out);
/* Logs, at most once in 10 s, that the client does not use the protocol that is expected of it,
 * Modbus TCP or RTU, with the guessed one, and notes it in the table of clients. */
void service_log_protocol(struct service *service, const struct client_session *client_session,
                          enum protocol expected, const uint8_t *bytes, size_t len);
/* Likewise of a proxy that does not send the header which is expected of it; counts it. */
void service_log_header(struct service *service, const struct client_session *client_session,
                        const uint8_t *bytes, size_t len);
/* Notes in the table of clients that a client was closed, and why. */
void service_note_closed(struct service *service, const struct client_session *client_session,
                         enum client_refusal_reason reason, const char *detail);

#endif
