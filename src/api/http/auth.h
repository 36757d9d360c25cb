/* Access by bearer tokens (RFC 6750), with a limit on guessing. */
#ifndef TAGFERRY_API_HTTP_AUTH_H
#define TAGFERRY_API_HTTP_AUTH_H

#include "api/http/request.h"
#include "api/http/tokens.h"

enum { GUESSERS_MAX = 64 };

/* Of one thread. Zero it, except `always`, before use, and set tokens.path before each check. */
struct auth {
    struct tokens tokens;
    bool always; /* a token is needed even when the file has none: other machines reach the address
                  */
    struct {
        char remote[REMOTE_SIZE];
        uint64_t since_ms; /* of the first failure that counts */
        unsigned failures;
    } guessers[GUESSERS_MAX];
};

/* Checks a request with this Authorization header, or NULL. True when the request is allowed;
 * request->who is set then. Otherwise the response is a 401, 403 or 429; a right token is never
 * answered 429. Calls memory_fail. */
bool auth_check_request(struct auth *auth, const char *authorization, enum token_scope scope,
                        struct request *request, struct response *response);

#endif
