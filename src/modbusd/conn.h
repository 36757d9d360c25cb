/* One client: its socket, its buffers and its deadlines. */
#ifndef TAGFERRY_MODBUSD_CONN_H
#define TAGFERRY_MODBUSD_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbusd/bank.h"
#include "modbusd/service.h"

/* A client gets at most this many answers, and one send, before the others get their turn. */
enum { CONN_FRAMES_PER_TURN = 32 };

/* The members named _since hold when a deadline began, of clock_steady_ms; 0: it does not run. */
struct conn {
    int fd;
    struct client_session client_session;
    struct access_ip ip;   /* of the client */
    bool eof;              /* the client sends no more */
    bool changed;          /* its newest turn changed registers */
    uint64_t held;         /* its answers wait for the sync with this number; 0: they do not */
    bool broken;           /* it sent something that is not Modbus, or the socket failed */
    bool heard;            /* a whole frame has come */
    bool reported;         /* the log names the protocol that it sends instead of Modbus TCP */
    uint64_t frame_since;  /* since the first byte of an unfinished frame, or conn_resume_frame */
    uint64_t write_since;  /* since the socket took no more of the answers */
    uint64_t active_since; /* since the last whole frame, or the start of the connection */
    size_t in_start, in_end;
    size_t out_start, out_end;
    uint8_t in[4096];
    uint8_t out[8192];
};

/* Takes over the socket. NULL if there is no memory; the socket is then still the caller's. */
struct conn *conn_create(int fd, const struct client_session *client_session,
                         const struct access_ip *ip, uint64_t now);
/* Closes the socket. */
void conn_destroy(struct conn *conn);

/* Receives once. */
void conn_receive_bytes(struct conn *conn, struct counters *counters);
/* Answers the whole frames received, up to the budget of a turn and the space for answers. No
 * answers may be held. */
void conn_answer_frames(struct conn *conn, struct service *service, uint64_t now);
/* Sends once. */
void conn_send_answers(struct conn *conn, struct counters *counters, uint64_t now);

/* Restarts the deadline of an unfinished frame: its client can send again after its answers waited,
 * and the rest of the frame may have arrived meanwhile. */
void conn_resume_frame(struct conn *conn, uint64_t now);

/* Marks the client as broken and drops the answers that were not sent. */
void conn_discard_client(struct conn *conn);

/* True when answers are not yet sent: nothing more is read until they are. */
bool conn_is_blocked(const struct conn *conn);
/* True when a frame waits that only the budget or the space for answers kept from an answer. */
bool conn_has_work(const struct conn *conn);
/* True when only conn_destroy remains to be called. */
bool conn_is_finished(const struct conn *conn);

#endif
