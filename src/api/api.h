/* The daemon: the store, the queues and the listening sockets, put together. */
#ifndef TAGFERRY_API_API_H
#define TAGFERRY_API_API_H

#include "api/settings_reload.h"

struct api;

/* Starts serving. NULL, having logged why; *status is then what to exit with. */
struct api *api_start(const struct reload_source *source, int *status);
/* Serves until SIGTERM or SIGINT arrives at the signalfd; SIGHUP reads the configuration again. */
void api_run(struct api *api, int signals);
/* Finishes what is under way and ends. Takes NULL. */
void api_stop(struct api *api);

#endif
