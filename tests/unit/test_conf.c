/* Options from file, environment and flags; addresses and unit sets. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/conf.h"
#include "common/base/net.h"
#include "common/base/unit_set.h"

struct settings {
    const char *name;
    int64_t count, most;
    bool fast;
    int colour;
    struct net_addr at;
    struct conf_addrs many;
    struct conf_list words;
};

static const char *const colours[] = {"red", "green", NULL};

#define AT(field) offsetof(struct settings, field)

static const struct conf_option rows[] = {
    {"common", "name", "anon", &conf_path, AT(name), .help = "x"},
    {"api", "count", "5", &conf_number, AT(count), .min = 1, .max = 9, .help = "x", .reload = true},
    {"api", "most", "5", &conf_number, AT(most), .min = 0, .max = UINT32_MAX, .help = "x"},
    {"api", "fast", "no", &conf_flag, AT(fast), .help = "x"},
    {"api", "colour", "red", &conf_choice, AT(colour), .names = colours, .help = "x"},
    {"api", "at", "127.0.0.1:1", &conf_server, AT(at), .help = "x"},
    {"api", "many", "127.0.0.1:1", &conf_addrs, AT(many), .help = "x"},
    {"api", "words", "", &conf_list, AT(words), .help = "x", .reload = true},
};

static const struct conf_table tables[] = {{rows, COUNT(rows)}};

/* One case: a file, an environment, flags, and the result. */
struct reading {
    struct conf conf;
    struct settings settings;
    char said[4096];
};

static bool read_all(struct reading *reading, const char *file, char *const *environment,
                     const char *const *flags)
{
    char path[] = "/tmp/tagferry-conf-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, file, strlen(file)), (ssize_t)strlen(file));
    close(fd);
    FILE *err = fmemopen(reading->said, sizeof reading->said, "w");
    assert_non_null(err);
    assert_true(conf_init(&reading->conf, tables, COUNT(tables)));
    bool ok = conf_read_file(&reading->conf, path, true, err);
    ok = conf_read_environment(&reading->conf, environment, err) && ok;
    for (; *flags; flags++)
        ok = conf_set_option(&reading->conf, *flags, err) && ok;
    ok = conf_apply_settings(&reading->conf, &reading->settings, err) && ok;
    fclose(err);
    unlink(path);
    return ok;
}

static char *no_environment[] = {NULL};
static const char *const no_flags[] = {NULL};

static void test_defaults(void **state)
{
    (void)state;
    struct reading reading = {0};
    assert_true(read_all(&reading, "", no_environment, no_flags));
    assert_string_equal(reading.settings.name, "anon");
    assert_int_equal(reading.settings.count, 5);
    assert_false(reading.settings.fast);
    assert_int_equal(reading.settings.many.count, 1);
    assert_int_equal(reading.settings.words.count, 0);
    conf_finish(&reading.conf);
}

/* A number has the same range on each architecture, also where a long has 32 bits. */
static void test_large_number(void **state)
{
    static const char *const most[] = {"api.most=4294967295", NULL};
    static const char *const too_much[] = {"api.most=4294967296", NULL};
    (void)state;
    struct reading reading = {0};
    assert_true(read_all(&reading, "", no_environment, most));
    assert_int_equal(reading.settings.most, UINT32_MAX);
    conf_finish(&reading.conf);
    assert_false(read_all(&reading, "", no_environment, too_much));
    assert_non_null(strstr(reading.said, "not a whole number from 0 to 4294967295"));
    conf_finish(&reading.conf);
}

static void test_precedence(void **state)
{
    (void)state;
    struct reading reading = {0};
    char variable[] = "TAGFERRY_API_COUNT=3", other[] = "TAGFERRY_COMMON_NAME=env";
    char *environment[] = {variable, other, NULL};
    const char *flags[] = {"api.count=4", "api.colour=green", NULL};
    assert_true(read_all(&reading, "[common]\nname = file\n[api]\ncount=2 ; two\nfast = YES\n",
                         environment, flags));
    assert_string_equal(reading.settings.name, "env");
    assert_int_equal(reading.settings.count, 4);
    assert_true(reading.settings.fast);
    assert_int_equal(reading.settings.colour, 1);
    conf_finish(&reading.conf);
}

