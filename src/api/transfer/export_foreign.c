/* Writes files of KEPServerEX and Ignition. */
#include "api/transfer/export_foreign.h"

#include <ctype.h>
#include <string.h>

#include "api/foreign/foreign_ignition.h"
#include "api/foreign/foreign_kepware.h"
#include "api/http/problem.h"
#include "api/model/record_location.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"
#include "common/base/gateway_name.h"
#include "common/base/require.h"

enum { LOCATIONS_SHOWN = 8 };

/* The context of the functions that write one tag. Tags are read in the order of their devices. */
struct foreign_export {
    struct thread_ctx *thread_ctx;
    struct arena rows; /* of the tags of one device */
    struct text *out;
    const char *connection; /* in Ignition, of the local server */
    int64_t unit;           /* only this unit of the local server; -1: all */
    const char *gateway;    /* only what this gateway holds; NULL: one device, wherever it is */
    bool counts_only;       /* only collect the locations */
    struct modbus_location locations[LOCATIONS_SHOWN];
    size_t location_count; /* also those beyond LOCATIONS_SHOWN */
    struct record device;  /* of the last tag; id 0 before the first */
    struct modbus_location location;
    bool is_chosen;
    bool in_folder;
    void (*write)(struct foreign_export *foreign_export, const struct foreign_tag *tag);
};

static struct foreign_tag make_foreign_tag(const struct foreign_export *foreign_export,
                                           const struct record *record)
{
    const struct record *device = &foreign_export->device;
    struct point point = record_tag_point(record);
    const char *direction = record_field_text(record, TAG_DIRECTION);
    enum modbus_table table = (enum modbus_table)point.table;
    return (struct foreign_tag){.device = record_field_text(device, DEVICE_NAME),
                                .name = record_field_text(record, TAG_NAME),
                                .table = table,
                                .address = point.address,
                                .bit = point.bit,
                                .unit = foreign_export->location.unit,
                                .length = point.length,
                                .type = type_names[point.type],
                                .byte_order = order_names[point.order],
                                .byte = record_field_text(record, TAG_BYTE),
                                .scale = point.scale,
                                .offset = point.offset,
                                .eng_unit = record_field_text(record, TAG_UNIT),
                                .description = record_field_text(record, TAG_DESCRIPTION),
                                .writable = table_is_writable(table) &&
                                            (strcmp(direction, direction_names[TO_MQTT]) == 0 ||
                                             strcmp(direction, direction_names[BOTH_WAYS]) == 0),
                                .disabled = !record_field_integer(device, DEVICE_ENABLED) ||
                                            !record_field_integer(record, TAG_ENABLED)};
}

static void note_location(struct foreign_export *foreign_export)
{
    const struct modbus_location *location = &foreign_export->location;
    size_t known = foreign_export->location_count;
    for (size_t i = 0; i < known && i < LOCATIONS_SHOWN; i++) {
        if (modbus_location_is_equal(&foreign_export->locations[i], location))
            return;
    }
    if (known < LOCATIONS_SHOWN)
        foreign_export->locations[known] = *location;
    foreign_export->location_count++;
}

static void end_folder(struct foreign_export *foreign_export)
{
    if (foreign_export->in_folder)
        foreign_ignition_write_device_end(foreign_export->out);
    foreign_export->in_folder = false;
}

/* For record_store_each_tag. */
static bool foreign_export_tag(void *context, const struct record *record)
{
    struct foreign_export *foreign_export = context;
    struct thread_ctx *thread_ctx = foreign_export->thread_ctx;
    if (foreign_export->device.id != record->device_id) {
        end_folder(foreign_export);
        arena_finish(&foreign_export->rows);
        foreign_export->is_chosen = record_store_find_device(
            thread_ctx->store, &foreign_export->rows, record->device, &foreign_export->device);
        if (!foreign_export->is_chosen)
            return true;
        foreign_export->location =
            modbus_location_of(&foreign_export->device, &thread_ctx->settings->common);
        foreign_export->location.gateway[0] = '\0'; /* at one gateway all have one server */
        foreign_export->is_chosen =
            !foreign_export->gateway ||
            gateway_holds_device(foreign_export->gateway,
                                 record_field_text(&foreign_export->device, DEVICE_GATEWAY));
        if (foreign_export->unit >= 0)
            foreign_export->is_chosen &= modbus_location_is_local(&foreign_export->location) &&
                                         foreign_export->location.unit == foreign_export->unit;
        if (foreign_export->is_chosen && foreign_export->counts_only)
            note_location(foreign_export);
    }
    if (foreign_export->is_chosen && !foreign_export->counts_only) {
        const struct foreign_tag tag = make_foreign_tag(foreign_export, record);
        foreign_export->write(foreign_export, &tag);
    }
    return true;
}

