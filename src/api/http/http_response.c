/* Bodies and headers. A header that is left out for want of memory would make a wrong answer. */
#include "api/http/http_response.h"

#include <microhttpd.h>
#include <string.h>

#include "api/base/gzip.h"
#include "api/base/request_memory.h"

/* Smaller answers are sent as they are. */
enum { PACKED_BYTES_MIN = 1024 };

static void add_header(struct MHD_Response *answer, const char *name, const char *value)
{
    if (value && MHD_add_response_header(answer, name, value) != MHD_YES)
        memory_fail();
}

/* A browser needs these headers before it shows the answer to a page of another origin. */
static void add_cors(struct MHD_Response *answer, const struct admission *admission,
                     const struct response *response)
{
    if (!admission->origin)
        return;
    add_header(answer, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN, admission->origin);
    add_header(answer, "Access-Control-Expose-Headers", "ETag, Location, X-Request-Id");
    if (admission->preflight) {
        add_header(answer, "Access-Control-Allow-Methods", response->allow);
        add_header(answer, "Access-Control-Allow-Headers",
                   "Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id");
        add_header(answer, "Access-Control-Max-Age", "600");
    }
}

static void add_headers(struct MHD_Response *answer, const struct admission *admission,
                        const struct request *request, const struct response *response,
                        bool has_content)
{
    const char *type = response->content_type ? response->content_type : "application/json";
    if (has_content)
        add_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    add_header(answer, MHD_HTTP_HEADER_ETAG, response->etag);
    add_header(answer, MHD_HTTP_HEADER_LOCATION, response->location);
    add_header(answer, MHD_HTTP_HEADER_ALLOW, response->allow);
    add_header(answer, MHD_HTTP_HEADER_CONTENT_DISPOSITION, response->disposition);
    add_header(answer, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    add_header(answer, MHD_HTTP_HEADER_WWW_AUTHENTICATE, response->challenge);
    add_header(answer, "X-Request-Id", request->id);
    if (response->retry_after_s > 0)
        add_header(answer, MHD_HTTP_HEADER_RETRY_AFTER,
                   arena_format(request->arena, "%d", response->retry_after_s));
    add_header(answer, MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding, Origin");
    if (response->packed)
        add_header(answer, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    add_cors(answer, admission, response);
    if (response->close)
        add_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
}

static void pack(const struct admission *admission, const struct request *request,
                 struct response *response)
{
    if (!admission->takes_gzip || response->body.len < PACKED_BYTES_MIN ||
        !gzip_text(&response->body))
        return;
    response->packed = true;
    if (response->etag) /* a strong tag names the bytes as sent */
        response->etag = arena_format(request->arena, "%.*s-gzip\"",
                                      (int)strlen(response->etag) - 1, response->etag);
}

static struct MHD_Response *take_body(struct text *body)
{
    struct MHD_Response *answer =
        MHD_create_response_from_buffer_with_free_callback(body->len, body->data, memory_free);
    if (!answer)
        memory_fail();
    memory_disown(body->data);
    *body = (struct text){0};
    return answer;
}

void http_answer_make(struct MHD_Response **answer, const struct admission *admission,
                      const struct request *request, struct response *response)
{
    bool has_content = response->stream || response->body.len > 0;
    if (!*answer) {
        pack(admission, request, response);
        response->length = response->body.len;
        *answer = take_body(&response->body);
    }
    add_headers(*answer, admission, request, response, has_content);
}

struct MHD_Response *http_answer_no_memory(void)
{
    static const char body[] =
        "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
        "\"detail\":\"There is no memory for this request now.\",\"errors\":[]}";
    static const char *const headers[][2] = {
        {MHD_HTTP_HEADER_CONTENT_TYPE, "application/problem+json"},
        {MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache"},
        {MHD_HTTP_HEADER_RETRY_AFTER, "1"},
        {MHD_HTTP_HEADER_CONNECTION, "close"},
        {"X-Request-Id", "no-memory"},
    };
    struct MHD_Response *answer = MHD_create_response_from_buffer(
        sizeof body - 1, (void *)(uintptr_t)body, MHD_RESPMEM_PERSISTENT);
    for (size_t i = 0; answer && i < sizeof headers / sizeof headers[0]; i++) {
        if (MHD_add_response_header(answer, headers[i][0], headers[i][1]) == MHD_YES)
            continue;
        MHD_destroy_response(answer);
        answer = NULL;
    }
    return answer;
}
