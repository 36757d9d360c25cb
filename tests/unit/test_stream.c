/* Streams of values: who gets which frame and when, heartbeats, streams that their clients have
 * closed, room for new ones, and the end. The thread runs when the test says so, and the HTTP
 * library is a stand-in. */
#include "api_devices.h"

#include <microhttpd.h>
#include <sys/socket.h>

#include "api/monitor/stream.h"
#include "api/resources/resource_routes.h"
#include "common/base/thread.h"

static const struct route_table *const tables[] = {&device_routes, &tag_routes};
static const struct route_tables routes = ROUTE_TABLE(tables);

enum { CLIENTS = 4 };

/* A client: its connection for the library is this struct. */
static struct client {
    union MHD_ConnectionInfo info;
    int ends[2]; /* of the service, of the client */
    MHD_ContentReaderCallback read;
    MHD_ContentReaderFreeCallback close;
    void *context;
    bool is_suspended;
    struct thread server;
} clients[CLIENTS];

static struct {
    void (*run)(void *);
    void *context;
    int turns, wakes, server_wakes;
    bool cannot_start;
    struct client *opening;
    struct text *said;
} run;

bool __wrap_thread_start(struct thread *thread, const char *name, void (*function)(void *),
                         void *context);
bool __wrap_thread_is_stopping(const struct thread *thread);
void __wrap_thread_wake(struct thread *thread);
void __wrap_thread_wait(struct thread *thread, int timeout_ms);
void __wrap_thread_join(struct thread *thread);
const union MHD_ConnectionInfo *__wrap_MHD_get_connection_info(struct MHD_Connection *connection,
                                                               enum MHD_ConnectionInfoType type,
                                                               ...);
void __wrap_MHD_suspend_connection(struct MHD_Connection *connection);
void __wrap_MHD_resume_connection(struct MHD_Connection *connection);
struct MHD_Response *__wrap_MHD_create_response_from_callback(uint64_t size, size_t block,
                                                              MHD_ContentReaderCallback read,
                                                              void *context,
                                                              MHD_ContentReaderFreeCallback close);
enum MHD_Result __wrap_MHD_set_response_options(struct MHD_Response *response,
                                                enum MHD_ResponseFlags flags, ...);

bool __wrap_thread_start(struct thread *thread, const char *name, void (*function)(void *),
                         void *context)
{
    (void)thread;
    assert_string_equal(name, "stream");
    run.run = function;
    run.context = context;
    return !run.cannot_start;
}

bool __wrap_thread_is_stopping(const struct thread *thread)
{
    (void)thread;
    return run.turns-- == 0;
}

void __wrap_thread_wake(struct thread *thread)
{
    if (thread >= &clients[0].server && thread <= &clients[CLIENTS - 1].server)
        run.server_wakes++;
    else
        run.wakes++;
}

void __wrap_thread_wait(struct thread *thread, int timeout_ms)
{
    (void)thread;
    text_printf(run.said, "waits %d\n", timeout_ms);
    if (timeout_ms > 0)
        set_clock_ms += (uint64_t)timeout_ms;
}

void __wrap_thread_join(struct thread *thread)
{
    (void)thread;
}

const union MHD_ConnectionInfo *__wrap_MHD_get_connection_info(struct MHD_Connection *connection,
                                                               enum MHD_ConnectionInfoType type,
                                                               ...)
{
    assert_int_equal(type, MHD_CONNECTION_INFO_CONNECTION_FD);
    return &((struct client *)(void *)connection)->info;
}

void __wrap_MHD_suspend_connection(struct MHD_Connection *connection)
{
    struct client *client = (struct client *)(void *)connection;
    assert_false(client->is_suspended);
    client->is_suspended = true;
}

void __wrap_MHD_resume_connection(struct MHD_Connection *connection)
{
    struct client *client = (struct client *)(void *)connection;
    assert_true(client->is_suspended);
    client->is_suspended = false;
}

struct MHD_Response *__wrap_MHD_create_response_from_callback(uint64_t size, size_t block,
                                                              MHD_ContentReaderCallback read,
                                                              void *context,
                                                              MHD_ContentReaderFreeCallback close)
{
    assert_true(size == MHD_SIZE_UNKNOWN);
    assert_int_equal(block, 65536);
    run.opening->read = read;
    run.opening->context = context;
    run.opening->close = close;
    return (struct MHD_Response *)(void *)run.opening;
}

enum MHD_Result __wrap_MHD_set_response_options(struct MHD_Response *response,
                                                enum MHD_ResponseFlags flags, ...)
{
    assert_ptr_equal(response, run.opening);
    assert_int_equal(flags, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT);
    return MHD_YES;
}

static bool open_client(struct stream_hub *hub, size_t at, const char *device)
{
    struct client *client = &clients[at];
    memset(client, 0, sizeof *client);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, client->ends), 0);
    client->info.connect_fd = client->ends[0];
    run.opening = client;
    bool ok = stream_hub_open_stream(hub, device, (struct MHD_Connection *)(void *)client,
                                     &client->server) != NULL;
    if (!ok) {
        close(client->ends[0]);
        close(client->ends[1]);
    }
    return ok;
}

