/* Error answers: application/problem+json (RFC 9457). Pure. */
#ifndef TAGFERRY_API_HTTP_PROBLEM_H
#define TAGFERRY_API_HTTP_PROBLEM_H

#include "api/base/validation.h"
#include "api/http/request.h"

/* Makes the response a problem; `detail` is a sentence. Frees the previous body. `status` is one of
 * those in problem.c, 400 to 503. Calls memory_fail. */
__attribute__((format(printf, 3, 4))) void problem_respond(struct response *response, int status,
                                                           const char *detail, ...);
/* Like problem_respond, with the errors of a body; there must be at least one. */
void problem_respond_errors(struct response *response, int status,
                            const struct validation *validation);

#endif
