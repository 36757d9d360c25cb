/* Whatever the files that processes share have become, each writer opens them and goes on or begins
 * again, and each reader reads them or refuses.
 *
 * The first byte names the file. Then come pieces of 12 bytes: where a word is, and what it is
 * changed by; a piece whose place is above all files gives the file another length. */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/shared/counters.h"
#include "common/shared/journal.h"
#include "common/shared/live_table.h"
#include "common/shared/message_trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECE = 12, ROWS = 4, OWNER_OF_ROW_0 = 1 };

static const char *const names[] = {"live", "live-strings", "messages", "journal",
                                    "mqttd.counters"};
enum { FILES = sizeof names / sizeof names[0] };

static char folder[PATH_MAX], why[SHM_WHY_SIZE];

static void path_of(const char *name, char path[PATH_MAX])
{
    if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        abort();
}

static void must(bool ok)
{
    if (!ok) {
        fprintf(stderr, "%s\n", why);
        abort();
    }
}

/* Both texts end within their arrays. */
static void check_text(const char *text, size_t size)
{
    must(memchr(text, 0, size) != NULL);
}

static void use_live(void)
{
    static struct live_table live;
    struct live_table_row row;
    struct live_table_pending_value pending;
    uint16_t text[STRING_REGISTERS_MAX] = {1};
    must(live_table_open_writer(&live, folder, why, sizeof why));
    for (uint32_t slot = 0; slot < ROWS; slot++) {
        struct live_table_value value = {.raw = slot};
        uint64_t owner = live_table_make_owner(LIVE_TAG, slot + OWNER_OF_ROW_0);
        if (live_table_read_row(&live, slot, 0, &row)) {
            check_text(row.excerpt, sizeof row.excerpt);
            must(row.outcome < LIVE_OUTCOME_COUNT && row.fault < FAULT_COUNT);
        }
        if (live_table_read_pending_value(&live, slot, &pending))
            must(live_table_location_point(pending.value.place).length <= STRING_REGISTERS_MAX);
        must(live_table_claim_row(&live, slot, owner, slot % 2));
        uint64_t changed = live_table_put_value(&live, slot, &value, slot % 2 ? text : NULL, 1);
        live_table_mark_written(&live, slot, changed, 1);
        must(live_table_read_row(&live, slot, owner, &row) && row.value.raw == slot);
        must(row.written == row.changed);
    }
    live_table_close(&live);
}

static void use_messages(void)
{
    static struct message_trace explain;
    struct message_trace_entry entry = {.topic = "t"};
    must(message_trace_open_writer(&explain, folder, why, sizeof why));
    message_trace_add_entry(&explain, &entry);
    uint64_t newest = message_trace_newest_sequence(&explain);
    for (uint64_t back = 0; back < 8 && back < newest; back++) {
        if (!message_trace_read_entry(&explain, newest - back, &entry))
            continue;
        must(entry.verdict < TRACE_COUNT && entry.fault < FAULT_COUNT);
        check_text(entry.topic, sizeof entry.topic);
        check_text(entry.payload, sizeof entry.payload);
        check_text(entry.keys, sizeof entry.keys);
    }
    message_trace_close(&explain);
}

static void use_journal(void)
{
    static struct journal writer, reader;
    struct journal_entry entry = {.unit = 1, .table = JOURNAL_HOLDING_REGISTER, .count = 1};
    char path[PATH_MAX];
    path_of("journal", path);
    must(journal_open_writer(&writer, path, why, sizeof why));
    must(journal_open_reader(&reader, path, why, sizeof why));
    uint64_t position = journal_next_sequence(&reader) > 8 ? journal_next_sequence(&reader) - 8 : 1;
    journal_append_entry(&writer, &entry);
    for (int i = 0; i < 16; i++) {
        if (journal_read_entry(&reader, &position, &entry) != JOURNAL_ENTRY)
            continue;
        must(entry.count >= 1 && entry.unit >= 1);
        position++;
    }
    journal_close(&reader);
    journal_close(&writer);
}

static void use_counters(void)
{
    static struct counters counters;
    must(counters_open_writer(&counters, &mqttd_counters, folder, why, sizeof why));
    counters_observe(&counters, MQTTD_WRITE_DELAY, 3, 1);
    must(counters_get(&counters, MQTTD_CONNECTS) == 0);
    counters_close(&counters);
}

static void read_all(void)
{
    static struct live_table live;
    static struct message_trace explain;
    static struct counters counters;
    struct live_table_row row;
    struct message_trace_entry entry;
    if (live_table_open_reader(&live, folder, why, sizeof why)) {
        for (uint32_t slot = 0; slot < ROWS; slot++)
            live_table_read_row(&live, slot, 0, &row);
        live_table_read_broker(&live);
        live_table_close(&live);
    }
    if (message_trace_open_reader(&explain, folder, why, sizeof why)) {
        message_trace_read_entry(&explain, message_trace_newest_sequence(&explain), &entry);
        message_trace_close(&explain);
    }
    if (counters_open_reader(&counters, &mqttd_counters, folder, why, sizeof why))
        counters_close(&counters);
}

static void remove_folder(void)
{
    static const char *const ends[] = {"", ".damaged", ".old", ".new"};
    char path[PATH_MAX], name[64];
    for (size_t i = 0; i < FILES * sizeof ends / sizeof ends[0]; i++) {
        snprintf(name, sizeof name, "%s%s", names[i % FILES], ends[i / FILES]);
        path_of(name, path);
        unlink(path);
    }
    rmdir(folder);
}

static void make_folder(void)
{
    struct stat st;
    const char *where = stat("/dev/shm", &st) == 0 ? "/dev/shm" : "/tmp";
    snprintf(folder, sizeof folder, "%s/tagferry-fuzz-XXXXXX", where);
    if (!mkdtemp(folder))
        abort();
    atexit(remove_folder);
    log_open(LOG_LEVEL_ERROR);
    use_live();
    use_messages();
    use_journal();
    use_counters();
}

static void change(int fd, const uint8_t *piece)
{
    uint32_t at;
    uint64_t by, word = 0;
    memcpy(&at, piece, sizeof at);
    memcpy(&by, piece + sizeof at, sizeof by);
    if (at >> 31) {
        must(ftruncate(fd, (off_t)(by >> 22)) == 0);
    } else if (pread(fd, &word, sizeof word, (off_t)(at & ~7U) % (1 << 16)) ==
               (ssize_t)sizeof word) {
        word ^= by;
        must(pwrite(fd, &word, sizeof word, (off_t)(at & ~7U) % (1 << 16)) == (ssize_t)sizeof word);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const use[FILES])(void) = {use_live, use_live, use_messages, use_journal,
                                             use_counters};
    char path[PATH_MAX];
    if (!folder[0])
        make_folder();
    if (size < 1)
        return 0;
    size_t file = data[0] % FILES;
    path_of(names[file], path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    must(fd >= 0);
    for (size_t at = 1; at + PIECE <= size; at += PIECE)
        change(fd, data + at);
    close(fd);
    read_all();
    use[file]();
    read_all();
    return 0;
}
