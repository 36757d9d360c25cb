/* Transactions of the store around a handler's work, and their part in a request's course. */
#ifndef TAGFERRY_API_HANDLER_TRANSACTION_H
#define TAGFERRY_API_HANDLER_TRANSACTION_H

#include "api/handler/thread_ctx.h"
#include "api/http/request.h"

struct http_callbacks;
struct work_queue_group;

/* Begins a transaction. False when the store failed: the response is a 503. */
bool transaction_begin(struct thread_ctx *thread_ctx, struct response *response);
/* Commits: what the transaction wrote is kept, in the store queue once its group is committed.
 * False when that failed: the transaction is rolled back and the response is a 503. */
bool transaction_commit(struct thread_ctx *thread_ctx, struct response *response);
/* Rolls back after a failure of the store, logs it, and makes the response a 503. */
void transaction_answer_failed(struct thread_ctx *thread_ctx, struct response *response);

/* For the store queue: all changes that wait are one transaction of the store, so that they wait
 * for the disk once. None of them is answered before it is committed. */
extern const struct work_queue_group transaction_group;

/* For the HTTP service: the thread's context and its transaction around a handler. */
extern const struct http_callbacks transaction_callbacks;

#endif
