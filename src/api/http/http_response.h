/* From a response to the answer that the HTTP library sends. */
#ifndef TAGFERRY_API_HTTP_HTTP_RESPONSE_H
#define TAGFERRY_API_HTTP_HTTP_RESPONSE_H

#include "api/http/request_checks.h"

struct MHD_Response;

/* Makes *answer of a response, whose body it takes; or completes the one that is there already, a
 * stream's. The response's Connection header says whether more may come. Calls memory_fail; what
 * *answer names is to be destroyed then. */
void http_response_make(struct MHD_Response **answer, const struct request_checks *checks,
                        const struct request *request, struct response *response);
/* A 503 for many requests, made while there is memory. NULL without memory. */
struct MHD_Response *http_response_make_no_memory(void);

#endif
