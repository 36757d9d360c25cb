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

/* An answer that the service gives without a handler: a problem. */
struct http_refusal {
    int status;
    int retry_after_s; /* 0: no such header */
    const char *detail;
};
/* There is no room for a body or an answer. */
extern const struct http_refusal http_refusal_crowded_out;

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
    struct MHD_Response *answer;        /* once it is made; NULL for want of memory */
    const struct http_refusal *refusal; /* of which the answer is being made */
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

/* Fills in the response. False when there is no response yet. In a memory_run. */
typedef bool http_exchange_fill(struct http_exchange *exchange, struct thread_ctx *thread_ctx);

/* Makes the answer of the response that `fill` sets, in place of an earlier one. False without
 * memory: the exchange then has no answer. `thread_ctx` may be NULL. */
bool http_exchange_make_answer(struct http_exchange *exchange, struct thread_ctx *thread_ctx,
                               http_exchange_fill *fill);
/* Makes the answer of a refusal, or without memory that of http_exchange_make_no_memory. */
void http_exchange_refuse(struct http_exchange *exchange, const struct http_refusal *refusal);
/* Sets the response alone. Calls memory_fail. */
void http_exchange_set_refusal(struct http_exchange *exchange, const struct http_refusal *refusal);
/* Makes the answer that there is no memory, counts and logs it. */
void http_exchange_make_no_memory(struct http_exchange *exchange);
/* Runs the handler and makes its answer. The caller calls callbacks->end afterwards. */
void http_exchange_run_handler(struct http_exchange *exchange, struct thread_ctx *thread_ctx);

#endif
