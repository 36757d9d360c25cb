/* The client's TLS on a socket that takes nothing, and why a session cannot begin. The server of
 * these tests is GnuTLS, too; those of tests/integration are others. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/modbus/modbus_tls.h"
#include "tls_pems.h"

enum { TIMEOUT_MS = 60000, REQUEST_SIZE = 12 };

static const char host[] = "plc.test";
static const uint8_t first[REQUEST_SIZE] = "first bytes", second[REQUEST_SIZE] = "next  bytes";

/* A connection to a server whose certificate is also the CA. */
struct tls_pair {
    char file[40];
    gnutls_certificate_credentials_t credentials;
    gnutls_session_t server;
    struct modbus_tls_keeper keeper;
    struct modbus_tls_session *client;
    int ends[2]; /* the client's and the server's */
    size_t junk; /* bytes on their way to the server that are no TLS */
};

static void load_certificate(struct tls_pair *pair)
{
    const gnutls_datum_t pems[] = {{(unsigned char *)certificate, sizeof certificate - 1},
                                   {(unsigned char *)key, sizeof key - 1}};
    int fd = mkstemp(pair->file);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, certificate, sizeof certificate - 1), sizeof certificate - 1);
    close(fd);
    assert_true(gnutls_certificate_allocate_credentials(&pair->credentials) >= 0);
    assert_true(gnutls_certificate_set_x509_key_mem(pair->credentials, &pems[0], &pems[1],
                                                    GNUTLS_X509_FMT_PEM) >= 0);
}

static void *serve_handshake(void *context)
{
    struct tls_pair *pair = context;
    int rc;
    do {
        rc = gnutls_handshake(pair->server);
    } while (rc < 0 && !gnutls_error_is_fatal(rc));
    return NULL;
}

static int pair_set_up(void **state)
{
    struct tls_pair *pair = calloc(1, sizeof *pair);
    char why[MODBUS_TLS_WHY_SIZE];
    assert_non_null(pair);
    *state = pair;
    strcpy(pair->file, "/tmp/tagferry-modbus-tls-XXXXXX");
    load_certificate(pair);
    modbus_tls_keeper_init(&pair->keeper);
    const struct modbus_tls_files files = {.ca = pair->file, .certificate = "", .key = ""};
    struct modbus_tls_credentials *credentials = modbus_tls_load(&files, why, sizeof why);
    assert_non_null(credentials);
    modbus_tls_keeper_put(&pair->keeper, credentials);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair->ends), 0);
    assert_int_equal(fcntl(pair->ends[0], F_SETFL, O_NONBLOCK), 0);
    return 0;
}

static int pair_tear_down(void **state)
{
    struct tls_pair *pair = *state;
    modbus_tls_end(pair->client);
    if (pair->server)
        gnutls_deinit(pair->server);
    gnutls_certificate_free_credentials(pair->credentials);
    modbus_tls_keeper_finish(&pair->keeper);
    close(pair->ends[0]);
    close(pair->ends[1]);
    unlink(pair->file);
    free(pair);
    return 0;
}

/* TLS 1.2, which has renegotiation. */
static void pair_connect(struct tls_pair *pair)
{
    char why[MODBUS_TLS_WHY_SIZE];
    enum tls_fault fault;
    pthread_t thread;
    assert_true(gnutls_init(&pair->server, GNUTLS_SERVER) >= 0);
    assert_true(gnutls_priority_set_direct(pair->server, "NORMAL:-VERS-ALL:+VERS-TLS1.2", NULL) >=
                0);
    gnutls_credentials_set(pair->server, GNUTLS_CRD_CERTIFICATE, pair->credentials);
    gnutls_transport_set_int(pair->server, pair->ends[1]);
    assert_int_equal(pthread_create(&thread, NULL, serve_handshake, pair), 0);
    pair->client =
        modbus_tls_begin(&pair->keeper, pair->ends[0], host, TIMEOUT_MS, &fault, why, sizeof why);
    pthread_join(thread, NULL);
    assert_non_null(pair->client);
}

static void fill_socket(struct tls_pair *pair)
{
    static const char bytes[4096];
    ssize_t sent;
    for (size_t size = sizeof bytes; size > 0; size /= 2) {
        while ((sent = send(pair->ends[0], bytes, size, MSG_DONTWAIT)) > 0)
            pair->junk += (size_t)sent;
    }
    assert_int_equal(errno, EAGAIN);
}

