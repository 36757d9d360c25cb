/* token save: stores a token that the server takes. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "ctl/base/interrupt.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/client/problem.h"
#include "ctl/commands/token.h"

enum { TOKEN_MAX = 500 };

/* Reads up to a newline or the end. False if a signal came. */
static bool token_read_line(char *line, size_t size)
{
    size_t len = 0;
    while (len < size - 1) {
        ssize_t got = read(STDIN_FILENO, line + len, 1);
        if (got < 0 && errno == EINTR && interrupt_signal() == 0)
            continue;
        if (got <= 0 || line[len] == '\n')
            break;
        len++;
    }
    line[len] = '\0';
    return interrupt_signal() == 0;
}

/* Asks on the terminal, which shows nothing of the answer. */
static bool token_ask(char *line, size_t size)
{
    struct termios shown, hidden;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return token_read_line(line, size);
    interrupt_begin();
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden); /* before the prompt: nothing typed is lost */
    fputs("Token: ", stderr);
    bool is_read = token_read_line(line, size);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    interrupt_end();
    if (!is_read)
        raise(interrupt_signal());
    return is_read;
}

/* The token without blanks around it, or NULL after a line on standard error. */
static char *token_check(char *line)
{
    char *token = line + strspn(line, " \t\r");
    size_t len = strcspn(token, " \t\r");
    bool is_alone = token[len + strspn(token + len, " \t\r")] == '\0';
    token[len] = '\0';
    if (len > 0 && is_alone)
        return token;
    fputs(len == 0 ? "tagferryctl: there is no token on the standard input\n"
                   : "tagferryctl: a token has no blanks\n",
          stderr);
    return NULL;
}

/* Makes the folders above a file. */
static bool token_make_folders(const char *path)
{
    char *folder = keep_text(path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        bool is_there = mkdir(folder, 0700) == 0 || errno == EEXIST;
        *slash = '/';
        if (!is_there)
            return false;
    }
    return true;
}

/* Writes a file that only its owner can read. */
static bool token_write_file(const char *path, const char *token)
{
    unlink(path);
    mode_t mask = umask(077);
    FILE *file = fopen(path, "wxe");
    umask(mask);
    if (!file)
        return false;
    bool is_written = fprintf(file, "%s\n", token) > 0 && fflush(file) == 0;
    return (fclose(file) == 0) && is_written;
}

/* Asks the server with the token in the file. */
static enum ctl_status token_try(struct ctl *ctl, const char *path)
{
    struct client_settings settings = ctl->settings;
    struct client_reply reply;
    settings.token_file = path;
    ctl->client = client_create(&settings);
    if (!ctl->client)
        return CTL_USAGE;
    enum ctl_status status =
        client_send(ctl->client, &(struct client_request){.path = "/session"}, &reply);
    if (status != CTL_DONE)
        return status;
    if (reply.status == 401) {
        fprintf(stderr, "tagferryctl: %s does not know this token; nothing was saved\n",
                client_server(ctl->client));
        return CTL_REFUSED;
    }
    if (reply.status != 200)
        return problem_print(&reply, "the token");
    if (!json_read_bool(reply.json, "tokens")) {
        fprintf(stderr, "tagferryctl: %s needs no token; nothing was saved\n",
                client_server(ctl->client));
        return CTL_REFUSED;
    }
    printf("The token %s %s.\n", json_read_text(reply.json, "name"), token_scope_text(reply.json));
    return CTL_DONE;
}

/* Names the token file at the end of ctl.conf. */
static bool token_name_file(const char *config, const char *path)
{
    FILE *file = fopen(config, "ae");
    if (!file)
        return false;
    bool is_written =
        fprintf(file, "%s[ctl]\ntoken_file = %s\n", ftell(file) > 0 ? "\n" : "", path) > 0;
    return (fclose(file) == 0) && is_written;
}

enum ctl_status token_save(struct ctl *ctl)
{
    char line[TOKEN_MAX];
    const char *config = ctl->config_file;
    bool is_named = ctl->settings.token_file[0] != '\0';
    if (!is_named && !config)
        return ctl_print_usage_error(ctl, "there is no home folder: name a file with --token-file");
    const char *path = ctl->settings.token_file;
    if (!is_named) {
        const char *slash = strrchr(config, '/');
        path = keep_format("%.*stoken", slash ? (int)(slash - config + 1) : 0, config);
    }
    bool is_read =
        isatty(STDIN_FILENO) ? token_ask(line, sizeof line) : token_read_line(line, sizeof line);
    char *token = is_read ? token_check(line) : NULL;
    if (!token)
        return CTL_REFUSED;
    const char *fresh = keep_format("%s.new", path);
    bool is_written = token_make_folders(path) && token_write_file(fresh, token);
    explicit_bzero(line, sizeof line);
    if (!is_written) {
        fprintf(stderr, "tagferryctl: %s cannot be written: %s\n", fresh, strerror(errno));
        return CTL_REFUSED;
    }
    enum ctl_status status = token_try(ctl, fresh);
    if (status != CTL_DONE) {
        unlink(fresh);
        return status;
    }
    if (rename(fresh, path) != 0 || (!is_named && !token_name_file(config, path))) {
        int error = errno;
        unlink(fresh);
        fflush(stdout);
        fprintf(stderr, "tagferryctl: %s cannot be written: %s\n", path, strerror(error));
        return CTL_REFUSED;
    }
    printf("It is saved in %s%s%s.\n", path, is_named ? "" : ", which is named in ",
           is_named ? "" : config);
    return CTL_DONE;
}
