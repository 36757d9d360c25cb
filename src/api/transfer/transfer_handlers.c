/* The whole configuration over HTTP: export and import. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/handler/handler.h"
#include "api/model/record_json.h"
#include "api/routes.h"
#include "api/transfer/import_formats.h"
#include "api/transfer/register_map.h"
#include "api/transfer/tag_table.h"

static const struct list everything = {
    .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};

/* Writes while devices and tags go by, both in order of the device's name. */
struct export
{
    struct worker *worker;
    struct arena rows; /* of the texts of one device's rows */
    struct text *out;
    struct record device;
};

static bool write_tag(void *context, const struct record *tag)
{
    struct export *export = context;
    record_write(&tag_resource, tag, NULL, export->out);
    return true;
}

static bool write_device(void *context, const struct record *device)
{
    struct export *export = context;
    struct text *out = export->out;
    struct list tags = everything;
    tags.device = tags.after_device = record_text(device, DEVICE_NAME);
    record_write(&device_resource, device, NULL, out);
    out->len--; /* the closing brace comes behind the tags */
    json_key(out, "tags");
    json_open(out, '[');
    tags_each(export->worker->store, &export->rows, &tags, write_tag, export);
    arena_finish(&export->rows);
    json_close(out, ']');
    json_close(out, '}');
    return true;
}

static void export_json(struct export *export, const struct request *request)
{
    text_puts(export->out, "{\"devices\":[");
    devices_each(export->worker->store, request->arena, &everything, write_device, export);
    text_puts(export->out, "]}");
}

static bool write_row(void *context, const struct record *tag)
{
    struct export *export = context;
    if (export->device.id != tag->device_id)
        device_find(export->worker->store, &export->rows, tag->device, &export->device);
    table_write_row(&export->device, tag, export->out);
    return true;
}

static void export_csv(struct export *export, const struct request *request)
{
    table_write_header(export->out);
    tags_each(export->worker->store, request->arena, &everything, write_row, export);
    arena_finish(&export->rows);
}

/* The weight that an Accept header gives to a type by its name, and where; 0 for none. */
static double weight_of(const char *accept, const char *type, const char **place)
{
    for (const char *at = accept; at && *at; at += strcspn(at, ",")) {
        at += strspn(at, ", \t");
        size_t len = strcspn(at, ",; \t");
        if (len != strlen(type) || strncasecmp(at, type, len) != 0)
            continue;
        const char *q = strcasestr(at, "q=");
        *place = at;
        return q && q < at + strcspn(at, ",") ? strtod(q + 2, NULL) : 1;
    }
    return 0;
}

/* CSV has to be asked for by its name, and more than the other type, or before it. */
static bool prefers_csv(const struct request *request, const char *other)
{
    const char *csv_at = NULL, *other_at = NULL;
    double csv = weight_of(request->accept, "text/csv", &csv_at);
    double rest = weight_of(request->accept, other, &other_at);
    return csv > 0 && (csv > rest || (csv == rest && csv_at < other_at));
}

enum format { FORMAT_JSON, FORMAT_CSV, FORMAT_MAP };
static const char *const format_names[] = {"json", "csv", "map", NULL};

static bool choose_format(const struct request *request, enum format *format,
                          struct response *response)
{
    const char *asked = argument(&request->arguments, "format", NULL);
    int named = asked ? name_index(format_names, asked) : -1;
    if (asked && named < 0) {
        problem(response, 400, "format must be json, csv or map.");
        return false;
    }
    *format = named >= 0                                 ? (enum format)named
              : prefers_csv(request, "application/json") ? FORMAT_CSV
                                                         : FORMAT_JSON;
    return true;
}

void get_export(struct worker *worker, const struct request *request, struct response *response)
{
    enum format format;
    struct export export = {.worker = worker, .out = &response->body};
    if (!choose_format(request, &format, response) || !begin(worker, response))
        return;
    if (!list_has_changed(worker, request, response)) {
        end_read(worker, response);
        return;
    }
    if (format == FORMAT_CSV) {
        export_csv(&export, request);
        response->content_type = "text/csv; charset=utf-8; header=present";
        response->disposition = "attachment; filename=\"tagferry.csv\"";
    } else if (format == FORMAT_JSON) {
        export_json(&export, request);
    } else {
        bool csv = prefers_csv(request, "text/html");
        register_map(worker, request->arena, csv, &response->body);
        response->content_type =
            csv ? "text/csv; charset=utf-8; header=present" : "text/html; charset=utf-8";
    }
    end_read(worker, response);
}

