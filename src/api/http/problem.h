/* Error answers: application/problem+json (RFC 9457). Pure. */
#ifndef TAGFERRY_API_HTTP_PROBLEM_H
#define TAGFERRY_API_HTTP_PROBLEM_H

#include "api/base/validation.h"
#include "api/http/request.h"

/* Makes the response a problem; `detail` is a sentence. Frees the previous body. `status` is one of
 * those in problem.c, 400 to 503. Calls memory_fail. */
__attribute__((format(printf, 3, 4))) void problem_respond(struct response *response, int status,
                                                           const char *detail, ...);
/* The answer to a change at a gateway that follows another: 409, with the members `code` and
 * `leader`, the URL where changes are made. */
void problem_respond_follower(struct response *response, const char *leader);
/* Like problem_respond, with the member `code`. */
__attribute__((format(printf, 4, 5))) void problem_respond_code(struct response *response,
                                                                int status, const char *code,
                                                                const char *detail, ...);
/* Like problem_respond, with the errors of a body; there must be at least one. */
void problem_respond_errors(struct response *response, int status,
                            const struct validation *validation);
/* Adds a member to a problem. */
void problem_add_number(struct response *response, const char *name, int64_t number);

#endif
