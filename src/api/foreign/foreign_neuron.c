/* Reads the tags of EMQX Neuron. */
#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "api/foreign/foreign_neuron.h"
#include "common/model/value.h"

/* The members of a tag, and of the group around it. */
enum neuron_cell {
    CELL_NODE,
    CELL_GROUP,
    CELL_NAME,
    CELL_ADDRESS,
    CELL_ATTRIBUTE,
    CELL_TYPE,
    CELL_DESCRIPTION,
    CELL_DECIMAL,
    CELL_BIAS,
    CELL_UNIT,
    CELLS
};

/* The names of members and columns; the first is used in errors. */
static const struct {
    const char *names[4];
} neuron_cells[CELLS] = {
    [CELL_NODE] = {{"node", "driver", "driver_name"}},
    [CELL_GROUP] = {{"group", "group_name"}},
    [CELL_NAME] = {{"name", "tag", "tag name"}},
    [CELL_ADDRESS] = {{"address"}},
    [CELL_ATTRIBUTE] = {{"attribute"}},
    [CELL_TYPE] = {{"type"}},
    [CELL_DESCRIPTION] = {{"description"}},
    [CELL_DECIMAL] = {{"decimal"}},
    [CELL_BIAS] = {{"bias"}},
    [CELL_UNIT] = {{"unit"}},
};

/* Words, and the numbers of include/neuron/type.h. */
static const struct foreign_type neuron_types[] = {
    {"INT8", "int8"},     {"1", "int8"},    {"UINT8", "uint8"},    {"2", "uint8"},
    {"INT16", "int16"},   {"3", "int16"},   {"UINT16", "uint16"},  {"4", "uint16"},
    {"INT32", "int32"},   {"5", "int32"},   {"UINT32", "uint32"},  {"6", "uint32"},
    {"INT64", "int64"},   {"7", "int64"},   {"UINT64", "uint64"},  {"8", "uint64"},
    {"FLOAT", "float32"}, {"9", "float32"}, {"DOUBLE", "float64"}, {"10", "float64"},
    {"BIT", "bool"},      {"11", "bool"},   {"BOOL", "bool"},      {"12", "bool"},
    {"STRING", "string"}, {"13", "string"}, {"WORD", "uint16"},    {"16", "uint16"},
    {"DWORD", "uint32"},  {"17", "uint32"}, {"LWORD", "uint64"},   {"18", "uint64"},
    {NULL, NULL}};

static int find_neuron_cell(const char *name)
{
    for (int i = 0; i < CELLS; i++) {
        for (size_t k = 0; k < 4 && neuron_cells[i].names[k]; k++) {
            if (strcasecmp(neuron_cells[i].names[k], name) == 0)
                return i;
        }
    }
    return -1;
}

/* True for "Write" among the words, or bit 2 of the number. */
static bool attribute_has_write(const char *attribute)
{
    enum { ATTRIBUTE_WRITE = 2 };
    if (isdigit((unsigned char)*attribute))
        return (strtol(attribute, NULL, 10) & ATTRIBUTE_WRITE) != 0;
    return strcasestr(attribute, "write") != NULL;
}

static bool read_factor(struct foreign_file *file, const char *text, enum neuron_cell cell,
                        double *number)
{
    char *end;
    if (!*text)
        return true;
    double read = strtod(text, &end);
    if (*end || !isfinite(read)) {
        validation_add(file->validation, NULL, neuron_cells[cell].names[0], "wrong_type",
                       "must be a number, such as 0.1");
        return false;
    }
    *number = read;
    return true;
}

