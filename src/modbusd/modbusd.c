/* Starts and runs tagferry-modbusd: files, bank, service, server. */
#include "modbusd/modbusd.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/daemon.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/reload.h"
#include "common/base/require.h"
#include "common/shared/client_table.h"
#include "common/shared/counters.h"
#include "common/shared/daemon_info.h"
#include "common/shared/journal.h"
#include "modbusd/net/server.h"
#include "modbusd/options.h"
#include "modbusd/registers/bank.h"
#include "modbusd/registers/image.h"
#include "modbusd/registers/syncer.h"
#include "modbusd/requests/access_words.h"
#include "modbusd/tls/tls_credentials.h"

struct modbusd {
    struct reload reload;
    const struct modbusd_settings *settings; /* of the start */
    struct counters counters;
    struct daemon_info daemon_info;
    struct client_table client_table;
    struct image image;
    struct journal journal;
    struct write_times write_times;
    struct bank *bank;
    struct syncer *syncer;
    struct gaps gaps;
    struct service service;
    struct client_limits limits;
    struct server *server;
    bool serves_tls;
    struct tls_credentials *newer_credentials; /* of a reload, until it takes effect */
    int status;                                /* exit status if a step of the start fails */
    char why[CONF_WHY_SIZE + SHM_WHY_SIZE];
};

/* Descriptors for files, listeners and the sockets of libmodbus. */
enum { OTHER_DESCRIPTORS = 64 };

/* The files that outlive the daemon. */
static bool modbusd_open_files(struct modbusd *d)
{
    const char *runtime_dir = d->settings->common.runtime_dir, *image = d->settings->image;
    if (!daemon_make_folder(runtime_dir)) {
        snprintf(d->why, sizeof d->why, "%s: %s", runtime_dir, strerror(errno));
        return false;
    }
    if (!counters_open_writer(&d->counters, &modbusd_counters, runtime_dir, d->why, sizeof d->why))
        return false;
    counters_set(&d->counters, MODBUSD_STARTED_MS, clock_wall_ms());
    if (!daemon_info_open_writer(&d->daemon_info, "modbusd", runtime_dir, d->why, sizeof d->why))
        return false;
    if (!client_table_open_writer(&d->client_table, runtime_dir, d->why, sizeof d->why))
        return false;

    const char *slash = strrchr(image, '/');
    if (slash && slash > image) {
        char *dir = strndup(image, (size_t)(slash - image));
        bool is_made = dir && daemon_make_folder(dir);
        free(dir);
        if (!is_made) {
            snprintf(d->why, sizeof d->why, "the folder of %s: %s", image, strerror(errno));
            return false;
        }
    }
    if (!image_open(&d->image, image, &d->settings->common.units, d->why, sizeof d->why))
        return false;

    if (!write_times_open_writer(&d->write_times, runtime_dir, d->why, sizeof d->why))
        return false;
    char journal[PATH_MAX];
    snprintf(journal, sizeof journal, "%s/journal", runtime_dir);
    return journal_open_writer(&d->journal, journal, d->why, sizeof d->why);
}

/* So that tagferry-api can tell where SCADA clients connect. */
static void modbusd_show_address(struct modbusd *d, const struct listener *listener)
{
    struct daemon_address address = {.port = net_bound_port(listener->fd),
                                     .protocol = listener_client_protocol(listener)};
    struct sockaddr_storage at = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof at;
    struct access_ip ip;
    char text[INET6_ADDRSTRLEN];
    if (listener->side != SIDE_SCADA ||
        getsockname(listener->fd, (struct sockaddr *)&at, &len) != 0)
        return;
    listener_peer_address(&at, &ip, text);
    _Static_assert(sizeof ip.bytes == sizeof address.address, "both are IPv6 addresses");
    memcpy(address.address, ip.bytes, sizeof address.address);
    daemon_info_add_address(&d->daemon_info, &address);
}

static bool modbusd_take_listener(struct modbusd *d, const struct listener *listener)
{
    if (server_add_listener(d->server, listener)) {
        modbusd_show_address(d, listener);
        return true;
    }
    snprintf(d->why, sizeof d->why, "cannot wait for connections: %s", strerror(errno));
    close(listener->fd);
    return false;
}

