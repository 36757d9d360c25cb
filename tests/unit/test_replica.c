/* Two gateways in one process: what a follower asks and takes, what it says of faults, how roles
 * change, and what both show. The requests of one go to the handlers of the other; the threads run
 * when the test says so. */
#include "api_bed.h"
#include "said_log.h"

#include "api/replica/replica.h"
#include "api/replica/replica_routes.h"
#include "api/resources/resource_routes.h"
#include "api/store/kept_store.h"
#include "common/base/thread.h"

static const struct route_table *const tables[] = {&device_routes, &store_routes, &gateway_routes};
static const struct route_tables routes = ROUTE_TABLE(tables);

enum { GATEWAYS = 2, BODY_SIZE = 1 << 20 };

static const char *const urls[GATEWAYS] = {"http://one:5000", "http://two:5000"};
static const char *const hosts[GATEWAYS] = {"one.example", "two/example"};

static struct gateway {
    struct api_bed bed;
    struct replica *replica;
    const struct api_settings *_Atomic settings;
    void (*run)(void *context);
} gateways[GATEWAYS];

/* The gateway whose code runs, and how its requests end. */
static struct {
    size_t at;
    int turns;
    int wakes;
    enum replica_code fault; /* in place of an answer */
    bool is_slow, is_given_up;
    bool cannot_keep; /* the store, as a file */
    long status;      /* the same; 0: the other gateway answers */
    const char *type, *body;
    bool no_fault; /* the answer of `status` counts */
    struct text said;
    char bytes[BODY_SIZE];
    struct said_log log;
} run;

bool __wrap_kept_store_create(const char *database, enum kept_kind kind, int64_t number,
                              char path[PATH_MAX], char *why, size_t why_size);
bool __real_kept_store_create(const char *database, enum kept_kind kind, int64_t number,
                              char path[PATH_MAX], char *why, size_t why_size);
int __wrap_gethostname(char *name, size_t size);
bool __wrap_thread_start(struct thread *thread, const char *name, void (*function)(void *),
                         void *context);
bool __wrap_thread_is_stopping(const struct thread *thread);
void __wrap_thread_wake(struct thread *thread);
void __wrap_thread_wait(struct thread *thread, int timeout_ms);
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *until);
bool __wrap_replica_fetch_get(struct replica_fetch *fetch, const struct api_settings *settings,
                              const struct replica_request *request, struct replica_answer *answer,
                              struct replica_fault *fault);

bool __wrap_kept_store_create(const char *database, enum kept_kind kind, int64_t number,
                              char path[PATH_MAX], char *why, size_t why_size)
{
    if (!run.cannot_keep)
        return __real_kept_store_create(database, kind, number, path, why, why_size);
    snprintf(why, why_size, "no room");
    return false;
}

int __wrap_gethostname(char *name, size_t size)
{
    snprintf(name, size, "%s", hosts[run.at]);
    return 0;
}

bool __wrap_thread_start(struct thread *thread, const char *name, void (*function)(void *),
                         void *context)
{
    (void)thread, (void)context;
    assert_string_equal(name, "gateways");
    gateways[run.at].run = function;
    return true;
}

bool __wrap_thread_is_stopping(const struct thread *thread)
{
    (void)thread;
    return run.turns-- == 0;
}

void __wrap_thread_wake(struct thread *thread)
{
    (void)thread;
    run.wakes++;
}

void __wrap_thread_wait(struct thread *thread, int timeout_ms)
{
    (void)thread;
    text_printf(&run.said, "waits %d\n", timeout_ms);
    if (timeout_ms > 0)
        set_clock_ms += (uint64_t)timeout_ms;
}

static void say_log(void)
{
    text_puts(&run.said, said_log_end(&run.log));
}

/* Turns of the thread of a gateway, with what it logs. */
static void turn(size_t at, int turns)
{
    size_t before = run.at;
    run.at = at;
    run.turns = turns;
    said_log_begin(&run.log);
    gateways[at].run(gateways[at].replica);
    say_log();
    run.at = before;
}

/* A command waits for the thread. */
int __wrap_pthread_cond_timedwait(pthread_cond_t *cond, pthread_mutex_t *mutex,
                                  const struct timespec *until)
{
    (void)cond;
    assert_non_null(until);
    pthread_mutex_unlock(mutex);
    turn(run.at, 1);
    pthread_mutex_lock(mutex);
    return 0;
}

