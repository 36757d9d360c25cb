/* The confirmation of a change that deletes many objects. */
#ifndef TAGFERRY_API_HANDLER_CONFIRM_H
#define TAGFERRY_API_HANDLER_CONFIRM_H

#include <stdbool.h>
#include <stdint.h>

#include "api/http/request.h"

/* A change that deletes more devices and tags must name their number in the query: confirm=N. */
enum { CONFIRM_FREE_MAX = 20 };

/* Reads `confirm`; -1 without it. False when it answers 400. */
bool confirm_read(const struct request *request, int64_t *confirm, struct response *response);
/* True when the change may delete this number of devices and tags; `what` names them. Otherwise it
 * answers 409. */
bool confirm_check(const struct request *request, int64_t confirm, int64_t deleted,
                   const char *what, struct response *response);

#endif
