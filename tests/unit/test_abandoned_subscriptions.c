/* The file of filters with wildcards, and those of it that nobody uses any more. */
#include "said_log.h"

#include <sys/stat.h>

#include "mqttd/broker/abandoned_subscriptions.h"

static struct bench {
    char folder[40], path[80];
    struct subscriptions *subscriptions;
    struct abandoned_subs abandoned;
    char asked[40000]; /* the filters of each call, with "|" between the calls */
    size_t calls;
    struct said_log said;
} bench;

static int open_bench(void **state)
{
    (void)state;
    memset(&bench, 0, sizeof bench);
    snprintf(bench.folder, sizeof bench.folder, "/tmp/tagferry-abandoned-XXXXXX");
    assert_non_null(mkdtemp(bench.folder));
    snprintf(bench.path, sizeof bench.path, "%s/wildcards", bench.folder);
    bench.subscriptions = subscriptions_create();
    assert_non_null(bench.subscriptions);
    said_log_begin(&bench.said);
    return 0;
}

static int close_bench(void **state)
{
    (void)state;
    abandoned_subs_finish(&bench.abandoned);
    subscriptions_destroy(bench.subscriptions);
    said_log_end(&bench.said);
    unlink(bench.path);
    return rmdir(bench.folder);
}

static void write_file(const char *content)
{
    FILE *file = fopen(bench.path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static void take(void *context, const char *const *filters, size_t count)
{
    assert_ptr_equal(context, &bench);
    assert_in_range(count, 1, SUBSCRIPTIONS_PER_PACKET);
    if (bench.calls++ > 0)
        strcat(bench.asked, "|");
    for (size_t i = 0; i < count; i++) {
        strcat(bench.asked, i > 0 ? " " : "");
        strcat(bench.asked, filters[i]);
    }
}

static void check_unsubscribed(const char *expected)
{
    bench.asked[0] = '\0';
    bench.calls = 0;
    abandoned_subs_unsubscribe(&bench.abandoned, bench.subscriptions, take, &bench);
    assert_string_equal(bench.asked, expected);
}

#define check_log(expected)                                                                        \
    do {                                                                                           \
        assert_string_equal(said_log_end(&bench.said), expected);                                  \
        said_log_begin(&bench.said);                                                               \
    } while (0)

static void test_compare(void **state)
{
    (void)state;
    write_file("a/#\nb/+\n\nno#filter\nc\n$share/g/d\nlast/#");
    abandoned_subs_init(&bench.abandoned, bench.folder);
    assert_string_equal(bench.abandoned.path, bench.path);
    assert_true(bench.abandoned.dirty);
    assert_true(subscriptions_add(bench.subscriptions, "b/+", 1));
    check_unsubscribed("a/# c $share/g/d last/#");
    assert_null(bench.abandoned.text);
    check_unsubscribed("");
    subscriptions_remove(bench.subscriptions, "b/+", 1);
    check_log("");
}

/* As many at a time as a packet holds. */
static void test_packets(void **state)
{
    static char content[40000], expected[40000];
    (void)state;
    for (size_t count = SUBSCRIPTIONS_PER_PACKET - 1; count <= 2 * SUBSCRIPTIONS_PER_PACKET + 1;
         count++) {
        content[0] = expected[0] = '\0';
        for (size_t i = 0; i < count; i++) {
            char filter[40];
            snprintf(filter, sizeof filter, "t/%zu/#", i);
            strcat(content, filter);
            strcat(content, "\n");
            strcat(expected, i == 0 ? "" : i % SUBSCRIPTIONS_PER_PACKET == 0 ? "|" : " ");
            strcat(expected, filter);
        }
        write_file(content);
        abandoned_subs_init(&bench.abandoned, bench.folder);
        check_unsubscribed(expected);
    }
}

/* A file that is missing or empty is none. */
static void test_no_file(void **state)
{
    (void)state;
    abandoned_subs_init(&bench.abandoned, bench.folder);
    assert_null(bench.abandoned.text);
    check_unsubscribed("");
    write_file("");
    abandoned_subs_init(&bench.abandoned, bench.folder);
    assert_null(bench.abandoned.text);
    check_log("");
    unlink(bench.path);
    assert_int_equal(mkdir(bench.path, 0700), 0);
    abandoned_subs_init(&bench.abandoned, bench.folder);
    rmdir(bench.path);
    char expected[300];
    snprintf(expected, sizeof expected,
             "warning %s: Is a directory; topics with wildcards that were given up meanwhile stay "
             "subscribed\n",
             bench.path);
    check_log(expected);
    /* A link may lead anywhere. */
    assert_int_equal(symlink("/dev/null", bench.path), 0);
    abandoned_subs_init(&bench.abandoned, bench.folder);
    snprintf(expected, sizeof expected,
             "warning %s: Too many levels of symbolic links; topics with wildcards that were given "
             "up meanwhile stay subscribed\n",
             bench.path);
    check_log(expected);
}

static void check_file(const char *expected)
{
    static char content[2000];
    FILE *file = fopen(bench.path, "r");
    assert_non_null(file);
    content[fread(content, 1, sizeof content - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(content, expected);
}

static void test_save(void **state)
{
    char draft[100], expected[200];
    (void)state;
    abandoned_subs_init(&bench.abandoned, bench.folder);
    abandoned_subs_save(&bench.abandoned, bench.subscriptions);
    assert_false(bench.abandoned.dirty);
    check_file("");
    struct stat info;
    assert_int_equal(stat(bench.path, &info), 0);
    assert_int_equal(info.st_mode & 0137, 0); /* others do not read it */
    assert_true(subscriptions_add(bench.subscriptions, "a/#", 1));
    assert_true(subscriptions_add(bench.subscriptions, "plain", 1));
    assert_true(subscriptions_add(bench.subscriptions, "line\nbreak/+", 1));
    abandoned_subs_save(&bench.abandoned, bench.subscriptions);
    check_file(""); /* nothing has changed as far as it knows */
    bench.abandoned.dirty = true;
    abandoned_subs_save(&bench.abandoned, bench.subscriptions);
    check_file("a/#\n");
    /* A draft of another process is replaced, and so is a link. */
    snprintf(draft, sizeof draft, "%s.new", bench.path);
    assert_int_equal(symlink("/dev/full", draft), 0);
    assert_true(subscriptions_add(bench.subscriptions, "b/+", 1));
    bench.abandoned.dirty = true;
    abandoned_subs_save(&bench.abandoned, bench.subscriptions);
    assert_int_not_equal(access(draft, F_OK), 0);
    check_log("");
    assert_int_equal(mkdir(draft, 0700), 0);
    bench.abandoned.dirty = true;
    abandoned_subs_save(&bench.abandoned, bench.subscriptions);
    rmdir(draft);
    snprintf(expected, sizeof expected, "warning %s: Is a directory\n", draft);
    check_log(expected);
    /* The next start finds what was saved. */
    subscriptions_remove(bench.subscriptions, "a/#", 1);
    subscriptions_remove(bench.subscriptions, "plain", 1);
    subscriptions_remove(bench.subscriptions, "line\nbreak/+", 1);
    abandoned_subs_init(&bench.abandoned, bench.folder);
    check_unsubscribed("a/#");
    subscriptions_remove(bench.subscriptions, "b/+", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_compare, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_packets, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_no_file, open_bench, close_bench),
        cmocka_unit_test_setup_teardown(test_save, open_bench, close_bench),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
