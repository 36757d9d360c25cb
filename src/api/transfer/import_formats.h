/* The formats of an import. Each reads a whole body, and ends the import with it. */
#ifndef TAGFERRY_API_TRANSFER_IMPORT_FORMATS_H
#define TAGFERRY_API_TRANSFER_IMPORT_FORMATS_H

#include "api/http/request.h"
#include "api/transfer/import.h"

void import_read_csv(struct import *import, const char *body, size_t len);
/* {"devices": [a device as the API shows it, with "tags": [...]]}. False, with a sentence in `why`,
 * when the body is no JSON. */
bool import_read_json(struct import *import, const char *body, size_t len, char *why,
                      size_t why_size);

#endif
