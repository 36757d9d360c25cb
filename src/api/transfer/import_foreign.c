/* Reads files of other products. */
#include "api/transfer/import_foreign.h"

#include <string.h>

#include "api/base/csv.h"
#include "api/base/plain_name.h"
#include "api/base/text_encoding.h"
#include "api/foreign/foreign_ignition.h"
#include "api/foreign/foreign_kepware.h"
#include "api/foreign/foreign_neuron.h"
#include "api/http/problem.h"
#include "api/http/query.h"
#include "api/model/record_json.h"
#include "api/store/record_store.h"
#include "api/transfer/import_table.h"
#include "api/transfer/xlsx_read.h"
#include "common/model/value.h"

/* The columns of the table. */
enum foreign_column {
    FOREIGN_DEVICE,
    FOREIGN_TAG,
    FOREIGN_ADDRESS,
    FOREIGN_BIT,
    FOREIGN_LENGTH,
    FOREIGN_UNIT_ID,
    FOREIGN_TYPE,
    FOREIGN_BYTE_ORDER,
    FOREIGN_SCALE,
    FOREIGN_OFFSET,
    FOREIGN_UNIT,
    FOREIGN_DESCRIPTION,
    FOREIGN_ENABLED,
    FOREIGN_TOPIC,
    FOREIGN_DIRECTION,
    FOREIGN_COMMAND_TOPIC,
    FOREIGN_KEY,
    FOREIGN_DEVICE_LABEL,
    FOREIGN_LABEL,
    FOREIGN_BYTE,
    FOREIGN_COLUMNS
};

/* Their names here, and what holds their values in each product. */
static const struct {
    const char *name, *in[3]; /* by enum foreign_format */
} foreign_columns[FOREIGN_COLUMNS] = {
    [FOREIGN_DEVICE] = {"device", {"Tag Name", "name", "group"}},
    [FOREIGN_TAG] = {"tag", {"Tag Name", "name", "name"}},
    [FOREIGN_ADDRESS] = {"address", {"Address", "opcItemPath", "address"}},
    [FOREIGN_BIT] = {"bit", {"Address", "opcItemPath", "address"}},
    [FOREIGN_LENGTH] = {"length", {"Address", "opcItemPath", "address"}},
    [FOREIGN_UNIT_ID] = {"unit_id", {"Address", "opcItemPath", "address"}},
    [FOREIGN_TYPE] = {"type", {"Data Type", "opcItemPath", "type"}},
    [FOREIGN_BYTE_ORDER] = {"byte_order", {"Address", "opcItemPath", "address"}},
    [FOREIGN_SCALE] = {"scale", {"Scaling", "scaleMode", "decimal"}},
    [FOREIGN_OFFSET] = {"offset", {"Scaling", "scaleMode", "bias"}},
    [FOREIGN_UNIT] = {"unit", {"Eng Units", "engUnit", "unit"}},
    [FOREIGN_DESCRIPTION] = {"description", {"Description", "documentation", "description"}},
    [FOREIGN_ENABLED] = {"enabled", {"Description", "enabled", "description"}},
    [FOREIGN_TOPIC] = {"topic", {"Tag Name", "name", "group"}},
    [FOREIGN_DIRECTION] = {"direction", {"Client Access", "readOnly", "attribute"}},
    [FOREIGN_COMMAND_TOPIC] = {"command_topic", {"Client Access", "readOnly", "attribute"}},
    [FOREIGN_KEY] = {"key", {"Tag Name", "name", "name"}},
    [FOREIGN_DEVICE_LABEL] = {"device_label", {"Tag Name", "name", "group"}},
    [FOREIGN_LABEL] = {"label", {"Tag Name", "name", "name"}},
    [FOREIGN_BYTE] = {"byte", {"Description", "documentation", "address"}},
};

/* The tags of a file as the rows of a table. */
struct foreign_rows {
    struct import *import;
    struct arena *arena;
    const struct foreign_options *options;
    struct foreign_file *file;
    bool has[FOREIGN_COLUMNS]; /* columns that no tag uses are left out: tags keep their values */
    struct string_map topics;  /* of devices */
    bool past_header;
    size_t next; /* tag */
};

