/* What a shell offers at the end of a command line. */
#ifndef TAGFERRY_CTL_COMMANDS_COMPLETE_H
#define TAGFERRY_CTL_COMMANDS_COMPLETE_H

#include "common/base/embedded.h"
#include "ctl/command/command.h"

/* completion.bash and completion.zsh. */
extern const struct embedded completion_files[];

/* Prints what may stand for the last of `count` words, which follow "tagferryctl" on its command
 * line: first a line "words", then each word, some with a tab and what it means; or the line
 * "files": the shell knows them. Asks the server for names, for a second at most. */
void complete_print(const char *const *words, size_t count);

#endif
