/* The libmodbus client behind modbus_link.h. */
#include "common/modbus_link.h"

#include <errno.h>
#include <fcntl.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/backoff.h"
#include "common/clock.h"

struct modbus_link {
    modbus_t *modbus;
    struct net_addr addr;
    char server[NET_TEXT_SIZE];
    int low; /* while unconnected: a descriptor that keeps a number for the socket, or -1 */
    unsigned timeout_ms;
    uint16_t transaction; /* of the next pipelined frame */
    bool connected;
    bool fresh; /* the call under way made the connection, or had it made again */
    enum link_repeat repeat;
    bool refuses_masks;
    uint64_t unmasked;
    struct backoff backoff;
    uint8_t exception;
    char reason[LINK_REASON_SIZE];
};

/* libmodbus waits with select, which ends the process at a descriptor from 1024 on. A process with
 * many clients has a smaller one for its links because they took it before the clients came. */
static void keep_low(struct modbus_link *link)
{
    link->low = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (link->low >= FD_SETSIZE) {
        close(link->low);
        link->low = -1;
    }
}

static bool connect_low(struct modbus_link *link, char why[NET_WHY_SIZE])
{
    int fd = net_connect(&link->addr, link->timeout_ms, why, NET_WHY_SIZE);
    if (fd >= 0 && link->low >= 0) {
        dup3(fd, link->low, O_CLOEXEC);
        close(fd);
        fd = link->low;
        link->low = -1;
    }
    if (fd >= FD_SETSIZE) {
        close(fd);
        snprintf(why, NET_WHY_SIZE, "%s", strerror(EMFILE));
        return false;
    }
    link->connected = fd >= 0 && modbus_set_socket(link->modbus, fd) == 0;
    return link->connected;
}

static void disconnect(struct modbus_link *link)
{
    if (!link->connected)
        return;
    modbus_close(link->modbus);
    link->connected = false;
    keep_low(link);
}

struct modbus_link *modbus_link_create(const struct net_addr *server, unsigned timeout_ms)
{
    char port[8];
    struct modbus_link *link = calloc(1, sizeof *link);
    if (!link)
        return NULL;
    link->timeout_ms = timeout_ms;
    link->addr = *server;
    net_addr_format(server, link->server);
    snprintf(port, sizeof port, "%u", server->port);
    link->modbus = modbus_new_tcp_pi(server->host, port);
    if (!link->modbus) {
        free(link);
        return NULL;
    }
    keep_low(link);
    modbus_set_response_timeout(link->modbus, timeout_ms / 1000, timeout_ms % 1000 * 1000);
    modbus_set_byte_timeout(link->modbus, timeout_ms / 1000, timeout_ms % 1000 * 1000);
    modbus_set_error_recovery(link->modbus, MODBUS_ERROR_RECOVERY_NONE);
    return link;
}

void modbus_link_destroy(struct modbus_link *link)
{
    if (!link)
        return;
    disconnect(link);
    if (link->low >= 0)
        close(link->low);
    modbus_free(link->modbus);
    free(link);
}

static enum link_result fail(struct modbus_link *link, const char *doing, const char *why)
{
    snprintf(link->reason, sizeof link->reason, "%.80s: %s%.50s", link->server, doing, why);
    disconnect(link);
    link->exception = 0;
    backoff_fail(&link->backoff, clock_steady_us());
    return LINK_UNREACHABLE;
}

static bool is_exception(int error)
{
    return error > MODBUS_ENOBASE && error < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX;
}

static enum link_result refused(struct modbus_link *link, uint8_t exception)
{
    link->exception = exception;
    snprintf(link->reason, sizeof link->reason, "%.80s: exception %u, %s", link->server, exception,
             modbus_strerror(MODBUS_ENOBASE + exception));
    return LINK_EXCEPTION;
}

/* Turns the answer of a libmodbus call, -1 with errno on failure, into a result. */
static enum link_result finish(struct modbus_link *link, int answer)
{
    if (answer >= 0) {
        link->backoff = (struct backoff){0};
        return LINK_OK;
    }
    int error = errno;
    if (!is_exception(error))
        return fail(link, "", modbus_strerror(error));
    link->backoff = (struct backoff){0};
    return refused(link, (uint8_t)(error - MODBUS_ENOBASE));
}

void modbus_link_set_repeat(struct modbus_link *link, enum link_repeat repeat)
{
    link->repeat = repeat;
}

/* Whether the server has closed the connection since the call before; bytes that nobody asked for
 * are no better. */
