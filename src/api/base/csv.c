/* Reads and writes CSV. */
#include "api/base/csv.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

/* Some spreadsheets take a cell that begins with one of these for a formula. They may skip a tab or
 * an end of line and look at the next character. The last four are = + - @ in their full-width
 * forms. A cell that begins with ' gets another one, because reading removes one. */
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

/* Returns the offset after the quote that closes the one at `at`. If none does, the quote is a
 * character like others. */
static size_t csv_skip_quoted(const struct csv *csv, size_t at)
{
    for (size_t end = at + 1; end < csv->len; end++) {
        if (csv->text[end] != '"')
            continue;
        if (end + 1 == csv->len || csv->text[end + 1] != '"')
            return end + 1;
        end++;
    }
    return at + 1;
}

/* Counts the separators of a row outside of quotes. Returns the offset of its end. */
static size_t csv_count_separators(const struct csv *csv, size_t at, size_t counts[3])
{
    bool begins = true; /* a cell */
    counts[0] = counts[1] = counts[2] = 0;
    while (at < csv->len && !csv_is_line_end(csv->text[at])) {
        char c = csv->text[at];
        at = begins && c == '"' ? csv_skip_quoted(csv, at) : at + 1;
        counts[0] += c == ',';
        counts[1] += c == ';';
        counts[2] += c == '\t';
        begins = c == ',' || c == ';' || c == '\t';
    }
    return at;
}

