/* One connection, and the state of its server. */
#include "common/modbus/modbus_client.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/modbus/library_exchange.h"
#include "common/modbus/rtu_exchange.h"
#include "common/modbus/rtu_frame.h"

enum { UNITS = 256, FIRST_RESERVED = 248, LAST_RESERVED = 254, REPEATS_MAX = 2 };

struct modbus_client {
    modbus_t *library; /* after modbus_client_trust_server */
    struct modbus_transport transport;
    struct rtu_exchange rtu; /* for FRAMING_RTU */
    char server[NET_TEXT_SIZE];
    bool has_answered; /* on this connection */
    unsigned timeout_ms;
    uint16_t transaction; /* of the next frame */
    size_t begun;         /* the requests of modbus_client_begin_requests, until their end */
    int begun_error;      /* of sending them, or 0 */
    uint16_t begun_transaction;
    uint64_t begun_ms; /* when they were sent */
    enum modbus_repeat repeat;
    bool serves_units;
    bool (*pause)(void *context);
    void *context;
    /* One bit for each unit. */
    uint8_t lacks_masked[UNITS / 8];    /* does not support FC22 */
    uint8_t may_lack_masked[UNITS / 8]; /* did not answer the latest FC22 */
    uint64_t late_ms[UNITS]; /* for FRAMING_RTU: until then, a late answer of the unit may come */
    uint64_t unmasked, losses;
    struct backoff backoff;
    enum modbus_failure failure;
    uint8_t exception;
    char reason[MODBUS_REASON_SIZE];
};

static bool modbus_client_has_bit(const uint8_t *set, uint8_t unit)
{
    return (set[unit / 8] >> (unit % 8) & 1) != 0;
}

static void modbus_client_set_bit(uint8_t *set, uint8_t unit, bool on)
{
    uint8_t bit = (uint8_t)(1U << (unit % 8));
    set[unit / 8] = (uint8_t)(on ? set[unit / 8] | bit : set[unit / 8] & ~bit);
}

static bool modbus_client_is_rtu(const struct modbus_client *link)
{
    return link->transport.endpoint.framing == FRAMING_RTU;
}

bool modbus_client_trust_server(struct modbus_client *link)
{
    REQUIRE(!link->library && link->transport.endpoint.framing == FRAMING_TCP &&
            !link->transport.endpoint.is_tls);
    link->library = library_exchange_create(&link->transport.endpoint.addr, link->timeout_ms);
    return link->library != NULL;
}

struct modbus_client *modbus_client_create_for(const struct modbus_endpoint *endpoint,
                                               unsigned timeout_ms)
{
    struct modbus_client *link = calloc(1, sizeof *link);
    if (!link)
        return NULL;
    link->timeout_ms = timeout_ms;
    transport_init(&link->transport, endpoint);
    modbus_endpoint_format(endpoint, link->server);
    if (modbus_client_is_rtu(link))
        rtu_exchange_init(&link->rtu, endpoint);
    return link;
}

struct modbus_client *modbus_client_create(const struct net_addr *server, unsigned timeout_ms)
{
    struct modbus_endpoint endpoint = {.framing = FRAMING_TCP, .addr = *server};
    return modbus_client_create_for(&endpoint, timeout_ms);
}

void modbus_client_use_tls(struct modbus_client *link, struct modbus_tls_keeper *keeper)
{
    link->transport.tls_keeper = keeper;
}

static void modbus_client_disconnect(struct modbus_client *link)
{
    transport_close(&link->transport);
}

void modbus_client_destroy(struct modbus_client *link)
{
    if (!link)
        return;
    modbus_client_disconnect(link);
    transport_finish(&link->transport);
    library_exchange_destroy(link->library);
    free(link);
}

void modbus_client_interrupt(struct modbus_client *link)
{
    transport_interrupt(&link->transport);
}

void modbus_client_serve_units(struct modbus_client *link, bool (*pause)(void *context),
                               void *context)
{
    link->serves_units = true;
    link->repeat = MODBUS_REPEAT_ALL;
    link->pause = pause;
    link->context = context;
}

void modbus_client_set_repeat(struct modbus_client *link, enum modbus_repeat repeat)
{
    link->repeat = repeat;
}

static enum modbus_result modbus_client_back_off(struct modbus_client *link)
{
    link->failure = MODBUS_BACKS_OFF;
    return MODBUS_UNREACHABLE;
}

