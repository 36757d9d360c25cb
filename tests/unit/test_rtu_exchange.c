/* Requests of Modbus RTU and what comes back: right, damaged, of others, late, nothing. The unit is
 * a thread at the other end of a socket. */
#include "check.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/modbus/pdu.h"
#include "common/modbus/rtu_exchange.h"
#include "common/modbus/rtu_frame.h"

enum { TIMEOUT_MS = 20000, SHORT_MS = 20, PART_MAX = 24 };

/* What the unit does with one request. */
struct reply {
    const char *name;
    uint8_t bytes[PART_MAX];
    size_t len;
    int crc_at, crc_from; /* puts the CRC of [crc_from, crc_at) there; 0: nowhere */
    bool closes;
    int error;
    int word; /* that is read, or -1 */
};

struct bed {
    int ends[2];
    struct modbus_transport transport;
    struct rtu_exchange exchange;
    const struct reply *reply;
    uint8_t request[RTU_SIZE_MAX];
    ssize_t request_len;
};

static void *answer_request(void *context)
{
    struct bed *bed = context;
    const struct reply *reply = bed->reply;
    uint8_t bytes[PART_MAX];
    bed->request_len = recv(bed->ends[1], bed->request, sizeof bed->request, 0);
    memcpy(bytes, reply->bytes, sizeof bytes);
    if (reply->crc_at > 0) {
        uint16_t crc = rtu_crc(bytes + reply->crc_from, (size_t)(reply->crc_at - reply->crc_from));
        bytes[reply->crc_at] = (uint8_t)crc;
        bytes[reply->crc_at + 1] = (uint8_t)(crc >> 8);
    }
    if (reply->len > 0)
        assert_int_equal(send(bed->ends[1], bytes, reply->len, 0), reply->len);
    if (reply->closes)
        shutdown(bed->ends[1], SHUT_RDWR);
    return NULL;
}

static void open_bed(struct bed *bed)
{
    const struct modbus_endpoint endpoint = {.framing = FRAMING_RTU};
    *bed = (struct bed){.request_len = 0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, bed->ends), 0);
    transport_init(&bed->transport, &endpoint);
    bed->transport.fd = bed->ends[0];
    rtu_exchange_init(&bed->exchange, &endpoint);
}

static void close_bed(struct bed *bed)
{
    close(bed->ends[0]);
    close(bed->ends[1]);
}

static int exchange_with(struct bed *bed, const struct reply *reply,
                         struct pipeline_request *request, unsigned timeout_ms)
{
    pthread_t unit;
    bed->reply = reply;
    assert_int_equal(pthread_create(&unit, NULL, answer_request, bed), 0);
    int error = rtu_exchange_run(&bed->exchange, &bed->transport, request, timeout_ms);
    pthread_join(unit, NULL);
    return error;
}

/* Reads one register, 100, of unit 3: the answer is 03 03 02 hh ll and the CRC. */
static void test_answers(void **state)
{
    (void)state;
    static const struct reply rows[] = {
        {"right", {3, 3, 2, 0x12, 0x34}, 7, 5, 0, false, 0, 0x1234},
        {"noise before it", {0xff, 0, 3, 3, 3, 2, 0x12, 0x34}, 10, 8, 3, false, 0, 0x1234},
        {"noise after it", {3, 3, 2, 0x12, 0x34, 0, 0, 7, 7}, 9, 5, 0, false, 0, 0x1234},
        {"another unit", {4, 3, 2, 0x12, 0x34}, 7, 5, 0, false, ETIMEDOUT, -1},
        {"another function", {3, 4, 2, 0x12, 0x34}, 7, 5, 0, false, ETIMEDOUT, -1},
        {"another length", {3, 3, 4, 0x12, 0x34, 1, 2}, 9, 7, 0, false, ETIMEDOUT, -1},
        {"wrong CRC", {3, 3, 2, 0x12, 0x34, 1, 2}, 7, 0, 0, false, EBADMSG, -1},
        {"one byte lost", {3, 3, 0x12, 0x34, 1, 2}, 6, 0, 0, false, EBADMSG, -1},
        {"little noise", {0xff, 3}, 2, 0, 0, false, ETIMEDOUT, -1},
        {"nothing", {0}, 0, 0, 0, false, ETIMEDOUT, -1},
        {"closed", {0}, 0, 0, 0, true, ECONNRESET, -1},
        {"closed in between", {3, 3, 2}, 3, 0, 0, true, ECONNRESET, -1},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bed bed;
        uint16_t word = 0xffff;
        struct pipeline_request request = {.unit = 3,
                                           .function = FC_READ_HOLDING_REGISTERS,
                                           .address = 100,
                                           .count = 1,
                                           .read = &word};
        open_bed(&bed);
        unsigned timeout_ms = rows[i].error == ETIMEDOUT ? SHORT_MS : TIMEOUT_MS;
        int error = exchange_with(&bed, &rows[i], &request, timeout_ms);
        check_row(error == rows[i].error, rows[i].name);
        check_row(request.answered == (rows[i].word >= 0), rows[i].name);
        check_row(rows[i].word < 0 || word == rows[i].word, rows[i].name);
        static const uint8_t expected[] = {3, 3, 0, 100, 0, 1};
        check_row(bed.request_len == 8 && memcmp(bed.request, expected, 6) == 0 &&
                      rtu_crc(bed.request, 8) == 0,
                  rows[i].name);
        close_bed(&bed);
    }
}

