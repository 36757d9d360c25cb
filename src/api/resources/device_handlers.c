/* Devices over HTTP. */
#include <string.h>

#include <string.h>

#include "api/handler/handler.h"
#include "api/live/quality_lookup.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/resources/crud.h"
#include "api/routes.h"

static bool find(struct subject *subject, const char *name, struct record *device)
{
    return device_find(subject->worker->store, subject->request->arena, name, device);
}

/* The name of a tag that on_stale is put in for when the device grows stale, or NULL. */
static const char *stale_tag_of(const struct subject *subject, const struct record *device)
{
    struct query query = store_query(
        subject->worker->store, "SELECT min(name) FROM tag WHERE device_id = ?"
                                " AND modbus_on_stale IS NOT NULL AND modbus_on_null = 'hold'");
    const char *name = NULL;
    query_bind(&query, device->id);
    if (query_next(&query)) {
        name = query_text(&query, subject->request->arena);
        query_end(&query);
    }
    return name;
}

static void apply_rules(const struct subject *subject, const struct record *old,
                        struct record *device, struct flaws *flaws, struct flaws *warnings)
{
    const struct common_settings *common = subject->registry.common;
    struct place place = place_of(device, common);
    device_rules(device, place_is_local(&place), &common->units, flaws);
    if (old && !warnings->root)
        device_warn_of_stale(device, stale_tag_of(subject, old), warnings);
}

static void create(const struct subject *subject, struct record *device, struct flaws *flaws,
                   struct flaws *warnings)
{
    (void)warnings;
    registry_create_device(&subject->registry, device, flaws);
}

static void change(const struct subject *subject, const struct record *old, struct record *device,
                   struct flaws *flaws)
{
    registry_change_device(&subject->registry, old, device, flaws);
}

static void remove_device(const struct subject *subject, const struct record *device)
{
    registry_delete_device(&subject->registry, device);
}

static const char *location(const struct subject *subject, const struct record *device)
{
    return arena_format(subject->request->arena, "/api/v1/devices/%s",
                        record_text(device, DEVICE_NAME));
}

static const struct kind device_kind = {
    .resource = &device_resource,
    .param = 0,
    .find = find,
    .apply_rules = apply_rules,
    .create = create,
    .change = change,
    .remove = remove_device,
    .location = location,
};

void post_device(struct worker *worker, const struct request *request, struct response *response)
{
    edit_post(worker, request, &device_kind, response);
}

void get_device(struct worker *worker, const struct request *request, struct response *response)
{
    edit_get(worker, request, &device_kind, NULL, response);
}

void put_device(struct worker *worker, const struct request *request, struct response *response)
{
    edit_put(worker, request, &device_kind, &(struct edit){0}, response);
}

void patch_device(struct worker *worker, const struct request *request, struct response *response)
{
    edit_put(worker, request, &device_kind, &(struct edit){.merge = true}, response);
}

void delete_device(struct worker *worker, const struct request *request, struct response *response)
{
    edit_delete(worker, request, &device_kind, response);
}

void get_device_network(struct worker *worker, const struct request *request,
                        struct response *response)
{
    edit_get(worker, request, &device_kind, "network", response);
}

void put_device_network(struct worker *worker, const struct request *request,
                        struct response *response)
{
    edit_put(worker, request, &device_kind, &(struct edit){.group = "network"}, response);
}

void get_device_mqtt(struct worker *worker, const struct request *request,
                     struct response *response)
{
    edit_get(worker, request, &device_kind, "mqtt", response);
}

void put_device_mqtt(struct worker *worker, const struct request *request,
                     struct response *response)
{
    edit_put(worker, request, &device_kind, &(struct edit){.group = "mqtt"}, response);
}

/* A page of devices. */
struct devices_page {
    struct page page;
    struct worker *worker;
    const char *after;
    struct verdict_filter filter;
    int64_t total; /* with a filter */
};

