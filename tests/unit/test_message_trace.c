/* The message trace: holds the newest messages, complete, also those from before a restart; the
 * oldest are dropped. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/model/fault.h"
#include "common/shared/message_trace.h"

#define FOLDER "/tmp/tagferry-explain-XXXXXX"

static void remove_ring(const char *folder)
{
    char path[64];
    snprintf(path, sizeof path, "%s/messages", folder);
    unlink(path);
    rmdir(folder);
}

static void test_ring(void **state)
{
    (void)state;
    char folder[] = FOLDER, why[SHM_WHY_SIZE], payload[TRACE_PAYLOAD_SIZE];
    struct message_trace writer, reader;
    struct message_trace_entry entry;
    assert_non_null(mkdtemp(folder));
    assert_false(message_trace_open_reader(&reader, folder, why, sizeof why));
    assert_true(message_trace_open_writer(&writer, folder, why, sizeof why));
    assert_true(message_trace_open_reader(&reader, folder, why, sizeof why));
    assert_int_equal(message_trace_newest_sequence(&reader), 0);
    assert_false(message_trace_read_entry(&reader, 0, &entry, payload));
    for (uint64_t n = 1; n <= TRACE_ENTRIES + 10; n++) {
        struct message_trace_entry put = {.wall_ms = n, .device = 5, .written = 3};
        snprintf(put.topic, sizeof put.topic, "t/%d", (int)n);
        message_trace_add_entry(&writer, &put, NULL);
        assert_int_equal(put.sequence, n);
        assert_int_equal(message_trace_newest_sequence(&reader), n);
    }
    assert_false(message_trace_read_entry(&reader, 10, &entry, payload));
    assert_false(message_trace_read_entry(&reader, TRACE_ENTRIES + 11, &entry, payload));
    for (uint64_t n = 11; n <= TRACE_ENTRIES + 10; n++) {
        assert_true(message_trace_read_entry(&reader, n, &entry, payload));
        assert_int_equal(entry.sequence, n);
        assert_int_equal(entry.wall_ms, n);
        assert_int_equal(entry.written, 3);
    }
    assert_string_equal(entry.topic, "t/1034");
    assert_false(message_trace_was_replaced(&reader, folder));
    message_trace_close(&writer);
    assert_true(message_trace_open_writer(&writer, folder, why, sizeof why));
    assert_false(message_trace_was_replaced(&reader, folder));
    message_trace_add_entry(&writer, &(struct message_trace_entry){.wall_ms = 7777}, NULL);
    assert_int_equal(message_trace_newest_sequence(&reader), TRACE_ENTRIES + 11);
    assert_true(message_trace_read_entry(&reader, TRACE_ENTRIES + 11, &entry, payload));
    assert_int_equal(entry.wall_ms, 7777);
    assert_true(message_trace_read_entry(&reader, TRACE_ENTRIES + 10, &entry, payload));
    assert_int_equal(entry.wall_ms, TRACE_ENTRIES + 10);
    message_trace_close(&reader);
    message_trace_close(&writer);
    remove_ring(folder);
}

/* Payloads of all lengths, the longer ones cut. No byte of an older message is shown. */
static void test_payloads(void **state)
{
    enum { SHORT_MAX = 20, STEP = 97, LEN_MAX = 3000 };
    static char sent[LEN_MAX];
    char folder[] = FOLDER, why[SHM_WHY_SIZE], payload[TRACE_PAYLOAD_SIZE];
    struct message_trace writer, reader;
    struct message_trace_entry entry;
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_true(message_trace_open_writer(&writer, folder, why, sizeof why));
    assert_true(message_trace_open_reader(&reader, folder, why, sizeof why));
    for (uint64_t n = 1; n <= TRACE_ENTRIES; n++) { /* fills each slot to its end */
        struct message_trace_entry full = {.len = sizeof sent};
        memset(full.topic, 'o', sizeof full.topic - 1);
        memset(full.keys, 'o', sizeof full.keys - 1);
        memset(sent, 'o', sizeof sent);
        message_trace_add_entry(&writer, &full, sent);
        assert_int_equal(full.kept, TRACE_PAYLOAD_SIZE - 1);
    }
    for (size_t len = 0; len <= LEN_MAX; len += len < SHORT_MAX ? 1 : STEP) {
        for (size_t more = 0; more < 3; more++) {
            size_t all = len + more < LEN_MAX ? len + more : LEN_MAX;
            size_t kept = all < TRACE_PAYLOAD_SIZE ? all : TRACE_PAYLOAD_SIZE - 1;
            struct message_trace_entry put = {.len = (uint32_t)all, .topic = "t", .keys = "a, b"};
            for (size_t i = 0; i < all; i++)
                sent[i] = (char)(i * 7 + all);
            message_trace_add_entry(&writer, &put, sent);
            memset(payload, 'x', sizeof payload);
            assert_true(message_trace_read_entry(&reader, put.sequence, &entry, payload));
            assert_int_equal(entry.len, all);
            assert_int_equal(entry.kept, kept);
            assert_memory_equal(payload, sent, kept);
            assert_int_equal(payload[kept], 0);
            assert_string_equal(entry.topic, "t");
            assert_string_equal(entry.keys, "a, b");
        }
    }
    message_trace_close(&reader);
    message_trace_close(&writer);
    remove_ring(folder);
}