static enum table_result next_csv_row(void *context, struct arena *arena, struct table_row *row)
{
    return csv_read_row(context, arena, row);
}

/* Returns the topic of a device: as asked, else as in the store, else its name. */
static const char *foreign_topic(struct foreign_rows *rows, const struct foreign_tag *tag)
{
    struct record record = {0};
    const char *topic = string_map_find(&rows->topics, tag->device);
    if (topic)
        return topic;
    if (rows->options->topic) {
        topic = table_fill_topic(rows->arena, rows->options->topic, tag->device, tag->name);
    } else if (record_store_find_device(rows->import->config_service.store, rows->arena,
                                        tag->device, &record)) {
        topic = record_field_text(&record, DEVICE_TOPIC);
    } else {
        topic = tag->device;
        foreign_file_note(rows->file, FOREIGN_NOTE_TOPIC, tag->device);
    }
    string_map_add(&rows->topics, tag->device, (void *)topic);
    return topic;
}

/* Returns the byte order: an assumed one only of a tag that is new. */
static const char *foreign_order(struct foreign_rows *rows, const struct foreign_tag *tag)
{
    struct record record = {0};
    if (!tag->order_assumed)
        return tag->byte_order ? tag->byte_order : "";
    if (record_store_find_tag(rows->import->config_service.store, rows->arena, tag->device,
                              tag->name, &record))
        return record_field_text(&record, TAG_BYTE_ORDER);
    foreign_file_note(rows->file, FOREIGN_NOTE_ORDER, tag->name);
    return tag->byte_order;
}

/* Returns a text so that a leading ', which a table may have, is not taken off. */
static const char *text_cell(struct arena *arena, const char *text)
{
    return text[0] == '\'' ? arena_format(arena, "'%s", text) : text;
}

static const char *real_cell(struct arena *arena, double number)
{
    char text[VALUE_TEXT_SIZE];
    value_format_double(number, text);
    return arena_strdup(arena, text);
}

/* Returns the address in a form that says the table, too. */
static const char *address_cell(struct arena *arena, const struct foreign_tag *tag)
{
    char modicon[MODICON_SIZE];
    modicon_format(tag->table, tag->address, modicon);
    return arena_strdup(arena, modicon);
}

/* Returns the cell of a tag in a column of the table. */
static const char *foreign_cell(struct foreign_rows *rows, const struct foreign_tag *tag,
                                enum foreign_column column)
{
    struct arena *arena = rows->arena;
    const struct foreign_options *options = rows->options;
    bool has_command = tag->writable && options->command_topic;
    switch (column) {
    case FOREIGN_DEVICE:
        return tag->device;
    case FOREIGN_TAG:
        return tag->name;
    case FOREIGN_ADDRESS:
        return address_cell(arena, tag);
    case FOREIGN_BIT:
        return tag->bit == NO_BIT ? "" : arena_format(arena, "%d", tag->bit);
    case FOREIGN_BYTE:
        return tag->byte ? tag->byte : "";
    case FOREIGN_LENGTH:
        return tag->length ? arena_format(arena, "%u", tag->length) : "";
    case FOREIGN_UNIT_ID:
        return options->unit >= 0 ? arena_format(arena, "%lld", (long long)options->unit)
               : tag->unit >= 0   ? arena_format(arena, "%d", tag->unit)
                                  : "";
    case FOREIGN_TYPE:
        return tag->type;
    case FOREIGN_BYTE_ORDER:
        return foreign_order(rows, tag);
    case FOREIGN_SCALE:
        return real_cell(arena, tag->scale);
    case FOREIGN_OFFSET:
        return real_cell(arena, tag->offset);
    case FOREIGN_UNIT:
        return text_cell(arena, tag->eng_unit);
    case FOREIGN_DESCRIPTION:
        return text_cell(arena, tag->description);
    case FOREIGN_ENABLED:
        return tag->disabled ? "false" : "true";
    case FOREIGN_TOPIC:
        return text_cell(arena, foreign_topic(rows, tag));
    case FOREIGN_DIRECTION:
        return has_command ? "both" : "to_modbus";
    case FOREIGN_COMMAND_TOPIC:
        return has_command ? text_cell(arena, table_fill_topic(arena, options->command_topic,
                                                               tag->device, tag->name))
                           : "";
    case FOREIGN_KEY:
        return text_cell(arena, tag->key ? tag->key : tag->label ? tag->label : tag->name);
    case FOREIGN_DEVICE_LABEL:
        return text_cell(arena, tag->device_label ? tag->device_label : "");
    case FOREIGN_LABEL:
        return text_cell(arena, tag->label ? tag->label : "");
    case FOREIGN_COLUMNS:
        break;
    }
    return "";
}

