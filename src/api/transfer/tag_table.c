/* Reads the cells of a table into records. */
#include "api/transfer/tag_table.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/foreign/foreign_address.h"
#include "api/model/field_types.h"
#include "api/model/object_fields.h"
#include "api/model/record_json.h"
#include "api/transfer/table_words.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/tag.h"

/* Returns the length of the blank at `text`, also of one that does not break lines, or 0. */
static size_t blank_len_at(const char *text)
{
    if (*text && strchr(" \t\r\n", *text))
        return 1;
    return strncmp(text, "\xc2\xa0", 2) == 0 ? 2 : strncmp(text, "\xe2\x80\xaf", 3) == 0 ? 3 : 0;
}

static const char *trim_cell_text(struct arena *arena, const char *cell)
{
    size_t blank;
    while ((blank = blank_len_at(cell)) > 0)
        cell += blank;
    const char *end = cell; /* of the last character that is not blank */
    for (const char *at = cell; *at;) {
        blank = blank_len_at(at);
        at += blank > 0 ? blank : 1;
        end = blank > 0 ? end : at;
    }
    return *end ? arena_strndup(arena, cell, (size_t)(end - cell)) : cell;
}

int tag_table_find_column(const struct tag_table_header *header, const struct resource *resource,
                          size_t field)
{
    for (size_t i = 0; i < header->count; i++) {
        if (header->columns[i].resource == resource && header->columns[i].field == field)
            return (int)i;
    }
    return -1;
}

const char *tag_table_find_cell(const struct tag_table_header *header, const struct table_row *row,
                                const struct resource *resource, size_t field)
{
    int column = tag_table_find_column(header, resource, field);
    return column >= 0 ? row->cells[column] : NULL;
}

size_t tag_table_count_titles(const struct table_row *row, bool *names)
{
    const struct resource *resource;
    size_t field, known = 0;
    bool exact;
    *names = false;
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        if (!table_words_find_column(row->cells[i], &resource, &field, &exact))
            continue;
        known++;
        *names = *names || (resource == &tag_resource && (field == TAG_NAME || field == TAG_LABEL));
    }
    return known;
}

/* The title is cut in the message: a file without line ends is one long header. */
static void warn_unknown_column(struct validation *warnings, const char *title)
{
    enum { TITLE_MAX = 64 };
    size_t len = strlen(title);
    size_t shown = len > TITLE_MAX ? utf8_prefix_len(title, len, TITLE_MAX) : len;
    const char *column = arena_strndup(warnings->arena, title, shown);
    const char *near = table_words_guess_column(column);
    validation_add(warnings, NULL, column, "unknown_column",
                   "this column is ignored: it is none of the table%s%s%s",
                   near ? "; the column " : "", near ? near : "",
                   near ? " has a similar name" : "");
}

/* Gives a column its field. A title that is the name of the column goes before another word for it.
 */
static void header_add_column(struct tag_table_header *header, const char *title,
                              struct validation *validation, struct validation *warnings)
{
    struct tag_table_column *column = &header->columns[header->count++];
    bool exact, other_exact;
    *column =
        (struct tag_table_column){.title = title, .is_function = table_words_is_function(title)};
    if (*title == '\0')
        return;
    if (!table_words_find_column(title, &column->resource, &column->field, &exact)) {
        column->resource = NULL;
        warn_unknown_column(warnings, title);
        return;
    }
    for (struct tag_table_column *other = header->columns; other < column; other++) {
        const struct resource *resource;
        size_t field;
        if (other->resource != column->resource || other->field != column->field)
            continue;
        table_words_find_column(other->title, &resource, &field, &other_exact);
        struct tag_table_column *loser = other_exact ? column : other;
        if (exact == other_exact)
            validation_add(validation, NULL, title, "duplicate",
                           strcasecmp(title, other->title) == 0 ? "appears more than once"
                                                                : "means the same as the column %s",
                           other->title);
        else
            validation_add(warnings, NULL, loser->title, "unknown_column",
                           "this column is ignored: the file has a column %s, too",
                           column->resource->fields[column->field].csv);
        loser->resource = NULL;
        return;
    }
}