/* Puts bytes at an offset of the file, as a process that is out of order would. */
static void change_file(const char *folder, off_t at, const void *bytes, size_t len)
{
    char path[64];
    snprintf(path, sizeof path, "%s/messages", folder);
    int fd = open(path, O_RDWR | O_CREAT, 0640);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, bytes, len, at), len);
    close(fd);
}

/* An entry with lengths and names that no writer stores. */
static void test_damaged_entry(void **state)
{
    /* The entry after the sequence number of slot 1. */
    enum { FACTS = 64 + 1376 + 8, LEN = FACTS + 24, VERDICT = FACTS + 40, KEPT = FACTS + 44 };
    static const uint16_t kept[] = {0, 5, 6, 1023, 1024, 60000, UINT16_MAX};
    char folder[] = FOLDER, why[SHM_WHY_SIZE], payload[TRACE_PAYLOAD_SIZE];
    struct message_trace writer, reader;
    struct message_trace_entry entry, put = {.len = 5, .topic = "t"};
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_true(message_trace_open_writer(&writer, folder, why, sizeof why));
    message_trace_add_entry(&writer, &put, "12345");
    assert_true(message_trace_open_reader(&reader, folder, why, sizeof why));
    const unsigned char odd[] = {0xff, 0xff, 0xff}; /* verdict, fault, retained */
    change_file(folder, VERDICT, odd, sizeof odd);
    for (size_t i = 0; i < 2 * COUNT(kept); i++) {
        uint32_t len = i % 2 ? 5 : UINT32_MAX;
        change_file(folder, LEN, &len, sizeof len);
        change_file(folder, KEPT, &kept[i / 2], sizeof kept[0]);
        assert_true(message_trace_read_entry(&reader, 1, &entry, payload));
        assert_in_range(entry.kept, 0, len < TRACE_PAYLOAD_SIZE ? len : TRACE_PAYLOAD_SIZE - 1);
        assert_int_equal(payload[entry.kept], 0);
        assert_true(entry.verdict < TRACE_COUNT && entry.fault < FAULT_COUNT && entry.retained);
    }
    message_trace_close(&reader);
    message_trace_close(&writer);
    remove_ring(folder);
}

/* The file of a version that kept 159 bytes of each payload: a reader refuses it, the writer sets
 * it aside. */
static void test_file_of_an_older_version(void **state)
{
    enum { OLD_SIZE = 64 + TRACE_ENTRIES * 512 };
    char folder[] = FOLDER, path[64], why[SHM_WHY_SIZE], payload[TRACE_PAYLOAD_SIZE];
    struct message_trace writer, reader;
    struct message_trace_entry entry;
    struct shm_header header = {.layout = 1, .size = OLD_SIZE, .identity = 7};
    (void)state;
    assert_non_null(mkdtemp(folder));
    memcpy(header.magic, "TFexplan", sizeof header.magic);
    change_file(folder, OLD_SIZE - 1, "", 1);
    change_file(folder, 0, &header, sizeof header);
    change_file(folder, sizeof header, &(uint64_t){1}, sizeof(uint64_t)); /* one entry */
    assert_false(message_trace_open_reader(&reader, folder, why, sizeof why));
    assert_non_null(strstr(why, "another layout"));
    assert_true(message_trace_open_writer(&writer, folder, why, sizeof why));
    assert_true(message_trace_open_reader(&reader, folder, why, sizeof why));
    assert_int_equal(message_trace_newest_sequence(&reader), 0);
    message_trace_add_entry(&writer, &(struct message_trace_entry){.len = 2}, "ab");
    assert_true(message_trace_read_entry(&reader, 1, &entry, payload));
    assert_string_equal(payload, "ab");
    snprintf(path, sizeof path, "%s/messages.old", folder);
    assert_int_equal(access(path, F_OK), 0);
    unlink(path);
    message_trace_close(&reader);
    message_trace_close(&writer);
    remove_ring(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring),
        cmocka_unit_test(test_payloads),
        cmocka_unit_test(test_damaged_entry),
        cmocka_unit_test(test_file_of_an_older_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