static enum modbus_result modbus_client_fail_connect(struct modbus_client *link, const char *why,
                                                     bool no_memory)
{
    if (link->transport.endpoint.is_serial) /* it names the path */
        snprintf(link->reason, sizeof link->reason, "%.*s", MODBUS_REASON_SIZE - 1, why);
    else
        snprintf(link->reason, sizeof link->reason, "%.80s: cannot connect: %.150s", link->server,
                 why);
    link->failure = MODBUS_NOT_CONNECTED;
    link->losses += !no_memory;
    /* After a lack of memory, a caller that needs answers at once gets no back-off. */
    if (!no_memory || link->repeat == MODBUS_REPEAT_NOTHING || link->serves_units)
        backoff_add_failure(&link->backoff, clock_steady_us());
    return MODBUS_UNREACHABLE;
}

static enum modbus_result modbus_client_connect(struct modbus_client *link)
{
    char why[NET_WHY_SIZE];
    link->has_answered = false;
    bool is_open = transport_open(&link->transport, link->timeout_ms, why, sizeof why);
    bool no_memory = !is_open && errno == ENOMEM; /* no failure of the server */
    if (!is_open && transport_is_interrupted(&link->transport))
        return modbus_client_back_off(link);
    if (is_open) {
        const int fd = link->transport.fd;
        if (link->serves_units && !link->transport.endpoint.is_serial) {
            /* A server that loses its power does not close the connection. When it is back, it
             * resets the connection in response to a keep-alive probe. */
            static const int on = 1, idle_s = 10, interval_s = 5, probes = 3;
            setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
            setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
            setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
            setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
        }
        return MODBUS_OK;
    }
    return modbus_client_fail_connect(link, why, no_memory);
}

bool modbus_client_check_closed(struct modbus_client *link)
{
    if (transport_is_outdated(&link->transport)) /* with older certificates: no loss */
        modbus_client_disconnect(link);
    if (!transport_is_open(&link->transport) || !transport_is_lost(&link->transport))
        return false;
    /* The server has closed the connection, or has sent bytes without a request. */
    link->losses++;
    modbus_client_disconnect(link);
    return true;
}

/* Fails a request that nobody can answer. */
static enum modbus_result modbus_client_refuse(struct modbus_client *link, uint8_t unit,
                                               const char *why)
{
    link->exception = 0;
    snprintf(link->reason, sizeof link->reason, "%.80s: unit id %u %s", link->server, unit, why);
    return MODBUS_EXCEPTION;
}

static enum modbus_result modbus_client_make_ready(struct modbus_client *link,
                                                   const struct pipeline_request *request)
{
    const uint8_t unit = request->unit;
    if (unit >= FIRST_RESERVED && unit <= LAST_RESERVED)
        return modbus_client_refuse(link, unit, "is reserved");
    if (modbus_client_is_rtu(link) && unit == RTU_BROADCAST && pipeline_request_reads(request))
        return modbus_client_refuse(link, unit,
                                    "stands for all units of a line, and has no answer");
    if (modbus_client_unit_wait_ms(link, unit) > 0 || transport_is_interrupted(&link->transport))
        return modbus_client_back_off(link);
    if (link->repeat != MODBUS_REPEAT_NOTHING && !link->serves_units)
        modbus_client_check_closed(link);
    if (transport_is_outdated(&link->transport))
        modbus_client_disconnect(link);
    if (transport_is_open(&link->transport))
        return MODBUS_OK;
    return modbus_client_backoff_ms(link) > 0 ? modbus_client_back_off(link)
                                              : modbus_client_connect(link);
}

static bool modbus_client_is_closed_error(int error)
{
    return error == ECONNRESET || error == EPIPE;
}

