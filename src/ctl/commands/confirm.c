#include "ctl/commands/confirm.h"

#include <stdio.h>
#include <string.h>

#include "common/base/require.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/client/query.h"

enum ctl_status confirm_ask(const struct ctl *ctl, const char *question)
{
    if (ctl_has_flag(ctl, FLAG_YES) || terminal_confirm(&ctl->terminal, question))
        return CTL_DONE;
    fputs("Nothing was changed.\n", stderr);
    return CTL_REFUSED;
}

enum ctl_status confirm_send(const struct ctl *ctl, const struct client_request *request,
                             struct client_reply *reply, const char *what)
{
    REQUIRE(!request->query || !strstr(request->query, "confirm="));
    enum ctl_status status = client_send(ctl->client, request, reply);
    if (status != CTL_DONE || problem_status(reply) == CTL_DONE)
        return status;
    double deleted = json_read_number(reply->json, "confirm");
    if (!problem_has_code(reply, "confirm_required") || deleted < 1)
        return problem_print(reply, what);
    status = confirm_ask(
        ctl, keep_format("%s: this deletes %.0f devices and tags. Go on?", what, deleted));
    if (status != CTL_DONE)
        return status;
    struct client_request confirmed = *request;
    confirmed.query = query_add_number(request->query, "confirm", (long long)deleted);
    return client_send_checked(ctl->client, &confirmed, reply, what);
}
