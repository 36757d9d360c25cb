/* Reads the password and the certificates, and makes the options of a session. */
#include "mqttd/session_settings.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/gateway_name.h"
#include "common/base/hash.h"
#include "common/base/json_text.h"
#include "common/base/private_file.h"
#include "common/base/require.h"

/* Bytes of the client id in the status topic. */
enum { CLIENT_ID_BYTES_MAX = 160 };

enum { SESSION_MIB = 1 << 20, MQTT_PACKET_MAX = 268435460 };

_Static_assert((int)SESSION_CLIENT_ID_SIZE / 2 > (int)GATEWAY_NAME_SIZE + 10,
               "gateway and host fit into a client id");
_Static_assert((int)SESSION_TOPIC_SIZE > (int)STATUS_TOPIC_MAX + (int)CLIENT_ID_BYTES_MAX,
               "every status topic fits");
_Static_assert((int)MQTT_PACKET_MAX >= (int)MAX_PAYLOAD_MAX, "the longest payload fits");

static const char *text_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static void digest_add_text(uint64_t *digest, const char *text)
{
    *digest = hash64_add(*digest, text, strlen(text) + 1);
}

/* Reads the password: the first line of the file, or of the service manager's credential. A file
 * that exists and cannot be read is an error: mqttd does not connect without the password instead.
 */
static bool session_read_password(struct session_settings *session, char *why, size_t why_size)
{
    char credential[PATH_MAX] = "";
    const char *folder = getenv("CREDENTIALS_DIRECTORY"), *path = session->settings->password_file;
    if (path[0] == '\0' && folder) {
        snprintf(credential, sizeof credential, "%s/tagferry.mqtt-password", folder);
        path = access(credential, R_OK) == 0 || errno != ENOENT ? credential : "";
    }
    if (path[0] == '\0')
        return true;
    FILE *file = fopen(path, "re");
    bool ok = file && (fgets(session->password, sizeof session->password, file) || feof(file));
    if (!ok)
        snprintf(why, why_size, "[mqttd] password_file: %.900s: %s", path, strerror(errno));
    if (file)
        fclose(file);
    private_file_check(path);
    size_t len = strcspn(session->password, "\r\n");
    session->password[len] = '\0';
    if (len == sizeof session->password - 1)
        snprintf(why, why_size, "[mqttd] password_file: %.900s: the line is too long", path);
    return ok && len < sizeof session->password - 1;
}

/* Adds the content of a file to the digest. Errors name the key and the file, which those of the
 * library do not. A file that is incomplete, perhaps because it is being written, is an error: the
 * present connection continues. */
static bool digest_add_pem_file(uint64_t *digest, const char *key, const char *path, char *why,
                                size_t why_size)
{
    char *line = NULL;
    size_t size = 0;
    bool head = false;
    if (path[0] == '\0')
        return true;
    FILE *file = fopen(path, "re");
    if (!file) {
        snprintf(why, why_size, "[mqttd] %s: %.900s: %s", key, path, strerror(errno));
        return false;
    }
    for (ssize_t len; (len = getline(&line, &size, file)) > 0;) {
        head |= strncmp(line, "-----BEGIN ", 11) == 0;
        *digest = hash64_add(*digest, line, (size_t)len);
    }
    bool failed = ferror(file) != 0;
    if (failed)
        snprintf(why, why_size, "[mqttd] %s: %.900s: %s", key, path, strerror(errno));
    free(line);
    fclose(file);
    if (failed)
        return false;
    if (!head)
        snprintf(why, why_size, "[mqttd] %s: %.900s: the file has no data in PEM format", key,
                 path);
    return head;
}

/* Whole MiB, so that few changes of max_payload need a new connection, and one MiB more, so that
 * mqttd still receives and logs a message that is a little too long. The broker does not send
 * longer ones. */
static uint32_t session_max_packet(const struct mqttd_settings *settings)
{
    int64_t wanted = (settings->max_payload / SESSION_MIB + 2) * SESSION_MIB;
    return (uint32_t)(wanted < MQTT_PACKET_MAX ? wanted : MQTT_PACKET_MAX);
}

/* Two gateways of a pair need different ones, so the host is in it. Other characters of the host
 * than letters, digits, '_' and '-' are replaced: the id is part of topics. */
