/* tagferryctl against a server that answers anything: the examples of all commands run, and their
 * requests get the bodies of the input. The first bytes choose the example, the form of the output
 * and of the answers; a byte 0xFF separates bodies. */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/base/keep.h"
#include "ctl/client/client.h"
#include "ctl/command/command_line.h"
#include "ctl/command/command_table.h"

enum { EXAMPLES_MAX = 200, WORDS_MAX = 24, HEAD = 3, REQUESTS_MAX = 40 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* --wrap puts these in the place of those of client.c. */
enum ctl_status __wrap_client_send(struct client *client, const struct client_request *request,
                                   struct client_reply *reply);
enum ctl_status __wrap_client_run_stream(struct client *client,
                                         const struct client_request *request,
                                         const struct client_stream *stream,
                                         struct client_reply *reply);

static const char *examples[EXAMPLES_MAX];
static size_t example_count;
static struct client *client;

/* The answers of one run. */
static struct {
    const uint8_t *data;
    size_t size, requests;
    uint8_t form;
    cJSON *trees[REQUESTS_MAX];
    char *bodies[REQUESTS_MAX];
} answers;

/* These read or write files, wait for the user, or run until a server says that they are done. */
static bool is_left_out(const struct command *command, const char *example)
{
    static const char *const names[] = {"import", "export", "backup", "learn", "token", NULL};
    for (size_t i = 0; names[i]; i++) {
        if (strcmp(command->name, names[i]) == 0)
            return true;
    }
    return command->is_local || strpbrk(example, "<>|$@\"") || strstr(example, "--follow");
}

static void end_client(void)
{
    client_destroy(client);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const struct client_settings settings = {
        .url = "http://127.0.0.1:1", .token_file = "", .ca_file = ""};
    (void)argc, (void)argv;
    keep_init();
    unsetenv("HOME");
    unsetenv("XDG_CONFIG_HOME");
    client = client_create(&settings);
    atexit(end_client);
    for (const struct command_group *group = command_groups; group->title; group++) {
        for (size_t i = 0; i < group->count; i++) {
            const struct command *command = &group->commands[i];
            for (size_t k = 0; k < COMMAND_EXAMPLES_MAX && command->examples[k]; k++) {
                if (!is_left_out(command, command->examples[k]) && example_count < EXAMPLES_MAX)
                    examples[example_count++] = command->examples[k];
            }
        }
    }
    stdout = fopen("/dev/null", "w");
    stderr = fopen("/dev/null", "w");
    return client && example_count > 10 && stdout && stderr ? 0 : (abort(), 1);
}

/* The next body: each one once, then the last one again. */
static bool take_body(const char *accept, struct client_reply *reply)
{
    static const long statuses[] = {200, 200, 200, 404, 409, 412, 422, 503};
    static const char *const types[] = {"application/json", "application/problem+json", "text/csv",
                                        ""};
    if (answers.requests == REQUESTS_MAX)
        return false;
    const uint8_t *end = memchr(answers.data, 0xFF, answers.size);
    size_t len = end ? (size_t)(end - answers.data) : answers.size;
    char *body = malloc(len + 1);
    memcpy(body, answers.data, len);
    body[len] = '\0';
    cJSON *tree = cJSON_ParseWithLength(body, len);
    answers.bodies[answers.requests] = body;
    answers.trees[answers.requests++] = tree;
    if (end) {
        answers.data += len + 1;
        answers.size -= len + 1;
    }
    *reply = (struct client_reply){
        .status = statuses[answers.form & 7], .body = body, .len = len, .json = tree};
    /* The client gives no reply of JSON that is none, and no success without JSON where it asked
     * for it. */
    if (!tree && !accept && reply->status < 300)
        return false;
    strcpy(reply->type, types[tree ? answers.form >> 3 & 1 : 2 + (answers.form >> 3 & 1)]);
    strcpy(reply->etag, "\"5\"");
    return true;
}

enum ctl_status __wrap_client_send(struct client *unused, const struct client_request *request,
                                   struct client_reply *reply)
{
    (void)unused;
    return take_body(request->accept, reply) ? CTL_DONE : CTL_UNREACHABLE;
}

enum ctl_status __wrap_client_run_stream(struct client *unused,
                                         const struct client_request *request,
                                         const struct client_stream *stream,
                                         struct client_reply *reply)
{
    (void)unused;
    if (!take_body(request->accept, reply))
        return CTL_DONE;
    for (size_t at = 0, part; at < reply->len; at += part) {
        part = reply->len - at < 7 ? reply->len - at : 7;
        stream->on_bytes(stream->context, reply->body + at, part);
    }
    raise(SIGHUP); /* the user ends it, or it would connect again */
    stream->on_wake(stream->context, false);
    *reply = (struct client_reply){.status = 404, .body = "", .type = "", .etag = ""};
    return CTL_DONE;
}

/* Reads the example as a shell would: its words, and quotes around them. */
static size_t split_words(char *line, char **words)
{
    size_t count = 0;
    while (*line && count + 4 < WORDS_MAX) {
        line += strspn(line, " ");
        char quote = *line == '\'' ? *line++ : ' ';
        words[count++] = line;
        line += strcspn(line, quote == '\'' ? "'" : " ");
        if (*line)
            *line++ = '\0';
    }
    return count;
}

/* Numbers of examples that hold when others come and go, so that the corpus stays good. */
static uint8_t example_number(const char *example)
{
    uint32_t hash = 2166136261u;
    for (; *example; example++)
        hash = (hash ^ (uint8_t)*example) * 16777619u;
    return (uint8_t)(hash >> 16);
}

static const char *find_example(uint8_t number)
{
    const char *nearest = examples[0];
    for (size_t i = 1; i < example_count; i++) {
        if ((example_number(examples[i]) ^ number) < (example_number(nearest) ^ number))
            nearest = examples[i];
    }
    return nearest;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static char *const formats[] = {"table", "json", "csv"};
    char line[512], *words[WORDS_MAX];
    struct ctl ctl = {0};
    enum ctl_status status;
    if (size < HEAD)
        return 0;
    void *mark = keep_mark();
    memset(&answers, 0, sizeof answers);
    answers.data = data + HEAD;
    answers.size = size - HEAD;
    answers.form = data[2];
    snprintf(line, sizeof line, "%s", find_example(data[0]));
    size_t count = split_words(line, words);
    words[count++] = "-o";
    words[count++] = formats[data[1] % 3];
    words[count] = NULL;
    if (command_line_read(command_groups, (int)count, words, &ctl, &status)) {
        ctl.client = client;
        ctl.terminal.is_terminal = ctl.terminal.has_colour = (data[1] & 4) != 0;
        ctl.terminal.columns = ctl.terminal.is_terminal ? 20 + data[1] / 2 : 0;
        ctl.terminal.can_ask = false;
        ctl.command->run(&ctl);
    }
    fflush(stdout);
    for (size_t i = 0; i < answers.requests; i++) {
        cJSON_Delete(answers.trees[i]);
        free(answers.bodies[i]);
    }
    keep_release(mark);
    return 0;
}
