/* Verifies the chain of a client's certificate, and reads the extension with the role. */
#include "modbusd/tls/tls_peer.h"

#include <stdio.h>
#include <string.h>

#include "common/base/require.h"

#define TLS_ROLE_OID "1.3.6.1.4.1.50316.802.1"

/* More certificates than a client needs are refused before they cost time. */
enum { TLS_CHAIN_MAX = 16, TLS_NAME_SIZE = 65 };

static const struct {
    unsigned status; /* a bit of gnutls_certificate_status_t */
    enum client_refusal_reason reason;
    gnutls_alert_description_t alert;
    const char *text;
} tls_peer_faults[] = {
    {GNUTLS_CERT_REVOKED, CLIENT_TLS_REVOKED, GNUTLS_A_CERTIFICATE_REVOKED, "is revoked"},
    {GNUTLS_CERT_REVOCATION_DATA_SUPERSEDED, CLIENT_TLS_UNTRUSTED, GNUTLS_A_BAD_CERTIFICATE,
     "cannot be checked: the revocation list in tls_client_ca is out of date"},
    {GNUTLS_CERT_SIGNER_NOT_FOUND, CLIENT_TLS_UNTRUSTED, GNUTLS_A_UNKNOWN_CA,
     "is not signed by a CA in tls_client_ca"},
    {GNUTLS_CERT_EXPIRED, CLIENT_TLS_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED, "has expired"},
    {GNUTLS_CERT_NOT_ACTIVATED, CLIENT_TLS_EXPIRED, GNUTLS_A_CERTIFICATE_EXPIRED,
     "is not valid yet (check the clocks)"},
    {GNUTLS_CERT_SIGNER_NOT_CA, CLIENT_TLS_UNTRUSTED, GNUTLS_A_UNKNOWN_CA,
     "is signed by a certificate that is no CA"},
    {GNUTLS_CERT_PURPOSE_MISMATCH, CLIENT_TLS_UNTRUSTED, GNUTLS_A_UNSUPPORTED_CERTIFICATE,
     "is not for TLS clients (extendedKeyUsage lacks clientAuth)"},
    {GNUTLS_CERT_INSECURE_ALGORITHM, CLIENT_TLS_UNTRUSTED, GNUTLS_A_INSUFFICIENT_SECURITY,
     "has a weak key or signature (RSA needs 2048 bits, SHA-1 is refused)"},
    {GNUTLS_CERT_SIGNATURE_FAILURE, CLIENT_TLS_UNTRUSTED, GNUTLS_A_BAD_CERTIFICATE,
     "has a wrong signature"},
};

/* The common name, for people. Only printable ASCII: it comes from the client. */
static void tls_peer_show_name(gnutls_x509_crt_t certificate, char name[TLS_NAME_SIZE])
{
    size_t size = TLS_NAME_SIZE;
    if (gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) <
        0)
        snprintf(name, TLS_NAME_SIZE, "without a common name");
    name[TLS_NAME_SIZE - 1] = '\0';
    for (char *c = name; *c; c++) {
        if (*c < ' ' || *c > '~')
            *c = '?';
    }
}

static void tls_peer_note_status(gnutls_x509_crt_t certificate, unsigned status,
                                 struct tls_failure *failure)
{
    char name[TLS_NAME_SIZE];
    size_t count = sizeof tls_peer_faults / sizeof tls_peer_faults[0], i = 0;
    tls_peer_show_name(certificate, name);
    while (i < count && (status & tls_peer_faults[i].status) == 0)
        i++;
    *failure = (struct tls_failure){
        .reason = i < count ? tls_peer_faults[i].reason : CLIENT_TLS_UNTRUSTED,
        .alert = i < count ? tls_peer_faults[i].alert : GNUTLS_A_BAD_CERTIFICATE};
    snprintf(failure->detail, sizeof failure->detail, "its certificate (%s) %s", name,
             i < count ? tls_peer_faults[i].text
                       : "is not valid, or has a critical extension that is not known");
}

/* Reads the role; "" without the extension. False if the extension is wrong. */
static bool tls_peer_read_role(gnutls_x509_crt_t certificate, char role[TLS_ROLE_MAX + 1])
{
    uint8_t value[TLS_ROLE_MAX + 8], more[1];
    size_t size = sizeof value, more_size = sizeof more;
    role[0] = '\0';
    int rc = gnutls_x509_crt_get_extension_by_oid(certificate, TLS_ROLE_OID, 0, value, &size, NULL);
    if (rc == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
        return true;
    return rc >= 0 && tls_role_parse(value, size, role) &&
           gnutls_x509_crt_get_extension_by_oid(certificate, TLS_ROLE_OID, 1, more, &more_size,
                                                NULL) == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

static bool tls_peer_judge(gnutls_x509_crt_t *chain, unsigned count,
                           gnutls_x509_trust_list_t authorities, char role[TLS_ROLE_MAX + 1],
                           struct tls_failure *failure)
{
    char purpose[] = GNUTLS_KP_TLS_WWW_CLIENT;
    gnutls_typed_vdata_st data;
    memset(&data, 0, sizeof data);
    data.type = GNUTLS_DT_KEY_PURPOSE_OID;
    data.data = (uint8_t *)purpose;
    unsigned status = GNUTLS_CERT_INVALID;
    int rc = gnutls_x509_trust_list_verify_crt2(authorities, chain, count, &data, 1,
                                                GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_MEDIUM),
                                                &status, NULL);
    if (rc < 0 || status != 0) {
        tls_peer_note_status(chain[0], rc < 0 ? GNUTLS_CERT_INVALID : status, failure);
        return false;
    }
    if (tls_peer_read_role(chain[0], role))
        return true;
    char name[TLS_NAME_SIZE];
    tls_peer_show_name(chain[0], name);
    *failure =
        (struct tls_failure){.reason = CLIENT_TLS_BAD_ROLE, .alert = GNUTLS_A_BAD_CERTIFICATE};
    snprintf(failure->detail, sizeof failure->detail,
             "its certificate (%s) has a role that is not one UTF8String of at most %d printable "
             "bytes",
             name, TLS_ROLE_MAX);
    return false;
}

bool tls_peer_check(gnutls_session_t session, gnutls_x509_trust_list_t authorities,
                    char role[TLS_ROLE_MAX + 1], struct tls_failure *failure)
{
    gnutls_x509_crt_t chain[TLS_CHAIN_MAX];
    unsigned count = 0, made = 0;
    const gnutls_datum_t *peers = gnutls_certificate_get_peers(session, &count);
    if (!peers || count == 0) {
        *failure = (struct tls_failure){CLIENT_TLS_NO_CERTIFICATE, GNUTLS_A_CERTIFICATE_REQUIRED,
                                        "it sent no client certificate"};
        return false;
    }
    *failure = (struct tls_failure){CLIENT_TLS_UNTRUSTED, GNUTLS_A_BAD_CERTIFICATE,
                                    "its certificates cannot be read, or are too many"};
    bool ok = count <= TLS_CHAIN_MAX;
    while (ok && made < count && (ok = gnutls_x509_crt_init(&chain[made]) >= 0)) {
        ok = gnutls_x509_crt_import(chain[made], &peers[made], GNUTLS_X509_FMT_DER) >= 0;
        made++;
    }
    ok = ok && tls_peer_judge(chain, count, authorities, role, failure);
    while (made > 0)
        gnutls_x509_crt_deinit(chain[--made]);
    return ok;
}
