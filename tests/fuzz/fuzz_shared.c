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
#include "common/shared/client_table.h"
#include "common/shared/counters.h"
#include "common/shared/daemon_info.h"
#include "common/shared/journal.h"
#include "common/shared/live_table.h"
#include "common/shared/message_trace.h"
#include "common/shared/register_owners.h"
#include "common/shared/write_times.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PIECE = 12, ROWS = 4, OWNER_OF_ROW_0 = 1 };

static const char *const names[] = {"live",         "live-strings",   "messages",
                                    "journal",      "mqttd.counters", "clients",
                                    "modbusd.info", "write-times",    "register-owners"};
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
    struct message_trace_entry entry = {.topic = "t", .len = 5};
    char payload[TRACE_PAYLOAD_SIZE];
    must(message_trace_open_writer(&explain, folder, why, sizeof why));
    message_trace_add_entry(&explain, &entry, "bytes");
    uint64_t newest = message_trace_newest_sequence(&explain);
    for (uint64_t back = 0; back < 8 && back < newest; back++) {
        if (!message_trace_read_entry(&explain, newest - back, &entry, payload))
            continue;
        must(entry.verdict < TRACE_COUNT && entry.fault < FAULT_COUNT);
        check_text(entry.topic, sizeof entry.topic);
        must(entry.kept < sizeof payload && entry.kept <= entry.len && payload[entry.kept] == 0);
        check_text(entry.keys, sizeof entry.keys);
    }
    message_trace_close(&explain);
}

static void use_times(void)
{
    static struct write_times writer, reader;
    const struct journal_entry entry = {.steady_ms = 7, .unit = 247, .address = 65535, .count = 1};
    must(write_times_open_writer(&writer, folder, why, sizeof why));
    must(write_times_open_reader(&reader, folder, why, sizeof why));
    write_times_note_entry(&writer, &entry);
    must(write_times_newest(&reader, 247, JOURNAL_COIL, 65535, 1) >= 7);
    write_times_close(&reader);
    write_times_close(&writer);
}

/* A reader finds an owner that was added, also in a damaged file. */
static bool has_owner(const struct owners_view *view, uint8_t unit, bool all)
{
    return all ? owners_view_has_all(view, unit, PDU_COILS, 64, 65)
               : owners_view_has_any(view, OWNER_OF_WRITES, unit, PDU_COILS, 64, 65);
}

static void use_owners(void)
{
    static struct register_owners writer;
    static struct owners_view reader;
    must(register_owners_open_writer(&writer, folder, why, sizeof why));
    for (uint8_t unit = 1; unit <= ROWS; unit++)
        register_owners_add(&writer, &(struct owned_span){unit, PDU_COILS, 64, 65, true});
    register_owners_publish(&writer);
    must(owners_view_follow(&reader, folder));
    for (uint8_t unit = 1; unit <= ROWS; unit++)
        must(has_owner(&reader, unit, true));
    register_owners_remove(&writer, &(struct owned_span){1, PDU_COILS, 64, 65, true});
    register_owners_publish(&writer);
    must(!has_owner(&reader, 1, false) && !has_owner(&reader, ROWS + 1, false));
    owners_view_close(&reader);
    register_owners_close(&writer);
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

static void check_clients(const struct client_table *table)
{
    struct client_facts facts;
    struct client_refusal refusal;
    for (size_t slot = 0; slot < client_table_count_slots(table); slot++) {
        if (client_table_read_client(table, slot, &facts))
            must(facts.side < CLIENT_SIDES && facts.last.function < CLIENT_FUNCTIONS);
    }
    for (size_t place = 0; place < CLIENT_REFUSALS; place++) {
        if (!client_table_read_refusal(table, place, &refusal))
            continue;
        must(refusal.side < CLIENT_SIDES && refusal.reason < CLIENT_REASON_COUNT);
        check_text(refusal.detail, sizeof refusal.detail);
    }
}

static void use_clients(void)
{
    static struct client_table table;
    static struct client_entry entries[ROWS];
    const struct client_facts facts = {.side = CLIENT_SCADA};
    const uint8_t pdu[] = {FC_READ_HOLDING_REGISTERS, 0, 1, 0, 2};
    const struct client_refusal refusal = {.reason = CLIENT_LIMIT, .detail = "full"};
    must(client_table_open_writer(&table, folder, why, sizeof why));
    for (size_t i = 0; i < ROWS; i++) {
        entries[i] = (struct client_entry){.shared = NULL};
        client_table_add_client(&table, &facts, &entries[i]);
        client_entry_note_request(&entries[i], CLIENT_FUNCTION_3, 1, PDU_OK, pdu, sizeof pdu);
        client_entry_publish(&entries[i], 1);
    }
    client_table_note_refusal(&table, &refusal);
    check_clients(&table);
    client_table_close(&table);
}

static void check_info(void)
{
    struct daemon_facts facts;
    if (daemon_info_read("modbusd", folder, &facts))
        must(facts.address_count <= DAEMON_ADDRESSES_MAX && facts.version[0] != '\0');
    check_text(facts.version, sizeof facts.version);
}

static void use_info(void)
{
    static struct daemon_info info;
    must(daemon_info_open_writer(&info, "modbusd", folder, why, sizeof why));
    check_info();
    daemon_info_refresh(&info, -1);
    check_info();
    daemon_info_close(&info);
}

static void read_all(void)
{
    static struct client_table clients;
    static struct live_table live;
    static struct message_trace explain;
    static struct counters counters;
    static struct owners_view owners;
    struct live_table_row row;
    struct message_trace_entry entry;
    char payload[TRACE_PAYLOAD_SIZE];
    owners_view_follow(&owners, folder);
    for (uint8_t unit = 0; unit <= ROWS; unit++)
        (void)(has_owner(&owners, unit, false) && has_owner(&owners, unit, true));
    owners_view_close(&owners);
    if (live_table_open_reader(&live, folder, why, sizeof why)) {
        for (uint32_t slot = 0; slot < ROWS; slot++)
            live_table_read_row(&live, slot, 0, &row);
        live_table_read_broker(&live);
        live_table_close(&live);
    }
    if (message_trace_open_reader(&explain, folder, why, sizeof why)) {
        message_trace_read_entry(&explain, message_trace_newest_sequence(&explain), &entry,
                                 payload);
        message_trace_close(&explain);
    }
    if (client_table_open_reader(&clients, folder, why, sizeof why)) {
        check_clients(&clients);
        client_table_close(&clients);
    }
    if (counters_open_reader(&counters, &mqttd_counters, folder, why, sizeof why))
        counters_close(&counters);
    check_info();
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
    use_times();
    use_owners();
    use_counters();
    use_clients();
    use_info();
}

static void change(int fd, const uint8_t *piece)
{
    uint32_t at;
    uint64_t by, old = 0;
    memcpy(&at, piece, sizeof at);
    memcpy(&by, piece + sizeof at, sizeof by);
    if (at >> 31) {
        must(ftruncate(fd, (off_t)(by >> 22)) == 0);
    } else if (pread(fd, &old, sizeof old, (off_t)(at & ~7U) % (1 << 16)) == (ssize_t)sizeof old) {
        old ^= by;
        must(pwrite(fd, &old, sizeof old, (off_t)(at & ~7U) % (1 << 16)) == (ssize_t)sizeof old);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const use[])(void) = {use_live,    use_live,     use_messages,
                                        use_journal, use_counters, use_clients,
                                        use_info,    use_times,    use_owners};
    _Static_assert(sizeof use / sizeof use[0] == FILES, "a function for each file");
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
