/* Undoing changes over HTTP. */
#include <stdlib.h>
#include <string.h>

#include "api/handler/confirm.h"
#include "api/handler/precondition.h"
#include "api/handler/request_input.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/resources/resource_routes.h"
#include "api/resources/revert.h"
#include "api/store/audit.h"
#include "common/base/plural.h"

struct revert_options {
    bool dry_run, show_changes;
    int64_t confirm;
};

static bool revert_read_options(const struct request *request, struct revert_options *options,
                                struct response *response)
{
    const char *changes = query_param(&request->query_params, "changes", "all");
    options->show_changes = strcmp(changes, "all") == 0;
    if (!request_read_dry_run(request, &options->dry_run, response))
        return false;
    if (!options->show_changes && strcmp(changes, "none") != 0)
        problem_respond(response, 400, "changes must be all or none.");
    else
        return confirm_read(request, &options->confirm, response);
    return false;
}

static void revert_write_counts(const struct revert *revert, struct text *body)
{
    json_write_key(body, "created");
    json_write_integer(body, revert->created);
    json_write_key(body, "changed");
    json_write_integer(body, revert->changed);
    json_write_key(body, "deleted");
    json_write_integer(body, revert->deleted);
}

/* Adds the row of the whole revert to the audit; `name` and `number` say what it undoes. Returns
 * the id of the row. */
static int64_t revert_add_audit(struct store *store, const struct revert *revert, const char *name,
                                int64_t number)
{
    struct audit *audit = revert->config_service.audit;
    struct text after = {0};
    json_open(&after, '{');
    json_write_key(&after, name);
    json_write_integer(&after, number);
    revert_write_counts(revert, &after);
    return audit_add_bulk_change(store, audit, "revert", &after);
}

/* Checks, commits and answers. The row of the audit has `number` as its member `name`; an exact
 * revert returns to the revision `to`. */
static void revert_commit(struct thread_ctx *thread_ctx, const struct request *request,
                          const struct revert_options *options, struct revert *revert,
                          const char *name, int64_t number, int64_t to, struct response *response)
{
    struct store *store = thread_ctx->store;
    int64_t audit_id = 0, revision = 0;
    const char *what = arena_format(
        request->arena, "%lld device%s and tag%s that were created", (long long)revert->deleted,
        plural_suffix((size_t)revert->deleted), plural_suffix((size_t)revert->deleted));
    if (store_has_failed(store)) {
        transaction_answer_failed(thread_ctx, response);
        return;
    }
    if (revert->conflicts.found > 0) {
        problem_respond_errors(response, 409, &revert->conflicts);
        return;
    }
    if (!options->dry_run &&
        !confirm_check(request, options->confirm, revert->deleted, what, response))
        return;
    if (!options->dry_run && store_has_changed(store)) {
        audit_id = revert_add_audit(store, revert, name, number);
        if (revert->is_exact)
            undo_log_add_return(store, revert->config_service.audit->undo, to);
        revision = store_raise_revision(store);
        if (!transaction_commit(thread_ctx, response))
            return;
    }
    struct text *body = &response->body;
    response->status = 200;
    json_open(body, '{');
    revert_write_counts(revert, body);
    json_write_key(body, "dry_run");
    json_write_bool(body, options->dry_run);
    json_write_key(body, "revision");
    revision > 0 ? json_write_integer(body, revision) : json_write_null(body);
    json_write_key(body, "audit");
    audit_id > 0 ? json_write_integer(body, audit_id) : json_write_null(body);
    if (revert->changes) {
        json_write_key(body, "changes");
        json_open(body, '[');
        text_append(body, revert->changes->data, revert->changes->len);
        json_close(body, ']');
    }
    json_close(body, '}');
}

/* Adds a conflict when the changes after a revision are not kept. */
static bool revert_is_kept(struct store *store, struct revert *revert, int64_t after)
{
    int64_t start = undo_log_read_start(store);
    if (after >= start)
        return true;
    validation_add_at(&revert->conflicts, "", "not_kept",
                      "changes up to revision %lld cannot be undone: they are older than a restore "
                      "or an upgrade, or beyond [api] undo_mb",
                      (long long)start);
    return false;
}

/* Undoes the change of one row of the audit. With `is_whole`, undoes all that its request changed.
 */
