/* What clients.c and clients_tls.c share. */
#ifndef TAGFERRY_MODBUSD_NET_CLIENTS_INTERNAL_H
#define TAGFERRY_MODBUSD_NET_CLIENTS_INTERNAL_H

#include "modbusd/net/clients.h"

/* TLS handshakes of one address at the same time; a client needs one. */
enum { CLIENTS_HANDSHAKES_PER_IP = 32 };

/* Why a client is refused; `why` NULL: it is admitted. */
struct admission {
    const char *why;
    size_t counter;
    enum client_refusal_reason reason;
};

/* What the table shows of a client, without its requests. */
struct client_facts clients_facts_of(const struct server_client *client);
/* Counts a refusal, notes it in the table, and logs it, with a limit. */
void clients_log_refusal(struct clients *clients, const struct client_facts *facts,
                         const char *peer, const struct admission *admission, uint64_t now);

/* Expects a TLS handshake from the client. False if it cannot: close it. */
bool clients_begin_handshake(struct clients *clients, struct server_client *client, uint64_t now);
/* Closes and frees a client whose handshake takes too long. */
void clients_end_handshake(struct clients *clients, struct server_client *client, uint64_t now);
/* False if the client's certificate is not good for the newest credentials, see
 * tls_session_failure. True without TLS. */
bool clients_check_certificate(const struct clients *clients, const struct server_client *client);

#endif