static int csv_compare_counts(const void *a, const void *b)
{
    const size_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

/* Finds the separator that half of the rows have most of: a text may have many of another one. */
static void csv_find_separator(struct csv *csv)
{
    enum { ROWS = 40, HEAD_MAX = 1 << 16 };
    static const char separators[] = {',', ';', '\t'};
    size_t counts[3][ROWS], rows = 0, most = 0, at = 0;
    struct csv head = *csv;
    head.len = csv->len < HEAD_MAX ? csv->len : HEAD_MAX;
    while (rows < ROWS && at < head.len) {
        size_t row[3];
        at = csv_count_separators(&head, at, row);
        for (size_t i = 0; i < 3; i++)
            counts[i][rows] = row[i];
        rows++;
        while (at < head.len && csv_is_line_end(csv->text[at]))
            at++;
    }
    for (size_t i = 0; rows > 0 && i < 3; i++)
        qsort(counts[i], rows, sizeof counts[i][0], csv_compare_counts);
    for (size_t rank = rows > 0 ? (rows - 1) / 2 : 0; most == 0 && rank < rows;
         rank = rank == rows - 1 ? rows : rows - 1) {
        for (size_t i = 0; i < 3; i++) {
            if (counts[i][rank] > most) {
                most = counts[i][rank];
                csv->separator = separators[i];
            }
        }
    }
}

void csv_open(struct csv *csv, const char *text, size_t len)
{
    static const char mark[] = "\xef\xbb\xbf", sep[] = "sep=";
    size_t skip = len >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    *csv = (struct csv){.text = text + skip, .len = len - skip, .line = 1, .separator = ','};
    size_t quote = csv->len > 0 && csv->text[0] == '"';
    if (csv->len > quote + 5 && strncasecmp(csv->text + quote, sep, 4) == 0 &&
        strchr(",;\t", csv->text[quote + 4]) &&
        (csv_is_line_end(csv->text[2 * quote + 5]) || csv->len == 2 * quote + 5)) {
        csv->separator = csv->text[quote + 4];
        csv->at = 2 * quote + 5;
        return;
    }
    csv_find_separator(csv);
}

/* Skips an end of line: LF, CRLF or CR. False when the next byte is not one. */
static bool csv_skip_line_end(struct csv *csv)
{
    if (csv->at == csv->len || !csv_is_line_end(csv->text[csv->at]))
        return false;
    if (csv->text[csv->at++] == '\r' && csv->at < csv->len && csv->text[csv->at] == '\n')
        csv->at++;
    csv->line++;
    return true;
}

/* Reads a cell, with or without quotes. Between quotes "" is one quote, and lines may end. */
static enum table_result csv_read_cell(struct csv *csv, struct arena *arena, struct table_row *row)
{
    const char *from = csv->text + csv->at;
    size_t rest = csv->len - csv->at, end = 0, len = 0;
    bool quoted = rest > 0 && *from == '"';
    if (quoted) {
        for (end = 1; end < rest; end++) { /* to the closing quote */
            if (from[end] == '"' && (end + 1 == rest || from[end + 1] != '"'))
                break;
            if (from[end] == '"')
                end++;
        }
    } else {
        while (end < rest && from[end] != csv->separator && !csv_is_line_end(from[end]))
            end++;
    }
    bool closed = !quoted || end < rest;
    bool kept = row->count < TABLE_COLUMNS_MAX; /* others only count */

    char *cell = kept ? arena_alloc(arena, end + 1) : NULL;
    for (size_t i = quoted ? 1 : 0; i < end; i++) {
        char c = from[i];
        bool pair = c == '\r' && i + 1 < rest && from[i + 1] == '\n';
        if (csv_is_line_end(c) && !pair)
            csv->line++;
        if (quoted && c == '"')
            i++; /* the second one of "" */
        if (kept)
            cell[len++] = c;
    }
    csv->at += quoted && closed ? end + 1 : end;
    REQUIRE(csv->at <= csv->len);
    if (!closed)
        return TABLE_BAD_QUOTE;
    if (kept && (memchr(cell, '\0', len) || !utf8_is_valid(cell, len)))
        return TABLE_BAD_TEXT;
    if (kept) {
        row->cells[row->count] = cell;
        row->is_number[row->count] = false;
    }
    row->count++;
    return TABLE_ROW;
}

enum table_result csv_read_row(struct csv *csv, struct arena *arena, struct table_row *row)
{
    REQUIRE(csv->line >= 1 && csv->at <= csv->len);
    while (csv_skip_line_end(csv)) /* blank lines */
        continue;
    row->number = csv->line;
    row->count = row->fault_count = 0;
    if (csv->at == csv->len)
        return TABLE_END;
    for (;;) {
        enum table_result result = csv_read_cell(csv, arena, row);
        if (result == TABLE_ROW && csv->at < csv->len && csv->text[csv->at] == csv->separator) {
            csv->at++;
            continue;
        }
        bool at_end = csv->at == csv->len || csv_skip_line_end(csv);
        if (result == TABLE_ROW && at_end)
            return TABLE_ROW;
        if (!at_end) { /* skip the rest of the bad row */
            while (csv->at < csv->len && !csv_is_line_end(csv->text[csv->at]))
                csv->at++;
            csv_skip_line_end(csv);
        }
        return result == TABLE_ROW ? TABLE_BAD_QUOTE : result;
    }
}

static void csv_put_cell(struct text *text, const char *prefix, const char *cell, char separator)
{
    if (separator)
        text_putc(text, separator);
    /* Any separator is between quotes, so that reading finds which one the file has. */
    if (!strpbrk(cell, ",;\t\"\r\n") && cell[0] != ' ') {
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

void csv_write_cell(struct text *text, const char *cell, char separator)
{
    csv_put_cell(text, "", cell, separator);
}

void csv_write_text_cell(struct text *text, const char *cell, char separator)
{
    const char *prefix = "";
    for (size_t i = 0; i < sizeof formula_starts / sizeof formula_starts[0]; i++) {
        if (strncmp(cell, formula_starts[i], strlen(formula_starts[i])) == 0)
            prefix = "'";
    }
    csv_put_cell(text, prefix, cell, separator);
}

void csv_write_row_end(struct text *text)
{
    text_puts(text, "\r\n");
}

const char *csv_strip_quote_mark(const char *cell)
{
    return cell[0] == '\'' ? cell + 1 : cell;
}
