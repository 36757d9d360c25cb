/* Positions of stores, the role of a store, and URLs of leaders. */
#include "store_fixture.h"

#include "api/store/audit.h"
#include "api/store/store_role.h"

struct fixture {
    struct store_folder folder;
    struct store *store;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    store_folder_make(&f->folder);
    f->store = store_open_well(f->folder.database, STORE_WRITE);
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    store_folder_remove(&f->folder);
    free(f);
    return 0;
}

static struct store_position position_of(struct store *store)
{
    struct store_lineage lineage;
    assert_true(store_begin(store));
    assert_true(store_lineage_read(store, &lineage));
    assert_true(store_commit(store));
    return lineage.position;
}

static void test_positions(void **state)
{
    static const struct store_lineage lineage = {
        .position = {.term = 3, .revision = 20, .audit = 30, .branch = "new"},
        .parent = "old",
        .parent_revision = 10,
        .parent_audit = 15};
    static const struct {
        struct store_position have;
        bool continues;
    } rows[] = {
        {{.branch = "new", .revision = 20, .audit = 30}, true},
        {{.branch = "new", .revision = 21, .audit = 30}, false},
        {{.branch = "new", .revision = 20, .audit = 31}, false},
        {{.branch = "old", .revision = 10, .audit = 15}, true},
        {{.branch = "old", .revision = 11, .audit = 15}, false},
        {{.branch = "old", .revision = 10, .audit = 16}, false},
        {{.branch = "other", .revision = 1, .audit = 1}, false},
        {{.branch = "", .revision = 0, .audit = 0}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(store_lineage_continues(&lineage, &rows[i].have), rows[i].continues);
    const struct store_lineage first = {.position = {.revision = 1, .branch = "new"}};
    assert_false(store_lineage_continues(&first, &(struct store_position){.branch = ""}));

    const struct store_position one = {1, 23, 456, 7890, 12345, "abc"};
    struct store_position other = one;
    char text[STORE_POSITION_SIZE];
    store_position_format(&one, text);
    assert_string_equal(text, "\"1-23-456-7890-12345-abc\"");
    assert_true(store_position_is_equal(&one, &other));
    int64_t *const numbers[] = {&other.term, &other.revision, &other.audit, &other.undo,
                                &other.audit_ms};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        ++*numbers[i];
        assert_false(store_position_is_equal(&one, &other));
        --*numbers[i];
    }
    strcpy(other.branch, "abd");
    assert_false(store_position_is_equal(&one, &other));
}

static struct store_role role_of(struct store *store)
{
    struct store_role role;
    assert_true(store_begin(store));
    assert_true(store_role_read(store, &role));
    assert_int_equal(store_follows(store), role.leader[0] != '\0');
    assert_true(store_commit(store));
    return role;
}

static void test_role(void **state)
{
    struct fixture *f = *state;
    struct store_shared shared = {0};
    struct audit audit = {.who = "", .remote = "", .request_id = "", .keep = 10};
    char mark[STORE_MARK_SIZE];
    store_set_shared(f->store, &shared);
    assert_true(store_begin(f->store));
    store_raise_revision(f->store);
    assert_true(store_commit(f->store));
    struct store_position before = position_of(f->store);
    struct store_role role = role_of(f->store);
    assert_false(role.decided);
    assert_string_equal(role.leader, "");
    assert_true(store_begin(f->store));
    store_role_configure(f->store, "http://a");
    assert_true(store_commit(f->store));
    role = role_of(f->store);
    assert_false(role.decided);
    assert_string_equal(role.leader, "http://a");
    assert_string_equal(role.former, "http://a");

    /* A follower takes no change, and its audit is the leader's. */
    assert_true(store_begin(f->store));
    assert_true(store_may_commit(f->store)); /* nothing has changed */
    audit_add_access_change(f->store, &audit, "{}");
    assert_int_equal(store_query_integer(f->store, "SELECT count(*) FROM audit"), 0);
    store_raise_revision(f->store);
    assert_false(store_may_commit(f->store));
    assert_string_equal(store_refusing_leader(f->store), "http://a");
    assert_string_equal(store_failure_reason(f->store), "this gateway follows http://a");
    assert_false(store_commit(f->store));
    assert_string_equal(store_refusing_leader(f->store), "http://a");
    assert_true(store_begin(f->store));
    assert_null(store_refusing_leader(f->store));
    store_read_mark(f->store, mark);
    assert_string_equal(mark, ""); /* of the generation 0 */
    store_execute_integers(f->store, "UPDATE store SET generation = 12, branch = '0123456789'",
                           NULL, 0);
    store_read_mark(f->store, mark);
    assert_string_equal(mark, "-12-01234567");
    store_note_change(f->store);
    assert_false(store_has_changed(f->store));
    store_role_configure(f->store, "");
    assert_true(store_commit(f->store));
    role = role_of(f->store);
    assert_string_equal(role.leader, "");
    assert_string_equal(role.former, "http://a");

    assert_true(store_begin(f->store));
    store_role_follow(f->store, "http://b");
    assert_true(store_commit(f->store));
    assert_true(store_begin(f->store));
    store_role_configure(f->store, "http://c"); /* too late */
    assert_true(store_commit(f->store));
    role = role_of(f->store);
    assert_true(role.decided);
    assert_string_equal(role.leader, "http://b");
    assert_string_equal(role.former, "http://b");
    assert_true(store_begin(f->store));
    store_role_promote(f->store);
    store_role_renew_instance(f->store);
    assert_true(store_commit(f->store));
    role = role_of(f->store);
    assert_true(role.decided);
    assert_string_equal(role.leader, "");
    assert_string_equal(role.former, "http://b");
    assert_int_equal(strlen(role.instance), 16);
    struct store_position after = position_of(f->store);
    assert_int_equal(after.term, before.term + 1);
    assert_int_equal(strlen(after.branch), 16);
    assert_string_not_equal(after.branch, before.branch);
    assert_true(store_begin(f->store));
    store_role_promote(f->store);
    store_raise_revision(f->store);
    assert_true(store_may_commit(f->store));
    assert_int_equal(store_read_edition(f->store), INT64_C(12) << 40 | 2);
    assert_true(store_commit(f->store));
    assert_string_equal(role_of(f->store).former, "http://b");
}

static void test_urls(void **state)
{
    static const char scheme[] =
        "the URL of a leader begins with http:// or https:// and has a host, "
        "such as https://10.0.0.1:5000",
                      only[] = "the URL of a leader is scheme, host and port only, such as "
                               "https://10.0.0.1:5000";
    static const struct {
        const char *text, *url, *why;
    } rows[] = {
        {"http://a", "http://a", NULL},
        {"https://[::1]:5000/", "https://[::1]:5000", NULL},
        {"http://a//", NULL, only},
        {"", NULL, scheme},
        {"a", NULL, scheme},
        {"HTTP://a", NULL, scheme},
        {"http:/a", NULL, scheme},
        {"http://", NULL, scheme},
        {"http:///", NULL, scheme},
        {"http://a/b", NULL, only},
        {"http://a?", NULL, only},
        {"http://a#", NULL, only},
        {"http://b@a", NULL, only},
        {"http://a b", NULL, only},
        {"http://a\t", NULL, only},
        {"http://a\r", NULL, only},
        {"http://a\n", NULL, only},
        {"http://a\"", NULL, only},
        {"http://a\\", NULL, only},
    };
    char url[STORE_URL_SIZE], text[STORE_URL_SIZE + 8];
    const char *why;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check_row(store_role_read_url(rows[i].text, url, &why) == (rows[i].url != NULL),
                  rows[i].text);
        if (rows[i].url)
            assert_string_equal(url, rows[i].url);
        else
            assert_string_equal(why, rows[i].why);
    }
    memset(text, 'h', sizeof text);
    memcpy(text, "http://", 7);
    text[STORE_URL_SIZE - 1] = '\0';
    assert_true(store_role_read_url(text, url, &why));
    assert_string_equal(url, text);
    text[STORE_URL_SIZE - 1] = '/';
    text[STORE_URL_SIZE] = '\0';
    assert_true(store_role_read_url(text, url, &why));
    text[STORE_URL_SIZE - 1] = 'h';
    assert_false(store_role_read_url(text, url, &why));
    assert_string_equal(why, "the URL is too long");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_role),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_urls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
