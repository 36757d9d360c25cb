/* What mqttd reads from the store: rows, deletions, ranges, discoveries, and whether the file has
 * changed. Compared as a whole with store_rows.txt, which TAGFERRY_APPROVE=1 writes. */
#include "golden.h"
#include "said_log.h"
#include "sql_store.h"

#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include "common/store/db_follow.h"
#include "common/store/discovery_rows.h"
#include "common/store/tagdb.h"

static char text[60000];
static size_t text_len;
static int wanted; /* rows until a callback ends the reading */

static void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void say(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    text_len += (size_t)vsnprintf(text + text_len, sizeof text - text_len, format, list);
    va_end(list);
    assert_true(text_len < sizeof text);
}

static void say_text(const char *name, const char *value)
{
    say("    %s %s\n", name, value ? value : "-");
}

static void say_map(const char *name, const struct value_map *map)
{
    say("    %s", name);
    for (size_t i = 0; i < map->count; i++)
        say(" %s=%g", map->entries[i].text, map->entries[i].number);
    say("\n");
}

/* A member of a row by the kind of its field. */
#define SHOW_TEXT(check)   say_text(name, *(const char *const *)at)
#define SHOW_OBJECT(check) say_text(name, *(const char *const *)at)
#define SHOW_SCALAR        say_text(name, *(const char *const *)at)
#define SHOW_FLAG          say("    %s %d\n", name, *(const bool *)at)
#define SHOW_U8            say("    %s %u\n", name, *(const uint8_t *)at)
#define SHOW_U16           say("    %s %u\n", name, *(const uint16_t *)at)
#define SHOW_U32           say("    %s %" PRIu32 "\n", name, *(const uint32_t *)at)
#define SHOW_REAL(check)   say("    %s %g\n", name, *(const double *)at)
#define SHOW_CHOICE(names) say("    %s %s\n", name, names[*(const uint8_t *)at])
#define SHOW_STATUS_TABLE  say("    %s %d\n", name, *(const int *)at)
#define SHOW_VALUES        say_map(name, at)

#define SHOW_MEMBER(id, group, member, column, kind, ...)                                          \
    {                                                                                              \
        const char *name = #column;                                                                \
        const void *at = &row->column;                                                             \
        SHOW_##kind;                                                                               \
    }
#define SHOW_NOTHING(...)

static bool take_device(void *context, const struct tagdb_device *row)
{
    assert_ptr_equal(context, text);
    say("  device %lld revision %lld created %lld slot %u\n", (long long)row->id,
        (long long)row->revision, (long long)row->created_ms, row->slot);
    DEVICE_FIELD_LIST(SHOW_MEMBER, SHOW_NOTHING)
    return --wanted > 0;
}

static bool take_device_name(void *context, const struct tagdb_device *row)
{
    assert_ptr_equal(context, text);
    say("  device %s\n", row->name);
    return --wanted > 0;
}

static bool take_tag(void *context, const struct tagdb_tag *row)
{
    const struct point *point = &row->point;
    assert_ptr_equal(context, text);
    say("  tag %lld of %lld revision %lld created %lld slot %u\n", (long long)row->id,
        (long long)row->device_id, (long long)row->revision, (long long)row->created_ms, row->slot);
    TAG_FIELD_LIST(SHOW_MEMBER, SHOW_NOTHING, SHOW_NOTHING)
    say("    point %s %u %s %s bit %d %s length %u scale %g offset %g %s stale %u %g %s\n",
        table_names[point->table], point->address, type_names[point->type],
        order_names[point->order], point->bit, byte_names[point->byte], point->length, point->scale,
        point->offset, overflow_names[point->overflow], point->stale, point->stale_raw,
        on_null_names[point->on_null]);
    return --wanted > 0;
}

static bool take_tag_name(void *context, const struct tagdb_tag *row)
{
    assert_ptr_equal(context, text);
    say("  tag %s stale %u %g values %zu\n", row->name, row->point.stale, row->point.stale_raw,
        row->mqtt_values.count);
    return --wanted > 0;
}

