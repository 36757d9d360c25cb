/* Loads PEM files. */
#include "modbusd/tls/tls_credentials.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

/* TLS 1.2 with forward secrecy and authenticated encryption, or TLS 1.3. */
static const char tls_server_priorities[] =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:"
    "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD:%SERVER_PRECEDENCE";

static const char revocation_list[] = "-----BEGIN X509 CRL";

/* Of a wrong pair it must be clear which file is wrong: GnuTLS's own function for both does not
 * say. */
static int tls_credentials_take_key(struct tls_credentials *credentials, gnutls_x509_crt_t *chain,
                                    unsigned count, const char *file)
{
    gnutls_datum_t data;
    gnutls_x509_privkey_t key;
    int rc = gnutls_load_file(file, &data);
    if (rc < 0)
        return rc;
    rc = gnutls_x509_privkey_init(&key);
    if (rc >= 0) {
        rc = gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
        if (rc >= 0)
            rc = gnutls_certificate_set_x509_key(credentials->own, chain, (int)count, key);
        gnutls_x509_privkey_deinit(key);
    }
    gnutls_memset(data.data, 0, data.size);
    gnutls_free(data.data);
    return rc;
}

static int tls_credentials_take_pair(struct tls_credentials *credentials,
                                     const struct tls_files *files, const char **file)
{
    gnutls_datum_t data;
    gnutls_x509_crt_t *chain;
    unsigned count = 0;
    *file = files->certificate;
    int rc = gnutls_load_file(files->certificate, &data);
    if (rc < 0)
        return rc;
    rc = gnutls_x509_crt_list_import2(&chain, &count, &data, GNUTLS_X509_FMT_PEM,
                                      GNUTLS_X509_CRT_LIST_SORT);
    gnutls_free(data.data);
    if (rc < 0)
        return rc;
    *file = files->key;
    rc = tls_credentials_take_key(credentials, chain, count, files->key);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_free(chain);
    return rc;
}

static int tls_credentials_take_authorities(struct tls_credentials *credentials, const char *file)
{
    gnutls_datum_t data;
    int rc = gnutls_load_file(file, &data);
    if (rc < 0)
        return rc;
    rc = gnutls_certificate_set_x509_trust_mem(credentials->own, &data, GNUTLS_X509_FMT_PEM);
    if (rc == 0)
        rc = GNUTLS_E_NO_CERTIFICATE_FOUND;
    if (rc > 0 && memmem(data.data, data.size, revocation_list, sizeof revocation_list - 1))
        rc = gnutls_certificate_set_x509_crl_mem(credentials->own, &data, GNUTLS_X509_FMT_PEM);
    gnutls_free(data.data);
    gnutls_certificate_get_trust_list(credentials->own, &credentials->authorities);
    return rc;
}

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
        rc = tls_credentials_take_pair(credentials, files, &file);
    if (rc >= 0) {
        file = files->client_ca;
        rc = tls_credentials_take_authorities(credentials, file);
    }
    if (rc >= 0)
        rc = gnutls_priority_init(&credentials->priorities, tls_server_priorities, NULL);
    if (rc >= 0)
        rc = gnutls_session_ticket_key_generate(&credentials->ticket_key);
    if (rc >= 0)
        return credentials;
    snprintf(why, why_size, "%s: %s", file, gnutls_strerror(rc));
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
