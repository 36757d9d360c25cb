/* The whole configuration over HTTP: export and import. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/handler/confirm.h"
#include "api/handler/paging.h"
#include "api/handler/precondition.h"
#include "api/handler/request_input.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/accept.h"
#include "api/http/problem.h"
#include "api/model/record_json.h"
#include "api/store/profile_store.h"
#include "api/store/record_store.h"
#include "api/transfer/export_foreign.h"
#include "api/transfer/import.h"
#include "api/transfer/import_foreign.h"
#include "api/transfer/register_map.h"
#include "api/transfer/tag_table.h"
#include "api/transfer/transfer_routes.h"
#include "api/transfer/xlsx_write.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "common/model/tag.h"

static const struct record_filter all_records = {
    .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};

/* The values of the map `within`. */
static const char named_stored[] = "in the store", named_unknown[] = "in the file only";

/* Reads the names of `device`, which commas separate. False without the parameter. */
static bool transfer_read_devices(const struct request *request, struct string_map *names)
{
    const char *all = query_param(&request->query_params, "device", NULL);
    *names = (struct string_map){.arena = request->arena};
    for (const char *at = all; at && *at;) {
        size_t len = strcspn(at, ",");
        const char *name = arena_strndup(request->arena, at, len);
        if (len > 0 && !string_map_find(names, name))
            string_map_add(names, name, (void *)named_unknown);
        at += len + (at[len] == ',');
    }
    return all != NULL;
}

/* The context of the functions that write one device or tag. Tags are read in the order of their
 * devices. */
struct export
{
    struct thread_ctx *thread_ctx;
    struct arena rows; /* the texts of the tags of one device */
    struct text *out;
    struct record device; /* for tables: the device of the last tag; id 0 before the first */
    struct tag_table_columns columns;
    char separator;
    struct xlsx_sheet_text *sheet; /* of a workbook; NULL for CSV */
    bool any_tag;
    bool is_bounded;          /* only the devices in `within` */
    struct string_map within; /* by name */
};

static bool export_takes_device(const struct export *export, const char *name)
{
    return !export->is_bounded || string_map_find(&export->within, name);
}

