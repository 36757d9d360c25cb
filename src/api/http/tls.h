/* The certificate of the HTTPS service, which may be replaced while it serves. */
#ifndef TAGFERRY_API_HTTP_TLS_H
#define TAGFERRY_API_HTTP_TLS_H

#include <stdbool.h>
#include <stddef.h>

enum { TLS_WHY_SIZE = 512 };

/* TLS 1.2, with forward secrecy and authenticated encryption only, or newer. */
extern const char tls_priorities[];

/* Loads certificate chain and key from PEM files; handshakes from now on use them. False, with the
 * reason in `why`, when they are of no use: then the old ones stay. */
bool tls_load_certificate(const char *certificate, const char *key, char *why, size_t why_size);
/* Frees all that was loaded, when nothing serves any more. */
void tls_finish(void);

/* What libmicrohttpd takes for MHD_OPTION_HTTPS_CERT_CALLBACK, a
 * gnutls_certificate_retrieve_function2. */
void *tls_cert_callback(void);

#endif
