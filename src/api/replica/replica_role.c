/* Promotes and follows. The other gateway is asked first, so that a mistake changes nothing. */
#include "api/replica/replica_role.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

enum { PROBE_MS = 3000, PROBE_CONNECT_MS = 1000, PROBE_BYTES = 65536, PROBES = 3 };

static const char *role_json_text(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(item) ? item->valuestring : "";
}

static int64_t role_json_number(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    bool fits = cJSON_IsNumber(item) && item->valuedouble >= 0 && item->valuedouble < 9e15;
    return fits ? (int64_t)item->valuedouble : -1;
}

void replica_role_read_problem(const struct replica_answer *answer, const char *url,
                               struct replica_fault *fault)
{
    cJSON *body = strcmp(answer->type, "application/problem+json") == 0
                      ? cJSON_ParseWithLength(answer->body, answer->len)
                      : NULL;
    const char *code = role_json_text(body, "code"), *detail = role_json_text(body, "detail");
    if (answer->status == 401 || answer->status == 403)
        replica_fault_set(fault, REPLICA_UNAUTHORIZED,
                          "%.200s refuses the token of follow_token_file (%ld%s%.200s)", url,
                          answer->status, *detail ? ": " : "", detail);
    else if (strcmp(code, "follower") == 0)
        replica_fault_set(fault, REPLICA_NOT_LEADER, "%.200s does not lead: it follows %.200s", url,
                          role_json_text(body, "leader"));
    else if (strcmp(code, "older_term") == 0)
        replica_fault_set(fault, REPLICA_OLDER_TERM, "%.200s: %.250s", url, detail);
    else if (!body || answer->status == 404 || answer->status == 405)
        replica_fault_set(fault, REPLICA_NOT_TAGFERRY,
                          "%.200s is not tagferry-api, or an older one: it answers %ld %.100s", url,
                          answer->status, answer->type);
    else
        replica_fault_set(fault, REPLICA_REFUSED, "%.200s answers %ld: %.200s", url, answer->status,
                          detail);
    cJSON_Delete(body);
}

bool replica_role_probe(struct replica_fetch *fetch, const struct api_settings *settings,
                        const char *url, const struct replica_ask *ask, struct replica_state *state,
                        struct replica_fault *fault)
{
    struct arena arena = {0};
    struct text target = {0};
    struct replica_answer answer;
    struct replica_ask question = *ask;
    question.leads = true;
    text_puts(&target, url);
    replica_ask_write(&question, &arena, &target);
    const struct replica_request request = {.url = target.data,
                                            .accept = "application/json",
                                            .limit = PROBE_BYTES,
                                            .timeout_ms = PROBE_MS,
                                            .connect_ms = PROBE_CONNECT_MS,
                                            .slow_s = PROBE_MS / 1000};
    bool ok = replica_fetch_get(fetch, settings, &request, &answer, fault);
    text_finish(&target);
    arena_finish(&arena);
    if (!ok)
        return false;
    cJSON *body = answer.status == 200 && strcmp(answer.type, "application/json") == 0
                      ? cJSON_ParseWithLength(answer.body, answer.len)
                      : NULL;
    const char *role = role_json_text(body, "role");
    *state = (struct replica_state){.leads = strcmp(role, "leader") == 0,
                                    .term = role_json_number(body, "term"),
                                    .revision = role_json_number(body, "revision")};
    snprintf(state->branch, sizeof state->branch, "%s", role_json_text(body, "branch"));
    snprintf(state->instance, sizeof state->instance, "%s", role_json_text(body, "instance"));
    snprintf(state->leader, sizeof state->leader, "%s", role_json_text(body, "leader"));
    ok = (state->leads || strcmp(role, "follower") == 0) && state->term >= 0;
    cJSON_Delete(body);
    if (!ok)
        replica_role_read_problem(&answer, url, fault);
    return ok;
}

/* What the own store has and whom it follows. */
struct role_view {
    struct store_lineage own;
    struct store_role role;
};

static bool role_read_view(struct store *store, const struct api_settings *settings,
                           struct role_view *view)
{
    char url[STORE_URL_SIZE] = "";
    const char *why;
    if (settings->follow[0] != '\0' && !store_role_read_url(settings->follow, url, &why))
        url[0] = '\0'; /* the service says so at its start */
    if (!store_begin(store))
        return false;
    store_role_configure(store, url);
    bool ok = store_lineage_read(store, &view->own) && store_role_read(store, &view->role);
    if (ok)
        return store_commit(store);
    store_rollback(store);
    return false;
}

static enum replica_outcome role_fail(struct store *store, char *said)
{
    snprintf(said, REPLICA_SAID_SIZE, "The store cannot be changed: %.400s",
             store_failure_reason(store));
    return REPLICA_FAILED;
}

static enum replica_outcome role_say_leading(const struct store_position *own, char *said)
{
    snprintf(said, REPLICA_SAID_SIZE,
             "This gateway leads already: term %lld, revision %lld. Nothing is changed.",
             (long long)own->term, (long long)own->revision);
    return REPLICA_NOTHING;
}

