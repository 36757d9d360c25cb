#include "ctl/files/upload_progress.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ctl/base/text_width.h"

enum { BAR_COLUMNS = 20, NAME_COLUMNS = 24 };
/* A request that ends sooner shows nothing. */
static const double patience_s = 0.3, pause_s = 0.1;

static double progress_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void progress_note(void *context, size_t sent, size_t len)
{
    static const char marks[] = "|/-\\";
    struct upload_progress *progress = context;
    double now = progress_now_s();
    if (now - progress->begun_s < patience_s || now - progress->shown_s < pause_s)
        return;
    progress->shown_s = now;
    progress->is_shown = true;
    fputc('\r', stderr);
    text_print_columns(stderr, progress->name, NAME_COLUMNS);
    if (sent < len) {
        size_t full = sent * BAR_COLUMNS / len;
        fputs(" [", stderr);
        for (size_t i = 0; i < BAR_COLUMNS; i++)
            fputc(i < full ? '#' : ' ', stderr);
        fprintf(stderr, "] %3zu%%\033[K", sent * 100 / len);
    } else {
        fprintf(stderr, " is sent, the server works %c\033[K", marks[progress->step++ % 4]);
    }
    fflush(stderr);
}

static void progress_end(void *context)
{
    const struct upload_progress *progress = context;
    if (progress->is_shown)
        fputs("\r\033[K", stderr);
}

void upload_progress_begin(struct upload_progress *progress, const struct terminal *terminal,
                           const char *name, struct client_request *request)
{
    const char *slash = strrchr(name, '/');
    *progress =
        (struct upload_progress){.name = slash ? slash + 1 : name, .begun_s = progress_now_s()};
    if (terminal->errors_are_on_terminal) {
        request->on_progress = progress_note;
        request->on_end = progress_end;
        request->context = progress;
    }
}
