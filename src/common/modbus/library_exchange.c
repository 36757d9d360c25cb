/* Requests of pipeline_request.h through libmodbus, on a socket of the caller. */
#include "common/modbus/library_exchange.h"

#include <errno.h>
#include <stdio.h>
#include <sys/select.h>

#include "common/base/require.h"
#include "common/modbus/pdu.h"
#include "common/model/tag.h"

_Static_assert((int)POINT_REGISTERS_MAX == (int)MODBUS_WRITE_REGISTERS_MAX,
               "one request writes the longest value");

modbus_t *library_exchange_create(const struct net_addr *server, unsigned timeout_ms)
{
    char port[8];
    snprintf(port, sizeof port, "%u", server->port);
    modbus_t *library = modbus_new_tcp_pi(server->host, port);
    if (!library)
        return NULL;
    /* Without a byte time-out, the response time-out limits the whole answer, however slowly it
     * arrives. */
    modbus_set_response_timeout(library, timeout_ms / 1000, timeout_ms % 1000 * 1000);
    modbus_set_byte_timeout(library, 0, 0);
    modbus_set_error_recovery(library, MODBUS_ERROR_RECOVERY_NONE);
    return library;
}

void library_exchange_destroy(modbus_t *library)
{
    if (library)
        modbus_free(library);
}

bool library_exchange_takes(int fd)
{
    return fd < FD_SETSIZE;
}

/* Calls libmodbus for a request. -1 with errno on failure. */
static int library_call(modbus_t *library, const struct pipeline_request *request)
{
    const uint16_t address = request->address, count = request->count;
    switch (request->function) {
    case FC_READ_COILS:
    case FC_READ_DISCRETE_INPUTS: {
        uint8_t bits[MODBUS_READ_BITS_MAX] = {0};
        int done = request->function == FC_READ_COILS
                       ? modbus_read_bits(library, address, count, bits)
                       : modbus_read_input_bits(library, address, count, bits);
        for (uint16_t i = 0; done >= 0 && i < count; i++)
            request->read[i] = bits[i];
        return done;
    }
    case FC_READ_HOLDING_REGISTERS:
        return modbus_read_registers(library, address, count, request->read);
    case FC_READ_INPUT_REGISTERS:
        return modbus_read_input_registers(library, address, count, request->read);
    case FC_WRITE_COIL:
        return modbus_write_bit(library, address, request->words[0] != 0);
    case FC_WRITE_REGISTER:
        return modbus_write_register(library, address, request->words[0]);
    case FC_WRITE_COILS: {
        uint8_t bits[MODBUS_WRITE_BITS_MAX];
        for (uint16_t i = 0; i < count; i++)
            bits[i] = request->words[i] != 0;
        return modbus_write_bits(library, address, count, bits);
    }
    case FC_WRITE_REGISTERS:
        return modbus_write_registers(library, address, count, request->words);
    default:
        REQUIRE(request->function == FC_MASK_WRITE);
        return modbus_mask_write_register(library, address, (uint16_t)~request->mask,
                                          request->words[0] & request->mask);
    }
}

int library_exchange_run(modbus_t *library, int fd, struct pipeline_request *request)
{
    REQUIRE(library_exchange_takes(fd));
    modbus_set_socket(library, fd);
    modbus_set_slave(library, request->unit);
    errno = 0;
    bool done = library_call(library, request) >= 0;
    int error = done ? 0 : errno;
    bool refused = error > MODBUS_ENOBASE && error < MODBUS_ENOBASE + MODBUS_EXCEPTION_MAX;
    request->answered = done || refused;
    request->exception = refused ? (uint8_t)(error - MODBUS_ENOBASE) : 0;
    if (request->answered)
        return 0;
    return error >= MODBUS_ENOBASE ? EPROTO : error;
}

int library_exchange_send(modbus_t *library, int fd, struct pipeline_request *request)
{
    uint8_t raw[1 + PDU_MAX] = {request->unit};
    size_t size = 1 + pipeline_request_put(request, raw + 1);
    request->answered = false;
    request->exception = 0;
    modbus_set_socket(library, fd);
    int error = modbus_send_raw_request(library, raw, (int)size) < 0 ? errno : 0;
    return error >= MODBUS_ENOBASE ? EPROTO : error; /* a part was sent */
}