bool tag_table_read_header(const struct table_row *row, bool has_device,
                           struct tag_table_header *header, struct validation *validation,
                           struct validation *warnings)
{
    size_t before = validation->found;
    validation->row = warnings->row = row->number;
    header->count = 0;
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++)
        header_add_column(header, trim_cell_text(validation->arena, row->cells[i]), validation,
                          warnings);
    if (row->count > TABLE_COLUMNS_MAX)
        validation_add_at(validation, "", "too_long", "there are more than %d columns",
                          TABLE_COLUMNS_MAX);
    int label = tag_table_find_column(header, &tag_resource, TAG_LABEL);
    if (tag_table_find_column(header, &device_resource, DEVICE_NAME) < 0) {
        if (has_device && header->count < TABLE_COLUMNS_MAX)
            header_add_column(header, "device", validation, warnings);
        else
            validation_add(validation, NULL, "device", "required",
                           "this column is required; if all rows are of one device, name it in the "
                           "query: device=NAME&topic=TOPIC");
    }
    if (tag_table_find_column(header, &tag_resource, TAG_NAME) < 0 && label < 0)
        validation_add(validation, NULL, "tag", "required",
                       "this column, with the names of the tags, is required");
    else if (tag_table_find_column(header, &tag_resource, TAG_NAME) < 0)
        header->columns[label].field = TAG_NAME; /* the names are made of the labels */
    return validation->found == before;
}

bool tag_table_row_is_blank(const struct table_row *row)
{
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        const char *at = row->cells[i];
        size_t blank;
        while ((blank = blank_len_at(at)) > 0)
            at += blank;
        if (*at)
            return false;
    }
    return row->count <= TABLE_COLUMNS_MAX;
}

static bool field_is_word(const struct field *field)
{
    return field->names || field->type == &field_type_name ||
           (field->type->shape != SHAPE_TEXT && field->type->shape != SHAPE_JSON &&
            field->type->shape != SHAPE_SCALAR);
}

static bool field_is_number(const struct field *field)
{
    enum json_shape shape = field->type->shape;
    return shape == SHAPE_INTEGER || shape == SHAPE_REAL || shape == SHAPE_STALE;
}

/* Makes 4x00101 and a bit of an address in another notation, such as %MX100.3 or 40101:3. */
static const char *read_notation(const char *text, int *bit, struct validation *validation,
                                 struct validation *warnings)
{
    struct foreign_address address;
    struct foreign_error why;
    char modicon[MODICON_SIZE];
    if (!foreign_address_parse(FOREIGN_PLAIN, text, false, 1, &address, &why)) {
        validation_add(validation, "modbus", "address", "invalid_address", "%s", why.text);
        return "";
    }
    if (address.caution)
        validation_add(warnings, "modbus", "address", "notation", "%s", address.caution);
    if (address.bit != NO_BIT)
        *bit = address.bit;
    modicon_format(address.table, address.address, modicon);
    return arena_format(validation->arena, "%cx%s", modicon[0], modicon + 1);
}

/* Makes an address of digits of one with blanks, groups of thousands or a bit: 400 101, 400.101,
 * 400210.3. Three digits behind a mark are thousands, one or two are a bit. */
static const char *clean_address(const char *cell, bool is_number, enum decimal_mark mark, int *bit,
                                 struct validation *validation, struct validation *warnings)
{
    char *text = arena_strdup(validation->arena, cell), *to = text;
    for (const char *at = cell; *at;) {
        size_t blank = blank_len_at(at);
        if (blank == 0)
            *to++ = *at;
        at += blank > 0 ? blank : 1;
    }
    *to = '\0';
    if (strspn(text, "0123456789.,+-") < strlen(text))
        return read_notation(text, bit, validation, warnings);
    char *point = strpbrk(text, ".,");
    if (!point || !strchr("0123456789%", text[0]))
        return text;
    size_t len = strlen(point + 1);
    if (len == 0 || strspn(point + 1, "0123456789") != len)
        return text;
    if (len <= 2) {
        int number = atoi(point + 1);
        if (number > 15)
            validation_add(validation, "modbus", "address", "out_of_range",
                           "the bit behind the point must be from 0 to 15");
        else if (is_number && number == 1)
            validation_add(
                validation, "modbus", "address", "ambiguous",
                "is a number, so that bit 1 and bit 10 are the same; give the column the "
                "format text and write it again, or use the column bit");
        *bit = number;
        *point = '\0';
    } else if (len == 3 && point - text <= 3 && *point == (mark == DECIMAL_POINT ? ',' : '.')) {
        memmove(point, point + 1, len + 1);
    }
    return text;
}