static void revert_undo_subject(struct store *store, struct revert *revert,
                                const struct audit_subject *subject, bool is_whole)
{
    bool is_tag = strcmp(subject->kind, "tag") == 0,
         is_device = strcmp(subject->kind, "device") == 0,
         is_profile = strcmp(subject->kind, "profile") == 0,
         is_bulk = strcmp(subject->kind, "all") == 0 && strcmp(subject->action, "change") != 0;
    if (!is_tag && !is_device && !is_profile && !is_bulk) {
        validation_add_at(
            &revert->conflicts, "", "not_revertable",
            "this entry is no change of devices, tags or profiles: it cannot be undone here");
        return;
    }
    /* Alone in its revision, a profile is undone as a whole, with what it set in devices. */
    if (is_bulk || (is_profile && audit_count_revision(store, subject->revision) == 1))
        is_whole = true;
    revert->is_exact = is_whole && subject->revision == store_read_revision(store);
    if (!is_whole && !is_profile)
        revert->only = is_tag ? &tag_resource : &device_resource;
    revert->only_profile = !is_whole && is_profile;
    revert->only_id = subject->record;
    if (!revert_is_kept(store, revert, subject->revision - 1))
        return;
    revert_apply(revert, subject->revision, subject->revision);
    if (revert->conflicts.found > 0)
        return;
    revert_finish(revert);
    if (revert->created + revert->changed + revert->deleted == 0)
        validation_add_at(&revert->conflicts, "", "nothing_to_undo",
                          "there is nothing to undo: the change was undone already");
}

static struct revert revert_begin(struct thread_ctx *thread_ctx, const struct request *request,
                                  const struct revert_options *options, struct text *changes)
{
    struct config_service config_service = config_service_for_request(thread_ctx, request);
    struct revert revert = revert_make(&config_service);
    revert.changes = options->show_changes ? changes : NULL;
    return revert;
}

static void audit_entry_handle_revert(struct thread_ctx *thread_ctx, const struct request *request,
                                      struct response *response)
{
    const char *text = request->param[0];
    bool is_number = strlen(text) <= 18 && text[strspn(text, "0123456789")] == '\0';
    int64_t id = is_number ? strtoll(text, NULL, 10) : 0;
    struct revert_options options;
    struct audit_subject subject;
    struct text changes = {0};
    struct store *store = thread_ctx->store;
    if (!revert_read_options(request, &options, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    struct revert revert = revert_begin(thread_ctx, request, &options, &changes);
    bool is_newest = strcmp(text, "newest") == 0;
    if (is_newest)
        id = audit_find_newest(store);
    if (!audit_find_subject(store, request->arena, id, &subject)) {
        if (store_has_failed(store))
            transaction_answer_failed(thread_ctx, response);
        else
            problem_respond(response, 404, "The audit has no entry with the id \"%.64s\".", text);
    } else if (precondition_check_if_match(thread_ctx, request, store_read_revision(store),
                                           response)) {
        revert_undo_subject(store, &revert, &subject, is_newest);
        revert_commit(thread_ctx, request, &options, &revert, "reverts", id, subject.revision - 1,
                      response);
    }
    store_rollback(store);
    text_finish(&changes);
}

static void revert_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    const char *why;
    int64_t to = -1;
    struct revert_options options;
    struct text changes = {0};
    struct store *store = thread_ctx->store;
    if (!query_param_number(&request->query_params, "to", 0, INT32_MAX, request->arena, &to,
                            &why)) {
        problem_respond(response, 400, "%s", why);
        return;
    }
    if (to < 0) {
        problem_respond(response, 400, "to is required: the revision whose state comes back.");
        return;
    }
    if (!revert_read_options(request, &options, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    int64_t newest = store_read_revision(store);
    struct revert revert = revert_begin(thread_ctx, request, &options, &changes);
    if (to > newest) {
        problem_respond(response, 400, "to is %lld, but the newest revision is %lld.",
                        (long long)to, (long long)newest);
    } else if (precondition_check_if_match(thread_ctx, request, newest, response)) {
        revert.is_exact = true;
        if (revert_is_kept(store, &revert, to) && to < newest &&
            revert_apply(&revert, to + 1, newest) && revert.conflicts.found == 0)
            revert_finish(&revert);
        revert_commit(thread_ctx, request, &options, &revert, "to", to, to, response);
    }
    store_rollback(store);
    text_finish(&changes);
}

static const struct route revert_rows[] = {
    {METHOD_POST, API_PREFIX "/audit/{id}/revert", QUEUE_STORE, .handle = audit_entry_handle_revert,
     .query_params = "confirm dry_run changes"},
    {METHOD_POST, API_PREFIX "/revert", QUEUE_STORE, .handle = revert_handle_post,
     .query_params = "to confirm dry_run changes"},
};

const struct route_table revert_routes = ROUTE_TABLE(revert_rows);
