/* From request bytes to answer bytes: the result of each request, for registers and journal, too.
 */
#include "modbusd_fixture.h"

#include "modbusd/requests/service.h"

/* Texts of hexadecimal digits represent bytes; blanks are ignored. */
static size_t from_hex(const char *text, uint8_t *bytes)
{
    size_t len = 0;
    for (; *text; text++) {
        unsigned byte;
        if (*text == ' ')
            continue;
        assert_int_equal(sscanf(text, "%2x", &byte), 1);
        bytes[len++] = (uint8_t)byte;
        text++;
    }
    return len;
}

/* Answers all PDUs of `requests`, separated by '/', to `unit`, as if they arrived in one segment.
 */
static size_t ask_all(struct fixture *f, enum side side, uint8_t unit, const char *requests,
                      struct answers *out)
{
    struct counters none = {.values = NULL};
    struct service service = {.units = &f->units, .bank = f->bank, .counters = &none};
    struct client_session client_session = {.side = side};
    uint16_t transaction = 0x0102;
    access_grant_all(&client_session.rights);
    for (const char *at = requests; at; transaction++) {
        char text[1024];
        uint8_t bytes[ADU_MAX + 64];
        struct pdu_frame frame;
        size_t len = strcspn(at, "/");
        memcpy(text, at, len);
        text[len] = '\0';
        size_t pdu_len = from_hex(text, bytes + MBAP_SIZE);
        pdu_put_header(bytes, transaction, unit, pdu_len);
        assert_int_equal(pdu_cut_frame(bytes, MBAP_SIZE + pdu_len, &frame), FRAME_WHOLE);
        assert_true(answers_have_room(out));
        service_answer_frame(&service, &client_session, &frame, out);
        at = at[len] == '/' ? at + len + 1 : NULL;
    }
    return transaction;
}

/* Checks the answers, PDUs separated by '/'; each must have the transaction and unit of its
 * request. */
static void expect(const char *name, struct fixture *f, enum side side, uint8_t unit,
                   const char *requests, const char *expected)
{
    uint8_t bytes[16 * ADU_MAX];
    struct answers out = {.bytes = bytes, .size = sizeof bytes};
    uint16_t transaction = 0x0102;
    size_t at = 0;
    ask_all(f, side, unit, requests, &out);
    for (const char *text = expected; text; transaction++) {
        char one[1024];
        uint8_t pdu[ADU_MAX];
        struct pdu_frame frame;
        size_t len = strcspn(text, "/");
        memcpy(one, text, len);
        one[len] = '\0';
        size_t pdu_len = from_hex(one, pdu);
        if (pdu_cut_frame(bytes + at, out.len - at, &frame) != FRAME_WHOLE ||
            frame.transaction != transaction || frame.unit != unit || frame.pdu_len != pdu_len ||
            memcmp(frame.pdu, pdu, pdu_len) != 0)
            fail_msg("%s: answer %d is not %s", name, transaction - 0x0102, one);
        at += frame.size;
        text = text[len] == '/' ? text + len + 1 : NULL;
    }
    if (at != out.len)
        fail_msg("%s: %zu bytes too many", name, out.len - at);
}

