/* What the HTTP library alone can do: a server on one thread that answers every request with the
 * same BYTES of body and as many headers as tagferry-api sends. Prints its port.
 *
 * bench_httpd BYTES */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *len, void **state)
{
    static int begun;
    (void)url, (void)method, (void)version, (void)data;
    if (*state != &begun) {
        *state = &begun;
        return MHD_YES;
    }
    *len = 0;
    return MHD_queue_response(connection, MHD_HTTP_OK, context);
}

static struct MHD_Response *make_response(size_t size)
{
    static const char *const headers[][2] = {
        {"Content-Type", "application/json"},
        {"ETag", "\"12345\""},
        {"Cache-Control", "no-cache"},
        {"X-Request-Id", "1a2b3c4d5e-1a2b3"},
        {"Vary", "Accept, Accept-Encoding, Origin"},
    };
    char *body = malloc(size);
    if (!body)
        exit(1);
    memset(body, 'x', size);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(size, body, MHD_RESPMEM_MUST_FREE);
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
        MHD_add_response_header(response, headers[i][0], headers[i][1]);
    return response;
}

int main(int argc, char **argv)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    size_t size = argc == 2 ? (size_t)atol(argv[1]) : 0;
    if (size < 1) {
        fprintf(stderr, "Usage: %s BYTES\n", argv[0]);
        return 2;
    }
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, make_response(size),
        MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_CONNECTION_TIMEOUT, 30U, MHD_OPTION_END);
    if (!daemon)
        return 1;
    printf("%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
    fflush(stdout);
    for (;;)
        pause();
}
