/* Reads and writes the tag CSV of KEPServerEX. */
#include "api/foreign/foreign_kepware.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/base/csv.h"
#include "api/foreign/foreign_remark.h"
#include "common/base/require.h"
#include "common/model/value.h"

/* The columns, in their order in the files that KEPServerEX writes. */
enum kepware_column {
    COLUMN_NAME,
    COLUMN_ADDRESS,
    COLUMN_TYPE,
    COLUMN_RESPECT,
    COLUMN_ACCESS,
    COLUMN_RATE,
    COLUMN_SCALING,
    COLUMN_RAW_LOW,
    COLUMN_RAW_HIGH,
    COLUMN_SCALED_LOW,
    COLUMN_SCALED_HIGH,
    COLUMN_SCALED_TYPE,
    COLUMN_CLAMP_LOW,
    COLUMN_CLAMP_HIGH,
    COLUMN_UNITS,
    COLUMN_DESCRIPTION,
    COLUMN_NEGATE,
    COLUMNS
};

static const char *const kepware_columns[] = {
    "Tag Name",    "Address",          "Data Type", "Respect Data Type", "Client Access",
    "Scan Rate",   "Scaling",          "Raw Low",   "Raw High",          "Scaled Low",
    "Scaled High", "Scaled Data Type", "Clamp Low", "Clamp High",        "Eng Units",
    "Description", "Negate Value",     NULL};
_Static_assert(sizeof kepware_columns / sizeof kepware_columns[0] == COLUMNS + 1,
               "a name for each");

static const struct foreign_type kepware_types[] = {
    {"Boolean", "bool"},   {"Short", "int16"},   {"Word", "uint16"},  {"Long", "int32"},
    {"DWord", "uint32"},   {"LLong", "int64"},   {"QWord", "uint64"}, {"Float", "float32"},
    {"Double", "float64"}, {"String", "string"}, {"BCD", "bcd16"},    {"LBCD", "bcd32"},
    {NULL, NULL}};

/* A file that is being read. */
struct kepware_reader {
    struct foreign_file *file;
    size_t place[COLUMNS]; /* of each column in a row; SIZE_MAX: the file does not have it */
    bool comma;
    const struct table_row *row; /* that is being read */
};

static bool kepware_read_header(struct kepware_reader *reader, const struct table_row *row)
{
    struct validation *validation = reader->file->validation;
    for (size_t i = 0; i < COLUMNS; i++)
        reader->place[i] = SIZE_MAX;
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        const char *name = foreign_trim(reader->file->arena, row->cells[i]);
        bool known = false;
        for (size_t k = 0; k < COLUMNS; k++) {
            if (strcasecmp(name, kepware_columns[k]) == 0) {
                reader->place[k] = i;
                known = true;
            }
        }
        if (!known && *name)
            foreign_file_ignore(reader->file, name);
    }
    if (reader->place[COLUMN_NAME] != SIZE_MAX && reader->place[COLUMN_ADDRESS] != SIZE_MAX)
        return true;
    validation->row = row->number;
    validation_add_at(validation, "", "required",
                      "the first row must have the columns \"Tag Name\" and \"Address\", as in the "
                      "CSV that KEPServerEX exports for the tags of a device");
    return false;
}

static const char *kepware_cell(const struct kepware_reader *reader, const struct table_row *row,
                                enum kepware_column column)
{
    size_t place = reader->place[column];
    if (place == SIZE_MAX || place >= row->count || place >= TABLE_COLUMNS_MAX)
        return "";
    return foreign_trim(reader->file->arena, row->cells[place]);
}

/* Tells an error its cell. */
static void kepware_locate_error(const void *table, struct validation_error *error)
{
    const struct kepware_reader *reader = table;
    int column = error->column ? name_list_find(kepware_columns, error->column) : -1;
    if (column >= 0 && error->row == reader->row->number)
        error->cell = kepware_cell(reader, reader->row, (enum kepware_column)column);
}

static bool kepware_read_number(const struct kepware_reader *reader, const struct table_row *row,
                                enum kepware_column column, double *number)
{
    struct arena *arena = reader->file->arena;
    char *end, *mark, *text = arena_strdup(arena, kepware_cell(reader, row, column));
    if (reader->comma && (mark = strchr(text, ',')))
        *mark = '.';
    *number = strtod(text, &end);
    if (*text && !*end && strspn(text, "+-.0123456789eE") == strlen(text) && isfinite(*number))
        return true;
    validation_add(reader->file->validation, NULL, kepware_columns[column], "wrong_type",
                   "with a linear scaling must be a number, such as 1000");
    return false;
}

