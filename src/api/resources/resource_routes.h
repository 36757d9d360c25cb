/* The routes of this folder, each table in the file of its handlers. */
#ifndef TAGFERRY_API_RESOURCES_RESOURCE_ROUTES_H
#define TAGFERRY_API_RESOURCES_RESOURCE_ROUTES_H

#include "api/http/route.h"

extern const struct route_table device_routes, tag_routes, audit_routes, revert_routes, copy_routes,
    profile_routes;

#endif