static enum modbus_result modbus_client_fail(struct modbus_client *link,
                                             const struct pipeline_request *request, int error)
{
    char why[80];
    const enum tls_fault refusal = link->transport.tls_fault;
    if (refusal != TLS_FAULT_NONE && !link->has_answered) { /* it has judged the certificate late */
        modbus_client_disconnect(link);
        return modbus_client_fail_connect(link, tls_fault_words(refusal), false);
    }
    if (modbus_client_is_closed_error(error) && link->transport.tls && !link->has_answered)
        snprintf(why, sizeof why,
                 "it closed the connection; it may refuse the certificate or role");
    else if (error == ETIMEDOUT)
        snprintf(why, sizeof why, "no answer within %u ms", link->timeout_ms);
    else if (modbus_client_is_closed_error(error))
        snprintf(why, sizeof why, "the server closed the connection");
    else if (error == EPROTO)
        snprintf(why, sizeof why, "the answer is malformed");
    else if (error == EBADMSG)
        snprintf(why, sizeof why, "the answer has a wrong CRC or is incomplete");
    else
        snprintf(why, sizeof why, "%.60s", strerror(error));
    snprintf(link->reason, sizeof link->reason, "%.80s, unit %u: %s", link->server, request->unit,
             why);
    link->failure = error == EBADMSG                     ? MODBUS_WRONG_CRC
                    : request->function == FC_MASK_WRITE ? MODBUS_NO_ANSWER_TO_MASKED
                                                         : MODBUS_NO_ANSWER;
    if (modbus_client_is_rtu(link) && error == ETIMEDOUT)
        link->late_ms[request->unit] = clock_steady_ms() + rtu_late_ms(link->timeout_ms);
    /* A line is not closed: other units answer. A TCP connection is, since it may be dead. */
    if (error != EBADMSG && (error != ETIMEDOUT || !link->transport.endpoint.is_serial))
        modbus_client_disconnect(link);
    if (!link->serves_units)
        backoff_add_failure(&link->backoff, clock_steady_us());
    return MODBUS_UNREACHABLE;
}

static bool modbus_client_may_continue(const struct modbus_client *link)
{
    return !link->pause || link->pause(link->context);
}

/* Makes requests in RTU framing, one after the other. A request whose answer is damaged is made
 * again: units carry a write out twice, to the same effect. */
static int modbus_client_run_rtu(struct modbus_client *link, struct pipeline_request *requests,
                                 size_t count)
{
    int error = 0;
    for (size_t i = 0; i < count; i++)
        requests[i].answered = false;
    for (size_t i = 0; i < count && error == 0; i++) {
        unsigned repeats = 0;
        do {
            error = rtu_exchange_run(&link->rtu, &link->transport, &requests[i], link->timeout_ms);
        } while (error == EBADMSG && repeats++ < REPEATS_MAX && modbus_client_may_continue(link));
    }
    return error;
}

/* Makes requests on the open connection. 0, or an errno as from pipeline_run_requests or
 * rtu_exchange_run. libmodbus makes only one request at a time, and compares less of an answer: it
 * is used for single requests to a trusted server. */
static int modbus_client_run(struct modbus_client *link, struct pipeline_request *requests,
                             size_t count)
{
    int error = 0;
    REQUIRE(transport_is_open(&link->transport));
    if (modbus_client_is_rtu(link)) {
        error = modbus_client_run_rtu(link, requests, count);
    } else if (count == 1 && link->library && library_exchange_takes(link->transport.fd)) {
        error = library_exchange_run(link->library, link->transport.fd, requests);
    } else {
        error = pipeline_run_requests(&link->transport, link->transaction, requests, count,
                                      link->timeout_ms);
        link->transaction = (uint16_t)(link->transaction + count);
    }
    for (size_t i = 0; i < count; i++)
        link->has_answered |= requests[i].answered;
    return error;
}

static bool modbus_client_only_reads(const struct pipeline_request *requests, size_t count)
{
    bool reads = true;
    for (size_t i = 0; i < count; i++)
        reads &= requests[i].function <= FC_READ_INPUT_REGISTERS;
    return reads;
}

/* The result of requests that were made on the connection. */
static enum modbus_result modbus_client_conclude(struct modbus_client *link,
                                                 const struct pipeline_request *requests,
                                                 size_t count, int error)
{
    enum modbus_result result = MODBUS_OK;
    size_t answered = 0;
    while (answered < count && requests[answered].answered)
        answered++;
    if (error)
        return modbus_client_fail(link, &requests[answered < count ? answered : 0], error);
    link->backoff = (struct backoff){0};
    for (size_t i = 0; i < count; i++) {
        if (requests[i].exception == 0)
            continue;
        result = MODBUS_EXCEPTION;
        link->exception = requests[i].exception;
        snprintf(link->reason, sizeof link->reason, "%.80s, unit %u: exception %u, %s",
                 link->server, requests[i].unit, link->exception,
                 pdu_exception_name(link->exception));
    }
    return result;
}