static enum table_result next_foreign_row(void *context, struct arena *arena, struct table_row *row)
{
    struct foreign_rows *rows = context;
    (void)arena; /* the same */
    row->count = row->fault_count = 0;
    if (rows->past_header && rows->next == rows->file->count)
        return TABLE_END;
    const struct foreign_tag *tag = rows->past_header ? &rows->file->tags[rows->next++] : NULL;
    rows->past_header = true;
    row->number = tag ? tag->row : 1;
    for (size_t i = 0; i < FOREIGN_COLUMNS; i++) {
        if (!rows->has[i])
            continue;
        row->is_number[row->count] = false;
        row->cells[row->count++] =
            tag ? foreign_cell(rows, tag, (enum foreign_column)i) : foreign_columns[i].name;
    }
    return TABLE_ROW;
}

/* The names that are made plain. */
struct plain_names {
    struct foreign_rows *rows;
    struct string_map texts; /* "device/text": the name */
    struct string_map names; /* "device/name": itself */
};

/* True when another text of the file has this name, or in the store another label. */
static bool plain_name_is_taken(struct plain_names *plain, const char *device, const char *name,
                                const char *text)
{
    struct store *store = plain->rows->import->config_service.store;
    struct arena *arena = plain->rows->arena;
    struct record record = {0};
    if (string_map_find(&plain->names, arena_format(arena, "%s/%s", device, name)))
        return true;
    if (!(*device ? record_store_find_tag(store, arena, device, name, &record)
                  : record_store_find_device(store, arena, name, &record)))
        return false;
    const char *label = record_field_text(&record, *device ? TAG_LABEL : DEVICE_LABEL);
    return label && *label && strcmp(label, text) != 0;
}

/* Returns the plain name of a device (`device` is ""), or of a tag: the same for the same text,
 * another for another one. */
static const char *find_plain_name(struct plain_names *plain, const char *device, const char *text)
{
    struct arena *arena = plain->rows->arena;
    const char *place = arena_format(arena, "%s/%s", device, text);
    const char *name = string_map_find(&plain->texts, place);
    if (name)
        return name;
    name = text;
    if (!resource_name_is_valid(text)) {
        const char *base = plain_name_make(arena, text, *device ? "tag" : "device");
        name = base;
        for (unsigned i = 2; plain_name_is_taken(plain, device, name, text); i++)
            name = plain_name_number(arena, base, i);
        foreign_file_note(plain->rows->file, FOREIGN_NOTE_NAME,
                          arena_format(arena, "%.28s → %.28s", text, name));
    }
    string_map_add(&plain->texts, place, (void *)name);
    if (!string_map_find(&plain->names, arena_format(arena, "%s/%s", device, name)))
        string_map_add(&plain->names, arena_format(arena, "%s/%s", device, name), (void *)name);
    return name;
}

/* Makes the names plain, after those that are; the ones of the file become labels. */
static void make_names_plain(struct foreign_rows *rows)
{
    struct foreign_file *file = rows->file;
    struct plain_names plain = {
        .rows = rows, .texts = {.arena = rows->arena}, .names = {.arena = rows->arena}};
    for (size_t i = 0; i < file->count; i++) {
        if (resource_name_is_valid(file->tags[i].device))
            find_plain_name(&plain, "", file->tags[i].device);
    }
    for (size_t i = 0; i < file->count; i++) {
        struct foreign_tag *tag = &file->tags[i];
        const char *device = find_plain_name(&plain, "", tag->device);
        tag->device_label = strcmp(device, tag->device) != 0 ? tag->device : NULL;
        tag->device = device;
        if (resource_name_is_valid(tag->name))
            find_plain_name(&plain, device, tag->name);
    }
    for (size_t i = 0; i < file->count; i++) {
        struct foreign_tag *tag = &file->tags[i];
        const char *name = find_plain_name(&plain, tag->device, tag->name);
        tag->label = strcmp(name, tag->name) != 0 ? tag->name : NULL;
        tag->name = name;
    }
}

