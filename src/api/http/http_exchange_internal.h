/* Shared by http_exchange.c and http_exchange_run.c. */
#ifndef TAGFERRY_API_HTTP_HTTP_EXCHANGE_INTERNAL_H
#define TAGFERRY_API_HTTP_HTTP_EXCHANGE_INTERNAL_H

#include "api/base/request_memory.h"
#include "api/http/http_exchange.h"
#include "api/http/request_checks.h"
#include "api/http/work_queue.h"

/* STAGE_REFUSED: the answer is there, and the body is read only so that its sender sees it. */
enum http_exchange_stage {
    STAGE_NEW,
    STAGE_BODY,
    STAGE_REFUSED,
    STAGE_QUEUED,
    STAGE_ANSWER,
    STAGE_SENT
};

/* One request and its answer. */
struct http_exchange {
    struct queue_job job; /* first: a queue hands it back */
    struct http_listener_ctx *listener;
    struct MHD_Connection *connection;
    struct http_conn *conn;
    enum http_exchange_stage stage;
    const struct api_settings *settings; /* in force when it began */
    struct http_head head;
    struct request_checks checks;
    bool admitted;
    struct request request;
    struct response response;
    struct MHD_Response *answer; /* once it is made; NULL for want of memory */
    struct text body;
    size_t received, dropped; /* bytes of the body */
    size_t reserved;          /* of all bodies' room, the answer's included */
    bool crowded_out;         /* the body found no room */
    bool no_memory;           /* the body, or the head, found none */
    struct memory memory;     /* of all that it has, texts and arena */
    struct arena arena;
    uint64_t started_us; /* of clock_steady_us */
    char uri[];          /* as sent */
};

/* Sets the response; returns false when there is no response yet. In a memory_run. */
typedef bool http_exchange_fill(struct http_exchange *exchange, struct thread_ctx *thread_ctx);

/* Has `fill` set the response, and makes the answer of it, in place of any there was. False without
 * memory: the exchange then has no answer. `thread_ctx` may be NULL. */
bool http_exchange_make_answer(struct http_exchange *exchange, struct thread_ctx *thread_ctx,
                               http_exchange_fill *fill);
/* Makes the answer that there is no memory. */
void http_exchange_make_no_memory(struct http_exchange *exchange);
/* Says that there is no room for its body or its answer. */
http_exchange_fill http_exchange_fill_crowded_out;
/* Runs the handler and makes its answer. The caller calls callbacks->end then. */
void http_exchange_run_handler(struct http_exchange *exchange, struct thread_ctx *thread_ctx);
/* In place of what a handler answered in a group that was lost. */
void http_exchange_make_group_lost(struct http_exchange *exchange, struct thread_ctx *thread_ctx);

#endif