/* Adds a tag. The place of its errors is set; no cell is NULL. */
static void add_neuron_tag(struct foreign_file *file, const char *const cells[CELLS], long row,
                           const char *pointer)
{
    static const struct foreign_names names = {"name", "address", "type"};
    struct validation *validation = file->validation;
    struct foreign_tag tag = {.row = row, .pointer = pointer, .scale = 1};
    struct foreign_address address;
    struct foreign_error why;
    double decimal = 0;
    if (!*cells[CELL_ADDRESS]) {
        foreign_file_note(file, FOREIGN_NOTE_SKIPPED, cells[CELL_NAME]);
        return;
    }
    tag.device = file->device        ? file->device
                 : *cells[CELL_NODE] ? cells[CELL_NODE]
                                     : cells[CELL_GROUP];
    tag.name = cells[CELL_NAME];
    tag.description = cells[CELL_DESCRIPTION];
    tag.address_text = cells[CELL_ADDRESS];
    tag.eng_unit = cells[CELL_UNIT];
    const char *type = foreign_type_find(neuron_types, cells[CELL_TYPE]);
    bool ok = read_factor(file, cells[CELL_DECIMAL], CELL_DECIMAL, &decimal);
    ok &= read_factor(file, cells[CELL_BIAS], CELL_BIAS, &tag.offset);
    if (decimal != 0) /* 0: not used */
        tag.scale = decimal;
    if (!*tag.name) {
        validation_add(validation, NULL, "name", "required", "must have the name of the tag");
        ok = false;
    }
    if (!*tag.device) {
        validation_add(validation, NULL, "group", "required",
                       "the file has neither a node nor a group, so that it does not say the "
                       "device: import with device=, the name of the device");
        ok = false;
    }
    if (!type) {
        validation_add(
            validation, NULL, "type", "invalid_type",
            "\"%.40s\" has no counterpart here: must be INT8, UINT8, INT16, UINT16, "
            "INT32, UINT32, INT64, UINT64, FLOAT, DOUBLE, BIT, BOOL, STRING, WORD, DWORD or LWORD",
            cells[CELL_TYPE]);
        return;
    }
    if (!foreign_address_parse(FOREIGN_NEURON, cells[CELL_ADDRESS], strcmp(type, "string") == 0,
                               file->base, &address, &why)) {
        validation_add(validation, NULL, "address", "invalid_address", "\"%.40s\": %s",
                       cells[CELL_ADDRESS], why.text);
        return;
    }
    tag.writable = table_is_writable(address.table) && attribute_has_write(cells[CELL_ATTRIBUTE]);
    if (ok)
        foreign_file_add(file, &tag, &address, type, &names);
}

/* Reads the member of an object as a text, "" for none. */
static const char *neuron_member_text(struct arena *arena, const cJSON *item)
{
    char number[VALUE_TEXT_SIZE];
    if (cJSON_IsString(item))
        return foreign_trim(arena, item->valuestring);
    if (!cJSON_IsNumber(item))
        return "";
    value_format_double(item->valuedouble, number);
    return arena_strdup(arena, number);
}

static void read_json_tag(struct foreign_file *file, const cJSON *object, const char *node,
                          const char *group, const char *pointer, long *number)
{
    const char *cells[CELLS];
    const cJSON *member;
    for (size_t i = 0; i < CELLS; i++)
        cells[i] = "";
    cells[CELL_NODE] = node;
    cells[CELL_GROUP] = group;
    cJSON_ArrayForEach(member, object)
    {
        int cell = member->string ? find_neuron_cell(member->string) : -1;
        const char *text = neuron_member_text(file->arena, member);
        if (cell >= 0)
            cells[cell] = text;
        else if (member->string && *text && strcmp(text, "0") != 0)
            foreign_file_ignore(file, member->string);
    }
    file->validation->row = 0;
    file->validation->prefix = pointer;
    add_neuron_tag(file, cells, ++*number, pointer);
}

/* Finds the tags in "tags" and "groups", of which those of a node know its name. */
static void walk_json(struct foreign_file *file, const cJSON *object, const char *node,
                      const char *group, const char *pointer, long *number)
{
    const cJSON *member, *item;
    cJSON_ArrayForEach(member, object)
    {
        int cell = member->string ? find_neuron_cell(member->string) : -1;
        if (cell == CELL_NODE && cJSON_IsString(member))
            node = member->valuestring;
        else if (cell == CELL_GROUP && cJSON_IsString(member))
            group = member->valuestring;
    }
    cJSON_ArrayForEach(member, object)
    {
        int index = 0;
        const char *name = member->string ? member->string : "";
        bool is_list =
            cJSON_IsArray(member) && (strcmp(name, "tags") == 0 || strcmp(name, "groups") == 0);
        if (cJSON_IsArray(member) && !is_list)
            foreign_file_ignore(file, name);
        if (!is_list)
            continue;
        cJSON_ArrayForEach(item, member)
        {
            const char *place = arena_format(file->arena, "%s/%s/%d", pointer, name, index++);
            if (cJSON_GetObjectItemCaseSensitive(item, "address"))
                read_json_tag(file, item, node, group, place, number);
            else if (cJSON_IsObject(item))
                walk_json(file, item, node, group, place, number);
        }
    }
}

