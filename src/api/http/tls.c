/* Certificates for GnuTLS's handshakes. The callback gets no context, so what it answers with is
 * the one thing here that belongs to the process as a whole. */
#include "api/http/tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of TLS 1.2 only what cannot be read later, when a key has become known, and what seals as it
 * encrypts; of TLS 1.3 all is so. */
const char tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:"
                              "+ECDHE-RSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM:"
                              "-MAC-ALL:+AEAD";

enum { CHAIN_MAX = 8 };

struct pair {
    struct pair *older; /* a handshake under way may still hold it, so that it is kept */
    gnutls_pcert_st chain[CHAIN_MAX];
    unsigned count;
    gnutls_privkey_t key;
};

static struct pair *newest;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void free_pair(struct pair *pair)
{
    for (unsigned i = 0; i < pair->count; i++)
        gnutls_pcert_deinit(&pair->chain[i]);
    if (pair->key)
        gnutls_privkey_deinit(pair->key);
    free(pair);
}

static int load_chain(struct pair *pair, const char *file)
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

static int load_key(struct pair *pair, const char *file)
{
    gnutls_datum_t data;
    int rc = gnutls_load_file(file, &data);
    if (rc < 0)
        return rc;
    rc = gnutls_privkey_init(&pair->key);
    if (rc >= 0)
        rc = gnutls_privkey_import_x509_raw(pair->key, &data, GNUTLS_X509_FMT_PEM, NULL, 0);
    gnutls_memset(data.data, 0, data.size);
    gnutls_free(data.data);
    return rc;
}

/* A key of another certificate would fail every handshake. */
static int check_match(const struct pair *pair)
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

bool tls_load(const char *certificate, const char *key, char *why, size_t why_size)
{
    struct pair *pair = calloc(1, sizeof *pair);
    if (!pair) {
        snprintf(why, why_size, "%s: %s", certificate, strerror(ENOMEM));
        return false;
    }
    const char *file = certificate;
    int rc = load_chain(pair, certificate);
    if (rc >= 0) {
        file = key;
        rc = load_key(pair, key);
    }
    if (rc >= 0)
        rc = check_match(pair);
    if (rc < 0) {
        snprintf(why, why_size, "%s: %s", file, gnutls_strerror(rc));
        free_pair(pair);
        return false;
    }
    pthread_mutex_lock(&mutex);
    pair->older = newest;
    newest = pair;
    pthread_mutex_unlock(&mutex);
    return true;
}

void tls_finish(void)
{
    while (newest) {
        struct pair *older = newest->older;
        free_pair(newest);
        newest = older;
    }
}

static int retrieve(gnutls_session_t session, const gnutls_datum_t *authorities,
                    int authority_count, const gnutls_pk_algorithm_t *algorithms,
                    int algorithm_count, gnutls_pcert_st **chain, unsigned *chain_count,
                    gnutls_privkey_t *key)
{
    (void)session, (void)authorities, (void)authority_count, (void)algorithms,
        (void)algorithm_count;
    pthread_mutex_lock(&mutex);
    *chain = newest->chain;
    *chain_count = newest->count;
    *key = newest->key;
    pthread_mutex_unlock(&mutex);
    return 0;
}

void *tls_callback(void)
{
    gnutls_certificate_retrieve_function2 *function = retrieve;
    return (void *)function;
}
