/* Writes and reads the query. */
#include "api/replica/replica_ask.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void replica_ask_write(const struct replica_ask *ask, struct arena *arena, struct text *target)
{
    const char *const texts[][2] = {{"branch", ask->have.branch}, {"gateway", ask->gateway},
                                    {"host", ask->host},          {"error", ask->error},
                                    {"detail", ask->detail},      {"parts", ask->parts}};
    text_printf(target, "/api/v1/store?since=%" PRId64 "&term=%" PRId64, ask->have.revision,
                ask->have.term);
    text_printf(target, "&audit=%" PRId64 "&audit_ms=%" PRId64 "&undo=%" PRId64, ask->have.audit,
                ask->have.audit_ms, ask->have.undo);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i][1][0] != '\0')
            text_printf(target, "&%s=%s", texts[i][0], percent_encode(arena, texts[i][1]));
    }
    if (ask->leads)
        text_puts(target, "&role=leader");
}

static bool ask_read_number(const struct query_params *params, const char *name, int64_t *number)
{
    const char *text = query_param(params, name, "0");
    char *end;
    errno = 0;
    *number = strtoll(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && errno == 0;
}

/* Copies a text of plain characters; another one is left out. */
static void ask_read_text(const struct query_params *params, const char *name, const char *allowed,
                          char *text, size_t size)
{
    const char *value = query_param(params, name, "");
    bool fits = strlen(value) < size && (!allowed || strspn(value, allowed) == strlen(value));
    snprintf(text, size, "%s", fits ? value : "");
}

bool replica_ask_read(const struct query_params *params, struct replica_ask *ask, const char **why)
{
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    *ask = (struct replica_ask){0};
    *why = "since, term, audit, audit_ms and undo are numbers, and role may be leader.";
    const char *role = query_param(params, "role", "follower");
    ask->leads = strcmp(role, "leader") == 0;
    if (!ask_read_number(params, "since", &ask->have.revision) ||
        !ask_read_number(params, "term", &ask->have.term) ||
        !ask_read_number(params, "audit", &ask->have.audit) ||
        !ask_read_number(params, "audit_ms", &ask->have.audit_ms) ||
        !ask_read_number(params, "undo", &ask->have.undo) ||
        (!ask->leads && strcmp(role, "follower") != 0))
        return false;
    ask_read_text(params, "branch", "0123456789abcdef", ask->have.branch, STORE_BRANCH_SIZE);
    ask_read_text(params, "gateway", LETTERS "_-", ask->gateway, sizeof ask->gateway);
    ask_read_text(params, "host", LETTERS "_-.", ask->host, sizeof ask->host);
    ask_read_text(params, "error", LETTERS "_", ask->error, sizeof ask->error);
    ask_read_text(params, "detail", NULL, ask->detail, sizeof ask->detail);
    ask_read_text(params, "parts", LETTERS "_,:", ask->parts, sizeof ask->parts);
    return true;
}
