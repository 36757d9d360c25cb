/* The checks of settings at startup and at a reload, and what they say. */
#include "api/settings_reload.h"
#include "child.h"

#include <string.h>

static struct api_settings settings, newer;
static bool is_accepted;

static void check_serving(void)
{
    is_accepted = settings_check_serving(&settings);
    exit(is_accepted ? 0 : 3);
}

static void listen_on(size_t count, const char *first, const char *second)
{
    settings = (struct api_settings){
        .token_file = "/nowhere/tokens", .tls_certificate = "", .tls_key = "", .follow = ""};
    settings.listen.count = count;
    snprintf(settings.listen.item[0].host, sizeof settings.listen.item[0].host, "%s", first);
    snprintf(settings.listen.item[1].host, sizeof settings.listen.item[1].host, "%s", second);
}

/* Checks the settings in a child; NULL: they are accepted, and nothing is said. */
static void check_said(const char *expected)
{
    char said[2048];
    int status = run_child(check_serving, said, sizeof said);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), expected ? 3 : 0);
    if (expected && !strstr(said, expected))
        fail_msg("\"%s\" does not say \"%s\"", said, expected);
    if (!expected)
        assert_string_equal(said, "");
}

static void test_addresses_need_tokens(void **state)
{
    (void)state;
    listen_on(1, "127.0.0.1", "");
    check_said(NULL);
    listen_on(2, "127.9.8.7", "::1");
    check_said(NULL);
    listen_on(0, "0.0.0.0", "");
    check_said(NULL);
    listen_on(1, "127.0.0.1", "0.0.0.0"); /* the second does not count */
    check_said(NULL);
    listen_on(2, "127.0.0.1", "10.1.2.3");
    check_said("[api] listen: 10.1.2.3 is not a loopback address, and there are no tokens in "
               "/nowhere/tokens; create one with \"tagferry-api token add NAME --scope write\", or "
               "listen on 127.0.0.1\n");
    listen_on(2, "::", "127.0.0.1");
    check_said("[api] listen: :: is not a loopback address");
    listen_on(1, "0.0.0.0", "");
    settings.token_file = "/proc/self"; /* a folder */
    check_said(
        "[api] listen: 0.0.0.0 is not a loopback address, and the tokens in /proc/self cannot "
        "be read\n");
}

static void test_files_of_a_certificate(void **state)
{
    static const struct {
        const char *certificate, *key, *why;
    } rows[] = {
        {"", "", NULL},
        {"/nowhere/c.pem", "", "[api] tls_certificate and tls_key must be set together"},
        {"", "/nowhere/k.pem", "[api] tls_certificate and tls_key must be set together"},
        {"/nowhere/c.pem", "/nowhere/k.pem", "[api] /nowhere/c.pem: "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char why[DAEMON_WHY_SIZE] = "";
        listen_on(1, "127.0.0.1", "");
        settings.tls_certificate = rows[i].certificate;
        settings.tls_key = rows[i].key;
        assert_int_equal(settings_check_files(&settings, why), rows[i].why == NULL);
        check_row(strstr(why, rows[i].why ? rows[i].why : ""), why);
        check_row(rows[i].why || why[0] == '\0', why);
        check_said(rows[i].why);
    }
}

static void test_address_of_a_leader(void **state)
{
    (void)state;
    listen_on(1, "127.0.0.1", "");
    settings.follow = "leader";
    check_said("[api] follow: ");
    settings.follow = "https://10.0.0.1:5000";
    check_said(NULL);
}

static void reload(void)
{
    is_accepted = settings_reload_ops.check(NULL, &settings, &newer);
    exit(is_accepted ? strcmp(newer.tls_certificate, settings.tls_certificate) != 0 : 3);
}

/* HTTPS stays on or off until a restart. */
static void test_reload_keeps_the_mode(void **state)
{
    static const char said_keep[] =
        "[api] tls_certificate turns HTTPS on or off, which takes a restart\n";
    char said[2048];
    (void)state;
    listen_on(1, "127.0.0.1", "");
    newer = settings;
    int status = run_child(reload, said, sizeof said);
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_string_equal(said, "");
    newer.tls_certificate = "/nowhere/c.pem";
    newer.tls_key = "/nowhere/k.pem";
    status = run_child(reload, said, sizeof said);
    assert_int_equal(WEXITSTATUS(status), 0); /* as before: off */
    assert_non_null(strstr(said, said_keep));
    assert_null(strstr(said, "/nowhere"));

    settings.tls_certificate = "/nowhere/old.pem";
    settings.tls_key = "/nowhere/old.key";
    status = run_child(reload, said, sizeof said);
    assert_int_equal(WEXITSTATUS(status), 3); /* on, with files that do not load */
    assert_null(strstr(said, said_keep));
    assert_non_null(strstr(said, "[api] /nowhere/c.pem: "));
    newer.tls_certificate = newer.tls_key = "";
    status = run_child(reload, said, sizeof said);
    assert_int_equal(WEXITSTATUS(status), 3);
    assert_non_null(strstr(said, said_keep));
    assert_non_null(strstr(said, "[api] /nowhere/old.pem: "));
}

static void test_published_settings(void **state)
{
    struct settings_reload published = {0};
    (void)state;
    assert_true(settings_reload_ops.keeps_older);
    settings_reload_ops.apply(&published, &newer);
    assert_ptr_equal(published.now, &newer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_need_tokens), cmocka_unit_test(test_files_of_a_certificate),
        cmocka_unit_test(test_address_of_a_leader),   cmocka_unit_test(test_reload_keeps_the_mode),
        cmocka_unit_test(test_published_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
