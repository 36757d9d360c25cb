/* The server's TLS: which files are wrong and why, handshakes that succeed and fail, data, ends.
 * The client of these tests is GnuTLS, too; those of tests/integration are others. */
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/log.h"
#include "modbusd/tls/tls_session.h"
#include "tls_pems.h"

enum { WHY_SIZE = 512, STEPS_MAX = 100 };

#define TLS_1_2 "NORMAL:-VERS-ALL:+VERS-TLS1.2"

struct bed {
    char folder[40], good[64], key[64], empty[64], missing[64];
    struct tls_files files;
    struct tls_credentials *credentials;
    struct tls_session *session;
    gnutls_certificate_credentials_t trusted, none; /* of the client */
    gnutls_session_t client;
    int ends[2]; /* the server's and the client's */
};

static void put_file(struct bed *bed, char path[64], const char *name, const char *text)
{
    snprintf(path, 64, "%s/%s", bed->folder, name);
    int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static int start(void **state)
{
    struct bed *bed = calloc(1, sizeof *bed);
    char why[WHY_SIZE];
    log_open(LOG_LEVEL_ERROR);
    *state = bed;
    strcpy(bed->folder, "/tmp/tls_session.XXXXXX");
    assert_non_null(mkdtemp(bed->folder));
    put_file(bed, bed->good, "certificate", certificate);
    put_file(bed, bed->key, "key", key);
    put_file(bed, bed->empty, "empty", "nothing\n");
    snprintf(bed->missing, sizeof bed->missing, "%s/missing", bed->folder);
    bed->files = (struct tls_files){bed->good, bed->key, bed->good};
    bed->credentials = tls_credentials_load(&bed->files, why, sizeof why);
    assert_non_null(bed->credentials);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, bed->ends), 0);
    bed->session = tls_session_create(bed->credentials, bed->ends[0]);
    assert_non_null(bed->session);

    const gnutls_datum_t pems[] = {{(unsigned char *)certificate, sizeof certificate - 1},
                                   {(unsigned char *)key, sizeof key - 1}};
    assert_true(gnutls_certificate_allocate_credentials(&bed->none) >= 0);
    assert_true(gnutls_certificate_allocate_credentials(&bed->trusted) >= 0);
    assert_true(gnutls_certificate_set_x509_key_mem(bed->trusted, &pems[0], &pems[1],
                                                    GNUTLS_X509_FMT_PEM) >= 0);
    return 0;
}

static void end_client(struct bed *bed)
{
    if (bed->client)
        gnutls_deinit(bed->client);
    bed->client = NULL;
}

static int end(void **state)
{
    struct bed *bed = *state;
    tls_session_destroy(bed->session);
    tls_session_destroy(NULL);
    tls_credentials_release(bed->credentials);
    tls_credentials_release(NULL);
    end_client(bed);
    gnutls_certificate_free_credentials(bed->trusted);
    gnutls_certificate_free_credentials(bed->none);
    close(bed->ends[0]);
    if (bed->ends[1] >= 0)
        close(bed->ends[1]);
    unlink(bed->good);
    unlink(bed->key);
    unlink(bed->empty);
    assert_int_equal(rmdir(bed->folder), 0);
    free(bed);
    return 0;
}

static void test_files(void **state)
{
    struct bed *bed = *state;
    const char *good = bed->good, *own = bed->key, *empty = bed->empty, *missing = bed->missing;
    const struct {
        struct tls_files files;
        const char *wrong, *reason; /* reason NULL: GnuTLS's */
    } rows[] = {
        {{missing, own, good}, missing, "No such file or directory"},
        {{good, missing, good}, missing, "No such file or directory"},
        {{good, own, missing}, missing, "No such file or directory"},
        {{empty, own, good}, empty, NULL},
        {{good, empty, good}, empty, NULL},
        {{good, own, empty}, empty, NULL},
        {{good, good, good}, good, NULL},
        {{own, own, good}, own, NULL},
        {{good, own, own}, own, NULL},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        char why[WHY_SIZE] = "", begin[128];
        assert_null(tls_credentials_load(&rows[i].files, why, sizeof why));
        snprintf(begin, sizeof begin, "%s: ", rows[i].wrong);
        assert_memory_equal(why, begin, strlen(begin));
        const char *reason = why + strlen(begin);
        assert_true(strlen(reason) > 5);
        if (rows[i].reason)
            assert_string_equal(reason, rows[i].reason);
    }
}

