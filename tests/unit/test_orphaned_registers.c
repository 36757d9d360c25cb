/* The registers that lost their owner, and the writes of zeros to them. */
#include "check.h"
#include "sql_store.h"

#include <string.h>

#include "mqttd/config/orphaned_registers.h"

struct fixture {
    char path[SQL_STORE_PATH_SIZE];
    struct sqlite3 *db;
    int owners;
};

static int open_store(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.owners = 0};
    fixture.db = sql_store_open(fixture.path);
    *state = &fixture;
    return 0;
}

static int close_store(void **state)
{
    struct fixture *f = *state;
    sql_store_close(f->db, f->path);
    return 0;
}

/* Registers without an owner since a revision; `bit` is "NULL" for whole ones. */
static void add_gone(struct fixture *f, int revision, const char *gateway, int unit,
                     const char *table, int first, int last, const char *bit, int bits)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO gone (revision, kind, unit, \"table\", first, last, bit, bits, gateway) "
             "VALUES (%d, 'registers', %d, '%s', %d, %d, %s, %d, '%s')",
             revision, unit, table, first, last, bit, bits, gateway);
    sql_store_run(f->db, sql);
}

static void add_owner(struct fixture *f, const char *gateway, int unit, const char *table,
                      int first, int last, const char *bit, int bits)
{
    char sql[400];
    snprintf(sql, sizeof sql,
             "INSERT INTO span (server, unit, \"table\", first, last, bit, bits, gateway, tag_id) "
             "VALUES ('', %d, '%s', %d, %d, %s, %d, '%s', %d)",
             unit, table, first, last, bit, bits, gateway, ++f->owners);
    sql_store_run(f->db, sql);
}

/* The writes as "unit/table/address+count" with "&mask" of bits. */
static void check_zeros(struct fixture *f, const char *gateway, int64_t since, const char *expected)
{
    struct target_write *writes = NULL;
    size_t count = 99;
    char text[4000] = "", one[64];
    assert_true(orphaned_registers_find(f->db, gateway, since, &writes, &count));
    for (size_t i = 0; i < count; i++) {
        snprintf(one, sizeof one, "%s%d/%d/%d+%d", i ? " " : "", writes[i].unit, writes[i].table,
                 writes[i].address, writes[i].count);
        strcat(text, one);
        if (writes[i].mask) {
            snprintf(one, sizeof one, "&%04x", writes[i].mask);
            strcat(text, one);
        }
        assert_false(writes[i].has_words);
    }
    free(writes);
    assert_string_equal(text, expected);
}

static void test_none(void **state)
{
    struct fixture *f = *state;
    check_zeros(f, "", -1, "");
    add_gone(f, 7, "", 1, "holding_register", 10, 11, "NULL", 1);
    check_zeros(f, "", 7, "");
    check_zeros(f, "", 6, "1/3/10+2");
    check_zeros(f, "", -1, "1/3/10+2");
    /* Other rows of the same table are no registers. */
    sql_store_run(f->db, "INSERT INTO gone (revision, kind, id) VALUES (8, 'tag', 1), "
                         "(9, 'device', 2)");
    check_zeros(f, "", 6, "1/3/10+2");
}

/* Neighbours are one write, up to 123 registers. */
static void test_runs(void **state)
{
    struct fixture *f = *state;
    add_gone(f, 1, "", 1, "holding_register", 10, 11, "NULL", 1);
    add_gone(f, 2, "", 1, "holding_register", 12, 12, "NULL", 1);
    add_gone(f, 3, "", 1, "input_register", 13, 13, "NULL", 1);
    add_gone(f, 4, "", 2, "input_register", 14, 15, "NULL", 1);
    add_gone(f, 5, "", 2, "input_register", 17, 17, "NULL", 1);
    add_gone(f, 6, "", 2, "input_register", 16, 16, "NULL", 1);
    check_zeros(f, "", 0, "1/3/10+3 1/2/13+1 2/2/14+2 2/2/17+1 2/2/16+1");
    add_gone(f, 10, "", 3, "coil", 0, 122, "NULL", 1);
    add_gone(f, 11, "", 3, "coil", 123, 123, "NULL", 1);
    add_gone(f, 12, "", 3, "holding_register", 65413, 65535, "NULL", 1);
    add_gone(f, 13, "", 3, "holding_register", 0, 123, "NULL", 1); /* longer than any tag */
    check_zeros(f, "", 9, "3/0/0+123 3/0/123+1 3/3/65413+123");
}

