/* Why a Modbus server cannot be reached by TLS: a code in shared memory, and its words in logs and
 * in last_error. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_TLS_FAULT_H
#define TAGFERRY_COMMON_MODEL_TLS_FAULT_H

/* ROW(constant, words). "It" is the server. The live table stores the numbers: rows go to the end.
 */
#define TLS_FAULTS(ROW)                                                                            \
    ROW(NONE, "")                                                                                  \
    ROW(NO_CA, "[mqttd] modbus_tls_ca is not set: without it no server can be trusted")            \
    ROW(NO_ANSWER, "it does not answer the handshake (is this its port for TLS?)")                 \
    ROW(CLOSED, "it closed the connection in the handshake (is this its port for TLS?)")           \
    ROW(NOT_TLS, "it does not use TLS on this port")                                               \
    ROW(NO_COMMON, "it has no version or suite in common with Tagferry: TLS 1.2 with ECDHE and "   \
                   "AES-GCM, or TLS 1.3")                                                          \
    ROW(EXPIRED, "its certificate has expired")                                                    \
    ROW(NOT_YET_VALID, "its certificate is not valid yet (check the clocks)")                      \
    ROW(UNTRUSTED, "its certificate is not signed by a CA in modbus_tls_ca")                       \
    ROW(REVOKED, "its certificate is revoked")                                                     \
    ROW(OLD_REVOCATIONS, "the revocation list in modbus_tls_ca is out of date")                    \
    ROW(WRONG_NAME, "its certificate is not for the name or address in modbus_host")               \
    ROW(WRONG_PURPOSE, "its certificate is not for TLS servers (extendedKeyUsage lacks "           \
                       "serverAuth)")                                                              \
    ROW(WEAK, "its certificate has a weak key or signature (RSA needs 2048 bits, SHA-1 is "        \
              "refused)")                                                                          \
    ROW(BAD_CERTIFICATE, "its certificate is not valid")                                           \
    ROW(NO_CERTIFICATE, "it demands a client certificate: set [mqttd] modbus_tls_certificate")     \
    ROW(REFUSED, "it refused the certificate in modbus_tls_certificate")                           \
    ROW(OTHER, "the handshake failed")                                                             \
    ROW(BAD_NAME, "modbus_host is not a name that TLS can ask for")                                \
    ROW(NOT_BEGUN, "the handshake could not begin")

#define TLS_FAULT_CONSTANT(name, words) TLS_FAULT_##name,
enum tls_fault { TLS_FAULTS(TLS_FAULT_CONSTANT) TLS_FAULT_COUNT };
#undef TLS_FAULT_CONSTANT

/* The words, with "TLS: " before them; "" for TLS_FAULT_NONE and numbers that are none. */
const char *tls_fault_words(unsigned fault);

#endif
