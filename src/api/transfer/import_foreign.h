/* Imports files of other products. Their tags become rows of a table, which import_table.h reads.
 */
#ifndef TAGFERRY_API_TRANSFER_IMPORT_FOREIGN_H
#define TAGFERRY_API_TRANSFER_IMPORT_FOREIGN_H

#include "api/http/request.h"
#include "api/transfer/import.h"

enum foreign_format { FOREIGN_FORMAT_KEPWARE, FOREIGN_FORMAT_IGNITION, FOREIGN_FORMAT_NEURON };

/* What the file does not say. NULL: not given. */
struct foreign_options {
    enum foreign_format format;
    const char *device;        /* of all tags */
    const char *topic;         /* of devices; {device} stands for the name */
    const char *command_topic; /* of writable tags; also {tag} */
    const char *byte_order;    /* of numbers of several registers */
    int64_t unit;              /* of all devices; -1 */
    unsigned base;             /* the number of the first register: 0 or 1 */
};

/* Reads the parameters of a request. `is_table`: without a format of another product it is a table,
 * which some of them are for, too. False after an answer. */
bool import_foreign_read_options(const struct request *request, bool is_table, bool *is_foreign,
                                 struct foreign_options *options, struct response *response);
/* Reads a whole file and calls import_finish, unless the file has no tags. Errors are named by row
 * and column of the file, in JSON by pointer. False, with a sentence in `why`, when JSON is
 * expected and the body is not JSON. */
bool import_read_foreign(struct import *import, const struct foreign_options *options,
                         const char *body, size_t len, char *why, size_t why_size);

#endif
