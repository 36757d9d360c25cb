/* Checks that the listen addresses are safe, the certificate loads, and TLS stays on or off. */
#include "api/settings_reload.h"

#include <stdio.h>

#include "api/http/tls.h"
#include "api/http/tokens.h"
#include "api/replica/replica.h"
#include "common/base/log.h"

/* Without tokens the API cannot identify its clients, so it may only listen on loopback. */
static bool settings_listen_is_safe(const struct api_settings *settings)
{
    struct tokens tokens = {.path = settings->token_file};
    tokens_refresh(&tokens);
    bool have_tokens = tokens.count > 0, is_broken = tokens.broken;
    tokens_finish(&tokens);
    for (size_t i = 0; i < settings->listen.count && !have_tokens; i++) {
        const struct net_addr *addr = &settings->listen.item[i];
        if (!net_host_is_loopback(addr->host) && is_broken) {
            log_error(
                "[api] listen: %s is not a loopback address, and the tokens in %s cannot be read",
                addr->host, settings->token_file);
            return false;
        }
        if (!net_host_is_loopback(addr->host)) {
            log_error("[api] listen: %s is not a loopback address, and there are no tokens in %s; "
                      "create one with \"tagferry-api token add NAME --scope write\", or listen on "
                      "127.0.0.1",
                      addr->host, settings->token_file);
            return false;
        }
    }
    return true;
}

static bool settings_load_certificate(const struct api_settings *settings,
                                      char reason[DAEMON_WHY_SIZE])
{
    char why[TLS_WHY_SIZE];
    bool has_certificate = *settings->tls_certificate != '\0', has_key = *settings->tls_key != '\0';
    if (!has_certificate && !has_key)
        return true;
    if (has_certificate != has_key)
        snprintf(why, sizeof why, "tls_certificate and tls_key must be set together");
    else if (tls_load_certificate(settings->tls_certificate, settings->tls_key, why, sizeof why))
        return true;
    snprintf(reason, DAEMON_WHY_SIZE, "[api] %.*s", TLS_WHY_SIZE, why);
    return false;
}

bool settings_check_files(const void *settings, char *why)
{
    bool is_loaded = settings_load_certificate(settings, why);
    tls_finish();
    return is_loaded;
}

bool settings_check_serving(const struct api_settings *settings)
{
    char why[DAEMON_WHY_SIZE];
    if (!settings_listen_is_safe(settings))
        return false;
    if (!settings_load_certificate(settings, why)) {
        log_error("%s", why);
        return false;
    }
    return replica_check_settings(settings);
}

/* A listening socket cannot switch between HTTP and HTTPS. */
static void settings_keep_tls_mode(const struct api_settings *old, struct api_settings *settings)
{
    if ((*old->tls_certificate == '\0') == (*settings->tls_certificate == '\0'))
        return;
    log_warning("[api] tls_certificate turns HTTPS on or off, which takes a restart");
    settings->tls_certificate = old->tls_certificate;
    settings->tls_key = old->tls_key;
}

static bool settings_check_newer(void *context, const void *in_force, void *newer)
{
    (void)context;
    settings_keep_tls_mode(in_force, newer);
    return settings_check_serving(newer);
}

static void settings_publish(void *context, const void *settings)
{
    struct settings_reload *reload = context;
    reload->now = settings;
}

const struct reload_ops settings_reload_ops = {
    .keeps_older = true, .check = settings_check_newer, .apply = settings_publish};
