/* TLS on the connection to a Modbus server, as the client of Modbus/TCP Security: the server's
 * certificate is verified against CAs, for its name or address and for TLS servers, and it gets the
 * gateway's certificate if it asks for one. */
#ifndef TAGFERRY_COMMON_MODBUS_MODBUS_TLS_H
#define TAGFERRY_COMMON_MODBUS_MODBUS_TLS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/model/tls_fault.h"

enum { MODBUS_TLS_WHY_SIZE = 512 };

/* Paths of PEM files; "": none. The certificate has its role in an extension. */
struct modbus_tls_files {
    const char *ca, *certificate, *key;
};

/* The contents of the files. Threads share them read-only; the last user frees them. */
struct modbus_tls_credentials;

/* Loads the files, for one user. `ca` is not "", and the others are both given or both "". NULL
 * with the reason in `why`, which names the option and the file. */
struct modbus_tls_credentials *modbus_tls_load(const struct modbus_tls_files *files, char *why,
                                               size_t why_size);
/* Removes a user. Accepts NULL. */
void modbus_tls_release(struct modbus_tls_credentials *credentials);

/* The credentials for new sessions, of all threads. */
struct modbus_tls_keeper {
    pthread_mutex_t lock;
    struct modbus_tls_credentials *newest; /* NULL: no session can begin */
};

void modbus_tls_keeper_init(struct modbus_tls_keeper *keeper);
void modbus_tls_keeper_finish(struct modbus_tls_keeper *keeper);
/* Takes over the user of these credentials, which may be NULL. Sessions with others become
 * outdated, unless the contents of the files are the same. */
void modbus_tls_keeper_put(struct modbus_tls_keeper *keeper,
                           struct modbus_tls_credentials *credentials);

/* One connection. Used by one thread. */
struct modbus_tls_session;

/* Begins a session on a connected, non-blocking socket, which stays the caller's. Waits at most
 * `timeout_ms` for the handshake. `host` is a name or an IP address, as the certificate must have
 * it. NULL with the reason; errno is ENOMEM when memory ran out. A `keeper` of NULL has no
 * credentials.
 */
struct modbus_tls_session *modbus_tls_begin(struct modbus_tls_keeper *keeper, int fd,
                                            const char *host, unsigned timeout_ms,
                                            enum tls_fault *fault, char *why, size_t why_size);
/* Tells the server that the session ends, and frees it. Accepts NULL. */
void modbus_tls_end(struct modbus_tls_session *session);

/* Like send and recv of a non-blocking socket: -1 with EAGAIN, ECONNRESET or another errno. After
 * EAGAIN a send must be repeated with the same bytes. */
ssize_t modbus_tls_send(struct modbus_tls_session *session, const void *bytes, size_t len);
ssize_t modbus_tls_receive(struct modbus_tls_session *session, void *bytes, size_t size);
/* True if modbus_tls_receive has bytes although the socket may have none. */
bool modbus_tls_has_pending(const struct modbus_tls_session *session);
/* Why the server has ended the session, if its alert says so. With TLS 1.3 it judges the client's
 * certificate only after the handshake. */
enum tls_fault modbus_tls_fault(const struct modbus_tls_session *session);
/* True if the keeper has other credentials than those of the session. */
bool modbus_tls_is_outdated(const struct modbus_tls_session *session,
                            struct modbus_tls_keeper *keeper);

#endif
