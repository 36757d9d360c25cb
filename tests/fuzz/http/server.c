/* Starts tagferry-api in this process. */
#include "server.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <dirent.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/api.h"
#include "common/base/log.h"
#include "link.h"
#include "words.h"

enum { SERVERS = 2, SOCKETS_MAX = 512 };

uint64_t __real_clock_steady_ms(void);
uint64_t __wrap_clock_steady_ms(void);
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found);
int __real_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found);

static atomic_uint_fast64_t advanced_ms;
static char folder[64];
static struct running {
    struct conf conf;
    struct api_settings settings;
    struct reload_source source;
    struct api *api;
    pthread_t thread;
    int signals[2];
} running[SERVERS];

/* --wrap puts this one in the place of clock.c's. */
uint64_t __wrap_clock_steady_ms(void)
{
    return __real_clock_steady_ms() + advanced_ms;
}

/* No name that an input has made is looked up. */
int __wrap_getaddrinfo(const char *host, const char *port, const struct addrinfo *hints,
                       struct addrinfo **found)
{
    struct addrinfo numeric = *hints;
    numeric.ai_flags |= AI_NUMERICHOST;
    return __real_getaddrinfo(host, port, &numeric, found);
}

void server_advance_clock(uint64_t ms)
{
    advanced_ms += ms;
}

/* Writes a key or a certificate. */
static void write_file(const char *name, const char *text)
{
    char path[96];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    fuzz_check(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text), name);
    close(fd);
}

/* The port of the listening socket that is not known yet. */
static uint16_t find_port(uint16_t known)
{
    for (int fd = 3; fd < SOCKETS_MAX; fd++) {
        struct sockaddr_in own;
        socklen_t size = sizeof own, flag_size = sizeof(int);
        int listens = 0;
        if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &flag_size) == 0 && listens &&
            getsockname(fd, (struct sockaddr *)&own, &size) == 0 && ntohs(own.sin_port) != known)
            return ntohs(own.sin_port);
    }
    return 0;
}

static void set_option(struct conf *conf, const char *name, const char *file, const char *value)
{
    char assignment[256];
    snprintf(assignment, sizeof assignment, "%s=%s%s%s", name, file ? folder : "", file ? file : "",
             value);
    fuzz_check(conf_set_option(conf, assignment, stderr), assignment);
}

static void *run_service(void *context)
{
    struct running *service = context;
    api_run(service->api, service->signals[0]);
    return NULL;
}

static void start_service(struct running *service, bool is_tls)
{
    static const struct daemon_spec spec = {.name = "tagferry-api"};
    struct conf_table tables[] = {common_options, api_options};
    char name[32];
    int status;
    struct conf *conf = &service->conf;
    fuzz_check(conf_init(conf, tables, 2), "memory");
    snprintf(name, sizeof name, is_tls ? "/tls" : "/plain");
    set_option(conf, "common.runtime_dir", name, "");
    set_option(conf, "common.database", name, "/store.db");
    set_option(conf, "api.token_file", name, "/tokens");
    set_option(conf, "api.profile_dir", name, "/profiles");
    set_option(conf, "api.listen", NULL, "127.0.0.1:0");
    set_option(conf, "api.history_mb", NULL, "1");
    set_option(conf, "api.undo_mb", NULL, "1");
    set_option(conf, "api.audit_entries", NULL, "50");
    set_option(conf, "api.max_body_bytes", NULL, "2048");
    set_option(conf, "api.max_import_bytes", NULL, "8192");
    set_option(conf, "api.cors_origins", NULL, "http://hmi.example");
    if (is_tls) {
        set_option(conf, "api.tls_certificate", "/certificate", "");
        set_option(conf, "api.tls_key", "/key", "");
    }
    fuzz_check(conf_apply_settings(conf, &service->settings, stderr), "settings");
    service->source = (struct reload_source){.spec = &spec,
                                             .conf = conf,
                                             .settings = &service->settings,
                                             .settings_size = sizeof service->settings};
    service->api = api_start(&service->source, &status);
    fuzz_check(service->api != NULL, "tagferry-api does not start");
    fuzz_check(
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, service->signals) == 0 &&
            pthread_create(&service->thread, NULL, run_service, service) == 0,
        "thread");
}

