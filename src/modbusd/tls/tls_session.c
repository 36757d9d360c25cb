/* A session of GnuTLS on a non-blocking socket, with a buffer before it: one recv for many records.
 */
#include "modbusd/tls/tls_session.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/require.h"

enum {
    TLS_HANDSHAKE_RECORD = 0x16,   /* how each client of TLS begins */
    TLS_HANDSHAKE_MAX = 32 * 1024, /* of one message; room for a chain of certificates */
    TLS_WARNINGS_MAX = 4,          /* of one call */
};

struct tls_session {
    struct tls_credentials *credentials;
    gnutls_session_t gnutls;
    int fd;
    bool open;     /* the handshake is complete */
    bool judged;   /* the certificate was checked */
    bool drained;  /* the bytes that have come are no complete record */
    bool spoke;    /* the client has sent something */
    uint8_t first; /* its first byte */
    char role[TLS_ROLE_MAX + 1];
    struct tls_failure failure;
    size_t start, end; /* of what the buffer holds */
    uint8_t buffer[TLS_BUFFER_SIZE];
};

static void tls_session_note_first(struct tls_session *session)
{
    if (!session->spoke)
        session->first = session->buffer[session->start];
    session->spoke = true;
}

/* GnuTLS asks for the header of a record and then for the rest: both from one recv. */
static ssize_t tls_session_pull(gnutls_transport_ptr_t context, void *bytes, size_t size)
{
    struct tls_session *session = context;
    if (session->start == session->end) {
        ssize_t got = recv(session->fd, session->buffer, sizeof session->buffer, 0);
        if (got <= 0)
            return got;
        session->start = 0;
        session->end = (size_t)got;
        tls_session_note_first(session);
    }
    size_t len = session->end - session->start < size ? session->end - session->start : size;
    memcpy(bytes, session->buffer + session->start, len);
    session->start += len;
    return (ssize_t)len;
}

/* Judges the certificate before GnuTLS uses its key: the key of a stranger may be one that takes
 * seconds. */
