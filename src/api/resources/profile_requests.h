/* Requests that connect profiles and devices. Each runs in the transaction of its caller, which
 * rolls back when it was not committed. */
#ifndef TAGFERRY_API_RESOURCES_PROFILE_REQUESTS_H
#define TAGFERRY_API_RESOURCES_PROFILE_REQUESTS_H

#include "api/handler/thread_ctx.h"
#include "api/http/request.h"
#include "api/model/profile.h"

struct cJSON;

/* Writes the profile and its entity tag into the response. */
void profile_answer(struct thread_ctx *thread_ctx, const struct request *request,
                    const struct profile *profile, struct response *response);
/* Commits a change. False, with an error in the response, when it must be rolled back. */
bool profile_commit(struct thread_ctx *thread_ctx, const struct validation *conflicts,
                    struct response *response);

/* POST /profiles with {"from_device", "name", "params", "use"}. */
void profile_save_captured(struct thread_ctx *thread_ctx, const struct request *request,
                           const struct cJSON *body, struct response *response);
/* POST /profiles/{profile}/devices with a list of devices. */
void profile_create_devices(struct thread_ctx *thread_ctx, const struct request *request,
                            const struct profile *profile, struct cJSON *body,
                            struct response *response);

#endif