void foreign_neuron_read_json(struct foreign_file *file, const struct cJSON *root)
{
    long number = 0;
    file->default_order = "ABCD";
    size_t before = file->validation->found;
    walk_json(file, root, "", "", "", &number);
    if (number > 0 || file->validation->found > before)
        return;
    file->validation->row = 0;
    file->validation->prefix = "";
    validation_add(file->validation, NULL, "tags", "required",
                   "must be the JSON of Neuron: an object with \"tags\", or with \"groups\" that "
                   "have \"tags\"");
}

/* The row of a table that is being read. */
struct neuron_row {
    const struct table_row *row;
    const int *columns; /* enum neuron_cell of each, or -1 */
};

/* Tells an error its cell. */
static void neuron_locate_error(const void *table, struct validation_error *error)
{
    const struct neuron_row *at = table;
    int cell = error->column ? find_neuron_cell(error->column) : -1;
    for (size_t i = 0; cell >= 0 && i < at->row->count && i < TABLE_COLUMNS_MAX; i++) {
        if (at->columns[i] == cell && error->row == at->row->number)
            error->cell = at->row->cells[i];
    }
}

/* Finds the place of each column in a row. */
static bool read_table_header(struct foreign_file *file, const struct table_row *row,
                              int columns[TABLE_COLUMNS_MAX])
{
    bool has[CELLS] = {false};
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        const char *name = foreign_trim(file->arena, row->cells[i]);
        columns[i] = find_neuron_cell(name);
        if (columns[i] >= 0)
            has[columns[i]] = true;
        else if (*name)
            foreign_file_ignore(file, name);
    }
    if (has[CELL_NAME] && has[CELL_ADDRESS] && has[CELL_TYPE])
        return true;
    validation_add_at(
        file->validation, "", "required",
        "the first row must have the columns name, address and type, as in the tables "
        "that Neuron exports");
    return false;
}

static void read_table_row(struct foreign_file *file, const struct table_row *row,
                           const int columns[TABLE_COLUMNS_MAX])
{
    const char *cells[CELLS];
    bool is_blank = true;
    for (size_t i = 0; i < CELLS; i++)
        cells[i] = "";
    for (size_t i = 0; i < row->count && i < TABLE_COLUMNS_MAX; i++) {
        const char *cell = foreign_trim(file->arena, row->cells[i]);
        is_blank &= !*cell;
        if (columns[i] >= 0)
            cells[columns[i]] = cell;
    }
    if (!is_blank)
        add_neuron_tag(file, cells, row->number, NULL);
}

void foreign_neuron_read_table(struct foreign_file *file, const struct foreign_table *source)
{
    struct table_row row = {0};
    enum table_result result;
    int columns[TABLE_COLUMNS_MAX];
    const struct neuron_row at = {&row, columns};
    struct validation *validation = file->validation;
    bool has_header = false, ok = true;
    file->default_order = "ABCD";
    for (size_t i = 0; i < TABLE_COLUMNS_MAX; i++)
        columns[i] = -1;
    validation->locate = neuron_locate_error;
    validation->table = &at;
    while (ok && (result = source->next_row(source->context, file->arena, &row)) != TABLE_END) {
        validation->row = row.number;
        if (result != TABLE_ROW) {
            validation_add_at(validation, "", "invalid_text",
                              "is not text in UTF-8 with closed quotes");
        } else if (!has_header) {
            has_header = true;
            ok = read_table_header(file, &row, columns);
        } else {
            read_table_row(file, &row, columns);
        }
    }
    validation->locate = NULL;
    if (!has_header) {
        validation->row = 1;
        validation_add_at(validation, "", "required", "the file is empty");
    }
}
