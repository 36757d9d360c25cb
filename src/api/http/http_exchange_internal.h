/* Shared by exchange.c and exchange_make.c. */
#ifndef TAGFERRY_API_HTTP_HTTP_EXCHANGE_INTERNAL_H
#define TAGFERRY_API_HTTP_HTTP_EXCHANGE_INTERNAL_H

#include "api/base/request_memory.h"
#include "api/http/http_exchange.h"
#include "api/http/request_checks.h"
#include "api/http/work_queue.h"

/* STAGE_REFUSED: the answer is there, and the body is read only so that its sender sees it. */
enum stage { STAGE_NEW, STAGE_BODY, STAGE_REFUSED, STAGE_LANE, STAGE_ANSWER, STAGE_SENT };

/* One request and its answer. */
struct exchange {
    struct job job; /* first: a lane hands it back */
    struct front *front;
    struct MHD_Connection *connection;
    struct http_conn *conn;
    enum stage stage;
    const struct api_settings *settings; /* in force when it began */
    struct head head;
    struct admission admission;
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
typedef bool exchange_fill(struct exchange *exchange, struct worker *worker);

/* Has `fill` set the response, and makes the answer of it, in place of any there was. False without
 * memory: the exchange then has no answer. `worker` may be NULL. */
bool exchange_make(struct exchange *exchange, struct worker *worker, exchange_fill *fill);
/* Makes the answer that there is no memory. */
void exchange_make_no_memory(struct exchange *exchange);
/* Says that there is no room for its body or its answer. */
exchange_fill exchange_fill_crowded_out;
/* Runs the handler and makes its answer. The caller calls worker_ends. */
void exchange_run_handler(struct exchange *exchange, struct worker *worker);
/* In place of what a handler answered in a group that was lost. */
void exchange_make_group_lost(struct exchange *exchange, struct worker *worker);

#endif
