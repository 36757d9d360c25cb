/* Shared by http_exchange.c and http_exchange_run.c. */
#ifndef TAGFERRY_API_HTTP_HTTP_EXCHANGE_INTERNAL_H
#define TAGFERRY_API_HTTP_HTTP_EXCHANGE_INTERNAL_H

#include "api/base/request_memory.h"
#include "api/http/http_exchange.h"
#include "api/http/request_checks.h"
#include "api/http/work_queue.h"

/* STAGE_REFUSED: the answer is ready; the body is read and dropped so that the client reads the
 * answer. */
enum http_exchange_stage {
    STAGE_NEW,
    STAGE_BODY,
    STAGE_REFUSED,
    STAGE_QUEUED,
    STAGE_ANSWER,
    STAGE_SENT
};

/* A problem that the service answers without a handler. */
struct http_refusal {
    int status;
    int retry_after_s; /* 0: no Retry-After header */
    const char *detail;
};
/* A body or an answer exceeds max_pending_bytes. */
extern const struct http_refusal http_refusal_crowded_out;

/* One request and its answer. */
struct http_exchange {
    struct queue_job job; /* must be first: a queue returns the job */
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
    struct MHD_Response *answer;        /* NULL before it is made, or when out of memory */
    const struct http_refusal *refusal; /* set while its answer is made */
    struct text body;
    size_t received, dropped; /* bytes of the body */
    size_t reserved;          /* bytes of max_pending_bytes, for body and answer */
    bool crowded_out;         /* the body exceeds max_pending_bytes */
    bool no_memory;           /* memory ran out while the body was read */
    bool was_asked_early;     /* for the answer, see exchange_is_asked_early */
    bool is_stream;           /* sends a stream; for the HTTP thread alone, at any time */
    struct memory memory;     /* of its texts and its arena */
    struct arena arena;
    uint64_t started_us; /* of clock_steady_us */
    char uri[];          /* as sent */
};

/* Sets the response. False when there is no response yet. Runs in a memory_run. */
typedef bool http_exchange_fill(struct http_exchange *exchange, struct thread_ctx *thread_ctx);

/* Makes an answer from the response that `fill` sets, in place of an earlier answer. False when out
 * of memory: the exchange then has no answer. `thread_ctx` may be NULL. */
bool http_exchange_make_answer(struct http_exchange *exchange, struct thread_ctx *thread_ctx,
                               http_exchange_fill *fill);
/* Makes the answer of a refusal; when out of memory, calls http_exchange_make_no_memory. */
void http_exchange_refuse(struct http_exchange *exchange, const struct http_refusal *refusal);
/* Sets the response only. Calls memory_fail. */
void http_exchange_set_refusal(struct http_exchange *exchange, const struct http_refusal *refusal);
/* Makes the 503 answer for a request that ran out of memory; counts and logs it. */
void http_exchange_make_no_memory(struct http_exchange *exchange);
/* Runs the handler and makes its answer. The caller calls callbacks->end afterwards. */
void http_exchange_run_handler(struct http_exchange *exchange, struct thread_ctx *thread_ctx);
/* Tries the quick handler of the route and makes its answer. False when it has none. */
bool http_exchange_run_quick(struct http_exchange *exchange, struct thread_ctx *thread_ctx);

#endif
