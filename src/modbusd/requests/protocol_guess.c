/* Compares the first bytes; recognises RTU by its checksum. */
#include "modbusd/requests/protocol_guess.h"

#include <string.h>

#include "common/base/unit_set.h"
#include "common/modbus/pdu.h"
#include "common/modbus/rtu_frame.h"

static const struct {
    const char *name, *remedy;
} texts[PROTOCOL_COUNT] = {
    [PROTOCOL_UNKNOWN] = {"something else", "this port supports only Modbus TCP"},
    [PROTOCOL_TCP] = {"Modbus TCP", "set the client to Modbus RTU over TCP, or its port to listen"},
    [PROTOCOL_RTU] = {"Modbus RTU over TCP",
                      "set the client to Modbus TCP, or its port to rtu_listen"},
    [PROTOCOL_ASCII] = {"Modbus ASCII over TCP", "set the client to Modbus TCP"},
    [PROTOCOL_TLS] = {"TLS",
                      "set the client to plain Modbus TCP, or to the port of [modbusd] tls_listen"},
    [PROTOCOL_HTTP] = {"HTTP", "the REST API has another port, [api] listen"},
    [PROTOCOL_MQTT] = {"MQTT", "MQTT clients connect to the broker"},
    [PROTOCOL_SSH] = {"SSH", "this is the Modbus port"},
    [PROTOCOL_PROXY] = {"a header of the PROXY protocol",
                        "add the proxy's address to [modbusd] proxy_protocol_from"},
};

bool protocol_is_rtu(const uint8_t *bytes, size_t len)
{
    struct rtu_frame frame;
    return len >= RTU_SIZE_MIN && bytes[0] >= UNIT_MIN && bytes[0] <= UNIT_MAX &&
           pdu_is_served(bytes[1]) && rtu_cut_frame(bytes, len, RTU_REQUEST, &frame) == RTU_WHOLE;
}

/* Bytes may contain NULs. */
#define BYTES(text) (text), sizeof(text) - 1

/* The header of Modbus TCP and the function of a request. */
static bool protocol_is_tcp(const uint8_t *bytes, size_t len)
{
    struct pdu_frame frame;
    return len > MBAP_SIZE && pdu_cut_request(bytes, len, &frame) != FRAME_BAD &&
           pdu_is_served(bytes[MBAP_SIZE]);
}

enum protocol protocol_guess(enum protocol expected, const uint8_t *bytes, size_t len)
{
    static const struct {
        enum protocol protocol;
        unsigned at;
        const char *bytes;
        size_t size;
    } beginnings[] = {
        {PROTOCOL_TLS, 0, BYTES("\x16\x03")},  {PROTOCOL_HTTP, 0, BYTES("GET ")},
        {PROTOCOL_HTTP, 0, BYTES("HEAD ")},    {PROTOCOL_HTTP, 0, BYTES("POST ")},
        {PROTOCOL_HTTP, 0, BYTES("PUT ")},     {PROTOCOL_HTTP, 0, BYTES("PATCH ")},
        {PROTOCOL_HTTP, 0, BYTES("DELETE ")},  {PROTOCOL_HTTP, 0, BYTES("OPTIONS ")},
        {PROTOCOL_HTTP, 0, BYTES("CONNECT ")}, {PROTOCOL_HTTP, 0, BYTES("PRI * HTTP")},
        {PROTOCOL_MQTT, 4, BYTES("MQTT")},     {PROTOCOL_SSH, 0, BYTES("SSH-")},
        {PROTOCOL_ASCII, 0, BYTES(":")},       {PROTOCOL_PROXY, 0, BYTES("\r\n\r\n\0\r\nQUIT\n")},
        {PROTOCOL_PROXY, 0, BYTES("PROXY ")},
    };
    if (expected == PROTOCOL_RTU && protocol_is_tcp(bytes, len))
        return PROTOCOL_TCP;
    if (expected != PROTOCOL_RTU && protocol_is_rtu(bytes, len))
        return PROTOCOL_RTU;
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        size_t at = beginnings[i].at, size = beginnings[i].size;
        if (len >= at + size && memcmp(bytes + at, beginnings[i].bytes, size) == 0)
            return beginnings[i].protocol;
    }
    return PROTOCOL_UNKNOWN;
}

const char *protocol_name(enum protocol protocol)
{
    return texts[protocol].name;
}

const char *protocol_remedy(enum protocol expected, enum protocol protocol)
{
    if (expected == PROTOCOL_RTU && protocol == PROTOCOL_UNKNOWN)
        return "this port supports only Modbus RTU over TCP";
    return texts[protocol].remedy;
}
