/* The request of a gateway to another one, the list of those that have asked, and changes of the
 * role with all that the other gateway may answer. */
#include "store_fixture.h"

#include "api/replica/replica_peers.h"
#include "api/replica/replica_role.h"

bool __wrap_replica_fetch_get(struct replica_fetch *fetch, const struct api_settings *settings,
                              const struct replica_request *request, struct replica_answer *answer,
                              struct replica_fault *fault);

/* What the other gateway answers. */
static struct {
    enum replica_code fault; /* or REPLICA_OK */
    long status;
    const char *type, *body;
    int asked;
    char url[600];
} other;

bool __wrap_replica_fetch_get(struct replica_fetch *fetch, const struct api_settings *settings,
                              const struct replica_request *request, struct replica_answer *answer,
                              struct replica_fault *fault)
{
    assert_null(fetch);
    assert_non_null(settings);
    assert_string_equal(request->accept, "application/json");
    assert_int_equal(request->limit, 65536);
    assert_int_equal(request->timeout_ms, 3000);
    assert_int_equal(request->connect_ms, 1000);
    assert_int_equal(request->slow_s, 3);
    assert_null(request->if_none_match);
    snprintf(other.url, sizeof other.url, "%s", request->url);
    other.asked++;
    if (other.fault != REPLICA_OK) {
        replica_fault_set(fault, other.fault, "cannot, %d", 42);
        return false;
    }
    *answer = (struct replica_answer){
        .status = other.status, .body = other.body, .len = strlen(other.body)};
    snprintf(answer->type, sizeof answer->type, "%s", other.type);
    return true;
}

static void answer_with(long status, const char *type, const char *body)
{
    other.fault = REPLICA_OK;
    other.status = status;
    other.type = type;
    other.body = body;
    other.asked = 0;
}

static void test_ask(void **state)
{
    struct arena arena = {0};
    struct text target = {0};
    const char *why;
    struct query_params params;
    struct replica_ask read;
    const struct replica_ask ask = {.have = {.term = 12,
                                             .revision = 345,
                                             .audit = 67,
                                             .undo = INT64_MAX,
                                             .audit_ms = 89,
                                             .branch = "0123456789abcdef"},
                                    .leads = true,
                                    .gateway = "hall_1-a",
                                    .host = "a.example-b",
                                    .error = "two_leaders",
                                    .detail = "it's 5 & more",
                                    .parts = "mqttd,store:cannot_be_read"};
    (void)state;
    replica_ask_write(&ask, &arena, &target);
    assert_string_equal(target.data,
                        "/api/v1/store?since=345&term=12&audit=67&audit_ms=89"
                        "&undo=9223372036854775807&branch=0123456789abcdef&gateway=hall_1-a"
                        "&host=a.example-b&error=two_leaders&detail=it%27s%205%20%26%20more"
                        "&parts=mqttd%2Cstore%3Acannot_be_read&role=leader");
    assert_true(query_params_parse(strchr(target.data, '?') + 1, REPLICA_ASK_PARAMS, &arena,
                                   &params, &why));
    assert_true(replica_ask_read(&params, &read, &why));
    assert_memory_equal(&read, &ask, sizeof ask);
    text_finish(&target);
    replica_ask_write(&(struct replica_ask){.leads = false}, &arena, &target);
    assert_string_equal(target.data, "/api/v1/store?since=0&term=0&audit=0&audit_ms=0&undo=0");
    text_finish(&target);
    arena_finish(&arena);
}

