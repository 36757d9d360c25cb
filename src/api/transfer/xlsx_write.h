/* Writes a table as a workbook (.xlsx): one sheet, its header frozen and with a filter, numbers as
 * numbers. The XML is written here, as it needs four elements; libxlsxwriter would put each sheet
 * through temporary files, which tagferry-api has no folder for. */
#ifndef TAGFERRY_API_TRANSFER_XLSX_WRITE_H
#define TAGFERRY_API_TRANSFER_XLSX_WRITE_H

#include "api/transfer/tag_table.h"

/* The sheet that is being written. */
struct xlsx_sheet_text {
    const struct tag_table_columns *columns;
    struct text xml;
    long rows;
};

/* Begins with the header row. Zero *sheet before. */
void xlsx_write_header(struct xlsx_sheet_text *sheet, const struct tag_table_columns *columns);
/* Writes the row of a tag, or of a device when `tag` is NULL. */
void xlsx_write_row(struct xlsx_sheet_text *sheet, const struct record *device,
                    const struct record *tag);
/* Appends the workbook to `out`, and frees the sheet. */
void xlsx_write_workbook(struct xlsx_sheet_text *sheet, struct text *out);

#endif
