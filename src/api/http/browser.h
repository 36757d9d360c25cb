/* Requests that pages in web browsers send. A browser lets the pages of all sites send requests to
 * all servers that it reaches, so what tells a page of this server from another one is checked.
 * Other clients, such as curl, send none of these headers and pass. Pure. */
#ifndef TAGFERRY_API_HTTP_BROWSER_H
#define TAGFERRY_API_HTTP_BROWSER_H

#include <stdbool.h>

struct conf_list;
struct http_head;
struct response;

/* Returns `origin`, which may be NULL, if it is one of [api] cors_origins, else NULL. */
const char *browser_allowed_origin(const struct conf_list *origins, const char *origin);
/* True when the headers say from which page the request comes. */
bool browser_names_origin(const struct http_head *head);

/* Checks, where no token is needed, by which name a browser reached this server. It must be an
 * address, localhost, or the host of an allowed origin: any other site can have its own name
 * resolve to this machine, and its pages then count as those of this server (DNS rebinding). False
 * when it has answered 403. Calls memory_fail. */
bool browser_check_host(const struct conf_list *origins, const struct http_head *head,
                        struct response *response);
/* Checks a request that changes something. If a page sent it, the page must be one of an allowed
 * origin, or one of this server with the header X-Requested-With, which a form cannot send. False
 * when it has answered 403. Calls memory_fail. */
bool browser_check_change(const struct conf_list *origins, const struct http_head *head,
                          struct response *response);

#endif
