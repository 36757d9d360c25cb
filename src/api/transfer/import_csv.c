/* Reads CSV. */
#include "api/base/csv.h"

#include "api/base/text_encoding.h"
#include "api/transfer/import_table.h"
#include "api/transfer/tag_table.h"

struct csv_file {
    struct csv csv;
    const char *text;
    size_t len;
    char separator; /* 0: the one that csv_open finds */
};

static enum table_result csv_next_row(void *context, struct arena *arena, struct table_row *row)
{
    struct csv_file *file = context;
    return csv_read_row(&file->csv, arena, row);
}

static void csv_restart(void *context)
{
    struct csv_file *file = context;
    csv_open(&file->csv, file->text, file->len);
    if (file->separator)
        file->csv.separator = file->separator;
}

/* Finds the separator by which one of the first rows is the header of a table: a text may have more
 * of another one. */
static void csv_find_header(struct csv_file *file)
{
    enum { HEADER_ROWS = 20, HEAD_MAX = 1 << 16 };
    static const char separators[] = {',', ';', '\t'};
    struct arena scratch = {0};
    struct table_row row;
    size_t most = 1;
    csv_restart(file);
    bool told = file->csv.at > 0; /* by a line sep=; */
    for (size_t i = 0; i < sizeof separators && !told; i++) {
        csv_restart(file);
        file->csv.separator = separators[i];
        file->csv.len = file->csv.len < HEAD_MAX ? file->csv.len : HEAD_MAX;
        for (int k = 0; k < HEADER_ROWS; k++) {
            enum table_result result = csv_read_row(&file->csv, &scratch, &row);
            bool names = false;
            size_t count = result == TABLE_ROW ? tag_table_count_titles(&row, &names) : 0;
            if (names && count > most) {
                most = count;
                file->separator = separators[i];
            }
            if (result == TABLE_END)
                break;
        }
        arena_finish(&scratch);
    }
}

bool import_read_csv(struct import *import, const char *body, size_t len, char *why,
                     size_t why_size)
{
    (void)why, (void)why_size;
    struct csv_file file = {.text = body, .len = len};
    enum text_encoding encoding =
        text_encoding_to_utf8(import->config_service.arena, &file.text, &file.len);
    csv_find_header(&file);
    csv_restart(&file);
    const struct table_source source = {.next_row = csv_next_row,
                                        .restart = csv_restart,
                                        .context = &file,
                                        .mark = file.csv.separator == ',' ? DECIMAL_POINT
                                                                          : DECIMAL_EITHER};
    import->warnings.row = 1;
    if (encoding == ENCODING_CP1252)
        validation_add_at(&import->warnings, "", "encoding",
                          "the file is not UTF-8 and was read as Windows-1252; check the letters "
                          "beyond ASCII, or save the table as \"CSV UTF-8\"");
    import_read_table(import, &source);
    return true;
}
