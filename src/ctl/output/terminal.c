#include "ctl/output/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "common/base/require.h"

#include "ctl/base/text_width.h"

static size_t terminal_count_columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    const char *columns = getenv("COLUMNS");
    long number = columns ? strtol(columns, NULL, 10) : 0;
    return number > 0 && number < 10000 ? (size_t)number : 80;
}

void terminal_find(struct terminal *terminal, enum output_format format)
{
    const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
    bool is_dumb = !term || term[0] == '\0' || strcmp(term, "dumb") == 0;
    *terminal = (struct terminal){.format = format,
                                  .is_terminal = isatty(STDOUT_FILENO),
                                  .errors_are_on_terminal = isatty(STDERR_FILENO) && !is_dumb};
    terminal->can_ask = isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
    terminal->has_colour =
        terminal->is_terminal && !is_dumb && (!no_colour || no_colour[0] == '\0');
    terminal->columns = terminal->is_terminal ? terminal_count_columns() : 0;
}

void terminal_begin_style(const struct terminal *terminal, FILE *out, enum terminal_style style)
{
    static const char *const codes[] = {
        [STYLE_PLAIN] = "",           [STYLE_HEAD] = "\033[1m",   [STYLE_GOOD] = "\033[32m",
        [STYLE_WARNING] = "\033[33m", [STYLE_WRONG] = "\033[31m", [STYLE_FAINT] = "\033[2m"};
    REQUIRE((size_t)style < sizeof codes / sizeof codes[0]);
    if (terminal->has_colour)
        fputs(codes[style], out);
}

void terminal_end_style(const struct terminal *terminal, FILE *out, enum terminal_style style)
{
    if (terminal->has_colour && style != STYLE_PLAIN)
        fputs("\033[0m", out);
}

enum terminal_style terminal_quality_style(const char *quality)
{
    if (strcmp(quality, "good") == 0)
        return STYLE_GOOD;
    if (strcmp(quality, "stale") == 0)
        return STYLE_WARNING;
    return strcmp(quality, "bad") == 0 ? STYLE_WRONG : STYLE_FAINT;
}

bool terminal_confirm(const struct terminal *terminal, const char *question)
{
    char answer[16];
    if (!terminal->can_ask) {
        text_print_line(stderr, question);
        fputs("tagferryctl: there is no terminal to answer on; --yes answers yes\n", stderr);
        return false;
    }
    fflush(stdout);
    text_print_columns(stderr, question, text_width(question));
    fputs(" [y/N] ", stderr);
    if (!fgets(answer, sizeof answer, stdin)) {
        fputc('\n', stderr);
        return false;
    }
    answer[strcspn(answer, "\r\n")] = '\0';
    return strcasecmp(answer, "y") == 0 || strcasecmp(answer, "yes") == 0;
}
