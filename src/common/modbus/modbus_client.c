/* One connection, and what is known of the server at its other end. */
#include "common/modbus/modbus_client.h"

#include <assert.h>
#include <errno.h>
#include <modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/backoff.h"
#include "common/base/clock.h"
#include "common/modbus/pdu.h"

enum { UNITS = 256, FIRST_RESERVED = 248, LAST_RESERVED = 254 };

struct modbus_link {
    modbus_t *modbus; /* libmodbus' context; it borrows fd */
    struct net_addr addr;
    char server[NET_TEXT_SIZE];
    int fd;            /* -1: not connected */
    bool has_answered; /* on this connection */
    unsigned timeout_ms;
    uint16_t transaction; /* of the next frame */
    enum link_repeat repeat;
    bool serves_units;
    bool (*pause)(void *context);
    void *context;
    /* A bit for each unit. */
    uint8_t lacks_masked[UNITS / 8];    /* it is known not to take FC22 */
    uint8_t may_lack_masked[UNITS / 8]; /* it did not answer to the newest one */
    uint64_t unmasked, losses;
    struct backoff backoff;
    enum link_failure failure;
    uint8_t exception;
    char reason[LINK_REASON_SIZE];
};

static bool has_bit(const uint8_t *set, uint8_t unit)
{
    return (set[unit / 8] >> (unit % 8) & 1) != 0;
}

static void set_bit(uint8_t *set, uint8_t unit, bool on)
{
    uint8_t bit = (uint8_t)(1U << (unit % 8));
    set[unit / 8] = (uint8_t)(on ? set[unit / 8] | bit : set[unit / 8] & ~bit);
}

/* Without a byte time-out the response time-out bounds an answer as a whole, however slowly its
 * bytes come. */
static modbus_t *make_context(const struct net_addr *server, unsigned timeout_ms)
{
    char port[8];
    snprintf(port, sizeof port, "%u", server->port);
    modbus_t *modbus = modbus_new_tcp_pi(server->host, port);
    if (!modbus)
        return NULL;
    modbus_set_response_timeout(modbus, timeout_ms / 1000, timeout_ms % 1000 * 1000);
    modbus_set_byte_timeout(modbus, 0, 0);
    modbus_set_error_recovery(modbus, MODBUS_ERROR_RECOVERY_NONE);
    return modbus;
}

struct modbus_link *modbus_link_create(const struct net_addr *server, unsigned timeout_ms)
{
    struct modbus_link *link = calloc(1, sizeof *link);
    if (!link)
        return NULL;
    link->fd = -1;
    link->timeout_ms = timeout_ms;
    link->addr = *server;
    link->modbus = make_context(server, timeout_ms);
    if (!link->modbus) {
        free(link);
        return NULL;
    }
    net_addr_format(server, link->server);
    return link;
}

static void disconnect(struct modbus_link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
}

void modbus_link_destroy(struct modbus_link *link)
{
    if (!link)
        return;
    disconnect(link);
    modbus_free(link->modbus);
    free(link);
}

void modbus_link_serve_units(struct modbus_link *link, bool (*pause)(void *context), void *context)
{
    link->serves_units = true;
    link->repeat = LINK_REPEAT_ALL;
    link->pause = pause;
    link->context = context;
}

void modbus_link_set_repeat(struct modbus_link *link, enum link_repeat repeat)
{
    link->repeat = repeat;
}

static enum link_result back_off(struct modbus_link *link)
{
    link->failure = LINK_BACKS_OFF;
    return LINK_UNREACHABLE;
}

/* A server that has lost its power closes nothing. It is asked now and then, and answers that it
 * knows of no connection once it is back. */
