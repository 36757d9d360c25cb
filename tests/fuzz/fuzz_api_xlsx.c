/* Workbooks: any bytes as a package, and as the files in one. Rows that are read are well-formed.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/zip_package.h"
#include "api/transfer/xlsx_read.h"
#include "common/base/json_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void want(bool condition)
{
    if (!condition)
        abort();
}

static void read_workbook(const char *bytes, size_t len)
{
    struct arena arena = {0};
    struct table_row row;
    char why[160];
    struct xlsx *xlsx = xlsx_open(&arena, bytes, len, why, sizeof why);
    for (size_t sheet = 0; xlsx && sheet < xlsx_count_sheets(xlsx); sheet++) {
        xlsx_enter_sheet(xlsx, sheet);
        while (xlsx_next_row(xlsx, &arena, &row) == TABLE_ROW) {
            want(row.number >= 1 && row.number <= XLSX_ROW_MAX);
            want(row.count > 0 && row.count <= TABLE_COLUMNS_MAX + 1);
            want(row.fault_count <= TABLE_FAULTS_MAX);
            for (size_t i = 0; i < row.fault_count; i++)
                want(row.faults[i].column < TABLE_COLUMNS_MAX);
            for (size_t i = 0; i < row.count && i < TABLE_COLUMNS_MAX; i++)
                want(utf8_is_valid(row.cells[i], strlen(row.cells[i])));
        }
    }
    xlsx_close(xlsx);
    arena_finish(&arena);
}

/* Puts the input into a package: up to each NUL it is one of the files, the sheet first. */
static void read_files(const char *bytes, size_t len)
{
    static const char workbook[] =
        "<workbook><sheets><sheet name='a' r:id='1'/></sheets></workbook>";
    static const char relations[] = "<a><Relationship Id='1' Target='sheet.xml'/></a>";
    struct zip_part parts[] = {{"xl/sheet.xml", "", 0},
                               {"xl/sharedStrings.xml", "<a><si><t>b</t></si></a>", 24},
                               {"xl/styles.xml", "<a/>", 4},
                               {"xl/workbook.xml", workbook, sizeof workbook - 1},
                               {"xl/_rels/workbook.xml.rels", relations, sizeof relations - 1}};
    enum { PARTS = sizeof parts / sizeof parts[0] };
    struct text package = {0};
    for (size_t i = 0; i < PARTS && len > 0; i++) {
        const char *end = memchr(bytes, '\0', len);
        size_t part = end ? (size_t)(end - bytes) : len;
        parts[i].bytes = bytes;
        parts[i].len = part;
        bytes += part + (end != NULL);
        len -= part + (end != NULL);
    }
    zip_package_write(parts, PARTS, &package);
    read_workbook(package.data, package.len);
    text_finish(&package);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_workbook((const char *)data, size);
    read_files((const char *)data, size);
    return 0;
}
