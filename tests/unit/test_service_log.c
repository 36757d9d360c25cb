/* What the service says in the log, word for word and not too often, and what it notes of closed
 * clients. */
#include "net_bed.h"

#include "child.h"
#include "common/base/log.h"

static struct bed *talker;
static struct client_session session;
static struct client_entry entry;

static int start(void **state)
{
    if (bed_start(state) != 0)
        return -1;
    talker = *state;
    session = (struct client_session){.side = SIDE_SCADA, .peer = "10.0.0.7"};
    access_grant_all(&session.rights);
    return 0;
}

/* Asks with a PDU of these bytes; returns the exception, or 0. */
static uint8_t ask(uint8_t unit, const uint8_t *pdu, size_t len)
{
    uint8_t request[ADU_MAX], bytes[ADU_MAX];
    struct answers out = {.bytes = bytes, .size = sizeof bytes};
    const struct pdu_frame frame = {
        .unit = unit, .pdu = request + MBAP_SIZE, .pdu_len = len, .size = MBAP_SIZE + len};
    pdu_put_header(request, 1, unit, len);
    memcpy(request + MBAP_SIZE, pdu, len);
    service_answer_frame(&talker->service, &session, &frame, &out);
    return bytes[MBAP_SIZE] & 0x80 ? bytes[MBAP_SIZE + 1] : 0;
}

static const uint8_t read_ten[] = {3, 0, 95, 0, 10}, write_one[] = {6, 1, 2, 0, 9},
                     write_coil[] = {5, 1, 2, 0xFF, 0},
                     write_two[] = {16, 1, 2, 0, 2, 4, 0, 1, 0, 2};

static void set_rules(const char *rules)
{
    const struct access_source source = {.ip = {.bytes = {[10] = 0xFF, 0xFF, 10, 0, 0, 7}}};
    bed_set_rules(talker, rules);
    assert_true(access_decide_rights(&talker->rules, &source, &talker->f->units, &session.rights));
}

/* Compares the lines of the log without their times. */
static void check_lines(void (*run)(void), const char *expected)
{
    char said[8192], lines[8192] = "";
    assert_int_equal(run_child(run, said, sizeof said), 0);
    for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n")) {
        const char *text = strchr(line, ' ');
        strcat(lines, line[0] == '2' && text ? text + 1 : line);
        strcat(lines, "\n");
    }
    assert_string_equal(lines, expected);
}

static void refuse(void)
{
    log_open(LOG_LEVEL_DEBUG);
    set_rules("any ro unit=20, any rw unit=1 holding_register=100-199, any ro unit=1 coil=9 fc=1");
    ask(20, write_one, sizeof write_one);
    for (int i = 0; i < 11; i++)
        ask(20, write_one, sizeof write_one);
    talker->service.now += LOG_LIMIT_MS - 1;
    ask(1, read_ten, sizeof read_ten);
    talker->service.now += 1;
    ask(1, read_ten, sizeof read_ten);
    talker->service.now += LOG_LIMIT_MS;
    ask(1, write_coil, sizeof write_coil);
    talker->service.now += LOG_LIMIT_MS;
    ask(20, write_two, sizeof write_two);
    set_rules("any rw unit=1 fc=3, any ro");
    talker->service.now += LOG_LIMIT_MS;
    ask(1, write_two, sizeof write_two);
    set_rules("any ro unit=1 coil=258, any rw");
    talker->service.now += LOG_LIMIT_MS;
    ask(1, write_coil, sizeof write_coil);
    set_rules("any rw unit=1 fc=3");
    talker->service.now += LOG_LIMIT_MS;
    ask(1, (const uint8_t[]){17}, 1);
    ask(2, (const uint8_t[]){17}, 1); /* no unit of the client: not in the log */
    fprintf(stderr, "%u %u %u\n", (unsigned)bed_count(talker, MODBUSD_WRITES_REFUSED),
            (unsigned)bed_count(talker, MODBUSD_FUNCTIONS_REFUSED),
            (unsigned)bed_count(talker, MODBUSD_REGISTERS_REFUSED));
}

