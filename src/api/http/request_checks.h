/* Checks the head of a request before its body is read: framing, origin, route, token, query, and
 * the length and type of the body. */
#ifndef TAGFERRY_API_HTTP_REQUEST_CHECKS_H
#define TAGFERRY_API_HTTP_REQUEST_CHECKS_H

#include "api/base/api_options.h"
#include "api/http/auth.h"
#include "api/http/route.h"

/* The head of a request; missing headers are NULL. */
struct http_head {
    const char *method, *uri; /* as sent */
    const char *authorization, *origin, *asked_method, *request_id, *accept_encoding;
    const char *content_length, *content_encoding, *transfer_encoding, *expect;
    const char *host, *fetch_site, *requested_with, *accept_language, *user_agent;
    bool needs_host;   /* HTTP/1.1 */
    bool sane_framing; /* the headers give the body's length in exactly one way, and one host */
};

/* The result of the checks. */
struct request_checks {
    const struct route *route; /* NULL when no route matches */
    bool is_head;              /* HEAD: send no body */
    bool takes_gzip;
    const char *origin; /* the Origin of the request if the settings allow it, or NULL */
    bool preflight;     /* the request is a CORS preflight from such an origin */
    size_t body_limit;
};

/* True when the body may be read. Otherwise the response is complete. The caller has set the
 * request's arena, remote, and the headers that are members of it; this function sets the other
 * members except for the body. */
bool request_checks_run(const struct api_settings *settings, const struct route_tables *routes,
                        struct auth *auth, const struct http_head *head, struct request *request,
                        struct response *response, struct request_checks *checks);

/* The announced length of the body; 0 for no body and for a chunked one. */
unsigned long long head_body_length(const struct http_head *head);
bool head_announces_body(const struct http_head *head);

#endif