static void test_lists(void **state)
{
    (void)state;
    struct reading reading = {0};
    assert_true(read_all(&reading,
                         "[api]\nmany = 127.0.0.1:1, [::1]:2\nmany = h:3\nwords = a, b ,,c d\n",
                         no_environment, no_flags));
    assert_int_equal(reading.settings.many.count, 3);
    assert_string_equal(reading.settings.many.item[1].host, "::1");
    assert_int_equal(reading.settings.many.item[2].port, 3);
    assert_int_equal(reading.settings.words.count, 3);
    assert_string_equal(reading.settings.words.item[1], "b");
    assert_string_equal(reading.settings.words.item[2], "c d");
    conf_finish(&reading.conf);

    struct reading replaced = {0};
    const char *flags[] = {"api.many=127.0.0.1:7", NULL};
    assert_true(read_all(&replaced, "[api]\nmany = h:1,h:2\n", no_environment, flags));
    assert_int_equal(replaced.settings.many.count, 1);
    assert_int_equal(replaced.settings.many.item[0].port, 7);
    assert_true(conf_apply_settings(&replaced.conf, &replaced.settings, stderr)); /* again */
    assert_int_equal(replaced.settings.many.count, 1);
    conf_finish(&replaced.conf);
}

static const struct {
    const char *file, *flag, *said;
} faults[] = {
    {"[api]\ncolor = red\n", NULL, ":2: unknown key \"color\" in [api]"},
    {"[nonsense]\na = 1\n", NULL, ":2: unknown section [nonsense]"},
    {"[api]\ncount = 10\n", NULL, ":2: [api] count: \"10\" is not a whole number from 1 to 9"},
    {"[api]\ncount = 5x\n", NULL, "is not a whole number"},
    {"[api]\ncount =\n", NULL, "is not a whole number"},
    {"[api]\nfast = maybe\n", NULL, "neither yes nor no"},
    {"[api]\ncolour = blue\n", NULL, "\"blue\" is not one of red green"},
    {"[api]\nat = nowhere\n", NULL, "is not an address"},
    {"[api]\nmany = ,\n", NULL, "at least one address"},
    {"[api]\ncount = 1\n\ncount = 2\n", NULL, ":4: [api] count appears twice"},
    {"[common]\nname =\n", NULL, "must name a path"},
    {"[api]\njust words\n", NULL, ":2: neither"},
    {"\n\n\n\n\n\n\n\n\n\n\njust words\n", NULL, ":12: neither"},
    {"[api]\n\n\n\n\n\n\n\n\n\n\ncolor = red\n", NULL, ":12: unknown key"},
    {"[api]\ncount = 0\nfast = x\n", NULL, "neither yes nor no"},
    {"", "api.count", "expected section.key=value"},
    {"", "api.nope=1", "unknown key \"nope\""},
    {"", "count=1", "expected section.key=value"},
    {"[common]\nname =;x\n", NULL, ":2: [common] name: \";x\" has a \";\" at its beginning"},
    {"", "common.name=;", "-o common.name: [common] name: \";\" has a \";\" at its beginning"},
    {"", "common.name=/a\t;b", "or after a space, where a comment begins"},
    {"", "common.name=/a\nb", "[common] name: \"/a\nb\" has a line break"},
    {"", "common.name=/a\r", "has a line break"},
    {"", "common.name= /a", "begins or ends with a space, which a file does not keep"},
    {"", "common.name=/a\t", "begins or ends with a space"},
};

/* Beside those faults: a file gives these back. */
static void test_texts(void **state)
{
    static const char *const flags[] = {"common.name=/a;b ;c", "common.name=/a b;c",
                                        "common.name=a;"};
    (void)state;
    for (size_t i = 0; i < COUNT(flags); i++) {
        struct reading reading = {0}, again = {0};
        const char *one[] = {flags[i], NULL};
        char file[200];
        const char *text = strchr(flags[i], '=') + 1;
        bool is_taken = read_all(&reading, "", no_environment, one);
        assert_int_equal(is_taken, !strstr(text, " ;"));
        snprintf(file, sizeof file, "[common]\nname = %s\n", text);
        assert_true(read_all(&again, file, no_environment, no_flags));
        if (is_taken)
            assert_string_equal(again.settings.name, reading.settings.name);
        else
            assert_string_equal(again.settings.name, "/a;b");
        conf_finish(&again.conf);
        conf_finish(&reading.conf);
    }
}

