/* Reads a request's headers from the HTTP library. */
#ifndef TAGFERRY_API_HTTP_HTTP_HEAD_H
#define TAGFERRY_API_HTTP_HTTP_HEAD_H

#include "api/http/request_checks.h"

struct MHD_Connection;

/* Fills in the head, except for its uri, and the headers of the request. The caller has set
 * head->method and head->needs_host. Copies all texts, and the method, into the request's arena.
 * Calls memory_fail; the head is then invalid. */
void http_head_read(struct MHD_Connection *connection, struct http_head *head,
                    struct request *request);

#endif
