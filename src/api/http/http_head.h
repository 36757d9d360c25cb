/* Reads a request's headers from the HTTP library. */
#ifndef TAGFERRY_API_HTTP_HTTP_HEAD_H
#define TAGFERRY_API_HTTP_HTTP_HEAD_H

#include "api/http/request_checks.h"

struct MHD_Connection;

/* Fills in the head, whose method and needs_host are there, except for its uri, and the request's
 * headers. Texts are copied into the request's arena, the method too. Calls memory_fail; the head
 * is of no use then. */
void http_head_read(struct MHD_Connection *connection, struct http_head *head,
                    struct request *request);

#endif
