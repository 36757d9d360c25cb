/* Admits requests by their token. */
#include "api/auth.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/problem.h"
#include "common/clock.h"
#include "common/log.h"

/* So many wrong tokens within this time, then the address waits for the rest of it. */
enum { FAILURES_MAX = 10, WINDOW_MS = 60000 };

/* The place of the address, or the one that was taken longest ago. */
static size_t find_guesser(const struct auth *auth, const char *remote)
{
    size_t oldest = 0;
    for (size_t i = 0; i < GUESSERS_MAX; i++) {
        if (strcmp(auth->guessers[i].remote, remote) == 0)
            return i;
        if (auth->guessers[i].since_ms < auth->guessers[oldest].since_ms)
            oldest = i;
    }
    return oldest;
}

/* Counts a failure, or with `count` unset only looks. True when the address has to wait. */
static bool guesses_too_often(struct auth *auth, const char *remote, bool count)
{
    uint64_t now = clock_steady_ms();
    size_t place = find_guesser(auth, remote);
    bool is_known = strcmp(auth->guessers[place].remote, remote) == 0 &&
                    now - auth->guessers[place].since_ms <= WINDOW_MS;
    if (!is_known && !count)
        return false;
    if (!is_known) {
        auth->guessers[place].since_ms = now;
        auth->guessers[place].failures = 0;
        snprintf(auth->guessers[place].remote, REMOTE_SIZE, "%s", remote);
    }
    if (count)
        auth->guessers[place].failures++;
    return auth->guessers[place].failures >= FAILURES_MAX;
}

static void refuse(struct response *response, int status, const char *challenge, const char *detail)
{
    response->challenge = challenge;
    problem(response, status, "%s", detail);
}

static const char *bearer_text(const char *authorization)
{
    static const char scheme[] = "Bearer ";
    if (!authorization || strncasecmp(authorization, scheme, sizeof scheme - 1) != 0)
        return NULL;
    return authorization + sizeof scheme - 1 + strspn(authorization + sizeof scheme - 1, " ");
}

bool auth_admit(struct auth *auth, const char *authorization, enum token_scope scope,
                struct request *request, struct response *response)
{
    const char *text = bearer_text(authorization);
    tokens_refresh(&auth->tokens);
    if (!auth->always && !tokens_required(&auth->tokens))
        return true;
    if (guesses_too_often(auth, request->remote, false)) {
        response->retry_after_s = WINDOW_MS / 1000;
        problem(response, 429, "Too many wrong tokens came from this address; wait a minute.");
        return false;
    }
    if (!text) {
        refuse(response, 401, "Bearer realm=\"tagferry\"",
               "A token is needed: send the header \"Authorization: Bearer TOKEN\".");
        return false;
    }
    const struct token *token = tokens_find(&auth->tokens, text);
    if (!token) {
        if (guesses_too_often(auth, request->remote, true))
            log_warning("%s has sent %d wrong tokens and is refused for a while", request->remote,
                        FAILURES_MAX);
        refuse(response, 401, "Bearer realm=\"tagferry\", error=\"invalid_token\"",
               "This token is unknown or revoked.");
        return false;
    }
    if (token->scope < scope) {
        refuse(response, 403, "Bearer realm=\"tagferry\", error=\"insufficient_scope\"",
               "This token may read, not write.");
        return false;
    }
    snprintf(request->who, sizeof request->who, "%s", token->name);
    return true;
}
