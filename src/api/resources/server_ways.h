/* Several devices may name the same foreign Modbus server. tagferry-mqttd has one connection to it,
 * so that all of them must reach it in the same way: with the same parameters of a serial line, or
 * with the same framing over TCP, and with TLS or without. */
#ifndef TAGFERRY_API_RESOURCES_SERVER_WAYS_H
#define TAGFERRY_API_RESOURCES_SERVER_WAYS_H

#include "api/base/validation.h"
#include "api/model/fields.h"
#include "api/store/store.h"
#include "common/base/settings.h"

/* Adds an error if another device of the store reaches the server of this one in another way. */
void server_ways_check_device(struct store *store, const struct common_settings *common,
                              const struct record *device, struct validation *validation);
/* Adds an error for each pair of neighbours, in the order of names, among the devices of a server
 * that differ. */
void server_ways_check_all(struct store *store, const struct common_settings *common,
                           struct validation *validation);

#endif
