/* Writes the parts of a workbook. */
#include "api/transfer/xlsx_write.h"

#include <string.h>

#include "api/base/zip_package.h"
#include "common/base/require.h"

#define XML_HEAD "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define OFFICE   "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
#define PACKAGE  "http://schemas.openxmlformats.org/package/2006"
#define SHEET    "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
#define TYPES    "application/vnd.openxmlformats-officedocument.spreadsheetml."

static const char content_types_xml[] =
    XML_HEAD "<Types xmlns=\"" PACKAGE "/content-types\">"
             "<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package."
             "relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>"
             "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" TYPES "sheet.main+xml\"/>"
             "<Override PartName=\"/xl/styles.xml\" ContentType=\"" TYPES "styles+xml\"/>"
             "<Override PartName=\"/xl/worksheets/sheet1.xml\" ContentType=\"" TYPES
             "worksheet+xml\"/></Types>";
static const char package_rels_xml[] = XML_HEAD
    "<Relationships xmlns=\"" PACKAGE "/relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
    "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>";
static const char workbook_rels_xml[] = XML_HEAD
    "<Relationships xmlns=\"" PACKAGE "/relationships\"><Relationship Id=\"rId1\" Type=\"" OFFICE
    "/worksheet\" Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" "
    "Type=\"" OFFICE "/styles\" Target=\"styles.xml\"/></Relationships>";
static const char workbook_xml[] =
    XML_HEAD "<workbook xmlns=\"" SHEET "\" xmlns:r=\"" OFFICE "\"><sheets><sheet name=\"Tags\" "
             "sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
/* Format 1 is bold. */
static const char styles_xml[] = XML_HEAD
    "<styleSheet xmlns=\"" SHEET
    "\"><fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/>"
    "</font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts><fills "
    "count=\"2\"><fill>"
    "<patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>"
    "</fills><borders count=\"1\"><border/></borders><cellStyleXfs count=\"1\"><xf/></cellStyleXfs>"
    "<cellXfs count=\"2\"><xf/><xf fontId=\"1\" applyFont=\"1\"/></cellXfs></styleSheet>";

/* True for what a reader may decode with the character that follows, or with the escape of one. */
static bool text_is_like_escape(const char *text)
{
    return strncmp(text, "_x", 2) == 0 && strspn(text + 2, "0123456789abcdefABCDEF") >= 4;
}

/* Writes text with the characters escaped that XML does not have or its reader would change. */
static void put_xml_text(struct text *text, const char *from)
{
    for (const char *at = from; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '&') {
            text_puts(text, "&amp;");
        } else if (c == '<') {
            text_puts(text, "&lt;");
        } else if (c == '>') {
            text_puts(text, "&gt;");
        } else if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f) {
            text_printf(text, "_x%04X_", c);
        } else if (text_is_like_escape(at)) {
            text_puts(text, "_x005F_");
        } else if (strncmp(at, "\xef\xbf\xbe", 3) == 0 || strncmp(at, "\xef\xbf\xbf", 3) == 0) {
            text_puts(text, at[2] == '\xbe' ? "_xFFFE_" : "_xFFFF_");
            at += 2;
        } else {
            text_putc(text, *at);
        }
    }
}

static void put_xml_string_cell(struct text *text, const char *style, const char *before,
                                const char *cell)
{
    text_printf(text, "<c%s t=\"inlineStr\"><is><t xml:space=\"preserve\">%s", style, before);
    put_xml_text(text, cell);
    text_puts(text, "</t></is></c>");
}

void xlsx_write_header(struct xlsx_sheet_text *sheet, const struct tag_table_columns *columns)
{
    struct text *xml = &sheet->xml;
    REQUIRE(columns->count > 0);
    sheet->columns = columns;
    sheet->rows = 1;
    text_puts(xml, XML_HEAD "<worksheet xmlns=\"" SHEET "\"><sheetViews><sheetView "
                            "workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" "
                            "activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>"
                            "<sheetFormatPr defaultRowHeight=\"15\"/><cols>");
    text_printf(xml, "<col min=\"1\" max=\"%zu\" width=\"18\" customWidth=\"1\"/>", columns->count);
    text_puts(xml, "</cols><sheetData><row>");
    for (size_t i = 0; i < columns->count; i++) {
        const struct tag_table_place *place = &columns->list[i];
        put_xml_string_cell(xml, " s=\"1\"", "", place->resource->fields[place->field].csv);
    }
    text_puts(xml, "</row>");
}

void xlsx_write_row(struct xlsx_sheet_text *sheet, const struct record *device,
                    const struct record *tag)
{
    const struct tag_table_columns *columns = sheet->columns;
    struct text *xml = &sheet->xml;
    sheet->rows++;
    text_puts(xml, "<row>");
    for (size_t i = 0; i < columns->count; i++) {
        const struct tag_table_place *place = &columns->list[i];
        bool is_device = place->resource == &device_resource;
        struct tag_table_cell cell;
        tag_table_make_cell(place->resource, place->field, is_device ? device : tag, &cell);
        switch (cell.kind) {
        case TAG_CELL_EMPTY:
            text_puts(xml, "<c/>");
            break;
        case TAG_CELL_NUMBER:
            text_printf(xml, "<c><v>%s</v></c>", cell.text);
            break;
        case TAG_CELL_FLAG:
            text_puts(xml,
                      cell.text[0] == 't' ? "<c t=\"b\"><v>1</v></c>" : "<c t=\"b\"><v>0</v></c>");
            break;
        case TAG_CELL_TEXT: /* no formula in a workbook, but import removes one ' */
        case TAG_CELL_WORD:
            if (*cell.text == '\0')
                text_puts(xml, "<c/>");
            else
                put_xml_string_cell(xml, "",
                                    cell.kind == TAG_CELL_TEXT && cell.text[0] == '\'' ? "'" : "",
                                    cell.text);
            break;
        }
    }
    text_puts(xml, "</row>");
}

/* Writes the name of a column: A to Z, AA and so on. */
static void put_column_name(struct text *text, size_t column)
{
    char name[4] = "";
    size_t at = sizeof name - 1;
    for (column++; column > 0 && at > 0; column = (column - 1) / 26)
        name[--at] = (char)('A' + (column - 1) % 26);
    text_puts(text, name + at);
}

void xlsx_write_workbook(struct xlsx_sheet_text *sheet, struct text *out)
{
    struct text *xml = &sheet->xml;
    text_puts(xml, "</sheetData><autoFilter ref=\"A1:");
    put_column_name(xml, sheet->columns->count - 1);
    text_printf(xml, "%ld\"/></worksheet>", sheet->rows);
    const struct zip_part parts[] = {
        {"[Content_Types].xml", content_types_xml, sizeof content_types_xml - 1},
        {"_rels/.rels", package_rels_xml, sizeof package_rels_xml - 1},
        {"xl/workbook.xml", workbook_xml, sizeof workbook_xml - 1},
        {"xl/_rels/workbook.xml.rels", workbook_rels_xml, sizeof workbook_rels_xml - 1},
        {"xl/styles.xml", styles_xml, sizeof styles_xml - 1},
        {"xl/worksheets/sheet1.xml", xml->data, xml->len}};
    zip_package_write(parts, sizeof parts / sizeof parts[0], out);
    text_finish(xml);
}
