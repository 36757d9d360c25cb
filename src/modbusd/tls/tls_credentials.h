/* The server's certificate with its key, and the CAs of its clients. */
#ifndef TAGFERRY_MODBUSD_TLS_TLS_CREDENTIALS_H
#define TAGFERRY_MODBUSD_TLS_TLS_CREDENTIALS_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stddef.h>

enum { TLS_WHY_MAX = 512 };

/* Paths of PEM files. */
struct tls_files {
    const char *certificate; /* the server's, with those of the CAs between it and the root */
    const char *key;
    const char *client_ca; /* CAs of clients, and, if wanted, their revocation lists */
};

/* Shared by the sessions that were begun with them. One thread. */
struct tls_credentials {
    unsigned users;
    gnutls_certificate_credentials_t own;
    gnutls_x509_trust_list_t authorities; /* belongs to `own` */
    gnutls_priority_t priorities;
    gnutls_datum_t ticket_key; /* for the resumption of sessions */
};

/* Loads the files, for one user. NULL with the reason in `why`. */
struct tls_credentials *tls_credentials_load(const struct tls_files *files, char *why,
                                             size_t why_size);
/* Exchanges the keys of the tickets: sessions that were begun with `older` can be resumed with
 * `newer`, which checks the client's certificate again. */
void tls_credentials_keep_tickets(struct tls_credentials *newer, struct tls_credentials *older);
/* Adds a user. */
struct tls_credentials *tls_credentials_hold(struct tls_credentials *credentials);
/* Removes a user, the last one frees. Accepts NULL. */
void tls_credentials_release(struct tls_credentials *credentials);

#endif
