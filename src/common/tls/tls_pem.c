/* Reads certificates, keys and revocation lists. */
#include "common/tls/tls_pem.h"

#include <errno.h>
#include <gnutls/x509.h>
#include <string.h>

#include "common/base/private_file.h"

static const char revocation_list[] = "-----BEGIN X509 CRL";

/* Of a wrong pair it must be clear which file is wrong: GnuTLS's own function for both does not
 * say. */
static int tls_pem_take_key(gnutls_certificate_credentials_t credentials, gnutls_x509_crt_t *chain,
                            unsigned count, const char *file)
{
    gnutls_datum_t data;
    gnutls_x509_privkey_t key;
    int rc = gnutls_load_file(file, &data);
    if (rc < 0)
        return rc;
    private_file_check(file);
    rc = gnutls_x509_privkey_init(&key);
    if (rc >= 0) {
        rc = gnutls_x509_privkey_import2(key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
        if (rc >= 0)
            rc = gnutls_certificate_set_x509_key(credentials, chain, (int)count, key);
        gnutls_x509_privkey_deinit(key);
    }
    gnutls_memset(data.data, 0, data.size);
    gnutls_free(data.data);
    return rc;
}

int tls_pem_load_pair(gnutls_certificate_credentials_t credentials, const char *certificate,
                      const char *key, const char **file)
{
    gnutls_datum_t data;
    gnutls_x509_crt_t *chain;
    unsigned count = 0;
    *file = certificate;
    int rc = gnutls_load_file(certificate, &data);
    if (rc < 0)
        return rc;
    rc = gnutls_x509_crt_list_import2(&chain, &count, &data, GNUTLS_X509_FMT_PEM,
                                      GNUTLS_X509_CRT_LIST_SORT);
    gnutls_free(data.data);
    if (rc < 0)
        return rc;
    *file = key;
    rc = tls_pem_take_key(credentials, chain, count, key);
    for (unsigned i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
    gnutls_free(chain);
    return rc;
}

int tls_pem_load_authorities(gnutls_certificate_credentials_t credentials, const char *file)
{
    gnutls_datum_t data;
    int rc = gnutls_load_file(file, &data);
    if (rc < 0)
        return rc;
    rc = gnutls_certificate_set_x509_trust_mem(credentials, &data, GNUTLS_X509_FMT_PEM);
    if (rc == 0)
        rc = GNUTLS_E_NO_CERTIFICATE_FOUND;
    if (rc > 0 && memmem(data.data, data.size, revocation_list, sizeof revocation_list - 1))
        rc = gnutls_certificate_set_x509_crl_mem(credentials, &data, GNUTLS_X509_FMT_PEM);
    gnutls_free(data.data);
    return rc;
}

const char *tls_pem_reason(int rc)
{
    return rc == GNUTLS_E_FILE_ERROR && errno != 0 ? strerror(errno) : gnutls_strerror(rc);
}
