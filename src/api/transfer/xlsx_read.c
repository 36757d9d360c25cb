/* Reads the parts of a workbook: the list of sheets, the shared texts, the formats, a sheet. */
#include "api/transfer/xlsx_read.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/base/text.h"
#include "api/base/xml_reader.h"
#include "api/base/zip_package.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/value.h"

struct xlsx_sheet {
    const char *name;
    const char *relation; /* its id in the list of files */
    const char *path;     /* in the package, or NULL */
    bool hidden;
};

struct xlsx {
    struct memory_block guard;
    struct arena *arena;
    struct zip_package *package;
    struct xml_reader *xml; /* of the entry that is being read, or NULL */
    struct xlsx_sheet sheets[XLSX_SHEETS_MAX];
    size_t sheet_count;
    const char **shared; /* the texts that cells share */
    size_t shared_count, shared_size, shared_bytes;
    bool *dates; /* for each format of cells: it shows a date */
    size_t date_count, date_size;
    long last_row;
    bool damaged;
    struct text text; /* of the cell that is being read */
};

static void xlsx_release(void *object)
{
    struct xlsx *xlsx = object;
    xml_reader_destroy(xlsx->xml);
    zip_package_close(xlsx->package);
    xlsx->xml = NULL;
    xlsx->package = NULL;
}

static long xlsx_read_bytes(void *context, char *bytes, size_t size)
{
    struct xlsx *xlsx = context;
    return zip_package_read(xlsx->package, XLSX_UNPACKED_MAX, bytes, size);
}

/* Begins to read an entry of the package. False if it is not there. */
static bool xlsx_enter_entry(struct xlsx *xlsx, const char *path)
{
    xml_reader_destroy(xlsx->xml);
    xlsx->xml = NULL;
    if (!zip_package_enter(xlsx->package, path))
        return false;
    xlsx->xml = xml_reader_create(xlsx_read_bytes, xlsx);
    if (!xlsx->xml)
        memory_fail();
    return true;
}

/* Reads the next event. False at the end of the entry, and of one that is damaged. */
static bool xlsx_next_event(struct xlsx *xlsx, struct xml_event *event)
{
    xml_reader_next(xlsx->xml, event);
    xlsx->damaged = xlsx->damaged || event->kind == XML_BAD;
    return event->kind != XML_BAD && event->kind != XML_END;
}

static bool event_opens(const struct xml_event *event, const char *name)
{
    return event->kind == XML_OPEN && strcmp(event->name, name) == 0;
}

static bool event_closes(const struct xml_event *event, const char *name)
{
    return event->kind == XML_CLOSE && strcmp(event->name, name) == 0;
}

/* Replaces _x000D_ and the like, by which office programs write characters that XML has not. */
static char *xlsx_decode_text(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_strndup(arena, text, len), *to = copy;
    for (const char *at = text, *end = text + len; at < end;) {
        char digits[5] = "", *stop;
        if (end - at >= 7 && at[0] == '_' && at[1] == 'x' && at[6] == '_')
            memcpy(digits, at + 2, 4);
        long code = strtol(digits, &stop, 16);
        bool is_code = strspn(digits, "0123456789abcdefABCDEF") == 4 && *stop == '\0';
        if (is_code && code > 0 && code < 0x80) {
            *to++ = (char)code;
            at += 7;
        } else if (is_code && code >= 0xfffe) {
            to = stpcpy(to, code == 0xfffe ? "\xef\xbf\xbe" : "\xef\xbf\xbf");
            at += 7;
        } else {
            *to++ = *at++;
        }
    }
    *to = '\0';
    return copy;
}

/* Reads the text of an element up to its end: of its <t> parts, but not of the phonetic ones; of a
 * value the whole. False when the entry is damaged, or the text too long. */
static bool xlsx_read_text(struct xlsx *xlsx, const char *element, bool whole)
{
    struct xml_event event;
    bool inside = whole, phonetic = false;
    xlsx->text.len = 0;
    text_append(&xlsx->text, "", 0);
    while (xlsx_next_event(xlsx, &event)) {
        if (event_closes(&event, element))
            return true;
        if (event.kind == XML_TEXT && inside && !phonetic)
            text_append(&xlsx->text, event.text, event.len);
        else if (event.kind != XML_TEXT && strcmp(event.name, "rPh") == 0)
            phonetic = event.kind == XML_OPEN;
        else if (event.kind != XML_TEXT && strcmp(event.name, "t") == 0)
            inside = whole || event.kind == XML_OPEN;
        if (xlsx->text.len > XLSX_TEXT_MAX)
            break;
    }
    xlsx->damaged = true;
    return false;
}