static void empty_socket(struct tls_pair *pair)
{
    char bytes[4096];
    while (pair->junk > 0) {
        ssize_t got =
            recv(pair->ends[1], bytes, pair->junk < sizeof bytes ? pair->junk : sizeof bytes, 0);
        assert_true(got > 0);
        pair->junk -= (size_t)got;
    }
}

static void assert_nothing_received(struct tls_pair *pair)
{
    char bytes[16];
    errno = 0;
    assert_int_equal(modbus_tls_receive(pair->client, bytes, sizeof bytes), -1);
    assert_int_equal(errno, EAGAIN);
}

static void assert_unsent(struct tls_pair *pair, const uint8_t *bytes)
{
    errno = 0;
    assert_int_equal(modbus_tls_send(pair->client, bytes, REQUEST_SIZE), -1);
    assert_int_equal(errno, EAGAIN);
}

static void assert_server_gets(struct tls_pair *pair, const uint8_t *bytes)
{
    uint8_t got[64];
    assert_int_equal(gnutls_record_recv(pair->server, got, sizeof got), REQUEST_SIZE);
    assert_memory_equal(got, bytes, REQUEST_SIZE);
}

static void assert_server_gets_alert(struct tls_pair *pair)
{
    uint8_t got[64];
    assert_int_equal(gnutls_record_recv(pair->server, got, sizeof got),
                     GNUTLS_E_WARNING_ALERT_RECEIVED);
    assert_int_equal(gnutls_alert_get(pair->server), GNUTLS_A_NO_RENEGOTIATION);
}

static void test_alert_that_waits(void **state)
{
    struct tls_pair *pair = *state;
    pair_connect(pair);
    fill_socket(pair);
    assert_true(gnutls_rehandshake(pair->server) >= 0);
    assert_nothing_received(pair);
    assert_unsent(pair, first);
    assert_true(gnutls_rehandshake(pair->server) >= 0); /* again: one alert for both */
    assert_nothing_received(pair);
    empty_socket(pair);
    assert_int_equal(modbus_tls_send(pair->client, first, REQUEST_SIZE), REQUEST_SIZE);
    assert_int_equal(modbus_tls_send(pair->client, second, REQUEST_SIZE), REQUEST_SIZE);
    assert_server_gets_alert(pair);
    assert_server_gets(pair, first);
    assert_server_gets(pair, second);
}

static void test_data_before_the_alert(void **state)
{
    struct tls_pair *pair = *state;
    pair_connect(pair);
    fill_socket(pair);
    assert_unsent(pair, first);
    empty_socket(pair);
    assert_true(gnutls_rehandshake(pair->server) >= 0);
    assert_nothing_received(pair);
    assert_int_equal(modbus_tls_send(pair->client, first, REQUEST_SIZE), REQUEST_SIZE);
    assert_int_equal(modbus_tls_send(pair->client, second, REQUEST_SIZE), REQUEST_SIZE);
    assert_server_gets(pair, first);
    assert_server_gets_alert(pair);
    assert_server_gets(pair, second);
}

/* A name that is not UTF-8 never reaches the server, and is no lack of memory. */
static void test_session_that_cannot_begin(void **state)
{
    struct tls_pair *pair = *state;
    char why[MODBUS_TLS_WHY_SIZE];
    enum tls_fault fault;
    assert_null(modbus_tls_begin(&pair->keeper, pair->ends[0], "plc\xff.test", TIMEOUT_MS, &fault,
                                 why, sizeof why));
    assert_int_equal(errno, EPROTO);
    assert_int_equal(fault, TLS_FAULT_BAD_NAME);
    assert_non_null(strstr(why, "modbus_host is not a name"));
    assert_null(strstr(why, strerror(ENOMEM)));
    assert_null(modbus_tls_begin(NULL, pair->ends[0], host, TIMEOUT_MS, &fault, why, sizeof why));
    assert_int_equal(errno, ENOKEY);
    assert_int_equal(fault, TLS_FAULT_NO_CA);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_alert_that_waits, pair_set_up, pair_tear_down),
        cmocka_unit_test_setup_teardown(test_data_before_the_alert, pair_set_up, pair_tear_down),
        cmocka_unit_test_setup_teardown(test_session_that_cannot_begin, pair_set_up,
                                        pair_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
