/* Who may do what: bearer tokens (RFC 6750), and a limit on those who guess. */
#ifndef TAGFERRY_API_HTTP_AUTH_H
#define TAGFERRY_API_HTTP_AUTH_H

#include "api/http/request.h"
#include "api/http/tokens.h"

enum { GUESSERS_MAX = 64 };

/* Of one thread. Zero it, except `always`, before use, and set tokens.path before each. */
struct auth {
    struct tokens tokens;
    bool always; /* also without any token in the file: the address is not only this machine's */
    struct {
        char remote[REMOTE_SIZE];
        uint64_t since_ms; /* of the first failure that counts */
        unsigned failures;
    } guessers[GUESSERS_MAX];
};

/* Judges a request with this Authorization header, or NULL. True when it may go on; request->who
 * is then set. Otherwise the response is a 401, 403 or 429; a right token is never answered 429.
 * Calls memory_fail. */
bool auth_check_request(struct auth *auth, const char *authorization, enum token_scope scope,
                        struct request *request, struct response *response);

#endif
