/* A request and its response, as routes and handlers see them: plain structs, no HTTP library. */
#ifndef TAGFERRY_API_HTTP_REQUEST_H
#define TAGFERRY_API_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/base/arena.h"
#include "api/base/text.h"
#include "api/http/query.h"

enum http_method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OPTIONS,
    METHOD_OTHER,
};
extern const char *const method_names[];

/* The most parameters of a path. */
enum { PARAMS_MAX = 2, REMOTE_SIZE = 64, REQUEST_ID_SIZE = 65 };

/* Texts live as long as the request; headers that are missing are NULL. */
struct request {
    enum http_method method; /* GET for HEAD, too */
    const char *target;      /* as sent */
    const char *path;        /* the target without the query */
    const char *param[PARAMS_MAX];
    const void *operand;              /* of the route's row; its handler knows the type */
    struct query_params query_params; /* the query */
    const char *content_type, *accept, *if_match, *if_none_match;
    const char *body;
    size_t body_len;
    char remote[REMOTE_SIZE];
    char id[REQUEST_ID_SIZE];
    char who[65];        /* the name of the token, "" without one */
    struct arena *arena; /* for the handler's own use */
};

struct MHD_Connection;
struct MHD_Response;
struct thread;

/* Opens a stream as a response's body. The connection is suspended while the stream has nothing to
 * send; wake its thread `server` after resuming it. NULL when there are too many streams. Calls
 * memory_fail. */
typedef struct MHD_Response *stream_opener(void *context, const char *device,
                                           struct MHD_Connection *connection,
                                           struct thread *server);

struct response {
    int status;
    struct text body;
    const char *content_type;                   /* NULL: application/json */
    const char *etag;                           /* with its quotes, or NULL */
    const char *location, *allow, *disposition; /* or NULL */
    bool packed;                                /* the body is gzip */
    const char *challenge;                      /* of a 401 or 403, or NULL */
    int retry_after_s;                          /* of a 429, or 0 */
    struct {
        stream_opener *open; /* NULL: the response has a body of its own */
        void *context;
        const char *device; /* the stream's values are of this device; NULL: of all */
    } stream;
    bool close;    /* the connection, after this answer */
    size_t length; /* of the body as sent, once the answer is made */
};

struct thread_ctx;

/* Answers a request. One signature for all: what it needs of the world is in the thread_ctx. */
typedef void handler(struct thread_ctx *thread_ctx, const struct request *request,
                     struct response *response);

#endif
