/* The state of tagferry-mqttd, shared by its start and its loop. */
#ifndef TAGFERRY_MQTTD_MQTTD_INSIDE_H
#define TAGFERRY_MQTTD_MQTTD_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/conf.h"
#include "common/counters.h"
#include "common/daemon.h"
#include "common/explain.h"
#include "common/live.h"
#include "mqttd/commands.h"
#include "mqttd/flow.h"
#include "mqttd/leftovers.h"
#include "mqttd/loader.h"
#include "mqttd/options.h"
#include "mqttd/plant.h"
#include "mqttd/reader.h"
#include "mqttd/report.h"
#include "mqttd/session.h"
#include "mqttd/shortage.h"
#include "mqttd/status.h"
#include "mqttd/subscriber.h"
#include "mqttd/targets.h"
#include "mqttd/watch.h"

enum { MQTTD_STATUS_SIZE = 160 };
/* Values in epoll's data. */
enum { EVENT_SIGNAL, EVENT_NOTICE, EVENT_BROKER };

struct configuration {
    struct conf conf; /* holds the texts that the settings point to */
    struct mqttd_settings settings;
};

struct mqttd {
    const struct daemon_spec *spec;
    int argc;
    char **argv;
    const struct conf *conf; /* of the start, as what follows */
    const struct mqttd_settings *settings;
    struct configuration *newest; /* of a SIGHUP; NULL: there was none */
    struct counters counters;
    struct live live;
    struct explain explain;
    struct targets targets;
    struct plant plant;
    struct flow flow;
    struct leftovers leftovers;
    struct status status;
    struct subscriber *subscriber;
    struct watch *watch;
    struct reader *reader;
    struct commands *commands;
    struct loader *loader;
    struct session session;
    char status_topic[SESSION_TOPIC_SIZE]; /* where the birth and the will go */
    char will[MQTTD_STATUS_SIZE];
    int epoll_fd, notice_fd, signal_fd;
    uint64_t beat_ms;    /* when the next one is due, steady clock */
    struct reload *held; /* a reload that the live table has no room for yet */
    uint64_t held_until_ms;
    struct report report;
    struct shortage shortage;
    bool hands_back; /* messages that the broker has to give again */
    bool stop;
    char why[CONF_WHY_SIZE + SHM_WHY_SIZE];
};

/* Opens files and events and starts all parts, with d->settings and d->signal_fd. False with the
 * reason in d->why. Call mqttd_finish in either case. */
bool mqttd_start(struct mqttd *d);
/* Ends all parts. Leaves d->newest and d->signal_fd to the caller. */
void mqttd_finish(struct mqttd *d);
/* Writes the payload of birth or will: the status, the version, the numbers of devices and tags. */
void mqttd_write_status(const struct mqttd *d, const char *status, char text[MQTTD_STATUS_SIZE]);

#endif