static void test_refusals(void **state)
{
    (void)state;
    check_lines(
        refuse,
        "warning write refused: 10.0.0.7 may not write to unit 20 (function 6); 1 such refusal "
        "since the last line\n"
        "warning request refused: 10.0.0.7 may not use holding register 95 of unit 1 (function 3): "
        "no allow rule for the client has it; 13 such refusals since the last line\n"
        "warning write refused: 10.0.0.7 may not use coil 258 of unit 1 (function 5): no allow "
        "rule for the client has it; 1 such refusal since the last line\n"
        "warning write refused: 10.0.0.7 may not write to unit 20 (function 16); 1 such refusal "
        "since the last line\n"
        "warning write refused: 10.0.0.7 may not write to unit 1 (function 16); 1 such refusal "
        "since the last line\n"
        "warning write refused: 10.0.0.7 may not use coil 258 of unit 1 (function 5): allow rule 1 "
        "only lets it read; 1 such refusal since the last line\n"
        "warning request refused: 10.0.0.7 may not use function 17 in unit 1: no allow rule for "
        "the client has it; 1 such refusal since the last line\n"
        "16 15 4\n");
}

static void write_to_nobody(void)
{
    struct register_owners owners;
    struct gaps gaps = {.writes_need_owner = true};
    char why[SHM_WHY_SIZE], path[128];
    log_open(LOG_LEVEL_ERROR);
    set_rules("any rw");
    assert_true(register_owners_open_writer(&owners, talker->f->folder, why, sizeof why));
    register_owners_add(&owners, &(struct owned_span){.unit = 20,
                                                      .table = PDU_HOLDING_REGISTERS,
                                                      .address = 257,
                                                      .count = 1,
                                                      .takes_writes = true});
    register_owners_publish(&owners);
    gaps_follow_file(&gaps, talker->f->folder);
    talker->service.gaps = &gaps;
    log_open(LOG_LEVEL_DEBUG);
    ask(20, write_two, sizeof write_two);
    for (int i = 0; i < 12; i++)
        ask(20, write_coil, sizeof write_coil);
    talker->service.now += LOG_LIMIT_MS;
    ask(20, write_coil, sizeof write_coil);
    ask(20, (const uint8_t[]){6, 1, 1, 0, 9}, 5); /* it has an owner */
    fprintf(stderr, "%u\n", (unsigned)bed_count(talker, MODBUSD_GAP_WRITES_REFUSED));
    talker->service.gaps = NULL;
    gaps_finish(&gaps);
    register_owners_close(&owners);
    snprintf(path, sizeof path, "%s/register-owners", talker->f->folder);
    unlink(path);
}

static void test_writes_to_nobody(void **state)
{
    (void)state;
    check_lines(write_to_nobody,
                "warning write refused: 10.0.0.7 writes 2 holding registers from 258 of unit 20 "
                "(function 16), and no tag takes writes there ([modbusd] writes = tags); 1 such "
                "refusal since the last line\n"
                "warning write refused: 10.0.0.7 writes 1 coil from 258 of unit 20 (function 5), "
                "and no tag takes writes there ([modbusd] writes = tags); 13 such refusals since "
                "the last line\n"
                "14\n");
}

static void say_protocols(void)
{
    static const uint8_t bytes[] = "GET / HTTP/1.1";
    log_open(LOG_LEVEL_DEBUG);
    static const size_t lens[] = {0, 1, 8, 9, 14};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        service_log_protocol(&talker->service, &session, PROTOCOL_TCP, bytes, lens[i]);
        talker->service.now += LOG_LIMIT_MS;
    }
    for (int i = 0; i < 12; i++)
        service_log_protocol(&talker->service, &session, PROTOCOL_RTU, bytes, 2);
    talker->service.now += LOG_LIMIT_MS - 1;
    service_log_protocol(&talker->service, &session, PROTOCOL_RTU, bytes, 3);
    talker->service.now++;
    service_log_protocol(&talker->service, &session, PROTOCOL_RTU, bytes, 14);
    service_log_header(&talker->service, &session, bytes, 0);
    service_log_header(&talker->service, &session, bytes, 14);
    talker->service.now += LOG_LIMIT_MS;
    service_log_header(&talker->service, &session, bytes, 1);
}

