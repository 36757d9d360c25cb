/* Groups of changes: each as atomic as alone, all kept by one commit, or none. And fold_case, which
 * the store adds to SQL. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "api/store/store.h"

/* A writer, and a reader that sees what is committed. */
struct pair {
    char path[64];
    struct store *writer, *reader;
};

static void open_pair(struct pair *pair)
{
    char why[512];
    snprintf(pair->path, sizeof pair->path, "/tmp/tagferry-store-XXXXXX");
    int fd = mkstemp(pair->path);
    assert_true(fd >= 0);
    close(fd);
    pair->writer = store_open(pair->path, STORE_WRITE, why, sizeof why);
    pair->reader = store_open(pair->path, STORE_READ, why, sizeof why);
    assert_non_null(pair->writer);
    assert_non_null(pair->reader);
}

static void close_pair(struct pair *pair)
{
    char beside[80];
    store_close(pair->reader);
    store_close(pair->writer);
    unlink(pair->path);
    snprintf(beside, sizeof beside, "%s-wal", pair->path);
    unlink(beside);
    snprintf(beside, sizeof beside, "%s-shm", pair->path);
    unlink(beside);
}

static int64_t seen(struct pair *pair, const char *sql)
{
    int64_t number = -1;
    assert_true(store_begin(pair->reader));
    struct query query = store_prepare_query(pair->reader, sql);
    if (query_next_row(&query))
        number = query_read_integer(&query);
    query_finish(&query);
    assert_true(store_commit(pair->reader));
    return number;
}

static int64_t revision(struct pair *pair)
{
    return seen(pair, "SELECT revision FROM store");
}

static int64_t slots(struct pair *pair)
{
    return seen(pair, "SELECT count(*) FROM free_slot");
}

/* Adds a row in one change; returns its revision. */
static int64_t add(struct store *store, int64_t slot)
{
    assert_true(store_begin(store));
    int64_t touched = store_raise_revision(store);
    store_execute(store, "INSERT INTO free_slot VALUES (?)", slot);
    return touched;
}

static void test_kept_together(void **state)
{
    struct pair pair;
    open_pair(&pair);
    store_group_begin(pair.writer);
    assert_int_equal(add(pair.writer, 1), 1);
    assert_true(store_commit(pair.writer));
    assert_int_equal(add(pair.writer, 2), 2);
    assert_true(store_commit(pair.writer));
    assert_int_equal(slots(&pair), 0); /* other connections see nothing before the end */
    assert_true(store_group_commit(pair.writer));
    assert_int_equal(slots(&pair), 2);
    assert_int_equal(revision(&pair), 2);
    assert_int_equal(add(pair.writer, 3), 3); /* afterwards a change is a transaction of its own */
    assert_true(store_commit(pair.writer));
    assert_int_equal(slots(&pair), 3);
    close_pair(&pair);
    (void)state;
}

static void test_one_is_taken_back(void **state)
{
    struct pair pair;
    open_pair(&pair);
    store_group_begin(pair.writer);
    assert_int_equal(add(pair.writer, 1), 1);
    assert_true(store_commit(pair.writer));
    assert_int_equal(add(pair.writer, 2), 2);
    store_rollback(pair.writer);
    assert_int_equal(add(pair.writer, 1), 2); /* which is there: the statement fails */
    assert_false(store_commit(pair.writer));
    assert_int_equal(add(pair.writer, 3), 2);
    assert_true(store_commit(pair.writer));
    assert_true(store_begin(pair.writer)); /* a change that only reads */
    store_rollback(pair.writer);
    assert_true(store_group_commit(pair.writer));
    assert_int_equal(slots(&pair), 2);
    assert_int_equal(revision(&pair), 2);
    close_pair(&pair);
    (void)state;
}

static void test_nothing_to_keep(void **state)
{
    struct pair pair;
    open_pair(&pair);
    store_group_begin(pair.writer);
    assert_true(store_group_commit(pair.writer));
    store_group_begin(pair.writer);
    add(pair.writer, 1);
    store_rollback(pair.writer);
    assert_true(store_group_commit(pair.writer));
    assert_int_equal(slots(&pair), 0);
    assert_int_equal(revision(&pair), 0);
    close_pair(&pair);
    (void)state;
}

/* SQLite does this by itself when the disk is full. The changes before it are lost; those after it
 * must not be committed alone. */
static void test_lost_on_the_way(void **state)
{
    struct pair pair;
    open_pair(&pair);
    store_group_begin(pair.writer);
    add(pair.writer, 1);
    assert_true(store_commit(pair.writer));
    add(pair.writer, 2);
    store_execute_integers(pair.writer, "ROLLBACK", NULL, 0);
    assert_false(store_commit(pair.writer));
    assert_false(store_begin(pair.writer));
    assert_true(store_has_failed(pair.writer) && *store_failure_reason(pair.writer) != '\0');
    store_rollback(pair.writer);
    assert_false(store_group_commit(pair.writer));
    assert_int_equal(slots(&pair), 0);
    assert_int_equal(add(pair.writer, 4), 1);
    assert_true(store_commit(pair.writer));
    assert_int_equal(slots(&pair), 1);
    close_pair(&pair);
    (void)state;
}

static void test_fold(void **state)
{
    static const struct {
        const char *text, *folded;
    } rows[] = {
        {"Az[@`{9", "az[@`{9"},
        {"K\xc3\x9chl \xce\x94T", "k\xc3\xbchl \xce\xb4t"},
        {"\xd0\x9d\xd0\x90\xd0\xa1\xd0\x9e\xd0\xa1", "\xd0\xbd\xd0\xb0\xd1\x81\xd0\xbe\xd1\x81"},
        {"\xe2\x84\xaa\xc8\xba", "k\xe2\xb1\xa5"},
        {"\xf0\x90\x90\x80\xf0\x9f\x98\x80", "\xf0\x90\x90\xa8\xf0\x9f\x98\x80"},
        {"", ""},
        {"\xc3", "\xc3"},
        {"\x80"
         "A\xe2\x82",
         "\x80"
         "a\xe2\x82"},
    };
    struct pair pair;
    struct arena arena = {0};
    (void)state;
    open_pair(&pair);
    assert_true(store_begin(pair.reader));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct query query = store_prepare_query(pair.reader, "SELECT fold_case(?)");
        query_bind_text(&query, rows[i].text);
        assert_true(query_next_row(&query));
        assert_string_equal(query_read_text(&query, &arena), rows[i].folded);
        query_finish(&query);
    }
    assert_true(store_commit(pair.reader));
    arena_finish(&arena);
    close_pair(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fold),
        cmocka_unit_test(test_kept_together),
        cmocka_unit_test(test_one_is_taken_back),
        cmocka_unit_test(test_nothing_to_keep),
        cmocka_unit_test(test_lost_on_the_way),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
