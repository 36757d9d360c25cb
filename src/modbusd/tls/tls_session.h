/* TLS on one accepted socket. Nothing waits: each call does what it can with the bytes that have
 * come. One thread. */
#ifndef TAGFERRY_MODBUSD_TLS_TLS_SESSION_H
#define TAGFERRY_MODBUSD_TLS_TLS_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "modbusd/tls/tls_credentials.h"
#include "modbusd/tls/tls_peer.h"

enum { TLS_BUFFER_SIZE = 4096 }; /* bytes that tls_session_put_first takes at most */

enum tls_progress {
    TLS_WAITS,  /* for the client, see tls_session_wants_write */
    TLS_OPEN,   /* the handshake is complete, the client's certificate good */
    TLS_CLOSED, /* the client has left before it sent anything */
    TLS_FAILED, /* see tls_session_failure; the client was sent an alert */
};

struct tls_session;

/* Neither takes nor closes the socket. The credentials get a user. NULL when out of memory. */
struct tls_session *tls_session_create(struct tls_credentials *credentials, int fd);
/* Tells the client that the session ends, if it was open, and frees. Accepts NULL. */
void tls_session_destroy(struct tls_session *session);

/* Bytes that were received before the session was created. */
void tls_session_put_first(struct tls_session *session, const uint8_t *bytes, size_t len);
/* Continues the handshake, until it waits for the client, succeeds or fails. */
enum tls_progress tls_session_shake_hands(struct tls_session *session);
/* After TLS_WAITS: wait until the socket can be written, else until it can be read. */
bool tls_session_wants_write(const struct tls_session *session);
/* After TLS_FAILED, or when tls_session_check_again is false. Belongs to the session. */
const struct tls_failure *tls_session_failure(const struct tls_session *session);

/* The role in the client's certificate; NULL: it has none. Belongs to the session, which must be
 * open. */
const char *tls_session_role(const struct tls_session *session);
/* True if the handshake resumed an earlier session. */
bool tls_session_is_resumed(const struct tls_session *session);
/* True if the session was begun with these credentials. */
bool tls_session_has_credentials(const struct tls_session *session,
                                 const struct tls_credentials *credentials);
/* Checks the certificate of an open session against newer credentials. False: see
 * tls_session_failure. */
bool tls_session_check_again(struct tls_session *session,
                             const struct tls_credentials *credentials);

/* Like recv and send on a non-blocking socket: 0 is the end, -1 sets errno, EAGAIN if it would
 * block. After that repeat a send with the same bytes. */
ssize_t tls_session_receive(struct tls_session *session, void *bytes, size_t size);
ssize_t tls_session_send(struct tls_session *session, const void *bytes, size_t len);
/* True if tls_session_receive may have bytes although the socket has none. */
bool tls_session_has_pending(const struct tls_session *session);

#endif
