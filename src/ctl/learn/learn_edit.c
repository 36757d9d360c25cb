#include "ctl/learn/learn_edit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ctl/base/keep.h"
#include "ctl/commands/confirm.h"
#include "ctl/files/import_request.h"
#include "ctl/files/local_file.h"

/* Writes the proposal into a new file of this user. NULL, after a line on standard error. */
static const char *edit_make_file(const char *proposal, size_t len, bool is_json)
{
    const char *folder = getenv("TMPDIR");
    char *path = keep_format("%s/tagferry-XXXXXX.%s", folder && folder[0] ? folder : "/tmp",
                             is_json ? "json" : "csv");
    int fd = mkstemps(path, is_json ? 5 : 4);
    if (fd < 0) {
        fprintf(stderr, "tagferryctl: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    close(fd);
    return local_file_write(path, proposal, len) == CTL_DONE ? path : NULL;
}

/* Runs the editor and waits for it. VISUAL and EDITOR may have arguments: the shell parts them. */
static bool edit_run_editor(const char *path)
{
    const char *visual = getenv("VISUAL"), *editor = getenv("EDITOR");
    const char *command = visual && visual[0] ? visual : editor && editor[0] ? editor : "vi";
    const char *script = keep_format("%s \"$1\"", command);
    const struct sigaction ignore = {.sa_handler = SIG_IGN};
    struct sigaction before;
    int result = -1;
    fflush(NULL);
    sigaction(SIGINT, &ignore, &before); /* Ctrl-C is for the editor */
    pid_t pid = fork();
    if (pid == 0) {
        sigaction(SIGINT, &before, NULL);
        execl("/bin/sh", "sh", "-c", script, "sh", path, (char *)NULL);
        _exit(127);
    }
    while (pid > 0 && waitpid(pid, &result, 0) < 0 && errno == EINTR)
        ;
    sigaction(SIGINT, &before, NULL);
    if (pid > 0 && WIFEXITED(result) && WEXITSTATUS(result) == 0)
        return true;
    fprintf(stderr, "tagferryctl: the editor \"%s\" has failed; VISUAL or EDITOR names another\n",
            command);
    return false;
}

static bool edit_is_empty(const char *bytes)
{
    return bytes[strspn(bytes, " \t\r\n")] == '\0';
}

/* Checks the edited file, and imports it. *again is true if the user wants to edit once more. */
static enum ctl_status edit_import(const struct ctl *ctl, const struct import_file *file,
                                   bool is_unchanged, bool *again)
{
    if (edit_is_empty(file->bytes) || (is_unchanged && ctl_has_flag(ctl, FLAG_YES))) {
        fprintf(stderr, "The file is %s: nothing is imported.\n",
                is_unchanged ? "unchanged" : "empty");
        return CTL_DONE;
    }
    enum ctl_status status = import_send(ctl, file, true);
    if (status != CTL_DONE) {
        *again = status == CTL_REFUSED && terminal_confirm(&ctl->terminal, "Edit the file again?");
        return status;
    }
    if (is_unchanged && !terminal_confirm(&ctl->terminal, "The proposal is unchanged. Import it as "
                                                          "it is?")) {
        fputs("Nothing is imported.\n", stderr);
        return CTL_DONE;
    }
    if (!is_unchanged)
        status = confirm_ask(ctl, "Import this?");
    return status == CTL_DONE ? import_send(ctl, file, false) : status;
}

enum ctl_status learn_edit(const struct ctl *ctl, const char *proposal, size_t len, bool is_json)
{
    const char *path = edit_make_file(proposal, len, is_json);
    enum ctl_status status = CTL_REFUSED;
    bool again = path != NULL;
    while (again) {
        struct import_file file = {.name = path, .type = is_json ? "application/json" : "text/csv"};
        again = false;
        if (!edit_run_editor(path) || local_file_read(path, &file.bytes, &file.len) != CTL_DONE)
            break;
        bool is_unchanged = file.len == len && memcmp(file.bytes, proposal, len) == 0;
        status = edit_import(ctl, &file, is_unchanged, &again);
        if (status == CTL_DONE)
            unlink(path);
    }
    if (path && status != CTL_DONE)
        fprintf(stderr, "The file stays in %s; tagferryctl import reads it.\n", path);
    return status;
}
