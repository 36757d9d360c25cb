/* Converts a response to the answer that the HTTP library sends. */
#ifndef TAGFERRY_API_HTTP_HTTP_RESPONSE_H
#define TAGFERRY_API_HTTP_HTTP_RESPONSE_H

#include "api/http/request_checks.h"

struct MHD_Response;

/* Makes *answer from a response and takes its body or its file. If *answer exists already, as for a
 * stream, only adds the headers. Calls memory_fail; the caller must then destroy *answer. */
void http_response_make(struct MHD_Response **answer, const struct request_checks *checks,
                        const struct request *request, struct response *response);
/* Makes a 503 at startup, for all requests that run out of memory later. NULL when out of memory.
 */
struct MHD_Response *http_response_make_no_memory(void);

#endif
