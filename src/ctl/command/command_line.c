/* getopt_long reads the flags; the table of commands decides which there are. */
#include "ctl/command/command_line.h"

#include <ctype.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/command/argument_check.h"
#include "ctl/command/command_help.h"
#include "ctl/command/command_table.h"
#include "ctl/command/ctl_options.h"

#define CTL_ROW(...) CONF_ROW("ctl", struct ctl_options, __VA_ARGS__)
static const struct conf_option ctl_option_rows[] = {CTL_OPTIONS(CTL_ROW)};
const struct conf_table ctl_options_table = {ctl_option_rows,
                                             sizeof ctl_option_rows / sizeof ctl_option_rows[0]};

bool ctl_has_flag(const struct ctl *ctl, enum flag flag)
{
    return ctl->flags[flag] != NULL;
}

const char *ctl_flag_value(const struct ctl *ctl, enum flag flag)
{
    const char *last = NULL;
    for (const char *const *value = ctl->flags[flag]; value && *value; value++)
        last = *value;
    return last;
}

const char *ctl_flag_list(const struct ctl *ctl, enum flag flag)
{
    const char *list = NULL;
    for (const char *const *value = ctl->flags[flag]; value && *value; value++)
        list = list ? keep_format("%s,%s", list, *value) : *value;
    return list;
}

bool ctl_flag_number(const struct ctl *ctl, enum flag flag, long min, long max, long *number)
{
    const char *text = ctl_flag_value(ctl, flag);
    char *end = NULL;
    if (!text)
        return true;
    long read = isdigit((unsigned char)text[0]) ? strtol(text, &end, 10) : -1;
    if (!end || *end || read < min || read > max) {
        ctl_print_usage_error(ctl, "--%s %s: it must be a whole number from %ld to %ld",
                              flag_rows[flag].name, text[0] ? text : "\"\"", min, max);
        return false;
    }
    *number = read;
    return true;
}

enum ctl_status ctl_print_usage_error(const struct ctl *ctl, const char *format, ...)
{
    va_list args;
    fputs("tagferryctl: ", stderr);
    va_start(args, format);
    text_print_line(stderr, keep_format_list(format, args));
    va_end(args);
    fprintf(stderr, "Try: tagferryctl %s%s--help\n", ctl->command ? ctl->command->name : "",
            ctl->command ? " " : "");
    return CTL_USAGE;
}

long command_line_read_duration(const char *text)
{
    static const struct {
        const char *suffix;
        long ms;
    } units[] = {{"", 1000}, {"s", 1000}, {"ms", 1}, {"m", 60000}, {"h", 3600000}};
    char *end;
    if (!isdigit((unsigned char)text[0]))
        return -1;
    long number = strtol(text, &end, 10);
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(end, units[i].suffix) == 0)
            return number > 0 && number <= 86400000 / units[i].ms ? number * units[i].ms : -1;
    }
    return -1;
}

static bool command_has_flag(const struct command *command, enum flag flag)
{
    if (flag_rows[flag].is_global)
        return true;
    for (const enum flag *own = command ? command->flags : &(enum flag){0}; *own; own++) {
        if (*own == flag)
            return true;
    }
    return false;
}

static void ctl_add_word(const char *const **words, const char *word)
{
    size_t count = 0;
    while (*words && (*words)[count])
        count++;
    const char **longer = keep_zeroed((count + 2) * sizeof *longer);
    if (count > 0)
        memcpy(longer, *words, count * sizeof *longer);
    longer[count] = word;
    *words = longer;
}

void ctl_add_flag(struct ctl *ctl, enum flag flag, const char *value)
{
    ctl_add_word(&ctl->flags[flag], value);
}

/* Reads one flag at argv[optind]. */
static bool command_take_flag(int argc, char **argv, struct ctl *ctl)
{
    struct option longs[FLAG_COUNT + 1] = {0};
    char shorts[FLAG_COUNT * 2 + 3] = "+:";
    char *letter = shorts + strlen(shorts);
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        const struct flag_row *row = &flag_rows[flag];
        longs[flag] = (struct option){row->name, row->value ? required_argument : no_argument, NULL,
                                      256 + (int)flag};
        if (row->letter) {
            *letter++ = row->letter;
            if (row->value)
                *letter++ = ':';
        }
    }
    opterr = 0;
    const char *argument = argv[optind];
    int found = getopt_long(argc, argv, shorts, longs, NULL);
    if (found == ':') {
        ctl_print_usage_error(ctl, "%s needs a value", argument);
        return false;
    }
    if (found == '?' && optopt >= 256) {
        ctl_print_usage_error(ctl, "--%s takes no value", flag_rows[optopt - 256].name);
        return false;
    }
    for (enum flag flag = 0; found != '?' && flag < FLAG_COUNT; flag++) {
        if (found != 256 + (int)flag && found != flag_rows[flag].letter)
            continue;
        if (!command_has_flag(ctl->command, flag)) {
            if (ctl->command)
                ctl_print_usage_error(ctl, "the command %s has no flag --%s", ctl->command->name,
                                      flag_rows[flag].name);
            else
                ctl_print_usage_error(ctl, "--%s belongs behind the command", flag_rows[flag].name);
            return false;
        }
        ctl_add_flag(ctl, flag, optarg ? optarg : "");
        return true;
    }
    ctl_print_usage_error(ctl, "there is no flag %s", argument);
    return false;
}