static void test_protocols(void **state)
{
    (void)state;
    check_lines(
        say_protocols,
        "warning 10.0.0.7 sends something else instead of Modbus TCP (0 bytes): this port supports "
        "only Modbus TCP; 1 such connection since the last line\n"
        "warning 10.0.0.7 sends something else instead of Modbus TCP (1 byte: 47): this port "
        "supports only Modbus TCP; 1 such connection since the last line\n"
        "warning 10.0.0.7 sends HTTP instead of Modbus TCP (8 bytes: 47 45 54 20 2F 20 48 54): the "
        "REST API has another port, [api] listen; 1 such connection since the last line\n"
        "warning 10.0.0.7 sends HTTP instead of Modbus TCP (9 bytes: 47 45 54 20 2F 20 48 54): the "
        "REST API has another port, [api] listen; 1 such connection since the last line\n"
        "warning 10.0.0.7 sends HTTP instead of Modbus TCP (14 bytes: 47 45 54 20 2F 20 48 54): "
        "the REST API has another port, [api] listen; 1 such connection since the last line\n"
        "warning 10.0.0.7 sends something else instead of Modbus RTU over TCP (2 bytes: 47 45): "
        "this port supports only Modbus RTU over TCP; 1 such connection since the last line\n"
        "warning 10.0.0.7 sends HTTP instead of Modbus RTU over TCP (14 bytes: 47 45 54 20 2F 20 "
        "48 54): the REST API has another port, [api] listen; 13 such connections since the last "
        "line\n"
        "warning 10.0.0.7 is in proxy_protocol_from but sends no PROXY header (0 bytes): set "
        "send-proxy-v2, or correct proxy_protocol_from; 1 such connection since the last line\n"
        "warning 10.0.0.7 is in proxy_protocol_from but sends no PROXY header (1 byte: 47): set "
        "send-proxy-v2, or correct proxy_protocol_from; 2 such connections since the last line\n");
}

static void lose_process(void)
{
    log_open(LOG_LEVEL_DEBUG);
    service_start_clock(&talker->service, 1000);
    service_set_time(&talker->service, 1000);
    service_set_process_timeout(&talker->service, 12000);
    const uint64_t due = service_process_due_ms(&talker->service);
    fprintf(stderr, "due %u\n", (unsigned)due);
    service_set_time(&talker->service, due - 1);
    fprintf(stderr, "%u %u\n", ask(1, read_ten, sizeof read_ten),
            (unsigned)bed_count(talker, MODBUSD_PROCESS_LOST));
    service_set_time(&talker->service, due);
    service_set_time(&talker->service, due + 5);
    fprintf(stderr, "%u %u %u\n", ask(1, read_ten, sizeof read_ten),
            ask(1, write_one, sizeof write_one), (unsigned)bed_count(talker, MODBUSD_PROCESS_LOST));
    fprintf(stderr, "%d\n", service_process_due_ms(&talker->service) == UINT64_MAX);
    session.side = SIDE_OUTPUTS; /* does not count */
    ask(1, read_ten, sizeof read_ten);
    service_set_time(&talker->service, due + 6);
    session.side = SIDE_INPUTS;
    fprintf(stderr, "%u\n", ask(1, read_ten, sizeof read_ten));
    service_set_time(&talker->service, due + 7);
    session.side = SIDE_SCADA;
    fprintf(stderr, "%u %u\n", ask(1, read_ten, sizeof read_ten),
            (unsigned)bed_count(talker, MODBUSD_PROCESS_LOST));
    fprintf(stderr, "due in %u\n", (unsigned)(service_process_due_ms(&talker->service) - due));
}

static void test_process_loss(void **state)
{
    (void)state;
    check_lines(
        lose_process,
        "due 16000\n"
        "0 0\n"
        "warning process lost: no request on the inputs side for 12000 ms; reads are "
        "answered with exception 11\n"
        "11 0 1\n"
        "1\n"
        "0\n"
        "info    tagferry-mqttd sends requests again: reads are answered with values again\n"
        "0 0\n"
        "due in 12006\n");
}