static void test_credentials(void **state)
{
    struct bed *bed = *state;
    char why[WHY_SIZE];
    struct tls_credentials *other = tls_credentials_load(&bed->files, why, sizeof why);
    assert_non_null(other);
    assert_true(tls_session_has_credentials(bed->session, bed->credentials));
    assert_false(tls_session_has_credentials(bed->session, other));
    assert_int_equal(bed->credentials->users, 2); /* the session is one */
    assert_ptr_equal(tls_credentials_hold(other), other);
    assert_int_equal(other->users, 2);
    const gnutls_datum_t own = bed->credentials->ticket_key, newer = other->ticket_key;
    tls_credentials_keep_tickets(other, bed->credentials);
    assert_ptr_equal(other->ticket_key.data, own.data);
    assert_ptr_equal(bed->credentials->ticket_key.data, newer.data);
    tls_credentials_release(other);
    assert_int_equal(other->users, 1);
    tls_credentials_release(other);
}

static void begin_client(struct bed *bed, const char *priorities, bool has_certificate)
{
    end_client(bed);
    assert_true(gnutls_init(&bed->client, GNUTLS_CLIENT | GNUTLS_NONBLOCK) >= 0);
    assert_true(gnutls_priority_set_direct(bed->client, priorities, NULL) >= 0);
    assert_true(gnutls_credentials_set(bed->client, GNUTLS_CRD_CERTIFICATE,
                                       has_certificate ? bed->trusted : bed->none) >= 0);
    gnutls_transport_set_int(bed->client, bed->ends[1]);
}

/* Both sides take turns until the server's result is known. */
static enum tls_progress shake_hands(struct bed *bed)
{
    enum tls_progress progress = TLS_WAITS;
    for (int i = 0; i < STEPS_MAX && progress == TLS_WAITS; i++) {
        gnutls_handshake(bed->client);
        progress = tls_session_shake_hands(bed->session);
    }
    return progress;
}

static void test_open(void **state)
{
    static const char *const versions[] = {TLS_1_2, "NORMAL:-VERS-ALL:+VERS-TLS1.3"};
    struct bed *bed = *state;
    for (size_t i = 0; i < COUNT(versions); i++) {
        char bytes[64];
        if (i > 0) {
            tls_session_destroy(bed->session);
            close(bed->ends[0]);
            close(bed->ends[1]);
            assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, bed->ends), 0);
            bed->session = tls_session_create(bed->credentials, bed->ends[0]);
        }
        assert_int_equal(tls_session_shake_hands(bed->session), TLS_WAITS);
        assert_false(tls_session_wants_write(bed->session));
        begin_client(bed, versions[i], true);
        assert_int_equal(shake_hands(bed), TLS_OPEN);
        while (gnutls_handshake(bed->client) != 0)
            ;
        assert_string_equal(tls_session_failure(bed->session)->detail, "");
        assert_null(tls_session_role(bed->session));
        assert_false(tls_session_is_resumed(bed->session));
        assert_true(tls_session_check_again(bed->session, bed->credentials));

        assert_int_equal(tls_session_receive(bed->session, bytes, sizeof bytes), -1);
        assert_int_equal(errno, EAGAIN);
        assert_false(tls_session_has_pending(bed->session));
        assert_int_equal(gnutls_record_send(bed->client, "0123456789", 10), 10);
        assert_int_equal(gnutls_record_send(bed->client, "abc", 3), 3);
        assert_int_equal(tls_session_receive(bed->session, bytes, 4), 4);
        assert_memory_equal(bytes, "0123", 4);
        assert_true(tls_session_has_pending(bed->session));
        assert_int_equal(tls_session_receive(bed->session, bytes, sizeof bytes), 6);
        assert_memory_equal(bytes, "456789", 6);
        assert_true(tls_session_has_pending(bed->session)); /* the next record */
        assert_int_equal(tls_session_receive(bed->session, bytes, sizeof bytes), 3);
        assert_memory_equal(bytes, "abc", 3);
        assert_int_equal(tls_session_receive(bed->session, bytes, sizeof bytes), -1);
        assert_int_equal(errno, EAGAIN);
        assert_false(tls_session_has_pending(bed->session));
        assert_int_equal(tls_session_send(bed->session, "answer", 6), 6);
        ssize_t got;
        while ((got = gnutls_record_recv(bed->client, bytes, sizeof bytes)) == GNUTLS_E_AGAIN)
            ; /* a ticket came first */
        assert_int_equal(got, 6);
        assert_memory_equal(bytes, "answer", 6);
        assert_true(gnutls_bye(bed->client, GNUTLS_SHUT_WR) >= 0);
        assert_int_equal(tls_session_receive(bed->session, bytes, sizeof bytes), 0);
        assert_false(tls_session_has_pending(bed->session));
    }
}

static void open_with(struct bed *bed, const char *priorities)
{
    begin_client(bed, priorities, true);
    assert_int_equal(shake_hands(bed), TLS_OPEN);
    while (gnutls_handshake(bed->client) != 0)
        ;
}