static const char xlsx_type[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/* The tags of a profile follow from the device and the profile. */
static bool export_json_tag(void *context, const struct record *tag)
{
    struct export *export = context;
    if (tag->profile_tag != 0)
        return true;
    record_json_write(&tag_resource, tag, NULL, export->out);
    return true;
}

static bool export_json_device(void *context, const struct record *device)
{
    struct export *export = context;
    struct text *out = export->out;
    struct record_filter tags = all_records;
    tags.device = tags.after_device = record_field_text(device, DEVICE_NAME);
    if (!export_takes_device(export, tags.device))
        return true;
    record_json_write(&device_resource, device, NULL, out);
    REQUIRE(out->len > 0 && out->data[out->len - 1] == '}');
    out->len--; /* the closing brace follows the tags */
    json_write_key(out, "tags");
    json_open(out, '[');
    record_store_each_tag(export->thread_ctx->store, &export->rows, &tags, export_json_tag, export);
    arena_finish(&export->rows);
    json_close(out, ']');
    json_close(out, '}');
    return true;
}

static bool export_json_profile(void *context, const char *name)
{
    struct export *export = context;
    struct store *store = export->thread_ctx->store;
    const struct profile *profile = profile_store_find(store, &export->rows, name);
    if (profile)
        profile_write(profile, profile_store_count_devices(store, name), export->out);
    arena_finish(&export->rows);
    return true;
}

static bool export_note_device(void *context, const struct record *device)
{
    struct export *export = context;
    if (export_takes_device(export, record_field_text(device, DEVICE_NAME)))
        tag_table_note_fields(&export->columns, &device_resource, device);
    return true;
}

static bool export_note_tag(void *context, const struct record *tag)
{
    struct export *export = context;
    if (export_takes_device(export, tag->device))
        tag_table_note_fields(&export->columns, &tag_resource, tag);
    return true;
}

static void export_write_row(struct export *export, const struct record *tag)
{
    if (export->sheet)
        xlsx_write_row(export->sheet, &export->device, tag);
    else
        tag_table_write_row(&export->columns, export->separator, &export->device, tag, export->out);
}

static bool export_table_tag(void *context, const struct record *tag)
{
    struct export *export = context;
    export->any_tag = true;
    export_write_row(export, tag);
    return true;
}

/* Writes a row for each tag of the device, or one for the device if it has none. */
static bool export_table_device(void *context, const struct record *device)
{
    struct export *export = context;
    struct record_filter tags = all_records;
    export->device = *device;
    export->any_tag = false;
    tags.device = tags.after_device = record_field_text(device, DEVICE_NAME);
    if (!export_takes_device(export, tags.device))
        return true;
    record_store_each_tag(export->thread_ctx->store, &export->rows, &tags, export_table_tag,
                          export);
    if (!export->any_tag)
        export_write_row(export, NULL);
    arena_finish(&export->rows);
    return true;
}

/* Writes the table with the columns that the records need. */
static void export_write_table(struct export *export, struct arena *arena)
{
    struct store *store = export->thread_ctx->store;
    record_store_each_device(store, arena, &all_records, export_note_device, export);
    record_store_each_tag(store, &export->rows, &all_records, export_note_tag, export);
    arena_finish(&export->rows);
    tag_table_list_columns(&export->columns);
    if (export->sheet) {
        xlsx_write_header(export->sheet, &export->columns);
    } else {
        if (export->separator == ';')
            text_puts(export->out, "\xef\xbb\xbf"); /* without it Excel does not read UTF-8 */
        tag_table_write_header(&export->columns, export->separator, export->out);
    }
    record_store_each_device(store, arena, &all_records, export_table_device, export);
}

enum export_format {
    FORMAT_JSON,
    FORMAT_CSV,
    FORMAT_MAP,
    FORMAT_XLSX,
    FORMAT_KEPWARE,
    FORMAT_IGNITION
};
static const char *const format_names[] = {"json",    "csv",      "map", "xlsx",
                                           "kepware", "ignition", NULL};
_Static_assert(sizeof format_names / sizeof format_names[0] == FORMAT_IGNITION + 2,
               "a name for each");

/* Writes the file of another product. Parameters choose the devices. */
static bool export_foreign_file(struct thread_ctx *thread_ctx, const struct request *request,
                                int format, struct response *response)
{
    bool is_kepware = format == FORMAT_KEPWARE;
    if (!(is_kepware ? export_write_kepware : export_write_ignition)(thread_ctx, request, response))
        return false;
    if (is_kepware)
        response->content_type = "text/csv; charset=utf-8; header=present";
    response->disposition = is_kepware ? "attachment; filename=\"tagferry-kepware.csv\""
                                       : "attachment; filename=\"tagferry-ignition.json\"";
    return true;
}

/* True when no parameter is given that is for other formats. */
static bool export_check_params(const struct request *request, int format,
                                struct response *response)
{
    static const char *const names[] = {"device", "unit", "connection", "gateway"};
    /* Every format but the register map takes devices. */
    for (size_t i = format == FORMAT_MAP ? 0 : 1; i < sizeof names / sizeof names[0]; i++) {
        if (format < FORMAT_KEPWARE && query_param(&request->query_params, names[i], NULL)) {
            problem_respond(response, 400,
                            i == 0 ? "%s does not go with format=map."
                                   : "%s goes only with format=kepware or ignition.",
                            names[i]);
            return false;
        }
    }
    return true;
}

/* Reads the devices that are wanted. False after 404: one of them is not in the store. */
static bool export_find_devices(struct export *export, const struct request *request,
                                struct response *response)
{
    struct record device;
    struct store *store = export->thread_ctx->store;
    export->is_bounded = transfer_read_devices(request, &export->within);
    for (size_t i = 0; i < export->within.capacity; i++) {
        const char *name = export->within.entries[i].name;
        if (!name || record_store_find_device(store, request->arena, name, &device))
            continue;
        problem_respond(response, 404, "There is no device \"%.64s\".", name);
        store_rollback(store);
        return false;
    }
    return true;
}

static void export_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                              struct response *response)
{
    static const char csv_type[] = "text/csv; charset=utf-8; header=present";
    struct export export = {.thread_ctx = thread_ctx, .out = &response->body};
    const char *asked = query_param(&request->query_params, "format", NULL);
    int format = asked ? name_list_find(format_names, asked)
                 : accept_prefers(request->accept, xlsx_type, "application/json")  ? FORMAT_XLSX
                 : accept_prefers(request->accept, "text/csv", "application/json") ? FORMAT_CSV
                                                                                   : FORMAT_JSON;
    if (format < 0) {
        problem_respond(response, 400, "format must be json, csv, xlsx, map, kepware or ignition.");
        return;
    }
    const char *delimiter = query_param(&request->query_params, "delimiter", "comma");
    export.separator = strcmp(delimiter, "semicolon") == 0 ? ';' : ',';
    if (export.separator == ',' && strcmp(delimiter, "comma") != 0) {
        problem_respond(response, 400, "delimiter must be comma or semicolon.");
        return;
    }
    if (!export_check_params(request, format, response) || !transaction_begin(thread_ctx, response))
        return;
    if (!paging_must_build(thread_ctx, request, response)) {
        transaction_commit(thread_ctx, response);
        return;
    }
    if (format < FORMAT_KEPWARE && !export_find_devices(&export, request, response))
        return;
    if (format == FORMAT_CSV) {
        export_write_table(&export, request->arena);
        response->content_type = csv_type;
        response->disposition = "attachment; filename=\"tagferry.csv\"";
    } else if (format == FORMAT_XLSX) {
        struct xlsx_sheet_text sheet = {0};
        export.sheet = &sheet;
        export_write_table(&export, request->arena);
        xlsx_write_workbook(&sheet, export.out);
        response->content_type = xlsx_type;
        response->disposition = "attachment; filename=\"tagferry.xlsx\"";
    } else if (format == FORMAT_JSON) {
        text_puts(export.out, "{\"profiles\":[");
        profile_store_each_name(thread_ctx->store, request->arena, "", "", export_json_profile,
                                &export);
        text_puts(export.out, "],\"devices\":[");
        record_store_each_device(thread_ctx->store, request->arena, &all_records,
                                 export_json_device, &export);
        text_puts(export.out, "]}");
    } else if (format != FORMAT_MAP) {
        if (!export_foreign_file(thread_ctx, request, format, response)) {
            if (store_has_failed(thread_ctx->store)) /* a device may be there that was not found */
                transaction_answer_failed(thread_ctx, response);
            store_rollback(thread_ctx->store);
            return;
        }
    } else {
        bool csv = accept_prefers(request->accept, "text/csv", "text/html");
        register_map_write(thread_ctx, request->arena, csv, export.out);
        response->content_type = csv ? csv_type : "text/html; charset=utf-8";
    }
    transaction_commit(thread_ctx, response);
}

