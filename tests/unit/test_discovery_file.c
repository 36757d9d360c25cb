/* Files of discoveries: written, read, refused when damaged, removed. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/shared/discovery_file.h"

static char folder[] = "/tmp/test-discovery-XXXXXX";
static _Alignas(16) char block[SURVEY_BLOCK_MIN];

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : 1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static const char *path_of(int id)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/discovery-%d", folder, id);
    return path;
}

static void write_one(int id)
{
    char why[DISCOVERY_WHY_SIZE];
    struct survey *survey = survey_make(block, sizeof block);
    struct discovery_status status = {.id = id,
                                      .state = DISCOVERY_RUNNING,
                                      .connected_ms = 5,
                                      .dropped = 3,
                                      .budget = 100,
                                      .memory = sizeof block,
                                      .error = "a filter is refused"};
    survey_add_message(survey, "t/1", "{\"v\":1}", 7, false, 9);
    assert_true(discovery_file_write(folder, &status, survey, why, sizeof why));
    assert_true(status.saved_ms > 0);
}

static bool is_seven(void *context, int64_t id)
{
    (void)context;
    return id == 7;
}

static void test_round_trip(void **state)
{
    (void)state;
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_file file;
    struct survey_topic topic;
    assert_int_equal(discovery_file_read(folder, 7, &file, why, sizeof why),
                     DISCOVERY_FILE_MISSING);
    discovery_file_finish(&file);
    write_one(7);
    write_one(8);
    assert_int_equal(discovery_file_read(folder, 7, &file, why, sizeof why), DISCOVERY_FILE_READ);
    assert_int_equal(file.status.id, 7);
    assert_int_equal(file.status.state, DISCOVERY_RUNNING);
    assert_int_equal(file.status.dropped, 3);
    assert_string_equal(file.status.error, "a filter is refused");
    assert_true(survey_find_topic(file.survey, "t/1", &topic));
    assert_int_equal(topic.messages, 1);
    discovery_file_finish(&file);

    discovery_file_remove_unused(folder, is_seven, NULL);
    assert_int_equal(access(path_of(7), F_OK), 0);
    assert_int_not_equal(access(path_of(8), F_OK), 0);
    discovery_file_remove(folder, 7);
    assert_int_not_equal(access(path_of(7), F_OK), 0);
}

/* Any changed byte, and any shorter file, is refused with a reason. */
static void test_damage(void **state)
{
    (void)state;
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_file file;
    struct stat st;
    write_one(9);
    assert_int_equal(stat(path_of(9), &st), 0);
    int fd = open(path_of(9), O_RDWR);
    for (off_t at = 0; at < st.st_size; at += at < 1024 ? 1 : 97) {
        char byte, other;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = (char)(byte ^ 0x40);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        assert_int_equal(discovery_file_read(folder, 9, &file, why, sizeof why),
                         DISCOVERY_FILE_FAILED);
        assert_non_null(strstr(why, "the file is"));
        discovery_file_finish(&file);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_int_equal(ftruncate(fd, st.st_size - 1), 0);
    assert_int_equal(discovery_file_read(folder, 9, &file, why, sizeof why), DISCOVERY_FILE_FAILED);
    discovery_file_finish(&file);
    assert_int_equal(ftruncate(fd, 3), 0);
    assert_int_equal(discovery_file_read(folder, 9, &file, why, sizeof why), DISCOVERY_FILE_FAILED);
    discovery_file_finish(&file);
    close(fd);
    discovery_file_remove(folder, 9);
}

static void test_other_byte_order_is_refused(void **state)
{
    (void)state;
    char why[DISCOVERY_WHY_SIZE];
    struct discovery_file file;
    uint32_t version = 0;
    write_one(9);
    int fd = open(path_of(9), O_RDWR);
    assert_int_equal(pread(fd, &version, sizeof version, 16), (ssize_t)sizeof version);
    version = __builtin_bswap32(version);
    assert_int_equal(pwrite(fd, &version, sizeof version, 16), (ssize_t)sizeof version);
    close(fd);
    assert_int_equal(discovery_file_read(folder, 9, &file, why, sizeof why), DISCOVERY_FILE_FAILED);
    assert_non_null(strstr(why, "the file is of a machine with the other byte order"));
    discovery_file_finish(&file);
    discovery_file_remove(folder, 9);
}

static void test_no_folder(void **state)
{
    (void)state;
    char why[DISCOVERY_WHY_SIZE] = "";
    struct survey *survey = survey_make(block, sizeof block);
    struct discovery_status status = {.id = 1};
    assert_false(discovery_file_write("/nowhere", &status, survey, why, sizeof why));
    assert_non_null(strstr(why, "/nowhere/discovery-1: No such file"));
    discovery_file_remove_unused("/nowhere", is_seven, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_other_byte_order_is_refused),
        cmocka_unit_test(test_no_folder),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
