/* Reads the configuration again and publishes what of it may change. */
#include "api/settings_reload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/tls.h"
#include "api/http/tokens.h"
#include "common/base/log.h"

/* One reading of the configuration. Those that were in force are kept: a request may have begun
 * with any of them, and they own the texts. */
struct settings_reading {
    struct settings_reading *next;
    struct conf conf;
    struct api_settings settings;
};

/* Without tokens nobody can be told from anybody, so only this machine is served. */
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
                      "make one with \"tagferry-api token add NAME --scope write\", or listen on "
                      "127.0.0.1",
                      addr->host, settings->token_file);
            return false;
        }
    }
    return true;
}

static bool settings_load_certificate(const struct api_settings *settings)
{
    char why[TLS_WHY_SIZE];
    bool has_certificate = *settings->tls_certificate != '\0', has_key = *settings->tls_key != '\0';
    if (!has_certificate && !has_key)
        return true;
    if (has_certificate != has_key)
        snprintf(why, sizeof why, "tls_certificate and tls_key go together");
    else if (tls_load_certificate(settings->tls_certificate, settings->tls_key, why, sizeof why))
        return true;
    log_error("[api] %s", why);
    return false;
}

bool settings_check_serving(const struct api_settings *settings)
{
    return settings_listen_is_safe(settings) && settings_load_certificate(settings);
}

/* A socket that has begun with TLS, or without, goes on so. */
static void settings_keep_tls_mode(const struct api_settings *old, struct api_settings *settings)
{
    if ((*old->tls_certificate == '\0') == (*settings->tls_certificate == '\0'))
        return;
    log_warning("[api] tls_certificate turns HTTPS on or off, which takes a restart");
    settings->tls_certificate = old->tls_certificate;
    settings->tls_key = old->tls_key;
}

static const struct conf *settings_newest_conf(const struct settings_reload *reload)
{
    return reload->readings ? &reload->readings->conf : reload->source->conf;
}

/* The settings of a reading: those in force, except what may change. */
static bool settings_read_again(const struct settings_reload *reload,
                                struct settings_reading *reading)
{
    const struct api_source *source = reload->source;
    const struct api_settings *old = reload->now;
    if (!daemon_reconfigure(source->spec, source->argc, source->argv, settings_newest_conf(reload),
                            &reading->conf, &reading->settings))
        return false;
    reading->settings = *old;
    conf_apply_reload(&reading->conf, &reading->settings);
    settings_keep_tls_mode(old, &reading->settings);
    return settings_check_serving(&reading->settings);
}

static void settings_free_reading(struct settings_reading *reading)
{
    conf_finish(&reading->conf);
    free(reading);
}

/* A reading that says nothing new is not kept, or each SIGHUP would take its memory for good. */
static void settings_take_over(struct settings_reload *reload, struct settings_reading *reading)
{
    daemon_log_restart_needed(reload->source->conf, &reading->conf);
    if (conf_is_equal(settings_newest_conf(reload), &reading->conf)) {
        settings_free_reading(reading);
        return;
    }
    reading->next = reload->readings;
    reload->readings = reading;
    reload->now = &reading->settings;
}

void settings_reload_run(struct settings_reload *reload)
{
    struct settings_reading *reading = calloc(1, sizeof *reading);
    if (!reading) {
        log_error("configuration not reloaded: no memory");
        return;
    }
    if (settings_read_again(reload, reading)) {
        settings_take_over(reload, reading);
        log_info("configuration reloaded");
        return;
    }
    settings_free_reading(reading);
    log_open((enum log_level)reload->now->common.log_level);
    log_error("configuration not reloaded: it has faults, the old one stays in force");
}

void settings_reload_finish(struct settings_reload *reload)
{
    while (reload->readings) {
        struct settings_reading *next = reload->readings->next;
        settings_free_reading(reload->readings);
        reload->readings = next;
    }
}
