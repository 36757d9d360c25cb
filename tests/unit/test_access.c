/* Access rules: their syntax, and what they allow. */
#include "modbusd/requests/access.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "modbusd/requests/access_words.h"

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
        {"any ro unit=1-4,7, 9", true},
        {"any ro, 7", false},
        {"any ro unit=1-", false},
        {"any ro unit=4-1", false},
        {"any ro unit=-4", false},
        {"any ro unit=1,x", false},
        {"any ro unit=000007", false},
        {"serial rw", true},
        {"serial", false},
        {"serial/8 rw", false},
        {"10.1.0.0/16 rw unit=1-4 holding_register=200-299 fc=3,6,16", true},
        {"any rw holding_register=200-299,400 fc=3,6,16 unit=7", true},
        {"any rw holding_register=0-65535 coil=0 discrete_input=65535 input_register=7", true},
        {"any rw holding_register=65536", false},
        {"any rw holding_register=0-65536", false},
        {"any rw holding_register=9-8", false},
        {"any rw holding_register=", false},
        {"any rw holding_register=-1", false},
        {"any rw holding_register=1-2-3", false},
        {"any rw holding_registers=1", false},
        {"any rw fc=1-6,15-17,22,23,43", true},
        {"any rw fc=0", false},
        {"any rw fc=7", false},
        {"any rw fc=1-7", false},
        {"any rw fc=14", false},
        {"any rw fc=18", false},
        {"any rw fc=42", false},
        {"any rw fc=44", false},
        {"any rw fc=64", false},
        {"any rw fc=", false},
        {"any rw fc", false},
        {"any rw role=operator", true},
        {"any rw role=operator,shift-lead.2 fc=3", true},
        {"any rw role=Betriebsf\xc3\xbchrer", true},
        {"any rw role=", false},
        {"any rw role=any", false},
        {"any rw role=7th", false},
        {"any rw role=a/b", false},
        {"any rw role=a,10.0.0.0/8", false},
        {"any rw role=a,serial", false},
        {"any rw role=a,b=c", false},
        {"any rw role=a b", false},
        {"any rw role=a=b", false},
        {"any rw role=a,b,c,d,e,f,g,h", true},
        {"any rw role=a,b,c,d,e,f,g,h,i", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct access_rules rules;
        char why[512] = "";
        bool good = access_rules_parse(rows[i].text, &rules, why, sizeof why);
        if (good && rules.count == 0) /* no rule: nobody may connect */
            good = rows[i].text[0] != '\0';
        else
            assert_int_equal(why[0] == '\0', good);
        if (good != rows[i].good || (good && rules.count != 1))
            fail_msg("\"%s\": %s", rows[i].text, why);
    }
}

/* Lengths and numbers at their limits, and one more. */
static void test_limits(void **state)
{
    static struct access_rules rules;
    char text[8192] = "any rw role=", why[512];
    (void)state;
    memset(text + strlen(text), 'x', ACCESS_ROLE_SIZE - 1);
    assert_true(access_rules_parse(text, &rules, why, sizeof why));
    strcat(text, "x");
    assert_false(access_rules_parse(text, &rules, why, sizeof why));

    strcpy(text, "any rw coil=0");
    for (int i = 1; i < ACCESS_RANGES_MAX; i++)
        sprintf(text + strlen(text), ",%d", 2 * i);
    assert_true(access_rules_parse(text, &rules, why, sizeof why));
    assert_int_equal(rules.rule[0].range_count, ACCESS_RANGES_MAX);
    strcat(text, ",9999");
    assert_false(access_rules_parse(text, &rules, why, sizeof why));

    strcpy(text, "any rw");
    for (int i = 1; i < ACCESS_RULES_MAX; i++)
        strcat(text, " , any ro");
    assert_true(access_rules_parse(text, &rules, why, sizeof why));
    assert_int_equal(rules.count, ACCESS_RULES_MAX);
    strcat(text, ",any ro");
    assert_false(access_rules_parse(text, &rules, why, sizeof why));

    sprintf(text, "any%250srw", "");
    assert_true(access_rules_parse(text, &rules, why, sizeof why));
    sprintf(text, "any%251srw", "");
    assert_false(access_rules_parse(text, &rules, why, sizeof why));
}

static struct access_ip ip_of(const char *text)
{
    struct access_ip ip = {{[10] = 0xFF, [11] = 0xFF}};
    if (inet_pton(AF_INET, text, ip.bytes + 12) != 1)
        assert_int_equal(inet_pton(AF_INET6, text, ip.bytes), 1);
    return ip;
}

