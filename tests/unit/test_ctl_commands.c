/* The commands of tagferryctl with answers of a server that there is not: the sessions in ctl/,
 * whose form ctl/README.md explains. */
#include <fcntl.h>
#include <getopt.h>
#include <glob.h>
#include <locale.h>
#include <stdio_ext.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ctl/base/keep.h"
#include "ctl/command/command_line.h"
#include "ctl/command/command_table.h"
#include "fake_curl.h"
#include "golden.h"

enum { WORDS_MAX = 64 };

static const char *home;
static int saved[3]; /* the streams of the test */

/* A session that is run: what its file should be. */
struct session {
    FILE *text;
    struct fake_answer answer; /* whose body is read */
    bool has_answer, adds, has_escapes, is_verbose;
    FILE *body;
    char *body_text;
    size_t body_len;
    char *input; /* of the next command */
};

/* Escapes of a text in place: \n, \t, \\, \xHH. Returns its length, as it may have a NUL. */
static size_t unescape(char *text)
{
    char *to = text;
    const char *begin = text;
    for (; *text; text++) {
        if (*text != '\\' || !text[1]) {
            *to++ = *text;
            continue;
        }
        text++;
        if (*text == 'x' && text[1] && text[2]) {
            *to++ = (char)strtol((char[]){text[1], text[2], '\0'}, NULL, 16);
            text += 2;
        } else {
            *to++ = *text == 'n' ? '\n' : *text == 't' ? '\t' : *text == 'r' ? '\r' : *text;
        }
    }
    *to = '\0';
    return (size_t)(to - begin);
}

/* The words of a line, as a shell reads them. */
static int split_words(char *line, char **words)
{
    int count = 0;
    char *to = line;
    for (char *c = line; *c;) {
        while (*c == ' ')
            c++;
        if (!*c)
            break;
        assert_true(count < WORDS_MAX - 1);
        words[count++] = to;
        for (char quote = '\0'; *c && (quote || *c != ' '); c++) {
            if (quote ? *c == quote : *c == '\'' || *c == '"')
                quote = (char)(quote ? '\0' : *c);
            else
                *to++ = *c;
        }
        c += *c == ' ';
        *to++ = '\0';
    }
    for (int i = 0; i < count; i++) {
        if (strchr(words[i], '\\'))
            unescape(words[i]);
    }
    words[count] = NULL;
    return count;
}

/* A line of output, as the file has it. */
static void put_output(FILE *text, const char *output, size_t len)
{
    bool begins_line = true;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)output[i];
        if (begins_line)
            fputs("  ", text);
        begins_line = c == '\n';
        if (c == '\n' && (i == 0 || output[i - 1] == '\n'))
            fputs("\\n", text);
        if (c == '\033')
            fputs("\\e", text);
        else if (c == '\r')
            fputs("\\r", text);
        else if ((c < ' ' && c != '\n') || c == 127)
            fprintf(text, "\\x%02x", c);
        else if (c == ' ' && (i + 1 == len || output[i + 1] == '\n'))
            fputs("\\x20", text);
        else if (c == '\\')
            fputs("\\\\", text);
        else if (strncmp(output + i, home, strlen(home)) == 0) {
            fputs("HOME", text);
            i += strlen(home) - 1;
        } else if (strncmp(output + i, "tagferry-", 9) == 0 && len > i + 16 &&
                   (output[i + 15] == '.' || output[i + 15] == '*') &&
                   strspn(output + i + 9, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789") == 6) {
            fputs("tagferry-XXXXXX", text);
            i += 14;
        } else if (i > 0 && (output[i - 1] == '/' || output[i - 1] == ' ') &&
                   strncmp(output + i, TAGFERRY_VERSION, strlen(TAGFERRY_VERSION)) == 0) {
            fputs("VERSION", text);
            i += strlen(TAGFERRY_VERSION) - 1;
        } else
            fputc(c, text);
    }
    if (!begins_line)
        fputs("(no newline)\n", text);
}

