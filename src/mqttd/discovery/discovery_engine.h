/* The thread of discoveries: runs those that the store asks for, at most DISCOVERY_RUNNING_MAX at a
 * time, and removes the files of those that the store does not have any more. */
#ifndef TAGFERRY_MQTTD_DISCOVERY_DISCOVERY_ENGINE_H
#define TAGFERRY_MQTTD_DISCOVERY_DISCOVERY_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/shared/counters.h"
#include "common/shared/memory_shortage.h"
#include "mqttd/broker/mqtt_session.h"

struct discovery_engine;

struct discovery_engine_spec {
    const char *database, *runtime_dir;
    struct counters *counters;
    struct memory_shortage *memory_shortage;
};

struct discovery_settings {
    /* Those of the main session. The client id gets an end of its own, the session is clean, and
     * there is no will. */
    struct mqtt_session_options session;
    size_t memory_bytes;     /* of a discovery */
    unsigned messages_per_s; /* of a discovery */
};

/* Starts the thread. Copies the settings and all that they point to; borrows what the spec points
 * to. NULL with the reason in `why`. */
struct discovery_engine *discovery_engine_create(const struct discovery_engine_spec *spec,
                                                 const struct discovery_settings *settings,
                                                 char *why, size_t why_size);
/* Takes new settings: discoveries connect again, and new ones get the new budgets. False when out
 * of memory: the old settings stay. From any thread. */
bool discovery_engine_configure(struct discovery_engine *engine,
                                const struct discovery_settings *settings);
/* Call it after each change of the store, and when the store was opened: without a discovery the
 * thread looks at the store only then. From any thread. */
void discovery_engine_note_store(struct discovery_engine *engine);
/* Saves what was heard and ends the thread. Accepts NULL. */
void discovery_engine_destroy(struct discovery_engine *engine);

#endif
