/* The commands in the order of the help. Neighbours with one title are one group. */
#include "ctl/command/command_table.h"
#include "ctl/commands/command_rows.h"
#include "ctl/watch/watch.h"

const struct command_group command_groups[] = {
    {"Look", &status_command, 1},
    {"Look", list_commands, LIST_COMMAND_COUNT},
    {"Look", &get_command, 1},
    {"Look", &value_command, 1},
    {"Look", &history_command, 1},
    {"Look", &watch_command, 1},
    {"Look", &regs_command, 1},
    {"Look", &map_command, 1},
    {"Look", &clients_command, 1},
    {"Look", &messages_command, 1},
    {"Look", &why_command, 1},
    {"Look", &audit_command, 1},
    {"Look", &profiles_command, 1},
    {"Look", &gateways_command, 1},
    {"Change", change_commands, CHANGE_COMMAND_COUNT},
    {"Files", &import_command, 1},
    {"Files", &export_command, 1},
    {"Files", &backup_command, 1},
    {"Set up", &token_command, 1},
    {"Set up", &learn_command, 1},
    {"Set up", &publish_test_command, 1},
    {"Set up", &completion_command, 1},
    {"", hidden_commands, HIDDEN_COMMAND_COUNT},
    {0},
};
