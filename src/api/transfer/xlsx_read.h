/* Reads the rows of a workbook (.xlsx, ISO/IEC 29500), as table_source brings them. Formulas count
 * by the values that the spreadsheet has saved, formats only to tell dates. */
#ifndef TAGFERRY_API_TRANSFER_XLSX_READ_H
#define TAGFERRY_API_TRANSFER_XLSX_READ_H

#include "api/base/table.h"

/* Bounds, in bytes and numbers: of all that is unpacked, and of the texts that cells share. */
enum {
    XLSX_UNPACKED_MAX = 256 << 20,
    XLSX_SHARED_BYTES_MAX = 64 << 20,
    XLSX_SHEETS_MAX = 64,
    XLSX_TEXT_MAX = 131072, /* a cell: 32,767 characters of UTF-8 */
    XLSX_ROW_MAX = 1048576,
};

struct xlsx;

/* Opens a workbook in memory, which must outlive it. NULL, with a sentence in `why`, if the bytes
 * are no workbook. The workbook is released when memory is short; else the caller closes it. */
struct xlsx *xlsx_open(struct arena *arena, const char *bytes, size_t len, char *why,
                       size_t why_size);
void xlsx_close(struct xlsx *xlsx);
size_t xlsx_count_sheets(const struct xlsx *xlsx);
const char *xlsx_sheet_name(const struct xlsx *xlsx, size_t sheet);
bool xlsx_sheet_is_hidden(const struct xlsx *xlsx, size_t sheet);
/* Begins to read a sheet, in place of the one before. */
void xlsx_enter_sheet(struct xlsx *xlsx, size_t sheet);
/* Reads the next row that has a cell; ends with its last one. The context is a struct xlsx. At the
 * end xlsx_is_damaged tells whether the sheet could be read as a whole. */
enum table_result xlsx_next_row(void *context, struct arena *arena, struct table_row *row);
bool xlsx_is_damaged(const struct xlsx *xlsx);

#endif
