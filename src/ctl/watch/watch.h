/* The command watch. */
#ifndef TAGFERRY_CTL_WATCH_WATCH_H
#define TAGFERRY_CTL_WATCH_WATCH_H

#include "ctl/command/command.h"

extern const struct command watch_command;

#endif