static bool is_stale(const struct modbus_link *link)
{
    char byte;
    ssize_t got =
        recv(modbus_get_socket(link->modbus), &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    return got >= 0 || (errno != EAGAIN && errno != EINTR);
}

/* Whether a libmodbus call that gave this answer, -1 with errno on failure, is to be made once more
 * on a connection that was opened for it. */
static bool may_repeat(struct modbus_link *link, int answer, enum link_repeat least)
{
    int error = errno;
    char why[NET_WHY_SIZE];
    if (answer >= 0 || link->fresh || link->repeat < least ||
        (error != ECONNRESET && error != EPIPE))
        return false;
    disconnect(link);
    link->fresh = true;
    bool again = connect_low(link, why);
    errno = error;
    return again;
}

/* 255 stands for the server itself, and is the one id beyond 247 that libmodbus takes. With any
 * other the unit of the call before would be asked. */
static enum link_result ready(struct modbus_link *link, uint8_t unit)
{
    if (modbus_set_slave(link->modbus, unit) != 0) {
        link->exception = 0;
        snprintf(link->reason, sizeof link->reason, "%.80s: unit id %u is reserved", link->server,
                 unit);
        return LINK_EXCEPTION;
    }
    if (link->connected && link->repeat != LINK_REPEAT_NOTHING && is_stale(link))
        disconnect(link);
    link->fresh = !link->connected;
    if (link->connected)
        return LINK_OK;
    if (modbus_link_backoff_ms(link) > 0)
        return LINK_UNREACHABLE;
    char why[NET_WHY_SIZE];
    if (connect_low(link, why))
        return LINK_OK;
    struct backoff before = link->backoff;
    bool no_memory = errno == ENOMEM; /* which says nothing about the server */
    enum link_result result = fail(link, "cannot connect: ", why);
    if (no_memory)
        link->backoff = before;
    return result;
}

static int read_table(modbus_t *modbus, enum modbus_table table, uint16_t address, uint16_t count,
                      uint16_t *words, uint8_t *bits)
{
    if (table == TABLE_HOLDING_REGISTER)
        return modbus_read_registers(modbus, address, count, words);
    if (table == TABLE_INPUT_REGISTER)
        return modbus_read_input_registers(modbus, address, count, words);
    if (table == TABLE_COIL)
        return modbus_read_bits(modbus, address, count, bits);
    return modbus_read_input_bits(modbus, address, count, bits);
}

enum link_result modbus_link_read(struct modbus_link *link, uint8_t unit, enum modbus_table table,
                                  uint16_t address, uint16_t count, uint16_t *words)
{
    uint8_t bits[LINK_READ_BITS_MAX];
    int answer;
    enum link_result result = ready(link, unit);
    if (result != LINK_OK)
        return result;
    do
        answer = read_table(link->modbus, table, address, count, words, bits);
    while (may_repeat(link, answer, LINK_REPEAT_READS));
    result = finish(link, answer);
    for (uint16_t i = 0; result == LINK_OK && table_is_bits(table) && i < count; i++)
        words[i] = bits[i];
    return result;
}

enum link_result modbus_link_write(struct modbus_link *link, uint8_t unit, enum modbus_table table,
                                   uint16_t address, uint16_t count, const uint16_t *words)
{
    uint8_t bits[LINK_WRITE_BITS_MAX];
    int answer;
    enum link_result result = ready(link, unit);
    if (result != LINK_OK)
        return result;
    for (uint16_t i = 0; table == TABLE_COIL && i < count; i++)
        bits[i] = words[i] != 0;
    do
        answer = table == TABLE_HOLDING_REGISTER
                     ? modbus_write_registers(link->modbus, address, count, words)
                     : modbus_write_bits(link->modbus, address, count, bits);
    while (may_repeat(link, answer, LINK_REPEAT_ALL));
    return finish(link, answer);
}

enum link_result modbus_link_write_one(struct modbus_link *link, uint8_t unit,
                                       enum modbus_table table, uint16_t address, uint16_t word)
{
    int answer;
    enum link_result result = ready(link, unit);
    if (result != LINK_OK)
        return result;
    do
        answer = table == TABLE_HOLDING_REGISTER
                     ? modbus_write_register(link->modbus, address, word)
                     : modbus_write_bit(link->modbus, address, word != 0);
    while (may_repeat(link, answer, LINK_REPEAT_ALL));
    return finish(link, answer);
}

static enum link_result write_unmasked(struct modbus_link *link, uint8_t unit, uint16_t address,
                                       uint16_t mask, uint16_t bits)
{
    uint16_t word;
    enum link_result result =
        modbus_link_read(link, unit, TABLE_HOLDING_REGISTER, address, 1, &word);
    if (result != LINK_OK)
        return result;
    word = (uint16_t)((word & ~mask) | (bits & mask));
    link->unmasked++;
    return modbus_link_write_one(link, unit, TABLE_HOLDING_REGISTER, address, word);
}

enum link_result modbus_link_write_masked(struct modbus_link *link, uint8_t unit, uint16_t address,
                                          uint16_t mask, uint16_t bits)
{
    if (!link->refuses_masks) {
        int answer;
        enum link_result result = ready(link, unit);
        if (result != LINK_OK)
            return result;
        do
            answer = modbus_mask_write_register(link->modbus, address, (uint16_t)~mask,
                                                (uint16_t)(bits & mask));
        while (may_repeat(link, answer, LINK_REPEAT_ALL));
        result = finish(link, answer);
        if (result != LINK_EXCEPTION || link->exception != MODBUS_EXCEPTION_ILLEGAL_FUNCTION)
            return result;
        link->refuses_masks = true;
    }
    return write_unmasked(link, unit, address, mask, bits);
}

enum link_result modbus_link_write_many(struct modbus_link *link, struct pipeline_write *writes,
                                        size_t count)
{
    enum link_result result = ready(link, writes[0].unit);
    if (result != LINK_OK)
        return result;
    uint16_t transaction = link->transaction;
    link->transaction = (uint16_t)(transaction + count);
    int error =
        pipeline_run(modbus_get_socket(link->modbus), transaction, writes, count, link->timeout_ms);
    if (error)
        return fail(link, "", modbus_strerror(error));
    link->backoff = (struct backoff){0};
    for (size_t i = 0; i < count; i++) {
        if (writes[i].exception)
            result = refused(link, writes[i].exception);
    }
    return result;
}

unsigned modbus_link_backoff_ms(const struct modbus_link *link)
{
    return link->connected ? 0 : backoff_left_ms(&link->backoff, clock_steady_ms());
}

const char *modbus_link_reason(const struct modbus_link *link)
{
    return link->reason;
}

uint64_t modbus_link_unmasked(const struct modbus_link *link)
{
    return link->unmasked;
}
