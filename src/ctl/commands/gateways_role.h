/* Which gateway leads. */
#ifndef TAGFERRY_CTL_COMMANDS_GATEWAYS_ROLE_H
#define TAGFERRY_CTL_COMMANDS_GATEWAYS_ROLE_H

#include "ctl/command/command.h"

/* Runs `gateways promote` and `gateways follow URL`, which the operands are to be; asks before. */
enum ctl_status gateways_role_run(struct ctl *ctl);

#endif
