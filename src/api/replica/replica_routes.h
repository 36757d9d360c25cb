/* The routes of the folder. */
#ifndef TAGFERRY_API_REPLICA_REPLICA_ROUTES_H
#define TAGFERRY_API_REPLICA_REPLICA_ROUTES_H

#include "api/http/route.h"

extern const struct route_table store_routes, gateway_routes;

#endif
