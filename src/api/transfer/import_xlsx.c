/* Reads a workbook: the sheet that the request names, or the first with a header of a table. */
#include <string.h>

#include "api/transfer/import_table.h"
#include "api/transfer/tag_table.h"
#include "api/transfer/xlsx_read.h"

enum { HEADER_ROWS = 20, HAS_TABLE = TABLE_COLUMNS_MAX + 1 };

/* Returns how much a sheet looks like a table: HAS_TABLE when one of the first rows is its header,
 * else the number of columns that a row names. */
static size_t sheet_rate(struct xlsx *xlsx, size_t sheet)
{
    struct table_row row;
    struct arena scratch = {0};
    size_t most = 0;
    xlsx_enter_sheet(xlsx, sheet);
    for (int i = 0; i < HEADER_ROWS && most < HAS_TABLE; i++) {
        bool names;
        if (xlsx_next_row(xlsx, &scratch, &row) != TABLE_ROW)
            break;
        size_t count = tag_table_count_titles(&row, &names);
        count = names && count > 1 ? HAS_TABLE : count;
        most = count > most ? count : most;
    }
    arena_finish(&scratch);
    return most;
}

/* Finds the sheet to read. False, after an error, if the workbook does not have it. */
static bool import_find_sheet(struct import *import, struct xlsx *xlsx, size_t *sheet)
{
    struct arena *arena = import->config_service.arena;
    size_t count = xlsx_count_sheets(xlsx), visible = 0, best = 0;
    const char *names = "";
    *sheet = count;
    for (size_t i = 0; i < count; i++) {
        const char *name = xlsx_sheet_name(xlsx, i);
        bool hidden = xlsx_sheet_is_hidden(xlsx, i);
        visible += !hidden;
        names = arena_format(arena, "%s%s\"%s\"", names, *names ? ", " : "", name);
        if (import->sheet) {
            *sheet = *sheet == count && strcmp(name, import->sheet) == 0 ? i : *sheet;
            continue;
        }
        size_t rate = hidden || best == HAS_TABLE ? 0 : sheet_rate(xlsx, i) + 1;
        if (rate > best) { /* without a header of a table, the one that will be refused */
            best = rate > HAS_TABLE ? HAS_TABLE : rate;
            *sheet = i;
        }
    }
    import->validation.row = import->warnings.row = 1;
    if (*sheet == count && import->sheet) {
        validation_add_at(&import->validation, "", "unknown_sheet",
                          "there is no sheet \"%s\"; the workbook has %s", import->sheet, names);
        return false;
    }
    if (*sheet == count)
        *sheet = 0; /* all are hidden */
    if (visible > 1 && !import->sheet)
        validation_add_at(
            &import->warnings, "", "sheet",
            "only the sheet \"%s\" is read; sheet= in the query chooses another of %s",
            xlsx_sheet_name(xlsx, *sheet), names);
    return true;
}

bool import_read_xlsx(struct import *import, const char *body, size_t len, char *why,
                      size_t why_size)
{
    size_t sheet;
    struct xlsx *xlsx = xlsx_open(import->config_service.arena, body, len, why, why_size);
    if (!xlsx)
        return false;
    const struct table_source source = {
        .next_row = xlsx_next_row, .context = xlsx, .ragged = true, .mark = DECIMAL_EITHER};
    if (import_find_sheet(import, xlsx, &sheet)) {
        xlsx_enter_sheet(xlsx, sheet);
        import_read_table(import, &source);
    }
    if (xlsx_is_damaged(xlsx)) {
        import->validation.row = 1;
        validation_add_at(&import->validation, "", "damaged",
                          "the sheet is damaged or too large; save it again with a spreadsheet");
    }
    xlsx_close(xlsx);
    return true;
}