/* The options of an import, from the query. */
struct import_options {
    bool replace, dry_run;
    bool show_changes;
};

static bool read_options(const struct request *request, struct import_options *options,
                         struct response *response)
{
    const char *changes = argument(&request->arguments, "changes", "all");
    const char *mode = argument(&request->arguments, "mode", "merge");
    const char *dry = argument(&request->arguments, "dry_run", "false");
    options->replace = strcmp(mode, "replace") == 0;
    options->dry_run = strcmp(dry, "true") == 0;
    options->show_changes = strcmp(changes, "all") == 0;
    if (!options->replace && strcmp(mode, "merge") != 0)
        problem(response, 400, "mode must be merge or replace.");
    else if (!options->dry_run && strcmp(dry, "false") != 0)
        problem(response, 400, "dry_run must be true or false.");
    else if (!options->show_changes && strcmp(changes, "none") != 0)
        problem(response, 400, "changes must be all or none.");
    else
        return true;
    return false;
}

static bool is_csv(const struct request *request)
{
    return request->content_type && strncasecmp(request->content_type, "text/csv", 8) == 0;
}

static void write_counts(const struct import *import, struct text *body)
{
    json_key(body, "created");
    json_integer(body, import->created);
    json_key(body, "changed");
    json_integer(body, import->changed);
    json_key(body, "deleted");
    json_integer(body, import->deleted);
}

/* The audit's own row of an import that changed something. */
static void note_import(struct worker *worker, const struct import *import)
{
    struct text counts = {0};
    json_open(&counts, '{');
    write_counts(import, &counts);
    json_key(&counts, "details");
    json_integer(&counts, import->registry.audit->written < AUDIT_DETAILS_MAX
                              ? import->registry.audit->written
                              : AUDIT_DETAILS_MAX);
    json_close(&counts, '}');
    audit_note_whole(worker->store, import->registry.audit, "import", counts.data);
    text_finish(&counts);
}

static void answer_import(const struct import *import, bool dry_run, struct response *response)
{
    struct text *body = &response->body;
    response->status = 200;
    json_open(body, '{');
    write_counts(import, body);
    json_key(body, "dry_run");
    json_bool(body, dry_run);
    if (import->warnings.count > 0) {
        json_key(body, "warnings");
        flaws_write(&import->warnings, body);
    }
    if (import->changes) {
        json_key(body, "changes");
        json_open(body, '[');
        text_add(body, import->changes->data, import->changes->len);
        json_close(body, ']');
    }
    json_close(body, '}');
}

static void finish_import(struct worker *worker, struct import *import, bool dry_run,
                          struct response *response)
{
    bool changes_any = !dry_run && store_touched(worker->store);
    if (changes_any)
        note_import(worker, import);
    if (store_failed(worker->store))
        answer_store_failed(worker, response);
    else if (import->flaws.found > 0)
        problem_of_flaws(response, 422, &import->flaws);
    else if (import->conflicts.found > 0)
        problem_of_flaws(response, 409, &import->conflicts);
    else if (!changes_any || end_read(worker, response))
        answer_import(import, dry_run, response);
}

void post_import(struct worker *worker, const struct request *request, struct response *response)
{
    struct import_options options;
    char why[128];
    struct text changes = {0};
    struct registry registry = registry_of(worker, request);
    if (!read_options(request, &options, response) || !begin(worker, response))
        return;
    if (!if_match_holds(request, store_revision(worker->store), response)) {
        store_rollback(worker->store);
        return;
    }
    struct import import = import_begin(&registry);
    import.replace = options.replace;
    import.changes = options.show_changes ? &changes : NULL;
    bool readable = true;
    if (is_csv(request))
        import_csv(&import, request->body, request->body_len);
    else
        readable = import_json(&import, request->body, request->body_len, why, sizeof why);
    if (readable)
        finish_import(worker, &import, options.dry_run, response);
    else
        problem(response, 400, "%s", why);
    store_rollback(worker->store);
    text_finish(&changes);
}
