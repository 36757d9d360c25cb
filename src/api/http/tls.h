/* The certificate of the HTTPS service; it can be replaced while the service runs. */
#ifndef TAGFERRY_API_HTTP_TLS_H
#define TAGFERRY_API_HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>

enum { TLS_WHY_SIZE = 512 };

/* GnuTLS priorities: TLS 1.2 with forward secrecy and authenticated encryption, or TLS 1.3. */
extern const char tls_priorities[];

/* Loads a certificate chain and its key from PEM files; later handshakes use them. False with the
 * reason in `why`: the previous pair stays in use. */
bool tls_load_certificate(const char *certificate, const char *key, char *why, size_t why_size);
/* Frees all pairs. All servers must have stopped. */
void tls_finish(void);

/* Returns the gnutls_certificate_retrieve_function2 for MHD_OPTION_HTTPS_CERT_CALLBACK. */
void *tls_cert_callback(void);

#endif
