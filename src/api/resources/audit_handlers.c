/* The audit over HTTP. */
#include "api/handler/handler.h"
#include "api/routes.h"
#include "api/store/audit.h"

void get_audit(struct worker *worker, const struct request *request, struct response *response)
{
    const char *why;
    long limit = 100, after = INT32_MAX;
    const char *device = argument(&request->arguments, "device", "");
    if (!argument_number(&request->arguments, "limit", 1, 1000, request->arena, &limit, &why) ||
        !argument_number(&request->arguments, "after", 1, INT32_MAX, request->arena, &after,
                         &why)) {
        problem(response, 400, "%s", why);
        return;
    }
    if (!begin(worker, response))
        return;
    struct page page = {0};
    int64_t last = audit_list(worker->store, request->arena, after, device, limit, &page.items);
    page.more = last > 0;
    page.last = arena_format(request->arena, "%lld", (long long)last);
    answer_page(&page, audit_count(worker->store, device), response);
    end_read(worker, response);
}
