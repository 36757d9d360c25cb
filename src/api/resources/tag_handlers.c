/* Tags over HTTP. */
#include <string.h>

#include "api/handler/handler.h"
#include "api/live/quality_lookup.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/resources/crud.h"
#include "api/routes.h"

static bool find_parent(struct subject *subject, struct response *response)
{
    return find_device(subject->worker, subject->request, &subject->device, response);
}

static bool find(struct subject *subject, const char *name, struct record *tag)
{
    return tag_find(subject->worker->store, subject->request->arena, subject->request->param[0],
                    name, tag);
}

static void apply_rules(const struct subject *subject, const struct record *old, struct record *tag,
                        struct flaws *flaws, struct flaws *warnings)
{
    struct place place = place_of(&subject->device, subject->registry.common);
    tag_rules(tag, old, place_is_local(&place), flaws, warnings);
    if (!warnings->root || strcmp(warnings->root, "modbus") == 0)
        tag_warn_of_stale(tag, &subject->device, warnings);
}

static void create(const struct subject *subject, struct record *tag, struct flaws *flaws,
                   struct flaws *warnings)
{
    registry_create_tag(&subject->registry, &subject->device, tag, flaws, warnings);
}

static void change(const struct subject *subject, const struct record *old, struct record *tag,
                   struct flaws *flaws)
{
    registry_change_tag(&subject->registry, &subject->device, old, tag, flaws);
}

static void remove_tag(const struct subject *subject, const struct record *tag)
{
    registry_delete_tag(&subject->registry, tag);
}

static const char *location(const struct subject *subject, const struct record *tag)
{
    return arena_format(subject->request->arena, "/api/v1/devices/%s/tags/%s", tag->device,
                        record_text(tag, TAG_NAME));
}

static const struct kind tag_kind = {
    .resource = &tag_resource,
    .param = 1,
    .find_parent = find_parent,
    .find = find,
    .apply_rules = apply_rules,
    .create = create,
    .change = change,
    .remove = remove_tag,
    .location = location,
};

void post_tag(struct worker *worker, const struct request *request, struct response *response)
{
    edit_post(worker, request, &tag_kind, response);
}

void get_tag(struct worker *worker, const struct request *request, struct response *response)
{
    edit_get(worker, request, &tag_kind, NULL, response);
}

void put_tag(struct worker *worker, const struct request *request, struct response *response)
{
    edit_put(worker, request, &tag_kind, &(struct edit){0}, response);
}

void patch_tag(struct worker *worker, const struct request *request, struct response *response)
{
    edit_put(worker, request, &tag_kind, &(struct edit){.merge = true}, response);
}

void delete_tag(struct worker *worker, const struct request *request, struct response *response)
{
    edit_delete(worker, request, &tag_kind, response);
}

void get_tag_mqtt(struct worker *worker, const struct request *request, struct response *response)
{
    edit_get(worker, request, &tag_kind, "mqtt", response);
}

void put_tag_mqtt(struct worker *worker, const struct request *request, struct response *response)
{
    edit_put(worker, request, &tag_kind, &(struct edit){.group = "mqtt"}, response);
}

void get_tag_modbus(struct worker *worker, const struct request *request, struct response *response)
{
    edit_get(worker, request, &tag_kind, "modbus", response);
}

void put_tag_modbus(struct worker *worker, const struct request *request, struct response *response)
{
    edit_put(worker, request, &tag_kind, &(struct edit){.group = "modbus"}, response);
}

static bool take_tag(void *context, const struct record *tag)
{
    struct page *page = context;
    if (!page_takes(page, record_text(tag, TAG_NAME)))
        return false;
    record_write(&tag_resource, tag, NULL, &page->items);
    return true;
}

void get_device_tags(struct worker *worker, const struct request *request,
                     struct response *response)
{
    struct list list;
    struct record device;
    if (!read_page(request, &list, response) || !begin(worker, response))
        return;
    struct page page = {.limit = list.limit++};
    if (find_device(worker, request, &device, response) &&
        list_has_changed(worker, request, response)) {
        list.device = list.after_device = request->param[0];
        int64_t total = tags_count(worker->store, &list);
        tags_each(worker->store, request->arena, &list, take_tag, &page);
        answer_page(&page, total, response);
        keep_page(worker, request, response);
    }
    end_read(worker, response);
}

/* A page of tags over all devices. */
struct tags_page {
    struct page page;
    struct judge judge;
    struct arena *arena;
    const char *after_device, *after;
    struct verdict_filter filter;
    int64_t total; /* with a filter */
};

static bool take_any_tag(void *context, const struct record *tag)
{
    struct tags_page *tags = context;
    const char *place = arena_format(tags->arena, "%s/%s", tag->device, record_text(tag, TAG_NAME));
    if (!page_takes(&tags->page, place))
        return false;
    record_write(&tag_resource, tag, NULL, &tags->page.items);
    return true;
}

static bool take_judged_tag(void *context, const struct record *tag)
{
    struct tags_page *tags = context;
    struct live_row row;
    struct verdict verdict = judge_tag(&tags->judge, tag, &row);
    if (!verdict_filter_takes(&tags->filter, verdict))
        return true;
    tags->total++;
    if (is_after(tag, tags->after_device, tags->after) && take_any_tag(context, tag))
        append_verdict(verdict, &tags->page.items);
    return true;
}

/* With a verdict to look for every tag is read, and counted on the way. */
static void list_by_verdict(struct tags_page *tags, struct list list)
{
    list.after = list.after_device = "";
    list.limit = -1;
    tags_each(tags->judge.worker->store, tags->arena, &list, take_judged_tag, tags);
}

void get_tags(struct worker *worker, const struct request *request, struct response *response)
{
    struct list list;
    struct tags_page tags = {.judge = {.worker = worker}, .arena = request->arena};
    if (!read_page(request, &list, response) || !read_tag_place(request, &list, response) ||
        !read_verdict_filter(request, &tags.filter, response) || !begin(worker, response))
        return;
    tags.after_device = list.after_device;
    tags.after = list.after;
    tags.page.limit = list.limit++;
    if (!verdict_filter_is_any(&tags.filter)) {
        list_by_verdict(&tags, list);
        answer_page(&tags.page, tags.total, response);
    } else if (list_has_changed(worker, request, response)) {
        tags_each(worker->store, request->arena, &list, take_any_tag, &tags);
        answer_page(&tags.page, tags_count(worker->store, &list), response);
        keep_page(worker, request, response);
    }
    end_read(worker, response);
}