/* The access of a client to units 1, 2 and 9, as letters: - none, r read, w write, * by request. */
static const char *rights_of(const char *const *texts, const char *client, char letters[4])
{
    static struct access_rules rules;
    struct unit_set units;
    struct access_rights rights;
    char text[512] = "";
    struct access_source source = {.ip = ip_of(client)};
    char why[256];
    assert_true(unit_set_parse("1,2,9", &units, why, sizeof why));
    for (; *texts; texts++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s,", *texts);
    assert_true(access_rules_parse(text, &rules, why, sizeof why));
    bool any = access_decide_rights(&rules, &source, &units, &rights);
    for (size_t i = 0; i < 3; i++)
        letters[i] = "-rw*"[rights.of[i]];
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
        {{"any ro coil=1"}, "10.0.0.1", "***"},
        {{"any ro unit=2 fc=3", "any rw"}, "10.0.0.1", "w*w"},
        {{"any rw unit=1", "any ro coil=1"}, "10.0.0.1", "w**"},
        {{"10.0.0.2 rw fc=3", "any ro"}, "10.0.0.1", "rrr"},
        {{"serial rw"}, "10.0.0.1", "---"},
        {{"any rw role=operator"}, "10.0.0.1", "---"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char letters[4];
        if (strcmp(rights_of(rows[i].rules, rows[i].client, letters), rows[i].rights) != 0)
            fail_msg("row %zu, %s: %s, not %s", i, rows[i].client, letters, rows[i].rights);
    }
}

static void test_sources(void **state)
{
    static const struct {
        const char *rules;
        bool is_serial;
        const char *role;
        uint8_t right;
    } rows[] = {
        {"any ro", true, NULL, ACCESS_READ},
        {"serial rw, any ro", true, NULL, ACCESS_WRITE},
        {"serial rw, any ro", false, NULL, ACCESS_READ},
        {"0.0.0.0/0 rw, ::/0 rw", true, NULL, ACCESS_NONE},
        {"any rw role=operator, any ro", false, "operator", ACCESS_WRITE},
        {"any rw role=operator, any ro", false, "operato", ACCESS_READ},
        {"any rw role=operator, any ro", false, "Operator", ACCESS_READ},
        {"any rw role=operator, any ro", false, "", ACCESS_READ},
        {"any rw role=operator, any ro", false, NULL, ACCESS_READ},
        {"any rw role=a,operator", false, "operator", ACCESS_WRITE},
        {"10.0.0.0/8 rw role=operator", false, "operator", ACCESS_WRITE},
        {"11.0.0.0/8 rw role=operator", false, "operator", ACCESS_NONE},
        {"any ro", false, "operator", ACCESS_READ},
    };
    struct unit_set units;
    char why[256];
    (void)state;
    assert_true(unit_set_parse("1", &units, why, sizeof why));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static struct access_rules rules;
        struct access_rights rights;
        const struct access_source source = {
            .ip = ip_of("10.0.0.1"), .is_serial = rows[i].is_serial, .role = rows[i].role};
        assert_true(access_rules_parse(rows[i].rules, &rules, why, sizeof why));
        assert_int_equal(access_decide_rights(&rules, &source, &units, &rights),
                         rows[i].right != ACCESS_NONE);
        if (rights.of[0] != rows[i].right)
            fail_msg("row %zu: %u", i, rights.of[0]);
    }
}

/* The result for a request of unit 1: 'w' or 'r' without a look at the request, 'y' permitted, 'f'
 * function refused, 'a' addresses refused; and the first refused register and the rule. */
static char answer_to(const char *text, const uint8_t *pdu, size_t len,
                      struct access_refusal *refusal)
{
    static struct access_rules rules;
    struct access_rights rights;
    struct unit_set units;
    struct pdu_request request;
    char why[256];
    const struct access_source source = {.ip = ip_of("10.0.0.1")};
    assert_true(unit_set_parse("1", &units, why, sizeof why));
    if (!access_rules_parse(text, &rules, why, sizeof why))
        fail_msg("%s", why);
    assert_true(access_decide_rights(&rules, &source, &units, &rights));
    if (rights.of[0] != ACCESS_BY_REQUEST)
        return "-rw"[rights.of[0]];
    if (!access_has_function(&rights, 1, pdu[0], refusal))
        return 'f';
    assert_int_equal(pdu_check_request(pdu, len, &request), PDU_OK);
    return access_has_registers(&rights, 1, &request, refusal) ? 'y' : 'a';
}

