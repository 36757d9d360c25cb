/* HTTP requests to another gateway, with libcurl. For one thread at a time. */
#ifndef TAGFERRY_API_REPLICA_REPLICA_FETCH_H
#define TAGFERRY_API_REPLICA_REPLICA_FETCH_H

#include <stdbool.h>
#include <stddef.h>

#include "api/base/api_options.h"
#include "api/replica/replica_fault.h"

struct replica_fetch;

/* An answer. The body is valid until the next request. */
struct replica_answer {
    long status;
    char type[128]; /* Content-Type, without parameters */
    const char *body;
    size_t len;
    bool is_slow;     /* nothing came for `slow_s` seconds */
    bool is_given_up; /* `stops` has said so: no answer and no fault */
};

/* What a request needs. Texts are borrowed. */
struct replica_request {
    const char *url;
    const char *if_none_match; /* or NULL */
    const char *accept;
    size_t limit;    /* bytes of the body */
    long timeout_ms; /* for the whole request */
    long connect_ms; /* for the connection */
    long slow_s;     /* give up after so many seconds without bytes */
};

/* Call it once, before other threads start. */
void replica_fetch_prepare_process(void);
/* `stops`, or NULL, is asked at least once a second whether to give up. NULL without memory. */
struct replica_fetch *replica_fetch_create(bool (*stops)(void *context), void *context);
/* Accepts NULL. */
void replica_fetch_destroy(struct replica_fetch *fetch);

/* GETs the URL with the token and the certificates of the settings; keeps the connection. Sends
 * nothing to a proxy and follows no redirect. False with the fault when there is no whole answer;
 * its status may be any. An answer of a type that is not `accept` may have 64 kB. */
bool replica_fetch_get(struct replica_fetch *fetch, const struct api_settings *settings,
                       const struct replica_request *request, struct replica_answer *answer,
                       struct replica_fault *fault);

#endif