static void test_faults(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        struct reading reading = {0};
        const char *flags[] = {faults[i].flag, NULL};
        check_row(!read_all(&reading, faults[i].file, no_environment, flags), faults[i].said);
        if (!strstr(reading.said, faults[i].said))
            fail_msg("expected \"%s\" in \"%s\"", faults[i].said, reading.said);
        conf_finish(&reading.conf);
    }
}

static void test_other_sections(void **state)
{
    (void)state;
    struct reading reading = {0};
    char variable[] = "TAGFERRY_MQTTD_ANYTHING=1", unrelated[] = "TAGFERRY_HOME=/x";
    char *environment[] = {variable, unrelated, NULL};
    assert_true(read_all(&reading, "[mqttd]\nanything = 1\n", environment, no_flags));
    conf_finish(&reading.conf);
}

static void test_long_line(void **state)
{
    (void)state;
    struct reading reading = {0};
    char file[600];
    snprintf(file, sizeof file, "[api]\nwords = %0500d\n", 1);
    assert_false(read_all(&reading, file, no_environment, no_flags));
    assert_non_null(strstr(reading.said, ":2: the line is longer"));
    conf_finish(&reading.conf);
}

static void test_missing_file(void **state)
{
    (void)state;
    struct conf conf;
    char said[256] = "";
    FILE *err = fmemopen(said, sizeof said, "w");
    assert_non_null(err);
    assert_true(conf_init(&conf, tables, COUNT(tables)));
    assert_true(conf_read_file(&conf, "/nonexistent/tagferry.conf", false, err));
    assert_false(conf_read_file(&conf, "/nonexistent/tagferry.conf", true, err));
    fclose(err);
    assert_non_null(strstr(said, "/nonexistent/tagferry.conf: No such file"));
    conf_finish(&conf);
}

static void test_print_reads_back(void **state)
{
    (void)state;
    struct reading reading = {0}, again = {0};
    char printed[2048] = "";
    const char *flags[] = {"api.count=7", "api.words=x,y", NULL};
    assert_true(read_all(&reading, "", no_environment, flags));
    FILE *out = fmemopen(printed, sizeof printed, "w");
    assert_non_null(out);
    conf_print_settings(&reading.conf, out);
    fclose(out);
    assert_true(read_all(&again, printed, no_environment, no_flags));
    assert_int_equal(again.settings.count, 7);
    assert_int_equal(again.settings.words.count, 2);
    conf_finish(&reading.conf);
    conf_finish(&again.conf);
}

static char told[64];

static void tell(const struct conf_option *option)
{
    strncat(told, option->key, sizeof told - strlen(told) - 1);
    strncat(told, " ", sizeof told - strlen(told) - 1);
}

static void test_reload(void **state)
{
    static struct reading first, second;
    const char *one[] = {"api.count=3", "api.colour=red", "api.words=a,b", NULL};
    const char *two[] = {"api.count=4", "api.colour=green", "common.name=me", "api.words=c", NULL};
    assert_true(read_all(&first, "", no_environment, one));
    assert_true(read_all(&second, "", no_environment, two));
    conf_apply_reload(&second.conf, &first.settings);
    assert_int_equal(first.settings.count, 4);
    assert_int_equal(first.settings.words.count, 1);
    assert_string_equal(first.settings.words.item[0], "c");
    assert_int_equal(first.settings.colour, 0);
    assert_string_equal(first.settings.name, "anon");
    conf_each_restart_option(&first.conf, &second.conf, tell);
    assert_string_equal(told, "name colour ");
    conf_finish(&first.conf);
    conf_finish(&second.conf);
    (void)state;
}

static void test_same(void **state)
{
    static struct reading first, second;
    /* An option counts as given even if its value is the default. */
    const char *given[] = {"api.count=3", "api.words=a,b", NULL};
    assert_true(read_all(&first, "[api]\ncount = 3\nwords = a,b\n", no_environment, no_flags));
    assert_true(read_all(&second, "[common]\nname = anon\n", no_environment, given));
    assert_true(conf_is_equal(&first.conf, &second.conf));
    assert_true(conf_set_option(&second.conf, "api.count=4", stderr));
    assert_false(conf_is_equal(&first.conf, &second.conf));
    conf_finish(&first.conf);
    conf_finish(&second.conf);
    (void)state;
}

