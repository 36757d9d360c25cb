/* The connection of one client: socket, buffers and deadlines. One thread. */
#ifndef TAGFERRY_MODBUSD_NET_CONN_H
#define TAGFERRY_MODBUSD_NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "modbusd/net/proxy_header.h"
#include "modbusd/registers/bank.h"
#include "modbusd/requests/service.h"
#include "modbusd/tls/tls_session.h"

/* A client gets at most this many answers, and one send, before the next client is served. */
enum { CONN_FRAMES_PER_TURN = 32 };

/* The members named _since are the start of a deadline, clock_steady_ms; 0: not running. */
struct conn {
    int fd;
    struct client_session client_session;
    struct access_source source; /* the client, for the access rules */
    bool is_rtu;                 /* its frames are those of Modbus RTU: see rtu_conn.h */
    struct tls_session *tls;     /* owned; NULL: no TLS */
    bool awaits_header;          /* a proxy: the header that names the client has not come yet */
    bool eof;                    /* the client has closed its side */
    bool changed;                /* its last turn changed registers */
    uint64_t held;               /* number of the sync that its answers wait for; 0: none */
    bool broken;                 /* it sent bytes that are not Modbus, or the socket failed */
    bool heard;                  /* a complete frame was received */
    bool reported;               /* logged that it does not send Modbus TCP */
    uint64_t frame_since;        /* first byte of an incomplete frame, or conn_resume_frame */
    uint64_t write_since;        /* the socket accepted no more bytes */
    uint64_t active_since;       /* last complete frame, or start of the connection */
    size_t in_start, in_end;
    size_t chunk_start; /* where the bytes of the last recv begin */
    size_t out_start, out_end;
    uint8_t in[4096];
    uint8_t out[8192];
};

/* Takes ownership of the socket. NULL when out of memory; the caller then keeps the socket. */
struct conn *conn_create(int fd, const struct client_session *client_session,
                         const struct access_source *source, uint64_t now);
/* Ends TLS and closes the socket. Accepts NULL. */
void conn_destroy(struct conn *conn);

/* The next bytes are the header of a proxy. Its deadline is that of a frame, and runs from now. */
void conn_expect_header(struct conn *conn, uint64_t now);
/* Takes the header of a proxy from the received bytes. After PROXY_HEADER_WHOLE the bytes behind it
 * are frames; after PROXY_HEADER_BAD the connection is broken. */
enum proxy_header_result conn_take_header(struct conn *conn, struct proxy_header *header);

/* Calls recv once. */
void conn_receive_bytes(struct conn *conn, struct counters *counters);
/* Continues the TLS handshake, and first begins it with the bytes behind the header of a proxy. */
enum tls_progress conn_shake_hands(struct conn *conn, struct tls_credentials *credentials);
/* True when TLS has received bytes that conn_receive_bytes has not taken yet. */
bool conn_has_pending(const struct conn *conn);
/* Answers the complete frames, up to CONN_FRAMES_PER_TURN and the space for answers. Answers must
 * not be held. */
void conn_answer_frames(struct conn *conn, struct service *service, uint64_t now);
/* Calls send once. */
void conn_send_answers(struct conn *conn, struct counters *counters, uint64_t now);

/* Restarts the deadline of an incomplete frame, after receiving was suspended. */
void conn_resume_frame(struct conn *conn, uint64_t now);

/* Marks the connection as broken and discards unsent answers. */
void conn_discard_client(struct conn *conn);

/* True while there are unsent answers: receiving is suspended. */
bool conn_is_blocked(const struct conn *conn);
/* True when a received frame is not yet answered, because of the limits of conn_answer_frames, or
 * when bytes are pending in TLS. */
bool conn_has_work(const struct conn *conn);
/* True when the connection is to be destroyed. */
bool conn_is_finished(const struct conn *conn);

#endif
