/* Notifications to the service manager, and the files that SIGHUP rereads. */
#include "check.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/base/daemon.h"

/* A service manager that listens at `name`; '@' starts an abstract name. */
static int listen_at(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t len = strlen(name);
    memcpy(at.sun_path, name, len);
    if (name[0] == '@')
        at.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, size), 0);
    assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
    return fd;
}

static void expect(int fd, const char *text)
{
    char got[512];
    ssize_t len = recv(fd, got, sizeof got - 1, 0);
    got[len > 0 ? len : 0] = '\0';
    assert_string_equal(got, text);
}

static void check_at(const char *name)
{
    int fd = listen_at(name);
    char long_words[400], cut[300];
    int lowest = dup(fd); /* no notice keeps a descriptor */
    assert_int_equal(close(lowest), 0);
    daemon_notify_ready("%d of %s", 3, "four");
    expect(fd, "READY=1\nSTATUS=3 of four");
    daemon_notify_status("busy");
    expect(fd, "STATUS=busy");
    daemon_feed_watchdog();
    expect(fd, "WATCHDOG=1");
    daemon_notify_stopping();
    expect(fd, "STOPPING=1");
    memset(long_words, 'x', sizeof long_words);
    long_words[sizeof long_words - 1] = '\0';
    daemon_notify_status("%s", long_words);
    snprintf(cut, sizeof cut, "STATUS=%.255s", long_words);
    expect(fd, cut);
    expect(fd, "");
    assert_int_equal(dup(fd), lowest);
    close(lowest);
    close(fd);
}

static void test_a_path(void **state)
{
    char folder[] = "/tmp/tagferry-daemon-XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/notify", folder);
    check_at(path);
    daemon_feed_watchdog(); /* no one listens any more */
    unlink(path);
    rmdir(folder);
}

/* A notice of being ready that nobody took is repeated until somebody takes it, and no longer. */
static void test_owed(void **state)
{
    char name[64];
    (void)state;
    snprintf(name, sizeof name, "@tagferry-owed-%d", (int)getpid());
    setenv("NOTIFY_SOCKET", name, 1);
    daemon_notify_ready("to nobody");
    daemon_feed_watchdog();
    int fd = listen_at(name);
    daemon_feed_watchdog();
    expect(fd, "READY=1");
    expect(fd, "WATCHDOG=1");
    daemon_feed_watchdog();
    expect(fd, "WATCHDOG=1");
    expect(fd, "");
    close(fd);
}

static void test_an_abstract_name(void **state)
{
    char name[64];
    (void)state;
    snprintf(name, sizeof name, "@tagferry-daemon-%d", (int)getpid());
    check_at(name);
}

static void test_no_manager(void **state)
{
    char name[300];
    (void)state;
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    setenv("NOTIFY_SOCKET", name, 1);
    daemon_notify_ready("longer than any address");
    setenv("NOTIFY_SOCKET", "", 1);
    daemon_notify_ready("empty");
    unsetenv("NOTIFY_SOCKET");
    daemon_notify_ready("unset");
}

/* The linker replaces fopen with this function: the text of the default file, NULL for none. */
static const char *file_text;

FILE *__wrap_fopen(const char *path, const char *mode);
FILE *__real_fopen(const char *path, const char *mode);

FILE *__wrap_fopen(const char *path, const char *mode)
{
    if (strcmp(path, "/etc/tagferry/tagferry.conf") != 0)
        return __real_fopen(path, mode);
    if (file_text)
        return fmemopen((char *)(uintptr_t)file_text, strlen(file_text), "r");
    errno = ENOENT;
    return NULL;
}

/* Starts with one file, or none, and reloads another. */
static bool reads_anew(const char *first, const char *second)
{
    static const struct daemon_spec spec = {
        .name = "test", .tables = &common_options, .table_count = 1};
    char *argv[] = {(char[]){"test"}, NULL};
    struct common_settings settings = {0}, newer = {0};
    struct conf conf = {0}, newer_conf = {0};
    int operand;
    file_text = first;
    assert_int_equal(daemon_configure(&spec, 1, argv, &conf, &settings, &operand), DAEMON_RUN);
    file_text = second;
    bool read = daemon_reconfigure(&spec, 1, argv, &conf, &newer_conf, &newer);
    conf_finish(&newer_conf);
    conf_finish(&conf);
    return read;
}

/* A reload must not drop rules because the file is missing for a moment. */
static void test_the_file_is_gone(void **state)
{
    static const char text[] = "[common]\nlog_level = error\n";
    (void)state;
    assert_true(reads_anew(text, text));
    assert_true(reads_anew(NULL, NULL));
    assert_true(reads_anew(NULL, text));
    assert_false(reads_anew(text, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_path),           cmocka_unit_test(test_owed),
        cmocka_unit_test(test_an_abstract_name), cmocka_unit_test(test_no_manager),
        cmocka_unit_test(test_the_file_is_gone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
