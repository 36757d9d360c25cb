/* Reads password and certificates. */
#include "mqttd/session_settings.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/hash.h"
#include "common/base/json_text.h"

/* Of the client id in the status topic. */
enum { CLIENT_ID_BYTES_MAX = 160 };

enum { SESSION_MIB = 1 << 20, MQTT_PACKET_MAX = 268435460 };

static const char *text_or_null(const char *text)
{
    return text[0] ? text : NULL;
}

static void digest_add_bytes(uint64_t *digest, const void *bytes, size_t len)
{
    *digest = hash64_add(*digest, bytes, len);
}

static void digest_add_text(uint64_t *digest, const char *text)
{
    digest_add_bytes(digest, text, strlen(text) + 1);
}

/* The first line of the file, or of the service manager's credential. One that is there and cannot
 * be read is a fault: the broker is not asked without a password in its stead. */
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
    size_t len = strcspn(session->password, "\r\n");
    session->password[len] = '\0';
    if (len == sizeof session->password - 1)
        snprintf(why, why_size, "[mqttd] password_file: %.900s: the line is too long", path);
    return ok && len < sizeof session->password - 1;
}

/* Names key and file, as the library's own words do not. A file that is being written just now is
 * no reason to give up a connection that works. */
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
        digest_add_bytes(digest, line, (size_t)len);
    }
    bool failed = ferror(file) != 0;
    if (failed)
        snprintf(why, why_size, "[mqttd] %s: %.900s: %s", key, path, strerror(errno));
    free(line);
    fclose(file);
    if (failed)
        return false;
    if (!head)
        snprintf(why, why_size, "[mqttd] %s: %.900s: there is nothing in PEM form in it", key,
                 path);
    return head;
}

static bool session_add_tls_files(struct session_settings *session, char *why, size_t why_size)
{
    const struct mqttd_settings *settings = session->settings;
    uint64_t *digest = &session->digest;
    if ((settings->cert_file[0] != '\0') != (settings->key_file[0] != '\0')) {
        snprintf(why, why_size, "[mqttd] cert_file and key_file need one another");
        return false;
    }
    return digest_add_pem_file(digest, "ca_file", settings->ca_file, why, why_size) &&
           digest_add_pem_file(digest, "cert_file", settings->cert_file, why, why_size) &&
           digest_add_pem_file(digest, "key_file", settings->key_file, why, why_size);
}

/* Whole MiB, so that few changes of max_payload take a new connection, and one more: a message that
 * is somewhat too long is still heard, and explained. The broker keeps a longer one to itself. */
static uint32_t max_packet(const struct mqttd_settings *settings)
{
    long wanted = (settings->max_payload / SESSION_MIB + 2) * SESSION_MIB;
    return (uint32_t)(wanted < MQTT_PACKET_MAX ? wanted : MQTT_PACKET_MAX);
}

static void session_add_settings(struct session_settings *session)
{
    const struct mqttd_settings *settings = session->settings;
    const long numbers[] = {settings->keepalive_s, settings->session_expiry_s,
                            max_packet(settings)};
    for (size_t i = 0; i < settings->broker.count; i++) {
        digest_add_text(&session->digest, settings->broker.item[i].host);
        digest_add_bytes(&session->digest, &settings->broker.item[i].port,
                         sizeof settings->broker.item[i].port);
    }
    digest_add_text(&session->digest, settings->username);
    digest_add_text(&session->digest, session->password);
    digest_add_text(&session->digest, settings->ca_file);
    digest_add_text(&session->digest, settings->cert_file);
    digest_add_text(&session->digest, settings->key_file);
    digest_add_bytes(&session->digest, numbers, sizeof numbers);
}

/* A client id may hold what a topic may not. */
void session_settings_status_topic(const struct mqttd_settings *settings,
                                   char topic[SESSION_TOPIC_SIZE])
{
    const char *text = settings->status_topic, *mark = strstr(text, CLIENT_ID_PLACEHOLDER);
    const char *id = mark ? settings->client_id : "";
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
    *session = (struct session_settings){.settings = settings, .digest = HASH64_START};
    if (!session_read_password(session, why, why_size))
        return false;
    session_add_settings(session);
    return !settings->tls || session_add_tls_files(session, why, why_size);
}

struct mqtt_session_options session_settings_options(const struct session_settings *session,
                                                     const char *status_topic, const char *will)
{
    const struct mqttd_settings *settings = session->settings;
    return (struct mqtt_session_options){.brokers = &settings->broker,
                                         .client_id = settings->client_id,
                                         .username = text_or_null(settings->username),
                                         .password = text_or_null(session->password),
                                         .tls = settings->tls,
                                         .ca_file = text_or_null(settings->ca_file),
                                         .cert_file = text_or_null(settings->cert_file),
                                         .key_file = text_or_null(settings->key_file),
                                         .will_topic = text_or_null(status_topic),
                                         .will = will,
                                         .version = (enum mqtt_version)settings->protocol,
                                         .max_packet = max_packet(settings),
                                         .keepalive_s = (unsigned)settings->keepalive_s,
                                         .session_expiry_s = (unsigned)settings->session_expiry_s};
}
