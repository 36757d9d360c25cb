/* Compares the entity tags of the request with that of a revision. */
#include "api/handler/precondition.h"

#include "api/http/etag.h"
#include "api/http/problem.h"

const char *precondition_format_etag(const struct thread_ctx *thread_ctx,
                                     const struct request *request, int64_t revision)
{
    return arena_format(request->arena, "\"%lld%s\"", (long long)revision, thread_ctx->etag_mark);
}

bool precondition_check_if_match(const struct thread_ctx *thread_ctx, const struct request *request,
                                 int64_t revision, struct response *response)
{
    if (!request->if_match)
        return true;
    const char *etag =
        revision < 0 ? NULL : precondition_format_etag(thread_ctx, request, revision);
    if (etag_matches(request->if_match, etag, false))
        return true;
    problem_respond(response, 412, "If-Match does not name the current version%s%s.",
                    etag ? ", which is " : ": the resource does not exist", etag ? etag : "");
    return false;
}

bool precondition_check(const struct thread_ctx *thread_ctx, const struct request *request,
                        int64_t revision, struct response *response)
{
    bool reads = request->method == METHOD_GET;
    if (!precondition_check_if_match(thread_ctx, request, revision > 0 ? revision : -1, response))
        return false;
    if (!request->if_none_match)
        return true;
    const char *etag =
        revision > 0 ? precondition_format_etag(thread_ctx, request, revision) : NULL;
    if (!etag_matches(request->if_none_match, etag, reads))
        return true;
    if (reads) {
        response->status = 304;
        response->etag = etag;
    } else {
        problem_respond(response, 412, "If-None-Match names the current version, %s.", etag);
    }
    return false;
}
