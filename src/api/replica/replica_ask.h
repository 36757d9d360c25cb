/* The request of a gateway to another one, GET /api/v1/store: what it has, and who it is. */
#ifndef TAGFERRY_API_REPLICA_REPLICA_ASK_H
#define TAGFERRY_API_REPLICA_REPLICA_ASK_H

#include "api/base/text.h"
#include "api/http/query.h"
#include "api/replica/replica_fault.h"
#include "api/store/store_role.h"

enum {
    REPLICA_NAME_SIZE = 65,
    REPLICA_HOST_SIZE = 65,
    REPLICA_PARTS_SIZE = 257,
    REPLICA_CODE_SIZE = 33
};

/* Who a gateway is and how it is. */
struct replica_ask {
    struct store_position have;
    bool leads;                       /* it follows nobody and only compares the terms */
    char gateway[REPLICA_NAME_SIZE];  /* or "" */
    char host[REPLICA_HOST_SIZE];     /* or "" */
    char error[REPLICA_CODE_SIZE];    /* code of its last error, or "" */
    char detail[REPLICA_DETAIL_SIZE]; /* of that error */
    char parts[REPLICA_PARTS_SIZE];   /* "mqttd,modbusd:not_running,..."; "": unknown */
};

/* The names of the query parameters, for the route. */
#define REPLICA_ASK_PARAMS                                                                         \
    "since term branch audit audit_ms undo role gateway host error detail parts"

/* Writes the target of the request, "/api/v1/store?...". Calls memory_fail. */
void replica_ask_write(const struct replica_ask *ask, struct arena *arena, struct text *target);
/* Reads the parameters. Names that cannot be are left out. False with a sentence in *why. */
bool replica_ask_read(const struct query_params *params, struct replica_ask *ask, const char **why);

#endif
