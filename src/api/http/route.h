/* From method and path to a row of the route table. Pure. */
#ifndef TAGFERRY_API_HTTP_ROUTE_H
#define TAGFERRY_API_HTTP_ROUTE_H

#include "api/http/request.h"

/* The thread that runs a handler. */
enum queue_id {
    QUEUE_INLINE, /* the HTTP thread: short reads of the store and of shared memory */
    QUEUE_STORE,  /* whatever writes to the store, in turn */
    QUEUE_MODBUS, /* whatever speaks Modbus */
    QUEUE_REPORT, /* long reads */
    QUEUE_ID_COUNT
};

/* What a request's body may be. */
enum body_kind { BODY_NONE, BODY_JSON, BODY_PATCH, BODY_TABLE };

struct route {
    enum http_method method;
    const char *pattern; /* "/api/v1/devices/{device}": a part in braces is a parameter */
    enum queue_id queue_id;
    enum body_kind body;
    const char *query_params; /* names of the query's parameters, separated by blanks, or NULL */
    handler *handle;
    const void *operand; /* for a handler that serves several rows: see request->operand */
    bool open;           /* needs no token */
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

/* All tables of a service. No path fits patterns of two rows with the same method. */
struct route_tables {
    const struct route_table *const *tables;
    size_t count;
};

/* Where the paths of the REST service begin. */
#define API_PREFIX "/api/v1"

enum route_result {
    ROUTE_FOUND,
    ROUTE_NO_PATH,
    ROUTE_NO_METHOD, /* *allow then lists the methods that there are */
};

/* Finds the row and decodes the parameters into the arena. Without a row, *route and `param` are
 * unspecified. */
enum route_result route_find(const struct route_tables *routes, enum http_method method,
                             const char *path, struct arena *arena, const struct route **route,
                             const char *param[PARAMS_MAX], const char **allow);

#endif
