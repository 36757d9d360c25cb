/* Commands that tagferry-api runs instead of the service. */
#ifndef TAGFERRY_API_CLI_H
#define TAGFERRY_API_CLI_H

#include "api/base/api_options.h"

/* The usage text after the options. */
extern const char cli_usage[];

/* Runs the command in argv, which ends with NULL. Returns the exit status. */
int cli_run_command(const struct api_settings *settings, char **argv);

#endif
