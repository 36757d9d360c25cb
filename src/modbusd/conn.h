/* One client: its socket, its buffers and its deadlines. */
#ifndef TAGFERRY_MODBUSD_CONN_H
#define TAGFERRY_MODBUSD_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbusd/bank.h"
#include "modbusd/service.h"

/* A flooding client gets this many answers, and one send, before the others have their turn. */
enum { CONN_FRAMES_PER_TURN = 32 };

/* At most one time-out in each of these fields is running; 0 stands for none. Times are of
 * clock_steady_ms. */
struct conn {
    int fd;
    struct client_session client_session;
    struct access_ip ip;   /* of the client */
    bool eof;              /* the client sends no more */
    bool changed;          /* its newest turn changed registers */
    uint64_t held;         /* its answers wait for the sync of this number; 0: they do not */
    bool broken;           /* it sent what is no Modbus, or the socket failed */
    bool heard;            /* a whole frame has come */
    bool reported;         /* the log says what it sends in place of Modbus TCP */
    uint64_t frame_since;  /* the first byte of an unfinished frame came, or its client was heard
                            * again */
    uint64_t write_since;  /* the socket took no more of the answers */
    uint64_t active_since; /* the last whole frame came, or the connection */
    size_t in_start, in_end;
    size_t out_start, out_end;
    uint8_t in[4096];
    uint8_t out[8192];
};

/* Takes over the socket. NULL when there is no memory; the socket is then left alone. */
struct conn *conn_create(int fd, const struct client_session *client_session,
                         const struct access_ip *ip, uint64_t now);
/* Closes the socket. */
void conn_destroy(struct conn *conn);

/* Receives once. */
void conn_receive_bytes(struct conn *conn, struct counters *counters);
/* Answers the whole frames received, up to the budget of a turn and the room for answers. */
void conn_answer_frames(struct conn *conn, struct service *service, uint64_t now);
/* Sends once. */
void conn_send_answers(struct conn *conn, struct counters *counters, uint64_t now);

/* The client is heard again, after its answers waited: the rest of a frame may be there for long.
 */
void conn_resume_frame(struct conn *conn, uint64_t now);

/* Gives the client up, with the answers that it has not had. */
void conn_discard_client(struct conn *conn);

/* True when answers are not yet sent: nothing more is read until they are. */
bool conn_is_blocked(const struct conn *conn);
/* True when a whole frame is waiting that only the budget or the room kept from an answer. */
bool conn_has_work(const struct conn *conn);
/* True when nothing more is to be done but to destroy it. */
bool conn_is_finished(const struct conn *conn);

#endif
