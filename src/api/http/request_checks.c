/* Each check answers false once the response says why the request ends here. */
#include "api/http/request_checks.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/base/gzip.h"
#include "api/http/problem.h"

unsigned long long head_body_length(const struct head *head)
{
    return head->content_length ? strtoull(head->content_length, NULL, 10) : 0;
}

bool head_announces_body(const struct head *head)
{
    return head->content_length || head->transfer_encoding;
}

static enum method find_method(const char *name)
{
    for (int i = 0; method_names[i]; i++) {
        if (strcmp(method_names[i], name) == 0)
            return (enum method)i;
    }
    return METHOD_OTHER;
}

/* The Origin header, if it is one of those that are allowed. */
static const char *allowed_origin(const struct conf_list *origins, const char *origin)
{
    for (size_t i = 0; origin && i < origins->count; i++) {
        if (strcmp(origins->item[i], "*") == 0 || strcasecmp(origins->item[i], origin) == 0)
            return origin;
    }
    return NULL;
}

/* The library is not as strict as it could be: then it refuses a request without a host by itself,
 * and sends the answer's headers twice. */
static bool check_framing(const struct head *head, struct response *response)
{
    bool plain_target = strpbrk(head->uri, " \t\r\n\v\f") == NULL;
    if (head->sane_framing && plain_target)
        return true;
    response->close = true;
    if (!plain_target)
        problem(response, 400, "The request's target has a blank in it; write %%20.");
    else
        problem(response, 400,
                "The headers do not say clearly how long the body is, or for which one host.");
    return false;
}

/* A browser asks before it sends a page's request, without the page's token. */
static bool check_token(struct auth *auth, const struct head *head,
                        const struct admission *admission, struct request *request,
                        struct response *response)
{
    bool reads = request->method == METHOD_GET || request->method == METHOD_OPTIONS;
    if ((admission->route && admission->route->open) || admission->preflight)
        return true;
    return auth_admit(auth, head->authorization, reads ? SCOPE_READ : SCOPE_WRITE, request,
                      response);
}

static void answer_no_route(enum route_result result, const struct request *request,
                            const char *allow, struct response *response)
{
    response->allow = allow;
    if (result == ROUTE_NO_PATH)
        problem(response, 404, "There is nothing at this path.");
    else if (request->method == METHOD_OPTIONS)
        response->status = 204;
    else
        problem(response, 405, "This path takes %s.", allow);
}

/* A proxy may send the whole URL, and every server has to take it (RFC 9112, section 3.2.2). */
static const char *without_origin(const char *uri)
{
    static const char *const schemes[] = {"http://", "https://"};
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        size_t len = strlen(schemes[i]);
        if (strncasecmp(uri, schemes[i], len) == 0)
            return uri + len + strcspn(uri + len, "/?");
    }
    return uri;
}

/* What there is, and what is not, is told only to those who may ask. */
static bool check_route(const struct route_table *routes, struct auth *auth,
                        const struct head *head, struct request *request, struct response *response,
                        struct admission *admission)
{
    const char *target = without_origin(head->uri);
    const char *question = strchrnul(target, '?'), *allow = NULL, *why = NULL;
    request->target = target;
    request->path = arena_copy(request->arena, target, (size_t)(question - target));
    enum route_result result = route_find(routes, request->method, request->path, request->arena,
                                          &admission->route, request->param, &allow);
    if (!check_token(auth, head, admission, request, response))
        return false;
    if (result != ROUTE_FOUND) {
        answer_no_route(result, request, allow, response);
        return false;
    }
    if (arguments_parse(*question ? question + 1 : "", admission->route->arguments, request->arena,
                        &request->arguments, &why))
        return true;
    problem(response, 400, "%s", why);
    return false;
}

/* What a request's Content-Type may be, by the kind of body. A missing one is taken for JSON. */
static bool type_fits(enum body_kind kind, const char *given)
{
    static const char *const types[][3] = {
        [BODY_NONE] = {NULL},
        [BODY_JSON] = {"application/json", NULL},
        [BODY_PATCH] = {"application/merge-patch+json", "application/json", NULL},
        [BODY_TABLE] = {"text/csv", "application/json", NULL},
    };
    if (!given || kind == BODY_NONE)
        return true;
    size_t len = strcspn(given, "; \t");
    for (size_t i = 0; types[kind][i]; i++) {
        if (strlen(types[kind][i]) == len && strncasecmp(types[kind][i], given, len) == 0)
            return true;
    }
    return false;
}

static bool check_body(const struct api_settings *settings, const struct head *head,
                       const struct request *request, struct response *response,
                       struct admission *admission)
{
    enum body_kind kind = admission->route->body;
    admission->body_limit =
        (size_t)(kind == BODY_TABLE ? settings->max_import_bytes : settings->max_body_bytes);
    if (head_body_length(head) > admission->body_limit) {
        problem(response, 413, "The body is larger than %zu bytes.", admission->body_limit);
        return false;
    }
    if (kind != BODY_NONE && head->content_encoding &&
        strcasecmp(head->content_encoding, "identity") != 0) {
        problem(response, 415,
                "A body with Content-Encoding: %.40s is not taken; send it as it is.",
                head->content_encoding);
        return false;
    }
    if (type_fits(kind, request->content_type))
        return true;
    problem(response, 415, "The body's Content-Type is not taken here; send -H 'Content-Type: %s'.",
            kind == BODY_TABLE ? "text/csv' or 'application/json" : "application/json");
    return false;
}

bool admission_judge(const struct api_settings *settings, const struct route_table *routes,
                     struct auth *auth, const struct head *head, struct request *request,
                     struct response *response, struct admission *admission)
{
    enum method asked = find_method(head->method);
    *admission = (struct admission){.is_head = asked == METHOD_HEAD};
    request->method = admission->is_head ? METHOD_GET : asked;
    admission->takes_gzip = gzip_is_accepted(head->accept_encoding);
    admission->origin = allowed_origin(&settings->cors_origins, head->origin);
    admission->preflight = admission->origin && asked == METHOD_OPTIONS && head->asked_method;
    return check_framing(head, response) &&
           check_route(routes, auth, head, request, response, admission) &&
           check_body(settings, head, request, response, admission);
}
