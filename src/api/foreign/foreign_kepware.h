/* The tag CSV of KEPServerEX, and its projects, for its Modbus drivers: "Tag Name,Address,Data
 * Type,…". Pure.
 *
 * A file has the tags of one device of KEPServerEX. "Group.Sub.Tag" is tag Tag of group Group.Sub,
 * which becomes the device here. Word order, unit and base of addresses are settings of the device
 * in KEPServerEX; by default the first word is the low one (CDAB). */
#ifndef TAGFERRY_API_FOREIGN_FOREIGN_KEPWARE_H
#define TAGFERRY_API_FOREIGN_FOREIGN_KEPWARE_H

#include "api/base/text.h"
#include "api/foreign/foreign_file.h"

/* Reads all rows. False after an error that concerns the file as a whole. */
bool foreign_kepware_read(struct foreign_file *file, const struct foreign_table *source);

struct cJSON;

/* Reads a project that KEPServerEX has saved as JSON: the devices of its Modbus channels, with
 * their unit, word order and base of addresses. False as above. */
bool foreign_kepware_read_project(struct foreign_file *file, const struct cJSON *root);
/* Returns the member of a tag in a project that a column of the CSV stands for. */
const char *foreign_kepware_member(const char *column);

/* Write the header, or the row of a tag. The byte order is NULL where it does not matter. */
void foreign_kepware_write_header(struct text *text);
void foreign_kepware_write_tag(struct arena *arena, const struct foreign_tag *tag,
                               struct text *text);

#endif
