/* The routes of this folder, each table in the file of its handlers. */
#ifndef TAGFERRY_API_PAGE_PAGE_ROUTES_H
#define TAGFERRY_API_PAGE_PAGE_ROUTES_H

#include "api/http/route.h"

extern const struct route_table page_routes, session_routes;

#endif
