/* The service about itself: is it alive, is it ready, what does it serve. */
#include "api/embedded.h"
#include "api/etag.h"
#include "api/handler.h"
#include "api/routes.h"

void get_healthz(struct worker *worker, const struct request *request, struct response *response)
{
    (void)worker, (void)request;
    response->status = 200;
    text_puts(&response->body, "{\"status\":\"ok\"}");
}

/* Ready is who can read the store; that the other daemons are up is reported, not required. */
void get_readyz(struct worker *worker, const struct request *request, struct response *response)
{
    (void)request;
    if (!begin(worker, response))
        return;
    int64_t revision = store_revision(worker->store);
    if (!end_read(worker, response))
        return;
    struct text *body = &response->body;
    json_open(body, '{');
    json_key(body, "status");
    json_string(body, "ready");
    json_key(body, "revision");
    json_integer(body, revision);
    json_key(body, "mqttd");
    json_string(body, live_view_is_alive(&worker->live) ? "up" : "down");
    json_key(body, "broker");
    json_string(body, live_view_is_alive(&worker->live) && worker->live.state.connected
                          ? "connected"
                          : "disconnected");
    json_close(body, '}');
    response->status = 200;
}

/* The document is part of the program, so that its version is its entity tag. */
void get_openapi(struct worker *worker, const struct request *request, struct response *response)
{
    const struct embedded *document = &openapi_files[0];
    (void)worker;
    response->etag = arena_format(request->arena, "\"%s-%zx\"", TAGFERRY_VERSION, document->len);
    response->status = 304;
    if (request->if_none_match && etag_matches(request->if_none_match, response->etag, true))
        return;
    response->status = 200;
    text_add(&response->body, document->data, document->len);
}
