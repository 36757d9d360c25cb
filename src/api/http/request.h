/* A request and its response for routes and handlers: plain structs, independent of the HTTP
 * library. */
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

/* PARAMS_MAX: the most parameters of a path. */
enum { PARAMS_MAX = 2, REMOTE_SIZE = 64, REQUEST_ID_SIZE = 65 };

/* Texts stay valid for the life of the request; missing headers are NULL. */
struct request {
    enum http_method method; /* METHOD_GET for HEAD, too */
    const char *target;      /* as sent */
    const char *path;        /* the target without the query */
    const char *param[PARAMS_MAX];
    const void *operand;              /* of the route's row; its handler defines the type */
    struct query_params query_params; /* parsed query */
    const char *content_type, *accept, *if_match, *if_none_match;
    const char *body;
    size_t body_len;
    char remote[REMOTE_SIZE];
    char id[REQUEST_ID_SIZE];
    char who[65];                   /* the name of the token, "" without one */
    const char *scope;              /* of the token, as in scope_names; NULL: no token is needed */
    unsigned char token_digest[32]; /* of the token, if there is a scope */
    struct arena *arena;            /* for the handler's own use */
};

struct MHD_Connection;
struct MHD_Response;
struct thread;

/* Opens a stream as the body of a response. The stream suspends the connection while it has nothing
 * to send; wake the thread `server` after resuming it. NULL when too many streams are open. Calls
 * memory_fail. */
typedef struct MHD_Response *stream_opener(void *context, const char *device,
                                           struct MHD_Connection *connection,
                                           struct thread *server);

struct response {
    int status;
    struct text body;
    const char *content_type;                   /* NULL: application/json */
    const char *etag;                           /* including its quotes, or NULL */
    const char *location, *allow, *disposition; /* or NULL */
    const char *cache_control;                  /* NULL: no-cache */
    const char *policy;                         /* Content-Security-Policy of a page, or NULL */
    struct {
        int fd;        /* closed when it is sent */
        uint64_t size; /* 0: none */
    } file;            /* the body, in place of `body` */
    bool packed;       /* the body is compressed with gzip, if the client accepts that as sent */
    const char *challenge; /* WWW-Authenticate of a 401 or 403, or NULL */
    int retry_after_s;     /* Retry-After, or 0 */
    struct {
        stream_opener *open; /* NULL: not a stream */
        void *context;
        const char *device; /* stream the values of this device; NULL: of all */
    } stream;
    bool quiet;    /* a poll without news: no line in the log */
    bool close;    /* close the connection after this answer */
    size_t length; /* of the body as sent; set when the answer is made */
};

struct thread_ctx;

/* Answers a request. All handlers share this signature; the thread_ctx holds the state that they
 * need. */
typedef void handler(struct thread_ctx *thread_ctx, const struct request *request,
                     struct response *response);
/* The same for a short answer in place of the handler's. False when the handler has to answer; the
 * response is then unchanged. */
typedef bool quick_handler(struct thread_ctx *thread_ctx, const struct request *request,
                           struct response *response);

#endif
