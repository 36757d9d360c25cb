/* A delta of a hostile leader is refused, or applied and rolled back again: nothing in it may do
 * more. The input changes a good delta: each 4 bytes of it are an offset of 24 bits and the new
 * byte there. An input that begins with "SQLite" is a delta by itself. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/store/store_delta.h"
#include "common/store/db.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The files are removed at once: the open connection is enough. */
static struct store *open_store(const char *const *rows, size_t count)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[] = "/tmp/tagferry-fuzz-delta-XXXXXX", file[64], why[DB_WHY_SIZE];
    int fd = mkstemp(path);
    if (fd < 0)
        abort();
    close(fd);
    struct store *store = store_open(path, STORE_WRITE, why, sizeof why);
    if (!store || !store_begin(store))
        abort();
    store_raise_revision(store);
    for (size_t i = 0; i < count; i++)
        store_execute_integers(store, rows[i], NULL, 0);
    if (!store_commit(store))
        abort();
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        snprintf(file, sizeof file, "%s%s", path, suffixes[i]);
        unlink(file);
    }
    return store;
}

static void write_good(struct text *good)
{
    static const char *const rows[] = {
        "INSERT INTO device (id, name, mqtt_topic, slot, revision, created_ms, updated_ms)"
        " VALUES (1, 'boiler', 't', 0, 1, 1, 1)",
        "INSERT INTO tag (id, device_id, name, mqtt_key, modbus_table, modbus_address, modbus_type,"
        " slot, revision, created_ms, updated_ms)"
        " VALUES (1, 1, 'x', 'x', 'holding_register', 0, 'float32', 1, 1, 1, 1)",
        "UPDATE store SET next_slot = 2",
        "INSERT INTO gone (revision, kind, id) VALUES (1, 'tag', 7)",
        "INSERT INTO audit (revision, at_ms, who, remote, request_id, action, kind)"
        " VALUES (1, 1, '', '', '', 'create', 'all')",
    };
    struct store *leader = open_store(rows, sizeof rows / sizeof rows[0]);
    const struct store_position nothing = {.branch = ""};
    if (!store_begin(leader))
        abort();
    store_delta_write(leader, &nothing, good);
    if (!store_commit(leader))
        abort();
    store_close(leader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct text good;
    static struct store *follower;
    static const char count_sql[] = "SELECT count(*) FROM device";
    char why[DELTA_WHY_SIZE];
    enum delta_result result;
    if (!follower) {
        write_good(&good);
        follower = open_store(NULL, 0);
    }
    bool is_whole = size > 6 && memcmp(data, "SQLite", 6) == 0;
    size_t len = is_whole ? size : good.len;
    unsigned char *bytes = malloc(len);
    if (!bytes)
        return 0;
    memcpy(bytes, is_whole ? data : (const uint8_t *)good.data, len);
    for (size_t at = 0; !is_whole && at + 4 <= size; at += 4) {
        size_t offset = (size_t)data[at] << 16 | (size_t)data[at + 1] << 8 | data[at + 2];
        bytes[offset % len] = data[at + 3];
    }
    struct store_delta *delta = store_delta_open(follower, bytes, len, &result, why);
    if (size == 0 && !delta)
        abort(); /* the good one is accepted */
    if (delta && store_delta_prepare(follower) && store_begin(follower)) {
        bool ok =
            store_delta_apply(follower, delta, why) && store_delta_finish(follower, delta, why);
        if (size == 0 && !ok)
            abort();
        store_rollback(follower);
    }
    store_delta_close(delta);
    free(bytes);
    if (!store_begin(follower) || store_query_integer(follower, count_sql) != 0 ||
        !store_commit(follower))
        abort();
    return 0;
}