static void add_client(struct bed *bed)
{
    const struct client_facts facts = {.address = {[10] = 0xFF, 0xFF, 10, 0, 0, 7},
                                       .port = 50012,
                                       .side = CLIENT_SCADA,
                                       .since_ms = 12};
    entry = (struct client_entry){.shared = NULL};
    client_table_add_client(&bed->table, &facts, &entry);
    session.entry = &entry;
}

static void test_notes(void **state)
{
    struct bed *bed = *state;
    log_open(LOG_LEVEL_ERROR);
    service_note_closed(&bed->service, &session, CLIENT_IDLE_TIMEOUT, "not listed");
    assert_int_equal(bed_refusal(bed).number, 0);
    add_client(bed);
    session.is_serial = true;
    service_note_closed(&bed->service, &session, CLIENT_IDLE_TIMEOUT, "a line");
    assert_int_equal(bed_refusal(bed).number, 0);
    session.is_serial = false;
    bed->service.now = 99;
    service_note_closed(&bed->service, &session, CLIENT_IDLE_TIMEOUT, "word for word");
    bed_check_refusal(bed, "10.0.0.7", 50012, CLIENT_SCADA, CLIENT_IDLE_TIMEOUT, BED_OFFSET + 99, 1,
                      "word for word");
    bed->service.now = 100;
    service_log_protocol(&bed->service, &session, PROTOCOL_TCP, (const uint8_t *)"SSH-2.0", 7);
    bed_check_refusal(bed, "10.0.0.7", 50012, CLIENT_SCADA, CLIENT_NOT_MODBUS, BED_OFFSET + 100, 1,
                      "sends SSH instead of Modbus TCP (7 bytes: 53 53 48 2D 32 2E 30): this is "
                      "the Modbus port");
    service_log_header(&bed->service, &session, (const uint8_t *)"SSH-2.0", 2);
    assert_int_equal(bed_count(bed, MODBUSD_CLOSED_PROXY_HEADER), 1);
    bed_check_refusal(bed, "10.0.0.7", 50012, CLIENT_SCADA, CLIENT_NO_PROXY_HEADER,
                      BED_OFFSET + 100, 1,
                      "is in proxy_protocol_from but sends no PROXY header (2 bytes: 53 53): set "
                      "send-proxy-v2, or correct proxy_protocol_from");
    client_table_remove_client(&bed->table, &entry);
}

/* Each request of a client is in its entry, also a refused one. */
static void test_entries(void **state)
{
    struct bed *bed = *state;
    struct client_facts facts;
    log_open(LOG_LEVEL_ERROR);
    add_client(bed);
    assert_int_equal(ask(1, read_ten, sizeof read_ten), 0);
    assert_int_equal(ask(247, read_ten, sizeof read_ten), 11);
    assert_int_equal(ask(20, (const uint8_t[]){99, 1, 2, 3, 4}, 5), 1);
    client_entry_publish(&entry, 5);
    assert_int_equal(bed_shown(bed, &facts), 1);
    assert_int_equal(facts.requests, 3);
    assert_int_equal(facts.exceptions, 2);
    assert_int_equal(facts.functions[CLIENT_FUNCTION_3], 2);
    assert_int_equal(facts.functions[CLIENT_FUNCTION_OTHER], 1);
    assert_int_equal(facts.units[0], 1 << 20 | 1 << 1);
    assert_true(facts.units[3] == UINT64_C(1) << (247 - 192));
    assert_int_equal(facts.last.unit, 20);
    assert_int_equal(facts.last.code, 99);
    assert_int_equal(facts.last.exception, 1);
    client_table_remove_client(&bed->table, &entry);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, bed_end)
    static const struct CMUnitTest tests[] = {
        TEST(test_refusals),  TEST(test_writes_to_nobody),
        TEST(test_protocols), TEST(test_process_loss),
        TEST(test_notes),     TEST(test_entries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