/* Leaves out the columns that the file does not have. */
static void choose_columns(struct foreign_rows *rows)
{
    const struct foreign_options *options = rows->options;
    bool *has = rows->has;
    for (size_t i = 0; i < FOREIGN_COLUMNS; i++)
        has[i] = true;
    has[FOREIGN_UNIT_ID] = options->unit >= 0;
    has[FOREIGN_LABEL] = has[FOREIGN_DEVICE_LABEL] = has[FOREIGN_KEY] = has[FOREIGN_UNIT] =
        has[FOREIGN_DESCRIPTION] = has[FOREIGN_BYTE] = false;
    has[FOREIGN_ENABLED] = options->format == FOREIGN_FORMAT_IGNITION;
    has[FOREIGN_DIRECTION] = has[FOREIGN_COMMAND_TOPIC] = options->command_topic != NULL;
    for (size_t i = 0; i < rows->file->count; i++) {
        const struct foreign_tag *tag = &rows->file->tags[i];
        has[FOREIGN_UNIT_ID] |= tag->unit >= 0;
        has[FOREIGN_KEY] |= tag->key || tag->label;
        has[FOREIGN_LABEL] |= tag->label != NULL;
        has[FOREIGN_DEVICE_LABEL] |= tag->device_label != NULL;
        has[FOREIGN_UNIT] |= *tag->eng_unit != '\0';
        has[FOREIGN_DESCRIPTION] |= *tag->description != '\0';
        has[FOREIGN_ENABLED] |= tag->disabled;
        has[FOREIGN_BYTE] |= tag->byte != NULL;
        if (tag->writable && !options->command_topic)
            foreign_file_note(rows->file, FOREIGN_NOTE_COMMAND, tag->name);
    }
}

static const char *foreign_column_name(enum foreign_format format, const char *column)
{
    for (size_t i = 0; column && i < FOREIGN_COLUMNS; i++) {
        if (strcmp(foreign_columns[i].name, column) == 0)
            return foreign_columns[i].in[format];
    }
    return column;
}

/* Returns the tag of a row, or NULL. Tags are in the order of their rows. */
static const struct foreign_tag *find_foreign_tag(const struct foreign_file *file, long row)
{
    size_t low = 0, high = file->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (file->tags[middle].row < row)
            low = middle + 1;
        else
            high = middle;
    }
    return low < file->count && file->tags[low].row == row ? &file->tags[low] : NULL;
}

/* Gives the errors the names and cells of the file, or its pointers. */
static void name_foreign_places(const struct foreign_rows *rows, struct validation *validation)
{
    enum foreign_format format = rows->options->format;
    for (size_t i = 0; i < validation->count; i++) {
        struct validation_error *error = &validation->items[i];
        const struct foreign_tag *tag =
            error->row > 0 ? find_foreign_tag(rows->file, error->row) : NULL;
        const char *column = foreign_column_name(format, error->column);
        if (tag && column && column != error->column) {
            bool is_address = strcmp(column, foreign_columns[FOREIGN_ADDRESS].in[format]) == 0;
            bool is_name = strcmp(column, foreign_columns[FOREIGN_TAG].in[format]) == 0;
            bool is_made = strcmp(column, foreign_columns[FOREIGN_SCALE].in[format]) == 0 ||
                           strcmp(column, foreign_columns[FOREIGN_TYPE].in[format]) == 0;
            error->cell = is_address   ? tag->address_text
                          : is_made    ? NULL /* the file has another word or number */
                          : !is_name   ? error->cell
                          : tag->label ? tag->label
                                       : tag->name;
        }
        error->column = column;
        const struct foreign_file *file = rows->file;
        bool is_project = error->row > 0 && (size_t)error->row < file->pointer_count;
        const char *pointer = is_project ? file->pointers[error->row] : tag ? tag->pointer : NULL;
        if (!pointer)
            continue;
        if (column && is_project)
            column = foreign_kepware_member(column);
        error->pointer = column ? arena_format(rows->arena, "%s/%s", pointer, column) : pointer;
        error->row = 0;
        error->column = error->cell = NULL;
    }
}