static void test_round_trips(void **state)
{
    static const struct {
        const char *name, *requests, *answers;
    } rows[] = {
        {"FC5 and FC1", "05 0003 FF00/01 0000 0008", "05 0003 FF00/01 01 08"},
        {"FC5 off", "05 0003 0000/01 0003 0001", "05 0003 0000/01 01 00"},
        {"FC6 and FC3", "06 0010 BEEF/03 000F 0003", "06 0010 BEEF/03 06 0000 BEEF 0000"},
        {"FC15", "0F 0100 000A 02 CD01/01 0100 000A", "0F 0100 000A/01 02 CD01"},
        {"FC15 keeps its neighbours", "0F 0200 0001 01 FF/01 0200 0010", "0F 0200 0001/01 02 0100"},
        {"FC16", "10 FFFE 0002 04 1234 5678/03 FFFE 0002", "10 FFFE 0002/03 04 1234 5678"},
        {"FC22, as the specification has it", "06 0004 0012/16 0004 00F2 0025/03 0004 0001",
         "06 0004 0012/16 0004 00F2 0025/03 02 0017"},
        {"FC23 writes first", "17 0020 0003 0021 0002 04 000A 000B", "17 06 0000 000A 000B"},
        {"inputs are empty", "02 0000 0009/04 0000 0001", "02 02 0000/04 02 0000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        expect(rows[i].name, *state, SIDE_SCADA, 1, rows[i].requests, rows[i].answers);
}

static void test_refusals_change_nothing(void **state)
{
    static const struct {
        const char *name, *request, *answer;
    } rows[] = {
        {"FC5 value", "05 0000 0001", "85 03"},
        {"FC5 value, address", "05 FFFF 1234", "85 03"},
        {"FC5 long", "05 0000 FF00 00", "85 03"},
        {"FC6 short", "06 0000 01", "86 03"},
        {"FC15 byte count", "0F 0000 0010 01 FF", "8F 03"},
        {"FC15 none", "0F 0000 0000 00", "8F 03"},
        {"FC15 beyond", "0F FFFF 0002 01 FF", "8F 02"},
        {"FC16 truncated", "10 0000 0002 04 FFFF", "90 03"},
        {"FC16 byte count", "10 0000 0001 04 FFFF FFFF", "90 03"},
        {"FC16 beyond", "10 FFFF 0002 04 FFFF FFFF", "90 02"},
        {"FC22 long", "16 0000 0000 FFFF 00", "96 03"},
        {"FC22 short", "16 0000 0000 FF", "96 03"},
        {"FC23 read beyond", "17 FFFF 0002 0000 0001 02 FFFF", "97 02"},
        {"FC23 write beyond", "17 0000 0001 FFFF 0002 04 FFFF FFFF", "97 02"},
        {"FC23 byte count", "17 0000 0001 0000 0001 04 FFFF FFFF", "97 03"},
        {"FC7", "07", "87 01"},
        {"FC8", "08 0000 0000", "88 01"},
        {"FC20", "14 07 06 0004 0001 0002", "94 01"},
        {"FC 0x83", "83 0000 0001", "83 01"},
        {"FC 0x90", "90 0000 0001 02 FFFF", "90 01"},
        {"FC0", "00", "80 01"},
    };
    struct fixture *f = *state;
    struct image_unit *zeros = calloc(1, sizeof *zeros);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect(rows[i].name, f, SIDE_SCADA, 1, rows[i].request, rows[i].answer);
        if (memcmp(f->image.unit[0], zeros, sizeof *zeros) != 0)
            fail_msg("%s changed a register", rows[i].name);
    }
    assert_int_equal(journal_next_sequence(&f->journal), 1);
    assert_int_equal(f->image.redo->check, 0);
    free(zeros);
}

static void test_many_in_one_segment(void **state)
{
    expect("good and bad ones", *state, SIDE_SCADA, 1,
           "06 0000 0001/03 0000 0001/10 0000 0001 02/07/06 0000 0002/06 0001 0003/03 0000 0002"
           "/83/0F 0000 0001 01 01/01 0000 0001",
           "06 0000 0001/03 02 0001/90 03/87 01/06 0000 0002/06 0001 0003/03 04 0002 0003"
           "/83 01/0F 0000 0001/01 01 01");
}

static void test_units(void **state)
{
    struct fixture *f = *state;
    expect("20", f, SIDE_SCADA, 20, "06 0000 0020", "06 0000 0020");
    expect("0 is the first", f, SIDE_SCADA, 0, "06 0000 0099", "06 0000 0099");
    expect("1", f, SIDE_SCADA, 1, "03 0000 0001", "03 02 0099");
    expect("255 is the first", f, SIDE_SCADA, 255, "03 0000 0001", "03 02 0099");
    expect("2", f, SIDE_SCADA, 2, "03 0000 0001", "03 02 0000");
    expect("20 again", f, SIDE_SCADA, 20, "03 0000 0001", "03 02 0020");
    expect("3 is unknown", f, SIDE_SCADA, 3, "03 0000 0001", "83 0B");
    expect("unit before function", f, SIDE_SCADA, 254, "07", "87 0B");
    expect("nothing is written there", f, SIDE_SCADA, 3, "06 0000 0001", "86 0B");
    expect("process side, unknown", f, SIDE_INPUTS, 3, "06 0000 0001", "86 0B");
}

static void test_sides(void **state)
{
    struct fixture *f = *state;
    expect("inputs: registers", f, SIDE_INPUTS, 2, "10 0005 0002 04 0007 0008", "10 0005 0002");
    expect("inputs: bits", f, SIDE_INPUTS, 2, "0F 0000 0003 01 05", "0F 0000 0003");
    expect("outputs: registers", f, SIDE_OUTPUTS, 2, "06 0005 0042", "06 0005 0042");
    expect("outputs: bits", f, SIDE_OUTPUTS, 2, "05 0001 FF00", "05 0001 FF00");
    static const char requests[] = "01 0000 0003/02 0000 0003/03 0005 0002/04 0005 0002";
    static const char straight[] = "01 01 02/02 01 05/03 04 0042 0000/04 04 0007 0008";
    expect("scada reads", f, SIDE_SCADA, 2, requests, straight);
    expect("outputs reads", f, SIDE_OUTPUTS, 2, requests, straight);
    expect("inputs reads swapped", f, SIDE_INPUTS, 2, requests,
           "01 01 05/02 01 02/03 04 0007 0008/04 04 0042 0000");
    assert_int_equal(journal_next_sequence(&f->journal), 1);
}

static void test_longest_answers(void **state)
{
    struct fixture *f = *state;
    struct counters none = {.values = NULL};
    struct service service = {.units = &f->units, .bank = f->bank, .counters = &none};
    struct client_session client_session = {.side = SIDE_SCADA};
    uint8_t bytes[ADU_MAX];
    struct answers out = {.bytes = bytes, .size = sizeof bytes};
    static const uint8_t longest[][ADU_MAX] = {{0, 1, 0, 0, 0, 6, 1, 1, 0, 0, 0x07, 0xD0},
                                               {0, 1, 0, 0, 0, 6, 1, 3, 0, 0, 0, 125}};
    static const size_t sizes[] = {MBAP_SIZE + 252, MBAP_SIZE + 252};
    access_grant_all(&client_session.rights);
    memset(f->image.unit[0], 1, sizeof *f->image.unit[0]);
    for (size_t i = 0; i < 2; i++) {
        struct pdu_frame frame;
        out.len = 0;
        assert_int_equal(pdu_cut_frame(longest[i], ADU_MAX, &frame), FRAME_WHOLE);
        assert_true(answers_have_room(&out));
        service_answer_frame(&service, &client_session, &frame, &out);
        assert_int_equal(out.len, sizes[i]);
        assert_int_equal(bytes[ADU_MAX - 2], i == 0 ? 0xFF : 1);
        assert_false(answers_have_room(&out));
    }
}

static void test_journal_of_scada(void **state)
{
    struct fixture *f = *state;
    struct journal_entry entry;
    uint64_t position = 1;
    expect("writes", f, SIDE_SCADA, 0,
           "10 0010 0002 04 1234 5678/16 0010 FF00 0034/0F 0003 0011 03 FFFF01/05 0002 FF00"
           "/17 0000 0001 0007 0001 02 0BAD",
           "10 0010 0002/16 0010 FF00 0034/0F 0003 0011/05 0002 FF00/17 02 0000");
    static const struct journal_entry expected[] = {
        {1, 0, 1, JOURNAL_HOLDING_REGISTER, 16, 2, {0x1234, 0x5678}, {0x1234, 0x5678}},
        {2, 0, 1, JOURNAL_HOLDING_REGISTER, 16, 1, {0x1234}, {0x00FF}},
        {3, 0, 1, JOURNAL_COIL, 3, 17, {0xFFFF, 1}, {0}},
        {4, 0, 1, JOURNAL_COIL, 2, 1, {1}, {0}},
        {5, 0, 1, JOURNAL_HOLDING_REGISTER, 7, 1, {0x0BAD}, {0x0BAD}},
    };
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++, position++) {
        assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_ENTRY);
        assert_true(entry.steady_ms > 0);
        entry.steady_ms = 0;
        assert_memory_equal(&entry, &expected[i],
                            offsetof(struct journal_entry, masks) + sizeof entry.masks);
    }
    assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_EMPTY);
}