static void session_make_client_id(struct session_settings *session)
{
    const char *gateway = session->settings->common.gateway;
    char host[SESSION_CLIENT_ID_SIZE / 2] = "", *id = session->own_client_id;
    if (*gateway == '\0') {
        snprintf(id, SESSION_CLIENT_ID_SIZE, "tagferry");
        return;
    }
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    for (char *at = host; *at; at++) {
        if (!isalnum((unsigned char)*at) && *at != '-')
            *at = '_';
    }
    snprintf(id, SESSION_CLIENT_ID_SIZE, "tagferry-%s%s%s", gateway, *host ? "-" : "", host);
}

const char *session_settings_client_id(const struct session_settings *session)
{
    const char *set = session->settings->client_id;
    return *set ? set : session->own_client_id;
}

/* A client id may contain characters that a topic may not. */
void session_settings_status_topic(const struct session_settings *session,
                                   char topic[SESSION_TOPIC_SIZE])
{
    const char *text = session->settings->status_topic;
    const char *mark = strstr(text, CLIENT_ID_PLACEHOLDER);
    const char *id = mark ? session_settings_client_id(session) : "";
    int id_len = (int)utf8_prefix_len(id, strlen(id), CLIENT_ID_BYTES_MAX);
    int stem = mark ? (int)(mark - text) : (int)strlen(text);
    snprintf(topic, SESSION_TOPIC_SIZE, "%.*s%.*s%s", stem, text, id_len, id,
             mark ? mark + strlen(CLIENT_ID_PLACEHOLDER) : "");
    for (char *at = topic; (at = strpbrk(at, "+#")); at++)
        *at = '_';
}

bool session_settings_read(struct session_settings *session, const struct mqttd_settings *settings,
                           char *why, size_t why_size)
{
    uint64_t *digest = &session->digest;
    const int64_t numbers[] = {settings->keepalive_s, settings->session_expiry_s,
                               (int64_t)session_max_packet(settings)};
    *session = (struct session_settings){.settings = settings, .digest = HASH64_START};
    session_make_client_id(session);
    if (!session_read_password(session, why, why_size))
        return false;
    for (size_t i = 0; i < settings->broker.count; i++) {
        const struct net_addr *broker = &settings->broker.item[i];
        digest_add_text(digest, broker->host);
        *digest = hash64_add(*digest, &broker->port, sizeof broker->port);
    }
    digest_add_text(digest, settings->username);
    digest_add_text(digest, session->password);
    digest_add_text(digest, settings->ca_file);
    digest_add_text(digest, settings->cert_file);
    digest_add_text(digest, settings->key_file);
    *digest = hash64_add(*digest, numbers, sizeof numbers);
    if (!settings->tls)
        return true;
    if ((settings->cert_file[0] != '\0') != (settings->key_file[0] != '\0')) {
        snprintf(why, why_size, "[mqttd] cert_file and key_file need one another");
        return false;
    }
    if (settings->key_file[0] != '\0')
        private_file_check(settings->key_file);
    return digest_add_pem_file(digest, "ca_file", settings->ca_file, why, why_size) &&
           digest_add_pem_file(digest, "cert_file", settings->cert_file, why, why_size) &&
           digest_add_pem_file(digest, "key_file", settings->key_file, why, why_size);
}

struct mqtt_session_options session_settings_options(const struct session_settings *session,
                                                     const char *status_topic, const char *will)
{
    const struct mqttd_settings *settings = session->settings;
    REQUIRE(settings && settings->broker.count > 0);
    return (struct mqtt_session_options){.brokers = &settings->broker,
                                         .client_id = session_settings_client_id(session),
                                         .username = text_or_null(settings->username),
                                         .password = text_or_null(session->password),
                                         .tls = settings->tls,
                                         .ca_file = text_or_null(settings->ca_file),
                                         .cert_file = text_or_null(settings->cert_file),
                                         .key_file = text_or_null(settings->key_file),
                                         .will_topic = text_or_null(status_topic),
                                         .will = will,
                                         .version = (enum mqtt_version)settings->protocol,
                                         .max_packet = session_max_packet(settings),
                                         .keepalive_s = (unsigned)settings->keepalive_s,
                                         .session_expiry_s = (unsigned)settings->session_expiry_s};
}
