/* All commands. */
#ifndef TAGFERRY_CTL_COMMAND_COMMAND_TABLE_H
#define TAGFERRY_CTL_COMMAND_COMMAND_TABLE_H

#include "ctl/command/command.h"

/* The groups in the order of the help, ended by one without a title. Neighbours with the same title
 * are one group, whose commands are in several files. main passes them, so that the
 * commands can use this folder. */
extern const struct command_group command_groups[];

/* The command of this name, or NULL. */
const struct command *command_find(const struct command_group *groups, const char *name);

#endif