/* The options of an import, from the query. */
struct import_options {
    bool replace, dry_run;
    bool show_changes;
    bool as_text; /* answer for people */
    import_reader *read;
    bool is_foreign; /* a file of another product */
    struct foreign_options foreign;
    int64_t confirm;
    bool is_bounded;          /* with replace: delete only in `within` */
    struct string_map within; /* devices by name */
};

/* Finds out which devices of `within` are in the store, before the import deletes any. */
static void import_find_named_devices(struct import_options *options, struct store *store,
                                      struct arena *arena)
{
    struct record device;
    for (size_t i = 0; i < options->within.capacity; i++) {
        struct string_map_entry *entry = &options->within.entries[i];
        if (entry->name && record_store_find_device(store, arena, entry->name, &device))
            entry->value = (void *)named_stored;
    }
}

/* A name of `device` that is nowhere is probably an error. */
static bool import_check_named_devices(const struct import_options *options,
                                       const struct import *import, struct response *response)
{
    for (size_t i = 0; options->replace && i < options->within.capacity; i++) {
        const char *name = options->within.entries[i].name;
        if (!name || options->within.entries[i].value == named_stored ||
            string_map_find(&import->devices, name))
            continue;
        problem_respond(response, 400,
                        "device: neither the store nor the file has a device \"%.64s\".", name);
        return false;
    }
    return true;
}

/* The formats of a body. The first one is that of a body without a type. */
static const struct {
    const char *name, *content_type;
    import_reader *read;
} import_formats[] = {{"json", "application/json", import_read_json},
                      {"csv", "text/csv", import_read_csv},
                      {"xlsx", xlsx_type, import_read_xlsx}};

enum { IMPORT_FORMATS = sizeof import_formats / sizeof import_formats[0] };

/* Tells from the bytes what a body is whose type does not say it. */
static import_reader *import_guess_reader(const struct request *request)
{
    const char *body = request->body ? request->body : "";
    size_t at = 0, len = request->body_len;
    if (len >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0)
        at = 3;
    while (at < len && body[at] && strchr(" \t\r\n", body[at]))
        at++;
    return at < len && body[at] == '{' ? import_read_json : import_read_csv;
}

/* True for a workbook, also an old one, which the reader of workbooks refuses. */
static bool body_is_workbook(const struct request *request)
{
    static const char old[] = "\xd0\xcf\x11\xe0", zip[] = "PK\3\4";
    return request->body_len >= 4 &&
           (memcmp(request->body, zip, 4) == 0 || memcmp(request->body, old, 4) == 0);
}

