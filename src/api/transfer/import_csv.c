/* Reads CSV. */
#include "api/base/csv.h"
#include "api/transfer/import_table.h"

static enum table_result csv_next_row(void *context, struct arena *arena, struct table_row *row)
{
    return csv_read_row(context, arena, row);
}

void import_read_csv(struct import *import, const char *body, size_t len)
{
    struct csv csv;
    csv_open(&csv, body, len);
    const struct table_source source = {
        .next_row = csv_next_row, .context = &csv, .comma = csv.separator != ','};
    import_read_table(import, &source);
}
