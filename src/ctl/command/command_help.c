#include "ctl/command/command_help.h"

#include <string.h>

#include "ctl/base/keep.h"
#include "ctl/command/command_table.h"

/* Columns before the text of a flag or a command, and of a line. */
enum { FLAG_COLUMN = 26, COMMAND_COLUMN = 16, LINE_COLUMNS = 80 };

const struct flag_row flag_rows[FLAG_COUNT] = {
#define FLAG_ROW(id, name_, letter_, value_, completes_, help_)                                    \
    [id] = {.name = (name_),                                                                       \
            .letter = (letter_),                                                                   \
            .value = (value_),                                                                     \
            .completes = (completes_),                                                             \
            .help = (help_)},
#define GLOBAL_FLAG_ROW(id, name_, letter_, value_, completes_, help_)                             \
    [id] = {.name = (name_),                                                                       \
            .letter = (letter_),                                                                   \
            .value = (value_),                                                                     \
            .completes = (completes_),                                                             \
            .is_global = true,                                                                     \
            .help = (help_)},
    FLAG_LIST(FLAG_ROW, GLOBAL_FLAG_ROW)};

const struct command *command_find(const struct command_group *groups, const char *name)
{
    for (; groups->title; groups++) {
        for (size_t i = 0; i < groups->count; i++) {
            if (strcmp(groups->commands[i].name, name) == 0)
                return &groups->commands[i];
        }
    }
    return NULL;
}

/* "-o, --output FORMAT" */
static const char *command_flag_text(enum flag flag)
{
    const struct flag_row *row = &flag_rows[flag];
    return keep_format("%s--%s%s%s", row->letter ? keep_format("-%c, ", row->letter) : "    ",
                       row->name, row->value ? " " : "", row->value ? row->value : "");
}

/* Prints a text, of which `at` columns of the first line are taken, in lines that begin at
 * `indent`, and a newline. */
static void command_print_wrapped(const char *text, size_t at, size_t indent, FILE *out)
{
    while (*text) {
        size_t len = strcspn(text, " \n");
        if (at > indent && at + 1 + len > LINE_COLUMNS) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
        }
        at += (size_t)fprintf(out, "%s%.*s", at > indent ? " " : "", (int)len, text);
        text += len;
        for (; *text == ' ' || *text == '\n'; text++) {
            if (*text == '\n') {
                fputc('\n', out);
                at = indent;
            }
        }
    }
    fputc('\n', out);
}

static void command_print_flag(enum flag flag, FILE *out)
{
    enum { INDENT = FLAG_COLUMN + 3 };
    int at = fprintf(out, "  %-*s ", FLAG_COLUMN, command_flag_text(flag));
    if (at > INDENT) /* a long one has a line of its own */
        fprintf(out, "\n%*s", INDENT, "");
    command_print_wrapped(flag_rows[flag].help, INDENT, INDENT, out);
}

static void command_print_global_flags(FILE *out)
{
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        if (flag_rows[flag].is_global)
            command_print_flag(flag, out);
    }
}

void command_help_print_all(const struct command_group *groups, FILE *out)
{
    fputs("Usage: tagferryctl [FLAG]... COMMAND [OPERAND]...\n"
          "Devices, tags and values of Tagferry from a terminal.\n",
          out);
    for (const char *title = ""; groups->title; title = groups->title, groups++) {
        if (groups->title[0] == '\0')
            continue;
        if (strcmp(groups->title, title) != 0)
            fprintf(out, "\n%s:\n", groups->title);
        for (size_t i = 0; i < groups->count; i++)
            fprintf(out, "  %-*s %s\n", COMMAND_COLUMN, groups->commands[i].name,
                    groups->commands[i].summary);
    }
    fputs("\nFlags of every command:\n", out);
    command_print_global_flags(out);
    fputs("\ntagferryctl COMMAND --help describes a command, tagferryctl(1) all of them.\n"
          "Exit status: 0 done, 1 refused, 2 wrong command line, 3 unreachable,\n"
          "4 not found, 5 changed meanwhile.\n",
          out);
}

void command_help_print(const struct command *command, FILE *out)
{
    fprintf(out, "Usage: tagferryctl %s [FLAG]...%s%s\n%s.\n", command->name,
            command->operands ? " " : "", command->operands ? command->operands : "",
            command->summary);
    if (command->details) {
        fputc('\n', out);
        command_print_wrapped(command->details, 0, 0, out);
    }
    fputs("\nFlags:\n", out);
    for (const enum flag *flag = command->flags; *flag; flag++)
        command_print_flag(*flag, out);
    command_print_global_flags(out);
    if (command->examples[0])
        fputs("\nExamples:\n", out);
    for (size_t i = 0; i < COMMAND_EXAMPLES_MAX && command->examples[i]; i++)
        fprintf(out, "  %s\n", command->examples[i]);
}
