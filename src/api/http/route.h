/* Finds the row of a route table for a method and a path. Pure. */
#ifndef TAGFERRY_API_HTTP_ROUTE_H
#define TAGFERRY_API_HTTP_ROUTE_H

#include "api/http/request.h"

/* The thread that runs a handler. */
enum queue_id {
    QUEUE_INLINE, /* the HTTP thread: short reads of the store and of shared memory */
    QUEUE_STORE,  /* writes to the store, one after the other */
    QUEUE_MODBUS, /* Modbus requests */
    QUEUE_REPORT, /* long reads */
    QUEUE_ID_COUNT
};

/* The kind of body that a request may have. */
enum body_kind { BODY_NONE, BODY_JSON, BODY_PATCH, BODY_TABLE };

struct route {
    enum http_method method;
    const char *pattern; /* "/api/v1/devices/{device}": a part in braces is a parameter */
    enum queue_id queue_id;
    enum body_kind body;
    const char *query_params; /* names of query parameters, blank-separated, or NULL */
    handler *handle;
    quick_handler *quick; /* tried first in the HTTP thread, for a route with a queue; or NULL */
    const void *operand;  /* copied to request->operand, for a handler of several rows */
    bool open;            /* requires no token */
    bool reads;           /* changes nothing, whatever its method: the scope `read` is enough */
    bool spare;           /* a health check: also served on a spare connection */
};

/* The rows of one file of handlers. */
struct route_table {
    const struct route *rows;
    size_t count;
};
#define ROUTE_TABLE(rows)                                                                          \
    {                                                                                              \
        (rows), sizeof(rows) / sizeof(rows)[0]                                                     \
    }

/* All tables of a service. A method and path match at most one row. A pattern without parameters
 * has its path alone: "/a/b" is not found by "/a/{x}". */
struct route_tables {
    const struct route_table *const *tables;
    size_t count;
};

/* The prefix of the paths of the REST API. */
#define API_PREFIX "/api/v1"

enum route_result {
    ROUTE_FOUND,
    ROUTE_NO_PATH,
    ROUTE_NO_METHOD, /* *allow lists the supported methods */
};

/* Finds the row and decodes the path's parameters into the arena. When no row matches, *route is
 * unchanged and `param` is unspecified. */
enum route_result route_find(const struct route_tables *routes, enum http_method method,
                             const char *path, struct arena *arena, const struct route **route,
                             const char *param[PARAMS_MAX], const char **allow);

#endif
