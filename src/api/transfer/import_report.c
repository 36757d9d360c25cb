/* Writes the report of an import. */
#include "api/transfer/import_report.h"

#include <string.h>

#include "api/model/record_diff.h"
#include "api/model/record_json.h"
#include "common/base/require.h"
#include "common/model/tag.h"

/* The text form is kept as lines whose cells end with TAB: a text has none, they are removed. */
enum { TABLE_CELLS = 5, CELL_WIDTH_MAX = 40 };

/* Characters of UTF-8, each of which is taken as one column of the screen. */
static size_t text_width(const char *text, size_t len)
{
    size_t width = 0;
    for (size_t i = 0; i < len; i++)
        width += ((unsigned char)text[i] & 0xc0) != 0x80;
    return width;
}

/* Appends a text without characters that would break the table. */
static void put_table_text(struct text *text, const char *from)
{
    for (; *from; from++) {
        bool is_control = (unsigned char)*from < ' ' || *from == 0x7f;
        text_append(text, is_control ? " " : from, 1);
    }
}

static void put_table_cell(struct text *text, const char *cell)
{
    put_table_text(text, cell);
    text_putc(text, '\t');
}

/* Writes the lines with aligned columns; the last column of a line is not filled. */
static void write_aligned(const char *lines, struct text *text)
{
    size_t widths[TABLE_CELLS] = {0};
    for (int pass = 0; pass < 2; pass++) {
        size_t column = 0, blanks = 0; /* before the next cell that is not empty */
        for (const char *at = lines; *at; at++) {
            size_t len = strcspn(at, "\t\n"), width = text_width(at, len);
            REQUIRE(column < TABLE_CELLS && at[len]);
            if (pass == 0 && width <= CELL_WIDTH_MAX && width > widths[column])
                widths[column] = width;
            if (pass == 1) {
                for (; len > 0 && blanks > 0; blanks--)
                    text_putc(text, ' ');
                text_append(text, at, len);
                blanks += width < widths[column] ? widths[column] + 2 - width : 2;
            }
            at += len;
            column++;
            if (at[0] == '\t' && at[1] == '\n')
                at++;
            if (*at == '\n') {
                column = blanks = 0;
                if (pass == 1)
                    text_putc(text, '\n');
            }
        }
    }
}

/* Writes "modbus.scale 1 -> 0.1; unit  -> K". */
static void put_differences(struct text *text, const struct import_change *change)
{
    const struct resource *resource = change->resource;
    struct text value = {0};
    bool first = true;
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        if (cell_is_equal(&change->before->cells[i], &change->after->cells[i]))
            continue;
        if (!first)
            text_puts(text, "; ");
        first = false;
        if (field->group)
            text_printf(text, "%s.", field->group);
        text_printf(text, "%s ", field->name);
        text_finish(&value);
        record_json_write_cell(field, &change->before->cells[i], &value);
        put_table_text(text, value.data);
        text_puts(text, " -> ");
        text_finish(&value);
        record_json_write_cell(field, &change->after->cells[i], &value);
        put_table_text(text, value.data);
    }
    text_finish(&value);
}

static void import_report_add_line(struct import_report *report, const struct import_change *change)
{
    struct text *text = &report->changes;
    const struct record *shown = change->after ? change->after : change->before;
    char modicon[MODICON_SIZE] = "";
    const char *type = "";
    if (change->profile) {
        put_table_cell(text, change->action);
        text_puts(text, "profile ");
        put_table_text(text, change->profile);
        text_puts(text, "\t\t\t\t\n");
        return;
    }
    if (change->tag) {
        int table = record_field_choice(&tag_resource, shown, TAG_TABLE);
        modicon_format((enum modbus_table)table, (uint16_t)record_field_integer(shown, TAG_ADDRESS),
                       modicon);
        type = record_field_text(shown, TAG_TYPE);
    }
    put_table_cell(text, change->action);
    put_table_text(text, change->device);
    if (change->tag) {
        text_putc(text, '/');
        put_table_text(text, change->tag);
    }
    text_putc(text, '\t');
    text_puts(text, modicon);
    if (change->tag && !record_field_is_null(shown, TAG_BIT))
        text_printf(text, ".%lld", (long long)record_field_integer(shown, TAG_BIT));
    text_putc(text, '\t');
    put_table_cell(text, type);
    if (change->before && change->after)
        put_differences(text, change);
    text_puts(text, "\t\n");
}

