/* The ring of messages: the newest are there, whole, those before a restart too, and the oldest are
 * gone. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/shared/message_trace.h"

static void test_ring(void **state)
{
    (void)state;
    char folder[] = "/tmp/tagferry-explain-XXXXXX", path[64], why[SHM_WHY_SIZE];
    struct explain writer, reader;
    struct explain_entry entry;
    assert_non_null(mkdtemp(folder));
    assert_false(explain_open_reader(&reader, folder, why, sizeof why));
    assert_true(explain_open_writer(&writer, folder, why, sizeof why));
    assert_true(explain_open_reader(&reader, folder, why, sizeof why));
    assert_int_equal(explain_newest(&reader), 0);
    assert_false(explain_read(&reader, 0, &entry));
    for (uint64_t n = 1; n <= EXPLAIN_ENTRIES + 10; n++) {
        struct explain_entry put = {.wall_ms = n, .device = 5, .written = 3};
        snprintf(put.topic, sizeof put.topic, "t/%d", (int)n);
        explain_add(&writer, &put);
        assert_int_equal(put.sequence, n);
        assert_int_equal(explain_newest(&reader), n);
    }
    assert_false(explain_read(&reader, 10, &entry));
    assert_false(explain_read(&reader, EXPLAIN_ENTRIES + 11, &entry));
    for (uint64_t n = 11; n <= EXPLAIN_ENTRIES + 10; n++) {
        assert_true(explain_read(&reader, n, &entry));
        assert_int_equal(entry.sequence, n);
        assert_int_equal(entry.wall_ms, n);
        assert_int_equal(entry.written, 3);
    }
    assert_string_equal(entry.topic, "t/1034");
    assert_false(explain_was_replaced(&reader, folder));
    explain_close(&writer);
    assert_true(explain_open_writer(&writer, folder, why, sizeof why));
    assert_false(explain_was_replaced(&reader, folder));
    explain_add(&writer, &(struct explain_entry){.wall_ms = 7777});
    assert_int_equal(explain_newest(&reader), EXPLAIN_ENTRIES + 11);
    assert_true(explain_read(&reader, EXPLAIN_ENTRIES + 11, &entry));
    assert_int_equal(entry.wall_ms, 7777);
    assert_true(explain_read(&reader, EXPLAIN_ENTRIES + 10, &entry));
    assert_int_equal(entry.wall_ms, EXPLAIN_ENTRIES + 10);
    explain_close(&reader);
    explain_close(&writer);
    snprintf(path, sizeof path, "%s/messages", folder);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
