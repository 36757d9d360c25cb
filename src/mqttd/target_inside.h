/* A target from the inside: target.c has the MQTT thread's half, target_thread.c the thread's. */
#ifndef TAGFERRY_MQTTD_TARGET_INSIDE_H
#define TAGFERRY_MQTTD_TARGET_INSIDE_H

#include <pthread.h>

#include "mqttd/directs.h"
#include "mqttd/gather.h"
#include "mqttd/marks.h"
#include "mqttd/sender.h"
#include "mqttd/target.h"

enum { NEWS_MAX = 64 };

struct target {
    struct target_spec spec;
    pthread_t thread;

    bool touched; /* marked since target_wake; the MQTT thread's alone */

    pthread_mutex_t lock; /* for what follows, and while rows are put or copied */
    pthread_cond_t work;
    struct slots outbox; /* marked, and not handed over yet */
    struct marks marks;
    struct directs directs;
    bool has_new_directs;     /* since the thread took them last */
    struct target_wait taken; /* out of the marks, and not written yet */
    bool is_putting;          /* some are out of the directs, and not written yet */
    struct target_pace pace;
    struct polls new_polls;
    bool has_new_polls;
    struct poll news[NEWS_MAX]; /* a ring */
    size_t first_news, news_count;
    bool stop;

    /* The thread's alone. */
    struct sender sender;
    uint64_t refused_at_ms, poll_at_ms;
    struct slots working, refused;
    struct directs directs_now;
    struct polls polls;
    struct gather gather;
    struct batch_request request, requests[PIPELINE_MAX];
};

/* What the thread does until target->stop. `context` is the target. */
void *target_thread(void *context);
/* Waits until then, on the steady clock; false when the target is to end. */
bool target_rest(void *context, uint64_t until_ms);

#endif