static unsigned marks, releases, forgotten;

void *__real_keep_mark(void);
void *__wrap_keep_mark(void);
void __real_keep_release(void *mark);
void __wrap_keep_release(void *mark);
void __real_client_forget_replies(struct client *client);
void __wrap_client_forget_replies(struct client *client);

void *__wrap_keep_mark(void)
{
    marks++;
    return __real_keep_mark();
}

void __wrap_keep_release(void *mark)
{
    releases++;
    __real_keep_release(mark);
}

void __wrap_client_forget_replies(struct client *client)
{
    forgotten++;
    __real_client_forget_replies(client);
}

/* The lowest descriptor that is free. */
static int free_descriptor(void)
{
    int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(fd);
    return fd;
}

static enum ctl_status run_main(int argc, char **argv)
{
    struct ctl ctl = {0};
    enum ctl_status status;
    if (command_line_read(command_groups, argc, argv, &ctl, &status)) {
        bool needs_none = ctl.command->is_local || ctl.command->without_client;
        ctl.client = needs_none ? NULL : client_create(&ctl.settings);
        status = ctl.client || needs_none ? ctl.command->run(&ctl) : CTL_USAGE;
        client_destroy(ctl.client);
    }
    return status;
}

/* Runs the program as main does, and writes what it prints. */
static void run_ctl(struct session *session, char *line)
{
    char *words[WORDS_MAX];
    int argc = split_words(line, words), output = memfd_create("output", MFD_CLOEXEC);
    int input = memfd_create("input", MFD_CLOEXEC);
    const char *typed = session->input ? session->input : "";
    if (write(input, typed, strlen(typed)) < 0 || lseek(input, 0, SEEK_SET) != 0)
        abort();
    fcntl(output, F_SETFL, O_APPEND);
    fflush(stdout);
    fflush(stderr);
    dup2(input, 0);
    __fpurge(stdin);
    clearerr(stdin);
    dup2(output, 1);
    dup2(output, 2);
    setvbuf(stderr, NULL, _IONBF, 0); /* it may have been opened again */
    optind = 0;
    getopt(1, (char *[]){words[0], NULL}, "");
    void *mark = __real_keep_mark();
    int descriptor = free_descriptor();
    marks = releases = forgotten = 0;
    fake_reset_clocks();
    enum ctl_status status = run_main(argc, words);
    __real_keep_release(mark);
    fflush(stdout);
    bool has_descriptor = free_descriptor() != descriptor;
    for (int i = 0; i < 3; i++)
        dup2(saved[i], i);
    char *requests = fake_take_requests();
    put_output(session->text, requests, strlen(requests));
    free(requests);
    off_t len = lseek(output, 0, SEEK_END);
    char *text = len > 0 ? mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, output, 0) : NULL;
    if (len > 0) {
        put_output(session->text, text, (size_t)len);
        munmap(text, (size_t)len);
    }
    close(output);
    close(input);
    if (status != CTL_DONE)
        fprintf(session->text, "  [%d]\n", (int)status);
    if (!fake_is_idle())
        fputs("  a handle of libcurl is left\n", session->text);
    if (has_descriptor)
        fputs("  a descriptor is left\n", session->text);
    if (session->is_verbose && marks > 0)
        fprintf(session->text, "  (%u marks, %u released, replies forgotten %u times)\n", marks,
                releases, forgotten);
    free(session->input);
    session->input = NULL;
}

static void run_shell(struct session *session, const char *line)
{
    char *text = NULL;
    size_t room = 0;
    FILE *shell = popen(line, "r");
    assert_non_null(shell);
    ssize_t len = getdelim(&text, &room, '\0', shell);
    if (len > 0)
        put_output(session->text, text, (size_t)len);
    pclose(shell);
    free(text);
}

/* "terminal 80x24", "pipe", "stdin TEXT", "env NAME=VALUE", "locale NAME", "forget", "verbose",
 * "brief". */