static enum replica_outcome role_promote(struct store *store, const struct replica_command *command,
                                         char *said)
{
    struct role_view now;
    struct text after = {0};
    if (!store_begin(store) || !store_role_read(store, &now.role))
        return role_fail(store, said);
    char former[STORE_URL_SIZE];
    snprintf(former, sizeof former, "%s", now.role.leader);
    /* Another command may have promoted it while this one asked the leader. */
    if (command->if_leaderless && former[0] == '\0') {
        bool ok = store_lineage_read(store, &now.own);
        store_rollback(store);
        return ok ? role_say_leading(&now.own.position, said) : role_fail(store, said);
    }
    store_role_promote(store);
    bool ok = store_lineage_read(store, &now.own);
    json_open(&after, '{');
    json_write_key(&after, "promoted_to_term");
    json_write_integer(&after, now.own.position.term);
    if (command->user) {
        json_write_key(&after, "user");
        json_write_string(&after, command->user);
    }
    json_close(&after, '}');
    audit_add_access_change(store, command->audit, after.data);
    text_finish(&after);
    if (!ok || !store_commit(store)) {
        store_rollback(store);
        return role_fail(store, said);
    }
    snprintf(said, REPLICA_SAID_SIZE, "This gateway leads now: term %lld, revision %lld.%s%s%s",
             (long long)now.own.position.term, (long long)now.own.position.revision,
             former[0] ? " It no longer follows " : "", former, former[0] ? "." : "");
    return REPLICA_DONE;
}

/* True when the leader of this store answers as one, or answers and does not say what it is. */
static bool role_leader_answers(struct replica_fetch *fetch, const struct api_settings *settings,
                                const char *url, const struct replica_ask *ask, char *said)
{
    struct replica_state state;
    struct replica_fault fault = {0};
    for (int i = 0; i < PROBES; i++) {
        bool answers = replica_role_probe(fetch, settings, url, ask, &state, &fault);
        if (answers && state.leads)
            snprintf(said, REPLICA_SAID_SIZE,
                     "%s answers and leads: term %lld, revision %lld. Nothing is changed.", url,
                     (long long)state.term, (long long)state.revision);
        if (answers)
            return state.leads;
    }
    if (fault.code == REPLICA_UNAUTHORIZED || fault.code == REPLICA_TLS_REFUSED ||
        fault.code == REPLICA_NO_TOKEN) {
        snprintf(said, REPLICA_SAID_SIZE, "%s may lead: %s. Nothing is changed.", url,
                 fault.detail);
        return true;
    }
    return false;
}

static enum replica_outcome role_follow(struct store *store, struct replica_fetch *fetch,
                                        const struct api_settings *settings, const char *url,
                                        const struct role_view *view, char *said)
{
    struct replica_state state;
    struct replica_fault fault = {0};
    const struct store_position *own = &view->own.position;
    const struct replica_ask ask = {.have = *own};
    if (!replica_role_probe(fetch, settings, url, &ask, &state, &fault)) {
        snprintf(said, REPLICA_SAID_SIZE, "Nothing is changed: %s.", fault.detail);
        return REPLICA_DENIED;
    }
    if (!state.leads) {
        snprintf(said, REPLICA_SAID_SIZE,
                 "Nothing is changed: %s does not lead, it follows %s. Name the leader.", url,
                 state.leader);
        return REPLICA_DENIED;
    }
    if (strcmp(state.instance, view->role.instance) == 0 && state.instance[0] != '\0') {
        snprintf(said, REPLICA_SAID_SIZE, "Nothing is changed: %s is this gateway itself.", url);
        return REPLICA_DENIED;
    }
    if (state.term < own->term) {
        snprintf(
            said, REPLICA_SAID_SIZE,
            "Nothing is changed: the store of %s is of term %lld, this one of term %lld, which "
            "is newer and is not overwritten. Let the other gateway follow this one.",
            url, (long long)state.term, (long long)own->term);
        return REPLICA_DENIED;
    }
    if (!store_begin(store))
        return role_fail(store, said);
    store_role_follow(store, url);
    if (!store_commit(store))
        return role_fail(store, said);
    snprintf(said, REPLICA_SAID_SIZE, "This gateway follows %s now: term %lld, revision %lld.%s",
             url, (long long)state.term, (long long)state.revision,
             view->role.leader[0] == '\0' && own->revision > 0
                 ? " A configuration that the leader does not have is kept as a file beside the "
                   "store, DATABASE-term-TERM-TIME."
                 : "");
    return REPLICA_DONE;
}

enum replica_outcome replica_role_change(struct store *store, struct replica_fetch *fetch,
                                         const struct api_settings *settings,
                                         const struct replica_command *command, char *said)
{
    struct role_view view;
    if (!role_read_view(store, settings, &view))
        return role_fail(store, said);
    if (command->follow[0] != '\0')
        return role_follow(store, fetch, settings, command->follow, &view, said);
    if (command->if_leaderless && view.role.leader[0] == '\0')
        return role_say_leading(&view.own.position, said);
    const struct replica_ask ask = {.have = view.own.position};
    if (command->if_leaderless &&
        role_leader_answers(fetch, settings, view.role.leader, &ask, said))
        return REPLICA_NOTHING;
    return role_promote(store, command, said);
}
