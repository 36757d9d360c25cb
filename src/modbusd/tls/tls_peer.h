/* Judges the certificate of a client. */
#ifndef TAGFERRY_MODBUSD_TLS_TLS_PEER_H
#define TAGFERRY_MODBUSD_TLS_TLS_PEER_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>

#include "common/shared/client_table.h"
#include "modbusd/tls/tls_role.h"

/* Why a handshake failed, or a client is refused. */
struct tls_failure {
    enum client_refusal_reason reason;
    gnutls_alert_description_t alert; /* what to tell the client */
    char detail[CLIENT_DETAIL_SIZE];  /* for people */
};

/* Checks the chain that the client has sent: signed by one of the CAs, valid now, not revoked, for
 * clients; takes its role, "" if it has none. False with `failure`. */
bool tls_peer_check(gnutls_session_t session, gnutls_x509_trust_list_t authorities,
                    char role[TLS_ROLE_MAX + 1], struct tls_failure *failure);

#endif