/* Warns of a pattern whose braces curl has taken away, or that makes the same topic for all of
 * `count`. */
static void check_pattern(const struct foreign_rows *rows, const char *name, const char *pattern,
                          const char *word, size_t count)
{
    if (!pattern || strchr(pattern, '{') || (count < 2 && !strstr(pattern, word)))
        return;
    rows->import->warnings.row = 0;
    rows->import->warnings.prefix = "";
    validation_add_at(
        &rows->import->warnings, "", "same_topic",
        "%s=%.200s is the same for all; {device} and {tag} in it stand for the names, "
        "but curl takes the braces away unless it has the option -g",
        name, pattern);
}

static void import_foreign_rows(struct import *import, const struct foreign_options *options,
                                struct foreign_file *file)
{
    struct arena *arena = file->arena;
    struct foreign_rows rows = {.import = import,
                                .arena = arena,
                                .options = options,
                                .file = file,
                                .topics = {.arena = arena}};
    const struct table_source source = {
        .next_row = next_foreign_row, .context = &rows, .mark = DECIMAL_POINT};
    if (file->count == 0) {
        name_foreign_places(&rows, &import->validation);
        if (import->validation.found == 0) {
            import->validation.row = 0;
            import->validation.prefix = "";
            validation_add_at(&import->validation, "", "required",
                              "the file has no tag with a Modbus address");
        }
        return;
    }
    foreign_file_split_units(file);
    make_names_plain(&rows);
    choose_columns(&rows);
    import_read_table(import, &source);
    name_foreign_places(&rows, &import->validation);
    name_foreign_places(&rows, &import->conflicts);
    name_foreign_places(&rows, &import->warnings);
    foreign_file_write_notes(file);
    size_t commands = 0;
    for (size_t i = 0; i < file->count; i++)
        commands += file->tags[i].writable;
    check_pattern(&rows, "topic", options->topic, "device", rows.topics.count);
    check_pattern(&rows, "command_topic", options->command_topic, "tag", commands);
    validation_sort(&import->validation);
}

static bool read_foreign_json(struct import *import, const struct foreign_options *options,
                              struct foreign_file *file, const char *body, size_t len, char *why,
                              size_t why_size)
{
    struct cJSON *root = json_body_parse(body, len, why, why_size);
    if (!root)
        return false;
    if (options->format == FOREIGN_FORMAT_IGNITION)
        foreign_ignition_read(file, root);
    else if (options->format == FOREIGN_FORMAT_KEPWARE)
        foreign_kepware_read_project(file, root);
    else
        foreign_neuron_read_json(file, root);
    import_foreign_rows(import, options, file);
    json_body_free(root);
    return true;
}

static void read_foreign_table(struct import *import, const struct foreign_options *options,
                               struct foreign_file *file, const struct foreign_table *table)
{
    if (options->format == FOREIGN_FORMAT_KEPWARE)
        foreign_kepware_read(file, table);
    else
        foreign_neuron_read_table(file, table);
    import_foreign_rows(import, options, file);
}

/* Reads the sheet that the request names, or the first one that is not hidden. */
static bool read_foreign_workbook(struct import *import, const struct foreign_options *options,
                                  struct foreign_file *file, const char *body, size_t len,
                                  char *why, size_t why_size)
{
    struct xlsx *xlsx = xlsx_open(file->arena, body, len, why, why_size);
    if (!xlsx)
        return false;
    size_t count = xlsx_count_sheets(xlsx), sheet = 0;
    while (sheet < count &&
           (import->sheet ? strcmp(xlsx_sheet_name(xlsx, sheet), import->sheet) != 0
                          : xlsx_sheet_is_hidden(xlsx, sheet)))
        sheet++;
    if (sheet < count) {
        const struct foreign_table table = {.next_row = xlsx_next_row, .context = xlsx};
        xlsx_enter_sheet(xlsx, sheet);
        read_foreign_table(import, options, file, &table);
    }
    import->validation.row = 1;
    if (sheet == count)
        validation_add_at(&import->validation, "", "unknown_sheet",
                          "the workbook does not have this sheet");
    else if (xlsx_is_damaged(xlsx))
        validation_add_at(&import->validation, "", "damaged",
                          "the sheet is damaged or too large; save it again with a spreadsheet");
    xlsx_close(xlsx);
    return true;
}

