/* A command, as its table describes it, and one run of it. */
#ifndef TAGFERRY_CTL_COMMAND_COMMAND_H
#define TAGFERRY_CTL_COMMAND_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "ctl/base/ctl_status.h"
#include "ctl/client/client.h"
#include "ctl/command/flags.h"
#include "ctl/output/terminal.h"

struct ctl;

enum { COMMAND_FLAGS_MAX = 20, COMMAND_COMPLETES_MAX = 3, COMMAND_EXAMPLES_MAX = 4 };

/* --help, the manual page, the completion and the checks of the command line follow from the rows.
 */
struct command {
    const char *name;
    const char *operands; /* "DEVICE/TAG VALUE", "[DEVICE]..."; NULL: none */
    size_t fewest, most;  /* operands; COMMAND_ANY: no limit */
    const char *summary;  /* one line, in the imperative: "List devices" */
    const char *details;  /* paragraphs for the manual page, separated by an empty line; or NULL */
    enum completes completes[COMMAND_COMPLETES_MAX]; /* of the operands; the last one repeats */
    enum flag flags[COMMAND_FLAGS_MAX];              /* beside the global ones; ended by 0 */
    const char *examples[COMMAND_EXAMPLES_MAX];      /* whole command lines */
    bool is_local;                                   /* runs without settings and client */
    bool without_client; /* runs with settings; it makes a client itself if it needs one */
    enum ctl_status (*run)(struct ctl *ctl);
};

#define COMMAND_ANY ((size_t)-1)

/* Commands of one kind, under a heading of the help. Neighbours of one title are one group. With an
 * empty title, they are for scripts: no help tells of them. */
struct command_group {
    const char *title;
    const struct command *commands;
    size_t count;
};

#define COMMAND_GROUP(title_, rows)                                                                \
    {                                                                                              \
        (title_), (rows), sizeof(rows) / sizeof(rows)[0]                                           \
    }

/* One run. */
struct ctl {
    const struct command *command;
    const char *const *operands; /* ended by NULL */
    size_t operand_count;
    const char *const *flags[FLAG_COUNT]; /* the values of each flag, in order, ended by NULL; a
                                             flag without a value has "". NULL: not given */
    struct client_settings settings;
    const char *config_file; /* of the user, which need not exist; NULL: there is no home folder */
    struct client *client;   /* NULL for a command without one */
    struct terminal terminal;
};

/* True if the flag was given. */
bool ctl_has_flag(const struct ctl *ctl, enum flag flag);
/* The last value of a flag, or NULL. */
const char *ctl_flag_value(const struct ctl *ctl, enum flag flag);
/* All values of a flag, separated by commas, as the API takes several words; or NULL. */
const char *ctl_flag_list(const struct ctl *ctl, enum flag flag);
/* The number that a flag has. True with *number as before where it is not given; false, after a
 * line on standard error, where it is no whole number within the limits. */
bool ctl_flag_number(const struct ctl *ctl, enum flag flag, long min, long max, long *number);
/* Prints "tagferryctl: ..." to standard error, and how to get help for the command. Returns
 * CTL_USAGE. */
__attribute__((format(printf, 2, 3))) enum ctl_status
ctl_print_usage_error(const struct ctl *ctl, const char *format, ...);

#endif
