/* Answers that refuse, in words. */
#ifndef TAGFERRY_CTL_CLIENT_PROBLEM_H
#define TAGFERRY_CTL_CLIENT_PROBLEM_H

#include <stdbool.h>

#include "ctl/client/client.h"

/* The exit status for an answer: CTL_DONE for 2xx, CTL_NOT_FOUND for 404, CTL_CHANGED for 412 and
 * for 409 `changed_since`, else CTL_REFUSED. */
enum ctl_status problem_status(const struct client_reply *reply);
/* Prints an answer that is not 2xx to standard error: what was refused (`what`: a device, a file),
 * the text of the server, and each of its errors with its row and column, or its member; errors of
 * equal text are one line with their places. Returns problem_status. */
enum ctl_status problem_print(const struct client_reply *reply, const char *what);
/* Prints the warnings of an answer, if there are any, in the same way to standard error. */
void problem_print_warnings(const struct client_reply *reply, const char *what);
/* True if the answer is a problem with this code, of its own or of its first error. */
bool problem_has_code(const struct client_reply *reply, const char *code);

/* client_send, and problem_print for an answer that is not 2xx. */
enum ctl_status client_send_checked(struct client *client, const struct client_request *request,
                                    struct client_reply *reply, const char *what);

#endif
