/* A Modbus server: the settings of its target, and the pace that its devices ask for. */
#ifndef TAGFERRY_MQTTD_TARGETS_TARGET_SPEC_H
#define TAGFERRY_MQTTD_TARGETS_TARGET_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/net.h"
#include "common/base/thread.h"
#include "common/modbus/modbus_transport.h"
#include "common/shared/counters.h"
#include "common/shared/live_table.h"
#include "common/shared/memory_shortage.h"

struct target_spec {
    bool local;
    struct modbus_endpoint outputs; /* or the foreign server */
    struct net_addr inputs;         /* of the local server */
    struct modbus_tls_keeper *tls;  /* certificates for foreign servers with TLS */
    uint32_t digest;     /* its device_server_digest: rows of other servers are not written */
    unsigned number;     /* of a foreign server: part of its thread's name */
    uint8_t first_unit;  /* of the local server: read to keep the connection alive */
    unsigned timeout_ms; /* of one request */
    struct live_table *live;
    struct counters *counters;
    struct memory_shortage *memory_shortage;
    struct wakeup *notify; /* raised for each loss and each changed poll */
};

struct target_pace {
    uint16_t max_write_registers; /* of one request, at most 123 */
    uint32_t min_interval_ms;     /* from one request to the next; 0: none */
    bool write_single;            /* one register or coil per request (FC5, FC6) */
};

#endif
