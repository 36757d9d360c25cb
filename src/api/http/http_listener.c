/* A listening socket and the thread that runs libmicrohttpd's loop for it. */
#include "api/http/http_listener.h"

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "api/http/http_exchange.h"
#include "api/http/http_response.h"
#include "api/http/tls.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"

/* The longest turn of the loop while there are connections, which have deadlines. */
enum { TURN_MS = 1000 };

struct http_server {
    struct http_listener_ctx listener;
    struct MHD_Daemon *daemon;
    int listen_fd;                  /* closed by http_listener_stop */
    atomic_uint_fast64_t turned_ms; /* end of the newest turn of the loop, or of its wait */
    atomic_bool waits;              /* for an event: then it does not hang */
};

/* Disables the library's decoding: route.c and query.c decode, and distinguish %2F from a slash. */
static size_t listener_keep_escapes(void *context, struct MHD_Connection *connection, char *text)
{
    (void)context, (void)connection;
    return strlen(text);
}

__attribute__((format(printf, 2, 0))) static void
listener_log_library(void *context, const char *format, va_list args)
{
    char line[256];
    (void)context;
    vsnprintf(line, sizeof line, format, args);
    line[strcspn(line, "\n")] = '\0';
    log_debug("http: %s", line);
}

/* Limits the request line with the headers. The library clears all of it for each request. */
enum { CONNECTION_MEMORY_BYTES = 16 * 1024 };

/* Connections beyond max_connections: spares, and those that were shut down and have not ended. */
enum { CONNECTIONS_MORE = HTTP_SPARES + 64 };

static struct MHD_Daemon *listener_start_daemon(struct http_server *http)
{
    const struct api_settings *settings = *http->listener.service->settings;
    const bool tls = *settings->tls_certificate != '\0';
    struct MHD_OptionItem tls_options[] = {
        {MHD_OPTION_HTTPS_CERT_CALLBACK, 0, tls_cert_callback()},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)tls_priorities},
        {MHD_OPTION_END, 0, NULL}};
    struct MHD_OptionItem no_options[] = {{MHD_OPTION_END, 0, NULL}};
    const unsigned flags = MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
                           (tls ? (unsigned)MHD_USE_TLS : 0U);
    return MHD_start_daemon(
        flags, 0, NULL, NULL, http_exchange_step, &http->listener, MHD_OPTION_EXTERNAL_LOGGER,
        listener_log_library, NULL, MHD_OPTION_LISTEN_SOCKET, http->listen_fd,
        MHD_OPTION_NOTIFY_CONNECTION, http_exchange_notify_connection, &http->listener,
        MHD_OPTION_URI_LOG_CALLBACK, http_exchange_begin, &http->listener,
        MHD_OPTION_NOTIFY_COMPLETED, http_exchange_end, &http->listener,
        MHD_OPTION_UNESCAPE_CALLBACK, listener_keep_escapes, NULL, MHD_OPTION_CONNECTION_LIMIT,
        (unsigned)settings->max_connections + CONNECTIONS_MORE, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)settings->idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        (size_t)CONNECTION_MEMORY_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_ARRAY,
        tls ? tls_options : no_options, MHD_OPTION_END);
}

/* Waits for an event of the library, a wake-up of the thread, or the next deadline of a connection.
 */
static void listener_wait(struct http_server *http, int epoll_fd)
{
    int wait_ms = http->listener.conns.first ? TURN_MS : THREAD_FOREVER;
    MHD_UNSIGNED_LONG_LONG left;
    if (MHD_get_timeout(http->daemon, &left) == MHD_YES) {
        if (left == 0)
            return;
        wait_ms = left < TURN_MS ? (int)left : TURN_MS;
    }
    atomic_store(&http->waits, true);
    thread_wait_fd(&http->listener.thread, epoll_fd, wait_ms);
    atomic_store(&http->turned_ms, clock_steady_ms());
    atomic_store(&http->waits, false);
}

