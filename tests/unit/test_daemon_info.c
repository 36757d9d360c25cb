/* What a daemon says of itself: readers see it while it runs; damage and hostile files are refused.
 */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/shared/daemon_info.h"

enum {
    VERSION_AT = sizeof(struct shm_header),
    COUNT_AT = VERSION_AT + 13 * 8,
    PORT_AT = COUNT_AT + 24
};

struct infos {
    char folder[40], path[64], why[SHM_WHY_SIZE];
    struct daemon_info writer;
};

static int infos_open(void **state)
{
    struct infos *infos = calloc(1, sizeof *infos);
    *state = infos;
    log_open(LOG_LEVEL_ERROR);
    strcpy(infos->folder, "/tmp/tagferry-infos-XXXXXX");
    assert_non_null(mkdtemp(infos->folder));
    snprintf(infos->path, sizeof infos->path, "%s/modbusd.info", infos->folder);
    assert_true(daemon_info_open_writer(&infos->writer, "modbusd", infos->folder, infos->why,
                                        sizeof infos->why));
    return 0;
}

static int infos_close(void **state)
{
    static const char *const ends[] = {"", ".damaged", ".old"};
    struct infos *infos = *state;
    char path[80];
    daemon_info_close(&infos->writer);
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        snprintf(path, sizeof path, "%s%s", infos->path, ends[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(infos->folder), 0);
    free(infos);
    return 0;
}

static void overwrite(const struct infos *infos, off_t at, const void *bytes, size_t len)
{
    int fd = open(infos->path, O_WRONLY);
    assert_true(fd >= 0 && pwrite(fd, bytes, len, at) == (ssize_t)len);
    close(fd);
}

static void test_readers_see_the_facts(void **state)
{
    struct infos *infos = *state;
    struct daemon_facts facts;
    const struct daemon_address address = {.address = {[10] = 0xFF, 0xFF, 10, 0, 0, 7},
                                           .port = 502};
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
    assert_string_equal(facts.version, TAGFERRY_VERSION);
    assert_true(facts.started_ms > 0 && facts.resident_bytes > 4096);
    assert_int_equal(facts.disk.size, 0);
    assert_int_equal(facts.address_count, 0);

    int fd = open(infos->folder, O_RDONLY | O_DIRECTORY);
    for (int i = 0; i < DAEMON_ADDRESSES_MAX + 3; i++)
        daemon_info_add_address(&infos->writer, &address);
    daemon_info_refresh(&infos->writer, fd);
    close(fd);
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
    assert_true(facts.disk.size > 0 && facts.disk.available <= facts.disk.size);
    assert_int_equal(facts.address_count, DAEMON_ADDRESSES_MAX);
    for (size_t i = 0; i < facts.address_count; i++) {
        assert_memory_equal(facts.addresses[i].address, address.address, DAEMON_ADDRESS_SIZE);
        assert_int_equal(facts.addresses[i].port, 502);
    }
}

static void test_the_process_timeout(void **state)
{
    static const uint64_t timeouts[] = {1000, 3600000, DAEMON_NO_TIMEOUT};
    struct infos *infos = *state;
    struct daemon_facts facts;
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
    assert_int_equal(facts.process_timeout_ms, 0);
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        daemon_info_set_process_timeout(&infos->writer, timeouts[i]);
        assert_true(daemon_info_read("modbusd", infos->folder, &facts));
        assert_int_equal(facts.process_timeout_ms, timeouts[i]);
    }
    daemon_info_refresh(&infos->writer, -1);
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
    assert_int_equal(facts.process_timeout_ms, DAEMON_NO_TIMEOUT);
}

static void test_a_daemon_that_does_not_run(void **state)
{
    struct infos *infos = *state;
    struct daemon_facts facts;
    assert_false(daemon_info_read("mqttd", infos->folder, &facts));
    daemon_info_close(&infos->writer);
    assert_false(daemon_info_read("modbusd", infos->folder, &facts));
    assert_int_equal(facts.started_ms, 0);
    assert_string_equal(facts.version, "");
    daemon_info_refresh(&infos->writer, -1);
    daemon_info_refresh(NULL, -1);
    daemon_info_close(NULL);
}

static void test_hostile_files(void **state)
{
    static const char *const versions[] = {"", "1\"} 1\nfake_metric 1", "1.0\\", "1 0", "\xFF"};
    struct infos *infos = *state;
    struct daemon_facts facts;
    char version[DAEMON_VERSION_SIZE];
    uint64_t number = UINT64_MAX;
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        memset(version, 0, sizeof version);
        memcpy(version, versions[i], strlen(versions[i]));
        overwrite(infos, VERSION_AT, version, sizeof version);
        assert_false(daemon_info_read("modbusd", infos->folder, &facts));
        assert_string_equal(facts.version, "");
    }
    memset(version, 'a', sizeof version); /* without its NUL */
    overwrite(infos, VERSION_AT, version, sizeof version);
    assert_false(daemon_info_read("modbusd", infos->folder, &facts));

    daemon_info_refresh(&infos->writer, -1);
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
    overwrite(infos, COUNT_AT, &number, sizeof number);
    assert_false(daemon_info_read("modbusd", infos->folder, &facts));
    number = 1;
    overwrite(infos, COUNT_AT, &number, sizeof number); /* an address with port 0 */
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
    assert_int_equal(facts.address_count, 0);
    number = 0x10000 + 502;
    overwrite(infos, PORT_AT, &number, sizeof number);
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
    assert_int_equal(facts.addresses[0].port, 502);
}

static void test_a_damaged_file_is_repaired(void **state)
{
    struct infos *infos = *state;
    struct daemon_facts facts;
    assert_int_equal(truncate(infos->path, 40), 0);
    assert_false(daemon_info_read("modbusd", infos->folder, &facts));
    daemon_info_refresh(&infos->writer, -1);
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
    assert_string_equal(facts.version, TAGFERRY_VERSION);
    assert_int_equal(unlink(infos->path), 0);
    daemon_info_refresh(&infos->writer, -1);
    assert_true(daemon_info_read("modbusd", infos->folder, &facts));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_readers_see_the_facts, infos_open, infos_close),
        cmocka_unit_test_setup_teardown(test_the_process_timeout, infos_open, infos_close),
        cmocka_unit_test_setup_teardown(test_a_daemon_that_does_not_run, infos_open, infos_close),
        cmocka_unit_test_setup_teardown(test_hostile_files, infos_open, infos_close),
        cmocka_unit_test_setup_teardown(test_a_damaged_file_is_repaired, infos_open, infos_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