/* What has an owner stays. */
static void test_owners(void **state)
{
    struct fixture *f = *state;
    add_gone(f, 1, "", 1, "holding_register", 100, 109, "NULL", 1);
    add_owner(f, "", 1, "holding_register", 90, 100, "NULL", 1);
    add_owner(f, "", 1, "holding_register", 103, 104, "NULL", 1);
    add_owner(f, "", 1, "holding_register", 109, 200, "NULL", 1);
    add_owner(f, "", 2, "holding_register", 100, 109, "NULL", 1);
    add_owner(f, "", 1, "input_register", 100, 109, "NULL", 1);
    check_zeros(f, "", 0, "1/3/101+2 1/3/105+4");
    add_owner(f, "", 1, "holding_register", 101, 108, "NULL", 1);
    check_zeros(f, "", 0, "");
}

/* Of a register with bits, the bits that nobody has. */
static void test_bits(void **state)
{
    struct fixture *f = *state;
    add_gone(f, 1, "", 1, "holding_register", 5, 5, "3", 1);
    check_zeros(f, "", 0, "1/3/5+1&0008");
    add_owner(f, "", 1, "holding_register", 5, 5, "3", 1);
    check_zeros(f, "", 0, "");
    add_gone(f, 2, "", 1, "holding_register", 6, 6, "NULL", 1);
    add_owner(f, "", 1, "holding_register", 6, 6, "0", 1);
    add_owner(f, "", 1, "holding_register", 6, 6, "8", 8);
    check_zeros(f, "", 1, "1/3/6+1&00fe");
    /* Bits are not joined with their neighbours. */
    add_gone(f, 3, "", 1, "holding_register", 7, 7, "NULL", 1);
    add_gone(f, 4, "", 1, "holding_register", 8, 8, "15", 1);
    check_zeros(f, "", 1, "1/3/6+1&00fe 1/3/7+1 1/3/8+1&8000");
}

/* Each gateway has registers of its own. */
static void test_gateways(void **state)
{
    struct fixture *f = *state;
    add_gone(f, 1, "", 1, "holding_register", 1, 1, "NULL", 1);
    add_gone(f, 2, "east", 1, "holding_register", 3, 3, "NULL", 1);
    add_gone(f, 3, "west", 1, "holding_register", 5, 5, "NULL", 1);
    check_zeros(f, "", 0, "1/3/1+1");
    check_zeros(f, "east", 0, "1/3/1+1 1/3/3+1");
    check_zeros(f, "west", 0, "1/3/1+1 1/3/5+1");
    add_owner(f, "west", 1, "holding_register", 1, 5, "NULL", 1);
    check_zeros(f, "", 0, "1/3/1+1");
    check_zeros(f, "east", 0, "1/3/1+1 1/3/3+1");
    check_zeros(f, "west", 0, "");
}

/* An error of the database leaves nothing to free. */
static void test_errors(void **state)
{
    struct fixture *f = *state;
    struct target_write *writes;
    size_t count;
    add_gone(f, 1, "", 1, "holding_register", 1, 1, "NULL", 1);
    add_gone(f, 2, "", 1, "holding_register", 9, 9, "NULL", 1);
    sql_store_run(f->db, "ALTER TABLE span RENAME TO other");
    assert_false(orphaned_registers_find(f->db, "", 0, &writes, &count));
    assert_null(writes);
    assert_int_equal(count, 0);
    sql_store_run(f->db, "ALTER TABLE other RENAME TO span");
    check_zeros(f, "", 0, "1/3/1+1 1/3/9+1");
    sql_store_run(f->db, "DROP TABLE gone");
    assert_false(orphaned_registers_find(f->db, "", 0, &writes, &count));
    assert_null(writes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_none, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_runs, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_owners, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_bits, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_gateways, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_errors, open_store, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