static void xlsx_read_shared_texts(struct xlsx *xlsx)
{
    struct xml_event event;
    if (!xlsx_enter_entry(xlsx, "xl/sharedStrings.xml"))
        return;
    while (xlsx_next_event(xlsx, &event)) {
        if (!event_opens(&event, "si") || !xlsx_read_text(xlsx, "si", false))
            continue;
        xlsx->shared_bytes += xlsx->text.len + sizeof(char *);
        if (xlsx->shared_bytes > XLSX_SHARED_BYTES_MAX) {
            xlsx->damaged = true;
            return;
        }
        xlsx->shared = arena_grow(xlsx->arena, xlsx->shared, xlsx->shared_count, &xlsx->shared_size,
                                  sizeof *xlsx->shared);
        xlsx->shared[xlsx->shared_count++] =
            xlsx_decode_text(xlsx->arena, xlsx->text.data, xlsx->text.len);
    }
}

/* True for a format with days, months, years, hours or seconds outside of quotes and brackets. */
static bool format_code_is_date(const char *code)
{
    bool quoted = false, bracket = false;
    for (; *code; code++) {
        if (*code == '\\' && code[1]) {
            code++;
            continue;
        }
        quoted = quoted != (*code == '"');
        bracket = !quoted && (*code == '[' || (bracket && *code != ']'));
        if (!quoted && !bracket && strchr("dDmMyYhHsS", *code))
            return strncmp(code, "Standard", 8) != 0;
    }
    return false;
}

static bool format_number_is_date(long number)
{
    return (number >= 14 && number <= 22) || (number >= 27 && number <= 36) ||
           (number >= 45 && number <= 47) || (number >= 50 && number <= 58);
}

static void xlsx_read_formats(struct xlsx *xlsx)
{
    enum { CUSTOM_MAX = 256 };
    long custom[CUSTOM_MAX]; /* numbers of formats that show dates */
    size_t custom_count = 0;
    bool in_cells = false;
    struct xml_event event;
    if (!xlsx_enter_entry(xlsx, "xl/styles.xml"))
        return;
    while (xlsx_next_event(xlsx, &event)) {
        const char *id = event.kind == XML_OPEN ? xml_find_attribute(&event, "numFmtId") : NULL;
        long number = id ? strtol(id, NULL, 10) : 0;
        if (event.kind != XML_TEXT && strcmp(event.name, "cellXfs") == 0)
            in_cells = event.kind == XML_OPEN;
        if (event_opens(&event, "numFmt") && id && custom_count < CUSTOM_MAX) {
            const char *code = xml_find_attribute(&event, "formatCode");
            if (code && format_code_is_date(code))
                custom[custom_count++] = number;
        } else if (in_cells && event_opens(&event, "xf")) {
            bool is_date = format_number_is_date(number);
            for (size_t i = 0; i < custom_count; i++)
                is_date = is_date || custom[i] == number;
            xlsx->dates = arena_grow(xlsx->arena, xlsx->dates, xlsx->date_count, &xlsx->date_size,
                                     sizeof *xlsx->dates);
            xlsx->dates[xlsx->date_count++] = is_date;
        }
    }
}

