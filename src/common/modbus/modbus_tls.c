/* Sessions of GnuTLS as a client, and the credentials that they share. */
#include "common/modbus/modbus_tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/hash.h"
#include "common/base/net.h"
#include "common/base/require.h"
#include "common/tls/tls_pem.h"

/* The server's certificate needs the strength that tagferry-modbusd demands of its clients. */
static const char modbus_tls_priorities[] = TLS_PRIORITIES ":%PROFILE_MEDIUM";

enum { MODBUS_TLS_HANDSHAKE_MAX = 32 * 1024 }; /* bytes of one message: a chain of certificates */

struct modbus_tls_credentials {
    atomic_uint users;
    gnutls_certificate_credentials_t own;
    gnutls_priority_t priorities;
    uint64_t digest; /* of the contents of the files */
    bool has_certificate;
};

/* The alert NO_RENEGOTIATION. GnuTLS keeps one record that the socket does not take, and its next
 * call sends that record, whatever it was called for: alert and data must not meet. */
enum modbus_tls_alert { ALERT_NONE, ALERT_WANTED, ALERT_BEGUN };

struct modbus_tls_session {
    struct modbus_tls_credentials *credentials;
    gnutls_session_t gnutls;
    enum tls_fault fault;
    enum modbus_tls_alert alert;
    bool has_unsent; /* GnuTLS keeps a record of data */
    char host[NET_HOST_SIZE];
    char purpose[sizeof GNUTLS_KP_TLS_WWW_SERVER];
    gnutls_typed_vdata_st wanted[2]; /* of the server's certificate */
};

static int modbus_tls_add_digest(uint64_t *digest, const char *file)
{
    gnutls_datum_t data;
    int rc = gnutls_load_file(file, &data);
    if (rc < 0)
        return rc;
    *digest = hash64_add(*digest, data.data, data.size);
    gnutls_memset(data.data, 0, data.size);
    gnutls_free(data.data);
    return 0;
}

/* Loads one after the other; on an error *file is the wrong one. */
static int modbus_tls_read_files(struct modbus_tls_credentials *credentials,
                                 const struct modbus_tls_files *files, const char **file)
{
    *file = files->ca;
    int rc = modbus_tls_add_digest(&credentials->digest, files->ca);
    if (rc >= 0)
        rc = tls_pem_load_authorities(credentials->own, files->ca);
    if (rc < 0 || *files->certificate == '\0')
        return rc;
    credentials->has_certificate = true;
    const char *const pair[] = {files->certificate, files->key};
    for (size_t i = 0; rc >= 0 && i < 2; i++) {
        *file = pair[i];
        rc = modbus_tls_add_digest(&credentials->digest, pair[i]);
    }
    return rc < 0 ? rc : tls_pem_load_pair(credentials->own, files->certificate, files->key, file);
}

struct modbus_tls_credentials *modbus_tls_load(const struct modbus_tls_files *files, char *why,
                                               size_t why_size)
{
    REQUIRE(*files->ca && (*files->certificate == '\0') == (*files->key == '\0'));
    struct modbus_tls_credentials *credentials = calloc(1, sizeof *credentials);
    const char *file = files->ca;
    if (!credentials) {
        snprintf(why, why_size, "%s: %s", file, strerror(ENOMEM));
        return NULL;
    }
    atomic_init(&credentials->users, 1);
    credentials->digest = HASH64_START;
    int rc = gnutls_certificate_allocate_credentials(&credentials->own);
    if (rc >= 0)
        rc = modbus_tls_read_files(credentials, files, &file);
    if (rc >= 0)
        rc = gnutls_priority_init(&credentials->priorities, modbus_tls_priorities, NULL);
    if (rc >= 0)
        return credentials;
    const char *option = file == files->ca ? "ca" : file == files->key ? "key" : "certificate";
    snprintf(why, why_size, "modbus_tls_%s: %s: %s", option, file, tls_pem_reason(rc));
    modbus_tls_release(credentials);
    return NULL;
}