/* Finds the reader of the parameter format or, without it, of the type of the body. */
static import_reader *import_find_reader(const struct request *request)
{
    const char *type = request->content_type ? request->content_type : "";
    const char *format = query_param(&request->query_params, "format", NULL);
    size_t len = strcspn(type, "; \t");
    if ((!format || strcmp(format, "csv") == 0) && body_is_workbook(request))
        return import_read_xlsx;
    for (size_t i = 0; i < IMPORT_FORMATS; i++) {
        const char *own = import_formats[i].content_type;
        if (format ? strcmp(format, import_formats[i].name) == 0
                   : strlen(own) == len && strncasecmp(own, type, len) == 0)
            return import_formats[i].read;
    }
    return *type ? import_guess_reader(request) : import_formats[0].read;
}

static bool import_read_options(const struct request *request, struct import_options *options,
                                struct response *response)
{
    const char *changes = query_param(&request->query_params, "changes", "all");
    const char *mode = query_param(&request->query_params, "mode", "merge");
    options->is_bounded = transfer_read_devices(request, &options->within);
    options->read = import_find_reader(request);
    bool is_table = options->read != import_read_json;
    if (!import_foreign_read_options(request, is_table, &options->is_foreign, &options->foreign,
                                     response) ||
        !request_read_dry_run(request, &options->dry_run, response))
        return false;
    options->replace = strcmp(mode, "replace") == 0;
    options->show_changes = strcmp(changes, "all") == 0;
    options->as_text = accept_prefers(request->accept, "text/plain", "application/json");
    if (!options->replace && strcmp(mode, "merge") != 0)
        problem_respond(response, 400, "mode must be merge or replace.");
    else if (!options->show_changes && strcmp(changes, "none") != 0)
        problem_respond(response, 400, "changes must be all or none.");
    else if (options->is_bounded && !options->replace && !options->is_foreign && !is_table)
        problem_respond(response, 400, "device bounds what mode=replace deletes; mode is merge.");
    else if (options->is_bounded && options->within.count == 0)
        problem_respond(response, 400,
                        "device must have the name of a device, or several names "
                        "separated by commas.");
    else
        return confirm_read(request, &options->confirm, response);
    return false;
}

static void import_write_counts(const struct import *import, struct text *body)
{
    json_write_key(body, "created");
    json_write_integer(body, import->created);
    json_write_key(body, "changed");
    json_write_integer(body, import->changed);
    json_write_key(body, "deleted");
    json_write_integer(body, import->deleted);
}

static void import_put_warnings(const struct import *import, struct arena *arena, struct text *body)
{
    if (import->warnings.count == 0)
        return;
    text_puts(body, "\nWarnings:\n");
    import_report_write_faults(&import->warnings, arena, body);
}

/* Answers with the faults, as a problem or as a table. */
static void import_answer_faults(struct import *import, bool as_text, struct arena *arena,
                                 struct response *response)
{
    struct validation *faults = &import->validation;
    int status = faults->found > 0 || import->conflicts.invalid ? 422 : 409;
    validation_join(faults, &import->conflicts);
    validation_sort(faults);
    if (!as_text) {
        problem_respond_errors(response, status, faults);
        return;
    }
    text_finish(&response->body);
    text_printf(&response->body, "Nothing was imported: there %s %zu fault%s.\n\n",
                faults->found == 1 ? "is" : "are", faults->found, faults->found == 1 ? "" : "s");
    import_report_write_faults(faults, arena, &response->body);
    bool overlaps = false;
    for (size_t i = 0; i < import->conflicts.count; i++)
        overlaps = overlaps || strcmp(import->conflicts.items[i].code, "overlap") == 0;
    if (overlaps)
        text_puts(&response->body,
                  "\nEach register belongs to one tag, and up to 100 overlaps are listed. Give the "
                  "tag another address, or the device a unit_id of its own.\n");
    import_put_warnings(import, arena, &response->body);
    response->status = status;
    response->content_type = "text/plain; charset=utf-8";
    response->etag = response->location = NULL;
}

static void import_answer_text(const struct import *import, bool dry_run, struct arena *arena,
                               struct response *response)
{
    struct text *body = &response->body;
    text_printf(body, "%s%lld created, %lld changed, %lld deleted.\n",
                dry_run ? "Nothing is imported yet, this is a dry run: " : "Imported: ",
                (long long)import->created, (long long)import->changed, (long long)import->deleted);
    import_report_write_changes(&import->report, body);
    import_put_warnings(import, arena, body);
    response->content_type = "text/plain; charset=utf-8";
}

