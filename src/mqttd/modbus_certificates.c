/* Checks which files are named, and loads them. */
#include "mqttd/modbus_certificates.h"

#include <stdio.h>

bool modbus_certificates_load(const struct mqttd_settings *settings,
                              struct modbus_tls_credentials **credentials, char *why,
                              size_t why_size)
{
    const struct modbus_tls_files files = {
        settings->modbus_tls_ca, settings->modbus_tls_certificate, settings->modbus_tls_key};
    char reason[MODBUS_TLS_WHY_SIZE];
    *credentials = NULL;
    if ((*files.certificate == '\0') != (*files.key == '\0')) {
        snprintf(why, why_size,
                 "[mqttd] modbus_tls_certificate and modbus_tls_key need one another");
        return false;
    }
    if (*files.ca == '\0' && *files.certificate != '\0') {
        snprintf(
            why, why_size,
            "[mqttd] modbus_tls_certificate needs modbus_tls_ca: without the CA that signs the "
            "servers' certificates no server could be trusted");
        return false;
    }
    if (*files.ca == '\0')
        return true;
    *credentials = modbus_tls_load(&files, reason, sizeof reason);
    if (!*credentials)
        snprintf(why, why_size, "[mqttd] %s", reason);
    return *credentials != NULL;
}
