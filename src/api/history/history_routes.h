/* The routes of this folder. */
#ifndef TAGFERRY_API_HISTORY_HISTORY_ROUTES_H
#define TAGFERRY_API_HISTORY_HISTORY_ROUTES_H

#include "api/http/route.h"

extern const struct route_table history_routes;

#endif
