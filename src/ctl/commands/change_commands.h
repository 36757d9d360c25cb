/* The commands that change something. */
#ifndef TAGFERRY_CTL_COMMANDS_CHANGE_COMMANDS_H
#define TAGFERRY_CTL_COMMANDS_CHANGE_COMMANDS_H

#include "ctl/command/command.h"

enum ctl_status set_run(struct ctl *ctl);
enum ctl_status rm_run(struct ctl *ctl);
enum ctl_status rename_run(struct ctl *ctl);
enum ctl_status move_run(struct ctl *ctl);
enum ctl_status copy_run(struct ctl *ctl);
enum ctl_status write_run(struct ctl *ctl);
enum ctl_status revert_run(struct ctl *ctl);

#endif
