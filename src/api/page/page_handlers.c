/* The files of the dashboard. Their gzip form is part of the program. */
#include <string.h>

#include "api/base/embedded.h"
#include "api/base/gzip.h"
#include "api/http/etag.h"
#include "api/http/problem.h"
#include "api/page/page_routes.h"

/* The browser loads nothing from elsewhere, runs no script of a text, and shows the page in no
 * frame of another site. */
static const char page_policy[] = "default-src 'self'; object-src 'none'; base-uri 'none'; "
                                  "frame-ancestors 'none'; form-action 'none'";

static const char *page_content_type(const char *name)
{
    static const char *const types[][2] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
    };
    const char *end = strrchr(name, '.');
    for (size_t i = 0; end && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i][0], end) == 0)
            return types[i][1];
    }
    return "application/octet-stream";
}

static const struct embedded *page_find_file(const char *name)
{
    const struct embedded *file = web_files;
    while (file->name && strcmp(file->name, name) != 0)
        file++;
    return file->name ? file : NULL;
}

/* The entity tag is the checksum and the size of the file, with which its gzip form ends. */
static void page_send_file(const struct embedded *file, const struct request *request,
                           struct response *response)
{
    const unsigned char *end = (const unsigned char *)file->data + file->len;
    response->etag = arena_format(request->arena, "\"%02x%02x%02x%02x-%zx\"", end[-5], end[-6],
                                  end[-7], end[-8], gzip_read_size(file->data, file->len));
    response->policy = page_policy;
    response->status = 304;
    if (request->if_none_match && etag_matches(request->if_none_match, response->etag, true))
        return;
    response->status = 200;
    response->content_type = page_content_type(file->name);
    response->packed = true;
    text_append(&response->body, file->data, file->len);
}

static void page_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                            struct response *response)
{
    const struct embedded *file = page_find_file("index.html");
    (void)thread_ctx;
    if (file)
        page_send_file(file, request, response);
    else
        problem_respond(response, 404,
                        "This Tagferry was built without the dashboard, which needs npm when it is "
                        "built. All else works, with curl for example: GET " API_PREFIX "/devices "
                        "lists the devices, and docs/rest.md explains the rest.");
}

/* The name of a file changes with its content, so a client may keep it for ever. */
static void page_handle_get_asset(struct thread_ctx *thread_ctx, const struct request *request,
                                  struct response *response)
{
    const char *name = request->param[0];
    const struct embedded *file = page_find_file(name);
    (void)thread_ctx;
    if (!file || strcmp(name, "index.html") == 0) {
        problem_respond(response, 404, "The dashboard has no file \"%.100s\".", name);
        return;
    }
    response->cache_control = "public, max-age=31536000, immutable";
    page_send_file(file, request, response);
}

static const struct route page_rows[] = {
    {METHOD_GET, "/", QUEUE_INLINE, .handle = page_handle_get, .open = true},
    {METHOD_GET, "/assets/{file}", QUEUE_INLINE, .handle = page_handle_get_asset, .open = true},
};

const struct route_table page_routes = ROUTE_TABLE(page_rows);