enum modbus_result modbus_client_request_many(struct modbus_client *link,
                                              struct pipeline_request *requests, size_t count)
{
    REQUIRE(count >= 1 && count <= PIPELINE_MAX && link->begun == 0);
    enum modbus_result result = modbus_client_make_ready(link, requests);
    if (result != MODBUS_OK)
        return result;
    bool was_in_use = link->has_answered;
    int error = modbus_client_run(link, requests, count);
    if (error && transport_is_interrupted(&link->transport)) {
        modbus_client_disconnect(link);
        return modbus_client_back_off(link);
    }
    if (modbus_client_is_closed_error(error) && was_in_use) {
        link->losses++;
        bool reads = modbus_client_only_reads(requests, count);
        if ((reads || !requests[0].answered) &&
            link->repeat >= (reads ? MODBUS_REPEAT_READS : MODBUS_REPEAT_ALL)) {
            modbus_client_disconnect(link);
            result = modbus_client_connect(link);
            if (result != MODBUS_OK)
                return result;
            error = modbus_client_run(link, requests, count);
        }
    }
    return modbus_client_conclude(link, requests, count, error);
}

bool modbus_client_begin_requests(struct modbus_client *link, struct pipeline_request *requests,
                                  size_t count)
{
    const struct modbus_endpoint *endpoint = &link->transport.endpoint;
    REQUIRE(count >= 1 && count <= PIPELINE_MAX && link->begun == 0);
    REQUIRE(endpoint->framing == FRAMING_TCP && !endpoint->is_tls);
    REQUIRE(link->repeat == MODBUS_REPEAT_NOTHING);
    const uint8_t unit = requests[0].unit;
    if (!transport_is_open(&link->transport) || !link->has_answered ||
        (unit >= FIRST_RESERVED && unit <= LAST_RESERVED))
        return false;
    link->begun = count;
    link->begun_ms = clock_steady_ms();
    if (count == 1 && link->library) {
        link->begun_error = library_exchange_send(link->library, link->transport.fd, requests);
        link->begun_transaction = LIBRARY_EXCHANGE_TRANSACTION;
        return true;
    }
    link->begun_transaction = link->transaction;
    link->transaction = (uint16_t)(link->transaction + count);
    link->begun_error =
        pipeline_send_requests(&link->transport, link->begun_transaction, requests, count, 0);
    if (link->begun_error == ETIMEDOUT) /* there is no space to send */
        link->begun_error = EAGAIN;
    return true;
}

bool modbus_client_has_sent(const struct modbus_client *link)
{
    return link->begun > 0 && link->begun_error == 0;
}

enum modbus_result modbus_client_end_requests(struct modbus_client *link,
                                              struct pipeline_request *requests)
{
    size_t count = link->begun;
    int error = link->begun_error;
    REQUIRE(count > 0);
    link->begun = 0;
    if (error == 0)
        error = pipeline_receive_answers(&link->transport, link->begun_transaction, requests, count,
                                         link->begun_ms, link->timeout_ms);
    if (error && transport_is_interrupted(&link->transport)) {
        modbus_client_disconnect(link);
        return modbus_client_back_off(link);
    }
    link->losses += modbus_client_is_closed_error(error);
    return modbus_client_conclude(link, requests, count, error);
}

int modbus_client_socket(const struct modbus_client *link)
{
    return link->transport.fd;
}

enum modbus_result modbus_client_read(struct modbus_client *link, uint8_t unit,
                                      enum modbus_table table, uint16_t address, uint16_t count,
                                      uint16_t *words)
{
    static const uint8_t functions[] = {[TABLE_COIL] = FC_READ_COILS,
                                        [TABLE_DISCRETE_INPUT] = FC_READ_DISCRETE_INPUTS,
                                        [TABLE_HOLDING_REGISTER] = FC_READ_HOLDING_REGISTERS,
                                        [TABLE_INPUT_REGISTER] = FC_READ_INPUT_REGISTERS};
    REQUIRE(count >= 1 &&
            count <= (table_is_bits(table) ? MODBUS_READ_BITS_MAX : MODBUS_READ_REGISTERS_MAX));
    struct pipeline_request request = {.unit = unit,
                                       .function = functions[table],
                                       .address = address,
                                       .count = count,
                                       .read = words};
    return modbus_client_request_many(link, &request, 1);
}

enum modbus_result modbus_client_write(struct modbus_client *link, uint8_t unit,
                                       enum modbus_table table, uint16_t address, uint16_t count,
                                       const uint16_t *words)
{
    REQUIRE(count >= 1 &&
            count <= (table_is_bits(table) ? MODBUS_WRITE_BITS_MAX : MODBUS_WRITE_REGISTERS_MAX));
    struct pipeline_request request = {.unit = unit,
                                       .function = table_is_bits(table) ? FC_WRITE_COILS
                                                                        : FC_WRITE_REGISTERS,
                                       .address = address,
                                       .count = count,
                                       .words = words};
    return modbus_client_request_many(link, &request, 1);
}

