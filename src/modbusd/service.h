/* One request in, one answer out: checks, access, then reads or bank. Does no I/O on clients. */
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
    /* Reads of SCADA are refused when the side of the inputs has been silent for so long, in ms;
     * 0: they never are. */
    uint64_t process_timeout_ms;
    uint64_t now;          /* of clock_steady_ms; kept by service_set_time */
    uint64_t process_seen; /* the newest request on the side of the inputs came */
    bool process_lost;
    struct log_limit refusals;  /* lines about refused writes */
    struct log_limit protocols; /* lines about clients that do not speak Modbus TCP */
};

/* What is known of a client. */
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

/* Tells the service the time, which is also when the process side is taken for present. */
void service_start_clock(struct service *service, uint64_t now);
/* Tells the service the time, at each turn of the loop; says in the log what that changes. */
void service_set_time(struct service *service, uint64_t now);

/* True while there is room for one more answer, of any length. */
bool service_has_room(const struct service *service, const struct answers *out);
/* Answers one frame; there must be room. False when the bank fails: close the connection. */
bool service_answer_frame(struct service *service, const struct client_session *client_session,
                          const struct pdu_frame *frame, struct answers *out);
/* Says in the log, once in 10 s, that the client sends what is no Modbus TCP, and what it looks
 * like.
 */
void service_log_protocol(struct service *service, const struct client_session *client_session,
                          const uint8_t *bytes, size_t len);
/* Fetches the answers that still wait in the bank; call it after a row of service_answer_frame and
 * before anybody else's request is answered. */
bool service_fetch_answers(struct service *service, struct answers *out);

#endif