/* One request with a new client_session and service; returns the function byte and the next byte.
 */
static unsigned ask(struct service *service, const struct client_session *client_session,
                    uint8_t unit, const char *request)
{
    uint8_t in[ADU_MAX], bytes[2 * ADU_MAX];
    struct answers out = {.bytes = bytes, .size = sizeof bytes};
    struct pdu_frame frame;
    size_t len = from_hex(request, in + MBAP_SIZE);
    pdu_put_header(in, 1, unit, len);
    assert_int_equal(pdu_cut_frame(in, MBAP_SIZE + len, &frame), FRAME_WHOLE);
    service_answer_frame(service, client_session, &frame, &out);
    assert_true(out.len > MBAP_SIZE + 1);
    assert_int_equal(bytes[MBAP_SIZE - 1], unit);
    return (unsigned)bytes[MBAP_SIZE] << 8 | bytes[MBAP_SIZE + 1];
}

static void test_rights(void **state)
{
    struct fixture *f = *state;
    struct counters none = {.values = NULL};
    struct service service = {.units = &f->units, .bank = f->bank, .counters = &none};
    const struct client_session client_session = {
        .side = SIDE_SCADA, .rights.of = {ACCESS_READ, ACCESS_WRITE, ACCESS_NONE}, .peer = "::1"};
    assert_int_equal(ask(&service, &client_session, 1, "03 0000 0001"), 0x0302);
    assert_int_equal(ask(&service, &client_session, 1, "06 0000 0001"), 0x8601);
    assert_int_equal(ask(&service, &client_session, 1, "06 0000"), 0x8601);
    assert_int_equal(ask(&service, &client_session, 1, "17 0000 0001 0000 0001 02 0001"), 0x9701);
    assert_int_equal(ask(&service, &client_session, 0, "05 0000 FF00"), 0x8501);
    assert_int_equal(ask(&service, &client_session, 2, "06 0000 0001"), 0x0600);
    assert_int_equal(ask(&service, &client_session, 20, "03 0000 0001"), 0x830B);
    assert_int_equal(ask(&service, &client_session, 20, "06 0000 0001"), 0x860B);
    assert_int_equal(f->image.unit[0]->holding_registers[0], 0);
    assert_int_equal(f->image.unit[1]->holding_registers[0], 1);
    assert_int_equal(f->image.unit[2]->holding_registers[0], 0);
    assert_int_equal(journal_next_sequence(&f->journal), 2);
}