enum modbus_result modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t word)
{
    struct pipeline_request request = {.unit = unit,
                                       .function =
                                           table_is_bits(table) ? FC_WRITE_COIL : FC_WRITE_REGISTER,
                                       .address = address,
                                       .count = 1,
                                       .words = &word};
    return modbus_client_request_many(link, &request, 1);
}

/* Reads the register and writes it with changed bits. Only an answer to the read shows whether a
 * unit ignores FC22 or does not answer at all. */
static enum modbus_result modbus_client_write_unmasked(struct modbus_client *link, uint8_t unit,
                                                       uint16_t address, uint16_t mask,
                                                       uint16_t bits)
{
    uint16_t word;
    enum modbus_result result =
        modbus_client_read(link, unit, TABLE_HOLDING_REGISTER, address, 1, &word);
    if (result != MODBUS_UNREACHABLE && modbus_client_has_bit(link->may_lack_masked, unit))
        modbus_client_set_bit(link->lacks_masked, unit, true);
    modbus_client_set_bit(link->may_lack_masked, unit, false);
    if (result != MODBUS_OK)
        return result;
    if (!modbus_client_may_continue(link))
        return modbus_client_back_off(link);
    word = (uint16_t)((word & ~mask) | (bits & mask));
    link->unmasked++;
    return modbus_client_write_single(link, unit, TABLE_HOLDING_REGISTER, address, word);
}

static enum modbus_result modbus_client_try_mask_write(struct modbus_client *link, uint8_t unit,
                                                       uint16_t address, uint16_t mask,
                                                       uint16_t bits)
{
    struct pipeline_request request = {.unit = unit,
                                       .function = FC_MASK_WRITE,
                                       .address = address,
                                       .count = 1,
                                       .mask = mask,
                                       .words = &bits};
    if (modbus_client_has_bit(link->lacks_masked, unit) ||
        modbus_client_has_bit(link->may_lack_masked, unit))
        return modbus_client_write_unmasked(link, unit, address, mask, bits);
    enum modbus_result result = modbus_client_request_many(link, &request, 1);
    if (result == MODBUS_UNREACHABLE && link->failure == MODBUS_NO_ANSWER_TO_MASKED)
        modbus_client_set_bit(link->may_lack_masked, unit, true);
    if (result != MODBUS_EXCEPTION || link->exception != PDU_ILLEGAL_FUNCTION)
        return result;
    modbus_client_set_bit(link->lacks_masked, unit, true);
    return modbus_client_may_continue(link)
               ? modbus_client_write_unmasked(link, unit, address, mask, bits)
               : modbus_client_back_off(link);
}

enum modbus_result modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                            uint16_t address, uint16_t mask, uint16_t bits)
{
    enum modbus_result result = modbus_client_try_mask_write(link, unit, address, mask, bits);
    if (result != MODBUS_UNREACHABLE || link->failure != MODBUS_NO_ANSWER_TO_MASKED ||
        link->serves_units)
        return result;
    link->backoff = (struct backoff){0};
    return modbus_client_try_mask_write(link, unit, address, mask, bits);
}

unsigned modbus_client_backoff_ms(const struct modbus_client *link)
{
    return transport_is_open(&link->transport)
               ? 0
               : backoff_remaining_ms(&link->backoff, clock_steady_ms());
}

unsigned modbus_client_unit_wait_ms(const struct modbus_client *link, uint8_t unit)
{
    uint64_t now = link->late_ms[unit] > 0 ? clock_steady_ms() : 0;
    return link->late_ms[unit] > now ? (unsigned)(link->late_ms[unit] - now) : 0;
}

const char *modbus_client_reason(const struct modbus_client *link)
{
    return link->reason;
}

enum modbus_failure modbus_client_failure(const struct modbus_client *link)
{
    return link->failure;
}

uint8_t modbus_client_exception(const struct modbus_client *link)
{
    return link->exception;
}

enum tls_fault modbus_client_tls_fault(const struct modbus_client *link)
{
    return link->transport.tls_fault;
}

uint64_t modbus_client_unmasked_count(const struct modbus_client *link)
{
    return link->unmasked;
}

uint64_t modbus_client_loss_count(const struct modbus_client *link)
{
    return link->losses;
}