static void warn_untitled_column(struct tag_table_header *header, size_t index, const char *cell,
                                 struct validation *warnings)
{
    struct tag_table_column *column = &header->columns[index];
    if (!column->told && *column->title == '\0' && *cell)
        validation_add(warnings, NULL, "", "unknown_column",
                       "\"%.64s\" is in a column that has no name; the column is ignored", cell);
    column->told = column->told || *cell;
}

/* Takes the length off a type such as STRING[16], whose characters fill half as many registers. */
static const char *clean_type(struct arena *arena, const char *cell, long *length)
{
    size_t len = strcspn(cell, "[("), digits = 0;
    if (cell[len])
        digits = strspn(cell + len + 1, "0123456789");
    if (len == 0 || digits == 0 || digits > 3 || !strchr("])", cell[len + 1 + digits]) ||
        !cell[len + 1 + digits] || cell[len + 2 + digits])
        return cell;
    const char *word = trim_cell_text(arena, arena_strndup(arena, cell, len));
    const char *type = table_words_find_choice(&tag_resource, TAG_TYPE, word);
    if (!type || strcmp(type, "string") != 0)
        return cell;
    *length = (strtol(cell + len + 1, NULL, 10) + 1) / 2;
    return type;
}

/* Empties a length that only says how many registers the type has. */
static void clean_length(const struct tag_table_header *header, struct table_row *clean)
{
    int length = tag_table_find_column(header, &tag_resource, TAG_LENGTH);
    const char *type = tag_table_find_cell(header, clean, &tag_resource, TAG_TYPE);
    int id = type ? name_list_find(type_names, type) : -1;
    double number;
    if (length < 0 || id < 0 || type_info[id].registers == 0)
        return;
    if (cell_number_read(clean->cells[length], DECIMAL_POINT, &number) == CELL_NUMBER &&
        number == type_info[id].registers)
        clean->cells[length] = "";
}

void tag_table_clean_row(struct tag_table_header *header, const struct table_row *row,
                         struct table_row *clean, struct tag_table_extras *extras,
                         struct validation *validation, struct validation *warnings)
{
    REQUIRE(row->count == header->count);
    struct arena *arena = validation->arena;
    clean->number = row->number;
    clean->count = row->count;
    clean->fault_count = 0;
    *extras = (struct tag_table_extras){.bit = -1, .length = -1};
    for (size_t i = 0; i < row->fault_count; i++) {
        const struct table_fault *fault = &row->faults[i];
        const struct tag_table_column *column = &header->columns[fault->column];
        if (fault->column < header->count && column->resource)
            validation_add(validation, NULL, column->resource->fields[column->field].csv,
                           "unreadable_cell", "%s", fault->what);
    }
    for (size_t i = 0; i < header->count; i++) {
        struct tag_table_column *column = &header->columns[i];
        const struct resource *resource = column->resource;
        const struct field *field = resource ? &resource->fields[column->field] : NULL;
        const char *cell = row->cells[i];
        clean->cells[i] = cell;
        clean->is_number[i] = row->is_number[i];
        if (field && !field_is_word(field))
            continue;
        cell = trim_cell_text(arena, cell);
        if (!field)
            warn_untitled_column(header, i, cell, warnings);
        if (field && field->type != &field_type_name)
            cell = csv_strip_quote_mark(cell);
        if (field && column->is_function)
            cell = table_words_read_function(cell);
        if (resource == &tag_resource && column->field == TAG_TYPE)
            cell = clean_type(arena, cell, &extras->length);
        if (field && field->names && name_list_find(field->names, cell) < 0) {
            if (!column->last_word || strcmp(column->last_word, cell) != 0) {
                column->last_word = cell;
                column->last_choice = table_words_find_choice(resource, column->field, cell);
            }
            cell = column->last_choice ? column->last_choice : cell;
        } else if (field && field->type->shape == SHAPE_ADDRESS) {
            cell = clean_address(cell, row->is_number[i], header->mark, &extras->bit, validation,
                                 warnings);
        } else if (field && field->type->shape == SHAPE_FLAG) {
            bool truth, is_mark = false;
            if (*cell && table_words_read_flag(cell, &truth, &is_mark))
                cell = truth ? "true" : "false";
            column->has_marks = column->has_marks || is_mark;
            if (*cell == '\0' && column->empty_row == 0)
                column->empty_row = row->number;
        }
        clean->cells[i] = cell;
    }
    clean_length(header, clean);
    for (size_t i = 0; i < row->fault_count; i++) {
        if (row->faults[i].column < header->count)
            clean->cells[row->faults[i].column] = ""; /* one error is enough */
    }
}

