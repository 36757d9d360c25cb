/* The rows of each file of commands. */
#ifndef TAGFERRY_CTL_COMMANDS_COMMAND_ROWS_H
#define TAGFERRY_CTL_COMMANDS_COMMAND_ROWS_H

#include "ctl/command/command.h"

enum { LIST_COMMAND_COUNT = 2, CHANGE_COMMAND_COUNT = 7, HIDDEN_COMMAND_COUNT = 2 };

extern const struct command status_command;
extern const struct command list_commands[LIST_COMMAND_COUNT];
extern const struct command get_command;
extern const struct command value_command;
extern const struct command history_command;
extern const struct command change_commands[CHANGE_COMMAND_COUNT];
extern const struct command import_command;
extern const struct command export_command;
extern const struct command backup_command;
extern const struct command why_command;
extern const struct command learn_command;
extern const struct command publish_test_command;
extern const struct command completion_command;
extern const struct command hidden_commands[HIDDEN_COMMAND_COUNT];
extern const struct command regs_command;
extern const struct command map_command;
extern const struct command clients_command;
extern const struct command messages_command;
extern const struct command audit_command;
extern const struct command profiles_command;
extern const struct command gateways_command;
extern const struct command token_command;

#endif
