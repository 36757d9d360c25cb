/* Compares the query parameter `confirm` with the number of objects that a change deletes. */
#include "api/handler/confirm.h"

#include "api/http/problem.h"
#include "api/http/query.h"
#include "common/base/plural.h"

bool confirm_read(const struct request *request, int64_t *confirm, struct response *response)
{
    const char *why;
    *confirm = -1;
    if (query_param_number(&request->query_params, "confirm", 0, INT64_MAX, request->arena, confirm,
                           &why))
        return true;
    problem_respond(response, 400, "%s", why);
    return false;
}

bool confirm_check(const struct request *request, int64_t confirm, int64_t deleted,
                   const char *what, struct response *response)
{
    if (confirm >= 0 ? confirm == deleted : deleted <= CONFIRM_FREE_MAX)
        return true;
    struct validation validation = validation_make(request->arena);
    if (confirm < 0)
        validation_add_at(&validation, "", "confirm_required",
                          "This deletes %lld objects: %s. Repeat the request with confirm=%lld to "
                          "delete them.",
                          (long long)deleted, what, (long long)deleted);
    else
        validation_add_at(
            &validation, "", "confirm_required",
            "confirm is %lld, but this deletes %lld object%s: %s. Nothing was changed.",
            (long long)confirm, (long long)deleted, plural_suffix((size_t)deleted), what);
    problem_respond_errors(response, 409, &validation);
    problem_add_number(response, "confirm", deleted);
    return false;
}
