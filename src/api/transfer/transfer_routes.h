/* The routes of this folder. */
#ifndef TAGFERRY_API_TRANSFER_TRANSFER_ROUTES_H
#define TAGFERRY_API_TRANSFER_TRANSFER_ROUTES_H

#include "api/http/route.h"

extern const struct route_table backup_routes;
extern const struct route_table transfer_routes;

#endif