/* Exceptions 11, 1 and 2 by the rules, before and after the check of the request. */
static void test_rules(void **state)
{
    struct fixture *f = *state;
    static struct access_rules rules;
    _Atomic uint64_t values[MODBUSD_COUNTERS] = {0};
    struct counters counters = {.values = values, .count = MODBUSD_COUNTERS};
    struct service service = {.units = &f->units, .bank = f->bank, .counters = &counters};
    struct client_session client_session = {.side = SIDE_SCADA, .peer = "::1"};
    const struct access_source source = {.is_serial = true};
    char why[256];
    for (size_t i = 0; i < IDENT_OBJECTS; i++)
        service.ident.text[i] = "";
    assert_true(access_rules_parse("any ro unit=2 fc=3, any rw unit=1-2 holding_register=10-19 "
                                   "fc=3,6,16,43",
                                   &rules, why, sizeof why));
    assert_true(access_decide_rights(&rules, &source, &f->units, &client_session.rights));
    assert_int_equal(ask(&service, &client_session, 1, "03 000A 000A"), 0x0314);
    assert_int_equal(ask(&service, &client_session, 1, "03 000A 000B"), 0x8302);
    assert_int_equal(ask(&service, &client_session, 1, "03 0009 0001"), 0x8302);
    assert_int_equal(ask(&service, &client_session, 2, "03 0009 0001"), 0x0302);
    assert_int_equal(ask(&service, &client_session, 0, "06 0013 0001"), 0x0600);
    assert_int_equal(ask(&service, &client_session, 0, "06 0014 0001"), 0x8602);
    assert_int_equal(ask(&service, &client_session, 2, "10 0013 0002 04 0001 0001"), 0x9002);
    assert_int_equal(ask(&service, &client_session, 1, "04 000A 0001"), 0x8401);
    assert_int_equal(ask(&service, &client_session, 1, "16 000A 0000 0001"), 0x9601);
    assert_int_equal(ask(&service, &client_session, 1, "2B 0E 01 00"), 0x2B0E);
    assert_int_equal(ask(&service, &client_session, 1, "11"), 0x9101);
    assert_int_equal(ask(&service, &client_session, 20, "03 000A 0001"), 0x830B);
    /* The structure comes first, as without rules: 3, also for registers without a right. */
    assert_int_equal(ask(&service, &client_session, 1, "03 0000 0000"), 0x8303);
    assert_int_equal(ask(&service, &client_session, 1, "63"), 0xE301);
    assert_int_equal(f->image.unit[0]->holding_registers[0x13], 1);
    assert_int_equal(f->image.unit[0]->holding_registers[0x14], 0);
    assert_int_equal(f->image.unit[1]->holding_registers[0x13], 0);
    assert_int_equal(values[MODBUSD_REGISTERS_REFUSED], 4);
    assert_int_equal(values[MODBUSD_FUNCTIONS_REFUSED], 4);
    assert_int_equal(values[MODBUSD_WRITES_REFUSED], 3);
    assert_int_equal(journal_next_sequence(&f->journal), 2);
}