static int tls_session_hook(gnutls_session_t gnutls, unsigned message, unsigned when,
                            unsigned incoming, const gnutls_datum_t *bytes)
{
    struct tls_session *session = gnutls_session_get_ptr(gnutls);
    (void)message, (void)when, (void)bytes;
    if (!incoming || session->judged)
        return 0;
    session->judged = true;
    return tls_peer_check(gnutls, session->credentials->authorities, session->role,
                          &session->failure)
               ? 0
               : GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

static int tls_session_prepare(struct tls_session *session)
{
    const struct tls_credentials *credentials = session->credentials;
    gnutls_session_t gnutls = session->gnutls;
    int rc = gnutls_priority_set(gnutls, credentials->priorities);
    if (rc >= 0)
        rc = gnutls_credentials_set(gnutls, GNUTLS_CRD_CERTIFICATE, credentials->own);
    if (rc >= 0)
        rc = gnutls_session_ticket_enable_server(gnutls, &credentials->ticket_key);
    gnutls_certificate_server_set_request(gnutls, GNUTLS_CERT_REQUIRE);
    gnutls_handshake_set_max_packet_length(gnutls, TLS_HANDSHAKE_MAX);
    gnutls_handshake_set_hook_function(gnutls, GNUTLS_HANDSHAKE_CERTIFICATE_VERIFY, GNUTLS_HOOK_PRE,
                                       tls_session_hook);
    gnutls_session_set_ptr(gnutls, session);
    gnutls_transport_set_ptr2(gnutls, session, (gnutls_transport_ptr_t)(intptr_t)session->fd);
    gnutls_transport_set_pull_function(gnutls, tls_session_pull);
    return rc;
}

struct tls_session *tls_session_create(struct tls_credentials *credentials, int fd)
{
    struct tls_session *session = malloc(sizeof *session);
    if (!session)
        return NULL;
    memset(session, 0, offsetof(struct tls_session, buffer));
    session->fd = fd;
    session->credentials = credentials;
    if (gnutls_init(&session->gnutls, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0) {
        free(session);
        return NULL;
    }
    tls_credentials_hold(credentials);
    if (tls_session_prepare(session) >= 0)
        return session;
    tls_session_destroy(session);
    return NULL;
}

void tls_session_destroy(struct tls_session *session)
{
    if (!session)
        return;
    if (session->open)
        gnutls_bye(session->gnutls, GNUTLS_SHUT_WR);
    gnutls_deinit(session->gnutls);
    tls_credentials_release(session->credentials);
    free(session);
}

void tls_session_put_first(struct tls_session *session, const uint8_t *bytes, size_t len)
{
    REQUIRE(!session->spoke && len <= sizeof session->buffer);
    if (len == 0)
        return;
    memcpy(session->buffer, bytes, len);
    session->end = len;
    tls_session_note_first(session);
}

/* Says why the handshake failed, unless that is known. */
static void tls_session_note_failure(struct tls_session *session, int rc)
{
    struct tls_failure *failure = &session->failure;
    if (failure->detail[0] != '\0')
        return;
    failure->reason = CLIENT_TLS_HANDSHAKE;
    if (session->spoke && session->first != TLS_HANDSHAKE_RECORD)
        snprintf(failure->detail, sizeof failure->detail,
                 "it does not use TLS (its first byte is %02X): set it to TLS, or to the port of "
                 "listen",
                 session->first);
    else if (rc == GNUTLS_E_CERTIFICATE_REQUIRED || rc == GNUTLS_E_NO_CERTIFICATE_FOUND)
        *failure = (struct tls_failure){CLIENT_TLS_NO_CERTIFICATE, GNUTLS_A_CERTIFICATE_REQUIRED,
                                        "it sent no client certificate"};
    else if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
        snprintf(failure->detail, sizeof failure->detail, "it ended the handshake: %s",
                 gnutls_alert_get_name(gnutls_alert_get(session->gnutls)));
    else
        snprintf(failure->detail, sizeof failure->detail, "the handshake failed: %s",
                 gnutls_strerror(rc));
}

static void tls_session_send_alert(struct tls_session *session, int rc)
{
    if (session->failure.alert != 0)
        gnutls_alert_send(session->gnutls, GNUTLS_AL_FATAL, session->failure.alert);
    else if (rc != GNUTLS_E_FATAL_ALERT_RECEIVED)
        gnutls_alert_send_appropriate(session->gnutls, rc);
}

enum tls_progress tls_session_shake_hands(struct tls_session *session)
{
    int rc = GNUTLS_E_AGAIN;
    REQUIRE(!session->open);
    for (int i = 0; i < TLS_WARNINGS_MAX; i++) {
        rc = gnutls_handshake(session->gnutls);
        if (rc != GNUTLS_E_WARNING_ALERT_RECEIVED)
            break;
    }
    if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED)
        return TLS_WAITS;
    if (rc < 0 && !session->spoke)
        return TLS_CLOSED;
    /* For GnuTLS, a client of TLS 1.2 that refuses the server's certificate has sent none. */
    if (rc == GNUTLS_E_NO_CERTIFICATE_FOUND && gnutls_alert_get(session->gnutls) != 0)
        rc = GNUTLS_E_FATAL_ALERT_RECEIVED;
    /* A resumed session has the certificate of the first one. */
    if (rc >= 0 && !session->judged &&
        !(tls_session_is_resumed(session) &&
          tls_peer_check(session->gnutls, session->credentials->authorities, session->role,
                         &session->failure)))
        rc = GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
    session->judged = true;
    if (rc >= 0) {
        session->failure = (struct tls_failure){.detail = ""};
        session->open = true;
        return TLS_OPEN;
    }
    tls_session_note_failure(session, rc);
    tls_session_send_alert(session, rc);
    return TLS_FAILED;
}

bool tls_session_wants_write(const struct tls_session *session)
{
    return gnutls_record_get_direction(session->gnutls) == 1;
}

const struct tls_failure *tls_session_failure(const struct tls_session *session)
{
    return &session->failure;
}

const char *tls_session_role(const struct tls_session *session)
{
    REQUIRE(session->open);
    return session->role[0] != '\0' ? session->role : NULL;
}

bool tls_session_is_resumed(const struct tls_session *session)
{
    return gnutls_session_is_resumed(session->gnutls) != 0;
}

bool tls_session_has_credentials(const struct tls_session *session,
                                 const struct tls_credentials *credentials)
{
    return session->credentials == credentials;
}

bool tls_session_check_again(struct tls_session *session, const struct tls_credentials *credentials)
{
    char role[TLS_ROLE_MAX + 1];
    REQUIRE(session->open);
    return tls_peer_check(session->gnutls, credentials->authorities, role, &session->failure);
}

/* GnuTLS's result as recv and send would give it. */
static ssize_t tls_session_result(ssize_t rc)
{
    if (rc >= 0)
        return rc;
    errno = rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED || !gnutls_error_is_fatal((int)rc)
                ? EAGAIN
                : EPROTO;
    return -1;
}

ssize_t tls_session_receive(struct tls_session *session, void *bytes, size_t size)
{
    REQUIRE(session->open && size > 0);
    ssize_t rc = gnutls_record_recv(session->gnutls, bytes, size);
    session->drained = rc == 0 || rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED;
    /* Frames have a length of their own: an end without close_notify can cut none unnoticed. */
    if (rc == GNUTLS_E_PREMATURE_TERMINATION)
        return 0;
    if (rc == GNUTLS_E_REHANDSHAKE) {
        gnutls_alert_send(session->gnutls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
        errno = EPROTO;
        return -1;
    }
    return tls_session_result(rc);
}

ssize_t tls_session_send(struct tls_session *session, const void *bytes, size_t len)
{
    REQUIRE(session->open && len > 0);
    return tls_session_result(gnutls_record_send(session->gnutls, bytes, len));
}

bool tls_session_has_pending(const struct tls_session *session)
{
    return session->open && !session->drained &&
           (session->start < session->end || gnutls_record_check_pending(session->gnutls) > 0);
}
