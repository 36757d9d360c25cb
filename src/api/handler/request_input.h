/* Input of a request: its JSON body, dry_run, and the device or tag in its path. */
#ifndef TAGFERRY_API_HANDLER_REQUEST_INPUT_H
#define TAGFERRY_API_HANDLER_REQUEST_INPUT_H

#include "api/handler/thread_ctx.h"
#include "api/http/request.h"
#include "api/model/fields.h"

struct cJSON;

/* Parses the body. NULL when it has answered 400. Free the result with json_body_free. */
struct cJSON *request_parse_body(const struct request *request, struct response *response);

/* Reads the parameter `dry_run`. False when it has answered 400. */
bool request_read_dry_run(const struct request *request, bool *dry_run, struct response *response);

/* Finds the device or tag in the path. Call it within a transaction. False when it has answered 404
 * or 503. */
bool request_find_device(struct thread_ctx *thread_ctx, const struct request *request,
                         struct record *device, struct response *response);
bool request_find_tag(struct thread_ctx *thread_ctx, const struct request *request,
                      struct record *tag, struct response *response);

#endif
