/* Conditional requests (RFC 9110, section 13) on resources whose entity tag is their revision, with
 * the mark of the store (see store_read_mark). All of these: within a transaction, or after the one
 * that has read the resource. */
#ifndef TAGFERRY_API_HANDLER_PRECONDITION_H
#define TAGFERRY_API_HANDLER_PRECONDITION_H

#include "api/handler/thread_ctx.h"
#include "api/http/request.h"

/* True when If-Match and If-None-Match hold for a resource of this revision; 0 for a resource that
 * does not exist. Otherwise the response is a 412, or for a GET a 304. */
bool precondition_check(const struct thread_ctx *thread_ctx, const struct request *request,
                        int64_t revision, struct response *response);
/* Checks If-Match alone. For a POST to a list and for an import, `revision` is the store's, as in
 * the entity tags of lists; -1 means that the resource does not exist. False when it has answered
 * 412. */
bool precondition_check_if_match(const struct thread_ctx *thread_ctx, const struct request *request,
                                 int64_t revision, struct response *response);
/* The entity tag of a revision, with its quotes; in the request's arena. */
const char *precondition_format_etag(const struct thread_ctx *thread_ctx,
                                     const struct request *request, int64_t revision);

#endif
