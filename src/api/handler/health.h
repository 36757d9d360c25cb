/* The parts that a working gateway needs, and the state of each. */
#ifndef TAGFERRY_API_HANDLER_HEALTH_H
#define TAGFERRY_API_HANDLER_HEALTH_H

#include "api/handler/thread_ctx.h"

enum health_part_kind { HEALTH_MQTTD, HEALTH_MODBUSD, HEALTH_BROKER, HEALTH_STORE, HEALTH_PARTS };

extern const char *const health_part_names[HEALTH_PARTS];

struct health_part {
    const char *reason; /* NULL: it is up */
    uint64_t since_ms;  /* when this state began, ms since 1970; 0: unknown */
    const char *detail; /* text from the broker or the system, or NULL */
};

/* Reads the state of all parts, of the live view as of its newest refresh, and the revision of the
 * store. Outside a transaction. */
void health_read_parts(struct thread_ctx *thread_ctx, struct arena *arena,
                       struct health_part parts[HEALTH_PARTS], int64_t *revision);
/* Writes a part as the member of an object. */
void health_write_part(const char *name, const struct health_part *part, struct text *body);

#endif