/* Texts with other characters, and those that are too long, are left out. */
static void test_ask_reads(void **state)
{
    static const struct {
        const char *query, *branch, *gateway, *host, *error, *parts; /* branch NULL: refused */
    } rows[] = {
        {"", "", "", "", "", ""},
        {"role=follower", "", "", "", "", ""},
        {"branch=0g", "", "", "", "", ""},
        {"branch=0A", "", "", "", "", ""},
        {"branch=af09&gateway=a.b&host=a_b-c.d&error=a-b&parts=a.b", "af09", "", "a_b-c.d", "", ""},
        {"gateway=Z_z-9&error=no_token&parts=a_b,c:d", "", "Z_z-9", "", "no_token", "a_b,c:d"},
        {"role=king", NULL, NULL, NULL, NULL, NULL},
        {"since=-1", NULL, NULL, NULL, NULL, NULL},
        {"term=%201", NULL, NULL, NULL, NULL, NULL},
        {"audit=1x", NULL, NULL, NULL, NULL, NULL},
        {"audit_ms=", NULL, NULL, NULL, NULL, NULL},
        {"undo=9223372036854775808", NULL, NULL, NULL, NULL, NULL},
        {"undo=9223372036854775807", "", "", "", "", ""},
    };
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct query_params params;
        struct replica_ask ask;
        const char *why = "";
        assert_true(query_params_parse(rows[i].query, REPLICA_ASK_PARAMS, &arena, &params, &why));
        check_row(replica_ask_read(&params, &ask, &why) == (rows[i].branch != NULL), rows[i].query);
        if (!rows[i].branch) {
            assert_string_equal(why, "since, term, audit, audit_ms and undo are numbers, and role "
                                     "may be leader.");
            continue;
        }
        assert_string_equal(ask.have.branch, rows[i].branch);
        assert_string_equal(ask.gateway, rows[i].gateway);
        assert_string_equal(ask.host, rows[i].host);
        assert_string_equal(ask.error, rows[i].error);
        assert_string_equal(ask.parts, rows[i].parts);
        assert_false(ask.leads);
    }
    static const struct {
        const char *name;
        size_t longest;
    } texts[] = {{"branch", 32}, {"gateway", 64}, {"host", 64},
                 {"error", 32},  {"detail", 511}, {"parts", 256}};
    for (size_t i = 0; i < COUNT(texts); i++) {
        for (size_t more = 0; more < 2; more++) {
            struct query_params params = {.count = 1};
            struct replica_ask ask;
            const char *why;
            char value[600] = "";
            memset(value, 'a', texts[i].longest + more);
            params.item[0] = (struct query_param){texts[i].name, value};
            assert_true(replica_ask_read(&params, &ask, &why));
            const char *const read[] = {ask.have.branch, ask.gateway, ask.host,
                                        ask.error,       ask.detail,  ask.parts};
            check_row(strcmp(read[i], more ? "" : value) == 0, texts[i].name);
        }
    }
    arena_finish(&arena);
}

static void test_peers(void **state)
{
    struct replica_peers *peers = calloc(1, sizeof *peers);
    struct replica_ask ask = {.gateway = "a", .host = "h", .error = "x"};
    (void)state;
    replica_peers_note(peers, &ask, false, 1000, 5000);
    assert_int_equal(peers->count, 1);
    const struct replica_peer *peer = &peers->item[0];
    assert_int_equal(peer->equal_ms, 1000);
    assert_int_equal(peer->error_wall_ms, 5000);
    replica_peers_note(peers, &ask, false, 2000, 6000);
    assert_int_equal(peers->count, 1);
    assert_int_equal(peer->seen_ms, 2000);
    assert_int_equal(peer->seen_wall_ms, 6000);
    assert_int_equal(peer->equal_ms, 1000);
    assert_int_equal(peer->error_wall_ms, 5000); /* the same error goes on */
    strcpy(ask.error, "y");
    ask.have.revision = 12;
    replica_peers_note(peers, &ask, true, 3000, 7000);
    assert_int_equal(peer->equal_ms, 3000);
    assert_int_equal(peer->error_wall_ms, 7000);
    assert_int_equal(peer->ask.have.revision, 12);
    strcpy(ask.host, "i");
    replica_peers_note(peers, &ask, true, 1500, 7000);
    assert_int_equal(peers->count, 2);
    /* The list is full: the one that was not heard of longest makes room, here the second. */
    for (int i = 2; i < REPLICA_PEERS_MAX; i++) {
        snprintf(ask.host, sizeof ask.host, "h%d", i);
        replica_peers_note(peers, &ask, true, 4000 + (uint64_t)i, 0);
    }
    assert_int_equal(peers->count, REPLICA_PEERS_MAX);
    strcpy(ask.host, "last");
    strcpy(ask.error, "");
    replica_peers_note(peers, &ask, false, 9000, 9000);
    assert_int_equal(peers->count, REPLICA_PEERS_MAX);
    assert_string_equal(peers->item[1].ask.host, "last");
    assert_int_equal(peers->item[1].equal_ms, 9000);
    assert_int_equal(peers->item[1].error_wall_ms, 0);
    /* Five minutes. */
    replica_peers_expire(peers, 3000 + REPLICA_KEPT_MS - 1);
    assert_int_equal(peers->count, REPLICA_PEERS_MAX);
    replica_peers_expire(peers, 3000 + REPLICA_KEPT_MS);
    assert_int_equal(peers->count, REPLICA_PEERS_MAX - 1);
    assert_string_equal(peers->item[0].ask.host, "last");
    assert_string_equal(peers->item[1].ask.host, "h2");
    free(peers);
}

