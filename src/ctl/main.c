/* tagferryctl: devices, tags and values from a terminal. A client of the REST API only. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "ctl/base/keep.h"
#include "ctl/command/command_line.h"
#include "ctl/command/command_table.h"

int main(int argc, char **argv)
{
    struct ctl ctl = {0};
    enum ctl_status status;
    keep_init();
    setlocale(LC_CTYPE, "");  /* numbers are as in JSON */
    signal(SIGPIPE, SIG_DFL); /* `tagferryctl ... | head` ends silently */
    if (command_line_read(command_groups, argc, argv, &ctl, &status)) {
        bool needs_none = ctl.command->is_local || ctl.command->without_client;
        ctl.client = needs_none ? NULL : client_create(&ctl.settings);
        status = ctl.client || needs_none ? ctl.command->run(&ctl) : CTL_USAGE;
        client_destroy(ctl.client);
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("tagferryctl: the output cannot be written");
        return status == CTL_DONE ? CTL_REFUSED : (int)status;
    }
    return (int)status;
}
