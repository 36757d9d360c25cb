/* What the files of the command token share. */
#ifndef TAGFERRY_CTL_COMMANDS_TOKEN_H
#define TAGFERRY_CTL_COMMANDS_TOKEN_H

#include <cjson/cJSON.h>

#include "ctl/command/command.h"

/* What a token may do, in words, by the answer of /session. */
const char *token_scope_text(const cJSON *session);
/* Reads a token from standard input, checks and stores it. */
enum ctl_status token_save(struct ctl *ctl);

#endif