void modbus_tls_release(struct modbus_tls_credentials *credentials)
{
    if (!credentials || atomic_fetch_sub(&credentials->users, 1) > 1)
        return;
    if (credentials->own)
        gnutls_certificate_free_credentials(credentials->own);
    if (credentials->priorities)
        gnutls_priority_deinit(credentials->priorities);
    free(credentials);
}

void modbus_tls_keeper_init(struct modbus_tls_keeper *keeper)
{
    *keeper = (struct modbus_tls_keeper){.newest = NULL};
    pthread_mutex_init(&keeper->lock, NULL);
}

void modbus_tls_keeper_finish(struct modbus_tls_keeper *keeper)
{
    modbus_tls_release(keeper->newest);
    pthread_mutex_destroy(&keeper->lock);
    keeper->newest = NULL;
}

void modbus_tls_keeper_put(struct modbus_tls_keeper *keeper,
                           struct modbus_tls_credentials *credentials)
{
    pthread_mutex_lock(&keeper->lock);
    struct modbus_tls_credentials *unused = credentials;
    if (!credentials || !keeper->newest || credentials->digest != keeper->newest->digest) {
        unused = keeper->newest;
        keeper->newest = credentials;
    }
    pthread_mutex_unlock(&keeper->lock);
    modbus_tls_release(unused);
}

/* Adds a user to the newest credentials. NULL if there are none. */
static struct modbus_tls_credentials *modbus_tls_hold(struct modbus_tls_keeper *keeper)
{
    if (!keeper)
        return NULL;
    pthread_mutex_lock(&keeper->lock);
    struct modbus_tls_credentials *credentials = keeper->newest;
    if (credentials)
        atomic_fetch_add(&credentials->users, 1);
    pthread_mutex_unlock(&keeper->lock);
    return credentials;
}

/* A certificate has neither the dot at the end of a name nor the zone of an address. */
static void modbus_tls_take_host(struct modbus_tls_session *session, const char *host)
{
    snprintf(session->host, sizeof session->host, "%s", host);
    bool is_ip6 = strchr(session->host, ':') != NULL;
    size_t len = is_ip6 ? strcspn(session->host, "%") : strlen(session->host);
    if (!is_ip6 && len > 1 && session->host[len - 1] == '.')
        len--;
    session->host[len] = '\0';
}

static bool modbus_tls_is_name(const char *host)
{
    return !strchr(host, ':') && host[strspn(host, "0123456789.")] != '\0';
}

static int modbus_tls_prepare(struct modbus_tls_session *session, int fd)
{
    const struct modbus_tls_credentials *credentials = session->credentials;
    gnutls_session_t gnutls = session->gnutls;
    int rc = gnutls_priority_set(gnutls, credentials->priorities);
    if (rc >= 0)
        rc = gnutls_credentials_set(gnutls, GNUTLS_CRD_CERTIFICATE, credentials->own);
    session->fault = TLS_FAULT_NOT_BEGUN;
    if (rc >= 0 && modbus_tls_is_name(session->host)) {
        session->fault = TLS_FAULT_BAD_NAME;
        rc = gnutls_server_name_set(gnutls, GNUTLS_NAME_DNS, session->host, strlen(session->host));
    }
    memcpy(session->purpose, GNUTLS_KP_TLS_WWW_SERVER, sizeof session->purpose);
    session->wanted[0].type = GNUTLS_DT_DNS_HOSTNAME; /* an IP address, too */
    session->wanted[0].data = (unsigned char *)session->host;
    session->wanted[1].type = GNUTLS_DT_KEY_PURPOSE_OID;
    session->wanted[1].data = (unsigned char *)session->purpose;
    gnutls_session_set_verify_cert2(gnutls, session->wanted, 2, 0);
    gnutls_handshake_set_max_packet_length(gnutls, MODBUS_TLS_HANDSHAKE_MAX);
    gnutls_transport_set_int(gnutls, fd);
    if (rc >= 0)
        session->fault = TLS_FAULT_NONE;
    return rc;
}