/* Reads all arguments. */
static bool command_take_arguments(const struct command_group *groups, int argc, char **argv,
                                   struct ctl *ctl)
{
    bool flags_have_ended = false;
    optind = 1;
    while (optind < argc) {
        const char *argument = argv[optind];
        bool is_number =
            argument[0] == '-' && (isdigit((unsigned char)argument[1]) || argument[1] == '.');
        if (!flags_have_ended && argument[0] == '-' && argument[1] && !is_number) {
            flags_have_ended = strcmp(argument, "--") == 0;
            if (flags_have_ended)
                optind++;
            else if (!command_take_flag(argc, argv, ctl))
                return false;
            continue;
        }
        optind++;
        if (ctl->command) {
            ctl_add_word(&ctl->operands, argument);
            ctl->operand_count++;
            continue;
        }
        ctl->command = command_find(groups, argument);
        if (!ctl->command) {
            ctl_print_usage_error(ctl, "there is no command \"%s\"", argument);
            return false;
        }
    }
    return true;
}

static bool ctl_read_file(struct ctl *ctl, struct ctl_options *options)
{
    /* Its texts are used until the end of the program. */
    struct conf *conf = keep_zeroed(sizeof *conf);
    const char *path = ctl_flag_value(ctl, FLAG_CONFIG), *home = getenv("HOME");
    const char *folder = getenv("XDG_CONFIG_HOME");
    bool must_exist = path != NULL;
    if (!path && folder && folder[0] == '/')
        path = keep_format("%s/tagferry/ctl.conf", folder);
    else if (!path && home && home[0])
        path = keep_format("%s/.config/tagferry/ctl.conf", home);
    ctl->config_file = path;
    bool ok = conf_init(conf, &ctl_options_table, 1) &&
              (!path || conf_read_file(conf, path, must_exist, stderr)) &&
              conf_read_environment(conf, environ, stderr) &&
              conf_apply_settings(conf, options, stderr);
    if (ok) { /* the texts outlive conf */
        options->url = keep_text(options->url);
        options->token_file = keep_text(options->token_file);
        options->ca_file = keep_text(options->ca_file);
        options->timeout = keep_text(options->timeout);
        options->output = keep_text(options->output);
    }
    conf_finish(conf);
    return ok;
}

static const char *ctl_choose_text(const struct ctl *ctl, enum flag flag, const char *configured)
{
    const char *given = ctl_flag_value(ctl, flag);
    return given ? given : configured;
}

/* Reads the settings: flags over environment over file over defaults. */
bool ctl_read_settings(struct ctl *ctl)
{
    static const char *const formats[] = {
        [OUTPUT_TABLE] = "table", [OUTPUT_JSON] = "json", [OUTPUT_CSV] = "csv"};
    struct ctl_options options;
    if (!ctl_read_file(ctl, &options))
        return false;
    const char *timeout = ctl_choose_text(ctl, FLAG_TIMEOUT, options.timeout);
    const char *output = ctl_choose_text(ctl, FLAG_OUTPUT, options.output);
    ctl->settings = (struct client_settings){
        .url = ctl_choose_text(ctl, FLAG_URL, options.url),
        .token_file = ctl_choose_text(ctl, FLAG_TOKEN_FILE, options.token_file),
        .ca_file = ctl_choose_text(ctl, FLAG_CA_FILE, options.ca_file),
        .timeout_ms = command_line_read_duration(timeout),
        .has_timeout = ctl_has_flag(ctl, FLAG_TIMEOUT)};
    if (ctl->settings.timeout_ms < 0) {
        ctl_print_usage_error(ctl, "the time-out \"%s\" must be a time such as 500ms, 10s or 2m",
                              timeout);
        return false;
    }
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        if (strcmp(output, formats[i]) == 0) {
            terminal_find(&ctl->terminal, (enum output_format)i);
            return true;
        }
    }
    ctl_print_usage_error(ctl, "the output \"%s\" must be table, json or csv", output);
    return false;
}

bool command_line_read(const struct command_group *groups, int argc, char **argv, struct ctl *ctl,
                       enum ctl_status *status)
{
    static const char *const none[] = {NULL};
    ctl->operands = none;
    *status = CTL_USAGE;
    if (!command_take_arguments(groups, argc, argv, ctl))
        return false;
    if (ctl_has_flag(ctl, FLAG_HELP) || ctl_has_flag(ctl, FLAG_VERSION)) {
        if (ctl_has_flag(ctl, FLAG_VERSION))
            puts("tagferryctl " TAGFERRY_VERSION);
        else if (ctl->command)
            command_help_print(ctl->command, stdout);
        else
            command_help_print_all(groups, stdout);
        *status = CTL_DONE;
        return false;
    }
    if (!ctl->command) {
        command_help_print_all(groups, stderr);
        return false;
    }
    const struct command *command = ctl->command;
    if (ctl->operand_count < command->fewest || ctl->operand_count > command->most) {
        ctl_print_usage_error(ctl, "%s: the command is tagferryctl %s%s%s",
                              ctl->operand_count > command->most ? "too many operands"
                                                                 : "operands are missing",
                              command->name, command->operands ? " " : "",
                              command->operands ? command->operands : "");
        return false;
    }
    return argument_check_all(ctl) && (command->is_local || ctl_read_settings(ctl));
}
