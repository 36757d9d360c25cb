/* Writes problem documents as JSON. */
#include "api/http/problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

static const struct {
    int status;
    const char *title;
} titles[] = {
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

static void problem_write_body(struct response *response, int status, const char *detail,
                               const struct validation *validation)
{
    struct text *body = &response->body;
    const char *title = NULL;
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (titles[i].status == status)
            title = titles[i].title;
    }
    REQUIRE(title);
    text_finish(body);
    json_open(body, '{');
    json_write_key(body, "type");
    json_write_string(body, "about:blank");
    json_write_key(body, "title");
    json_write_string(body, title);
    json_write_key(body, "status");
    json_write_integer(body, status);
    json_write_key(body, "detail");
    json_write_string(body, detail);
    json_write_key(body, "errors");
    validation_write_errors(validation, body);
    json_close(body, '}');
    response->status = status;
    response->content_type = "application/problem+json";
    response->etag = NULL;
    response->location = NULL;
}

/* Removes bytes that are not valid UTF-8: vsnprintf may cut a name or the sentence inside a
 * character. */
static void problem_drop_broken_chars(char *text)
{
    size_t len = strlen(text), at = 0, kept = 0;
    while (at < len) {
        size_t good = utf8_prefix_len(text + at, len - at, len - at);
        memmove(text + kept, text + at, good);
        kept += good;
        at += good + 1;
    }
    text[kept] = '\0';
}

void problem_respond(struct response *response, int status, const char *detail, ...)
{
    struct validation none = {0};
    char sentence[512];
    va_list args;
    va_start(args, detail);
    vsnprintf(sentence, sizeof sentence, detail, args);
    va_end(args);
    problem_drop_broken_chars(sentence);
    problem_write_body(response, status, sentence, &none);
}

/* Adds members to the document. */
static void problem_add_member(struct response *response, const char *name, const char *text)
{
    response->body.len--; /* the closing bracket */
    json_write_key(&response->body, name);
    json_write_string(&response->body, text);
    json_close(&response->body, '}');
}

void problem_respond_code(struct response *response, int status, const char *code,
                          const char *detail, ...)
{
    char sentence[512];
    va_list args;
    va_start(args, detail);
    vsnprintf(sentence, sizeof sentence, detail, args);
    va_end(args);
    problem_respond(response, status, "%s", sentence);
    problem_add_member(response, "code", code);
}

void problem_respond_follower(struct response *response, const char *leader)
{
    problem_respond_code(response, 409, "follower",
                         "This gateway follows %s; change the configuration there, or make this "
                         "one the leader.",
                         leader);
    problem_add_member(response, "leader", leader);
}

void problem_respond_errors(struct response *response, int status,
                            const struct validation *validation)
{
    char sentence[128];
    const char *kind = status == 409 ? "conflict" : "error";
    REQUIRE(validation->found > 0 && validation->count <= validation->found);
    if (validation->found > validation->count)
        snprintf(sentence, sizeof sentence, "There are %zu %ss; errors lists the first %zu.",
                 validation->found, kind, validation->count);
    else if (validation->found == 1)
        snprintf(sentence, sizeof sentence, "There is one %s; see errors.", kind);
    else
        snprintf(sentence, sizeof sentence, "There are %zu %ss; see errors.", validation->found,
                 kind);
    problem_write_body(response, status, sentence, validation);
}

void problem_add_number(struct response *response, const char *name, int64_t number)
{
    response->body.len--; /* the closing bracket */
    json_write_key(&response->body, name);
    json_write_integer(&response->body, number);
    json_close(&response->body, '}');
}
