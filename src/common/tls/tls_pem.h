/* Loads PEM files into the credentials of GnuTLS, for servers and clients. */
#ifndef TAGFERRY_COMMON_TLS_TLS_PEM_H
#define TAGFERRY_COMMON_TLS_TLS_PEM_H

#include <gnutls/gnutls.h>

/* TLS 1.2 with forward secrecy and authenticated encryption, or TLS 1.3. */
#define TLS_PRIORITIES                                                                             \
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-ECDSA:+ECDHE-RSA:-CIPHER-ALL:"      \
    "+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:-MAC-ALL:+AEAD"

/* All return 0 or a positive number, or an error of GnuTLS, which tls_pem_reason names. */

/* Loads a certificate, with those of the CAs between it and the root, and its key. On an error
 * *file is the path of the file that is wrong. */
int tls_pem_load_pair(gnutls_certificate_credentials_t credentials, const char *certificate,
                      const char *key, const char **file);
/* Loads CAs and, if the file has them, revocation lists, to check the other side. */
int tls_pem_load_authorities(gnutls_certificate_credentials_t credentials, const char *file);
/* The newest error of this thread in words. Call it at once: errno may be part of it. */
const char *tls_pem_reason(int rc);

#endif