bool import_read_foreign(struct import *import, const struct foreign_options *options,
                         const char *body, size_t len, char *why, size_t why_size)
{
    static const char zip_start[] = {'P', 'K', 3, 4};
    struct csv csv;
    struct foreign_file file = {.arena = import->config_service.arena,
                                .validation = &import->validation,
                                .warnings = &import->warnings,
                                .base = options->base,
                                .device = options->device,
                                .byte_order = options->byte_order};
    size_t blank = len >= 3 && memcmp(body, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (blank < len && strchr(" \t\r\n", body[blank]) && body[blank])
        blank++;
    bool looks_like_json = blank < len && (body[blank] == '{' || body[blank] == '[');
    if (options->format == FOREIGN_FORMAT_IGNITION || looks_like_json)
        return read_foreign_json(import, options, &file, body + blank, len - blank, why, why_size);
    if (len > sizeof zip_start && memcmp(body, zip_start, sizeof zip_start) == 0)
        return read_foreign_workbook(import, options, &file, body, len, why, why_size);
    if (text_encoding_to_utf8(file.arena, &body, &len) == ENCODING_CP1252) {
        import->warnings.row = 1;
        validation_add_at(&import->warnings, "", "encoding",
                          "the file is not UTF-8 and was read as Windows-1252; check the letters "
                          "beyond ASCII");
    }
    csv_open(&csv, body, len);
    const struct foreign_table table = {
        .next_row = next_csv_row, .context = &csv, .comma = csv.separator != ','};
    read_foreign_table(import, options, &file, &table);
    return true;
}

bool import_foreign_read_options(const struct request *request, bool is_table, bool *is_foreign,
                                 struct foreign_options *options, struct response *response)
{
    static const char *const formats[] = {"kepware", "ignition", "neuron", NULL};
    static const char *const others[] = {"json", "csv", "xlsx", NULL};
    /* The first two are for tables, too. */
    static const char *const names[] = {"topic", "command_topic", "byte_order", "unit", "base"};
    const struct query_params *params = &request->query_params;
    const char *why = NULL, *asked = query_param(params, "format", NULL);
    int format = asked ? name_list_find(formats, asked) : -1;
    int64_t base = 1;
    *is_foreign = format >= 0;
    *options = (struct foreign_options){.format = (enum foreign_format)(format >= 0 ? format : 0),
                                        .device = query_param(params, "device", NULL),
                                        .topic = query_param(params, "topic", NULL),
                                        .command_topic = query_param(params, "command_topic", NULL),
                                        .byte_order = query_param(params, "byte_order", NULL),
                                        .unit = -1};
    if (asked && format < 0 && name_list_find(others, asked) < 0) {
        problem_respond(response, 400,
                        "format must be json, csv, xlsx, kepware, ignition or neuron; without it, "
                        "Content-Type says whether the body is JSON, CSV or a workbook.");
        return false;
    }
    for (size_t i = is_table ? 2 : 0; format < 0 && i < sizeof names / sizeof names[0]; i++) {
        if (query_param(params, names[i], NULL)) {
            problem_respond(response, 400,
                            "%s goes only with format=kepware, ignition or neuron%s.", names[i],
                            i < 2 ? ", or with a table" : "");
            return false;
        }
    }
    if (!query_param_number(params, "unit", 0, 255, request->arena, &options->unit, &why) ||
        !query_param_number(params, "base", 0, 1, request->arena, &base, &why)) {
        problem_respond(response, 400, "%s", why);
        return false;
    }
    options->base = (unsigned)base;
    int order = options->byte_order ? name_list_find(order_names, options->byte_order) : ORDER_ABCD;
    if (order < 0 || order >= (int)ORDER_OF_EIGHT_BYTES)
        problem_respond(response, 400, "byte_order must be ABCD, CDAB, BADC or DCBA.");
    else if (*is_foreign && options->device && (!*options->device || strchr(options->device, ',')))
        problem_respond(response, 400,
                        "device must be the name of one device, which has all tags of the file.");
    else
        return true;
    return false;
}