/* An end without a word is one, too; a record that was changed on its way is a fault. */
static void test_ends(void **state)
{
    struct bed *bed = *state;
    char bytes[16];
    open_with(bed, TLS_1_2);
    assert_int_equal(shutdown(bed->ends[1], SHUT_WR), 0);
    assert_int_equal(tls_session_receive(bed->session, bytes, sizeof bytes), 0);
}

static void test_no_record(void **state)
{
    static const uint8_t record[5 + 40] = {0x17, 3, 3, 0, 40};
    struct bed *bed = *state;
    char bytes[16];
    open_with(bed, TLS_1_2);
    assert_int_equal(send(bed->ends[1], record, sizeof record, 0), sizeof record);
    assert_int_equal(tls_session_receive(bed->session, bytes, sizeof bytes), -1);
    assert_int_equal(errno, EPROTO);
}

static void check_failure(const struct bed *bed, enum client_refusal_reason reason, unsigned alert,
                          const char *detail)
{
    const struct tls_failure *failure = tls_session_failure(bed->session);
    assert_int_equal(failure->reason, reason);
    assert_int_equal(failure->alert, alert);
    assert_string_equal(failure->detail, detail);
}

static void test_no_certificate(void **state)
{
    struct bed *bed = *state;
    begin_client(bed, "NORMAL", false);
    assert_int_equal(shake_hands(bed), TLS_FAILED);
    check_failure(bed, CLIENT_TLS_NO_CERTIFICATE, GNUTLS_A_CERTIFICATE_REQUIRED,
                  "it sent no client certificate");
}

static void test_no_tls(void **state)
{
    struct bed *bed = *state;
    static const uint8_t read_one[] = {0x0B, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};
    assert_int_equal(send(bed->ends[1], read_one, sizeof read_one, 0), sizeof read_one);
    assert_int_equal(tls_session_shake_hands(bed->session), TLS_FAILED);
    check_failure(bed, CLIENT_TLS_HANDSHAKE, 0,
                  "it does not use TLS (its first byte is 0B): set it to TLS, or to the port of "
                  "listen");
}

/* Bytes that came with the header of a proxy are the first ones. */
static void test_first_bytes(void **state)
{
    struct bed *bed = *state;
    uint8_t bytes[4096];
    begin_client(bed, "NORMAL", true);
    gnutls_handshake(bed->client);
    const ssize_t len = recv(bed->ends[0], bytes, sizeof bytes, 0);
    assert_true(len > 20);
    tls_session_put_first(bed->session, bytes, 0);
    tls_session_put_first(bed->session, bytes, 20);
    assert_int_equal(tls_session_shake_hands(bed->session), TLS_WAITS);
    assert_int_equal(send(bed->ends[1], bytes + 20, (size_t)len - 20, 0), len - 20);
    assert_int_equal(shake_hands(bed), TLS_OPEN);
}

static void test_who_leaves(void **state)
{
    struct bed *bed = *state;
    close(bed->ends[1]);
    bed->ends[1] = -1;
    assert_int_equal(tls_session_shake_hands(bed->session), TLS_CLOSED);
    assert_string_equal(tls_session_failure(bed->session)->detail, "");
}

static void test_who_leaves_later(void **state)
{
    struct bed *bed = *state;
    begin_client(bed, TLS_1_2, true);
    gnutls_handshake(bed->client);
    assert_int_equal(tls_session_shake_hands(bed->session), TLS_WAITS);
    assert_true(gnutls_alert_send(bed->client, GNUTLS_AL_FATAL, GNUTLS_A_UNKNOWN_CA) >= 0);
    assert_int_equal(tls_session_shake_hands(bed->session), TLS_FAILED);
    char expected[128];
    snprintf(expected, sizeof expected, "it ended the handshake: %s",
             gnutls_alert_get_name(GNUTLS_A_UNKNOWN_CA));
    check_failure(bed, CLIENT_TLS_HANDSHAKE, 0, expected);
}

static void test_no_common_version(void **state)
{
    struct bed *bed = *state;
    char expected[128];
    begin_client(bed, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", true);
    assert_int_equal(shake_hands(bed), TLS_FAILED);
    snprintf(expected, sizeof expected, "the handshake failed: %s",
             gnutls_strerror(GNUTLS_E_UNSUPPORTED_VERSION_PACKET));
    check_failure(bed, CLIENT_TLS_HANDSHAKE, 0, expected);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, end)
    const struct CMUnitTest tests[] = {
        TEST(test_files),
        TEST(test_credentials),
        TEST(test_open),
        TEST(test_ends),
        TEST(test_no_record),
        TEST(test_no_certificate),
        TEST(test_no_tls),
        TEST(test_first_bytes),
        TEST(test_who_leaves),
        TEST(test_who_leaves_later),
        TEST(test_no_common_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
