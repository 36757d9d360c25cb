/* The tags of EMQX Neuron, for its Modbus drivers, as JSON or as a table (CSV, a sheet). Pure.
 *
 * JSON is what its API and its export of the configuration write: groups of tags, with "node" or
 * "driver". A table has the columns name, address, type and others. The device is the node; a file
 * without one has only groups, and each becomes a device. Numbers of several registers without #
 * have the byte order that is set in the driver, ABCD by default. */
#ifndef TAGFERRY_API_FOREIGN_FOREIGN_NEURON_H
#define TAGFERRY_API_FOREIGN_FOREIGN_NEURON_H

#include "api/foreign/foreign_file.h"

struct cJSON;

/* Read all tags. */
void foreign_neuron_read_json(struct foreign_file *file, const struct cJSON *root);
void foreign_neuron_read_table(struct foreign_file *file, const struct foreign_table *source);

#endif
