/* Checks the token of a request, and slows down an address that guesses tokens. */
#include "api/http/auth.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/base/request_memory.h"
#include "api/http/problem.h"
#include "common/base/clock.h"
#include "common/base/log.h"

/* After FAILURES_MAX wrong tokens within WINDOW_MS, further wrong tokens are answered 429 until the
 * window ends. */
enum { FAILURES_MAX = 10, WINDOW_MS = 60000 };

/* Counts a wrong token. Returns the seconds that the address must wait, 0 for none. */
static int auth_count_guess(struct auth *auth, const char *remote)
{
    uint64_t now = clock_steady_ms();
    size_t place = 0; /* of this address, else the oldest entry */
    for (size_t i = 0; i < GUESSERS_MAX; i++) {
        if (strcmp(auth->guessers[i].remote, remote) == 0) {
            place = i;
            break;
        }
        if (auth->guessers[i].since_ms < auth->guessers[place].since_ms)
            place = i;
    }
    bool is_known = strcmp(auth->guessers[place].remote, remote) == 0 &&
                    now - auth->guessers[place].since_ms <= WINDOW_MS;
    if (!is_known) {
        auth->guessers[place].since_ms = now;
        auth->guessers[place].failures = 0;
        snprintf(auth->guessers[place].remote, REMOTE_SIZE, "%s", remote);
    }
    unsigned failures = ++auth->guessers[place].failures;
    if (failures == FAILURES_MAX + 1)
        log_warning(
            "%s sent %d wrong tokens within a minute; further wrong tokens are answered 429",
            remote, FAILURES_MAX);
    if (failures <= FAILURES_MAX)
        return 0;
    return (int)((WINDOW_MS - (now - auth->guessers[place].since_ms)) / 1000) + 1;
}

static void auth_refuse(struct response *response, int status, const char *challenge,
                        const char *detail)
{
    response->challenge = challenge;
    problem_respond(response, status, "%s", detail);
}

/* The limit applies to wrong tokens only: behind a proxy all clients share one address, and a
 * client with a valid token must not be locked out by the others. */
static void auth_refuse_unknown(struct auth *auth, const struct request *request,
                                struct response *response)
{
    static const char challenge[] = "Bearer realm=\"tagferry\", error=\"invalid_token\"";
    if (auth->tokens.broken) {
        auth_refuse(response, 401, challenge,
                    "The token file cannot be read, so no token can be checked; see the log.");
        return;
    }
    response->retry_after_s = auth_count_guess(auth, request->remote);
    if (response->retry_after_s > 0)
        problem_respond(response, 429, "Too many wrong tokens from this address; wait a minute.");
    else
        auth_refuse(response, 401, challenge, "This token is unknown or revoked.");
}

bool auth_needs_token(struct auth *auth)
{
    tokens_refresh(&auth->tokens);
    if (auth->tokens.broken && auth->tokens.fault_number == ENOMEM)
        memory_fail();
    return auth->always || tokens_required(&auth->tokens);
}

bool auth_check_request(struct auth *auth, const char *authorization, enum token_scope scope,
                        struct request *request, struct response *response)
{
    static const char scheme[] = "Bearer ";
    const char *text = NULL;
    if (authorization && strncasecmp(authorization, scheme, sizeof scheme - 1) == 0) {
        text = authorization + sizeof scheme - 1;
        text += strspn(text, " ");
    }
    if (!auth_needs_token(auth))
        return true;
    if (!text) {
        auth_refuse(response, 401, "Bearer realm=\"tagferry\"",
                    "A token is required: send the header \"Authorization: Bearer TOKEN\".");
        return false;
    }
    const struct token *token = tokens_find(&auth->tokens, text);
    if (!token) {
        auth_refuse_unknown(auth, request, response);
        return false;
    }
    if (token->scope < scope) {
        auth_refuse(response, 403, "Bearer realm=\"tagferry\", error=\"insufficient_scope\"",
                    "This token is read-only.");
        return false;
    }
    snprintf(request->who, sizeof request->who, "%s", token->name);
    request->scope = scope_names[token->scope];
    memcpy(request->token_digest, token->digest, sizeof request->token_digest);
    return true;
}

bool auth_still_allows(struct auth *auth, const unsigned char *digest)
{
    _Static_assert(sizeof((struct request){0}.token_digest) == TOKEN_DIGEST_BYTES, "a digest fits");
    tokens_refresh(&auth->tokens);
    if (auth->tokens.broken && auth->tokens.fault_number == ENOMEM)
        return true; /* nothing is known; the file is read again */
    if (!auth->always && !tokens_required(&auth->tokens))
        return true;
    return digest && !auth->tokens.broken && tokens_have_digest(&auth->tokens, digest);
}
