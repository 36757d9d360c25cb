/* What the service manager is told, by its own protocol. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/daemon.h"

/* A manager that listens at `name`, where '@' begins an abstract one. */
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
    daemon_ready("%d of %s", 3, "four");
    expect(fd, "READY=1\nSTATUS=3 of four");
    daemon_status("busy");
    expect(fd, "STATUS=busy");
    daemon_alive();
    expect(fd, "WATCHDOG=1");
    daemon_stopping();
    expect(fd, "STOPPING=1");
    memset(long_words, 'x', sizeof long_words);
    long_words[sizeof long_words - 1] = '\0';
    daemon_status("%s", long_words);
    snprintf(cut, sizeof cut, "STATUS=%.255s", long_words);
    expect(fd, cut);
    expect(fd, "");
    close(fd);
}

static void test_a_path(void **state)
{
    char folder[] = "/tmp/tagferry-daemon-XXXXXX", path[64];
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/notify", folder);
    check_at(path);
    daemon_alive(); /* nobody listens any more */
    unlink(path);
    rmdir(folder);
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
    daemon_ready("longer than any address");
    setenv("NOTIFY_SOCKET", "", 1);
    daemon_ready("empty");
    unsetenv("NOTIFY_SOCKET");
    daemon_ready("unset");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_path),
        cmocka_unit_test(test_an_abstract_name),
        cmocka_unit_test(test_no_manager),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