static void remove_folder(const char *path)
{
    char file[512];
    DIR *dir = opendir(path);
    for (const struct dirent *entry; dir && (entry = readdir(dir));) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (unlink(file) != 0)
            remove_folder(file);
    }
    if (dir)
        closedir(dir);
    rmdir(path);
}

static void remove_files(void)
{
    remove_folder(folder);
}

/* Ends the services as a signal does. That with TLS first: the other one frees all certificates. */
static void stop_all(void)
{
    const struct signalfd_siginfo end = {.ssi_signo = SIGTERM};
    for (int i = SERVERS - 1; i >= 0; i--) {
        struct running *service = &running[i];
        if (!service->api || write(service->signals[1], &end, sizeof end) != sizeof end)
            continue;
        pthread_join(service->thread, NULL);
        api_stop(service->api);
        conf_finish(&service->conf);
    }
    remove_files();
}

static size_t count_all_descriptors(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    fuzz_check(dir != NULL, "/proc/self/fd");
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

/* Those of the service, but not those of the store, which each thread opens when it reads first,
 * and keeps. */
static size_t count_descriptors(bool print)
{
    static const char *const kept[] = {"/store.db", "/store.db-wal", "/store.db-shm"};
    char path[64], target[256];
    size_t count = 0;
    for (int fd = 3; fd < SOCKETS_MAX; fd++) {
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        ssize_t len = readlink(path, target, sizeof target - 1);
        target[len > 0 ? len : 0] = '\0';
        const char *name = strrchr(target, '/');
        bool is_kept = target[0] == '/' && strncmp(target, folder, strlen(folder)) != 0;
        for (size_t i = 0; name && i < sizeof kept / sizeof kept[0]; i++)
            is_kept = is_kept || strcmp(name, kept[i]) == 0;
        is_kept = is_kept || len <= 0 || strncmp(target, "pipe:", 5) == 0;
        count += !is_kept;
        if (print && !is_kept)
            fprintf(stderr, "%d %s\n", fd, target);
    }
    return count;
}

/* A stream's end is noticed within a second of the service's clock. */
void server_check_idle(struct server *server)
{
    uint64_t until = fuzz_now_ms() + FUZZ_WAIT_MS;
    for (unsigned turn = 0;; turn++) {
        size_t all = count_all_descriptors();
        if (all == server->known)
            return;
        if (turn > 20 && count_descriptors(false) <= server->descriptors) {
            server->known = all;
            return;
        }
        if (fuzz_now_ms() >= until) {
            count_descriptors(true);
            fuzz_check(false, "a descriptor is left over");
        }
        if (turn == 100)
            server_advance_clock(1100);
        fuzz_rest(turn);
    }
}

/* The connection of server_ask. */
static struct {
    struct link link;
    size_t read;
    bool is_open;
} control;

void server_hang_up(void)
{
    if (control.is_open)
        link_finish(&control.link);
    memset(&control, 0, sizeof control);
}

void server_ask(const struct server *server, const char *method, const char *target,
                const char *body, struct answer *answer, char *keep, size_t size)
{
    struct link *link = &control.link;
    char head[512];
    uint64_t until = fuzz_now_ms() + FUZZ_WAIT_MS;
    snprintf(head, sizeof head,
             "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
             "Content-Length: %zu\r\n\r\n",
             method, target, strlen(body));
    if (!control.is_open)
        link_open(link, server->port, server->is_tls, 0);
    control.is_open = true;
    link->sent_len = link->flushed = 0;
    fuzz_check(link_put(link, head, strlen(head)) && link_put(link, body, strlen(body)), "room");
    link_flush(link, LINK_SENT_MAX);
    for (bool is_whole = false; !is_whole;) {
        link_receive(link);
        size_t len = link->got_len - control.read;
        const uint8_t *got = len > 0 ? link->got + control.read : NULL;
        is_whole = len > 0 && answer_read_head(got, len, answer) == ANSWER_WHOLE &&
                   answer_read_body(got, len, false, link->has_ended, answer) == ANSWER_WHOLE;
        fuzz_check(is_whole || (!link->has_ended && fuzz_now_ms() < until),
                   "a plain request is not answered");
        if (!is_whole)
            link_wait(link, 100);
    }
    answer_check(answer, false, strstr(target, "/readyz") != NULL);
    if (keep)
        snprintf(keep, size, "%.*s", (int)answer->body_len, (const char *)answer->body);
    control.read += answer->whole_len;
}

/* A request that must be answered with this status. */
static void demand(const struct server *server, const char *method, const char *target,
                   const char *body, int status)
{
    char text[2048];
    struct answer answer;
    server_ask(server, method, target, body, &answer, text, sizeof text);
    if (answer.status != status)
        fprintf(stderr, "%s %s: %d %s\n", method, target, answer.status, text);
    fuzz_check(answer.status == status, "a plain change is refused");
}

static void delete_all(const struct server *server, const char *target, const char *list,
                       const char *name)
{
    static char text[65536];
    char path[512];
    struct answer answer;
    server_ask(server, "GET", target, "", &answer, text, sizeof text);
    cJSON *tree = cJSON_Parse(text);
    const cJSON *items = cJSON_GetObjectItemCaseSensitive(tree, list), *item;
    fuzz_check(answer.status == 200 && cJSON_IsArray(items), "a list cannot be read");
    cJSON_ArrayForEach(item, items)
    {
        const cJSON *key = cJSON_GetObjectItemCaseSensitive(item, name);
        if (cJSON_IsNumber(key))
            snprintf(path, sizeof path, "%s/%lld", target, (long long)key->valuedouble);
        else
            snprintf(path, sizeof path, "%s/%s", target, cJSON_GetStringValue(key));
        demand(server, "DELETE", path, "", 204);
    }
    cJSON_Delete(tree);
}

void server_reset(const struct server *server)
{
    demand(server, "POST", "/api/v1/import?mode=replace&changes=none", http_first_devices, 200);
    delete_all(server, "/api/v1/profiles", "items", "name");
    delete_all(server, "/api/v1/discoveries", "items", "id");
    demand(server, "PUT", "/api/v1/profiles/meter", http_first_profile, 201);
}

/* Opens what the service opens only once. */
static void warm_up(struct server *server)
{
    struct answer answer;
    for (size_t i = 0; i + 1 < http_target_count; i++) {
        if (http_targets[i].path)
            server_ask(server, "GET", http_targets[i].text, "", &answer, NULL, 0);
    }
    server_reset(server);
    server_hang_up();
    uint64_t until = fuzz_now_ms() + 200;
    for (server->descriptors = SIZE_MAX; fuzz_now_ms() < until; poll(NULL, 0, 10)) {
        size_t now = count_descriptors(false);
        server->descriptors = now < server->descriptors ? now : server->descriptors;
    }
}

void server_start_all(struct server *plain, struct server *secure)
{
    snprintf(folder, sizeof folder, "%s/fuzz_http.XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    fuzz_check(mkdtemp(folder) != NULL, "temporary folder");
    fuzz_clean_up = remove_files;
    write_file("key", http_key);
    write_file("certificate", http_certificate);
    log_open(LOG_LEVEL_ERROR);
    signal(SIGPIPE, SIG_IGN);
    atexit(stop_all);
    link_prepare_process();
    start_service(&running[0], false);
    *plain = (struct server){.port = find_port(0)};
    start_service(&running[1], true);
    *secure = (struct server){.port = find_port(plain->port), .is_tls = true};
    link_allow_port(plain->port);
    link_allow_port(secure->port);
    warm_up(plain);
    warm_up(secure);
    plain->descriptors = secure->descriptors;
    plain->known = secure->known = count_all_descriptors();
}