static void take_setting(struct session *session, char *line)
{
    static const struct fake_terminal pipe = {{false, false, false}, 0, 0};
    struct fake_terminal terminal = {{true, true, true}, 80, 24};
    char *rest = strchr(line, ' ');
    if (rest)
        *rest++ = '\0';
    if (strcmp(line, "terminal") == 0) {
        assert_int_equal(sscanf(rest, "%dx%d", &terminal.columns, &terminal.lines), 2);
        fake_set_terminal(&terminal);
    } else if (strcmp(line, "pipe") == 0) {
        fake_set_terminal(&pipe);
    } else if (strcmp(line, "stdin") == 0) {
        free(session->input);
        session->input = strdup(rest);
        unescape(session->input);
    } else if (strcmp(line, "nothing") == 0) {
        free(session->input);
        session->input = NULL;
    } else if (strcmp(line, "env") == 0) {
        char *value = strchr(rest, '=');
        *value = '\0';
        if (strncmp(value + 1, "HOME", 4) == 0)
            setenv(rest, keep_format("%s%s", home, value + 5), 1);
        else if (value[1])
            setenv(rest, value + 1, 1);
        else
            unsetenv(rest);
    } else if (strcmp(line, "locale") == 0) {
        assert_non_null(setlocale(LC_CTYPE, rest));
    } else if (strcmp(line, "forget") == 0) {
        fake_forget_answers();
    } else if (strcmp(line, "verbose") == 0 || strcmp(line, "brief") == 0) {
        session->is_verbose = line[0] == 'v';
        fake_be_verbose(session->is_verbose);
    } else {
        fail_msg("there is no setting %s", line);
    }
}

/* "GET /devices?limit=1 200 type=text/plain etag="3"". */
static void begin_answer(struct session *session, char *line, bool adds)
{
    char *words[WORDS_MAX];
    int count = split_words(line, words);
    struct fake_answer *answer = &session->answer;
    *answer = (struct fake_answer){
        .status = 200, .type = "application/json", .date = "Fri, 02 Jan 2026 03:04:05 GMT"};
    assert_true(count >= 2);
    session->has_escapes = false;
    snprintf(answer->key, sizeof answer->key, "%s %s", words[0], words[1]);
    for (int i = 2; i < count; i++) {
        char *value = strchr(words[i], '=');
        if (!value && strcmp(words[i], "escapes") == 0) {
            session->has_escapes = true;
            continue;
        }
        if (!value) {
            answer->status = strtol(words[i], NULL, 10);
            if (answer->status > 299)
                strcpy(answer->type, "application/problem+json");
            continue;
        }
        *value++ = '\0';
        const struct {
            const char *name;
            char *to;
            size_t size;
        } texts[] = {{"type", answer->type, sizeof answer->type},
                     {"etag", answer->etag, sizeof answer->etag},
                     {"date", answer->date, sizeof answer->date},
                     {"location", answer->location, sizeof answer->location},
                     {"reason", answer->reason, sizeof answer->reason}};
        size_t t = 0;
        while (t < COUNT(texts) && strcmp(texts[t].name, words[i]) != 0)
            t++;
        if (t < COUNT(texts))
            snprintf(texts[t].to, texts[t].size, "%s", value);
        else if (strcmp(words[i], "code") == 0)
            answer->code = (int)strtol(value, NULL, 10);
        else
            fail_msg("an answer has no %s", words[i]);
    }
    if (answer->code != 0 && count == 3)
        answer->status = 0;
    session->has_answer = true;
    session->adds = adds;
    session->body = open_memstream(&session->body_text, &session->body_len);
}

