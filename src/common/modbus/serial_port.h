/* Opens serial lines for Modbus RTU. common/base/serial_line.h has their parameters. */
#ifndef TAGFERRY_COMMON_MODBUS_SERIAL_PORT_H
#define TAGFERRY_COMMON_MODBUS_SERIAL_PORT_H

#include <stddef.h>

#include "common/base/serial_line.h"

/* Opens the line for this process alone, sets its parameters and throws away what it has received.
 * Returns a non-blocking, close-on-exec descriptor, whose read is EAGAIN without data, and 0 or EIO
 * when the line is gone. -1 with the reason, which names the path, in `why`; errno is EBUSY when
 * another program has the line. Does not wait. A line stays taken until the descriptor is closed.
 */
int serial_port_open(const struct serial_line *line, char *why, size_t why_size);

#endif
