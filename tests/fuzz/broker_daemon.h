/* tagferry-mqttd in this process, without its threads: a test runs the turns of the MQTT thread,
 * and nobody waits, since the clock is the test's and moves when a turn would wait. What the other
 * threads bring, the test brings: updates of the configuration, SCADA's writes, registers that are
 * read back. Values end in the live table and in the queue of the Modbus server's thread.
 *
 * Link with the --wrap options of CMakeLists.txt. A run that ends at a fault leaves its folder in
 * /dev/shm. */
#ifndef TAGFERRY_TESTS_BROKER_DAEMON_H
#define TAGFERRY_TESTS_BROKER_DAEMON_H

#include "mqttd/mqttd_internal.h"

enum {
    WRITES_MAX = 64,     /* of SCADA in one run */
    COMMAND_ADDRESS = 2, /* the register of the tag whose command has QoS 1 */
    COMMAND_ADDRESS_2,   /* QoS 2 */
    COMMAND_ADDRESS_0    /* QoS 0 */
};

/* A write of SCADA. */
struct scada_write {
    uint16_t address, value;
    int number;      /* of the newest message with it; 0: none yet */
    bool is_settled; /* acknowledged, refused, or sent with QoS 0 */
};

struct broker_daemon {
    struct mqttd d;
    struct mqttd_settings settings;
    char folder[64], socket[80];
    uint64_t now_us; /* of all clocks */
    unsigned leap;   /* a wait moves the clock so many times as far, 1 or more */
    struct store_update *updates;
    bool is_present[8]; /* by device */
    struct scada_write writes[WRITES_MAX];
    size_t write_count, taken_writes, watched_writes;
    uint64_t saved;      /* the position in the journal: writes before it are published */
    bool is_short;       /* the next message finds no memory */
    bool loses_memory;   /* one did, and the connection has to end */
    size_t acknowledged; /* writes published with QoS 1 and 2 */
    size_t taken;        /* messages that were not mirrored setpoints */
};

enum { CONFIG_VERSION = 3, CONFIG_PAIR = 4, CONFIG_TWO_BROKERS = 8 };

/* The only one. */
extern struct broker_daemon bd;

/* Starts mqttd with these bits of CONFIG_, with all devices. */
void broker_daemon_start(unsigned config);
void broker_daemon_finish(void);
/* Ends mqttd and starts it again, with the same files. */
void broker_daemon_restart(unsigned config);
/* Removes the files, except the trace of messages, which costs time to make and changes nothing. */
void broker_daemon_remove_files(void);
/* One turn; the clock moves if there is nothing to do. */
void broker_daemon_turn(void);
/* Queues an update: the device is as in `variant`, and not there with variant 0. */
void broker_daemon_change(unsigned device, unsigned variant);
/* SCADA writes a value of its own. */
void broker_daemon_write(uint16_t address);
/* The value of the tag "a" of device 1 to 4 in the live table, or -1. */
int broker_daemon_value(unsigned device);

/* Called for each message that mqttd takes: before, and after with whether it was handed over. */
void broker_peer_before_message(const struct mqtt_message *message);
void broker_peer_after_message(const struct mqtt_message *message, bool is_taken);

#endif
