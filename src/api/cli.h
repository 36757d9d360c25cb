/* What `tagferry-api` does when it is given a command in place of serving. */
#ifndef TAGFERRY_API_CLI_H
#define TAGFERRY_API_CLI_H

#include "api/base/api_options.h"

/* What follows the options on the command line. */
extern const char cli_usage[];

/* Runs the command in argv, ended by NULL. Answers the status to exit with. */
int cli_run_command(const struct api_settings *settings, char **argv);

#endif