static bool kepware_read_scaling(const struct kepware_reader *reader, const struct table_row *row,
                                 struct foreign_tag *tag)
{
    const char *scaling = kepware_cell(reader, row, COLUMN_SCALING);
    const char *negate = kepware_cell(reader, row, COLUMN_NEGATE);
    double limits[4];
    bool ok = true;
    if (!*scaling || strcasecmp(scaling, "None") == 0 || strcmp(scaling, "0") == 0)
        return true;
    if (strcasecmp(scaling, "Linear") != 0 && strcmp(scaling, "1") != 0) {
        validation_add(
            reader->file->validation, NULL, kepware_columns[COLUMN_SCALING], "invalid_scaling",
            "\"%.40s\" has no counterpart here: must be Linear or empty; scale the value "
            "in the SCADA system",
            scaling);
        return false;
    }
    for (size_t i = 0; i < 4; i++)
        ok &=
            kepware_read_number(reader, row, (enum kepware_column)(COLUMN_RAW_LOW + i), &limits[i]);
    if (!ok)
        return false;
    if (!foreign_scale_from_limits(limits[0], limits[1], limits[2], limits[3], &tag->scale,
                                   &tag->offset)) {
        validation_add(reader->file->validation, NULL, kepware_columns[COLUMN_RAW_HIGH],
                       "invalid_scaling", "low and high must be different");
        return false;
    }
    if (strcmp(negate, "1") == 0 || strcasecmp(negate, "true") == 0) {
        tag->scale = -tag->scale;
        tag->offset = -tag->offset;
    }
    return true;
}

/* Splits "Group.Sub.Tag" into device and tag, unless all tags are of one device. */
static bool kepware_read_name(struct kepware_reader *reader, const char *name,
                              const struct foreign_remark *remark, struct foreign_tag *tag)
{
    struct foreign_file *file = reader->file;
    const char *dot = strrchr(name, '.');
    size_t len = remark->device ? strlen(remark->device) : 0;
    if (remark->device && strncmp(name, remark->device, len) == 0 && name[len] == '.')
        dot = name + len;
    tag->device = file->device;
    tag->name = name;
    if (!*name) {
        validation_add(file->validation, NULL, kepware_columns[COLUMN_NAME], "required",
                       "must have the name of a tag");
        return false;
    }
    if (file->device)
        return true;
    if (!dot || dot == name || !dot[1]) {
        validation_add(file->validation, NULL, kepware_columns[COLUMN_NAME], "required",
                       "\"%.64s\" is in no group, so that the file does not say its device: import "
                       "with device=, the name of the device",
                       name);
        return false;
    }
    tag->device = arena_strndup(file->arena, name, (size_t)(dot - name));
    tag->name = dot + 1;
    return true;
}

/* Reads the word of a type. False after an error; NULL is the type that the address implies. */
static bool kepware_read_type(const struct kepware_reader *reader, const struct table_row *row,
                              const char **type)
{
    const char *word = kepware_cell(reader, row, COLUMN_TYPE);
    size_t len = strlen(word);
    *type = NULL;
    if (!*word || strcasecmp(word, "Default") == 0)
        return true;
    if (len > 6 && strcasecmp(word + len - 6, " Array") == 0) /* the address has the size */
        word = arena_strndup(reader->file->arena, word, len - 6);
    *type = foreign_type_find(kepware_types, word);
    if (*type)
        return true;
    validation_add(reader->file->validation, NULL, kepware_columns[COLUMN_TYPE], "invalid_type",
                   "\"%.40s\" has no counterpart here: must be Boolean, Short, Word, Long, DWord, "
                   "LLong, QWord, Float, Double, BCD, LBCD or String",
                   word);
    return false;
}

