/* Reads CSV. */
#include "api/base/csv.h"

#include "api/base/text_encoding.h"
#include "api/transfer/import_table.h"

struct csv_file {
    struct csv csv;
    const char *text;
    size_t len;
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
}

bool import_read_csv(struct import *import, const char *body, size_t len, char *why,
                     size_t why_size)
{
    (void)why, (void)why_size;
    struct csv_file file = {.text = body, .len = len};
    enum text_encoding encoding =
        text_encoding_to_utf8(import->config_service.arena, &file.text, &file.len);
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