static bool take_deletion(void *context, const struct tagdb_deletion *gone)
{
    assert_ptr_equal(context, text);
    say("  gone %d id %lld unit %u %s %u to %u of %04x at '%s'\n", (int)gone->kind,
        (long long)gone->id, gone->unit, table_names[gone->table], gone->first, gone->last,
        gone->mask, gone->gateway);
    return --wanted > 0;
}

static bool take_range(void *context, const struct tagdb_range *range)
{
    assert_ptr_equal(context, text);
    say(" %u-%u/%04x", range->first, range->last, range->mask);
    return --wanted > 0;
}

static bool take_discovery(void *context, const struct discovery_row *row)
{
    assert_ptr_equal(context, text);
    say("  discovery %lld from %lld to %lld\n", (long long)row->id, (long long)row->created_ms,
        (long long)row->ends_ms);
    return --wanted > 0;
}

static bool take_filter(void *context, const char *filter)
{
    assert_ptr_equal(context, text);
    say(" %s", filter);
    return --wanted > 0;
}

#define ALL 1000
/* Reads at most this many rows. */
#define reads(rows, call)                                                                          \
    do {                                                                                           \
        say("%s:\n", #call);                                                                       \
        wanted = (rows);                                                                           \
        bool is_read = (call);                                                                     \
        say("  %s\n", is_read ? "ok" : "failed");                                                  \
    } while (0)

static void fill(struct sqlite3 *db)
{
    sql_store_run(db, "PRAGMA ignore_check_constraints = ON");
    sql_store_run(
        db,
        "INSERT INTO device (id, name, label, description, enabled, network_address,"
        " network_modbus_host, network_modbus_port, network_framing, network_tls, network_unit_id,"
        " network_max_write_registers, network_min_interval_ms, network_write_single,"
        " network_poll_interval_ms, network_rewrite_on_reconnect, network_gateway, mqtt_topic,"
        " mqtt_qos, mqtt_availability_topic, mqtt_availability_key, mqtt_payload_available,"
        " mqtt_payload_unavailable, mqtt_stale_after_s, mqtt_timestamp_key, mqtt_where,"
        " mqtt_request, status_table, status_address, slot, revision, created_ms, updated_ms)"
        " VALUES (3000000001, 'all', 'l', 'd', 1, 'a', 'plc', 65535, 'rtu', 1, 255, 122,"
        " 4000000000, 1, 86400001, 0, 'line', 'top/ic', 2, 'av', 'k', 'on', 'off', 31536001, 'ts',"
        " '{\"w\":1}', '{\"r\":2}', 'input_register', 65532, 4194303, 12, 5000000001, 0),"
        " (2, 'none', '', '', 0, NULL, NULL, 502, 'tcp', 0, 0, 1, 0, 0, 1, 1, NULL, 't', 0, NULL,"
        " NULL, NULL, NULL, 0, NULL, NULL, NULL, NULL, NULL, 20, 13, 0, 0),"
        " (4, 'other', '', '', 1, NULL, NULL, 502, 'tcp', 0, 1, 123, 0, 0, 1, 1, NULL, 't', 1, "
        "NULL,"
        " NULL, 'a', 'u', 0, NULL, NULL, NULL, 'holding_register', 0, 40, 11, 0, 0)");
    sql_store_run(
        db, "INSERT INTO tag (id, device_id, name, mqtt_key, modbus_table, modbus_address,"
            " modbus_type, slot, revision, created_ms, updated_ms) VALUES"
            " (30, 2, 'plain', '', 'coil', 0, 'bool', 21, 12, 0, 0),"
            " (31, 2, 'odd', '', 'coil', 0, 'int256', 22, 12, 0, 0),"
            " (32, 4, 'nan', '', 'input_register', 0, 'float32', 41, 11, 0, 0),"
            " (3000000010, 3000000001, 'all', 'k', 'holding_register', 65535, 'uint8', 4194302, 14,"
            " 5000000002, 0)");
    sql_store_run(
        db, "UPDATE tag SET enabled = 0, direction = 'both', mqtt_topic = 'tt', mqtt_payload ="
            " 'text', mqtt_values = '{\"b\":2.5,\"a\":-1,\"c\":300}', mqtt_command_topic = 'ct',"
            " mqtt_command_template = 'tpl', mqtt_command_qos = 2, mqtt_command_retain = 1,"
            " mqtt_settle_ms = 3600001, mqtt_hold_off_ms = 3600002, mqtt_pattern = 'p',"
            " mqtt_number = 'hex', mqtt_quality_key = 'q', mqtt_expires_s = 70000,"
            " mqtt_expire_value = '17', mqtt_command_on = 'change', mqtt_min_interval_ms = 80000,"
            " mqtt_min_change = 0.25, modbus_byte_order = 'DCBA', modbus_bit = 15,"
            " modbus_byte = 'high', modbus_length = 123, modbus_scale = 0.125,"
            " modbus_offset = -2.5, modbus_on_overflow = 'clamp', modbus_on_stale = '258',"
            " modbus_on_null = 'stale', modbus_constant = '5', modbus_min_change = 0.75,"
            " modbus_min_interval_ms = 90000 WHERE id = 3000000010");
    sql_store_run(db, "UPDATE tag SET modbus_on_stale = 'nan' WHERE id = 32");
    sql_store_run(db, "INSERT INTO gone (revision, kind, id, unit, \"table\", first, last, bit,"
                      " bits, gateway) VALUES (12, 'device', 3000000007, NULL, 'coil', NULL, NULL,"
                      " NULL, 1, ''), (11, 'tag', 7, NULL, 'coil', NULL, NULL, NULL, 1, ''),"
                      " (13, 'registers', NULL, 255, 'holding_register', 65534, 65535, NULL, 1,"
                      " 'line')");
    static const int bits[][2] = {{0, 1},  {15, 1}, {0, 16}, {8, 8},  {8, 9},
                                  {16, 1}, {-1, 1}, {0, 0},  {0, 17}, {1, 15}};
    for (size_t i = 0; i < COUNT(bits); i++) {
        char sql[300];
        snprintf(sql, sizeof sql,
                 "INSERT INTO gone (revision, kind, unit, \"table\", first, last, bit, bits)"
                 " VALUES (20, 'registers', 1, 'input_register', %d, %d, %d, %d)",
                 (int)i, (int)i, bits[i][0], bits[i][1]);
        sql_store_run(db, sql);
    }
    sql_store_run(db, "UPDATE store SET revision = 5000000003, gone_from = 10, generation = 4");
}

static void read_devices(struct sqlite3 *db)
{
    reads(ALL, tagdb_each_device(db, -1, take_device, text));
    reads(ALL, tagdb_each_device(db, 0, take_device_name, text));
    reads(ALL, tagdb_each_device(db, 11, take_device_name, text));
    reads(ALL, tagdb_each_device(db, 12, take_device_name, text));
    reads(ALL, tagdb_each_device(db, 13, take_device_name, text));
    reads(1, tagdb_each_device(db, -1, take_device_name, text));
    reads(ALL, tagdb_find_device(db, 3000000001, take_device_name, text));
    reads(ALL, tagdb_find_device(db, 2, take_device_name, text));
    reads(ALL, tagdb_find_device(db, 5, take_device_name, text));
}

/* A tag with an unknown choice is left out, and said. */
static void read_tags(struct sqlite3 *db)
{
    struct said_log said;
    said_log_begin(&said);
    reads(ALL, tagdb_each_tag(db, -1, take_tag, text));
    say("%s", said_log_end(&said));
    said_log_begin(&said);
    reads(ALL, tagdb_each_tag(db, 11, take_tag_name, text));
    reads(ALL, tagdb_each_tag(db, 13, take_tag_name, text));
    reads(ALL, tagdb_each_tag(db, 14, take_tag_name, text));
    reads(2, tagdb_each_tag(db, -1, take_tag_name, text));
    reads(ALL, tagdb_each_tag_of(db, -1, take_tag_name, text));
    reads(ALL, tagdb_each_tag_of(db, 2, take_tag_name, text));
    reads(ALL, tagdb_each_tag_of(db, 3, take_tag_name, text));
    reads(ALL, tagdb_each_tag_of(db, 3000000001, take_tag_name, text));
    said_log_end(&said);
    sql_store_run(db, "UPDATE tag SET mqtt_values = '{' WHERE id = 32");
    reads(ALL, tagdb_each_tag_of(db, 4, take_tag_name, text));
    sql_store_run(db, "UPDATE tag SET mqtt_values = NULL WHERE id = 32");
}

static void read_the_rest(struct sqlite3 *db)
{
    struct tagdb_state state = {0};
    say("state %d", tagdb_read_state(db, &state));
    say(" %lld %lld %lld\n", (long long)state.revision, (long long)state.gone_from,
        (long long)state.generation);
    reads(ALL, tagdb_each_deletion(db, -1, take_deletion, text));
    reads(ALL, tagdb_each_deletion(db, 11, take_deletion, text));
    reads(1, tagdb_each_deletion(db, 10, take_deletion, text));
    sql_store_run(db, "UPDATE leadership SET gateway = 'line'");
    say("gateway %d %d\n", tagdb_has_gateway(db, "line"), tagdb_has_gateway(db, "lin"));
    sql_store_run(db, "INSERT INTO discovery (id, topics, seconds, created_ms, ends_ms) VALUES"
                      " (3000000001, '[\"a\",\"b/+\",7,null,\"c\"]', 60, 5000000001, 5000000002),"
                      " (2, '[]', 60, 3, 4)");
    reads(ALL, discovery_rows_each(db, take_discovery, text));
    reads(1, discovery_rows_each(db, take_discovery, text));
    reads(ALL, discovery_rows_each_topic(db, 3000000001, take_filter, text));
    reads(2, discovery_rows_each_topic(db, 3000000001, take_filter, text));
    reads(ALL, discovery_rows_each_topic(db, 2, take_filter, text));
}

/* Rows of `span` around a place: of other units, tables, gateways and servers, and its neighbours.
 */
static void read_ranges(struct sqlite3 *db)
{
    sql_store_run(
        db, "INSERT INTO span (server, gateway, unit, \"table\", first, last, bit, bits, tag_id)"
            " VALUES ('', '', 1, 'holding_register', 200, 209, NULL, 1, 1),"
            " ('', 'line', 1, 'holding_register', 210, 210, 4, 3, 2),"
            " ('', 'other', 1, 'holding_register', 205, 205, NULL, 1, 3),"
            " ('plc:502', '', 1, 'holding_register', 205, 205, NULL, 1, 4),"
            " ('', '', 2, 'holding_register', 205, 205, NULL, 1, 5),"
            " ('', '', 1, 'coil', 205, 205, NULL, 1, 6),"
            " ('', '', 1, 'holding_register', 300, 422, NULL, 1, 7),"
            " ('', '', 1, 'holding_register', 0, 122, NULL, 1, 8)");
    static const uint16_t ranges[][2] = {{200, 209}, {209, 210}, {210, 65535}, {199, 199},
                                         {211, 211}, {422, 422}, {423, 423},   {122, 122},
                                         {123, 123}, {0, 0},     {0, 65535}};
    for (size_t i = 0; i < COUNT(ranges); i++) {
        say("ranges %u to %u:", ranges[i][0], ranges[i][1]);
        wanted = ALL;
        assert_true(tagdb_each_range(db, "line", 1, TABLE_HOLDING_REGISTER, ranges[i][0],
                                     ranges[i][1], take_range, text));
        say("\n");
    }
    say("the first:");
    wanted = 1;
    assert_true(tagdb_each_range(db, "", 1, TABLE_HOLDING_REGISTER, 0, 65535, take_range, text));
    say("\n");
}

static void read_without_tables(struct sqlite3 *db)
{
    struct tagdb_state state;
    sql_store_run(db, "PRAGMA foreign_keys = OFF");
    sql_store_run(db, "DROP TABLE span; DROP TABLE gone; DROP TABLE tag; DROP TABLE discovery");
    reads(ALL, tagdb_each_tag(db, -1, take_tag_name, text));
    reads(ALL, tagdb_each_tag_of(db, 2, take_tag_name, text));
    reads(ALL, tagdb_each_deletion(db, -1, take_deletion, text));
    reads(ALL, tagdb_each_range(db, "", 1, TABLE_COIL, 0, 9, take_range, text));
    reads(ALL, discovery_rows_each(db, take_discovery, text));
    reads(ALL, discovery_rows_each_topic(db, 2, take_filter, text));
    say("%s\n", db_error_reason(db));
    sql_store_run(db, "DROP TABLE leadership; DELETE FROM store");
    say("gateway %d, state %d\n", tagdb_has_gateway(db, "x"), tagdb_read_state(db, &state));
}

static void test_rows(void **state)
{
    char path[SQL_STORE_PATH_SIZE];
    struct sqlite3 *db = sql_store_open(path);
    (void)state;
    fill(db);
    read_devices(db);
    read_tags(db);
    read_the_rest(db);
    read_ranges(db);
    read_without_tables(db);
    sql_store_close(db, path);
    assert_true(golden_is_equal(TAGFERRY_ROWS, text));
}

static void test_statements(void **state)
{
    char path[SQL_STORE_PATH_SIZE];
    struct sqlite3 *db = sql_store_open(path);
    (void)state;
    assert_int_equal(db_schema_version(db), 0); /* tagferry-api sets it */
    assert_int_equal(db_query_integer(db, "SELECT 5000000001", 7), 5000000001);
    assert_int_equal(db_query_integer(db, "SELECT 1 WHERE 0", 7), 7);
    assert_int_equal(db_query_integer(db, "SELECT absent", 7), 7);
    assert_string_equal(db_error_reason(db), "no such column: absent");
    assert_null(db_prepare(db, "SELECT absent"));
    assert_false(db_run_sql(db, "SELECT absent"));
    sql_store_run(db, "CREATE TABLE t (n); INSERT INTO t VALUES (3000000001)");
    struct sqlite3_stmt *statement = db_prepare(db, "SELECT n FROM t");
    assert_non_null(statement);
    for (int i = 0; i < 2; i++)
        assert_int_equal(db_step_integer(statement, 9), 3000000001);
    sql_store_run(db, "DELETE FROM t");
    assert_int_equal(db_step_integer(statement, 9), 9);
    db_release_statement(statement);
    db_release_statement(NULL);
    assert_non_null(db_prepare(db, "SELECT 1")); /* closing releases it */
    sql_store_close(db, path);
    db_close(NULL);
}

static unsigned mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

/* Others have no access to a file that is created, nor to one that they had access to. */
static void test_modes(void **state)
{
    char folder[] = "/tmp/tagferry-modes-XXXXXX", path[64], wal[80], why[DB_WHY_SIZE] = "";
    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/store", folder);
    snprintf(wal, sizeof wal, "%s-wal", path);
    assert_null(db_open(path, DB_READ_ONLY, why, sizeof why));
    assert_non_null(strstr(why, "unable to open database file"));
    assert_int_equal(strncmp(why, path, strlen(path)), 0);
    mode_t before = umask(0);
    struct sqlite3 *db = db_open(path, DB_READ_WRITE_CREATE, why, sizeof why);
    assert_non_null(db);
    assert_int_equal(mode_of(path), 0640);
    assert_int_equal(db_query_integer(db, "PRAGMA foreign_keys", -1), 1);
    assert_int_equal(db_query_integer(db, "PRAGMA busy_timeout", -1), 5000);
    sql_store_run(db, "PRAGMA journal_mode = WAL; CREATE TABLE t (n)");
    assert_int_equal(chmod(path, 0667), 0);
    assert_int_equal(chmod(wal, 0664), 0);
    struct sqlite3 *reader = db_open(path, DB_READ_ONLY, why, sizeof why);
    assert_non_null(reader);
    assert_int_equal(mode_of(path), 0667); /* a reader changes nothing */
    assert_false(db_run_sql(reader, "CREATE TABLE u (n)"));
    db_close(reader);
    reader = db_open(path, DB_READ_WRITE_CREATE, why, sizeof why);
    assert_int_equal(mode_of(path), 0660);
    assert_int_equal(mode_of(wal), 0660);
    db_close(reader);
    db_close(db);
    umask(before);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

static void test_following(void **state)
{
    char path[SQL_STORE_PATH_SIZE], other[SQL_STORE_PATH_SIZE], why[DB_WHY_SIZE], expected[400];
    struct sqlite3 *db = sql_store_open(path);
    struct db_follow follow = {.path = path};
    uint64_t now = 10000;
    (void)state;
    static const int versions[] = {DB_SCHEMA_VERSION - 1, DB_SCHEMA_VERSION + 1};
    for (size_t i = 0; i < COUNT(versions); i++) {
        char sql[60];
        snprintf(sql, sizeof sql, "PRAGMA user_version = %d", versions[i]);
        sql_store_run(db, sql);
        assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_CLOSED);
        snprintf(expected, sizeof expected, "%s has schema version %d, not %d: %s", path,
                 versions[i], DB_SCHEMA_VERSION,
                 i == 0 ? "tagferry-api migrates it when it starts"
                        : "a newer tagferry-api has written it, so tagferry-mqttd needs an upgrade,"
                          " too");
        assert_string_equal(why, expected);
        assert_null(follow.db);
    }
    char version[60];
    snprintf(version, sizeof version, "PRAGMA user_version = %d", DB_SCHEMA_VERSION);
    sql_store_run(db, version);
    assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_OPENED);
    assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_CHANGED);
    db_follow_mark_read(&follow);
    assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_SAME);
    sql_store_run(db, "UPDATE store SET revision = 9");
    assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_CHANGED);
    assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_CHANGED);
    db_follow_mark_read(&follow);
    assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_SAME);

    /* Another file at the path: found within a second, or at once if it is expected. */
    for (int is_expected = 0; is_expected < 2; is_expected++) {
        struct sqlite3 *next = sql_store_open(other);
        sql_store_run(next, version);
        assert_int_equal(rename(other, path), 0);
        db_close(db);
        db = next;
        if (is_expected)
            db_follow_expect_file(&follow);
        else
            assert_int_equal(db_follow_check(&follow, now += 999, why, sizeof why), DB_FOLLOW_SAME);
        now += !is_expected;
        assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_OPENED);
        db_follow_mark_read(&follow);
        assert_int_equal(db_follow_check(&follow, now, why, sizeof why), DB_FOLLOW_SAME);
    }
    sql_store_close(db, path);
    assert_int_equal(db_follow_check(&follow, now + 999, why, sizeof why), DB_FOLLOW_SAME);
    assert_int_equal(db_follow_check(&follow, now + 1000, why, sizeof why), DB_FOLLOW_CLOSED);
    snprintf(expected, sizeof expected, "%s: No such file or directory", path);
    assert_string_equal(why, expected);
    db_follow_close(&follow);
    db_follow_close(&follow);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_statements),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_following),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