static void end_answer(struct session *session)
{
    if (!session->has_answer)
        return;
    fclose(session->body);
    if (session->body_len > 0 && strcmp(session->answer.type, "text/event-stream") != 0)
        session->body_text[session->body_len - 1] = '\0'; /* the newest newline */
    session->answer.body = session->body_text;
    session->answer.len =
        session->has_escapes ? unescape(session->body_text) : strlen(session->body_text);
    if (session->adds)
        fake_add_answer(&session->answer);
    else
        fake_set_answer(&session->answer);
    free(session->body_text);
    session->has_answer = false;
}

/* Takes a line of the file. *is_output is true for lines of output, which are left out. */
static void take_line(struct session *session, char *line, bool *is_output)
{
    bool is_indented = strncmp(line, "  ", 2) == 0;
    char *rest = line + (is_indented ? 2 : 0);
    bool begins = is_indented && strlen(rest) > 1 && strchr("@+!$", rest[0]) && rest[1] == ' ';
    if (!is_indented || begins) {
        end_answer(session);
        *is_output = false;
    } else if (session->has_answer) {
        fprintf(session->body, "%s\n", strcmp(rest, ".") == 0 ? "" : rest);
    }
    if (*is_output)
        return;
    fprintf(session->text, "%s\n", line);
    if (!begins)
        return;
    if (rest[0] == '@' || rest[0] == '+') {
        begin_answer(session, rest + 2, rest[0] == '+');
    } else if (rest[0] == '!') {
        take_setting(session, rest + 2);
    } else {
        *is_output = true;
        if (strncmp(rest + 2, "ctl ", 4) == 0 || strcmp(rest + 2, "ctl") == 0)
            run_ctl(session, rest + 2);
        else
            run_shell(session, rest + 2);
    }
}

/* Each file begins with an empty folder, no answers, and a pipe. */
static bool run_session(const char *path)
{
    char *file = golden_read(path), *text = NULL;
    size_t len = 0;
    struct session session = {.text = open_memstream(&text, &len)};
    bool is_output = false;
    char *rest = file;
    fake_forget_answers();
    fake_set_terminal(&(struct fake_terminal){{false, false, false}, 0, 0});
    fake_be_verbose(false);
    setlocale(LC_CTYPE, "C.UTF-8");
    for (char *line; (line = strsep(&rest, "\n")) && rest;)
        take_line(&session, line, &is_output);
    end_answer(&session);
    fclose(session.text);
    bool is_equal = golden_is_equal(path, text);
    free(text);
    free(file);
    return is_equal;
}

static void test_sessions(void **state)
{
    static const char *const unset[] = {"XDG_CONFIG_HOME", "COLUMNS", "NO_COLOR",
                                        "VISUAL",          "EDITOR",  "http_proxy"};
    glob_t found;
    size_t wrong = 0;
    char folder[] = "/tmp/ctl-sessions-XXXXXX", command[64];
    (void)state;
    home = mkdtemp(folder);
    assert_non_null(home);
    for (size_t i = 0; i < COUNT(unset); i++)
        unsetenv(unset[i]);
    umask(027);
    setenv("HOME", home, 1);
    setenv("TMPDIR", home, 1);
    setenv("TERM", "xterm", 1);
    setenv("TZ", "CET-1", 1);
    tzset();
    for (int i = 0; i < 3; i++)
        saved[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
    const char *only = getenv("TAGFERRY_SESSION");
    assert_int_equal(glob(TAGFERRY_SESSIONS "/*.t", 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        snprintf(command, sizeof command, "rm -rf %s/* %s/.c*", home, home);
        assert_int_equal(system(command), 0);
        assert_int_equal(chdir(home), 0);
        if (!only || strstr(found.gl_pathv[i], only))
            wrong += !run_session(found.gl_pathv[i]);
    }
    globfree(&found);
    snprintf(command, sizeof command, "rm -rf %s", home);
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(system(command), 0);
    fake_forget_answers();
    for (int i = 0; i < 3; i++)
        close(saved[i]);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    keep_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sessions)};
    return cmocka_run_group_tests_name("ctl_commands", tests, NULL, NULL);
}
