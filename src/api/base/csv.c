/* Reads and writes CSV. */
#include "api/base/csv.h"

#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

/* The first characters that make some spreadsheet take a cell for a formula. It may ignore a tab or
 * an end of line and look at the character behind it; the last four are = + - @ as wide
 * as a Chinese character, which it takes for those. A ' of the cell's own is guarded, so that none
 * is lost. */
static const char *const formula_starts[] = {"=",
                                             "+",
                                             "-",
                                             "@",
                                             "\t",
                                             "\r",
                                             "\n",
                                             "'",
                                             "\xef\xbc\x9d",
                                             "\xef\xbc\x8b",
                                             "\xef\xbc\x8d",
                                             "\xef\xbc\xa0"};

static bool csv_is_line_end(char c)
{
    return c == '\n' || c == '\r';
}

void csv_open(struct csv *csv, const char *text, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf";
    size_t skip = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    *csv = (struct csv){.text = text + skip, .len = len - skip, .line = 1, .separator = ','};
    size_t from = 0;
    while (from < csv->len && csv_is_line_end(csv->text[from]))
        from++;
    bool commas = false, semicolons = false, tabs = false;
    for (size_t at = from; at < csv->len && !csv_is_line_end(csv->text[at]); at++) {
        commas = commas || csv->text[at] == ',';
        semicolons = semicolons || csv->text[at] == ';';
        tabs = tabs || csv->text[at] == '\t';
    }
    if (!commas && (semicolons || tabs))
        csv->separator = semicolons ? ';' : '\t';
}

/* Steps over an end of line, which is LF, CRLF or CR. */
static bool csv_skip_line_end(struct csv *csv)
{
    if (csv->at == csv->len || (csv->text[csv->at] != '\n' && csv->text[csv->at] != '\r'))
        return false;
    if (csv->text[csv->at++] == '\r' && csv->at < csv->len && csv->text[csv->at] == '\n')
        csv->at++;
    csv->line++;
    return true;
}

/* A cell in quotes; within, "" is a quote, and lines may end. */
static bool csv_read_quoted(struct csv *csv, char *cell, size_t *len)
{
    for (csv->at++; csv->at < csv->len; csv->at++) {
        char c = csv->text[csv->at];
        if (c == '"') {
            if (csv->at + 1 == csv->len || csv->text[csv->at + 1] != '"') {
                csv->at++;
                return true;
            }
            csv->at++;
        }
        bool pair = c == '\r' && csv->at + 1 < csv->len && csv->text[csv->at + 1] == '\n';
        if (csv_is_line_end(c) && !pair)
            csv->line++;
        cell[(*len)++] = c;
    }
    return false;
}

/* The most bytes that a cell here can have, for its copy. */
static size_t csv_cell_size_max(const struct csv *csv)
{
    const char *from = csv->text + csv->at;
    size_t rest = csv->len - csv->at, len = 0;
    if (rest == 0 || *from != '"') {
        while (len < rest && from[len] != csv->separator && from[len] != '\n' && from[len] != '\r')
            len++;
        return len;
    }
    for (len = 1; len < rest; len++) {
        if (from[len] == '"' && (len + 1 == rest || from[len + 1] != '"'))
            break;
        if (from[len] == '"')
            len++;
    }
    return len < rest ? len : rest;
}

static enum csv_result csv_read_cell(struct csv *csv, struct arena *arena, struct csv_row *row)
{
    char *cell = arena_alloc(arena, csv_cell_size_max(csv) + 1);
    size_t len = 0;
    if (csv->at < csv->len && csv->text[csv->at] == '"') {
        if (!csv_read_quoted(csv, cell, &len))
            return CSV_BAD_QUOTE;
    } else {
        for (; csv->at < csv->len; csv->at++) {
            char c = csv->text[csv->at];
            if (c == csv->separator || csv_is_line_end(c))
                break;
            cell[len++] = c;
        }
    }
    REQUIRE(csv->at <= csv->len);
    if (memchr(cell, '\0', len) || !utf8_is_valid(cell, len))
        return CSV_BAD_TEXT;
    if (row->count < CSV_COLUMNS_MAX)
        row->cells[row->count] = cell;
    row->count++;
    return CSV_ROW;
}

enum csv_result csv_read_row(struct csv *csv, struct arena *arena, struct csv_row *row)
{
    REQUIRE(csv->line >= 1 && csv->at <= csv->len);
    while (csv_skip_line_end(csv)) /* blank lines */
        ;
    *row = (struct csv_row){.line = csv->line};
    if (csv->at == csv->len)
        return CSV_END;
    for (;;) {
        enum csv_result result = csv_read_cell(csv, arena, row);
        if (result == CSV_ROW && csv->at < csv->len && csv->text[csv->at] == csv->separator) {
            csv->at++;
            continue;
        }
        bool at_end = csv->at == csv->len || csv_skip_line_end(csv);
        if (result == CSV_ROW && at_end)
            return CSV_ROW;
        if (!at_end) { /* the next row begins with the next line */
            while (csv->at < csv->len && !csv_is_line_end(csv->text[csv->at]))
                csv->at++;
            csv_skip_line_end(csv);
        }
        return result == CSV_ROW ? CSV_BAD_QUOTE : result;
    }
}

static void csv_put_cell(struct text *text, const char *prefix, const char *cell, bool first)
{
    if (!first)
        text_putc(text, ',');
    if (!strpbrk(cell, ",;\"\r\n") && cell[0] != ' ') {
        text_puts(text, prefix);
        text_puts(text, cell);
        return;
    }
    text_putc(text, '"');
    text_puts(text, prefix);
    for (; *cell; cell++) {
        if (*cell == '"')
            text_putc(text, '"');
        text_putc(text, *cell);
    }
    text_putc(text, '"');
}

void csv_write_cell(struct text *text, const char *cell, bool first)
{
    csv_put_cell(text, "", cell, first);
}

void csv_write_text_cell(struct text *text, const char *cell, bool first)
{
    const char *prefix = "";
    for (size_t i = 0; i < sizeof formula_starts / sizeof formula_starts[0]; i++) {
        if (strncmp(cell, formula_starts[i], strlen(formula_starts[i])) == 0)
            prefix = "'";
    }
    csv_put_cell(text, prefix, cell, first);
}

void csv_write_row_end(struct text *text)
{
    text_puts(text, "\r\n");
}

const char *csv_strip_quote_mark(const char *cell)
{
    return cell[0] == '\'' ? cell + 1 : cell;
}
