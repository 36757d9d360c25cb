/* The manual page, for scdoc. */
#include <ctype.h>
#include <string.h>

#include "ctl/command/command_help.h"
#include "ctl/command/ctl_options.h"

/* Prints a text, so that scdoc takes no character of it for markup. An empty line parts
 * paragraphs. */
static void manual_print_text(FILE *out, const char *text)
{
    bool begins_line = true;
    for (; *text; text++) {
        if (strchr("*_\\<>[]", *text) || (begins_line && strchr("#-.|:`", *text)))
            fputc('\\', out);
        fputc(*text, out);
        begins_line = *text == '\n';
    }
}

static void manual_print_flag(FILE *out, enum flag flag)
{
    const struct flag_row *row = &flag_rows[flag];
    fputc('*', out);
    if (row->letter)
        fprintf(out, "-%c*, *", row->letter);
    fprintf(out, "--%s*", row->name);
    if (row->value)
        fprintf(out, " _%s_", row->value);
    fputs("\n\t", out);
    manual_print_text(out, row->help);
    fputs(".\n\n", out);
}

static void manual_print_command(FILE *out, const struct command *command)
{
    /* scdoc takes no markup in a heading. */
    fprintf(out, "## %s%s%s\n\n", command->name, command->operands ? " " : "",
            command->operands ? command->operands : "");
    manual_print_text(out, command->summary);
    fputs(".\n\n", out);
    if (command->details) {
        manual_print_text(out, command->details);
        fputs("\n\n", out);
    }
    for (const enum flag *flag = command->flags; *flag; flag++)
        manual_print_flag(out, *flag);
    if (command->examples[0])
        fputs("```\n", out);
    for (size_t i = 0; i < COMMAND_EXAMPLES_MAX && command->examples[i]; i++)
        fprintf(out, "%s\n", command->examples[i]);
    if (command->examples[0])
        fputs("```\n\n", out);
}

/* A section for all groups of the same title, which follow one another. */
static void manual_print_group(FILE *out, const struct command_group *group, bool is_first)
{
    if (is_first)
        fputs("# COMMANDS: ", out);
    for (const char *c = group->title; is_first && *c; c++)
        fputc(toupper((unsigned char)*c), out);
    if (is_first)
        fputs("\n\n", out);
    for (size_t i = 0; i < group->count; i++)
        manual_print_command(out, &group->commands[i]);
}

static void manual_print_configuration(FILE *out)
{
    fputs("# CONFIGURATION\n\n"
          "The file _~/.config/tagferry/ctl.conf_ may have a section *[ctl]* with these keys. A "
          "flag wins over the environment, the environment over the file.\n\n"
          "```\n[ctl]\nurl = https://10.0.0.1:5000\ntoken_file = /home/operator/tagferry.token\n"
          "```\n\n",
          out);
    for (size_t i = 0; i < ctl_options_table.count; i++) {
        const struct conf_option *option = &ctl_options_table.rows[i];
        fprintf(out, "*%s*", option->key);
        if (option->fallback[0])
            fprintf(out, " = %s", option->fallback);
        fputs("\n\t", out);
        manual_print_text(out, option->help);
        fputs("\n\n", out);
    }
    fputs("# ENVIRONMENT\n\n", out);
    for (size_t i = 0; i < ctl_options_table.count; i++) {
        fputs(i > 0 ? ", *TAGFERRY_CTL_" : "*TAGFERRY_CTL_", out);
        for (const char *c = ctl_options_table.rows[i].key; *c; c++)
            fputc(toupper((unsigned char)*c), out);
        fputc('*', out);
    }
    fputs("\n\tThe keys of the configuration.\n\n"
          "*VISUAL*, *EDITOR*\n\tThe editor of *learn*. Without them it is vi.\n\n"
          "*NO_COLOR*\n\tNo colours on a terminal, if it is not empty.\n\n"
          "*TERM*\n\tNeither colours nor moving output on a terminal that is *dumb*.\n\n"
          "*http_proxy*, *https_proxy*, *no_proxy*\n\tA proxy on the way to the server.\n\n"
          "*XDG_CONFIG_HOME*\n\tThe folder in place of _~/.config_.\n\n",
          out);
}

void command_help_print_manual(const struct command_group *groups, FILE *out)
{
    fputs("tagferryctl(1)\n\n"
          "; Written by scripts/gen-config-reference; change the tables in src/ctl.\n\n"
          "# NAME\n\n"
          "tagferryctl - devices, tags and values of Tagferry from a terminal\n\n"
          "# SYNOPSIS\n\n"
          "*tagferryctl* [_FLAG_]... _COMMAND_ [_OPERAND_]...\n\n"
          "# DESCRIPTION\n\n"
          "*tagferryctl* asks and changes a gateway through its REST API, *tagferry-api*(8), on "
          "this machine or another. It prints tables for people, JSON as the API answers with "
          "*-o json*, and CSV with *-o csv*. Colours, questions and progress are for terminals "
          "only.\n\n"
          "Flags may stand anywhere behind the command, those of every command also before it. "
          "*--* ends them. A read that gets no answer is repeated; a change never is.\n\n"
          "# FLAGS OF EVERY COMMAND\n\n",
          out);
    for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
        if (flag_rows[flag].is_global)
            manual_print_flag(out, flag);
    }
    fputs("# OBJECTS\n\n"
          "_DEVICE_\n\tA device, by its name: boiler-7.\n\n"
          "_DEVICE/TAG_\n\tA tag, by the names of its device and its own: boiler-7/temp.\n\n"
          "profile:_NAME_\n\tA profile, where a command takes other objects, too.\n\n",
          out);
    for (const char *title = ""; groups->title; title = groups->title, groups++) {
        if (groups->title[0] != '\0')
            manual_print_group(out, groups, strcmp(groups->title, title) != 0);
    }
    manual_print_configuration(out);
    fputs("# EXIT STATUS\n\n"
          "*0*\n\tDone.\n\n"
          "*1*\n\tRefused: by the server, by you at a question, or by this machine.\n\n"
          "*2*\n\tThe command line or the configuration is wrong. Nothing was sent.\n\n"
          "*3*\n\tUnreachable: no answer, or none of Tagferry.\n\n"
          "*4*\n\tNot found: the server has no such object.\n\n"
          "*5*\n\tChanged meanwhile: somebody else has changed the object. Nothing was "
          "changed.\n\n"
          "# FILES\n\n"
          "_~/.config/tagferry/ctl.conf_\n\tThe configuration. It may be missing.\n\n"
          "# SEE ALSO\n\n"
          "*tagferry-api*(8), *tagferry-modbusd*(8), *tagferry-mqttd*(8), *tagferry.conf*(5)\n",
          out);
}