/* Runs the library's loop. Its waits are this thread's, because the library has no wake-up of its
 * own in this mode. Writes the log lines of a turn at its end, in one piece.
 *
 * When the system refuses a connection (EMFILE, ENOBUFS), the library stops listening until one of
 * its connections has ended, and notices that at the beginning of the run after that. It has to run
 * again at once: without connections nothing else would end the wait. */
static void listener_serve_requests(void *context)
{
    struct http_server *http = context;
    int epoll_fd = MHD_get_daemon_info(http->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
    while (!thread_is_stopping(&http->listener.thread)) {
        listener_wait(http, epoll_fd);
        log_hold_lines();
        http->listener.conns.has_ended = false;
        MHD_run(http->daemon);
        if (http->listener.conns.has_ended)
            MHD_run(http->daemon);
        http_conns_sweep(&http->listener.conns);
        http_exchange_end_refused_streams(&http->listener);
        log_release_lines();
        atomic_store(&http->turned_ms, clock_steady_ms());
    }
}

struct http_server *http_listener_start(const struct http_service *service,
                                        const struct http_listener *listener, char *why,
                                        size_t why_size)
{
    const struct api_settings *settings = *service->settings;
    struct http_server *http = calloc(1, sizeof *http);
    REQUIRE(service->routes && service->callbacks && listener->thread_ctx && listener->fd >= 0);
    if (!http) {
        snprintf(why, why_size, "no memory");
        close(listener->fd);
        return NULL;
    }
    http->listener.service = service;
    http->listener.thread_ctx = listener->thread_ctx;
    http->listen_fd = listener->fd;
    http->listener.auth.always = !listener->loopback;
    http->listener.conns.limits =
        (struct http_limits){.most = (size_t)settings->max_connections,
                             .most_per_address = (size_t)settings->max_connections_per_ip,
                             .head_ms = (uint64_t)settings->head_timeout_s * 1000,
                             .body_ms = (uint64_t)settings->body_timeout_s * 1000,
                             .idle_ms = (uint64_t)settings->idle_timeout_s * 1000};
    http->listener.conns.counters = service->counters;
    pthread_mutex_init(&http->listener.mutex, NULL);
    pthread_cond_init(&http->listener.idle, NULL);
    http->listener.no_memory = http_response_make_no_memory();
    http->daemon = http->listener.no_memory ? listener_start_daemon(http) : NULL;
    http->turned_ms = clock_steady_ms();
    if (http->daemon && thread_start(&http->listener.thread, "http", listener_serve_requests, http))
        return http;
    snprintf(why, why_size, "libmicrohttpd cannot start");
    http_listener_stop(http);
    return NULL;
}

bool http_listener_hangs(const struct http_server *http, uint64_t limit_ms)
{
    return !atomic_load(&http->waits) &&
           clock_steady_ms() >= atomic_load(&http->turned_ms) + limit_ms;
}

void http_listener_quiesce(struct http_server *http, unsigned wait_ms)
{
    struct timespec until = clock_deadline(wait_ms);
    if (!http->listener.closing)
        MHD_quiesce_daemon(http->daemon);
    http->listener.closing = true;
    pthread_mutex_lock(&http->listener.mutex);
    while (http->listener.under_way > 0 &&
           pthread_cond_clockwait(&http->listener.idle, &http->listener.mutex, CLOCK_MONOTONIC,
                                  &until) == 0) {
    }
    http->listener.queues_closed = true;
    pthread_mutex_unlock(&http->listener.mutex);
}

void http_listener_stop(struct http_server *http)
{
    if (!http)
        return;
    thread_join(&http->listener.thread);
    REQUIRE(!http->daemon || !http->listener.thread.running);
    if (http->daemon)
        MHD_stop_daemon(http->daemon);
    if (http->listener.no_memory)
        MHD_destroy_response(http->listener.no_memory);
    close(http->listen_fd);
    tokens_finish(&http->listener.auth.tokens);
    pthread_cond_destroy(&http->listener.idle);
    pthread_mutex_destroy(&http->listener.mutex);
    free(http);
}