static void import_answer_json(const struct import *import, bool dry_run, struct response *response)
{
    struct text *body = &response->body;
    json_open(body, '{');
    import_write_counts(import, body);
    json_write_key(body, "dry_run");
    json_write_bool(body, dry_run);
    if (import->warnings.count > 0) {
        json_write_key(body, "warnings");
        validation_write_errors(&import->warnings, body);
    }
    if (import->report.form == REPORT_JSON) {
        json_write_key(body, "changes");
        json_open(body, '[');
        text_append(body, import->report.changes.data ? import->report.changes.data : "",
                    import->report.changes.len);
        json_close(body, ']');
    }
    json_close(body, '}');
}

/* Returns "3 devices and 40 tags that the file does not have", with profiles if there are some. */
static const char *import_describe_deletions(const struct import *import)
{
    struct arena *arena = import->config_service.arena;
    size_t devices = (size_t)import->deleted_devices, profiles = (size_t)import->deleted_profiles;
    size_t tags = (size_t)import->deleted - devices - profiles;
    const char *more = arena_format(arena, ", %zu profile%s", profiles, plural_suffix(profiles));
    return arena_format(arena, "%zu device%s%s and %zu tag%s that the file does not have", devices,
                        plural_suffix(devices), profiles ? more : "", tags, plural_suffix(tags));
}

/* Adds the audit row of the whole import, commits and responds, unless there are errors: the
 * response then has those. */
static void import_commit(struct thread_ctx *thread_ctx, const struct request *request,
                          struct import *import, const struct import_options *options,
                          struct response *response)
{
    struct audit *audit = import->config_service.audit;
    bool changes_any = !options->dry_run && store_has_changed(thread_ctx->store);
    if (changes_any) {
        struct text counts = {0};
        json_open(&counts, '{');
        import_write_counts(import, &counts);
        audit_add_bulk_change(thread_ctx->store, audit, "import", &counts);
    }
    if (store_has_failed(thread_ctx->store)) {
        transaction_answer_failed(thread_ctx, response);
        return;
    }
    if (import->validation.found > 0 || import->conflicts.found > 0) {
        import_answer_faults(import, options->as_text, request->arena, response);
        return;
    }
    if (!options->dry_run &&
        !confirm_check(request, options->confirm, import->deleted + *import->config_service.dropped,
                       import_describe_deletions(import), response))
        return;
    if (changes_any && !transaction_commit(thread_ctx, response))
        return;
    response->status = 200;
    if (options->as_text)
        import_answer_text(import, options->dry_run, request->arena, response);
    else
        import_answer_json(import, options->dry_run, response);
}

static void import_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    struct import_options options;
    char why[128];
    struct config_service config_service = config_service_for_request(thread_ctx, request);
    if (!import_read_options(request, &options, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    if (!precondition_check_if_match(thread_ctx, request, store_read_revision(thread_ctx->store),
                                     response)) {
        store_rollback(thread_ctx->store);
        return;
    }
    import_find_named_devices(&options, thread_ctx->store, request->arena);
    struct import import = import_make_ctx(&config_service);
    import.replace = options.replace;
    import.show_unchanged = options.dry_run;
    import.sheet = query_param(&request->query_params, "sheet", NULL);
    import.within = options.is_bounded && options.replace ? &options.within : NULL;
    if (!options.is_foreign) {
        import.device = options.within.count == 1 ? options.foreign.device : NULL;
        import.topic = options.foreign.topic;
        import.command_topic = options.foreign.command_topic;
    }
    if (options.show_changes)
        import.report.form = options.as_text ? REPORT_TEXT : REPORT_JSON;
    bool readable = options.is_foreign
                        ? import_read_foreign(&import, &options.foreign, request->body,
                                              request->body_len, why, sizeof why)
                        : options.read(&import, request->body, request->body_len, why, sizeof why);
    if (!readable)
        problem_respond(response, 400, "%s", why);
    else if (store_has_failed(thread_ctx->store))
        transaction_answer_failed(thread_ctx, response);
    else if (import_check_named_devices(&options, &import, response))
        import_commit(thread_ctx, request, &import, &options, response);
    store_rollback(thread_ctx->store);
    text_finish(&import.report.changes);
}

static const struct route transfer_rows[] = {
    {METHOD_GET, API_PREFIX "/export", QUEUE_REPORT, .handle = export_handle_get,
     .query_params = "format delimiter device unit connection gateway"},
    {METHOD_POST, API_PREFIX "/import", QUEUE_STORE, BODY_TABLE, .handle = import_handle_post,
     .query_params =
         "mode dry_run changes device confirm format sheet topic command_topic byte_order unit "
         "base"},
};

const struct route_table transfer_routes = ROUTE_TABLE(transfer_rows);
