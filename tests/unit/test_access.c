/* Access rules: their syntax, and what they allow. */
#include "modbusd/requests/access.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_spelling(void **state)
{
    static const struct {
        const char *text;
        bool good;
    } rows[] = {
        {"any rw", true},
        {"any ro", true},
        {"10.0.0.0/8 rw", true},
        {"0.0.0.0/0 ro unit=1-4", true},
        {"::/0 ro unit=1 unit=9-12", true},
        {"192.168.1.7 rw", true},
        {"fe80::1 ro", true},
        {"fd00::/8 rw", true},
        {"  any\t rw  ", true},
        {"", false},
        {"any", false},
        {"any r", false},
        {"any RW", false},
        {"any rwx", false},
        {"rw", false},
        {"10.0.0.0/8", false},
        {"10.0.0.0/33 rw", false},
        {"10.0.0.0/ rw", false},
        {"10.0.0.0/8x rw", false},
        {"10.0.0.0/-1 rw", false},
        {"10.0.0.0/0008 rw", false},
        {"10.0.0.1/8 rw", false},
        {"10.0.0 rw", false},
        {"300.0.0.0 rw", false},
        {"::/129 rw", false},
        {"fd00::1/8 rw", false},
        {"localhost rw", false},
        {"any ro unit=", false},
        {"any ro unit=0", false},
        {"any ro unit=248", false},
        {"any ro units=1", false},
        {"any ro unit=1 rw", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct access_rule rule;
        char why[256] = "";
        if (access_rule_parse(rows[i].text, &rule, why, sizeof why) != rows[i].good)
            fail_msg("\"%s\": %s", rows[i].text, why);
        assert_int_equal(why[0] == '\0', rows[i].good);
    }
}

static struct access_ip ip_of(const char *text)
{
    struct access_ip ip = {{[10] = 0xFF, [11] = 0xFF}};
    if (inet_pton(AF_INET, text, ip.bytes + 12) != 1)
        assert_int_equal(inet_pton(AF_INET6, text, ip.bytes), 1);
    return ip;
}

/* The access of a client to units 1, 2 and 9, as letters: - none, r read, w write. */
static const char *rights_of(const char *const *texts, const char *client, char letters[4])
{
    struct access_rules rules = {.count = 0};
    struct unit_set units;
    struct access_rights rights;
    struct access_source source = {.ip = ip_of(client)};
    char why[256];
    assert_true(unit_set_parse("1,2,9", &units, why, sizeof why));
    for (; *texts; texts++)
        assert_true(access_rule_parse(*texts, &rules.rule[rules.count++], why, sizeof why));
    bool any = access_decide_rights(&rules, &source, &units, &rights);
    for (size_t i = 0; i < 3; i++)
        letters[i] = "-rw"[rights.of[i]];
    letters[3] = '\0';
    assert_int_equal(any, strcmp(letters, "---") != 0);
    return letters;
}

static void test_decisions(void **state)
{
    static const struct {
        const char *rules[4];
        const char *client, *rights;
    } rows[] = {
        {{NULL}, "127.0.0.1", "---"},
        {{"any rw"}, "10.1.2.3", "www"},
        {{"any rw"}, "fd00::1", "www"},
        {{"0.0.0.0/0 rw"}, "fd00::1", "---"},
        {{"::/0 rw"}, "fd00::1", "www"},
        {{"::/0 rw"}, "10.1.2.3", "---"},
        {{"::/64 rw"}, "10.1.2.3", "---"},
        {{"::/0 rw", "10.0.0.0/8 ro"}, "10.1.2.3", "rrr"},
        {{"0.0.0.0/0 rw"}, "10.1.2.3", "www"},
        {{"::ffff:0:0/96 rw"}, "10.1.2.3", "www"},
        {{"::ffff:10.0.0.0/104 rw"}, "10.1.2.3", "www"},
        {{"10.0.0.0/8 rw", "any ro"}, "10.255.255.255", "www"},
        {{"10.0.0.0/8 rw", "any ro"}, "11.0.0.0", "rrr"},
        {{"10.0.0.0/8 rw", "any ro"}, "9.255.255.255", "rrr"},
        {{"10.0.0.0/9 rw"}, "10.127.255.255", "www"},
        {{"10.0.0.0/9 rw"}, "10.128.0.0", "---"},
        {{"10.0.0.4/31 rw"}, "10.0.0.5", "www"},
        {{"10.0.0.4/31 rw"}, "10.0.0.6", "---"},
        {{"10.0.0.4 rw"}, "10.0.0.4", "www"},
        {{"10.0.0.4 rw"}, "10.0.0.5", "---"},
        {{"any ro", "10.0.0.0/8 rw"}, "10.0.0.1", "rrr"},
        {{"any ro unit=1-2"}, "10.0.0.1", "rr-"},
        {{"any rw unit=9", "any ro"}, "10.0.0.1", "rrw"},
        {{"10.0.0.0/8 ro unit=2", "10.0.0.0/8 rw unit=1-2"}, "10.0.0.1", "wr-"},
        {{"any ro unit=7"}, "10.0.0.1", "---"},
        {{"fd00::/9 rw"}, "fd7f::1", "www"},
        {{"fd00::/9 rw"}, "fd80::1", "---"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char letters[4];
        if (strcmp(rights_of(rows[i].rules, rows[i].client, letters), rows[i].rights) != 0)
            fail_msg("row %zu, %s: %s, not %s", i, rows[i].client, letters, rows[i].rights);
    }
}

static void test_process_side(void **state)
{
    struct access_rights rights;
    (void)state;
    access_grant_all(&rights);
    for (size_t i = 0; i < UNIT_MAX; i++)
        assert_int_equal(rights.of[i], ACCESS_WRITE);
}

static void test_networks(void **state)
{
    struct access_networks networks = {.count = 2};
    struct access_network any;
    char text[INET6_ADDRSTRLEN];
    (void)state;
    assert_true(access_network_parse("10.0.9.0/24", &networks.item[0]));
    assert_true(access_network_parse("fd00::9", &networks.item[1]));
    static const struct {
        const char *ip;
        bool is_there;
    } rows[] = {{"10.0.9.0", true}, {"10.0.9.255", true}, {"10.0.8.255", false},
                {"fd00::9", true},  {"fd00::8", false},   {"127.0.0.1", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct access_ip ip = ip_of(rows[i].ip);
        if (access_networks_have(&networks, &ip) != rows[i].is_there)
            fail_msg("%s", rows[i].ip);
        access_ip_format(&ip, text);
        assert_string_equal(text, rows[i].ip);
    }
    static const char *const wrong[] = {"", "any", "10.0.9.1/24", "10.0.9.0/24 rw", "proxy", "/8"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(access_network_parse(wrong[i], &any));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spelling),
        cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_process_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
