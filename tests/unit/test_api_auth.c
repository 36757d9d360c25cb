/* Access by tokens on a clock of the test: scopes, headers, the limit on guesses for each address,
 * and what becomes of the file of the tokens. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/http/auth.h"
#include "common/base/clock.h"
#include "common/base/log.h"

uint64_t __wrap_clock_steady_ms(void);
uint64_t __wrap_clock_steady_us(void);
void __wrap_log_warning(const char *format, ...);
void __wrap_log_error(const char *format, ...);

static uint64_t now_ms;
static char logged[600];
static int lines;

uint64_t __wrap_clock_steady_ms(void)
{
    return now_ms;
}

/* Each look at the file is later than the last. */
uint64_t __wrap_clock_steady_us(void)
{
    static uint64_t now_us = 1000000;
    return now_us += 1000;
}

static void take_line(const char *format, va_list args)
{
    vsnprintf(logged, sizeof logged, format, args);
    lines++;
}

void __wrap_log_warning(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    take_line(format, args);
    va_end(args);
}

void __wrap_log_error(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    take_line(format, args);
    va_end(args);
}

struct fixture {
    char folder[64], path[100];
    struct auth auth;
    struct request request;
    struct response response;
    char read[TOKEN_TEXT_SIZE], write[TOKEN_TEXT_SIZE], why[TOKENS_WHY_SIZE];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    snprintf(f->folder, sizeof f->folder, "/tmp/tagferry-auth-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/tokens", f->folder);
    f->auth.tokens.path = f->path;
    now_ms = 1000000;
    lines = 0;
    logged[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    char lock[120];
    tokens_finish(&f->auth.tokens);
    text_finish(&f->response.body);
    snprintf(lock, sizeof lock, "%s.lock", f->path);
    unlink(lock);
    unlink(f->path);
    assert_int_equal(rmdir(f->folder), 0);
    free(f);
    return 0;
}

static bool add_token(struct fixture *f, const char *name, enum token_scope scope, char *text)
{
    const struct file_owner owner = {getuid(), getgid()};
    return tokens_add(f->path, &owner, name, scope, text, f->why, sizeof f->why);
}

static void add_tokens(struct fixture *f)
{
    assert_true(add_token(f, "r", SCOPE_READ, f->read));
    assert_true(add_token(f, "w", SCOPE_WRITE, f->write));
}

/* The status of an answer, 200 for a request that is allowed. */
static int check_from(struct fixture *f, const char *remote, const char *header,
                      enum token_scope scope)
{
    text_finish(&f->response.body);
    f->response = (struct response){.status = 0};
    f->request = (struct request){.who = ""};
    snprintf(f->request.remote, REMOTE_SIZE, "%s", remote);
    bool allowed = auth_check_request(&f->auth, header, scope, &f->request, &f->response);
    assert_int_equal(allowed, f->response.status == 0);
    return allowed ? 200 : f->response.status;
}

static int check_token(struct fixture *f, const char *scheme, const char *token, const char *end,
                       enum token_scope scope)
{
    char header[200];
    snprintf(header, sizeof header, "%s%s%s", scheme, token, end);
    return check_from(f, "10.0.0.1", header, scope);
}

static void test_scopes(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(check_from(f, "a", NULL, SCOPE_WRITE), 200); /* no token, no need */
    assert_null(f->request.scope);
    assert_true(auth_still_allows(&f->auth, NULL));
    f->auth.always = true;
    assert_int_equal(check_from(f, "a", NULL, SCOPE_READ), 401);
    assert_false(auth_still_allows(&f->auth, NULL));
    f->auth.always = false;
    add_tokens(f);
    assert_true(auth_needs_token(&f->auth));
    assert_int_equal(check_from(f, "a", NULL, SCOPE_READ), 401);
    assert_string_equal(f->response.challenge, "Bearer realm=\"tagferry\"");
    assert_int_equal(check_token(f, "Bearer ", f->read, "", SCOPE_READ), 200);
    assert_string_equal(f->request.who, "r");
    assert_string_equal(f->request.scope, "read");
    assert_true(auth_still_allows(&f->auth, f->request.token_digest));
    assert_int_equal(check_token(f, "Bearer ", f->read, "", SCOPE_WRITE), 403);
    assert_string_equal(f->response.challenge,
                        "Bearer realm=\"tagferry\", error=\"insufficient_scope\"");
    assert_int_equal(check_token(f, "bEARER   ", f->write, "", SCOPE_WRITE), 200);
    assert_string_equal(f->request.who, "w");
    assert_string_equal(f->request.scope, "write");
    assert_int_equal(check_token(f, "Bearer ", f->write, "", SCOPE_READ), 200);
    assert_int_equal(check_token(f, "Bearer ", f->write, " ", SCOPE_READ), 401);
    assert_string_equal(f->response.challenge,
                        "Bearer realm=\"tagferry\", error=\"invalid_token\"");
    assert_int_equal(check_token(f, "Bearer", "", "", SCOPE_READ), 401);
    assert_string_equal(f->response.challenge, "Bearer realm=\"tagferry\"");
    assert_int_equal(check_token(f, "Basic ", f->read, "", SCOPE_READ), 401);
    assert_false(auth_still_allows(&f->auth, NULL));
}

static int guess(struct fixture *f, const char *remote)
{
    return check_from(f, remote, "Bearer wrong", SCOPE_READ);
}

/* Ten guesses within a minute, of each address; the time to wait is rounded up. */
static void test_guesses(void **state)
{
    struct fixture *f = *state;
    add_tokens(f);
    for (int i = 0; i < 10; i++)
        assert_int_equal(guess(f, "10.0.0.1"), 401);
    assert_int_equal(lines, 0);
    assert_int_equal(f->response.retry_after_s, 0);
    now_ms += 1;
    assert_int_equal(guess(f, "10.0.0.1"), 429);
    assert_int_equal(f->response.retry_after_s, 60);
    assert_string_equal(logged,
                        "10.0.0.1 sent 10 wrong tokens within a minute; further wrong tokens "
                        "are answered 429");
    assert_int_equal(guess(f, "10.0.0.2"), 401);
    assert_int_equal(check_token(f, "Bearer ", f->read, "", SCOPE_READ), 200);
    now_ms += 58999;
    assert_int_equal(guess(f, "10.0.0.1"), 429);
    assert_int_equal(f->response.retry_after_s, 2);
    now_ms += 1000;
    assert_int_equal(guess(f, "10.0.0.1"), 429); /* a minute has passed exactly */
    assert_int_equal(f->response.retry_after_s, 1);
    assert_int_equal(lines, 1);
    now_ms += 1;
    for (int i = 0; i < 10; i++)
        assert_int_equal(guess(f, "10.0.0.1"), 401);
    assert_int_equal(guess(f, "10.0.0.1"), 429);
    assert_int_equal(lines, 2);
}

/* Of 64 addresses; one more takes the place of the one that began first. */
static void test_many_guessers(void **state)
{
    struct fixture *f = *state;
    char remote[20];
    add_tokens(f);
    for (int address = 0; address <= GUESSERS_MAX; address++) {
        now_ms++;
        snprintf(remote, sizeof remote, "10.0.0.%d", address);
        for (int i = 0; i < 10; i++)
            assert_int_equal(guess(f, remote), 401);
        if (address == GUESSERS_MAX - 1) {
            assert_int_equal(guess(f, "10.0.0.0"), 429);
            assert_int_equal(guess(f, "10.0.0.1"), 429);
        }
    }
    assert_int_equal(guess(f, "10.0.0.2"), 429);
    assert_int_equal(guess(f, remote), 429);
    assert_int_equal(guess(f, "10.0.0.0"), 401); /* it takes the place of the next one */
    assert_int_equal(guess(f, "10.0.0.2"), 429);
    assert_int_equal(guess(f, "10.0.0.1"), 401);
}

static void write_file(struct fixture *f, const char *text)
{
    FILE *file = fopen(f->path, "w");
    fputs(text, file);
    fclose(file);
}

static void test_files(void **state)
{
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
    static const struct {
        const char *text;
        bool broken;
        size_t count;
    } rows[] = {
        {"# no tokens\n", false, 0},
        {"a read " ZEROS " 12\n", false, 1},
        {"a read " ZEROS " 12\nb write " ZEROS " 34", false, 2},
        {"a read " ZEROS " 12\n# no tokens\n", false, 1},
        {"a read " ZEROS "0 12\n", true, 0},
        {"a read 0" ZEROS " 12\n", true, 0},
        {"a reads " ZEROS " 12\n", true, 0},
        {"a read A" ZEROS " 12\n", true, 0},
        {"a read " ZEROS "\n", true, 0},
        {"a read " ZEROS " 12 x\n", true, 0},
        {"a/b read " ZEROS " 12\n", true, 0},
        {"# no token\n", true, 0},
        {"\n", true, 0},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct tokens tokens = {.path = f->path};
        write_file(f, rows[i].text);
        tokens_refresh(&tokens);
        check_row(tokens.broken == rows[i].broken, rows[i].text);
        check_row(rows[i].broken || tokens.count == rows[i].count, rows[i].text);
        assert_int_equal(tokens_required(&tokens), rows[i].broken || rows[i].count > 0);
        tokens_finish(&tokens);
    }
}

/* Tokens that disappear are a fault, which is logged once; none that were never there are none. */
static void test_losses(void **state)
{
    struct fixture *f = *state;
    unsigned char digest[TOKEN_DIGEST_BYTES];
    write_file(f, "");
    assert_false(auth_needs_token(&f->auth));
    add_tokens(f);
    assert_int_equal(check_token(f, "Bearer ", f->read, "", SCOPE_READ), 200);
    memcpy(digest, f->request.token_digest, sizeof digest);
    write_file(f, "");
    assert_true(auth_needs_token(&f->auth));
    assert_string_equal(strstr(logged, "/tokens has"),
                        "/tokens has lost its tokens: it is empty; all requests are refused until "
                        "this is fixed");
    assert_int_equal(check_token(f, "Bearer ", f->read, "", SCOPE_READ), 401);
    assert_non_null(strstr(f->response.body.data, "The token file cannot be read"));
    assert_false(auth_still_allows(&f->auth, digest));
    assert_int_equal(lines, 1);
    unlink(f->path);
    assert_true(auth_needs_token(&f->auth));
    assert_string_equal(strstr(logged, "/tokens has"),
                        "/tokens has lost its tokens: No such file or directory; all requests are "
                        "refused until this is fixed");
    assert_int_equal(lines, 2);
    write_file(f, "x\n");
    assert_true(auth_needs_token(&f->auth));
    assert_true(auth_needs_token(&f->auth));
    assert_int_equal(lines, 3);
    assert_string_equal(
        strstr(logged, "/tokens:"),
        "/tokens:1: not a token line; all requests are refused until this is fixed");
    write_file(f, "# no tokens\n");
    assert_false(auth_needs_token(&f->auth));
    assert_true(auth_still_allows(&f->auth, NULL));
    assert_int_equal(lines, 3);
}

static void test_commands(void **state)
{
    struct fixture *f = *state;
    const struct file_owner owner = {getuid(), getgid()};
    char name[66], text[TOKEN_TEXT_SIZE];
    size_t left = 99;
    struct stat st;
    memset(name, 'n', sizeof name);
    name[65] = '\0';
    assert_false(add_token(f, name, SCOPE_READ, text));
    name[64] = '\0';
    assert_true(add_token(f, name, SCOPE_READ, text));
    assert_int_equal(strlen(text), 67);
    assert_int_equal(strncmp(text, "tf_", 3), 0);
    assert_int_equal(strspn(text + 3, "0123456789abcdef"), 64);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_false(add_token(f, name, SCOPE_WRITE, text));
    add_tokens(f);
    assert_string_not_equal(f->read, f->write);
    assert_int_equal(chmod(f->path, 0640), 0); /* stays as somebody has set it */
    assert_false(tokens_revoke(f->path, &owner, "x", &left, f->why, sizeof f->why));
    assert_string_equal(f->why, "no token has the name x");
    assert_int_equal(left, 99);
    assert_true(tokens_revoke(f->path, &owner, name, &left, f->why, sizeof f->why));
    assert_int_equal(left, 2);
    assert_int_equal(stat(f->path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0640);
    assert_int_equal(check_token(f, "Bearer ", f->write, "", SCOPE_WRITE), 200);
    assert_true(tokens_revoke(f->path, &owner, "r", &left, f->why, sizeof f->why));
    assert_true(tokens_revoke(f->path, &owner, "w", &left, f->why, sizeof f->why));
    assert_int_equal(left, 0);
    assert_false(auth_needs_token(&f->auth));
    char long_path[5000];
    memset(long_path, 'p', sizeof long_path);
    long_path[4999] = '\0';
    assert_false(tokens_add(long_path, &owner, "a", SCOPE_READ, text, f->why, sizeof f->why));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_scopes), TEST(test_guesses), TEST(test_many_guessers),
        TEST(test_files),  TEST(test_losses),  TEST(test_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