/* Reads the names of the sheets, and the files that they are in. */
static bool xlsx_read_sheet_list(struct xlsx *xlsx)
{
    struct xml_event event;
    if (!xlsx_enter_entry(xlsx, "xl/workbook.xml"))
        return false;
    while (xlsx_next_event(xlsx, &event)) {
        const char *name = NULL, *relation = NULL, *state = NULL;
        if (event_opens(&event, "sheet") && xlsx->sheet_count < XLSX_SHEETS_MAX) {
            name = xml_find_attribute(&event, "name");
            relation = xml_find_attribute(&event, "id");
            state = xml_find_attribute(&event, "state");
        }
        if (name && relation)
            xlsx->sheets[xlsx->sheet_count++] =
                (struct xlsx_sheet){.name = arena_strdup(xlsx->arena, name),
                                    .relation = arena_strdup(xlsx->arena, relation),
                                    .hidden = state && strcmp(state, "visible") != 0};
    }
    if (!xlsx_enter_entry(xlsx, "xl/_rels/workbook.xml.rels"))
        return false;
    while (xlsx_next_event(xlsx, &event)) {
        if (!event_opens(&event, "Relationship"))
            continue;
        const char *id = xml_find_attribute(&event, "Id");
        const char *target = xml_find_attribute(&event, "Target");
        for (size_t i = 0; id && target && i < xlsx->sheet_count; i++) {
            if (strcmp(xlsx->sheets[i].relation, id) == 0)
                xlsx->sheets[i].path = target[0] == '/'
                                           ? arena_strdup(xlsx->arena, target + 1)
                                           : arena_format(xlsx->arena, "xl/%s", target);
        }
    }
    return xlsx->sheet_count > 0;
}

