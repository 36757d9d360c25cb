/* Reloads: changes that take effect, changes that need a restart, and no change after an error. */
#include "check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/reload.h"

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool without_memory;

void *__wrap_calloc(size_t count, size_t size)
{
    return without_memory ? NULL : __real_calloc(count, size);
}

static const struct daemon_spec spec = {
    .name = "test", .tables = &common_options, .table_count = 1};
static char path[] = "/tmp/test_reload.XXXXXX";
static char *arguments[] = {(char[]){"test"}, (char[]){"-c"}, path, NULL};

static void write_file(const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

struct probe {
    struct conf conf;
    struct common_settings settings;
    struct reload_source source;
    struct reload reload;
    bool good;
    const struct common_settings *applied, *checked_against;
    unsigned applications;
};

static bool check_settings(void *context, const void *in_force, void *newer)
{
    struct probe *probe = context;
    (void)newer;
    probe->checked_against = in_force;
    return probe->good;
}

static void apply_settings(void *context, const void *settings)
{
    struct probe *probe = context;
    probe->applied = settings;
    probe->applications++;
}

static const struct reload_ops replacing = {.check = check_settings, .apply = apply_settings};
static const struct reload_ops keeping = {
    .keeps_older = true, .check = check_settings, .apply = apply_settings};

static void begin(struct probe *probe, const char *text, const struct reload_ops *ops)
{
    int operand;
    *probe = (struct probe){.good = true};
    write_file(text);
    optind = 0; /* getopt starts over */
    assert_int_equal(
        daemon_configure(&spec, 3, arguments, &probe->conf, &probe->settings, &operand),
        DAEMON_RUN);
    probe->source = (struct reload_source){
        &spec, 3, arguments, &probe->conf, &probe->settings, sizeof probe->settings};
    probe->reload = (struct reload){.source = &probe->source, .ops = ops, .context = probe};
}

static bool reload(struct probe *probe, const char *text)
{
    if (text)
        write_file(text);
    return reload_run(&probe->reload);
}

static void end(struct probe *probe)
{
    reload_finish(&probe->reload);
    reload_finish(&probe->reload);
    conf_finish(&probe->conf);
}

static void takes_what_needs_no_restart(void **state)
{
    struct probe probe;
    (void)state;
    begin(&probe, "[common]\nlog_level = error\n", &replacing);
    assert_true(reload(&probe, "[common]\nlog_level = warning\nruntime_dir = /other\n"));
    assert_ptr_equal(probe.checked_against, &probe.settings);
    assert_int_equal(probe.applied->log_level, LOG_LEVEL_WARNING);
    assert_true(log_shows_level(LOG_LEVEL_WARNING) && !log_shows_level(LOG_LEVEL_INFO));
    assert_string_equal(probe.applied->runtime_dir, "/run/tagferry");
    assert_true(reload(&probe, "[common]\nlog_level = error\n"));
    assert_int_equal(probe.applied->log_level, LOG_LEVEL_ERROR);
    assert_int_equal(probe.applications, 2);
    end(&probe);
}

static void changes_nothing_after_a_fault(void **state)
{
    struct probe probe;
    (void)state;
    begin(&probe, "[common]\nlog_level = error\n", &replacing);
    assert_false(reload(&probe, "[common]\nlog_level = loud\n"));
    probe.good = false;
    assert_false(reload(&probe, "[common]\nlog_level = debug\n"));
    probe.good = true;
    without_memory = true;
    bool without = reload(&probe, NULL);
    without_memory = false;
    assert_false(without);
    unlink(path);
    assert_false(reload(&probe, NULL));
    assert_int_equal(probe.applications, 0);
    assert_false(log_shows_level(LOG_LEVEL_WARNING));
    assert_true(reload(&probe, "[common]\nlog_level = error\n"));
    end(&probe);
}

/* A user of older settings keeps them. */
static void keeps_older_settings(void **state)
{
    struct probe probe;
    (void)state;
    begin(&probe, "[common]\nlog_level = error\n", &keeping);
    assert_true(reload(&probe, "[common]\nlog_level = warning\n"));
    const struct common_settings *first = probe.applied;
    assert_true(reload(&probe, NULL)); /* logs nothing new */
    assert_ptr_equal(probe.applied, first);
    assert_int_equal(probe.applications, 1);
    assert_true(reload(&probe, "[common]\nlog_level = error\n"));
    assert_ptr_equal(probe.checked_against, first);
    assert_int_equal(first->log_level, LOG_LEVEL_WARNING);
    assert_int_equal(probe.applied->log_level, LOG_LEVEL_ERROR);
    end(&probe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_what_needs_no_restart),
        cmocka_unit_test(changes_nothing_after_a_fault),
        cmocka_unit_test(keeps_older_settings),
    };
    int fd = mkstemp(path);
    if (fd < 0)
        return 1;
    close(fd);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
