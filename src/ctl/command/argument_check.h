/* What every command asks of its flags and operands, before anything is sent. */
#ifndef TAGFERRY_CTL_COMMAND_ARGUMENT_CHECK_H
#define TAGFERRY_CTL_COMMAND_ARGUMENT_CHECK_H

#include "ctl/command/command.h"

/* The words that there are of a kind, ended by NULL; or NULL where there is no such list. */
const char *const *argument_find_words(enum completes kind);
/* False, after a line on standard error, where an argument is no UTF-8, a flag has none of the
 * words that it takes, or --device or --if-match names nothing. A revision behind --if-match
 * becomes the ETag of it. */
bool argument_check_all(struct ctl *ctl);

#endif