static void import_report_add_json(struct import_report *report, const struct import_change *change)
{
    struct text *text = &report->changes;
    bool same = change->before && change->after &&
                record_is_equal(change->resource, change->before, change->after);
    json_open(text, '{');
    json_write_key(text, "action");
    json_write_string(text, change->action);
    if (change->profile) {
        json_write_key(text, "profile");
        json_write_string(text, change->profile);
        json_close(text, '}');
        return;
    }
    json_write_key(text, "device");
    json_write_string(text, change->device);
    json_write_key(text, "tag");
    json_write_string_or_null(text, change->tag);
    if (change->tag)
        record_json_write_location(change->after ? change->after : change->before, text);
    if (!same) {
        json_write_key(text, "before");
        if (change->before)
            record_diff_write_members(change->resource, change->before, change->after, text);
        else
            json_write_null(text);
        json_write_key(text, "after");
        if (change->after)
            record_diff_write_members(change->resource, change->after, change->before, text);
        else
            json_write_null(text);
    }
    if (change->warnings && change->warnings->count > change->first_warning) {
        json_write_key(text, "warnings");
        validation_write_errors_from(change->warnings, change->first_warning, text);
    }
    json_close(text, '}');
}

void import_report_add(struct import_report *report, const struct import_change *change)
{
    REQUIRE(change->before || change->after || change->profile);
    if (report->form == REPORT_JSON)
        import_report_add_json(report, change);
    else if (report->form == REPORT_TEXT)
        import_report_add_line(report, change);
}

void import_report_write_changes(const struct import_report *report, struct text *text)
{
    struct text lines = {0};
    if (report->changes.len == 0)
        return;
    text_puts(&lines, "action\tname\taddress\ttype\tdifference\t\n");
    text_append(&lines, report->changes.data, report->changes.len);
    text_putc(text, '\n');
    write_aligned(lines.data, text);
    text_finish(&lines);
}

static bool texts_are_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

/* True when the same is wrong in both rows, whatever the cells have. */
static bool faults_are_equal(const struct validation_error *a, const struct validation_error *b)
{
    return a->row > 0 && b->row > 0 && texts_are_equal(a->column, b->column) &&
           !a->cell == !b->cell && strcmp(a->detail, b->detail) == 0;
}

/* Writes the different cells of all faults that equal fault number `from`: all of a few words, but
 * only the first ones of many, or of numbers. */
static void put_equal_cells(const struct validation *faults, size_t from, struct text *text)
{
    enum { WORDS_MAX = 8, NUMBERS_MAX = 3 };
    const char *shown[WORDS_MAX];
    size_t count = 0, max = WORDS_MAX;
    for (size_t i = from; faults->items[from].cell && i < faults->count; i++) {
        const char *cell = faults->items[i].cell;
        size_t same = 0;
        if (!faults_are_equal(&faults->items[from], &faults->items[i]))
            continue;
        while (same < count && strcmp(shown[same], cell) != 0)
            same++;
        if (same < count)
            continue;
        max = *cell >= '0' && *cell <= '9' ? NUMBERS_MAX : max;
        if (count >= max) {
            text_puts(text, " ...");
            break;
        }
        text_puts(text, count > 0 ? ", \"" : "\"");
        put_table_text(text, cell);
        text_putc(text, '"');
        shown[count++] = cell;
    }
    text_putc(text, '\t');
}

/* Writes the rows of all faults that equal fault number `from`, "5-180, 190", and marks them. */
static void put_equal_rows(const struct validation *faults, size_t from, bool *written,
                           struct text *text)
{
    enum { RANGES_MAX = 6 };
    long first = 0, last = 0;
    int ranges = 0;
    for (size_t i = from; i <= faults->count; i++) {
        bool at_end = i == faults->count;
        if (!at_end && (written[i] || !faults_are_equal(&faults->items[from], &faults->items[i])))
            continue;
        long row = at_end ? 0 : faults->items[i].row;
        if (!at_end)
            written[i] = true;
        if (!at_end && first > 0 && (row == last || row == last + 1)) {
            last = row;
            continue;
        }
        if (first > 0 && ranges < RANGES_MAX) {
            text_printf(text, "%s%ld", ranges > 0 ? ", " : "", first);
            if (last > first)
                text_printf(text, "-%ld", last);
        } else if (first > 0 && ranges == RANGES_MAX) {
            text_puts(text, " ...");
        }
        ranges += first > 0;
        first = last = row;
    }
}

void import_report_write_faults(const struct validation *faults, struct arena *arena,
                                struct text *text)
{
    struct text lines = {0};
    bool *written = arena_alloc(arena, faults->count + 1);
    bool of_table = faults->count > 0 && faults->items[0].row > 0;
    text_puts(&lines,
              of_table ? "rows\tcolumn\tcell\twhat is right\t\n" : "place\twhat is right\t\n");
    for (size_t i = 0; i < faults->count; i++) {
        const struct validation_error *fault = &faults->items[i];
        if (written[i])
            continue;
        if (fault->row > 0)
            put_equal_rows(faults, i, written, &lines);
        else
            put_table_text(&lines, fault->pointer ? fault->pointer : "");
        text_putc(&lines, '\t');
        if (of_table) {
            put_table_cell(&lines, fault->column ? fault->column : "");
            put_equal_cells(faults, i, &lines);
        }
        put_table_cell(&lines, fault->detail);
        text_putc(&lines, '\n');
    }
    write_aligned(lines.data, text);
    if (faults->found > faults->count)
        text_printf(text, "... and %zu more\n", faults->found - faults->count);
    text_finish(&lines);
}
