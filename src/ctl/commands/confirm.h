/* Questions before a change that cannot be seen at a glance. */
#ifndef TAGFERRY_CTL_COMMANDS_CONFIRM_H
#define TAGFERRY_CTL_COMMANDS_CONFIRM_H

#include "ctl/command/command.h"

/* So many devices and tags are deleted without a question. The server has the same limit. */
enum { CONFIRM_FREE = 20 };

/* CTL_DONE with --yes, or if the user answers yes. Else CTL_REFUSED, after a line on standard error
 * that nothing was changed. */
enum ctl_status confirm_ask(const struct ctl *ctl, const char *question);
/* Sends a change. Where the server wants its deletions confirmed, asks the user, and sends it again
 * with their number. Prints an answer that refuses, as client_send_checked does. The request has no
 * parameter "confirm". */
enum ctl_status confirm_send(const struct ctl *ctl, const struct client_request *request,
                             struct client_reply *reply, const char *what);

#endif