/* Waits for the server while time is left. Alerts that are only warnings may come without end. */
static int modbus_tls_shake_hands(gnutls_session_t gnutls, int fd, unsigned timeout_ms)
{
    const uint64_t until_ms = clock_steady_ms() + timeout_ms;
    int rc;
    while ((rc = gnutls_handshake(gnutls)) < 0 && !gnutls_error_is_fatal(rc)) {
        struct pollfd one = {.fd = fd,
                             .events = gnutls_record_get_direction(gnutls) ? POLLOUT : POLLIN};
        uint64_t now = clock_steady_ms();
        if (now >= until_ms)
            return GNUTLS_E_TIMEDOUT;
        if (rc == GNUTLS_E_AGAIN)
            poll(&one, 1, (int)(until_ms - now));
    }
    return rc;
}

/* The first row that fits counts: a name says nothing in a certificate that nobody vouches for. */
static enum tls_fault modbus_tls_judge(unsigned status)
{
    static const struct {
        unsigned status; /* bits of gnutls_certificate_status_t */
        enum tls_fault fault;
    } rows[] = {
        {GNUTLS_CERT_REVOKED, TLS_FAULT_REVOKED},
        {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED | GNUTLS_CERT_REVOCATION_DATA_ISSUED_IN_FUTURE,
         TLS_FAULT_OLD_REVOCATIONS},
        {GNUTLS_CERT_SIGNER_NOT_FOUND | GNUTLS_CERT_SIGNER_NOT_CA, TLS_FAULT_UNTRUSTED},
        {GNUTLS_CERT_EXPIRED, TLS_FAULT_EXPIRED},
        {GNUTLS_CERT_NOT_ACTIVATED, TLS_FAULT_NOT_YET_VALID},
        {GNUTLS_CERT_PURPOSE_MISMATCH, TLS_FAULT_WRONG_PURPOSE},
        {GNUTLS_CERT_INSECURE_ALGORITHM, TLS_FAULT_WEAK},
        {GNUTLS_CERT_UNEXPECTED_OWNER, TLS_FAULT_WRONG_NAME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (status & rows[i].status)
            return rows[i].fault;
    }
    return TLS_FAULT_BAD_CERTIFICATE;
}

static enum tls_fault modbus_tls_judge_alert(const struct modbus_tls_session *session)
{
    switch (gnutls_alert_get(session->gnutls)) {
    case GNUTLS_A_PROTOCOL_VERSION:
    case GNUTLS_A_INSUFFICIENT_SECURITY:
        return TLS_FAULT_NO_COMMON;
    case GNUTLS_A_HANDSHAKE_FAILURE: /* with TLS 1.2 also of a server that lacks a certificate */
        if (!gnutls_certificate_client_get_request_status(session->gnutls))
            return TLS_FAULT_NO_COMMON;
        __attribute__((fallthrough));
    case GNUTLS_A_CERTIFICATE_REQUIRED:
    case GNUTLS_A_BAD_CERTIFICATE:
    case GNUTLS_A_UNSUPPORTED_CERTIFICATE:
    case GNUTLS_A_CERTIFICATE_REVOKED:
    case GNUTLS_A_CERTIFICATE_EXPIRED:
    case GNUTLS_A_CERTIFICATE_UNKNOWN:
    case GNUTLS_A_UNKNOWN_CA:
    case GNUTLS_A_ACCESS_DENIED:
        return session->credentials->has_certificate ? TLS_FAULT_REFUSED : TLS_FAULT_NO_CERTIFICATE;
    default:
        return TLS_FAULT_OTHER;
    }
}

static enum tls_fault modbus_tls_judge_failure(const struct modbus_tls_session *session, int rc)
{
    switch (rc) {
    case GNUTLS_E_TIMEDOUT:
        return TLS_FAULT_NO_ANSWER;
    case GNUTLS_E_PREMATURE_TERMINATION:
    case GNUTLS_E_PULL_ERROR:
    case GNUTLS_E_PUSH_ERROR:
        return TLS_FAULT_CLOSED;
    case GNUTLS_E_UNEXPECTED_PACKET_LENGTH:
    case GNUTLS_E_UNSUPPORTED_VERSION_PACKET:
    case GNUTLS_E_RECORD_OVERFLOW:
    case GNUTLS_E_UNEXPECTED_PACKET:
        return TLS_FAULT_NOT_TLS;
    case GNUTLS_E_NO_CIPHER_SUITES:
    case GNUTLS_E_UNKNOWN_CIPHER_SUITE:
        return TLS_FAULT_NO_COMMON;
    case GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR:
        return modbus_tls_judge(gnutls_session_get_verify_cert_status(session->gnutls));
    case GNUTLS_E_FATAL_ALERT_RECEIVED:
        return modbus_tls_judge_alert(session);
    default:
        return TLS_FAULT_OTHER;
    }
}

/* The words of the fault, and what GnuTLS knows beyond them. */
static void modbus_tls_explain(const struct modbus_tls_session *session, int rc, char *why,
                               size_t why_size)
{
    const char *more = rc == GNUTLS_E_FATAL_ALERT_RECEIVED
                           ? gnutls_alert_get_name(gnutls_alert_get(session->gnutls))
                       : session->fault == TLS_FAULT_OTHER ? gnutls_strerror(rc)
                                                           : NULL;
    snprintf(why, why_size, "%s%s%s%s", tls_fault_words(session->fault), more ? " (" : "",
             more ? more : "", more ? ")" : "");
}

/* NULL with the fault, and GnuTLS's error in *rc. */
static struct modbus_tls_session *modbus_tls_create(struct modbus_tls_credentials *credentials,
                                                    int fd, const char *host, enum tls_fault *fault,
                                                    int *rc)
{
    struct modbus_tls_session *session = calloc(1, sizeof *session);
    const unsigned flags =
        GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_FORCE_CLIENT_CERT;
    *fault = TLS_FAULT_NOT_BEGUN;
    *rc = GNUTLS_E_MEMORY_ERROR;
    if (!session)
        return NULL;
    *rc = gnutls_init(&session->gnutls, flags);
    if (*rc < 0) {
        free(session);
        return NULL;
    }
    modbus_tls_take_host(session, host);
    session->credentials = credentials;
    *rc = modbus_tls_prepare(session, fd);
    *fault = session->fault;
    if (*rc >= 0)
        return session;
    gnutls_deinit(session->gnutls);
    free(session);
    return NULL;
}

/* No handshake was begun: says why. Returns the errno. */
static int modbus_tls_explain_start(int rc, enum tls_fault *fault, char *why, size_t why_size)
{
    if (rc == GNUTLS_E_MEMORY_ERROR) {
        *fault = TLS_FAULT_NONE;
        snprintf(why, why_size, "%s", strerror(ENOMEM));
        return ENOMEM;
    }
    snprintf(why, why_size, "%s (%s)", tls_fault_words(*fault), gnutls_strerror(rc));
    return EPROTO;
}

struct modbus_tls_session *modbus_tls_begin(struct modbus_tls_keeper *keeper, int fd,
                                            const char *host, unsigned timeout_ms,
                                            enum tls_fault *fault, char *why, size_t why_size)
{
    struct modbus_tls_credentials *credentials = modbus_tls_hold(keeper);
    int rc;
    if (!credentials) {
        *fault = TLS_FAULT_NO_CA;
        snprintf(why, why_size, "%s", tls_fault_words(*fault));
        errno = ENOKEY;
        return NULL;
    }
    struct modbus_tls_session *session = modbus_tls_create(credentials, fd, host, fault, &rc);
    if (!session) {
        modbus_tls_release(credentials);
        errno = modbus_tls_explain_start(rc, fault, why, why_size);
        return NULL;
    }
    rc = modbus_tls_shake_hands(session->gnutls, fd, timeout_ms);
    if (rc >= 0)
        return session;
    bool no_memory = rc == GNUTLS_E_MEMORY_ERROR;
    session->fault = no_memory ? TLS_FAULT_NONE : modbus_tls_judge_failure(session, rc);
    modbus_tls_explain(session, rc, why, why_size);
    if (no_memory)
        snprintf(why, why_size, "%s", strerror(ENOMEM));
    *fault = session->fault;
    if (rc != GNUTLS_E_FATAL_ALERT_RECEIVED && rc != GNUTLS_E_TIMEDOUT)
        gnutls_alert_send_appropriate(session->gnutls, rc);
    gnutls_deinit(session->gnutls);
    modbus_tls_release(credentials);
    free(session);
    errno = no_memory ? ENOMEM : EPROTO;
    return NULL;
}

void modbus_tls_end(struct modbus_tls_session *session)
{
    if (!session)
        return;
    gnutls_bye(session->gnutls, GNUTLS_SHUT_WR);
    gnutls_deinit(session->gnutls);
    modbus_tls_release(session->credentials);
    free(session);
}

/* GnuTLS's result as recv and send would give it. */
static ssize_t modbus_tls_result(struct modbus_tls_session *session, ssize_t rc)
{
    if (rc >= 0)
        return rc;
    if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
        session->fault = modbus_tls_judge_alert(session);
    if (!gnutls_error_is_fatal((int)rc))
        errno = EAGAIN;
    else if (rc == GNUTLS_E_PREMATURE_TERMINATION || rc == GNUTLS_E_PULL_ERROR ||
             rc == GNUTLS_E_PUSH_ERROR || rc == GNUTLS_E_FATAL_ALERT_RECEIVED ||
             rc == GNUTLS_E_INVALID_SESSION)
        errno = ECONNRESET;
    else
        errno = rc == GNUTLS_E_MEMORY_ERROR ? ENOMEM : EPROTO;
    return -1;
}

/* Sends the alert if one is wanted and no data is before it. */
static void modbus_tls_send_alert(struct modbus_tls_session *session)
{
    if (session->alert == ALERT_NONE || session->has_unsent)
        return;
    int rc = gnutls_alert_send(session->gnutls, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
    session->alert = rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED ? ALERT_BEGUN : ALERT_NONE;
}

ssize_t modbus_tls_receive(struct modbus_tls_session *session, void *bytes, size_t size)
{
    REQUIRE(size > 0);
    ssize_t rc = gnutls_record_recv(session->gnutls, bytes, size);
    if (rc == GNUTLS_E_REHANDSHAKE) {
        if (session->alert == ALERT_NONE)
            session->alert = ALERT_WANTED;
        modbus_tls_send_alert(session);
    }
    return modbus_tls_result(session, rc);
}

ssize_t modbus_tls_send(struct modbus_tls_session *session, const void *bytes, size_t len)
{
    char byte;
    REQUIRE(len > 0);
    if (session->alert == ALERT_BEGUN)
        modbus_tls_send_alert(session);
    if (session->alert == ALERT_BEGUN) {
        errno = EAGAIN;
        return -1;
    }
    ssize_t rc = gnutls_record_send(session->gnutls, bytes, len);
    session->has_unsent = rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED;
    modbus_tls_send_alert(session);
    /* A server that refuses the certificate sends an alert and closes. */
    if (rc < 0 && gnutls_error_is_fatal((int)rc) && session->fault == TLS_FAULT_NONE)
        modbus_tls_receive(session, &byte, sizeof byte);
    return modbus_tls_result(session, rc);
}

bool modbus_tls_has_pending(const struct modbus_tls_session *session)
{
    return gnutls_record_check_pending(session->gnutls) > 0;
}

enum tls_fault modbus_tls_fault(const struct modbus_tls_session *session)
{
    return session->fault;
}

bool modbus_tls_is_outdated(const struct modbus_tls_session *session,
                            struct modbus_tls_keeper *keeper)
{
    pthread_mutex_lock(&keeper->lock);
    bool is_outdated = session->credentials != keeper->newest;
    pthread_mutex_unlock(&keeper->lock);
    return is_outdated;
}