static bool take_device(void *context, const struct record *device)
{
    struct devices_page *devices = context;
    if (!page_takes(&devices->page, record_text(device, DEVICE_NAME)))
        return false;
    record_write(&device_resource, device, NULL, &devices->page.items);
    return true;
}

static bool take_judged_device(void *context, const struct record *device)
{
    struct devices_page *devices = context;
    struct live_row row;
    struct verdict verdict = judge_device(devices->worker, device, &row);
    if (!verdict_filter_takes(&devices->filter, verdict))
        return true;
    devices->total++;
    if (strcmp(record_text(device, DEVICE_NAME), devices->after) > 0 &&
        take_device(context, device))
        append_verdict(verdict, &devices->page.items);
    return true;
}

void get_devices(struct worker *worker, const struct request *request, struct response *response)
{
    struct list list;
    struct devices_page devices = {.worker = worker};
    if (!read_page(request, &list, response) ||
        !read_verdict_filter(request, &devices.filter, response) || !begin(worker, response))
        return;
    devices.after = list.after;
    devices.page.limit = list.limit++;
    if (!verdict_filter_is_any(&devices.filter)) {
        list.after = "";
        list.limit = -1;
        devices_each(worker->store, request->arena, &list, take_judged_device, &devices);
        answer_page(&devices.page, devices.total, response);
    } else if (list_has_changed(worker, request, response)) {
        devices_each(worker->store, request->arena, &list, take_device, &devices);
        answer_page(&devices.page, devices_count(worker->store, &list), response);
        keep_page(worker, request, response);
    }
    end_read(worker, response);
}

/* A device whose Modbus server takes nothing may be heard as well as ever: what its tags' newest
 * failed write was is its own. Returns the type of the tag that refused the device's newest refused
 * value, or -1. */
static int take_faults_of_tags(struct worker *worker, const struct record *device,
                               struct arena *arena, struct live_row *row)
{
    int type = -1;
    struct query query =
        store_query(worker->store, "SELECT id, slot, modbus_type FROM tag WHERE device_id = ?");
    query_bind(&query, device->id);
    while (query_next(&query)) {
        struct live_row tag;
        int64_t id = query_integer(&query), slot = query_integer(&query);
        live_view_row(&worker->live, LIVE_TAG, id, slot, &tag);
        if (tag.fault != FAULT_NONE && tag.fault == row->fault &&
            tag.fault_wall_ms == row->fault_wall_ms && strcmp(tag.excerpt, row->excerpt) == 0)
            type = name_index(type_names, query_text(&query, arena));
        if (tag.write_fault.fault == FAULT_NONE ||
            (row->write_fault.fault != FAULT_NONE &&
             tag.write_fault_wall_ms <= row->write_fault_wall_ms))
            continue;
        row->write_fault = tag.write_fault;
        row->write_fault_wall_ms = tag.write_fault_wall_ms;
    }
    return type;
}

void get_device_status(struct worker *worker, const struct request *request,
                       struct response *response)
{
    struct record device;
    struct live_row row;
    if (!begin(worker, response))
        return;
    if (!find_device(worker, request, &device, response)) {
        store_rollback(worker->store);
        return;
    }
    struct verdict verdict = judge_device(worker, &device, &row);
    int type = take_faults_of_tags(worker, &device, request->arena, &row);
    if (end_read(worker, response)) {
        struct text *body = &response->body;
        struct place place = place_of(&device, &worker->settings->common);
        json_open(body, '{');
        json_key(body, "device");
        json_string(body, record_text(&device, DEVICE_NAME));
        write_verdict(verdict, body);
        json_key(body, "last_message_at");
        json_time(body, row.value.wall_ms);
        json_key(body, "messages");
        json_integer(body, (int64_t)row.messages);
        json_key(body, "rejects");
        json_integer(body, (int64_t)row.rejects);
        json_key(body, "last_error");
        write_last_error(&row, type, &place, body);
        json_close(body, '}');
        response->status = 200;
    }
    store_rollback(worker->store);
}