static bool modbusd_listen_on(struct modbusd *d, const struct conf_addrs *addrs, enum side side,
                              enum listener_protocol protocol)
{
    for (size_t i = 0; i < addrs->count; i++) {
        struct listener listener = {.side = side, .protocol = protocol};
        bool both = net_serves_both_families(addrs->item, addrs->count, i);
        listener.fd = protocol == LISTENER_UDP
                          ? net_listen_udp(&addrs->item[i], both, d->why, sizeof d->why)
                          : net_listen(&addrs->item[i], both, d->why, sizeof d->why);
        if (listener.fd < 0 && net_is_unavailable(errno))
            d->status = DAEMON_EXIT_ADDRESS;
        if (listener.fd < 0 || !modbusd_take_listener(d, &listener))
            return false;
    }
    return true;
}

/* NULL with the reason in `why`. */
static struct tls_credentials *modbusd_load_credentials(const struct modbusd_settings *settings,
                                                        char *why, size_t why_size)
{
    const struct tls_files files = {settings->tls_certificate, settings->tls_key,
                                    settings->tls_client_ca};
    char reason[TLS_WHY_MAX];
    if (*files.certificate == '\0' || *files.key == '\0' || *files.client_ca == '\0') {
        snprintf(why, why_size,
                 "[modbusd] tls_listen needs tls_certificate, tls_key and tls_client_ca: without "
                 "the CA that signs the clients' certificates it could admit none");
        return NULL;
    }
    struct tls_credentials *credentials = tls_credentials_load(&files, reason, sizeof reason);
    if (!credentials)
        snprintf(why, why_size, "[modbusd] %s", reason);
    return credentials;
}

/* Loads what listeners with TLS need, once. */
static bool modbusd_start_tls(struct modbusd *d)
{
    struct tls_credentials *credentials;
    if (d->serves_tls)
        return true;
    credentials = modbusd_load_credentials(d->settings, d->why, sizeof d->why);
    if (!credentials) {
        d->status = DAEMON_EXIT_CONFIG;
        return false;
    }
    server_take_credentials(d->server, credentials);
    d->serves_tls = true;
    return true;
}

static bool modbusd_add_serials(struct modbusd *d)
{
    const struct conf_serial_lines *lines = &d->settings->serial;
    _Static_assert((int)SERIAL_OPTION_MAX <= (int)SERIAL_LINES_MAX, "all lines fit");
    for (size_t i = 0; i < lines->count; i++) {
        if (!server_add_serial(d->server, &lines->item[i])) {
            snprintf(d->why, sizeof d->why, "cannot start a thread: %s", strerror(errno));
            return false;
        }
    }
    return true;
}

/* Opens a socket for each side for which systemd passed none. */
static bool modbusd_listen_all(struct modbusd *d)
{
    const struct conf_addrs *const addrs[SIDE_COUNT] = {
        [SIDE_SCADA] = &d->settings->listen,
        [SIDE_INPUTS] = &d->settings->inputs_listen,
        [SIDE_OUTPUTS] = &d->settings->outputs_listen,
    };
    bool given[SIDE_COUNT] = {false}, given_tls = false;
    struct listener inherited[LISTENERS_MAX];
    int count = listener_inherit_all(inherited, d->why, sizeof d->why);
    for (int i = 0; i < count; i++) {
        REQUIRE(inherited[i].side < SIDE_COUNT);
        if (inherited[i].protocol == LISTENER_TLS)
            given_tls = true;
        else
            given[inherited[i].side] = true;
        if (inherited[i].protocol == LISTENER_TLS && !modbusd_start_tls(d))
            return false;
        if (!modbusd_take_listener(d, &inherited[i]))
            return false;
    }
    for (enum side side = 0; count >= 0 && side < SIDE_COUNT; side++) {
        if (!given[side] && !modbusd_listen_on(d, addrs[side], side, LISTENER_TCP))
            return false;
    }
    if (count < 0 || !modbusd_add_serials(d) ||
        !modbusd_listen_on(d, &d->settings->rtu_listen, SIDE_SCADA, LISTENER_RTU) ||
        !modbusd_listen_on(d, &d->settings->udp_listen, SIDE_SCADA, LISTENER_UDP))
        return false;
    return given_tls || d->settings->tls_listen.count == 0 ||
           (modbusd_start_tls(d) &&
            modbusd_listen_on(d, &d->settings->tls_listen, SIDE_SCADA, LISTENER_TLS));
}

