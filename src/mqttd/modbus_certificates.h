/* The certificates for foreign Modbus servers with TLS, by the settings. */
#ifndef TAGFERRY_MQTTD_MODBUS_CERTIFICATES_H
#define TAGFERRY_MQTTD_MODBUS_CERTIFICATES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/modbus/modbus_tls.h"
#include "mqttd/options.h"

/* Reads the files that the settings name. Sets *credentials to what was read, for one user, or to
 * NULL if no file is named. False with the reason in `why`. */
bool modbus_certificates_load(const struct mqttd_settings *settings,
                              struct modbus_tls_credentials **credentials, char *why,
                              size_t why_size);

#endif
