/* Checks a request by its head, before its body is read: framing, route, token, query, type and
 * length of the body, origin. */
#ifndef TAGFERRY_API_HTTP_REQUEST_CHECKS_H
#define TAGFERRY_API_HTTP_REQUEST_CHECKS_H

#include "api/base/api_options.h"
#include "api/http/auth.h"
#include "api/http/route.h"

/* The head as the HTTP library gives it; missing headers are NULL. */
struct http_head {
    const char *method, *uri; /* as sent */
    const char *authorization, *origin, *asked_method, *request_id, *accept_encoding;
    const char *content_length, *content_encoding, *transfer_encoding, *expect;
    bool needs_host;   /* HTTP/1.1 */
    bool sane_framing; /* the headers say in one way how long the body is, and name one host */
};

/* The result. */
struct request_checks {
    const struct route *route; /* NULL when there is none */
    bool is_head;              /* HEAD: the answer's body is not sent */
    bool takes_gzip;
    const char *origin; /* the Origin of a page that may use the API, or NULL */
    bool preflight;     /* a browser asks whether such a page may */
    size_t body_limit;
};

/* True when the body may come. Otherwise the response is complete. The caller has set the request's
 * headers of content and conditions, remote and arena; this sets the rest of it but the body. */
bool request_checks_run(const struct api_settings *settings, const struct route_tables *routes,
                        struct auth *auth, const struct http_head *head, struct request *request,
                        struct response *response, struct request_checks *checks);

/* The body's length as announced, 0 for none and for a chunked one. */
unsigned long long head_body_length(const struct http_head *head);
bool head_announces_body(const struct http_head *head);

#endif
