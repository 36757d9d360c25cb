/* The routes of discoveries. */
#ifndef TAGFERRY_API_DISCOVERY_DISCOVERY_ROUTES_H
#define TAGFERRY_API_DISCOVERY_DISCOVERY_ROUTES_H

#include "api/http/route.h"

extern const struct route_table discovery_routes, preview_routes, proposal_routes;

#endif
