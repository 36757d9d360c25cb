/* Bodies and headers. When out of memory, no answer is made rather than one without a header. */
#include "api/http/http_response.h"

#include <microhttpd.h>
#include <string.h>

#include "api/base/gzip.h"
#include "api/base/request_memory.h"
#include "common/base/require.h"

/* Smaller bodies are not compressed. */
enum { PACKED_BYTES_MIN = 1024 };

static void response_add_header(struct MHD_Response *answer, const char *name, const char *value)
{
    if (value && MHD_add_response_header(answer, name, value) != MHD_YES)
        memory_fail();
}

static void response_add_headers(struct MHD_Response *answer, const struct request_checks *checks,
                                 const struct request *request, const struct response *response,
                                 bool has_content)
{
    const char *type = response->content_type ? response->content_type : "application/json";
    if (has_content)
        response_add_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    response_add_header(answer, MHD_HTTP_HEADER_ETAG, response->etag);
    response_add_header(answer, MHD_HTTP_HEADER_LOCATION, response->location);
    response_add_header(answer, MHD_HTTP_HEADER_ALLOW, response->allow);
    response_add_header(answer, MHD_HTTP_HEADER_CONTENT_DISPOSITION, response->disposition);
    response_add_header(answer, MHD_HTTP_HEADER_CACHE_CONTROL,
                        response->cache_control ? response->cache_control : "no-cache");
    response_add_header(answer, "X-Content-Type-Options", "nosniff");
    response_add_header(answer, "Content-Security-Policy", response->policy);
    response_add_header(answer, "Referrer-Policy", response->policy ? "no-referrer" : NULL);
    if (response->stream.open) /* or nginx keeps events back until its buffer is full */
        response_add_header(answer, "X-Accel-Buffering", "no");
    response_add_header(answer, MHD_HTTP_HEADER_WWW_AUTHENTICATE, response->challenge);
    response_add_header(answer, "X-Request-Id", request->id);
    if (response->retry_after_s > 0)
        response_add_header(answer, MHD_HTTP_HEADER_RETRY_AFTER,
                            arena_format(request->arena, "%d", response->retry_after_s));
    response_add_header(answer, MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding, Origin");
    if (response->packed)
        response_add_header(answer, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    if (checks->origin) { /* a browser hides an answer without these from the page */
        response_add_header(answer, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN, checks->origin);
        response_add_header(answer, "Access-Control-Expose-Headers",
                            "ETag, Location, X-Request-Id");
        if (checks->preflight) {
            response_add_header(answer, "Access-Control-Allow-Methods", response->allow);
            response_add_header(
                answer, "Access-Control-Allow-Headers",
                "Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id, "
                "X-Requested-With");
            response_add_header(answer, "Access-Control-Max-Age", "600");
        }
    }
    if (response->close)
        response_add_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
}

/* Compresses the body, or expands one that is compressed already, as the client wants it. */
static void response_choose_coding(const struct request_checks *checks, struct response *response)
{
    struct text *body = &response->body;
    if (response->packed && body->len > 0 && !checks->takes_gzip) {
        if (!gzip_expand_text(body, gzip_read_size(body->data, body->len)))
            memory_fail();
        response->packed = false;
    } else if (!response->packed) {
        response->packed =
            checks->takes_gzip && body->len >= PACKED_BYTES_MIN && gzip_compress_text(body);
    }
}

void http_response_make(struct MHD_Response **answer, const struct request_checks *checks,
                        const struct request *request, struct response *response)
{
    REQUIRE(response->status >= 200 && response->status <= 599);
    bool has_content = response->stream.open || response->body.len > 0 || response->file.size > 0;
    if (!*answer && response->file.size > 0) {
        *answer = MHD_create_response_from_fd64(response->file.size, response->file.fd);
        if (!*answer)
            memory_fail();
        response->file.size = 0; /* the answer now owns it */
    } else if (!*answer) {
        response_choose_coding(checks, response);
        if (response->packed && response->etag) /* a strong tag identifies the bytes as sent */
            response->etag = arena_format(request->arena, "%.*s-gzip\"",
                                          (int)strlen(response->etag) - 1, response->etag);
        response->length = response->body.len;
        *answer = MHD_create_response_from_buffer_with_free_callback(
            response->body.len, response->body.data, memory_free);
        if (!*answer)
            memory_fail();
        memory_disown(response->body.data); /* the answer now owns it */
        response->body = (struct text){0};
    }
    response_add_headers(*answer, checks, request, response, has_content);
}

struct MHD_Response *http_response_make_no_memory(void)
{
    static const char body[] =
        "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,"
        "\"detail\":\"The service has no memory for this request now.\",\"errors\":[]}";
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