static void leave(size_t at)
{
    close(clients[at].ends[1]);
    clients[at].ends[1] = -1;
}

/* The library ends the stream. */
static void close_client(size_t at)
{
    clients[at].close(clients[at].context);
    close(clients[at].ends[0]);
    if (clients[at].ends[1] >= 0)
        close(clients[at].ends[1]);
}

/* Reads what there is, in pieces, and says it; of values only their beginning. */
static void read_client(size_t at, size_t piece)
{
    static char bytes[100000];
    struct client *client = &clients[at];
    size_t len = 0;
    ssize_t got = 0;
    text_printf(run.said, "client %zu%s: ", at, client->is_suspended ? " sleeps" : "");
    while (!client->is_suspended &&
           (got = client->read(client->context, len, bytes + len, piece)) > 0)
        len += (size_t)got;
    bytes[len] = '\0';
    for (const char *from = bytes; *from;) {
        size_t line = strcspn(from, "\n");
        const char *value = strstr(from, "\"value\"");
        size_t shown = value && value < from + line ? (size_t)(value - from) : line;
        size_t items = 0;
        for (size_t i = 0; i + 10 < line; i++)
            items += strncmp(from + i, "{\"device\"", 9) == 0;
        text_append(run.said, from, shown);
        if (items > 0)
            text_printf(run.said, "... (%zu)", items);
        text_putc(run.said, '|');
        from += line + (from[line] == '\n');
    }
    text_printf(run.said, "%s\n", got == MHD_CONTENT_READER_END_OF_STREAM ? " END" : "");
}

static void turn(const char *why, int turns)
{
    text_printf(run.said, "\n%s\n", why);
    run.turns = turns;
    run.run(run.context);
}

/* Leaves out what the Modbus server was asked. */
static void drop_requests(struct text *said)
{
    struct text kept = {0};
    for (const char *line = said->data; *line;) {
        size_t len = strcspn(line, "\n") + 1;
        if (*line != '!')
            text_append(&kept, line, len);
        line += len;
    }
    text_finish(said);
    *said = kept;
}

static void test_streams(void **state)
{
    static struct api_bed bed;
    (void)state;
    memset(&run, 0, sizeof run);
    api_bed_open(&bed, &routes);
    make_devices(&bed);
    fill_rows(&bed);
    run.said = &bed.said;
    struct stream_hub *hub = stream_hub_start(&bed.ctx, 2);
    assert_non_null(hub);
    turn("nobody: it sleeps", 2);
    assert_true(open_client(hub, 0, NULL));
    assert_true(open_client(hub, 1, "far"));
    assert_int_equal(run.wakes, 2);
    assert_false(open_client(hub, 2, NULL)); /* too many */
    read_client(0, 5);
    read_client(1, 1000);
    turn("all values, then that was all", 1);
    assert_int_equal(run.server_wakes, 2);
    read_client(0, 100);
    read_client(1, 65536);
    turn("nothing new", 2);
    read_client(0, 100);
    bed_server.words[TABLE_HOLDING_REGISTER][101]++;
    turn("a value of another device", 1);
    read_client(0, 65536);
    read_client(1, 65536);
    turn("time passes", 27);
    read_client(1, 65536);
    turn("tagferry-mqttd hangs: the values are stale", 2);
    read_client(0, 65536);
    read_client(1, 65536);
    turn("nothing more", 2);
    read_client(0, 65536);
    read_client(1, 65536);

    /* A client that does not read gets nothing more, and then all at once. */
    bed_server.words[TABLE_HOLDING_REGISTER][101]++;
    turn("a value", 1);
    bed_server.words[TABLE_HOLDING_REGISTER][101]++;
    bed_server.words[TABLE_INPUT_REGISTER][43]++;
    turn("two more", 2);
    read_client(0, 65536);
    turn("the rest", 1);
    read_client(0, 65536);

    leave(1);
    turn("a client has left", 1);
    read_client(1, 65536);
    turn("it is noticed once a second", 10);
    read_client(1, 65536);
    close_client(1);
    assert_true(open_client(hub, 1, "far2"));
    leave(0);
    assert_true(open_client(hub, 2, "nobody")); /* in place of one that has left */
    turn("new clients", 2);
    for (size_t i = 0; i < 3; i++)
        read_client(i, 65536);
    turn("after their greetings", 2);
    for (size_t i = 1; i < 3; i++)
        read_client(i, 65536);
    close_client(0);
    stream_hub_end_all(hub);
    text_puts(run.said, "\nthe end\n");
    read_client(1, 65536);
    read_client(2, 65536);
    assert_false(open_client(hub, 0, NULL));
    close_client(1);
    close_client(2);
    turn("nobody again", 1);
    stream_hub_stop(hub);
    stream_hub_stop(NULL);
    run.cannot_start = true;
    assert_null(stream_hub_start(&bed.ctx, 2));
    drop_requests(&bed.said);
    api_bed_check(&bed, "stream.txt");
    api_bed_close(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_streams),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
