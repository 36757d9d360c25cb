/* The checks, in the order of a request's head. */
#include "api/http/request_checks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/base/gzip.h"
#include "api/http/browser.h"
#include "api/http/problem.h"
#include "common/base/require.h"

unsigned long long head_body_length(const struct http_head *head)
{
    return head->content_length ? strtoull(head->content_length, NULL, 10) : 0;
}

bool head_announces_body(const struct http_head *head)
{
    return head->content_length || head->transfer_encoding;
}

/* Skips scheme and host: a proxy may send the whole URL, and a server must accept it (RFC 9112,
 * section 3.2.2). */
static const char *request_strip_origin(const char *uri)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(uri, schemes[i], len) == 0)
            return uri + len + strcspn(uri + len, "/?");
    }
    return uri;
}

/* Compares a Content-Type with those of a kind of body. A missing one means JSON. That of a form,
 * which curl sends for a file, is not accepted from a browser: a page of another site may send
 * forms. */
static bool request_type_fits(enum body_kind kind, const char *given, bool from_browser)
{
    static const char form[] = "application/x-www-form-urlencoded";
    static const char *const types[][7] = {
        [BODY_NONE] = {NULL},
        [BODY_JSON] = {"application/json", NULL},
        [BODY_PATCH] = {"application/merge-patch+json", "application/json", NULL},
        [BODY_TABLE] = {"text/csv", "application/json",
                        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                        "application/vnd.ms-excel", "text/tab-separated-values",
                        "application/octet-stream", NULL},
    };
    _Static_assert(sizeof types / sizeof types[0] == BODY_TABLE + 1, "a row for each kind of body");
    if (!given || kind == BODY_NONE)
        return true;
    size_t len = strcspn(given, "; \t");
    for (size_t i = 0; types[kind][i]; i++) {
        if (strlen(types[kind][i]) == len && strncasecmp(types[kind][i], given, len) == 0)
            return true;
    }
    return kind == BODY_TABLE && !from_browser && strcasecmp(given, form) == 0;
}

static bool request_check_body(const struct api_settings *settings, const struct http_head *head,
                               const struct request *request, struct response *response,
                               struct request_checks *checks)
{
    enum body_kind kind = checks->route->body;
    checks->body_limit =
        (size_t)(kind == BODY_TABLE ? settings->max_import_bytes : settings->max_body_bytes);
    if (head_body_length(head) > checks->body_limit) {
        problem_respond(response, 413, "The body is larger than %zu bytes.", checks->body_limit);
        return false;
    }
    if (kind != BODY_NONE && head->content_encoding &&
        strcasecmp(head->content_encoding, "identity") != 0) {
        problem_respond(response, 415,
                        "Content-Encoding: %.40s is not supported; send the body without it.",
                        head->content_encoding);
        return false;
    }
    if (request_type_fits(kind, request->content_type, browser_names_origin(head)))
        return true;
    problem_respond(
        response, 415, "The body's Content-Type is not supported here; send -H 'Content-Type: %s'.",
        kind == BODY_TABLE ? "text/csv' for a table, 'application/json', or for a workbook "
                             "'application/vnd.openxmlformats-officedocument."
                             "spreadsheetml.sheet"
                           : "application/json");
    return false;
}

/* Checks the token, and if a page in a browser sent the request, that page. `route` may be NULL. */
static bool request_check_sender(const struct api_settings *settings, struct auth *auth,
                                 const struct http_head *head, struct request *request,
                                 struct response *response, const struct route *route)
{
    const struct conf_list *origins = &settings->cors_origins;
    bool reads = request->method == METHOD_GET || request->method == METHOD_OPTIONS;
    if (!(route && route->open) &&
        !auth_check_request(auth, head->authorization,
                            reads || (route && route->reads) ? SCOPE_READ : SCOPE_WRITE, request,
                            response))
        return false;
    if (!(route && route->spare) && !auth_needs_token(auth) &&
        !browser_check_host(origins, head, response))
        return false;
    return reads || browser_check_change(origins, head, response);
}

bool request_checks_run(const struct api_settings *settings, const struct route_tables *routes,
                        struct auth *auth, const struct http_head *head, struct request *request,
                        struct response *response, struct request_checks *checks)
{
    REQUIRE(head->method && head->uri && request->arena);
    enum http_method asked = METHOD_OTHER;
    for (int i = 0; method_names[i]; i++) {
        if (strcmp(method_names[i], head->method) == 0)
            asked = (enum http_method)i;
    }
    *checks = (struct request_checks){.is_head = asked == METHOD_HEAD};
    request->method = checks->is_head ? METHOD_GET : asked;
    checks->takes_gzip = gzip_is_accepted(head->accept_encoding);
    checks->origin = browser_allowed_origin(&settings->cors_origins, head->origin);
    checks->preflight = checks->origin && asked == METHOD_OPTIONS && head->asked_method;

    /* Framing. The library runs in lenient mode: in strict mode it refuses a request without a Host
     * header by itself and sends the answer's headers twice. */
    bool plain_target = strpbrk(head->uri, " \t\r\n\v\f") == NULL;
    if (!plain_target || !head->sane_framing) {
        response->close = true;
        problem_respond(response, 400, "%s",
                        plain_target ? "The headers must give the body's length in exactly one "
                                       "way, and name exactly one host."
                                     : "The request's target contains a blank; encode it as %20.");
        return false;
    }

    const char *target = request_strip_origin(head->uri);
    const char *question = strchrnul(target, '?'), *allow = NULL, *why = NULL;
    request->target = target;
    request->path = arena_strndup(request->arena, target, (size_t)(question - target));
    enum route_result result = route_find(routes, request->method, request->path, request->arena,
                                          &checks->route, request->param, &allow);

    /* Check the sender before the path: only clients with a token learn which paths exist. A
     * browser sends the preflight request without the page's token. */
    if (!checks->preflight &&
        !request_check_sender(settings, auth, head, request, response, checks->route))
        return false;

    if (result != ROUTE_FOUND) {
        response->allow = allow;
        if (result == ROUTE_NO_PATH)
            problem_respond(response, 404, "No resource has this path.");
        else if (request->method == METHOD_OPTIONS)
            response->status = 204;
        else
            problem_respond(response, 405, "This path supports %s.", allow);
        return false;
    }

    const char *known = checks->route->query_params ? checks->route->query_params : "";
    request->operand = checks->route->operand;
    if (!query_params_parse(*question ? question + 1 : "", known, request->arena,
                            &request->query_params, &why)) {
        problem_respond(response, 400, "%s", why);
        return false;
    }
    return request_check_body(settings, head, request, response, checks);
}
