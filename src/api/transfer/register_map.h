/* The register map: a document for the engineer of the SCADA system. */
#ifndef TAGFERRY_API_TRANSFER_REGISTER_MAP_H
#define TAGFERRY_API_TRANSFER_REGISTER_MAP_H

#include "api/handler/thread_ctx.h"

/* Writes all tags, in the order of their devices, as CSV or as an HTML page to print. Within a
 * transaction. */
void register_map_write(struct thread_ctx *thread_ctx, struct arena *arena, bool csv,
                        struct text *out);

#endif
