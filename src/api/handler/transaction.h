/* Transactions of the store around handlers and around groups of requests. */
#ifndef TAGFERRY_API_HANDLER_TRANSACTION_H
#define TAGFERRY_API_HANDLER_TRANSACTION_H

#include "api/handler/thread_ctx.h"
#include "api/http/request.h"

struct http_callbacks;
struct work_queue_group;

/* Begins a transaction. False when the store failed and it has answered 503. */
bool transaction_begin(struct thread_ctx *thread_ctx, struct response *response);
/* Commits. In the store queue, the changes become durable when their group is committed. False when
 * that failed: it has rolled back and answered 503. */
bool transaction_commit(struct thread_ctx *thread_ctx, struct response *response);
/* Rolls back after a failure of the store, logs the failure and answers 503. */
void transaction_answer_failed(struct thread_ctx *thread_ctx, struct response *response);

/* For the store queue: combines all waiting changes into one transaction of the store, so that they
 * wait for the disk only once. Each is answered after the commit. */
extern const struct work_queue_group transaction_group;

/* For the HTTP service: prepares the thread's context for a handler and ends its changes. */
extern const struct http_callbacks transaction_callbacks;

#endif