/* The other gateway answers. */
static void answer_request(size_t at, const struct replica_request *request,
                           struct replica_answer *answer)
{
    struct memory memory = {0};
    const size_t before = run.at;
    struct bed_request ask = {
        .bed = &gateways[at].bed, .method = METHOD_GET, .target = request->url + strlen(urls[at])};
    ask.request.if_none_match = request->if_none_match;
    run.at = at;
    assert_true(memory_run(&memory, api_bed_answer, &ask));
    run.at = before;
    const struct response *response = &ask.response;
    assert_true(response->body.len < BODY_SIZE);
    memcpy(run.bytes, response->body.data ? response->body.data : "", response->body.len);
    *answer = (struct replica_answer){
        .status = response->status, .body = run.bytes, .len = response->body.len};
    snprintf(answer->type, sizeof answer->type, "%s",
             response->content_type ? response->content_type : "application/json");
    memory_finish(&memory);
}

bool __wrap_replica_fetch_get(struct replica_fetch *fetch, const struct api_settings *settings,
                              const struct replica_request *request, struct replica_answer *answer,
                              struct replica_fault *fault)
{
    assert_non_null(fetch);
    assert_ptr_equal(settings, &gateways[run.at].bed.settings);
    text_printf(&run.said, "asks %s%s%s, %s, %zu bytes, %ld ms, %ld ms, %ld s\n", request->url,
                request->if_none_match ? " but " : "",
                request->if_none_match ? request->if_none_match : "", request->accept,
                request->limit, request->timeout_ms, request->connect_ms, request->slow_s);
    *answer = (struct replica_answer){.is_slow = run.is_slow, .is_given_up = run.is_given_up};
    if (run.fault != REPLICA_OK) {
        replica_fault_set(fault, run.fault, "it says %d", 17);
        return false;
    }
    if (run.is_given_up)
        return false;
    if (run.status != 0) {
        *answer = (struct replica_answer){
            .status = run.status, .body = run.body, .len = strlen(run.body)};
        snprintf(answer->type, sizeof answer->type, "%s", run.type);
        return true;
    }
    for (size_t i = 0; i < GATEWAYS; i++) {
        if (strncmp(request->url, urls[i], strlen(urls[i])) == 0)
            answer_request(i, request, answer);
    }
    text_printf(&run.said, "gets %ld %s\n", answer->status, answer->type);
    return true;
}

static void start(size_t at, const char *name, const char *follow)
{
    struct gateway *gateway = &gateways[at];
    uint64_t now = set_clock_ms;
    run.at = at;
    api_bed_open(&gateway->bed, &routes);
    set_clock_ms = now;
    live_table_set_heartbeat(&gateway->bed.live, now);
    bed_server.said = &run.said;
    gateway->bed.settings.common.gateway = name;
    gateway->bed.settings.follow = follow;
    gateway->settings = &gateway->bed.settings;
    said_log_begin(&run.log);
    gateway->replica = replica_start(&(struct replica_spec){.thread_ctx = &gateway->bed.ctx,
                                                            .shared = &gateway->bed.shared,
                                                            .settings = &gateway->settings});
    say_log();
    assert_non_null(gateway->replica);
    gateway->bed.ctx.replica = gateway->replica;
}

static void stop(size_t at)
{
    replica_stop(gateways[at].replica);
    text_finish(&gateways[at].bed.said);
    gateways[at].bed.said = (struct text){0};
    gateways[at].replica = NULL;
    if (at > 0) /* the other one has files open, too */
        gateways[at].bed.files = 0;
    api_bed_close(&gateways[at].bed);
}

/* A request to a gateway, and its answer. */
static int ask(size_t at, enum http_method method, const char *target, const char *body)
{
    struct text *said = &gateways[at].bed.said;
    run.at = at;
    said->len = 0;
    set_clock_ms += 10;
    for (size_t i = 0; i < GATEWAYS; i++) {
        if (gateways[i].replica)
            live_table_set_heartbeat(&gateways[i].bed.live, set_clock_ms);
    }
    int status = api_bed_ask_with(&gateways[at].bed, method, target, body, NULL);
    text_printf(&run.said, "\n%s:", hosts[at]);
    text_append(&run.said, said->data, said->len);
    return status;
}

static void add_device(size_t at, const char *name, const char *gateway)
{
    char body[200], part[100] = "";
    if (gateway)
        snprintf(part, sizeof part, ", \"network\": {\"gateway\": \"%s\"}", gateway);
    snprintf(body, sizeof body, "{\"name\": \"%s\", \"mqtt\": {\"topic\": \"%s\"}%s}", name, name,
             part);
    run.at = at;
    api_bed_post(&gateways[at].bed, "/api/v1/devices", body);
}

