#include "ctl/output/table.h"

#include <string.h>

#include "common/base/require.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"

/* Columns between two columns; of a long column before others are left out, and at least. */
enum { GAP = 2, LONG_WANTED = 24, LONG_NARROWEST = 12 };
/* The width of a column that is left out. */
#define HIDDEN ((size_t)-1)

void table_init(struct table *table, const struct table_column *columns, size_t count)
{
    REQUIRE(count > 0 && count <= TABLE_COLUMNS_MAX);
    *table = (struct table){.columns = columns, .column_count = count};
}

struct table_cell *table_add_row(struct table *table)
{
    REQUIRE(table->columns && table->row_count <= table->room);
    if (table->row_count == table->room) {
        table->room = table->room ? table->room * 2 : 64;
        table->cells =
            keep_resize(table->cells, table->room * table->column_count * sizeof *table->cells);
    }
    struct table_cell *row = table->cells + table->row_count++ * table->column_count;
    for (size_t i = 0; i < table->column_count; i++)
        row[i] = (struct table_cell){.text = "", .style = STYLE_PLAIN};
    return row;
}

void table_print_csv_row(FILE *out, const char *const *cells, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *text = cells[i];
        if (i > 0)
            fputc(',', out);
        if (!strpbrk(text, ",;\"\r\n\t") && text[0] != ' ') {
            fputs(text, out);
            continue;
        }
        fputc('"', out);
        for (; *text; text++) {
            if (*text == '"')
                fputc('"', out);
            fputc(*text, out);
        }
        fputc('"', out);
    }
    fputs("\r\n", out);
}

static void table_print_csv(const struct table *table)
{
    const char *cells[TABLE_COLUMNS_MAX];
    for (size_t i = 0; i < table->column_count; i++)
        cells[i] = table->columns[i].name;
    table_print_csv_row(stdout, cells, table->column_count);
    for (size_t row = 0; row < table->row_count; row++) {
        for (size_t i = 0; i < table->column_count; i++)
            cells[i] = table->cells[row * table->column_count + i].text;
        table_print_csv_row(stdout, cells, table->column_count);
    }
}

/* The widest column that is wider than `narrowest`, among the long ones or all; -1 if none is. */
static int table_find_widest(const struct table *table, const size_t *widths, bool only_long,
                             size_t narrowest)
{
    int widest = -1;
    for (size_t i = 0; i < table->column_count; i++) {
        if (widths[i] == HIDDEN || (only_long && !table->columns[i].is_long) ||
            widths[i] <= narrowest)
            continue;
        if (widest < 0 || widths[i] > widths[widest])
            widest = (int)i;
    }
    return widest;
}

/* The columns that a row takes, with long ones no wider than `longest`. */
static size_t table_sum_widths(const struct table *table, const size_t *widths, size_t longest)
{
    size_t whole = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (widths[i] == HIDDEN)
            continue;
        bool is_cut = table->columns[i].is_long && widths[i] > longest;
        whole += (is_cut ? longest : widths[i]) + GAP;
    }
    return whole > 0 ? whole - GAP : 0;
}

/* Leaves out columns that may be, until the others have room. */
static void table_drop_columns(const struct table *table, size_t columns, size_t *widths)
{
    while (table_sum_widths(table, widths, LONG_WANTED) > columns) {
        int first = -1;
        for (size_t i = 0; i < table->column_count; i++) {
            unsigned drop = table->columns[i].drop;
            if (widths[i] != HIDDEN && drop > (first < 0 ? 0 : table->columns[first].drop))
                first = (int)i;
        }
        if (first < 0)
            return;
        widths[first] = HIDDEN;
    }
}

/* Makes columns narrower until a row fits into the terminal, as far as that goes: first the long
 * ones, then all. */
static void table_fit_widths(const struct table *table, size_t columns, size_t *widths)
{
    static const struct {
        bool only_long;
        size_t narrowest;
    } steps[] = {{true, LONG_NARROWEST}, {false, 8}, {false, 3}};
    table_drop_columns(table, columns, widths);
    size_t whole = table_sum_widths(table, widths, HIDDEN);
    for (size_t step = 0; whole > columns && step < sizeof steps / sizeof steps[0];) {
        int widest = table_find_widest(table, widths, steps[step].only_long, steps[step].narrowest);
        if (widest < 0) {
            step++;
            continue;
        }
        widths[widest]--;
        whole--;
    }
}

/* The width that each column needs. */
static void table_measure_widths(const struct table *table, size_t *widths)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column *column = &table->columns[i];
        size_t widest = 0;
        widths[i] = HIDDEN;
        if (column->in_csv_only)
            continue;
        for (size_t row = 0; row < table->row_count; row++) {
            size_t width = text_width(table->cells[row * table->column_count + i].text);
            widest = width > widest ? width : widest;
        }
        size_t head = text_width(column->title);
        if (widest > 0 || !column->if_any)
            widths[i] = widest > head ? widest : head;
    }
}

/* Prints a row: the head for NULL. No blanks stand at the end of a line. */
static void table_print_row(const struct table *table, const size_t *widths,
                            const struct table_cell *cells, const struct terminal *terminal)
{
    size_t at = 0, column_at = 0; /* columns printed, where the column begins */
    for (size_t i = 0; i < table->column_count; i++) {
        const struct table_column *column = &table->columns[i];
        const struct table_cell head = {column->title, STYLE_HEAD};
        const struct table_cell *cell = cells ? &cells[i] : &head;
        if (widths[i] == HIDDEN)
            continue;
        size_t width = text_width(cell->text);
        width = width > widths[i] ? widths[i] : width;
        if (width > 0) {
            size_t start = column_at + (column->is_number ? widths[i] - width : 0);
            printf("%*s", (int)(start - at), "");
            terminal_begin_style(terminal, stdout, cell->style);
            at = start + text_print_columns(stdout, cell->text, width);
            terminal_end_style(terminal, stdout, cell->style);
        }
        column_at += widths[i] + GAP;
    }
    putchar('\n');
}

void table_print(const struct table *table, const struct terminal *terminal)
{
    size_t widths[TABLE_COLUMNS_MAX];
    if (terminal->format == OUTPUT_CSV) {
        table_print_csv(table);
        return;
    }
    table_measure_widths(table, widths);
    if (terminal->columns > 0)
        table_fit_widths(table, terminal->columns, widths);
    table_print_row(table, widths, NULL, terminal);
    for (size_t row = 0; row < table->row_count; row++)
        table_print_row(table, widths, &table->cells[row * table->column_count], terminal);
}