/* Only SCADA uses other names of units, and reaches a unit by an unknown one. */
static void test_other_names(void **state)
{
    struct fixture *f = *state;
    struct counters none = {.values = NULL};
    struct unit_set units;
    struct service service = {.units = &units, .bank = f->bank, .counters = &none};
    struct client_session scada = {.side = SIDE_SCADA}, outputs = {.side = SIDE_OUTPUTS};
    struct journal_entry entry;
    uint64_t position = 1;
    char why[256];
    assert_true(unit_set_parse("1-2,20,7=2", &units, why, sizeof why));
    access_grant_all(&scada.rights);
    outputs.rights = scada.rights;
    assert_int_equal(ask(&service, &scada, 7, "06 0005 0A0B"), 0x0600);
    assert_int_equal(f->image.unit[1]->holding_registers[5], 0x0A0B);
    assert_int_equal(ask(&service, &scada, 7, "03 0005 0001"), 0x0302);
    assert_int_equal(ask(&service, &scada, 8, "06 0005 0C0D"), 0x860B);
    assert_int_equal(ask(&service, &outputs, 7, "06 0005 0C0D"), 0x860B);
    service.unknown_is_first = true;
    assert_int_equal(ask(&service, &outputs, 7, "06 0005 0C0D"), 0x860B);
    assert_int_equal(ask(&service, &outputs, 8, "06 0005 0C0D"), 0x860B);
    assert_int_equal(ask(&service, &scada, 8, "06 0005 0E0F"), 0x0600);
    assert_int_equal(f->image.unit[0]->holding_registers[5], 0x0E0F);
    assert_int_equal(ask(&service, &scada, 254, "03 0005 0001"), 0x0302);
    scada.rights.of[0] = ACCESS_NONE; /* by the rights to the unit itself */
    assert_int_equal(ask(&service, &scada, 8, "03 0005 0001"), 0x830B);
    scada.rights.of[1] = ACCESS_READ;
    assert_int_equal(ask(&service, &scada, 7, "06 0005 0001"), 0x8601);
    static const uint8_t written[] = {2, 1};
    for (size_t i = 0; i < sizeof written; i++, position++) {
        assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_ENTRY);
        assert_int_equal(entry.unit, written[i]);
    }
    assert_int_equal(journal_read_entry(&f->journal, &position, &entry), JOURNAL_EMPTY);
}

static void test_process_loss(void **state)
{
    struct fixture *f = *state;
    struct counters none = {.values = NULL};
    struct service service = {
        .units = &f->units, .bank = f->bank, .counters = &none, .process_timeout_ms = 10000};
    struct client_session scada = {.side = SIDE_SCADA}, inputs = {.side = SIDE_INPUTS};
    struct client_session outputs = {.side = SIDE_OUTPUTS};
    access_grant_all(&scada.rights);
    inputs.rights = outputs.rights = scada.rights;
    service_start_clock(&service, 5000);
    service_set_time(&service, 14999);
    assert_int_equal(ask(&service, &scada, 1, "04 0000 0001"), 0x0402);
    service_set_time(&service, 15000);
    assert_true(service.process_lost);
    assert_int_equal(ask(&service, &scada, 1, "04 0000 0001"), 0x840B);
    assert_int_equal(ask(&service, &scada, 1, "01 0000 0001"), 0x810B);
    assert_int_equal(ask(&service, &scada, 1, "04 0000 0000"), 0x8403);
    assert_int_equal(ask(&service, &scada, 1, "17 0000 0001 0000 0001 02 0001"), 0x970B);
    assert_int_equal(f->image.unit[0]->holding_registers[0], 0);
    assert_int_equal(ask(&service, &scada, 1, "06 0000 0001"), 0x0600);
    assert_int_equal(ask(&service, &outputs, 1, "03 0000 0001"), 0x0302);
    assert_int_equal(ask(&service, &scada, 1, "03 0000 0001"), 0x830B);
    assert_int_equal(ask(&service, &inputs, 1, "03 0000 0001"), 0x0302);
    assert_int_equal(ask(&service, &scada, 1, "03 0000 0001"), 0x0302);
    service_set_time(&service, 24999);
    assert_false(service.process_lost);
    service.process_timeout_ms = 0;
    service_set_time(&service, 1000000);
    assert_int_equal(ask(&service, &scada, 1, "03 0000 0001"), 0x0302);
}