static void test_addresses(void **state)
{
    (void)state;
    static const struct {
        const char *text, *host;
        unsigned port;
    } good[] = {{"127.0.0.1:8502", "127.0.0.1", 8502}, {"[::1]:1", "::1", 1}, {"a.b:0", "a.b", 0}};
    static const char *const bad[] = {"",        "host",    ":1",     "host:",        "host:65536",
                                      "host:-1", "host:1x", "::1:80", "[::1]",        "[::1]80",
                                      "h ost:1", "host:1 ", "[]:1",   "host:99999999"};
    struct net_addr addr;
    char why[NET_WHY_SIZE];
    for (size_t i = 0; i < COUNT(good); i++) {
        char text[NET_TEXT_SIZE];
        check_row(net_addr_parse(good[i].text, &addr, why, sizeof why), good[i].text);
        assert_string_equal(addr.host, good[i].host);
        assert_int_equal(addr.port, good[i].port);
        net_addr_format(&addr, text);
        assert_string_equal(text, good[i].text);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        check_row(!net_addr_parse(bad[i], &addr, why, sizeof why), bad[i]);
}

static void test_same_addresses(void **state)
{
    (void)state;
    static const struct {
        struct net_addr a, b;
        bool same;
    } pairs[] = {
        {{"127.0.0.1", 1}, {"localhost", 1}, true},
        {{"127.0.0.1", 1}, {"127.0.0.1", 2}, false},
        {{"PLC.local", 1}, {"plc.LOCAL", 1}, true},
        {{"::1", 1}, {"0:0:0:0:0:0:0:1", 1}, true},
        {{"a", 1}, {"b", 1}, false},
    };
    for (size_t i = 0; i < COUNT(pairs); i++)
        check_row(net_addr_is_equal(&pairs[i].a, &pairs[i].b) == pairs[i].same, pairs[i].a.host);
    assert_true(net_host_is_loopback("127.8.9.1"));
    assert_true(net_host_is_loopback("::1"));
    assert_false(net_host_is_loopback("10.0.0.1"));
    assert_false(net_host_is_loopback("0.0.0.0"));
}

static void test_unit_sets(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t count; /* 0: refused */
    } sets[] = {{"1", 1},  {"1-16,20", 17}, {" 3 , 2 ", 2}, {"1-247", 247}, {"5,5", 1},
                {"", 0},   {"0", 0},        {"248", 0},     {"3-2", 0},     {"1,", 0},
                {"1-", 0}, {"a", 0},        {"1 2", 0},     {"-1", 0}};
    struct unit_set set;
    char why[128];
    for (size_t i = 0; i < COUNT(sets); i++) {
        bool ok = unit_set_parse(sets[i].text, &set, why, sizeof why);
        check_row(ok == (sets[i].count > 0), sets[i].text);
        check_row(!ok || set.count == sets[i].count, sets[i].text);
    }
    assert_true(unit_set_parse("7,3", &set, why, sizeof why));
    assert_int_equal(unit_set_index(&set, 3), 0);
    assert_int_equal(unit_set_index(&set, 7), 1);
    assert_int_equal(unit_set_index(&set, 0), 0);
    assert_int_equal(unit_set_index(&set, 255), 0);
    assert_int_equal(unit_set_index(&set, 4), UNIT_NONE);
    assert_true(unit_set_contains(&set, 7));
    assert_false(unit_set_contains(&set, 0));
    assert_false(unit_set_contains(&set, 300));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),       cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_lists),          cmocka_unit_test(test_faults),
        cmocka_unit_test(test_other_sections), cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_missing_file),   cmocka_unit_test(test_print_reads_back),
        cmocka_unit_test(test_reload),         cmocka_unit_test(test_same),
        cmocka_unit_test(test_addresses),      cmocka_unit_test(test_same_addresses),
        cmocka_unit_test(test_unit_sets),      cmocka_unit_test(test_large_number),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