void tag_table_check_marks(const struct tag_table_header *header, struct validation *validation)
{
    for (size_t i = 0; i < header->count; i++) {
        const struct tag_table_column *column = &header->columns[i];
        if (!column->has_marks || column->empty_row == 0)
            continue;
        validation->row = column->empty_row;
        validation_add(validation, NULL, column->resource->fields[column->field].csv, "ambiguous",
                       "an empty cell means the default, but other rows say yes with a mark: write "
                       "yes or no in each row");
    }
}

void tag_table_note_marks(const struct tag_table_header *header, const struct table_row *row,
                          unsigned *seen)
{
    for (size_t i = 0; i < header->count && i < row->count; i++) {
        const struct tag_table_column *column = &header->columns[i];
        if (column->resource && field_is_number(&column->resource->fields[column->field]))
            *seen |= 1U << cell_number_mark(row->cells[i]);
    }
}

/* Reads a cell that may be a number, true, false, or a text, which is in quotes if it looks like
 * one of the others. */
static struct scalar cell_read_scalar(const char *cell, enum decimal_mark mark, struct arena *arena)
{
    struct scalar number = {.kind = SCALAR_NUMBER};
    const char *word = trim_cell_text(arena, cell), *text = csv_strip_quote_mark(cell);
    size_t len = strlen(word), at;
    if (cell_number_read(word, mark, &number.number) == CELL_NUMBER)
        return number;
    if (strcasecmp(word, "true") == 0 || strcasecmp(word, "false") == 0)
        return (struct scalar){.kind = SCALAR_BOOL, .truth = strcasecmp(word, "true") == 0};
    if (len > 1 && word[0] == '"' && json_text_is_valid(word, len, &at)) {
        cJSON *quoted = cJSON_Parse(word);
        if (cJSON_IsString(quoted))
            text = arena_strdup(arena, quoted->valuestring);
        cJSON_Delete(quoted);
    }
    return (struct scalar){.kind = SCALAR_STRING, .text = text, .len = strlen(text)};
}

/* Converts a cell to the value that JSON would have. */
static struct scalar cell_to_scalar(const struct field *field, const char *cell, bool has_table,
                                    enum decimal_mark mark, struct arena *arena)
{
    struct scalar text = {.kind = SCALAR_STRING, .text = cell, .len = strlen(cell)};
    struct scalar number = {.kind = SCALAR_NUMBER};
    struct scalar flag = {.kind = SCALAR_BOOL, .truth = strcmp(cell, "true") == 0};
    bool is_free_text = field->type->shape == SHAPE_TEXT && !field->names && !field->nullable;
    if (*cell == '\0' && !(is_free_text && field->min == 0))
        return (struct scalar){.kind = SCALAR_NULL};
    switch (field->type->shape) {
    case SHAPE_SCALAR:
        return cell_read_scalar(cell, mark, arena);
    case SHAPE_TEXT:
    case SHAPE_JSON:
        text.text = csv_strip_quote_mark(cell);
        text.len = strlen(text.text);
        break;
    case SHAPE_STALE:
        if (strcasecmp(cell, "nan") == 0)
            return (struct scalar){.kind = SCALAR_STRING, .text = "nan", .len = 3};
        __attribute__((fallthrough));
    case SHAPE_INTEGER:
    case SHAPE_REAL:
        if (cell_number_read(cell, mark, &number.number) == CELL_NUMBER)
            return number;
        break;
    case SHAPE_FLAG:
        if (flag.truth || strcmp(cell, "false") == 0)
            return flag;
        break;
    case SHAPE_ADDRESS: /* digits are an offset if the row has a table, else a Modicon address */
        if (has_table && cell_number_read(cell, DECIMAL_POINT, &number.number) == CELL_NUMBER &&
            number.number <= ADDRESS_MAX)
            return number;
        break;
    }
    return text;
}

/* Returns the detail of an error of a cell. The general details are about JSON: they mention types
 * that cells do not have. */
