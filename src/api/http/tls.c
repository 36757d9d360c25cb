/* Certificates for GnuTLS's handshakes. The callback has no context argument, so the pairs are
 * global. */
#include "api/http/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/private_file.h"
#include "common/base/require.h"

/* TLS 1.2 is limited to forward secrecy and authenticated encryption; TLS 1.3 always has both. */
const char tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:"
                              "+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:"
                              "-MAC-ALL:+AEAD";

enum { CHAIN_MAX = 8 };

struct tls_pair {
    struct tls_pair *older; /* kept: a handshake under way may still use it */
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned count;
    gnutls_privkey_t key;
};

static struct {
    pthread_mutex_t mutex;
    struct tls_pair *newest;
} tls_pairs = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static void tls_free_pair(struct tls_pair *pair)
{
    for (unsigned i = 0; i < pair->count; i++)
        gnutls_pcert_deinit(&pair->chain[i]);
    if (pair->key)
        gnutls_privkey_deinit(pair->key);
    free(pair);
}

static int tls_load_chain(struct tls_pair *pair, const char *file)
{
    gnutls_datum_t data;
    int rc = gnutls_load_file(file, &data);
    if (rc < 0)
        return rc;
    unsigned count = CHAIN_MAX;
    rc = gnutls_pcert_list_import_x509_raw(pair->chain, &count, &data, GNUTLS_X509_FMT_PEM,
                                           GNUTLS_X509_CRT_LIST_SORT);
    gnutls_free(data.data);
    if (rc >= 0)
        pair->count = count;
    return rc;
}

static int tls_load_key(struct tls_pair *pair, const char *file)
{
    gnutls_datum_t data;
    int rc = gnutls_load_file(file, &data);
    if (rc < 0)
        return rc;
    private_file_check(file);
    rc = gnutls_privkey_init(&pair->key);
    if (rc >= 0)
        rc = gnutls_privkey_import_x509_raw(pair->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_memset(data.data, 0, data.size);
    gnutls_free(data.data);
    return rc;
}

/* With the key of another certificate, every handshake would fail. */
static int tls_check_key_match(const struct tls_pair *pair)
{
    unsigned char of_chain[64], of_key[64];
    size_t chain_size = sizeof of_chain, key_size = sizeof of_key;
    gnutls_pubkey_t pubkey;
    int rc = gnutls_pubkey_init(&pubkey);
    if (rc < 0)
        return rc;
    rc = gnutls_pubkey_import_privkey(pubkey, pair->key, 0, 0);
    if (rc >= 0)
        rc = gnutls_pubkey_get_key_id(pubkey, 0, of_key, &key_size);
    if (rc >= 0)
        rc = gnutls_pubkey_get_key_id(pair->chain[0].pubkey, 0, of_chain, &chain_size);
    gnutls_pubkey_deinit(pubkey);
    if (rc < 0)
        return rc;
    bool same = chain_size == key_size && gnutls_memcmp(of_chain, of_key, key_size) == 0;
    return same ? 0 : GNUTLS_E_CERTIFICATE_KEY_MISMATCH;
}

bool tls_load_certificate(const char *certificate, const char *key, char *why, size_t why_size)
{
    struct tls_pair *pair = calloc(1, sizeof *pair);
    if (!pair) {
        snprintf(why, why_size, "%s: %s", certificate, strerror(ENOMEM));
        return false;
    }
    const char *file = certificate;
    int rc = tls_load_chain(pair, certificate);
    if (rc >= 0) {
        file = key;
        rc = tls_load_key(pair, key);
    }
    if (rc >= 0)
        rc = tls_check_key_match(pair);
    if (rc < 0) {
        snprintf(why, why_size, "%s: %s", file, gnutls_strerror(rc));
        tls_free_pair(pair);
        return false;
    }
    pthread_mutex_lock(&tls_pairs.mutex);
    pair->older = tls_pairs.newest;
    tls_pairs.newest = pair;
    pthread_mutex_unlock(&tls_pairs.mutex);
    return true;
}

void tls_finish(void)
{
    while (tls_pairs.newest) {
        struct tls_pair *older = tls_pairs.newest->older;
        tls_free_pair(tls_pairs.newest);
        tls_pairs.newest = older;
    }
}

static int tls_retrieve_pair(gnutls_session_t session, const gnutls_datum_t *authorities,
                             int authority_count, const gnutls_pk_algorithm_t *algorithms,
                             int algorithm_count, gnutls_pcert_st **chain, unsigned *chain_count,
                             gnutls_privkey_t *key)
{
    (void)session, (void)authorities, (void)authority_count, (void)algorithms,
        (void)algorithm_count;
    pthread_mutex_lock(&tls_pairs.mutex);
    REQUIRE(tls_pairs.newest);
    *chain = tls_pairs.newest->chain;
    *chain_count = tls_pairs.newest->count;
    *key = tls_pairs.newest->key;
    pthread_mutex_unlock(&tls_pairs.mutex);
    return 0;
}

void *tls_cert_callback(void)
{
    gnutls_certificate_retrieve_function2 *function = tls_retrieve_pair;
    return (void *)function;
}