/* Applies the settings that may change while the server runs. */
static void modbusd_apply_settings(struct modbusd *d, const struct modbusd_settings *settings)
{
    const char *revision = settings->revision[0] != '\0' ? settings->revision : TAGFERRY_VERSION;
    bool exceptions = settings->on_process_loss == PROCESS_LOSS_EXCEPTION;
    service_set_process_timeout(&d->service,
                                exceptions ? (uint64_t)settings->process_timeout_s * 1000 : 0);
    daemon_info_set_process_timeout(&d->daemon_info,
                                    exceptions ? d->service.process_timeout_ms : DAEMON_NO_TIMEOUT);
    d->service.unknown_is_first = settings->unknown_unit == UNKNOWN_UNIT_FIRST;
    d->service.ident = (struct ident){{[IDENT_VENDOR] = settings->vendor_name,
                                       [IDENT_PRODUCT_CODE] = settings->product_code,
                                       [IDENT_REVISION] = revision,
                                       [IDENT_URL] = settings->vendor_url,
                                       [IDENT_PRODUCT] = settings->product_name,
                                       [IDENT_MODEL] = settings->model_name,
                                       [IDENT_APPLICATION] = settings->application_name}};
    bool judges = gaps_configure(&d->gaps, &settings->gaps, settings->writes == WRITES_TAGS,
                                 &d->settings->common.units, d->settings->common.runtime_dir);
    d->service.gaps = judges ? &d->gaps : NULL;

    /* The limit of SCADA clients may be lower: other descriptors are reserved first. */
    enum { OTHERS = CLIENTS_PROCESS_MAX + OTHER_DESCRIPTORS };
    size_t wanted = (size_t)settings->max_connections;
    size_t allowed = daemon_reserve_descriptors(wanted + OTHERS);
    d->limits = (struct client_limits){
        .max_connections = allowed > OTHERS ? allowed - OTHERS : 1,
        .max_connections_per_ip = (size_t)settings->max_connections_per_ip,
        .frame_timeout_ms = (uint64_t)settings->frame_timeout_ms,
        .write_timeout_ms = (uint64_t)settings->write_timeout_ms,
        .idle_timeout_ms = (uint64_t)settings->idle_timeout_s * 1000,
        .allow = &settings->allow,
        .proxies = &settings->proxy_protocol_from,
    };
}

/* Opens files, then starts their users, then opens the sockets. False with the reason in `why`. */
static bool modbusd_start(struct modbusd *d)
{
    const struct modbusd_settings *settings = d->settings;
    if (!modbusd_open_files(d))
        return false;
    d->bank = bank_create(&d->image, &d->journal, &d->write_times, &settings->common.units);
    if (!d->bank) {
        snprintf(d->why, sizeof d->why, "cannot start libmodbus: %s", strerror(errno));
        return false;
    }
    if (!bank_recover_write(d->bank)) {
        snprintf(d->why, sizeof d->why,
                 "image %s: its redo record is damaged. Restore a copy of the file, or move it "
                 "away to start with all registers 0",
                 settings->image);
        return false;
    }
    if (settings->persist != PERSIST_NEVER) {
        int64_t interval_ms =
            settings->persist == PERSIST_INTERVAL ? settings->sync_interval_ms : 0;
        d->syncer = syncer_create(&d->image, &d->counters, interval_ms);
        if (!d->syncer) {
            snprintf(d->why, sizeof d->why, "cannot start a thread: %s", strerror(errno));
            return false;
        }
    }

    d->service = (struct service){.units = &settings->common.units,
                                  .bank = d->bank,
                                  .counters = &d->counters,
                                  .client_table = &d->client_table};
    modbusd_apply_settings(d, settings);
    d->server = server_create(&d->service, &d->limits);
    if (!d->server ||
        (settings->persist == PERSIST_ALWAYS && !server_hold_writes(d->server, d->syncer))) {
        snprintf(d->why, sizeof d->why, "cannot start the server: %s", strerror(errno));
        return false;
    }
    return modbusd_listen_all(d);
}

static void modbusd_finish(struct modbusd *d)
{
    server_destroy(d->server);
    reload_finish(&d->reload);
    syncer_destroy(d->syncer);
    bank_destroy(d->bank);
    gaps_finish(&d->gaps);
    journal_close(&d->journal);
    write_times_close(&d->write_times);
    image_close(&d->image);
    client_table_close(&d->client_table);
    daemon_info_close(&d->daemon_info);
    counters_close(&d->counters);
}

