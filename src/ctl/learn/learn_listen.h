/* Shows what a discovery hears as it comes. */
#ifndef TAGFERRY_CTL_LEARN_LEARN_LISTEN_H
#define TAGFERRY_CTL_LEARN_LEARN_LISTEN_H

#include "ctl/command/command.h"

/* Follows the discovery at the path ("/discoveries/1"), which lasts so many seconds, until it ends,
 * or the user ends it with q or Ctrl-C: a table on a terminal, else a line on standard error for
 * each key. *is_early is true if the discovery still runs. CTL_REFUSED, after a line on standard
 * error, if the broker refuses the topics. */
enum ctl_status learn_listen(struct ctl *ctl, const char *path, long seconds, bool is_live,
                             bool *is_early);

#endif