static const char *cell_error_detail(const struct tag_table_column *column, const char *cell,
                                     bool has_table, enum decimal_mark mark,
                                     const struct field_error *why, struct arena *arena)
{
    const struct field *field = &column->resource->fields[column->field];
    enum json_shape shape = field->type->shape;
    double number;
    enum cell_number kind = cell_number_read(cell, mark, &number);
    if (cell_is_spreadsheet_error(cell))
        return "is an error of the spreadsheet; mend the formula, or write the value";
    if ((field_is_number(field) || shape == SHAPE_ADDRESS) && kind == CELL_NUMBER_DATE)
        return "is a date, which a spreadsheet may have made of a number such as 1.5; give the "
               "column the format text and write the number again";
    if (shape == SHAPE_ADDRESS && strspn(cell, "0123456789") == strlen(cell))
        return has_table ? "is greater than 65535, the last offset, and no Modicon address"
                         : "is not a Modicon address; an offset from 0 needs a table in the "
                           "column table";
    if (field_is_number(field) && kind == CELL_NUMBER_UNCLEAR)
        return arena_format(arena,
                            "may be %.17g or %.0f: write it without the point, or with a decimal "
                            "comma",
                            strtod(cell, NULL), strtod(cell, NULL) * 1000);
    if (field_is_number(field) && kind == CELL_NUMBER_OTHER_MARK && mark == DECIMAL_POINT)
        return "must be a number such as 1000.5; a decimal comma is accepted only in files whose "
               "separator is ; or a tab";
    if (field_is_number(field) && kind == CELL_NUMBER_OTHER_MARK)
        return "must be a number such as 1000,5, as in the other rows of this file";
    if (column->resource == &tag_resource && column->field == TAG_TYPE &&
        table_words_is_integer(cell))
        return "is 16 bits in some programs and 32 in others: write int16, uint16, int32 or uint32";
    if (shape == SHAPE_FLAG)
        return "must be true or false, 1 or 0";
    const char *near =
        field->names ? table_words_guess_choice(column->resource, column->field, cell) : NULL;
    return near ? arena_format(arena, "%s; %s is similar", why->detail, near) : why->detail;
}

/* Reads a cell that is JSON. */
static void read_json_cell(const struct resource *resource, size_t index, const char *cell,
                           struct record *record, struct validation *validation)
{
    const struct field *field = &resource->fields[index];
    char why[128];
    struct cell value;
    const char *text = csv_strip_quote_mark(cell);
    size_t before = validation->found;
    struct scalar word = {.kind = SCALAR_STRING, .text = text, .len = strlen(text)};
    struct field_error ignored;
    if (*text != '{' &&
        record_set_value(resource, record, index, &word, validation->arena, &ignored))
        return; /* such as the name of a profile alone */
    record->given |= UINT64_C(1) << index;
    struct cJSON *tree = *text == '{' ? json_body_parse(text, strlen(text), why, sizeof why) : NULL;
    bool read = tree && object_field_read(field, tree, validation, &value);
    json_body_free(tree);
    if (read) {
        record->cells[index] = value;
        return;
    }
    record->bad |= UINT64_C(1) << index;
    if (validation->found == before)
        validation_add(validation, field->group, field->csv, "wrong_type",
                       "must be empty or the JSON of %s", field->type->object_form);
}

void tag_table_read_record(const struct tag_table_header *header, const struct table_row *row,
                           const struct resource *resource, bool keep_empty, struct record *record,
                           struct validation *validation)
{
    REQUIRE(row->count == header->count);
    const char *table = tag_table_find_cell(header, row, &tag_resource, TAG_TABLE);
    bool has_table = table && *table;
    for (size_t i = 0; i < header->count; i++) {
        const struct tag_table_column *column = &header->columns[i];
        const char *cell = row->cells[i];
        if (column->resource != resource || (keep_empty && *cell == '\0'))
            continue;
        const struct field *field = &resource->fields[column->field];
        if (field->type->shape == SHAPE_JSON && *cell) {
            read_json_cell(resource, column->field, cell, record, validation);
            continue;
        }
        enum decimal_mark mark = row->is_number[i] ? DECIMAL_POINT : header->mark;
        struct scalar scalar = cell_to_scalar(field, cell, has_table, mark, validation->arena);
        struct field_error why;
        bool null_is_a_word = field->nullable && field->fallback.kind != CELL_NULL;
        if (null_is_a_word && *cell == '\0') {
            record->cells[column->field] = field->fallback;
            continue;
        }
        if (null_is_a_word && strcmp(cell, "null") == 0)
            scalar = (struct scalar){.kind = SCALAR_NULL};
        if (!record_set_value(resource, record, column->field, &scalar, validation->arena, &why))
            validation_add(
                validation, field->group, field->csv, why.code, "%s",
                cell_error_detail(column, cell, has_table, mark, &why, validation->arena));
    }
}