/* A time-out that becomes shorter counts from when mqttd can know of it. */
static void test_a_shorter_process_timeout(void **state)
{
    struct fixture *f = *state;
    struct counters none = {.values = NULL};
    struct service service = {.units = &f->units, .bank = f->bank, .counters = &none};
    struct client_session inputs = {.side = SIDE_INPUTS};
    access_grant_all(&inputs.rights);
    service_start_clock(&service, 5000);
    service_set_process_timeout(&service, 10000);
    service_set_time(&service, 9000);
    service_set_process_timeout(&service, 20000);
    service_set_time(&service, 17999);
    assert_false(service.process_lost);
    service_set_process_timeout(&service, 1000);
    service_set_time(&service, 20000);
    ask(&service, &inputs, 1, "03 0000 0001");
    service_set_time(&service, 21998);
    assert_false(service.process_lost);
    service_set_time(&service, 21999);
    assert_true(service.process_lost);
    service_set_process_timeout(&service, 500);
    service_set_time(&service, 22000);
    assert_true(service.process_lost);
    ask(&service, &inputs, 1, "03 0000 0001");
    service_set_time(&service, 22499);
    assert_false(service.process_lost);
    service_set_time(&service, 22500);
    assert_true(service.process_lost);
}

/* What the options refuse, changes nothing; the process side may do everything. */
static void test_gaps(void **state)
{
    struct fixture *f = *state;
    _Atomic uint64_t values[MODBUSD_COUNTERS] = {0};
    struct counters counters = {.values = values, .count = MODBUSD_COUNTERS};
    struct register_owners owners;
    struct gaps gaps = {0};
    const struct gap_rules rules = {.of = {[1] = GAPS_EXCEPTION, [2] = GAPS_STRICT}};
    struct service service = {
        .units = &f->units, .bank = f->bank, .counters = &counters, .gaps = &gaps};
    struct client_session scada = {.side = SIDE_SCADA, .peer = "::1"};
    struct client_session inputs = {.side = SIDE_INPUTS}, outputs = {.side = SIDE_OUTPUTS};
    char why[SHM_WHY_SIZE], path[64];
    access_grant_all(&scada.rights);
    inputs.rights = outputs.rights = scada.rights;
    assert_true(register_owners_open_writer(&owners, f->folder, why, sizeof why));
    for (uint8_t unit = 1; unit <= 2; unit++)
        register_owners_add(&owners,
                            &(struct owned_span){unit, PDU_HOLDING_REGISTERS, 16, 2, true});
    register_owners_publish(&owners);
    assert_true(gaps_configure(&gaps, &rules, true, &f->units, f->folder));
    static const struct {
        uint8_t unit;
        const char *request;
        unsigned answer;
    } rows[] = {
        {1, "03 0010 0002", 0x0304},
        {0, "03 0010 0003", 0x8302}, /* 0 is unit 1 */
        {255, "03 0010 0003", 0x8302},
        {2, "03 0010 0003", 0x0306},
        {2, "03 0012 0001", 0x8302},
        {20, "03 0012 0001", 0x0302}, /* zero */
        {1, "04 0010 0001", 0x8402},
        {1, "01 0010 0001", 0x8102},
        {1, "02 0010 0001", 0x8202},
        {1, "03 0010 0000", 0x8303}, /* the structure first */
        {9, "03 0012 0001", 0x830B}, /* and the unit */
        {1, "06 0012 0001", 0x8602},
        {1, "10 0012 0001 02 0001", 0x9002},
        {20, "10 0010 0001 02 0001", 0x9002},
        {1, "05 0010 FF00", 0x8502},
        {1, "0F 0010 0001 01 01", 0x8F02},
        {1, "16 0012 0000 0001", 0x9602},
        {1, "17 0010 0001 0012 0001 02 0001", 0x9702},
        {1, "17 0012 0001 0010 0001 02 0001", 0x9702},
        {1, "11", 0x110E},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (ask(&service, &scada, rows[i].unit, rows[i].request) >> 8 != rows[i].answer >> 8 ||
            (rows[i].answer >= 0x8000 &&
             ask(&service, &scada, rows[i].unit, rows[i].request) != rows[i].answer))
            fail_msg("%s of unit %d", rows[i].request, rows[i].unit);
    }
    assert_int_equal(journal_next_sequence(&f->journal), 1);
    assert_int_equal(f->image.unit[0]->holding_registers[18], 0);
    assert_true(values[MODBUSD_GAP_READS_REFUSED] > 0 && values[MODBUSD_GAP_WRITES_REFUSED] > 0);
    assert_int_equal(ask(&service, &scada, 1, "06 0010 0007"), 0x0600);
    assert_int_equal(ask(&service, &scada, 1, "16 0010 FFFF 0008"), 0x1600);
    assert_int_equal(ask(&service, &scada, 1, "17 0010 0001 0011 0001 02 0001"), 0x1702);
    /* With a register of a tag, the others of the request are written, too. */
    assert_int_equal(ask(&service, &scada, 1, "10 0011 0002 04 0001 0009"), 0x1000);
    assert_int_equal(f->image.unit[0]->holding_registers[18], 9);
    assert_int_equal(ask(&service, &outputs, 1, "06 0012 0001"), 0x0600);
    assert_int_equal(ask(&service, &outputs, 1, "03 0012 0001"), 0x0302);
    assert_int_equal(ask(&service, &inputs, 1, "10 0012 0001 02 0001"), 0x1000);
    gaps_finish(&gaps);
    register_owners_close(&owners);
    snprintf(path, sizeof path, "%s/register-owners", f->folder);
    unlink(path);
}

