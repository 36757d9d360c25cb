/* Access by bearer tokens (RFC 6750), with a limit on guesses. */
#ifndef TAGFERRY_API_HTTP_AUTH_H
#define TAGFERRY_API_HTTP_AUTH_H

#include "api/http/request.h"
#include "api/http/tokens.h"

enum { GUESSERS_MAX = 64 };

/* Of one thread. Zero it, except `always`, before use, and set tokens.path before each check. */
struct auth {
    struct tokens tokens;
    bool always; /* other machines reach the address: require a token even if the file has none */
    struct {
        char remote[REMOTE_SIZE];
        uint64_t since_ms; /* of the first failure that counts */
        unsigned failures;
    } guessers[GUESSERS_MAX];
};

/* True when requests must send a token. Calls memory_fail. */
bool auth_needs_token(struct auth *auth);
/* Checks the Authorization header of a request, or NULL. True when the request is allowed:
 * request->who and request->scope are those of the token. Otherwise it has answered 401, 403 or
 * 429; a valid token is never answered 429. Calls memory_fail. */
bool auth_check_request(struct auth *auth, const char *authorization, enum token_scope scope,
                        struct request *request, struct response *response);

/* True when a request without a token, or with the token of this digest, would be allowed now.
 * NULL: without one. For answers that last, such as streams. */
bool auth_still_allows(struct auth *auth, const unsigned char *digest);

#endif
