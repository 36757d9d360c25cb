/* Help and manual page, made from the table of commands. */
#ifndef TAGFERRY_CTL_COMMAND_COMMAND_HELP_H
#define TAGFERRY_CTL_COMMAND_COMMAND_HELP_H

#include <stdio.h>

#include "ctl/command/command.h"

/* Prints all commands with their summaries, and the global flags. */
void command_help_print_all(const struct command_group *groups, FILE *out);
/* Prints one command with its flags and examples. */
void command_help_print(const struct command *command, FILE *out);
/* Prints the manual page for scdoc: docs/man/tagferryctl.1.scd. */
void command_help_print_manual(const struct command_group *groups, FILE *out);

#endif
