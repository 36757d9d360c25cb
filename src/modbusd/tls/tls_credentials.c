/* Loads what the server needs, and frees it with its last user. */
#include "modbusd/tls/tls_credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "common/tls/tls_pem.h"

static const char tls_server_priorities[] = TLS_PRIORITIES ":%SERVER_PRECEDENCE";

struct tls_credentials *tls_credentials_load(const struct tls_files *files, char *why,
                                             size_t why_size)
{
    struct tls_credentials *credentials = calloc(1, sizeof *credentials);
    const char *file = files->certificate;
    if (!credentials) {
        snprintf(why, why_size, "%s: %s", file, strerror(ENOMEM));
        return NULL;
    }
    credentials->users = 1;
    int rc = gnutls_certificate_allocate_credentials(&credentials->own);
    if (rc >= 0)
        rc = tls_pem_load_pair(credentials->own, files->certificate, files->key, &file);
    if (rc >= 0) {
        file = files->client_ca;
        rc = tls_pem_load_authorities(credentials->own, file);
        gnutls_certificate_get_trust_list(credentials->own, &credentials->authorities);
    }
    if (rc >= 0)
        rc = gnutls_priority_init(&credentials->priorities, tls_server_priorities, NULL);
    if (rc >= 0)
        rc = gnutls_session_ticket_key_generate(&credentials->ticket_key);
    if (rc >= 0)
        return credentials;
    snprintf(why, why_size, "%s: %s", file, tls_pem_reason(rc));
    tls_credentials_release(credentials);
    return NULL;
}

void tls_credentials_keep_tickets(struct tls_credentials *newer, struct tls_credentials *older)
{
    const gnutls_datum_t kept = older->ticket_key;
    older->ticket_key = newer->ticket_key;
    newer->ticket_key = kept;
}

struct tls_credentials *tls_credentials_hold(struct tls_credentials *credentials)
{
    REQUIRE(credentials->users > 0);
    credentials->users++;
    return credentials;
}

void tls_credentials_release(struct tls_credentials *credentials)
{
    if (!credentials)
        return;
    REQUIRE(credentials->users > 0);
    if (--credentials->users > 0)
        return;
    if (credentials->own)
        gnutls_certificate_free_credentials(credentials->own);
    if (credentials->priorities)
        gnutls_priority_deinit(credentials->priorities);
    if (credentials->ticket_key.data)
        gnutls_memset(credentials->ticket_key.data, 0, credentials->ticket_key.size);
    gnutls_free(credentials->ticket_key.data);
    free(credentials);
}
