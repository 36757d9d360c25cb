/* The message trace: holds the newest messages, complete, also those from before a restart; the
 * oldest are dropped. */
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
    struct message_trace writer, reader;
    struct message_trace_entry entry;
    assert_non_null(mkdtemp(folder));
    assert_false(message_trace_open_reader(&reader, folder, why, sizeof why));
    assert_true(message_trace_open_writer(&writer, folder, why, sizeof why));
    assert_true(message_trace_open_reader(&reader, folder, why, sizeof why));
    assert_int_equal(message_trace_newest_sequence(&reader), 0);
    assert_false(message_trace_read_entry(&reader, 0, &entry));
    for (uint64_t n = 1; n <= TRACE_ENTRIES + 10; n++) {
        struct message_trace_entry put = {.wall_ms = n, .device = 5, .written = 3};
        snprintf(put.topic, sizeof put.topic, "t/%d", (int)n);
        message_trace_add_entry(&writer, &put);
        assert_int_equal(put.sequence, n);
        assert_int_equal(message_trace_newest_sequence(&reader), n);
    }
    assert_false(message_trace_read_entry(&reader, 10, &entry));
    assert_false(message_trace_read_entry(&reader, TRACE_ENTRIES + 11, &entry));
    for (uint64_t n = 11; n <= TRACE_ENTRIES + 10; n++) {
        assert_true(message_trace_read_entry(&reader, n, &entry));
        assert_int_equal(entry.sequence, n);
        assert_int_equal(entry.wall_ms, n);
        assert_int_equal(entry.written, 3);
    }
    assert_string_equal(entry.topic, "t/1034");
    assert_false(message_trace_was_replaced(&reader, folder));
    message_trace_close(&writer);
    assert_true(message_trace_open_writer(&writer, folder, why, sizeof why));
    assert_false(message_trace_was_replaced(&reader, folder));
    message_trace_add_entry(&writer, &(struct message_trace_entry){.wall_ms = 7777});
    assert_int_equal(message_trace_newest_sequence(&reader), TRACE_ENTRIES + 11);
    assert_true(message_trace_read_entry(&reader, TRACE_ENTRIES + 11, &entry));
    assert_int_equal(entry.wall_ms, 7777);
    assert_true(message_trace_read_entry(&reader, TRACE_ENTRIES + 10, &entry));
    assert_int_equal(entry.wall_ms, TRACE_ENTRIES + 10);
    message_trace_close(&reader);
    message_trace_close(&writer);
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
