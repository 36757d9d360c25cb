/* The tag JSON of Ignition (Tag Browser, Export Tags), with tags of its Modbus driver. Pure.
 *
 * The path of folders becomes the device, "Plant.Boiler 7"; a tag in no folder is of the device
 * whose connection its opcItemPath names. Instances of a UDT are read when the file has the
 * definition, too. Base of addresses and order of words are settings of the connection: one-based,
 * and the high word first (ABCD), by default. */
#ifndef TAGFERRY_API_FOREIGN_FOREIGN_IGNITION_H
#define TAGFERRY_API_FOREIGN_FOREIGN_IGNITION_H

#include "api/base/text.h"
#include "api/foreign/foreign_file.h"

struct cJSON;

/* Reads all tags. */
void foreign_ignition_read(struct foreign_file *file, const struct cJSON *root);

/* Write the document: begin, for each device begin, tags, end, and end. `connection` is the name of
 * the device connection in Ignition. */
void foreign_ignition_write_begin(struct text *text);
void foreign_ignition_write_device_begin(struct arena *arena, const char *device,
                                         struct text *text);
void foreign_ignition_write_tag(struct arena *arena, const struct foreign_tag *tag,
                                const char *connection, struct text *text);
void foreign_ignition_write_device_end(struct text *text);
void foreign_ignition_write_end(struct text *text);

#endif