static void kepware_read_tag(struct kepware_reader *reader, const struct table_row *row)
{
    static const struct foreign_names names = {"Tag Name", "Address", "Data Type"};
    struct foreign_file *file = reader->file;
    struct validation *validation = file->validation;
    struct foreign_remark remark;
    struct foreign_address address;
    struct foreign_error why;
    const char *type;
    struct foreign_tag tag = {.row = row->number, .scale = 1};
    validation->row = row->number;
    if (row->count > TABLE_COLUMNS_MAX) {
        validation_add_at(validation, "", "wrong_count", "has too many cells");
        return;
    }
    tag.description =
        foreign_remark_split(file->arena, kepware_cell(reader, row, COLUMN_DESCRIPTION), &remark);
    bool ok = kepware_read_name(reader, kepware_cell(reader, row, COLUMN_NAME), &remark, &tag);
    ok &= kepware_read_type(reader, row, &type);
    ok &= remark.has_scale || kepware_read_scaling(reader, row, &tag);
    const char *text = kepware_cell(reader, row, COLUMN_ADDRESS);
    if (!foreign_address_parse(FOREIGN_KEPWARE, text, false, file->base, &address, &why)) {
        validation_add(validation, NULL, names.address, "invalid_address", "%s", why.text);
        ok = false;
    }
    const char *access = kepware_cell(reader, row, COLUMN_ACCESS);
    tag.writable = ok && table_is_writable(address.table) && strcasestr(access, "w");
    tag.address_text = text;
    tag.eng_unit = kepware_cell(reader, row, COLUMN_UNITS);
    tag.type = remark.type;
    tag.length = remark.length > 0 ? (unsigned)remark.length : 0;
    tag.byte_order = remark.byte_order;
    tag.byte = remark.byte;
    tag.disabled = remark.disabled;
    if (remark.has_scale) {
        tag.scale = remark.scale;
        tag.offset = remark.offset;
    }
    for (size_t i = COLUMN_CLAMP_LOW; i <= COLUMN_CLAMP_HIGH; i++) {
        const char *clamp = kepware_cell(reader, row, (enum kepware_column)i);
        if (strcmp(clamp, "1") == 0 || strcasecmp(clamp, "true") == 0)
            foreign_file_ignore(file, kepware_columns[i]);
    }
    if (*kepware_cell(reader, row, COLUMN_RATE))
        foreign_file_ignore(file, kepware_columns[COLUMN_RATE]);
    if (ok)
        foreign_file_add(file, &tag, &address, type, &names);
}

/* Spreadsheets leave rows of separators behind. */
static bool kepware_row_is_blank(struct arena *arena, const struct table_row *row)
{
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        if (*foreign_trim(arena, row->cells[i]))
            return false;
    }
    return row->count <= TABLE_COLUMNS_MAX;
}

bool foreign_kepware_read(struct foreign_file *file, const struct foreign_table *source)
{
    struct kepware_reader reader = {.file = file, .comma = source->comma};
    struct table_row row = {0};
    enum table_result result;
    bool has_header = false, ok = true;
    struct validation *validation = file->validation;
    file->default_order = "CDAB";
    reader.row = &row;
    validation->locate = kepware_locate_error;
    validation->table = &reader;
    while (ok && (result = source->next_row(source->context, file->arena, &row)) != TABLE_END) {
        validation->row = row.number;
        if (result != TABLE_ROW) {
            validation_add_at(validation, "", "invalid_text",
                              "is not text in UTF-8 with closed "
                              "quotes");
        } else if (!has_header) {
            has_header = true;
            ok = kepware_read_header(&reader, &row);
        } else if (!kepware_row_is_blank(file->arena, &row)) {
            kepware_read_tag(&reader, &row);
        }
    }
    validation->locate = NULL;
    if (has_header)
        return ok;
    validation->row = 1;
    validation_add_at(validation, "", "required", "the file is empty");
    return false;
}

void foreign_kepware_write_header(struct text *text)
{
    for (size_t i = 0; i < COLUMNS; i++)
        csv_write_cell(text, kepware_columns[i], i > 0 ? ',' : '\0');
    csv_write_row_end(text);
}

/* Returns the address as KEPServerEX writes it. */
static const char *kepware_address(struct arena *arena, const struct foreign_tag *tag,
                                   struct foreign_remark *remark)
{
    enum { TEXT_BYTES_MAX = 240 };
    char modicon[MODICON_SIZE];
    modicon_format(tag->table, tag->address, modicon);
    if (tag->bit != NO_BIT)
        return arena_format(arena, "%s.%d", modicon, tag->bit);
    if (strcmp(tag->type, "string") != 0)
        return arena_strdup(arena, modicon);
    unsigned bytes = 2 * tag->length;
    if (bytes > TEXT_BYTES_MAX) {
        bytes = TEXT_BYTES_MAX;
        remark->length = (long)tag->length;
    }
    bool is_swapped = strcmp(tag->byte_order, "BADC") == 0 || strcmp(tag->byte_order, "DCBA") == 0;
    return arena_format(arena, "%s.%u%c", modicon, bytes, is_swapped ? 'L' : 'H');
}

