/* A serial line on which this server answers as one or several devices.
 *
 * A thread of its own reads the line, because framing depends on time. It passes the requests, as
 * frames of Modbus TCP, through a socket pair to the loop, for which the line is a client like
 * others. It opens the line again when it was unplugged. */
#ifndef TAGFERRY_MODBUSD_NET_SERIAL_SERVER_H
#define TAGFERRY_MODBUSD_NET_SERIAL_SERVER_H

#include <stdbool.h>

#include "common/base/serial_line.h"
#include "common/base/unit_set.h"
#include "common/shared/counters.h"

struct serial_server;

/* Starts the thread. `units` and `counters` must outlive it; `line` is copied. NULL with errno. */
struct serial_server *serial_server_create(const struct serial_line *line,
                                           const struct unit_set *units, struct counters *counters);
/* Ends the thread and closes the line. Close the sockets of serial_server_connect before. Accepts
 * NULL. */
void serial_server_destroy(struct serial_server *server);

/* The last part of the line's path, such as "ttyUSB0". */
const char *serial_server_name(const struct serial_server *server);
/* If the line has no connection to the loop, because it is new or the loop closed it: makes one and
 * returns the loop's socket, which then belongs to the caller. -1: it has one, or errors. */
int serial_server_connect(struct serial_server *server);

#endif