static void test_problems(void **state)
{
    static const char problem[] = "application/problem+json";
    static const struct {
        long status;
        const char *type, *body;
        enum replica_code code;
        const char *detail;
    } rows[] = {
        {401, problem, "{\"detail\":\"no.\"}", REPLICA_UNAUTHORIZED,
         "http://a refuses the token of follow_token_file (401: no.)"},
        {403, "text/html", "<p>", REPLICA_UNAUTHORIZED,
         "http://a refuses the token of follow_token_file (403)"},
        {409, problem, "{\"code\":\"follower\",\"leader\":\"http://b\"}", REPLICA_NOT_LEADER,
         "http://a does not lead: it follows http://b"},
        {409, problem, "{\"code\":\"older_term\",\"detail\":\"old.\"}", REPLICA_OLDER_TERM,
         "http://a: old."},
        {503, problem, "{\"code\":5,\"detail\":\"busy\"}", REPLICA_REFUSED,
         "http://a answers 503: busy"},
        {404, problem, "{\"detail\":\"none\"}", REPLICA_NOT_TAGFERRY,
         "http://a is not tagferry-api, or an older one: it answers 404 application/problem+json"},
        {405, problem, "{}", REPLICA_NOT_TAGFERRY,
         "http://a is not tagferry-api, or an older one: it answers 405 application/problem+json"},
        {200, "text/html", "{\"code\":\"follower\"}", REPLICA_NOT_TAGFERRY,
         "http://a is not tagferry-api, or an older one: it answers 200 text/html"},
        {409, problem, "{", REPLICA_NOT_TAGFERRY,
         "http://a is not tagferry-api, or an older one: it answers 409 application/problem+json"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct replica_answer answer = {
            .status = rows[i].status, .body = rows[i].body, .len = strlen(rows[i].body)};
        struct replica_fault fault = {0};
        snprintf(answer.type, sizeof answer.type, "%s", rows[i].type);
        replica_role_read_problem(&answer, "http://a", &fault);
        assert_int_equal(fault.code, rows[i].code);
        assert_string_equal(fault.detail, rows[i].detail);
    }
}

static void test_probe(void **state)
{
    static const struct {
        const char *body;
        bool ok, leads;
        int64_t term, revision;
        const char *leader;
    } rows[] = {
        {"{\"role\":\"leader\",\"term\":12,\"revision\":34,\"branch\":\"b\",\"instance\":\"i\","
         "\"leader\":null}",
         true, true, 12, 34, ""},
        {"{\"role\":\"follower\",\"term\":0,\"revision\":0,\"branch\":\"b\",\"instance\":\"i\","
         "\"leader\":\"http://b\"}",
         true, false, 0, 0, "http://b"},
        {"{\"role\":\"king\",\"term\":1}", false, false, 0, 0, NULL},
        {"{\"role\":\"leader\",\"term\":-1}", false, false, 0, 0, NULL},
        {"{\"role\":\"leader\",\"term\":\"1\"}", false, false, 0, 0, NULL},
        {"{\"role\":\"leader\",\"term\":9e15}", false, false, 0, 0, NULL},
        {"{\"role\":\"leader\"}", false, false, 0, 0, NULL},
        {"[]", false, false, 0, 0, NULL},
        {"x", false, false, 0, 0, NULL},
    };
    const struct api_settings settings = {.listen = {.count = 0}};
    const struct replica_ask ask = {.have = {.term = 3, .branch = "ab"}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct replica_state told;
        struct replica_fault fault = {0};
        answer_with(200, "application/json", rows[i].body);
        check_row(replica_role_probe(NULL, &settings, "http://a:5000", &ask, &told, &fault) ==
                      rows[i].ok,
                  rows[i].body);
        assert_string_equal(other.url,
                            "http://a:5000/api/v1/store?since=0&term=3&audit=0&audit_ms=0"
                            "&undo=0&branch=ab&role=leader");
        if (!rows[i].ok) {
            assert_int_equal(fault.code, REPLICA_NOT_TAGFERRY);
            continue;
        }
        assert_int_equal(told.leads, rows[i].leads);
        assert_int_equal(told.term, rows[i].term);
        assert_int_equal(told.revision, rows[i].revision);
        assert_string_equal(told.branch, "b");
        assert_string_equal(told.instance, "i");
        assert_string_equal(told.leader, rows[i].leader);
    }
    struct replica_state told;
    struct replica_fault fault = {0};
    answer_with(201, "application/json", rows[0].body);
    assert_false(replica_role_probe(NULL, &settings, "http://a", &ask, &told, &fault));
    answer_with(200, "text/json", rows[0].body);
    assert_false(replica_role_probe(NULL, &settings, "http://a", &ask, &told, &fault));
}

/* A store and the command that changes its role. */
struct fixture {
    struct store_folder folder;
    struct store *store;
    struct api_settings settings;
    struct audit audit;
    struct replica_command command;
    char said[REPLICA_SAID_SIZE];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    store_folder_make(&f->folder);
    f->store = store_open_well(f->folder.database, STORE_WRITE);
    f->settings = (struct api_settings){.follow = ""};
    f->audit = (struct audit){.who = "", .remote = "local", .request_id = "", .keep = 100};
    f->command = (struct replica_command){.user = "ann", .audit = &f->audit};
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    store_folder_remove(&f->folder);
    free(f);
    return 0;
}

static void check_change(struct fixture *f, enum replica_outcome outcome, const char *said)
{
    strcpy(f->said, "");
    assert_int_equal(replica_role_change(f->store, NULL, &f->settings, &f->command, f->said),
                     outcome);
    assert_string_equal(f->said, said);
}

static void change_revision(struct fixture *f)
{
    assert_true(store_begin(f->store));
    store_raise_revision(f->store);
    assert_true(store_commit(f->store));
}

static void test_promote(void **state)
{
    struct fixture *f = *state;
    struct arena arena = {0};
    f->command.if_leaderless = true;
    other.asked = 0;
    check_change(f, REPLICA_NOTHING,
                 "This gateway leads already: term 0, revision 0. Nothing is changed.");
    assert_int_equal(other.asked, 0);
    f->command.if_leaderless = false;
    change_revision(f);
    check_change(f, REPLICA_DONE, "This gateway leads now: term 1, revision 1.");
    assert_true(store_begin(f->store));
    assert_string_equal(store_read_text(f->store, "SELECT after FROM audit", &arena),
                        "{\"promoted_to_term\":1,\"user\":\"ann\"}");
    store_role_follow(f->store, "http://b");
    assert_true(store_commit(f->store));
    f->command.if_leaderless = true;
    answer_with(200, "application/json", "{\"role\":\"leader\",\"term\":12,\"revision\":345}");
    check_change(f, REPLICA_NOTHING,
                 "http://b answers and leads: term 12, revision 345. Nothing is changed.");
    assert_int_equal(other.asked, 1);
    static const enum replica_code unsure[] = {REPLICA_UNAUTHORIZED, REPLICA_TLS_REFUSED,
                                               REPLICA_NO_TOKEN};
    for (size_t i = 0; i < COUNT(unsure); i++) {
        other.fault = unsure[i];
        other.asked = 0;
        check_change(f, REPLICA_NOTHING, "http://b may lead: cannot, 42. Nothing is changed.");
        assert_int_equal(other.asked, 3);
    }
    other.fault = REPLICA_UNREACHABLE;
    other.asked = 0;
    f->command.user = NULL;
    check_change(f, REPLICA_DONE,
                 "This gateway leads now: term 2, revision 1. It no longer follows http://b.");
    assert_int_equal(other.asked, 3);
    assert_true(store_begin(f->store));
    assert_string_equal(
        store_read_text(f->store, "SELECT after FROM audit ORDER BY id DESC", &arena),
        "{\"promoted_to_term\":2}");
    store_role_follow(f->store, "http://b");
    assert_true(store_commit(f->store));
    answer_with(200, "application/json", "{\"role\":\"follower\",\"term\":1}");
    check_change(f, REPLICA_DONE,
                 "This gateway leads now: term 3, revision 1. It no longer follows http://b.");
    assert_int_equal(other.asked, 1);
    arena_finish(&arena);
}

static void test_follow(void **state)
{
    struct fixture *f = *state;
    strcpy(f->command.follow, "http://b");
    other.fault = REPLICA_UNREACHABLE;
    other.asked = 0;
    check_change(f, REPLICA_DENIED, "Nothing is changed: cannot, 42.");
    assert_int_equal(other.asked, 1);
    answer_with(200, "application/json",
                "{\"role\":\"follower\",\"term\":1,\"leader\":\"http://c\"}");
    check_change(f, REPLICA_DENIED,
                 "Nothing is changed: http://b does not lead, it follows "
                 "http://c. Name the leader.");
    assert_true(store_begin(f->store));
    store_execute_integers(f->store, "UPDATE leadership SET instance = 'abc'", NULL, 0);
    store_execute_integers(f->store, "UPDATE store SET term = 5", NULL, 0);
    assert_true(store_commit(f->store));
    answer_with(200, "application/json", "{\"role\":\"leader\",\"term\":5,\"instance\":\"abc\"}");
    check_change(f, REPLICA_DENIED, "Nothing is changed: http://b is this gateway itself.");
    answer_with(200, "application/json", "{\"role\":\"leader\",\"term\":4,\"instance\":\"abd\"}");
    check_change(
        f, REPLICA_DENIED,
        "Nothing is changed: the store of http://b is of term 4, this one of term 5, which "
        "is newer and is not overwritten. Let the other gateway follow this one.");
    answer_with(200, "application/json",
                "{\"role\":\"leader\",\"term\":5,\"revision\":12,\"instance\":\"\"}");
    check_change(f, REPLICA_DONE, "This gateway follows http://b now: term 5, revision 12.");
    change_revision(f); /* what is kept is only told by one that has led */
    strcpy(f->command.follow, "http://c");
    check_change(f, REPLICA_DONE, "This gateway follows http://c now: term 5, revision 12.");
    assert_true(store_begin(f->store));
    store_role_promote(f->store);
    assert_true(store_commit(f->store));
    answer_with(200, "application/json", "{\"role\":\"leader\",\"term\":77,\"revision\":0}");
    check_change(
        f, REPLICA_DONE,
        "This gateway follows http://c now: term 77, revision 0. A configuration that the "
        "leader does not have is kept as a file beside the store, DATABASE-term-TERM-TIME.");
}

/* Until a command decides, [api] follow does. */
static void test_configured(void **state)
{
    struct fixture *f = *state;
    f->settings.follow = "http://d/";
    f->command.if_leaderless = true;
    answer_with(200, "application/json", "{\"role\":\"leader\",\"term\":1,\"revision\":2}");
    check_change(f, REPLICA_NOTHING,
                 "http://d answers and leads: term 1, revision 2. Nothing is changed.");
    f->settings.follow = "no URL";
    check_change(f, REPLICA_NOTHING,
                 "This gateway leads already: term 0, revision 0. Nothing is changed.");
}

static void test_failed_store(void **state)
{
    struct fixture *f = *state;
    store_close(f->store);
    f->store = store_open_well(f->folder.database, STORE_READ);
    check_change(f, REPLICA_FAILED,
                 "The store cannot be changed: attempt to write a readonly database");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ask),
        cmocka_unit_test(test_ask_reads),
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_problems),
        cmocka_unit_test(test_probe),
        TEST(test_promote),
        TEST(test_follow),
        TEST(test_configured),
        TEST(test_failed_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