/* Returns the word of a type, of a type that KEPServerEX does not have with a remark. */
static const char *kepware_type(const struct foreign_tag *tag, struct foreign_remark *remark)
{
    bool is_bool_register =
        strcmp(tag->type, "bool") == 0 && !table_is_bits(tag->table) && tag->bit == NO_BIT;
    const char *word = is_bool_register ? NULL : foreign_type_word(kepware_types, tag->type);
    if (word)
        return word;
    remark->type = tag->type;
    remark->byte = tag->byte;
    return "Word";
}

static void kepware_write_scaling(struct arena *arena, const struct foreign_tag *tag,
                                  const char *cells[COLUMNS], struct foreign_remark *remark)
{
    double limits[4] = {0};
    bool is_negative = tag->scale < 0;
    char number[VALUE_TEXT_SIZE];
    if (tag->scale == 1 && tag->offset == 0)
        return;
    enum foreign_limits found = foreign_limits_from_scale(is_negative ? -tag->scale : tag->scale,
                                                          is_negative ? -tag->offset : tag->offset,
                                                          &limits[1], &limits[2], &limits[3]);
    if (found != FOREIGN_LIMITS_EXACT) {
        remark->has_scale = true;
        remark->scale = tag->scale;
        remark->offset = tag->offset;
    }
    if (found == FOREIGN_LIMITS_NONE)
        return;
    cells[COLUMN_SCALING] = "Linear";
    for (size_t i = 0; i < 4; i++) {
        value_format_double(limits[i], number);
        cells[COLUMN_RAW_LOW + i] = arena_strdup(arena, number);
    }
    cells[COLUMN_SCALED_TYPE] = "Double";
    cells[COLUMN_CLAMP_LOW] = cells[COLUMN_CLAMP_HIGH] = "0";
    cells[COLUMN_NEGATE] = is_negative ? "1" : "0";
}

void foreign_kepware_write_tag(struct arena *arena, const struct foreign_tag *tag,
                               struct text *text)
{
    REQUIRE(tag->device && tag->name && tag->type && tag->byte_order);
    struct foreign_remark remark = {.disabled = tag->disabled};
    const char *cells[COLUMNS];
    int type = name_list_find(type_names, tag->type);
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = "";
    bool is_number = type >= 0 && type != TYPE_STRING && !table_is_bits(tag->table);
    bool is_wide = is_number && type_info[type].registers > 1;
    const char *usual = is_wide ? "CDAB" : "ABCD"; /* of 16 bits CDAB is the same */
    bool is_odd_text = type == TYPE_STRING && strcmp(tag->byte_order, "ABCD") != 0 &&
                       strcmp(tag->byte_order, "BADC") != 0;
    const char *order = foreign_order_name(tag->byte_order);
    if (is_odd_text ||
        (is_number && strcmp(order, usual) != 0 && (is_wide || strcmp(order, "CDAB") != 0)))
        remark.byte_order = tag->byte_order;
    if (strchr(tag->name, '.'))
        remark.device = tag->device;
    cells[COLUMN_NAME] = arena_format(arena, "%s.%s", tag->device, tag->name);
    cells[COLUMN_ADDRESS] = kepware_address(arena, tag, &remark);
    cells[COLUMN_TYPE] = kepware_type(tag, &remark);
    cells[COLUMN_RESPECT] = "1";
    cells[COLUMN_ACCESS] = tag->writable ? "R/W" : "RO";
    cells[COLUMN_RATE] = "1000";
    kepware_write_scaling(arena, tag, cells, &remark);
    cells[COLUMN_UNITS] = tag->eng_unit;
    cells[COLUMN_DESCRIPTION] = foreign_remark_append(arena, tag->description, &remark);
    for (size_t i = 0; i < COLUMNS; i++)
        csv_write_cell(text, cells[i], i > 0 ? ',' : '\0');
    csv_write_row_end(text);
}
