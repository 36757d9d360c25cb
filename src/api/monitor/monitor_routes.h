/* The routes of this folder, each table in the file of its handlers. */
#ifndef TAGFERRY_API_MONITOR_MONITOR_ROUTES_H
#define TAGFERRY_API_MONITOR_MONITOR_ROUTES_H

#include "api/base/text.h"
#include "api/http/route.h"

extern const struct route_table value_routes, register_routes, message_routes, client_routes,
    health_routes, metrics_routes, owner_routes, tag_metrics_routes;

/* Writes the members "bit" and "byte" of an owner: `bits` bits from `bit` on are its; all bits for
 * -1. */
void owner_write_part(int64_t bit, int64_t bits, struct text *text);

#endif
