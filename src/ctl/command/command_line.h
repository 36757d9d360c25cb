/* The command line and the configuration file of the user. */
#ifndef TAGFERRY_CTL_COMMAND_COMMAND_LINE_H
#define TAGFERRY_CTL_COMMAND_COMMAND_LINE_H

#include "ctl/command/command.h"

/* Reads argv by the table into `ctl`, which is zeroed, with its flags, operands and settings; the
 * client is not made. Flags may stand anywhere; "--" ends them; an argument such as -5 is an
 * operand. True if `ctl` is to run. Else, after printing help, version or what is wrong, false with
 * the status to exit with. */
bool command_line_read(const struct command_group *groups, int argc, char **argv, struct ctl *ctl,
                       enum ctl_status *status);

/* What command_line_read does for one flag, and for the settings; for who reads another command
 * line. False, after a line on standard error, where a setting is wrong. */
void ctl_add_flag(struct ctl *ctl, enum flag flag, const char *value);
bool ctl_read_settings(struct ctl *ctl);

/* A duration such as "500ms", "10", "10s", "2m" or "1h" in ms; -1 where the text is none. */
long command_line_read_duration(const char *text);

#endif
