/* A certificate for tests, which is its own CA, and its key. */
#ifndef TAGFERRY_TESTS_TLS_PEMS_H
#define TAGFERRY_TESTS_TLS_PEMS_H

/* Of plc.test, valid from 2000 to 2099, made for this test. The test does not make one, because the
 * functions that set the dates take the time_t that GnuTLS was built with: 32 bits on armhf. */
static const char certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBUzCB+qADAgECAgEBMAoGCCqGSM49BAMCMA4xDDAKBgNVBAMMA3BsYzAgFw0w\n"
    "MDAxMDEwMDAwMDBaGA8yMDk5MTIzMTIzNTk1OVowDjEMMAoGA1UEAwwDcGxjMFkw\n"
    "EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtZ9VLA8KLaNW0Qwyg6qYG8v8LRLlauTD\n"
    "QKgoQ/UIBZC3OsFKuJzfQ4Ki7b/uzIV/YblZsNv7aIUWybPYuCOPmaNHMEUwEwYD\n"
    "VR0RBAwwCoIIcGxjLnRlc3QwDwYDVR0TAQH/BAUwAwEB/zAdBgNVHQ4EFgQUsXaB\n"
    "1N7jsUAg57aQ2TXqhf7NSXwwCgYIKoZIzj0EAwIDSAAwRQIhAI1H6JDoGMpf9nMv\n"
    "Z27IWkgOD7VJloWRG0msoFsR2nVDAiAqh7qHh5/CnzIZTINYLFl542p2QuPWj61c\n"
    "X05ORe+h2A==\n"
    "-----END CERTIFICATE-----\n";
static const char key[] = "-----BEGIN EC PRIVATE KEY-----\n"
                          "MHcCAQEEIKlffErpmUFcVSDjWC6F8g26F5cgEKcl5PkpeSH0RBx2oAoGCCqGSM49\n"
                          "AwEHoUQDQgAEtZ9VLA8KLaNW0Qwyg6qYG8v8LRLlauTDQKgoQ/UIBZC3OsFKuJzf\n"
                          "Q4Ki7b/uzIV/YblZsNv7aIUWybPYuCOPmQ==\n"
                          "-----END EC PRIVATE KEY-----\n";

#endif