/* Reads the certificates again: if they are not good, the earlier ones stay in use. */
static bool modbusd_check_settings(void *context, const void *in_force, void *newer)
{
    struct modbusd *d = context;
    char why[TLS_WHY_MAX + sizeof "[modbusd] "];
    (void)in_force;
    if (!d->serves_tls)
        return true;
    d->newer_credentials = modbusd_load_credentials(newer, why, sizeof why);
    if (!d->newer_credentials)
        log_error("%s", why);
    return d->newer_credentials != NULL;
}

static void modbusd_take_settings(void *context, const void *settings)
{
    struct modbusd *d = context;
    modbusd_apply_settings(d, settings);
    if (d->newer_credentials)
        server_take_credentials(d->server, d->newer_credentials);
    d->newer_credentials = NULL;
    server_review_clients(d->server);
}

static void modbusd_on_hangup(void *context)
{
    struct modbusd *d = context;
    reload_run(&d->reload);
}

static void modbusd_on_heartbeat(void *context)
{
    struct modbusd *d = context;
    daemon_info_refresh(&d->daemon_info, d->image.shm.fd);
    if (d->service.gaps)
        gaps_follow_file(&d->gaps, d->settings->common.runtime_dir);
}

static void modbusd_on_answered(void *context)
{
    struct modbusd *d = context;
    if (d->syncer)
        syncer_note_changes(d->syncer);
}

static int modbusd_run(struct modbusd *d)
{
    const struct server_hooks hooks = {modbusd_on_hangup, modbusd_on_heartbeat, modbusd_on_answered,
                                       d};
    size_t units = d->settings->common.units.count;
    int signals = daemon_open_signals();
    d->status = DAEMON_EXIT_FAILURE;
    daemon_shorten_time_slice();
    if (signals < 0 || !modbusd_start(d)) {
        log_error("%s", signals < 0 ? strerror(errno) : d->why);
        goto done;
    }
    log_info("started, %zu unit%s, image %s", units, plural_suffix(units), d->settings->image);
    counters_set(&d->counters, MODBUSD_BEAT_MS, clock_steady_ms());
    modbusd_on_heartbeat(d);
    daemon_notify_ready("serving %zu unit%s", units, plural_suffix(units));
    if (server_run_loop(d->server, signals, &hooks))
        d->status = DAEMON_EXIT_OK;
    daemon_notify_stopping();
    log_info("stopping");
done:
    modbusd_finish(d);
    if (signals >= 0)
        close(signals);
    return d->status;
}

static bool modbusd_check_files(const void *settings, char *why)
{
    const struct modbusd_settings *modbusd_settings = settings;
    if (modbusd_settings->tls_listen.count == 0)
        return true;
    struct tls_credentials *credentials =
        modbusd_load_credentials(modbusd_settings, why, DAEMON_WHY_SIZE);
    tls_credentials_release(credentials);
    return credentials != NULL;
}

static void modbusd_explain(const void *settings, FILE *out)
{
    const struct modbusd_settings *modbusd_settings = settings;
    access_explain_rules(&modbusd_settings->allow, &modbusd_settings->common.units, out);
}

int modbusd_main(int argc, char **argv)
{
    const struct conf_table all[] = {common_options, modbusd_options};
    const struct daemon_spec spec = {
        .name = "tagferry-modbusd",
        .summary = "serves the registers over Modbus TCP",
        .tables = all,
        .table_count = sizeof all / sizeof all[0],
        .check = modbusd_check_files,
        .explain = modbusd_explain,
    };
    static const struct reload_ops ops = {.check = modbusd_check_settings,
                                          .apply = modbusd_take_settings};
    struct conf conf = {0};
    struct modbusd_settings settings;
    const struct reload_source source = {&spec, argc, argv, &conf, &settings, sizeof settings};
    struct modbusd d = {.settings = &settings};
    d.reload = (struct reload){.source = &source, .ops = &ops, .context = &d};
    int operand;
    int status = daemon_configure(&spec, argc, argv, &conf, &settings, &operand);
    if (status == DAEMON_RUN)
        status = modbusd_run(&d);
    conf_finish(&conf);
    return status;
}
