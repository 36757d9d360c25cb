/* Changes of one object that was read before. */
#ifndef TAGFERRY_CTL_COMMANDS_CHANGE_H
#define TAGFERRY_CTL_COMMANDS_CHANGE_H

#include "ctl/commands/object.h"

/* Reads an object. Prints what goes wrong. */
enum ctl_status change_read(const struct ctl *ctl, const struct object *object,
                            struct client_reply *reply);
/* Merges the body into an object, if it still is as it was read: in `before`, or what --if-match
 * says. With --dry-run the server only checks it. Prints what goes wrong. */
enum ctl_status change_patch(const struct ctl *ctl, const struct object *object, const cJSON *body,
                             const struct client_reply *before, struct client_reply *reply);

#endif