static void write_kepware_row(struct foreign_export *foreign_export, const struct foreign_tag *tag)
{
    foreign_kepware_write_tag(&foreign_export->rows, tag, foreign_export->out);
}

/* Returns the name of the connection in Ignition: for another server its host and port. */
static const char *ignition_connection(struct foreign_export *foreign_export)
{
    if (modbus_location_is_local(&foreign_export->location))
        return foreign_export->connection;
    char *name = arena_strdup(&foreign_export->rows, foreign_export->location.server);
    for (char *at = name; *at; at++) {
        if (!isalnum((unsigned char)*at))
            *at = '_';
    }
    return name;
}

static void write_ignition_tag(struct foreign_export *foreign_export, const struct foreign_tag *tag)
{
    if (!foreign_export->in_folder)
        foreign_ignition_write_device_begin(&foreign_export->rows, tag->device,
                                            foreign_export->out);
    foreign_export->in_folder = true;
    foreign_ignition_write_tag(&foreign_export->rows, tag, ignition_connection(foreign_export),
                               foreign_export->out);
}

/* Reads the query, and fills the filter. False after an answer. */
static bool read_choice(struct foreign_export *foreign_export, const struct request *request,
                        struct record_filter *filter, struct response *response)
{
    const char *why = NULL;
    struct record device;
    *filter = (struct record_filter){
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    foreign_export->unit = -1;
    foreign_export->out = &response->body;
    foreign_export->connection = query_param(&request->query_params, "connection", "Tagferry");
    filter->device = query_param(&request->query_params, "device", "");
    const char *own = foreign_export->thread_ctx->settings->common.gateway;
    foreign_export->gateway =
        query_param(&request->query_params, "gateway", *filter->device ? NULL : own);
    if (foreign_export->gateway && *foreign_export->gateway &&
        !gateway_name_is_valid(foreign_export->gateway)) {
        problem_respond(response, 400, "gateway " GATEWAY_NAME_RULE ".");
        return false;
    }
    if (!query_param_number(&request->query_params, "unit", 0, 255, request->arena,
                            &foreign_export->unit, &why)) {
        problem_respond(response, 400, "%s", why);
        return false;
    }
    if (!*foreign_export->connection || strpbrk(foreign_export->connection, "[]")) {
        problem_respond(response, 400,
                        "connection must be the name of the device connection in Ignition, "
                        "without brackets.");
        return false;
    }
    if (*filter->device && !record_store_find_device(foreign_export->thread_ctx->store,
                                                     request->arena, filter->device, &device)) {
        problem_respond(response, 404, "There is no device \"%.64s\".", filter->device);
        return false;
    }
    if (*filter->device)
        filter->after_device = filter->device;
    return true;
}

bool export_write_kepware(struct thread_ctx *thread_ctx, const struct request *request,
                          struct response *response)
{
    struct foreign_export foreign_export = {
        .thread_ctx = thread_ctx, .write = write_kepware_row, .counts_only = true};
    struct record_filter filter;
    if (!read_choice(&foreign_export, request, &filter, response))
        return false;
    record_store_each_tag(thread_ctx->store, request->arena, &filter, foreign_export_tag,
                          &foreign_export);
    if (foreign_export.location_count > 1) {
        struct text list = {0};
        for (size_t i = 0; i < foreign_export.location_count && i < LOCATIONS_SHOWN; i++) {
            const struct modbus_location *location = &foreign_export.locations[i];
            text_printf(&list, "%s%s unit %u", i > 0 ? ", " : "",
                        modbus_location_is_local(location) ? "Tagferry" : location->server,
                        location->unit);
        }
        problem_respond(
            response, 400,
            "A file of KEPServerEX is of one device, but these registers are in several "
            "units or servers: %s%s. Choose with unit=, or with device=.",
            list.data, foreign_export.location_count > LOCATIONS_SHOWN ? ", …" : "");
        text_finish(&list);
        arena_finish(&foreign_export.rows);
        return false;
    }
    foreign_export.counts_only = false;
    foreign_export.device.id = 0;
    foreign_kepware_write_header(foreign_export.out);
    record_store_each_tag(thread_ctx->store, request->arena, &filter, foreign_export_tag,
                          &foreign_export);
    arena_finish(&foreign_export.rows);
    return true;
}

bool export_write_ignition(struct thread_ctx *thread_ctx, const struct request *request,
                           struct response *response)
{
    struct foreign_export foreign_export = {.thread_ctx = thread_ctx, .write = write_ignition_tag};
    struct record_filter filter;
    if (!read_choice(&foreign_export, request, &filter, response))
        return false;
    foreign_ignition_write_begin(foreign_export.out);
    record_store_each_tag(thread_ctx->store, request->arena, &filter, foreign_export_tag,
                          &foreign_export);
    end_folder(&foreign_export);
    foreign_ignition_write_end(foreign_export.out);
    arena_finish(&foreign_export.rows);
    return true;
}
