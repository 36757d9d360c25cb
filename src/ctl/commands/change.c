#include "ctl/commands/change.h"

#include <stdio.h>
#include <string.h>

#include "common/base/require.h"
#include "ctl/base/json_read.h"
#include "ctl/client/problem.h"
#include "ctl/commands/confirm.h"

enum ctl_status change_read(const struct ctl *ctl, const struct object *object,
                            struct client_reply *reply)
{
    return client_send_checked(ctl->client, &(struct client_request){.path = object->path}, reply,
                               object->text);
}

enum ctl_status change_patch(const struct ctl *ctl, const struct object *object, const cJSON *body,
                             const struct client_reply *before, struct client_reply *reply)
{
    REQUIRE(cJSON_IsObject(body) && before->json);
    const char *json = json_value_json(body), *if_match = ctl_flag_value(ctl, FLAG_IF_MATCH);
    const struct client_request request = {.method = "PATCH",
                                           .path = object->path,
                                           .query = ctl_has_flag(ctl, FLAG_DRY_RUN) ? "dry_run=true"
                                                                                    : NULL,
                                           .body = json,
                                           .len = strlen(json),
                                           .if_match = if_match ? if_match : before->etag};
    enum ctl_status status = confirm_send(ctl, &request, reply, object->text);
    if (status == CTL_CHANGED)
        fprintf(stderr,
                "  Nothing was changed. Look at it with tagferryctl get %s, then repeat the "
                "command.\n",
                object->text);
    return status;
}