static void keep_alive(int fd)
{
    static const int on = 1, idle_s = 10, interval_s = 5, probes = 3;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

static enum link_result connect_now(struct modbus_link *link)
{
    char why[NET_WHY_SIZE];
    link->has_answered = false;
    link->fd = net_connect(&link->addr, link->timeout_ms, why, sizeof why);
    bool no_memory = link->fd < 0 && errno == ENOMEM; /* which says nothing about the server */
    if (link->fd >= 0) {
        if (link->serves_units)
            keep_alive(link->fd);
        return LINK_OK;
    }
    snprintf(link->reason, sizeof link->reason, "%.80s: cannot connect: %.50s", link->server, why);
    link->failure = LINK_NOT_CONNECTED;
    link->losses += !no_memory;
    /* Without back-off: the caller answers a request at once, and must not refuse the next one. */
    if (!no_memory || link->repeat == LINK_REPEAT_NOTHING || link->serves_units)
        backoff_fail(&link->backoff, clock_steady_us());
    return LINK_UNREACHABLE;
}

/* Whether the server has closed the connection since the call before; bytes that nobody asked for
 * are no better. */
static bool is_stale(const struct modbus_link *link)
{
    char byte;
    ssize_t got = recv(link->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EINTR);
}

bool modbus_link_check(struct modbus_link *link)
{
    if (link->fd < 0 || !is_stale(link))
        return false;
    link->losses++;
    disconnect(link);
    return true;
}

static enum link_result make_ready(struct modbus_link *link, uint8_t unit)
{
    if (unit >= FIRST_RESERVED && unit <= LAST_RESERVED) {
        link->exception = 0;
        snprintf(link->reason, sizeof link->reason, "%.80s: unit id %u is reserved", link->server,
                 unit);
        return LINK_EXCEPTION;
    }
    if (link->repeat != LINK_REPEAT_NOTHING && !link->serves_units)
        modbus_link_check(link);
    if (link->fd >= 0)
        return LINK_OK;
    return modbus_link_backoff_ms(link) > 0 ? back_off(link) : connect_now(link);
}

static enum link_result refused(struct modbus_link *link, const struct pipeline_request *request)
{
    link->exception = request->exception;
    snprintf(link->reason, sizeof link->reason, "%.80s, unit %u: exception %u, %s", link->server,
             request->unit, request->exception, pdu_exception_name(request->exception));
    return LINK_EXCEPTION;
}

static bool is_closed(int error)
{
    return error == ECONNRESET || error == EPIPE;
}

static enum link_result fail(struct modbus_link *link, const struct pipeline_request *request,
                             int error)
{
    char why[64];
    if (error == ETIMEDOUT)
        snprintf(why, sizeof why, "no answer within %u ms", link->timeout_ms);
    else if (is_closed(error))
        snprintf(why, sizeof why, "the server closed the connection");
    else if (error == EPROTO)
        snprintf(why, sizeof why, "the answer is malformed");
    else
        snprintf(why, sizeof why, "%.60s", strerror(error));
    snprintf(link->reason, sizeof link->reason, "%.80s, unit %u: %s", link->server, request->unit,
             why);
    link->failure = request->function == FC_MASK_WRITE ? LINK_NO_ANSWER_TO_MASKED : LINK_NO_ANSWER;
    disconnect(link);
    if (!link->serves_units)
        backoff_fail(&link->backoff, clock_steady_us());
    return LINK_UNREACHABLE;
}

static bool may_repeat(const struct modbus_link *link, const struct pipeline_request *request)
{
    bool reads = request->function <= FC_READ_INPUT_REGISTERS;
    return link->repeat >= (reads ? LINK_REPEAT_READS : LINK_REPEAT_ALL);
}

static int read_bits(modbus_t *modbus, const struct pipeline_request *request)
{
    uint8_t bits[LINK_READ_BITS_MAX] = {0};
    int done = request->function == FC_READ_COILS
                   ? modbus_read_bits(modbus, request->address, request->count, bits)
                   : modbus_read_input_bits(modbus, request->address, request->count, bits);
    for (uint16_t i = 0; done >= 0 && i < request->count; i++)
        request->read[i] = bits[i];
    return done;
}

static int write_bits(modbus_t *modbus, const struct pipeline_request *request)
{
    uint8_t bits[LINK_WRITE_BITS_MAX];
    for (uint16_t i = 0; i < request->count; i++)
        bits[i] = request->words[i] != 0;
    return modbus_write_bits(modbus, request->address, request->count, bits);
}

/* The libmodbus call of a request. -1 with errno on failure. */
static int call(modbus_t *modbus, const struct pipeline_request *request)
{
    const uint16_t address = request->address, count = request->count;
    switch (request->function) {
    case FC_READ_COILS:
    case FC_READ_DISCRETE_INPUTS:
        return read_bits(modbus, request);
    case FC_READ_HOLDING_REGISTERS:
        return modbus_read_registers(modbus, address, count, request->read);
    case FC_READ_INPUT_REGISTERS:
        return modbus_read_input_registers(modbus, address, count, request->read);
    case FC_WRITE_COIL:
        return modbus_write_bit(modbus, address, request->words[0] != 0);
    case FC_WRITE_REGISTER:
        return modbus_write_register(modbus, address, request->words[0]);
    case FC_WRITE_COILS:
        return write_bits(modbus, request);
    case FC_WRITE_REGISTERS:
        return modbus_write_registers(modbus, address, count, request->words);
    default:
        assert(request->function == FC_MASK_WRITE);
        return modbus_mask_write_register(modbus, address, (uint16_t)~request->mask,
                                          request->words[0] & request->mask);
    }
}

/* One request by libmodbus. 0, or an errno as pipeline_run returns it. */
static int run_one(struct modbus_link *link, struct pipeline_request *request)
{
    request->answered = false;
    request->exception = 0;
    modbus_set_socket(link->modbus, link->fd);
    modbus_set_slave(link->modbus, request->unit);
    errno = 0;
    int done = call(link->modbus, request), error = errno;
    bool refused =
        done < 0 && error > MODBUS_ENOBASE && error < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX;
    request->answered = done >= 0 || refused;
    if (refused)
        request->exception = (uint8_t)(error - MODBUS_ENOBASE);
    if (request->answered)
        return 0;
    return error >= MODBUS_ENOBASE ? EPROTO : error;
}

/* libmodbus makes one request at a time, and waits with select, which ends the process at a
 * descriptor from FD_SETSIZE on. Several at once, and such descriptors, need frames of our own. */
static int run(struct modbus_link *link, struct pipeline_request *requests, size_t count)
{
    int error;
    if (count == 1 && link->fd < FD_SETSIZE) {
        error = run_one(link, requests);
    } else {
        error = pipeline_run(link->fd, link->transaction, requests, count, link->timeout_ms);
        link->transaction = (uint16_t)(link->transaction + count);
    }
    for (size_t i = 0; i < count; i++)
        link->has_answered |= requests[i].answered;
    return error;
}

enum link_result modbus_link_request_many(struct modbus_link *link,
                                          struct pipeline_request *requests, size_t count)
{
    enum link_result result = make_ready(link, requests[0].unit);
    if (result != LINK_OK)
        return result;
    bool was_in_use = link->has_answered;
    int error = run(link, requests, count);
    if (is_closed(error) && was_in_use) {
        link->losses++;
        if (!requests[0].answered && may_repeat(link, requests)) {
            disconnect(link);
            result = connect_now(link);
            if (result != LINK_OK)
                return result;
            error = run(link, requests, count);
        }
    }
    size_t answered = 0;
    while (answered < count && requests[answered].answered)
        answered++;
    if (error)
        return fail(link, &requests[answered < count ? answered : 0], error);
    link->backoff = (struct backoff){0};
    for (size_t i = 0; i < count; i++) {
        if (requests[i].exception)
            result = refused(link, &requests[i]);
    }
    return result;
}

enum link_result modbus_link_read(struct modbus_link *link, uint8_t unit, enum modbus_table table,
                                  uint16_t address, uint16_t count, uint16_t *words)
{
    static const uint8_t functions[] = {[TABLE_COIL] = FC_READ_COILS,
                                        [TABLE_DISCRETE_INPUT] = FC_READ_DISCRETE_INPUTS,
                                        [TABLE_HOLDING_REGISTER] = FC_READ_HOLDING_REGISTERS,
                                        [TABLE_INPUT_REGISTER] = FC_READ_INPUT_REGISTERS};
    assert(count >= 1 &&
           count <= (table_is_bits(table) ? LINK_READ_BITS_MAX : LINK_READ_REGISTERS_MAX));
    struct pipeline_request request = {.unit = unit,
                                       .function = functions[table],
                                       .address = address,
                                       .count = count,
                                       .read = words};
    return modbus_link_request_many(link, &request, 1);
}

enum link_result modbus_link_write(struct modbus_link *link, uint8_t unit, enum modbus_table table,
                                   uint16_t address, uint16_t count, const uint16_t *words)
{
    assert(count >= 1 &&
           count <= (table_is_bits(table) ? LINK_WRITE_BITS_MAX : LINK_WRITE_REGISTERS_MAX));
    struct pipeline_request request = {.unit = unit,
                                       .function = table_is_bits(table) ? FC_WRITE_COILS
                                                                        : FC_WRITE_REGISTERS,
                                       .address = address,
                                       .count = count,
                                       .words = words};
    return modbus_link_request_many(link, &request, 1);
}

enum link_result modbus_link_write_one(struct modbus_link *link, uint8_t unit,
                                       enum modbus_table table, uint16_t address, uint16_t word)
{
    struct pipeline_request request = {.unit = unit,
                                       .function =
                                           table_is_bits(table) ? FC_WRITE_COIL : FC_WRITE_REGISTER,
                                       .address = address,
                                       .count = 1,
                                       .words = &word};
    return modbus_link_request_many(link, &request, 1);
}

static bool may_go_on(const struct modbus_link *link)
{
    return !link->pause || link->pause(link->context);
}

/* Only an answer to the reading tells a unit that ignores FC22 from one that is silent. */
static enum link_result write_unmasked(struct modbus_link *link, uint8_t unit, uint16_t address,
                                       uint16_t mask, uint16_t bits)
{
    uint16_t word;
    enum link_result result =
        modbus_link_read(link, unit, TABLE_HOLDING_REGISTER, address, 1, &word);
    if (result != LINK_UNREACHABLE && has_bit(link->may_lack_masked, unit))
        set_bit(link->lacks_masked, unit, true);
    set_bit(link->may_lack_masked, unit, false);
    if (result != LINK_OK)
        return result;
    if (!may_go_on(link))
        return back_off(link);
    word = (uint16_t)((word & ~mask) | (bits & mask));
    link->unmasked++;
    return modbus_link_write_one(link, unit, TABLE_HOLDING_REGISTER, address, word);
}

static enum link_result write_masked(struct modbus_link *link, uint8_t unit, uint16_t address,
                                     uint16_t mask, uint16_t bits)
{
    struct pipeline_request request = {.unit = unit,
                                       .function = FC_MASK_WRITE,
                                       .address = address,
                                       .count = 1,
                                       .mask = mask,
                                       .words = &bits};
    if (has_bit(link->lacks_masked, unit) || has_bit(link->may_lack_masked, unit))
        return write_unmasked(link, unit, address, mask, bits);
    enum link_result result = modbus_link_request_many(link, &request, 1);
    if (result == LINK_UNREACHABLE && link->failure == LINK_NO_ANSWER_TO_MASKED)
        set_bit(link->may_lack_masked, unit, true);
    if (result != LINK_EXCEPTION || link->exception != PDU_ILLEGAL_FUNCTION)
        return result;
    set_bit(link->lacks_masked, unit, true);
    return may_go_on(link) ? write_unmasked(link, unit, address, mask, bits) : back_off(link);
}

enum link_result modbus_link_write_masked(struct modbus_link *link, uint8_t unit, uint16_t address,
                                          uint16_t mask, uint16_t bits)
{
    enum link_result result = write_masked(link, unit, address, mask, bits);
    if (result != LINK_UNREACHABLE || link->failure != LINK_NO_ANSWER_TO_MASKED ||
        link->serves_units)
        return result;
    link->backoff = (struct backoff){0};
    return write_masked(link, unit, address, mask, bits);
}

unsigned modbus_link_backoff_ms(const struct modbus_link *link)
{
    return link->fd >= 0 ? 0 : backoff_left_ms(&link->backoff, clock_steady_ms());
}

const char *modbus_link_reason(const struct modbus_link *link)
{
    return link->reason;
}

enum link_failure modbus_link_failure(const struct modbus_link *link)
{
    return link->failure;
}

uint8_t modbus_link_exception(const struct modbus_link *link)
{
    return link->exception;
}

uint64_t modbus_link_unmasked(const struct modbus_link *link)
{
    return link->unmasked;
}

uint64_t modbus_link_losses(const struct modbus_link *link)
{
    return link->losses;
}