/* A request of any function that is served; `read` for the read part of function 23 only. */
static size_t make_request(uint8_t function, unsigned at, unsigned count, unsigned read,
                           uint8_t pdu[ADU_MAX])
{
    memset(pdu, 0, ADU_MAX);
    pdu[0] = function;
    pdu_put_u16(pdu + 1, (uint16_t)at);
    pdu_put_u16(pdu + 3, (uint16_t)(function <= 4 || function >= 15 ? count : 0));
    if (function == 15 || function == 16)
        pdu[5] = (uint8_t)(function == 15 ? (count + 7) / 8 : 2 * count);
    if (function == 23) {
        pdu_put_u16(pdu + 1, (uint16_t)read);
        pdu_put_u16(pdu + 3, 1);
        pdu_put_u16(pdu + 5, (uint16_t)at);
        pdu_put_u16(pdu + 7, (uint16_t)count);
        pdu[9] = (uint8_t)(2 * count);
    }
    return pdu_request_size(pdu, ADU_MAX);
}

static void test_requests(void **state)
{
    static const struct {
        const char *rules;
        uint8_t function;
        unsigned at, count, read;
        char answer;
        unsigned address;
        size_t rule;
    } rows[] = {
#define PANEL "any rw holding_register=200-299,400 fc=3,6,16"
        {PANEL, 3, 200, 100, 0, 'y', 0, 0},
        {PANEL, 3, 199, 2, 0, 'a', 199, 0},
        {PANEL, 3, 299, 2, 0, 'a', 300, 0},
        {PANEL, 6, 400, 1, 0, 'y', 0, 0},
        {PANEL, 6, 401, 1, 0, 'a', 401, 0},
        {PANEL, 16, 298, 2, 0, 'y', 0, 0},
        {PANEL, 16, 298, 3, 0, 'a', 300, 0},
        {PANEL, 22, 200, 1, 0, 'f', 0, 0},
        {PANEL, 4, 200, 1, 0, 'f', 0, 0},
        {PANEL, 43, 0, 0, 0, 'f', 0, 0},
        /* The ends of a table. */
        {"any rw coil=0,65535", 5, 0, 1, 0, 'y', 0, 0},
        {"any rw coil=0,65535", 5, 1, 1, 0, 'a', 1, 0},
        {"any rw coil=0,65535", 5, 65535, 1, 0, 'y', 0, 0},
        {"any rw coil=0,65535", 1, 65534, 2, 0, 'a', 65534, 0},
        {"any rw coil=0-65535", 1, 63536, 2000, 0, 'y', 0, 0},
        /* Only the named table; neighbours are one range; functions without registers. */
        {"any rw holding_register=0-9,10-19,15-20", 3, 0, 21, 0, 'y', 0, 0},
        {"any rw holding_register=0-9", 4, 0, 1, 0, 'a', 0, 0},
        {"any rw holding_register=0-9", 2, 0, 1, 0, 'a', 0, 0},
        {"any rw input_register=0-9", 4, 0, 10, 0, 'y', 0, 0},
        {"any rw discrete_input=8", 2, 8, 1, 0, 'y', 0, 0},
        {"any ro holding_register=0-9", 17, 0, 0, 0, 'y', 0, 0},
        {"any ro fc=3,17", 17, 0, 0, 0, 'y', 0, 0},
        {"any ro fc=3,17", 3, 0, 125, 0, 'y', 0, 0},
        {"any ro fc=3,17", 43, 0, 0, 0, 'f', 0, 0},
        /* A right that is too small is exception 1 if no rule has more, else 2. */
        {"any ro fc=3,6", 6, 0, 1, 0, 'f', 0, 1},
        {"any ro holding_register=0-9", 6, 0, 1, 0, 'f', 0, 1},
        {"any ro holding_register=0-9, any rw", 6, 9, 1, 0, 'a', 9, 1},
        {"any ro holding_register=0-9, any rw", 6, 10, 1, 0, 'y', 0, 0},
        {"any ro holding_register=0-9, any ro, any rw", 6, 10, 1, 0, 'f', 0, 1},
        /* A longer request does not evade a rule; one in two rules is permitted by both. */
        {"any ro holding_register=0-9, any rw", 16, 8, 4, 0, 'a', 8, 1},
        {"any ro holding_register=10-19, any rw", 16, 8, 4, 0, 'a', 10, 1},
        {"any ro holding_register=10-19, any rw", 16, 8, 40, 0, 'a', 10, 1},
        {"any ro holding_register=0-9, any rw", 3, 8, 4, 0, 'y', 0, 0},
        {"any rw holding_register=0-9, any rw holding_register=10-19", 16, 8, 4, 0, 'y', 0, 0},
        {"any rw holding_register=0-9, any rw holding_register=11-19", 16, 8, 4, 0, 'a', 10, 0},
        {"any rw holding_register=5-6, any ro holding_register=0-9", 16, 5, 2, 0, 'y', 0, 0},
        {"any rw holding_register=5-6, any ro holding_register=0-9", 16, 5, 3, 0, 'a', 7, 2},
        /* A function is a condition, too: rule 1 does not concern others. */
        {"any ro fc=3, any rw", 6, 0, 1, 0, 'y', 0, 0},
        {"any ro fc=6, any rw", 6, 0, 1, 0, 'f', 0, 1},
        {"any ro fc=6, any rw", 16, 0, 1, 0, 'y', 0, 0},
        {"any ro fc=6 holding_register=7, any rw", 6, 7, 1, 0, 'a', 7, 1},
        /* Function 23 reads and writes; function 22 writes. */
        {"any rw holding_register=0-9, any ro", 23, 0, 10, 5000, 'y', 0, 0},
        {"any rw holding_register=0-9, any ro", 23, 0, 11, 0, 'a', 10, 2},
        {"any rw holding_register=0-9", 23, 0, 1, 10, 'a', 10, 0},
        {"any ro holding_register=0-9", 23, 0, 1, 0, 'f', 0, 1},
        {"any rw holding_register=0-9", 22, 9, 0, 0, 'y', 0, 0},
        {"any rw holding_register=0-9", 22, 10, 0, 0, 'a', 10, 0},
        /* Rules for others, and for other units, do not count. */
        {"10.0.0.2 rw coil=1, any ro coil=2", 1, 1, 1, 0, 'a', 1, 0},
        {"any rw unit=2, any ro coil=2", 1, 1, 1, 0, 'a', 1, 0},
        {"any rw coil=1, any ro coil=2 unit=2", 1, 2, 1, 0, 'a', 2, 0},
        {"any rw, any ro coil=1", 5, 1, 1, 0, 'w', 0, 0},
        {"any ro, any rw coil=1", 5, 1, 1, 0, 'r', 0, 0},
        /* A function that nobody serves. */
        {"any rw fc=3", 100, 0, 0, 0, 'f', 0, 0},
        {"any rw coil=1", 255, 0, 0, 0, 'f', 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t pdu[ADU_MAX];
        struct access_refusal refusal = {0, 0};
        size_t len = make_request(rows[i].function, rows[i].at, rows[i].count, rows[i].read, pdu);
        char answer = answer_to(rows[i].rules, pdu, len, &refusal);
        if (answer != rows[i].answer || refusal.address != rows[i].address ||
            (refusal.rule != rows[i].rule && answer != 'y'))
            fail_msg("row %zu, %s: %c, register %u, rule %zu", i, rows[i].rules, answer,
                     refusal.address, refusal.rule);
    }
}

static const char *words_for(const char *text)
{
    static struct access_rules rules;
    static char words[2048];
    struct unit_set units;
    char why[256];
    assert_true(unit_set_parse("1-4,20=1", &units, why, sizeof why));
    if (!access_rules_parse(text, &rules, why, sizeof why))
        fail_msg("%s: %s", text, why);
    memset(words, 0, sizeof words);
    FILE *out = fmemopen(words, sizeof words - 1, "w");
    access_explain_rules(&rules, &units, out);
    fclose(out);
    return words;
}

/* Compares what access_explain_rules says of units 1 to 4. */
static void test_words(void **state)
{
    static const struct {
        const char *rules, *words;
    } rows[] = {
        {"any rw", "rule 1: all clients may read and write all units\n"},
        {"10.1.0.0/16 rw unit=1-4 holding_register=200-299 fc=3,6,16",
         "rule 1: clients in 10.1.0.0/16 may read and write units 1 to 4, holding registers 200 to "
         "299, with functions 3, 6 and 16\n"},
        {"fd00::/8 ro unit=3 coil=7 input_register=1,3-4,9 role=operator,b,c",
         "rule 1: clients in fd00::/8 with the role operator, b or c may read unit 3, coil 7, "
         "input "
         "registers 1, 3 to 4 and 9\n"},
        {"serial ro fc=3,6, 10.0.0.7 rw fc=43, 0.0.0.0/0 ro fc=5, ::/0 ro",
         "rule 1: clients on serial lines may read all units, with function 3, but not write with "
         "function 6\n"
         "rule 2: clients at 10.0.0.7 may read and write all units, with function 43\n"
         "rule 3: clients in 0.0.0.0/0 may read all units, but not write with function 5\n"
         "rule 4: clients in ::/0 may read all units\n"},
        {"", "warning: no rule lets anybody in: all SCADA clients, also tagferry-api, are "
             "refused\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_string_equal(words_for(rows[i].rules), rows[i].words);
}

static void test_warnings(void **state)
{
    static const struct {
        const char *rules, *warning; /* NULL: none */
    } rows[] = {
        {"any rw, 10.0.0.0/8 ro", "rule 2 can never match: rule 1 covers it"},
        {"10.0.0.0/8 rw, any ro", NULL},
        {"10.0.0.0/8 rw, 10.0.0.0/8 ro", "rule 2 can never match: rule 1 covers it"},
        {"10.0.0.0/8 rw, 10.0.0.0/7 ro", NULL},
        {"10.0.0.0/8 rw, 10.9.0.0/16 ro coil=1 fc=1", "rule 2 can never match: rule 1 covers it"},
        {"10.9.0.0/16 ro coil=1, 10.0.0.0/8 rw", NULL},
        {"10.9.0.0/16 ro coil=1, 10.9.0.0/16 rw", NULL},
        {"::/0 rw, 10.0.0.0/8 ro", NULL},
        {"0.0.0.0/0 rw, any ro", NULL},
        {"any rw, serial ro", "rule 2 can never match: rule 1 covers it"},
        {"serial ro, any rw", NULL},
        {"0.0.0.0/0 rw, serial ro", NULL},
        {"any rw unit=1-4, any ro", "rule 2 can never match: rule 1 covers it"},
        {"any rw unit=1-3, any ro", NULL},
        {"any rw unit=1-2, any rw unit=3-4, any ro",
         "rule 3 can never match: earlier rules cover it"},
        {"any rw unit=1-2, any ro unit=2", "rule 2 can never match: rule 1 covers it"},
        {"any rw fc=3,4, any ro fc=3", "rule 2 can never match: rule 1 covers it"},
        {"any rw fc=3, any ro fc=3,4", NULL},
        {"any rw fc=3, any ro", NULL},
        {"any rw coil=0-9, any ro coil=3-9", "rule 2 can never match: rule 1 covers it"},
        {"any rw coil=0-5,6-9, any ro coil=3-9", "rule 2 can never match: rule 1 covers it"},
        {"any rw coil=0-9, any ro coil=3-10", NULL},
        {"any rw coil=0-9, any ro discrete_input=3", NULL},
        {"any rw role=a,b, any ro role=b", "rule 2 can never match: rule 1 covers it"},
        {"any rw role=a, any ro role=a,b", NULL},
        {"any rw role=a, any ro", NULL},
        {"any rw, any ro role=b", "rule 2 can never match: rule 1 covers it"},
        {"any rw, any ro unit=9",
         "rule 2 can never match: none of its units is in [common] units; the rights to another "
         "name of a unit are those to the unit itself"},
        {"any rw unit=1, any ro fc=1 holding_register=7",
         "rule 2 can never match: none of its functions uses its registers"},
        {"any rw unit=1, any ro fc=1,43 holding_register=7", NULL},
        {"any rw unit=9",
         "rule 1 can never match: none of its units is in [common] units; the rights to another "
         "name of a unit are those to the unit itself\nwarning: no rule lets anybody in: all SCADA "
         "clients, also tagferry-api, are refused"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *words = words_for(rows[i].rules), *warning = strstr(words, "warning: ");
        char expected[512];
        snprintf(expected, sizeof expected, "warning: %s\n", rows[i].warning);
        if (rows[i].warning ? !warning || strcmp(warning, expected) != 0 : warning != NULL)
            fail_msg("row %zu, %s: %s", i, rows[i].rules, words);
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
        cmocka_unit_test(test_spelling),     cmocka_unit_test(test_limits),
        cmocka_unit_test(test_decisions),    cmocka_unit_test(test_sources),
        cmocka_unit_test(test_requests),     cmocka_unit_test(test_words),
        cmocka_unit_test(test_warnings),     cmocka_unit_test(test_networks),
        cmocka_unit_test(test_process_side),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