static void test_counted(void **state)
{
    struct fixture *f = *state;
    _Atomic uint64_t values[MODBUSD_COUNTERS] = {0};
    struct counters counters = {.values = values, .count = MODBUSD_COUNTERS};
    struct service service = {.units = &f->units, .bank = f->bank, .counters = &counters};
    struct client_session client_session = {.side = SIDE_SCADA};
    static const char *const requests[] = {"01 0000 0001",      "02 0000 0001", "03 0000 0000",
                                           "06 FFFF 0001",      "17 00",        "07",
                                           "0F 0000 0001 01 01"};
    static const size_t counted[] = {
        MODBUSD_REQUESTS_1,  MODBUSD_REQUESTS_2,   MODBUSD_REQUESTS_3,
        MODBUSD_REQUESTS_6,  MODBUSD_REQUESTS_23,  MODBUSD_REQUESTS_OTHER,
        MODBUSD_REQUESTS_15, MODBUSD_EXCEPTIONS_1, MODBUSD_JOURNAL_ENTRIES};
    access_grant_all(&client_session.rights);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++)
        ask(&service, &client_session, 1, requests[i]);
    for (size_t i = 0; i < sizeof counted / sizeof counted[0] - 1; i++)
        assert_int_equal(values[counted[i]], 1);
    assert_int_equal(values[MODBUSD_EXCEPTIONS_3], 2);
    assert_int_equal(values[MODBUSD_JOURNAL_ENTRIES], 2);
    ask(&service, &client_session, 9, "03 0000 0001");
    assert_int_equal(values[MODBUSD_EXCEPTIONS_11], 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_start, fixture_remove)
    static const struct CMUnitTest tests[] = {
        TEST(test_round_trips),
        TEST(test_refusals_change_nothing),
        TEST(test_many_in_one_segment),
        TEST(test_units),
        TEST(test_sides),
        TEST(test_longest_answers),
        TEST(test_journal_of_scada),
        TEST(test_rights),
        TEST(test_rules),
        TEST(test_other_names),
        TEST(test_process_loss),
        TEST(test_a_shorter_process_timeout),
        TEST(test_counted),
        TEST(test_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
