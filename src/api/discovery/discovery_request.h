/* The discovery in the path of a request. */
#ifndef TAGFERRY_API_DISCOVERY_DISCOVERY_REQUEST_H
#define TAGFERRY_API_DISCOVERY_DISCOVERY_REQUEST_H

#include "api/discovery/discovery_store.h"
#include "api/handler/thread_ctx.h"
#include "api/http/request.h"

/* Finds it. Call it within a transaction. False when it has answered 404 or 503. */
bool discovery_request_find(struct thread_ctx *thread_ctx, const struct request *request,
                            struct discovery *discovery, struct response *response);

#endif
