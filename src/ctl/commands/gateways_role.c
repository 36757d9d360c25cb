#include "ctl/commands/gateways_role.h"

#include <stdio.h>
#include <string.h>

#include "common/base/require.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/problem.h"
#include "ctl/commands/confirm.h"
#include "ctl/commands/output.h"

/* The gateway that has answered, in a list of gateways. */
static const cJSON *gateways_find_self(const cJSON *answer)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, json_read_array(answer, "items"))
    {
        if (json_read_bool(item, "self"))
            return item;
    }
    return NULL;
}

/* Prints what the gateway is now. */
static void gateways_print_role(const struct ctl *ctl, const struct client_reply *reply)
{
    const cJSON *self = gateways_find_self(reply->json);
    if (ctl->terminal.format == OUTPUT_JSON) {
        output_print_json(reply->body);
    } else if (ctl->terminal.format == OUTPUT_CSV) {
        static const struct table_column columns[] = {{.name = "name"}, {.name = "host"},
                                                      {.name = "role"}, {.name = "leader"},
                                                      {.name = "term"}, {.name = "revision"}};
        struct table table;
        TABLE_INIT(&table, columns);
        output_fill_row(&table, table_add_row(&table), self);
        table_print(&table, &ctl->terminal);
    } else {
        const char *leader = json_read_text(self, "leader");
        text_print_line(
            stdout, keep_format("%s is now %s%s, term %s, revision %s", client_server(ctl->client),
                                leader[0] ? "a follower of " : "the leader", leader,
                                json_read_text(self, "term"), json_read_text(self, "revision")));
    }
}

enum ctl_status gateways_role_run(struct ctl *ctl)
{
    REQUIRE(ctl->operand_count > 0);
    struct client_reply reply;
    const char *server = client_server(ctl->client), *url = ctl->operands[1], *body, *question;
    bool follows = strcmp(ctl->operands[0], "follow") == 0;
    if (!follows && strcmp(ctl->operands[0], "promote") != 0)
        return ctl_print_usage_error(ctl, "\"%s\" must be promote or follow URL", ctl->operands[0]);
    if (follows != (ctl->operand_count == 2))
        return ctl_print_usage_error(ctl, follows ? "follow needs the URL of the leader"
                                                  : "promote takes no operand");
    if (follows) {
        question = keep_format("%s takes the configuration of %s, in place of its own, which is "
                               "kept in a file. Go on?",
                               server, url);
        body = keep_format("{\"role\":\"follower\",\"leader\":%s}", json_quote_text(url));
    } else {
        question = keep_format("%s becomes the leader: the configuration is changed there, and no "
                               "longer at another gateway. Go on?",
                               server);
        body = "{\"role\":\"leader\"}";
    }
    enum ctl_status status = confirm_ask(ctl, question);
    if (status != CTL_DONE)
        return status;
    const struct client_request request = {.method = "POST",
                                           .path = "/gateways",
                                           .body = body,
                                           .len = strlen(body),
                                           .takes_long = true};
    status = client_send_checked(ctl->client, &request, &reply,
                                 follows ? keep_format("following %s", url) : "promotion");
    if (status == CTL_DONE)
        gateways_print_role(ctl, &reply);
    return status;
}
