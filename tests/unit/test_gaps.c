/* [modbusd] gaps and writes: their syntax, and which requests they refuse. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/log.h"
#include "modbusd/requests/gaps.h"

static char folder[40], why[SHM_WHY_SIZE];
static struct register_owners owners;
static struct gaps gaps;
static struct unit_set units;

#define CI PDU_COILS
#define HR PDU_HOLDING_REGISTERS
#define IR PDU_INPUT_REGISTERS

/* Splits the text at its commas. False when the rules are refused. */
static bool parse(const char *text, struct gap_rules *rules)
{
    struct conf_list items = {0};
    for (size_t len; *text; text += len + strspn(text + len, ", ")) {
        len = strcspn(text, ",");
        snprintf(items.item[items.count++], CONF_ITEM_SIZE, "%.*s", (int)len, text);
    }
    return gap_rules_parse(&items, rules, why, sizeof why);
}

static void test_rules(void **state)
{
    static const struct {
        const char *text;
        int of_1, of_3, of_8, of_247; /* -1: refused */
    } rows[] = {
        {"", GAPS_ZERO, GAPS_ZERO, GAPS_ZERO, GAPS_ZERO},
        {"zero", GAPS_ZERO, GAPS_ZERO, GAPS_ZERO, GAPS_ZERO},
        {"strict", GAPS_STRICT, GAPS_STRICT, GAPS_STRICT, GAPS_STRICT},
        {"exception", GAPS_EXCEPTION, GAPS_EXCEPTION, GAPS_EXCEPTION, GAPS_EXCEPTION},
        {"zero, 3=strict, 5-8=exception", GAPS_ZERO, GAPS_STRICT, GAPS_EXCEPTION, GAPS_ZERO},
        {"3=zero, exception", GAPS_EXCEPTION, GAPS_ZERO, GAPS_EXCEPTION, GAPS_EXCEPTION},
        {"3= strict", GAPS_ZERO, GAPS_STRICT, GAPS_ZERO, GAPS_ZERO},
        {"1=strict, 247=exception", GAPS_STRICT, GAPS_ZERO, GAPS_ZERO, GAPS_EXCEPTION},
        {"none", -1, 0, 0, 0},
        {"Zero", -1, 0, 0, 0},
        {"zero, strict", -1, 0, 0, 0},
        {"zero, zero", -1, 0, 0, 0},
        {"3", -1, 0, 0, 0},
        {"3=", -1, 0, 0, 0},
        {"=strict", -1, 0, 0, 0},
        {"3=some", -1, 0, 0, 0},
        {"0=strict", -1, 0, 0, 0},
        {"248=strict", -1, 0, 0, 0},
        {"8-5=strict", -1, 0, 0, 0},
        {"3=strict, 2-4=zero", -1, 0, 0, 0},
        {"3=strict=zero", -1, 0, 0, 0},
        {"000000000000000000000000000003=strict", GAPS_ZERO, GAPS_STRICT, GAPS_ZERO, GAPS_ZERO},
        {"00000000000000000000000000000003=strict", -1, 0, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct gap_rules rules;
        bool ok = parse(rows[i].text, &rules);
        if (ok != (rows[i].of_1 >= 0))
            fail_msg("\"%s\" is %s", rows[i].text, ok ? "accepted" : why);
        if (ok && (rules.of[1] != rows[i].of_1 || rules.of[3] != rows[i].of_3 ||
                   rules.of[8] != rows[i].of_8 || rules.of[247] != rows[i].of_247))
            fail_msg("\"%s\": %d %d %d %d", rows[i].text, rules.of[1], rules.of[3], rules.of[8],
                     rules.of[247]);
    }
}

static bool configure(const char *text, bool writes_need_owner)
{
    struct gap_rules rules;
    assert_true(parse(text, &rules));
    return gaps_configure(&gaps, &rules, writes_need_owner, &units, folder);
}

static void add_owner(uint8_t unit, enum pdu_table table, uint16_t address, bool takes_writes)
{
    const struct owned_span span = {unit, table, address, 2, takes_writes};
    register_owners_add(&owners, &span);
}

static enum gap_verdict judge(uint8_t unit, struct pdu_request request)
{
    return gaps_judge_request(&gaps, unit, &request);
}

static struct pdu_request reads(enum pdu_table table, uint16_t address, uint16_t count)
{
    return (struct pdu_request){
        .kind = PDU_READ, .table = table, .read_address = address, .read_count = count};
}

static struct pdu_request writes(enum pdu_table table, uint16_t address, uint16_t count)
{
    return (struct pdu_request){
        .kind = PDU_WRITE, .table = table, .write_address = address, .write_count = count};
}

static void test_requests(void **state)
{
    (void)state;
    assert_false(configure("zero", false));
    assert_false(configure("zero, 7=strict", false)); /* no unit of this server */
    assert_true(configure("zero, 2=strict, 3=exception", true));
    assert_false(gaps.is_known);
    assert_int_equal(judge(3, reads(HR, 5, 1)), GAPS_PASS); /* as without these options */
    assert_int_equal(judge(3, writes(HR, 5, 1)), GAPS_PASS);
    assert_true(register_owners_open_writer(&owners, folder, why, sizeof why));
    for (uint8_t unit = 1; unit <= 3; unit++) {
        add_owner(unit, HR, 100, true);
        add_owner(unit, HR, 110, false);
        add_owner(unit, IR, 200, true);
        add_owner(unit, CI, 300, true);
    }
    register_owners_publish(&owners);
    gaps_follow_file(&gaps, folder);
    assert_true(gaps.is_known);
    static const struct {
        enum pdu_table table;
        uint16_t address, count;
        enum gap_verdict zero, strict, exception, written;
    } rows[] = {
        {HR, 100, 2, GAPS_PASS, GAPS_PASS, GAPS_PASS, GAPS_PASS},
        {HR, 110, 1, GAPS_PASS, GAPS_PASS, GAPS_PASS, GAPS_REFUSE_WRITE},
        {HR, 99, 2, GAPS_PASS, GAPS_PASS, GAPS_REFUSE_READ, GAPS_PASS},
        {HR, 101, 2, GAPS_PASS, GAPS_PASS, GAPS_REFUSE_READ, GAPS_PASS},
        {HR, 102, 8, GAPS_PASS, GAPS_REFUSE_READ, GAPS_REFUSE_READ, GAPS_REFUSE_WRITE},
        {HR, 102, 9, GAPS_PASS, GAPS_PASS, GAPS_REFUSE_READ, GAPS_REFUSE_WRITE},
        {HR, 65535, 1, GAPS_PASS, GAPS_REFUSE_READ, GAPS_REFUSE_READ, GAPS_REFUSE_WRITE},
        {CI, 301, 1, GAPS_PASS, GAPS_PASS, GAPS_PASS, GAPS_PASS},
        {CI, 302, 1, GAPS_PASS, GAPS_REFUSE_READ, GAPS_REFUSE_READ, GAPS_REFUSE_WRITE},
        {CI, 0, 2000, GAPS_PASS, GAPS_PASS, GAPS_REFUSE_READ, GAPS_PASS},
        {IR, 200, 2, GAPS_PASS, GAPS_PASS, GAPS_PASS, GAPS_REFUSE_WRITE},
        {PDU_DISCRETE_INPUTS, 300, 1, GAPS_PASS, GAPS_REFUSE_READ, GAPS_REFUSE_READ,
         GAPS_REFUSE_WRITE},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct pdu_request read = reads(rows[i].table, rows[i].address, rows[i].count);
        struct pdu_request write = writes(rows[i].table, rows[i].address, rows[i].count);
        if (judge(1, read) != rows[i].zero || judge(2, read) != rows[i].strict ||
            judge(3, read) != rows[i].exception || judge(1, write) != rows[i].written)
            fail_msg("row %zu: %d %d %d %d", i, judge(1, read), judge(2, read), judge(3, read),
                     judge(1, write));
    }

    /* Function 23 reads and writes; 17 and 43 do neither. */
    struct pdu_request both = writes(HR, 100, 1);
    both.read_address = 50;
    both.read_count = 1;
    assert_int_equal(judge(1, both), GAPS_PASS);
    assert_int_equal(judge(2, both), GAPS_REFUSE_READ);
    both.read_address = 100;
    both.write_address = 50;
    assert_int_equal(judge(3, both), GAPS_REFUSE_WRITE);
    assert_int_equal(judge(3, (struct pdu_request){.kind = PDU_IDENTIFY, .table = PDU_NONE}),
                     GAPS_PASS);
    assert_true(configure("zero, 2=strict, 3=exception", false));
    assert_int_equal(judge(3, both), GAPS_PASS);
    assert_int_equal(judge(2, reads(HR, 5, 1)), GAPS_REFUSE_READ);
    assert_false(configure("zero", false));
    assert_null(gaps.owners.shm.base);
}

static int make_folder(void **state)
{
    (void)state;
    log_open(LOG_LEVEL_ERROR);
    strcpy(folder, "/tmp/test_gaps.XXXXXX");
    return mkdtemp(folder) && unit_set_parse("1-3", &units, why, sizeof why) ? 0 : -1;
}

static int remove_folder(void **state)
{
    char path[64];
    (void)state;
    gaps_finish(&gaps);
    register_owners_close(&owners);
    snprintf(path, sizeof path, "%s/register-owners", folder);
    unlink(path);
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test_setup_teardown(test_requests, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