static void title(const char *words)
{
    text_printf(&run.said, "\n== %s\n", words);
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Hides the names of branches, the folders, the sizes of stores and the times in names of files. */
static void mask_names(struct text *said)
{
    struct text masked = {0};
    for (const char *at = said->data; *at;) {
        size_t hex = 0;
        for (size_t i = 0; i < GATEWAYS; i++) {
            const char *path = gateways[i].bed.folder.path;
            if (strncmp(at, path, strlen(path)) == 0) {
                text_printf(&masked, "FOLDER%zu", i + 1);
                at += strlen(path);
            }
        }
        while (is_hex(at[hex]))
            hex++;
        if (hex == 16) {
            text_puts(&masked, "BRANCH");
        } else if (hex == 8 && at[8] == 'T' && at[15] == 'Z') {
            text_puts(&masked, "TIME");
            hex = 16;
        } else if (hex > 0 && strncmp(at + hex, " bytes, term", 12) == 0) {
            text_puts(&masked, "SOME");
        } else {
            hex = hex ? hex : 1;
            text_append(&masked, at, hex);
        }
        at += hex;
    }
    text_finish(said);
    *said = masked;
}

static void finish(const char *name)
{
    char path[600];
    mask_names(&run.said);
    snprintf(path, sizeof path, "%s/%s", TAGFERRY_API_ANSWERS, name);
    bool ok = golden_is_equal(path, run.said.data);
    text_finish(&run.said);
    memset(&run.fault, 0, sizeof run.fault);
    assert_true(ok);
}

static void begin(void)
{
    memset(&run, 0, sizeof run);
    set_clock_ms = SET_CLOCK_START;
    start(0, "hall", "");
    add_device(0, "kiln", NULL);
    add_device(0, "press", "mill");
    start(1, "mill", urls[0]);
}

static void end(const char *name)
{
    stop(1);
    stop(0);
    finish(name);
}

static void test_following(void **state)
{
    (void)state;
    begin();
    ask(1, METHOD_GET, "/api/v1/gateways", NULL);
    title("the first turns");
    turn(0, 1);
    turn(1, 1);
    turn(1, 2); /* without news */
    ask(1, METHOD_GET, "/api/v1/gateways", NULL);
    ask(0, METHOD_GET, "/api/v1/gateways", NULL);
    title("news");
    add_device(0, "saw", "yard");
    turn(1, 1);
    set_clock_ms += 5000;
    turn(1, 1);
    ask(1, METHOD_GET, "/api/v1/gateways", NULL);
    ask(1, METHOD_POST, "/api/v1/devices", "{\"name\": \"x\", \"mqtt\": {\"topic\": \"x\"}}");
    ask(1, METHOD_GET, "/api/v1/store", NULL);
    title("the leader forgets gateways that ask no more");
    set_clock_ms += 299000;
    ask(0, METHOD_GET, "/api/v1/gateways", NULL);
    set_clock_ms += 1000;
    ask(0, METHOD_GET, "/api/v1/gateways", NULL);
    ask(1, METHOD_GET, "/api/v1/gateways", NULL);
    end("following.txt");
}

static void test_faults(void **state)
{
    (void)state;
    begin();
    turn(1, 1);
    title("out of reach");
    run.fault = REPLICA_UNREACHABLE;
    turn(1, 3);
    ask(1, METHOD_GET, "/api/v1/gateways", NULL);
    title("back");
    run.fault = REPLICA_OK;
    turn(1, 1);
    title("the same within a minute");
    run.fault = REPLICA_UNREACHABLE;
    turn(1, 1);
    set_clock_ms += 60000;
    turn(1, 1);
    title("answers of no use take more and more time");
    run.fault = REPLICA_TOO_LARGE;
    turn(1, 7);
    title("a slow leader gets more time");
    run.fault = REPLICA_TRUNCATED;
    run.is_slow = true;
    turn(1, 6);
    title("given up for a command: no fault");
    run.is_slow = false;
    run.is_given_up = true;
    run.fault = REPLICA_OK;
    turn(1, 1);
    run.is_given_up = false;
    title("other programs and other gateways");
    static const struct {
        long status;
        const char *type, *body;
    } answers[] = {
        {200, "text/html", "<html>"},
        {401, "application/problem+json", "{\"status\":401,\"detail\":\"No.\"}"},
        {403, "application/problem+json", "{\"status\":403,\"detail\":\"No scope.\"}"},
        {503, "application/problem+json", "{\"status\":503,\"detail\":\"Busy.\"}"},
        {409, "application/problem+json",
         "{\"code\":\"follower\",\"leader\":\"http://three\",\"detail\":\"No.\"}"},
        {409, "application/problem+json", "{\"code\":\"older_term\",\"detail\":\"Old.\"}"},
        {200, "application/vnd.sqlite3", "SQLite format 3"},
        {200, "application/vnd.sqlite3", ""}};
    for (size_t i = 0; i < COUNT(answers); i++) {
        run.status = answers[i].status;
        run.type = answers[i].type;
        run.body = answers[i].body;
        turn(1, 1);
    }
    run.status = 0;
    title("back");
    turn(1, 1);
    ask(0, METHOD_GET, "/api/v1/gateways", NULL);
    title("what the store says to others");
    ask(0, METHOD_GET, "/api/v1/store?since=x", NULL);
    ask(0, METHOD_GET, "/api/v1/store?role=leader", NULL);
    ask(0, METHOD_GET, "/api/v1/store?term=12&since=5", NULL);
    end("faults.txt");
}

static void test_roles(void **state)
{
    static const char *const wrong[] = {
        "[]",
        "{}",
        "{\"role\": \"lead\"}",
        "{\"role\": 5}",
        "{\"role\": \"leader\", \"leader\": \"http://one:5000\"}",
        "{\"role\": \"follower\"}",
        "{\"role\": \"follower\", \"leader\": \"one\"}",
        "{\"role\": \"follower\", \"leader\": \"http://one:5000\", \"x\": 1}"};
    (void)state;
    begin();
    turn(1, 1);
    turn(0, 1);
    title("wrong commands");
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_int_equal(ask(0, METHOD_POST, "/api/v1/gateways", wrong[i]), 422);
    title("a leader cannot follow its follower");
    ask(0, METHOD_POST, "/api/v1/gateways",
        "{\"role\": \"follower\", \"leader\": \"http://two:5000\"}");
    ask(0, METHOD_POST, "/api/v1/gateways",
        "{\"role\": \"follower\", \"leader\": \"http://one:5000\"}");
    title("the follower takes over");
    ask(1, METHOD_POST, "/api/v1/gateways", "{\"role\": \"leader\", \"leader\": null}");
    turn(1, 1);
    set_clock_ms += 5000;
    turn(1, 1);
    turn(0, 1);
    ask(0, METHOD_GET, "/api/v1/gateways", NULL);
    title("the former leader follows");
    add_device(0, "lost", NULL);
    add_device(1, "new", NULL);
    run.cannot_keep = true;
    ask(0, METHOD_POST, "/api/v1/gateways",
        "{\"role\": \"follower\", \"leader\": \"http://two:5000\"}");
    run.cannot_keep = false;
    turn(0, 1);
    turn(0, 1);
    set_clock_ms += 5000;
    turn(1, 1);
    ask(0, METHOD_GET, "/api/v1/gateways", NULL);
    ask(1, METHOD_GET, "/api/v1/gateways", NULL);
    title("and leads again: two leaders");
    ask(0, METHOD_POST, "/api/v1/gateways", "{\"role\": \"leader\"}");
    set_clock_ms += 5000;
    turn(1, 1);
    ask(1, METHOD_POST, "/api/v1/gateways", "{\"role\": \"leader\"}");
    set_clock_ms += 5000;
    turn(0, 1);
    turn(1, 1);
    ask(1, METHOD_GET, "/api/v1/gateways", NULL);
    end("roles.txt");
}

/* A gateway without others sleeps, and takes a new setting. */
static void test_settings(void **state)
{
    static struct api_settings other;
    (void)state;
    memset(&run, 0, sizeof run);
    set_clock_ms = SET_CLOCK_START;
    start(0, "", "");
    turn(0, 2);
    assert_int_equal(run.wakes, 0);
    replica_look(gateways[0].replica);
    assert_int_equal(run.wakes, 1);
    title("another leader in the settings");
    gateways[0].bed.settings.follow = "http://two:5000/";
    run.fault = REPLICA_UNREACHABLE;
    turn(0, 1);
    ask(0, METHOD_GET, "/api/v1/gateways", NULL);
    title("none any more");
    gateways[0].bed.settings.follow = "";
    turn(0, 1);
    said_log_begin(&run.log);
    other.follow = "ftp://two";
    assert_false(replica_check_settings(&other));
    other.follow = "";
    assert_true(replica_check_settings(&other));
    other.follow = "https://two:5000";
    assert_true(replica_check_settings(&other));
    say_log();
    stop(0);
    replica_stop(NULL);
    finish("settings.txt");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_following),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