static void test_an_exception(void **state)
{
    static const struct reply reply = {"exception", {3, 0x90, 2}, 5, 3, 0, false, 0, -1};
    static const uint16_t words[] = {7, 8};
    struct bed bed;
    struct pipeline_request request = {
        .unit = 3, .function = FC_WRITE_REGISTERS, .address = 1, .count = 2, .words = words};
    (void)state;
    open_bed(&bed);
    assert_int_equal(exchange_with(&bed, &reply, &request, TIMEOUT_MS), 0);
    assert_true(request.answered);
    assert_int_equal(request.exception, 2);
    close_bed(&bed);
}

/* What came before a request is not its answer. */
static void test_an_old_answer(void **state)
{
    static const struct reply old = {"old", {3, 3, 2, 0, 1}, 7, 5, 0, false, 0, 1},
                              fresh = {"fresh", {3, 3, 2, 0, 2}, 7, 5, 0, false, 0, 2},
                              nothing = {"nothing", {0}, 0, 0, 0, false, ETIMEDOUT, -1};
    struct bed bed;
    uint16_t word = 0;
    uint8_t late[] = {3, 3, 2, 0, 1, 0, 0};
    struct pipeline_request request = {.unit = 3,
                                       .function = FC_READ_HOLDING_REGISTERS,
                                       .address = 100,
                                       .count = 1,
                                       .read = &word};
    (void)state;
    open_bed(&bed);
    assert_int_equal(exchange_with(&bed, &nothing, &request, SHORT_MS), ETIMEDOUT);
    rtu_put_frame(late, 3, old.bytes + 1, 4);
    assert_int_equal(send(bed.ends[1], late, sizeof late, 0), sizeof late);
    assert_int_equal(exchange_with(&bed, &fresh, &request, TIMEOUT_MS), 0);
    assert_int_equal(word, 2);
    close_bed(&bed);
}

static void test_a_broadcast(void **state)
{
    static const struct reply nothing = {"nothing", {0}, 0, 0, 0, false, 0, -1};
    static const uint16_t words[] = {7};
    struct bed bed;
    struct pipeline_request request = {
        .unit = 0, .function = FC_WRITE_REGISTER, .address = 1, .count = 1, .words = words};
    (void)state;
    open_bed(&bed);
    uint64_t begin = clock_steady_us();
    assert_int_equal(exchange_with(&bed, &nothing, &request, TIMEOUT_MS), 0);
    assert_true(request.answered);
    assert_int_equal(bed.request_len, 8);
    assert_true(bed.exchange.free_at_us >= begin + 100000); /* the units carry it out */
    close_bed(&bed);
}

static void test_times_of_a_line(void **state)
{
    struct modbus_endpoint endpoint;
    struct rtu_exchange exchange;
    (void)state;
    modbus_endpoint_make("serial:/dev/ttyS0:9600,8E1", 502, FRAMING_TCP, false, &endpoint);
    assert_true(endpoint.is_serial);
    assert_int_equal(endpoint.framing, FRAMING_RTU);
    rtu_exchange_init(&exchange, &endpoint);
    assert_int_equal(exchange.pause_us, 4011);
    assert_int_equal(exchange.character_us, 1146);
    modbus_endpoint_make("serial:no line", 502, FRAMING_TCP, false, &endpoint);
    assert_false(endpoint.is_serial);
    assert_string_equal(endpoint.addr.host, "serial:no line");
}

static void test_tls_of_an_endpoint(void **state)
{
    struct modbus_endpoint plain, secure;
    (void)state;
    modbus_endpoint_make("plc.example", 802, FRAMING_TCP, false, &plain);
    modbus_endpoint_make("PLC.example.", 802, FRAMING_RTU, true, &secure);
    assert_true(secure.is_tls);
    assert_int_equal(secure.framing, FRAMING_TCP); /* never without TLS */
    assert_false(modbus_endpoint_is_equal(&plain, &secure));
    plain.is_tls = true;
    assert_true(modbus_endpoint_is_equal(&plain, &secure));
    modbus_endpoint_make("serial:/dev/ttyS0", 802, FRAMING_TCP, true, &secure);
    assert_true(secure.is_serial && !secure.is_tls);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers),         cmocka_unit_test(test_an_exception),
        cmocka_unit_test(test_an_old_answer),   cmocka_unit_test(test_a_broadcast),
        cmocka_unit_test(test_times_of_a_line), cmocka_unit_test(test_tls_of_an_endpoint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