struct xlsx *xlsx_open(struct arena *arena, const char *bytes, size_t len, char *why,
                       size_t why_size)
{
    static const char old[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
    struct xlsx *xlsx = arena_alloc(arena, sizeof *xlsx);
    xlsx->arena = arena;
    if (len >= 8 && memcmp(bytes, old, 8) == 0) {
        snprintf(why, why_size,
                 "The body is a workbook of an old format (.xls), or has a password; save it as "
                 ".xlsx without one.");
        return NULL;
    }
    memory_guard(&xlsx->guard, xlsx_release, xlsx);
    xlsx->package = zip_package_open(bytes, len);
    bool readable = xlsx->package && xlsx_read_sheet_list(xlsx);
    if (readable) {
        xlsx_read_shared_texts(xlsx);
        xlsx_read_formats(xlsx);
    }
    if (!readable || xlsx->damaged) {
        snprintf(why, why_size, "The body is not a workbook (.xlsx), is damaged, or is too large.");
        xlsx_close(xlsx);
        return NULL;
    }
    return xlsx;
}

void xlsx_close(struct xlsx *xlsx)
{
    if (!xlsx)
        return;
    xlsx_release(xlsx);
    memory_unguard(&xlsx->guard);
    text_finish(&xlsx->text);
}

size_t xlsx_count_sheets(const struct xlsx *xlsx)
{
    return xlsx->sheet_count;
}

const char *xlsx_sheet_name(const struct xlsx *xlsx, size_t sheet)
{
    REQUIRE(sheet < xlsx->sheet_count);
    return xlsx->sheets[sheet].name;
}

bool xlsx_sheet_is_hidden(const struct xlsx *xlsx, size_t sheet)
{
    REQUIRE(sheet < xlsx->sheet_count);
    return xlsx->sheets[sheet].hidden;
}

void xlsx_enter_sheet(struct xlsx *xlsx, size_t sheet)
{
    REQUIRE(sheet < xlsx->sheet_count);
    const char *path = xlsx->sheets[sheet].path;
    xlsx->last_row = 0;
    xlsx->damaged = xlsx->damaged || !path || !xlsx_enter_entry(xlsx, path);
}

bool xlsx_is_damaged(const struct xlsx *xlsx)
{
    return xlsx->damaged;
}

/* Returns the column of a reference such as AB12, from 0, or -1. */
static long column_of_reference(const char *reference)
{
    long column = 0;
    size_t len = strspn(reference, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    if (len < 1 || len > 3)
        return -1;
    for (size_t i = 0; i < len; i++)
        column = 26 * column + (reference[i] - 'A' + 1);
    return column - 1;
}

static void row_add_fault(struct table_row *row, long column, const char *what)
{
    if (row->fault_count < TABLE_FAULTS_MAX)
        row->faults[row->fault_count++] =
            (struct table_fault){.column = (size_t)column, .what = what};
}

/* Converts the value of a cell to the text that a person sees, without its format. */
static const char *xlsx_value_text(struct xlsx *xlsx, const char *type, long style, long column,
                                   struct arena *arena, struct table_row *row)
{
    const char *value = xlsx->text.data;
    char number[VALUE_TEXT_SIZE], *end;
    if (strcmp(type, "s") == 0) {
        unsigned long index = strtoul(value, &end, 10);
        if (*value == '\0' || *end || index >= xlsx->shared_count) {
            xlsx->damaged = true;
            return "";
        }
        return xlsx->shared[index];
    }
    if (strcmp(type, "b") == 0)
        return strcmp(value, "1") == 0 ? "TRUE" : "FALSE";
    if (strcmp(type, "e") == 0) {
        row_add_fault(row, column,
                      "is an error of the spreadsheet; mend the formula, or write the value");
        return arena_strdup(arena, value);
    }
    double real = strtod(value, &end);
    if (strcmp(type, "n") != 0 || *value == '\0' || *end)
        return xlsx_decode_text(arena, value, xlsx->text.len);
    if (style >= 0 && (size_t)style < xlsx->date_count && xlsx->dates[style])
        row_add_fault(
            row, column,
            "is a date, which the spreadsheet may have made of a number such as 1.5; give "
            "the column the format text and write the number again");
    row->is_number[column] = true;
    value_format_double(real, number);
    return arena_strdup(arena, number);
}

/* Reads a cell up to its end, and puts it into the row if it is not empty. */
static void xlsx_read_cell(struct xlsx *xlsx, const struct xml_event *open, long *next_column,
                           struct arena *arena, struct table_row *row)
{
    const char *reference = xml_find_attribute(open, "r"), *style = xml_find_attribute(open, "s");
    const char *given = xml_find_attribute(open, "t");
    long column = reference ? column_of_reference(reference) : *next_column;
    long format = style ? strtol(style, NULL, 10) : -1;
    char type[16] = "n";
    struct xml_event event;
    bool has_value = false, has_formula = false;
    if (given)
        snprintf(type, sizeof type, "%s", given);
    xlsx->damaged = xlsx->damaged || column < 0;
    *next_column = column + 1;
    xlsx->text.len = 0;
    while (!xlsx->damaged && xlsx_next_event(xlsx, &event) && !event_closes(&event, "c")) {
        has_formula = has_formula || event_opens(&event, "f");
        if (event_opens(&event, "v"))
            has_value = xlsx_read_text(xlsx, "v", true);
        else if (event_opens(&event, "is"))
            has_value = xlsx_read_text(xlsx, "is", false);
    }
    has_value = has_value && xlsx->text.len > 0;
    if (xlsx->damaged || (!has_value && !has_formula))
        return;
    while (row->count <= (size_t)column && row->count < TABLE_COLUMNS_MAX) {
        row->is_number[row->count] = false;
        row->cells[row->count++] = "";
    }
    if (column >= TABLE_COLUMNS_MAX) {
        row->count = TABLE_COLUMNS_MAX + 1;
        return;
    }
    if (!has_value)
        row_add_fault(row, column,
                      "is a formula without its result; open and save the file with a spreadsheet");
    else
        row->cells[column] = xlsx_value_text(xlsx, type, format, column, arena, row);
    if (!utf8_is_valid(row->cells[column], strlen(row->cells[column])))
        xlsx->damaged = true;
}

enum table_result xlsx_next_row(void *context, struct arena *arena, struct table_row *row)
{
    struct xlsx *xlsx = context;
    struct xml_event event;
    row->count = row->fault_count = 0;
    row->number = xlsx->last_row + 1;
    while (!xlsx->damaged && xlsx_next_event(xlsx, &event)) {
        if (!event_opens(&event, "row"))
            continue;
        const char *number = xml_find_attribute(&event, "r");
        long next_column = 0;
        row->number = number ? strtol(number, NULL, 10) : xlsx->last_row + 1;
        if (row->number < 1 || row->number > XLSX_ROW_MAX) {
            xlsx->damaged = true;
            break;
        }
        xlsx->last_row = row->number;
        while (!xlsx->damaged && xlsx_next_event(xlsx, &event) && !event_closes(&event, "row")) {
            if (event_opens(&event, "c"))
                xlsx_read_cell(xlsx, &event, &next_column, arena, row);
        }
        if (row->count > 0 && !xlsx->damaged)
            return TABLE_ROW;
    }
    return TABLE_END;
}
