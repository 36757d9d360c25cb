/* A line for each change, for a pipe or a terminal that cannot move its cursor. */
#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/utc.h"
#include "ctl/base/text_width.h"
#include "ctl/output/table.h"
#include "ctl/watch/watch_internal.h"

static void watch_print_csv(const char *at, const struct watch_row *row)
{
    char device[256];
    const char *slash = strchr(row->name, '/');
    snprintf(device, sizeof device, "%.*s", (int)(slash - row->name), row->name);
    const char *cells[] = {at,         device,    slash + 1,
                           row->value, row->unit, watch_quality_names[row->quality],
                           row->reason};
    table_print_csv_row(stdout, cells, sizeof cells / sizeof cells[0]);
}

static void watch_print_change(void *context, const struct watch_row *row, const char *json,
                               size_t len)
{
    const struct watch *watch = context;
    const struct terminal *terminal = &watch->ctl->terminal;
    char at[UTC_TEXT_SIZE];
    if (watch->rows.only_wrong && row->quality == WATCH_GOOD)
        return;
    utc_format(clock_wall_ms(), at);
    if (terminal->format == OUTPUT_JSON) {
        printf("%.*s\n", (int)len, json);
    } else if (terminal->format == OUTPUT_CSV) {
        watch_print_csv(at, row);
    } else {
        const char *const words[] = {at, row->name, row->value[0] ? row->value : "-", row->unit};
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
            if (words[i][0])
                text_print_columns(stdout, words[i], text_width(words[i]));
            if (words[i][0])
                fputc(' ', stdout);
        }
        enum terminal_style style = terminal_quality_style(watch_quality_names[row->quality]);
        terminal_begin_style(terminal, stdout, style);
        fputs(watch_quality_names[row->quality], stdout);
        terminal_end_style(terminal, stdout, style);
        if (row->reason[0]) {
            fputs(" (", stdout);
            text_print_columns(stdout, row->reason, sizeof row->reason);
            fputc(')', stdout);
        }
        fputc('\n', stdout);
    }
}

void watch_lines_begin(struct watch *watch)
{
    static const char *const names[] = {"at",   "device",  "tag",   "value",
                                        "unit", "quality", "reason"};
    watch->rows.on_change = watch_print_change;
    watch->rows.context = watch;
    if (watch->ctl->terminal.format == OUTPUT_CSV)
        table_print_csv_row(stdout, names, sizeof names / sizeof names[0]);
}
