/* Who the client is, as its token says. */
#include "api/base/text.h"
#include "api/page/page_routes.h"

static void session_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    struct text *body = &response->body;
    (void)thread_ctx;
    response->status = 200;
    json_open(body, '{');
    json_write_key(body, "tokens");
    json_write_bool(body, request->scope != NULL);
    json_write_key(body, "name");
    json_write_string_or_null(body, request->scope ? request->who : NULL);
    json_write_key(body, "scope");
    json_write_string(body, request->scope ? request->scope : "write");
    json_write_key(body, "version");
    json_write_string(body, TAGFERRY_VERSION);
    json_close(body, '}');
}

static const struct route session_rows[] = {
    {METHOD_GET, API_PREFIX "/session", QUEUE_INLINE, .handle = session_handle_get},
};

const struct route_table session_routes = ROUTE_TABLE(session_rows);
