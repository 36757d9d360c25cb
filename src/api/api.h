/* The REST service: starts, runs and stops the store, the queues and the listening sockets. */
#ifndef TAGFERRY_API_API_H
#define TAGFERRY_API_API_H

#include "api/settings_reload.h"

struct api;

/* Starts serving. On failure logs the reason, sets *status to the exit status and returns NULL. */
struct api *api_start(const struct reload_source *source, int *status);
/* Serves until the signalfd `signals` reports SIGTERM or SIGINT; SIGHUP reloads the configuration.
 */
void api_run(struct api *api, int signals);
/* Finishes the requests under way, stops serving and frees the service. Accepts NULL. */
void api_stop(struct api *api);

#endif
