/* One request in, one answer out: checks, access, then the bank or the identification. Does no I/O
 * on clients. One thread at a time. */
#ifndef TAGFERRY_MODBUSD_SERVICE_H
#define TAGFERRY_MODBUSD_SERVICE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/log_limit.h"
#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"
#include "common/shared/counters.h"
#include "modbusd/access.h"
#include "modbusd/bank.h"
#include "modbusd/ident.h"

struct service {
    const struct unit_set *units;
    struct bank *bank;
    struct counters *counters;
    struct ident ident;
    /* SCADA's reads are refused once the inputs side has been silent for this long, in ms; 0: they
     * never are. */
    uint64_t process_timeout_ms;
    uint64_t now;          /* of clock_steady_ms; set by service_set_time */
    uint64_t process_seen; /* when the newest request on the inputs side came */
    bool process_lost;
    struct log_limit refusals;  /* lines about refused writes */
    struct log_limit protocols; /* lines about clients that do not speak Modbus TCP */
};

/* A client, as far as its requests are concerned. */
struct client_session {
    enum side side;
    struct access_rights rights;
    char peer[INET6_ADDRSTRLEN]; /* its address, for the log */
};

/* Where answers go. The answers to writes wait in the bank until they are fetched; `len` does not
 * count them, service_has_room does. */
struct answers {
    uint8_t *bytes;
    size_t len, size;
};

/* Sets the time at the start of the loop; the process counts as present from then on. */
void service_start_clock(struct service *service, uint64_t now);
/* Sets the time, at each turn of the loop; logs when the process is lost or back. */
void service_set_time(struct service *service, uint64_t now);

/* True while there is space for one more answer, of any length. */
bool service_has_room(const struct service *service, const struct answers *out);
/* Answers one frame; service_has_room must be true. False if the bank fails: close the connection.
 */
bool service_answer_frame(struct service *service, const struct client_session *client_session,
                          const struct pdu_frame *frame, struct answers *out);
/* Logs, at most once in 10 s, that the client does not speak Modbus TCP, and what its bytes look
 * like. */
void service_log_protocol(struct service *service, const struct client_session *client_session,
                          const uint8_t *bytes, size_t len);
/* Fetches the answers that wait in the bank. Call it after the last service_answer_frame of a
 * client, before another client's request is answered. */
bool service_fetch_answers(struct service *service, struct answers *out);

#endif
