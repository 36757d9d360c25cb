/* Body in, rules, store, answer: each request that changes something is one transaction. */
#include "api/resources/crud.h"

#include <string.h>

#include "api/model/record_json.h"

/* The name is the first field of every resource. */
enum { NAME_FIELD = 0 };

static struct subject make_subject(struct worker *worker, const struct request *request)
{
    return (struct subject){
        .worker = worker, .request = request, .registry = registry_of(worker, request)};
}

/* Finds the resource that the path names, or answers why not. */
static bool find(struct subject *subject, const struct kind *kind, struct record *record,
                 struct response *response)
{
    const char *name = subject->request->param[kind->param];
    if (kind->find_parent && !kind->find_parent(subject, response))
        return false;
    if (kind->find(subject, name, record))
        return true;
    if (store_failed(subject->worker->store))
        answer_store_failed(subject->worker, response);
    else
        problem(response, 404, "There is no %s \"%.64s\".", kind->resource->name, name);
    return false;
}

static void answer(const struct subject *subject, const struct kind *kind, const char *group,
                   const struct record *record, const struct flaws *warnings,
                   struct response *response)
{
    set_etag(subject->request, record->revision, response);
    if (group)
        record_write_group(kind->resource, record, group, warnings, &response->body);
    else
        record_write(kind->resource, record, warnings, &response->body);
}

/* Answers as before when nothing in the store has changed since. */
static bool answer_kept(struct worker *worker, const struct request *request, uint64_t version,
                        struct response *response)
{
    const struct answer *kept = answers_find(&worker->answers, request->path, version);
    if (!kept)
        return false;
    if (conditions_hold(request, kept->revision, response)) {
        response->status = 200;
        set_etag(request, kept->revision, response);
        text_add(&response->body, kept->body.data, kept->body.len);
    }
    return true;
}

void edit_get(struct worker *worker, const struct request *request, const struct kind *kind,
              const char *group, struct response *response)
{
    struct record record;
    uint64_t version = store_version(worker->store);
    if (answer_kept(worker, request, version, response) || !begin(worker, response))
        return;
    struct subject subject = make_subject(worker, request);
    if (find(&subject, kind, &record, response) && end_read(worker, response) &&
        conditions_hold(request, record.revision, response)) {
        response->status = 200;
        answer(&subject, kind, group, &record, NULL, response);
        answers_keep(&worker->answers, request->path, version, record.revision, &response->body);
    }
    store_rollback(worker->store);
}

static void check_name(const struct record *record, const char *name, struct flaws *flaws)
{
    if (!name_is_valid(name))
        flaws_add(flaws, NULL, "name", "invalid_name", "the name in the path is no valid name");
    else if (record_has(record, NAME_FIELD) && strcmp(record_text(record, NAME_FIELD), name) != 0)
        flaws_add(flaws, NULL, "name", "name_mismatch", "must be the name in the path, %s", name);
}

/* Fills `record` from the body and applies all rules. `name` is the path's, NULL for a POST. */
static void read_body(const struct subject *subject, const struct kind *kind,
                      const struct edit *edit, const struct cJSON *body, const struct record *old,
                      const char *name, struct record *record, struct flaws *flaws,
                      struct flaws *warnings)
{
    *record = edit->merge || edit->group ? *old : (struct record){0};
    if (!edit->merge)
        record_reset(kind->resource, edit->group, record);
    if (name)
        record->cells[NAME_FIELD] = (struct cell){.kind = CELL_TEXT, .as.text = name};
    flaws->root = warnings->root = edit->group;
    struct server_set set = {.old = old, .device = record_text(&subject->device, DEVICE_NAME)};
    record_read(kind->resource, body, edit->merge, &set, flaws, record);
    if (name)
        check_name(record, name, flaws);
    kind->apply_rules(subject, old, record, flaws, warnings);
}

