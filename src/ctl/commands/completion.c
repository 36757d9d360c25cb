/* completion: what bash and zsh need to complete command lines; and the commands that scripts call.
 */
#include <stdio.h>
#include <string.h>

#include "ctl/base/keep.h"
#include "ctl/command/command_help.h"
#include "ctl/command/command_table.h"
#include "ctl/commands/command_rows.h"
#include "ctl/commands/complete.h"

static enum ctl_status completion_run(struct ctl *ctl)
{
    const char *shell = ctl->operands[0];
    for (const struct embedded *file = completion_files; file->name; file++) {
        if (strcmp(strchr(file->name, '.') + 1, shell) == 0) {
            fputs(file->data, stdout);
            return CTL_DONE;
        }
    }
    return ctl_print_usage_error(ctl, "the shell \"%s\" must be bash or zsh", shell);
}

/* Parts a command line into words as a shell does, as far as blanks, quotes and backslashes go. The
 * last word may be empty. Returns their number. */
static size_t complete_split_line(const char *line, const char ***words)
{
    char *word = keep_zeroed(strlen(line) + 2), quote = '\0';
    size_t count = 0;
    bool is_in_word = false;
    *words = keep_zeroed((strlen(line) + 2) * sizeof **words);
    for (const char *c = line;; c++) {
        bool is_blank = *c == ' ' || *c == '\t' || *c == '\n';
        if (*c != '\0' && (!is_blank || quote) && !is_in_word) {
            (*words)[count++] = word;
            is_in_word = true;
        }
        if (*c == '\0') {
            break;
        } else if (quote ? *c == quote : *c == '\'' || *c == '"') {
            quote = (char)(quote ? '\0' : *c);
        } else if (is_blank && !quote) {
            word += is_in_word;
            is_in_word = false;
        } else {
            c += *c == '\\' && quote != '\'' && c[1] != '\0';
            *word++ = *c;
        }
    }
    if (!is_in_word)
        (*words)[count++] = "";
    return count;
}

/* __complete line LINE, of bash; __complete words WORD..., of zsh, without the name of the program.
 */
static enum ctl_status complete_run(struct ctl *ctl)
{
    const char **words;
    /* What is wrong with a setting or with the server must not disturb the line. */
    if (!freopen("/dev/null", "w", stderr))
        return CTL_REFUSED;
    if (strcmp(ctl->operands[0], "line") != 0) {
        complete_print(ctl->operands + 1, ctl->operand_count - 1);
        return CTL_DONE;
    }
    size_t count = complete_split_line(ctl->operands[1] ? ctl->operands[1] : "", &words);
    if (count > 0)
        complete_print(words + 1, count - 1);
    return CTL_DONE;
}

static enum ctl_status manual_run(struct ctl *ctl)
{
    (void)ctl;
    command_help_print_manual(command_groups, stdout);
    return CTL_DONE;
}

const struct command completion_command = {
    .name = "completion",
    .operands = "bash|zsh",
    .fewest = 1,
    .most = 1,
    .summary = "Print a script that lets the shell complete command lines",
    .details = "The package installs it. Else put it where the shell looks, or into its start "
               "file, as the examples do. Names of devices, tags and profiles come from the "
               "server, if it answers within a second.",
    .completes = {COMPLETES_SHELL},
    .examples = {"source <(tagferryctl completion bash)",
                 "tagferryctl completion zsh > ~/.zsh/_tagferryctl"},
    .is_local = true,
    .run = completion_run};

const struct command hidden_commands[HIDDEN_COMMAND_COUNT] = {
    {.name = "__complete",
     .operands = "line|words WORD...",
     .fewest = 1,
     .most = COMMAND_ANY,
     .summary = "Print what may stand at the end of a command line",
     .is_local = true,
     .run = complete_run},
    {.name = "__manual",
     .summary = "Print the manual page for scdoc",
     .is_local = true,
     .run = manual_run},
};