/* Some changes are wrong in themselves though only the store can tell. */
static int status_of(const struct flaws *conflicts)
{
    for (size_t i = 0; i < conflicts->count; i++) {
        if (strcmp(conflicts->items[i].code, "read_only_table") == 0)
            return 422;
    }
    return 409;
}

/* Ends the transaction. True when what was done stays. */
static bool finish(struct worker *worker, const struct flaws *conflicts, struct response *response)
{
    if (store_failed(worker->store)) {
        answer_store_failed(worker, response);
        return false;
    }
    if (conflicts->found > 0) {
        problem_of_flaws(response, status_of(conflicts), conflicts);
        return false;
    }
    if (!store_touched(worker->store))
        return true;
    return end_read(worker, response);
}

static void save(const struct subject *subject, const struct kind *kind, const struct edit *edit,
                 const struct cJSON *body, const struct record *old, const char *name,
                 struct response *response)
{
    struct record record;
    struct arena *arena = subject->request->arena;
    struct flaws flaws = flaws_make(arena), warnings = flaws_make(arena);
    struct flaws conflicts = flaws_make(arena);
    read_body(subject, kind, edit, body, old, name, &record, &flaws, &warnings);
    if (flaws.found > 0) {
        problem_of_flaws(response, 422, &flaws);
        return;
    }
    conflicts.root = edit->group;
    if (old)
        kind->change(subject, old, &record, &conflicts);
    else
        kind->create(subject, &record, &conflicts, &warnings);
    if (!finish(subject->worker, &conflicts, response))
        return;
    response->status = old ? 200 : 201;
    if (!old)
        response->location = kind->location(subject, &record);
    answer(subject, kind, edit->group, &record, &warnings, response);
}

void edit_post(struct worker *worker, const struct request *request, const struct kind *kind,
               struct response *response)
{
    struct subject subject = make_subject(worker, request);
    struct cJSON *body = parse_body(request, response);
    if (body && begin(worker, response)) {
        if ((!kind->find_parent || kind->find_parent(&subject, response)) &&
            (!request->if_match ||
             if_match_holds(request, store_revision(worker->store), response)))
            save(&subject, kind, &(struct edit){0}, body, NULL, NULL, response);
        store_rollback(worker->store);
    }
    json_free(body);
}

/* Looks for what is to be changed: false when the request ends here. A whole body may also create
 * it, *old is then NULL. */
static bool find_old(struct subject *subject, const struct kind *kind, const struct edit *edit,
                     struct record *found, const struct record **old, struct response *response)
{
    const char *name = subject->request->param[kind->param];
    bool may_create = !edit->merge && !edit->group;
    if (!may_create) {
        if (!find(subject, kind, found, response))
            return false;
        *old = found;
    } else {
        if (kind->find_parent && !kind->find_parent(subject, response))
            return false;
        *old = kind->find(subject, name, found) ? found : NULL;
        if (store_failed(subject->worker->store)) {
            answer_store_failed(subject->worker, response);
            return false;
        }
    }
    return conditions_hold(subject->request, *old ? (*old)->revision : 0, response);
}

void edit_put(struct worker *worker, const struct request *request, const struct kind *kind,
              const struct edit *edit, struct response *response)
{
    struct subject subject = make_subject(worker, request);
    struct record found;
    const struct record *old;
    struct cJSON *body = parse_body(request, response);
    if (body && begin(worker, response)) {
        if (find_old(&subject, kind, edit, &found, &old, response))
            save(&subject, kind, edit, body, old, request->param[kind->param], response);
        store_rollback(worker->store);
    }
    json_free(body);
}

void edit_delete(struct worker *worker, const struct request *request, const struct kind *kind,
                 struct response *response)
{
    struct subject subject = make_subject(worker, request);
    struct record record;
    struct flaws none = flaws_make(request->arena);
    if (!begin(worker, response))
        return;
    if (find(&subject, kind, &record, response) &&
        conditions_hold(request, record.revision, response)) {
        kind->remove(&subject, &record);
        if (finish(worker, &none, response))
            response->status = 204;
    }
    store_rollback(worker->store);
}
